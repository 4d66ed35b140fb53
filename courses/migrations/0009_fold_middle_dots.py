"""Fold the middle dots of texts that the catalogue searches, and drop what nobody can see, as `kit.texts.fold` now does."""

from typing import Any

from django.db import migrations
from django.db.models import Q

from kit.texts import fold

CHANGED = "‧・•∙⋅･᛫⸱⸳\u200b\u200c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\ufeff\u00ad\u3164"
BATCH = 500


def refold(apps: Any, editor: Any) -> None:
    courses = apps.get_model("courses", "Course").objects
    found = Q()
    for character in CHANGED:
        found |= Q(search_text__contains=character)
    last = 0
    while batch := list(courses.filter(found, id__gt=last).order_by("id").only("search_text")[:BATCH]):
        last = batch[-1].pk
        for course in batch:
            course.search_text = fold(course.search_text)
        courses.bulk_update(batch, ["search_text"])


class Migration(migrations.Migration):
    dependencies = [("courses", "0008_policy_bounds")]
    operations = [migrations.RunPython(refold, migrations.RunPython.noop)]
