"""A place of service gets a first day, a post, an order and two marks; no two places of a person and unit share a day."""

from datetime import timedelta
from itertools import groupby
from typing import Any

from django.db import migrations, models
from django.db.models import F, Q

NAME = "accounts_places_overlap"
SENTENCE = "Two places of service of one person at one unit share a day."
# GiST has no operator for equal integers without an extension (btree_gist), but for boxes: a point of person and unit.
EXCLUDE = f"""
ALTER TABLE accounts_affiliation ADD CONSTRAINT {NAME} EXCLUDE USING gist (
    box(point(user_id, unit_id), point(user_id, unit_id)) WITH &&,
    daterange(since, until, '[]') WITH &&
)
"""
OVERLAPS = """
EXISTS (
    SELECT 1 FROM accounts_affiliation AS other
    WHERE other.user_id = NEW.user_id AND other.unit_id = NEW.unit_id AND other.id IS NOT NEW.id
    AND (other.since IS NULL OR NEW.until IS NULL OR other.since <= NEW.until)
    AND (other.until IS NULL OR NEW.since IS NULL OR other.until >= NEW.since)
)
"""


def part_overlaps(apps: Any, editor: Any) -> None:
    """Let each further place of a person at the same unit begin after the one before has ended."""
    model = apps.get_model("accounts", "Affiliation")
    twice = (
        model.objects.order_by().values("user_id", "unit_id").annotate(n=models.Count("pk")).filter(n__gt=1)
    )
    pairs = {(row["user_id"], row["unit_id"]) for row in twice}
    rows = model.objects.filter(user_id__in={user for user, _unit in pairs})
    rows = rows.order_by("user_id", "unit_id", F("until").asc(nulls_last=True), "pk")
    for pair, places in groupby(rows, key=lambda row: (row.user_id, row.unit_id)):
        if pair in pairs:
            _part(list(places))


def _part(places: list[Any]) -> None:
    kept = places[0]
    for place in places[1:]:
        if place.until == kept.until:
            # The same days twice: one row says it all.
            place.delete()
            continue
        place.since = kept.until + timedelta(days=1)
        place.save(update_fields=["since"])
        kept = place


def forbid_overlaps(apps: Any, editor: Any) -> None:
    if editor.connection.vendor == "postgresql":
        editor.execute(EXCLUDE)
        return
    # SQLite loses a table's triggers when a migration rebuilds the table: such a migration calls this function again.
    allow_overlaps(apps, editor)
    for event in ("INSERT", "UPDATE"):
        editor.execute(
            f"CREATE TRIGGER {NAME}_{event.lower()} BEFORE {event} ON accounts_affiliation WHEN {OVERLAPS} "
            f"BEGIN SELECT RAISE(ABORT, '{NAME}: {SENTENCE}'); END"
        )


def allow_overlaps(apps: Any, editor: Any) -> None:
    if editor.connection.vendor == "postgresql":
        editor.execute(f"ALTER TABLE accounts_affiliation DROP CONSTRAINT IF EXISTS {NAME}")
        return
    for event in ("insert", "update"):
        editor.execute(f"DROP TRIGGER IF EXISTS {NAME}_{event}")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0016_papers_only_in_the_store")]

    operations = [
        migrations.AddField("affiliation", "since", models.DateField("first day", null=True, blank=True)),
        migrations.AlterField("affiliation", "until", models.DateField("last day", null=True, blank=True)),
        migrations.AddField(
            "affiliation",
            "post",
            models.CharField("post", max_length=40, blank=True, default="", db_default=""),
        ),
        migrations.AddField(
            "affiliation",
            "order",
            models.PositiveSmallIntegerField("order in the unit", null=True, blank=True),
        ),
        migrations.AddField(
            "affiliation",
            "is_substitute",
            models.BooleanField("substitute", default=False, db_default=False),
        ),
        migrations.AddField(
            "affiliation",
            "is_concurrent",
            models.BooleanField("concurrent", default=False, db_default=False),
        ),
        migrations.RunPython(part_overlaps, migrations.RunPython.noop),
        # Two open places share a day: the rule below contains this one.
        migrations.RemoveConstraint("affiliation", "accounts_one_live_affiliation"),
        migrations.AddConstraint(
            "affiliation",
            models.CheckConstraint(
                condition=Q(since=None) | Q(until=None) | Q(until__gte=F("since")),
                name="accounts_place_ends_after_start",
            ),
        ),
        migrations.AddConstraint(
            "affiliation",
            models.CheckConstraint(
                condition=Q(is_substitute=False) | Q(until__isnull=False),
                name="accounts_substitute_has_last_day",
            ),
        ),
        migrations.RunPython(forbid_overlaps, allow_overlaps),
    ]
