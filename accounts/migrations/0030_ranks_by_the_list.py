"""The rank of each place of service follows the list of titles, as `accounts.job_titles` has it from now on."""

import re

from django.db import migrations

BEHIND, OTHER_RANK = 5, 50
NOT_IN_FULL = "副|(?<!學)前任?|卸任|代理|代課|代"
SEVERAL = re.compile(r"[兼、,，;；/／]")


def rank_of_one(title, orders):
    if title in orders:
        return orders[title]
    inside = [word for word in orders if word and word in title]
    if not inside:
        return OTHER_RANK
    word = max(inside, key=len)
    behind = re.match(NOT_IN_FULL, title) or re.search(f"(?:{NOT_IN_FULL}){re.escape(word)}", title)
    return orders[word] + (BEHIND if behind else 0)


def rank(apps, schema_editor):
    places = apps.get_model("accounts", "Affiliation").objects
    orders = dict(apps.get_model("accounts", "Title").objects.values_list("name", "order"))
    for title in set(places.order_by().values_list("title", flat=True).distinct()):
        found = min(rank_of_one(part.strip(), orders) for part in SEVERAL.split(title))
        places.filter(title=title).exclude(rank=found).update(rank=found)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0029_support_view")]
    operations = [migrations.RunPython(rank, migrations.RunPython.noop)]
