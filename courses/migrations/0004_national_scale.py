"""Indexes that match the questions of a whole country (docs/adr/0013)."""

from django.db import migrations, models
from django.db.models import Q

# Each pair of neighbouring characters within a word. The cost puts it behind strpos in a filter, and no higher: the planner adds the costs of
# all conditions for each row it passes, though most rows are refused by the first.
GRAMS = """
CREATE FUNCTION courses_grams(words text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 10 AS $$
    SELECT coalesce(array_agg(a || b), '{}')
    FROM unnest(string_to_array(words, NULL), (string_to_array(words, NULL))[2:]) AS pair(a, b)
    WHERE a <> ' ' AND b <> ' '
$$
"""
# Over all rows: the planner uses the statistics of an expression only when its index has no condition.
INDEX = "CREATE INDEX courses_words ON courses_course USING gin (courses_grams(search_text)) WITH (fastupdate = off)"


def create(apps, editor):
    if editor.connection.vendor == "postgresql":
        editor.execute(GRAMS)
        editor.execute(INDEX)
        editor.execute("ANALYZE courses_course")  # without statistics of the pairs every search looks alike


def drop(apps, editor):
    if editor.connection.vendor == "postgresql":
        editor.execute("DROP INDEX courses_words")
        editor.execute("DROP FUNCTION courses_grams(text)")


class Migration(migrations.Migration):
    dependencies = [("courses", "0003_saved_searches")]
    operations = [
        migrations.RunPython(create, drop),
        migrations.AddIndex(
            "course",
            models.Index(
                fields=["ends_on", "starts_on"],
                name="courses_upcoming",
                condition=Q(state__in=["registered", "closed"]),
            ),
        ),
        migrations.RemoveIndex("enrolment", "courses_absences"),
        migrations.AddIndex(
            "enrolment",
            models.Index(fields=["user", "course"], name="courses_absences", condition=Q(state="absent")),
        ),
    ]
