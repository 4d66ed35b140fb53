"""Every table that names a person is in the copy of one's own data and has a time, or docs/privacy.md says why not.

The tables are found in the models; the two lists of docs/privacy.md are compared with them, and every name in them with the code.
"""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models

from accounts.actions.anonymising import LOG_INS
from accounts.models import User
from kit.own_data import OWN_DATA
from kit.retention import RETENTION
from kit.schedule import SCHEDULE

Model = type[models.Model]
# A row with such a foreign key is one person's own.
OWNERS = {"user", "person", "owner"}
NUMBERS = {"actor_id", "person_id", "caller"}
# Words in the names of columns that may hold the name or the contact of a person.
SUSPECTED = re.compile(
    r"(^|_)(name|names|mail|email|phone|fax|officer|address|label|by|person|contact\d?|ip|agent|actor|uid|device)($|_)"
)
# Text whose name is suspected and whose content is no person's: units, lists, words of the platform, secrets, numbers of things.
OF_NO_PERSON = {
    "auth.Permission": {"name"},
    "auth.Group": {"name"},
    "contenttypes.ContentType": {"app_label"},
    "socialaccount.SocialApp": {"name", "settings"},
    "accounts.County": {"name"},
    "accounts.Unit": {"name", "address"},
    "accounts.FormerName": {"name"},
    "accounts.Counter": {"name"},
    "accounts.DayOff": {"name"},
    "accounts.Title": {"name"},
    "accounts.Level": {"name"},
    "accounts.KeyCanary": {"name"},
    "accounts.UnitList": {"name"},
    "accounts.UnitListRow": {"name", "facts", "changes"},
    "courses.Stage": {"name"},
    "courses.AudienceGroup": {"name"},
    "courses.Tag": {"name"},
    "courses.CourseNature": {"name"},
    "courses.Campaign": {"colours", "levels", "districts", "codes", "steps"},
    "courses.CampaignLetter": {"address"},
    "courses.Suspension": {"name", "districts"},
    "hours.Attendance": {"device"},
    "hours.Certificate": {"unit_name"},
    "hours.Survey": {"sums", "texts"},
    "hours.SurveyQuestion": {"choices"},
    "jobs.Job": {"outcome"},
    "webhooks.Webhook": {"changes"},
    "backup.Run": {"name", "facts"},
}


def keys(model: Any) -> "list[models.ForeignKey[Any, Any]]":
    return [field for field in model._meta.concrete_fields if isinstance(field, models.ForeignKey)]


def is_own(model: Any) -> bool:
    """Whether each row of a model is one person's own: an account, an enrolment, a file."""
    return any(field.related_model is User and field.name in OWNERS for field in keys(model))


def suspected(model: Model) -> set[str]:
    """The columns of free text that may hold the name or the contact of a person; whatever is JSON may hold anything."""
    return {
        field.name
        for field in model._meta.concrete_fields
        if isinstance(field, models.JSONField | models.EmailField)
        or isinstance(field, models.CharField | models.TextField | models.GenericIPAddressField)
        and not field.choices
        and SUSPECTED.search(field.name)
    }


def texts_of(model: Model) -> set[str]:
    return suspected(model) - OF_NO_PERSON.get(model._meta.label, set())


def names_people(model: Model) -> bool:
    numbers = {field.name for field in model._meta.concrete_fields} & NUMBERS
    by_key = any(field.related_model is User or is_own(field.related_model) for field in keys(model))
    return bool(model is User or by_key or numbers or texts_of(model))


def rows_of(heading: str) -> Iterator[list[str]]:
    """The cells of the table of docs/privacy.md that has this heading."""
    text = (Path(settings.BASE_DIR) / "docs/privacy.md").read_text()
    table = text.split(heading, 1)[1].split("\n\n", 1)[0]
    for line in table.splitlines()[2:]:
        yield [cell.strip() for cell in line.strip("|").split("|")]


TABLES = {
    label.strip("`"): (copy, time) for label, copy, time in rows_of("| table | in the copy | how long |")
}


def coded(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def test_every_table_that_names_a_person_is_listed_and_no_other() -> None:
    named = {model._meta.label for model in apps.get_models() if names_people(model)}
    assert named - TABLES.keys() == set() and TABLES.keys() - named - {"sessions.Session"} == set()


@pytest.mark.parametrize("label", TABLES)
def test_a_table_is_in_the_copy_or_says_why_not(label: str) -> None:
    copy, _time = TABLES[label]
    covering = {name for name, section in OWN_DATA.items() if label in section.covers}
    if covering:
        assert set(coded(copy)) == covering
    else:
        assert len(re.sub("`.*?`", "", copy)) > 15 and set(coded(copy)) <= OWN_DATA.keys()


@pytest.mark.parametrize("label", TABLES)
def test_a_table_has_a_time_or_says_why_it_is_kept(label: str) -> None:
    _copy, time = TABLES[label]
    model, own = apps.get_model(label), {name for name in RETENTION if _model_of(name) == label}
    tasks = {entry.task for entry in SCHEDULE.values()}
    taking = {
        field.related_model._meta.label
        for field in keys(model)
        if field.remote_field.on_delete is models.CASCADE and isinstance(field.related_model, type)
    }
    words = set(coded(time))
    assert own <= words and words <= RETENTION.keys() | tasks | taking
    assert words or len(time) > 15


def _model_of(rule: str) -> str:
    return str(RETENTION[rule].due(date(2026, 1, 1)).model._meta.label)


def test_what_is_said_to_go_with_a_person_goes_with_a_log_in() -> None:
    assert {label for label, (_copy, time) in TABLES.items() if time == "`people`"} >= {
        model._meta.label
        for model in LOG_INS
        if model._meta.label not in {_model_of(name) for name in RETENTION}
    }


def test_every_column_with_a_name_or_a_contact_is_listed() -> None:
    listed: dict[str, set[str]] = {}
    for cell, end in rows_of("| column | when the person is anonymised |"):
        assert end
        label, columns = cell.split(": ")
        listed[label.strip("`")] = set(columns.split(", "))
    for model in apps.get_models():
        fields = {field.name for field in model._meta.concrete_fields}
        assert texts_of(model) <= listed.get(model._meta.label, set()) <= fields, model


def test_a_table_or_a_column_that_is_forgotten_is_found() -> None:
    webhook, course = apps.get_model("webhooks.Webhook"), apps.get_model("courses.Course")
    assert names_people(webhook) and names_people(course) and "contact2_mail" in texts_of(course)
    assert names_people(apps.get_model("courses.Instructor"))
    assert not names_people(apps.get_model("courses.Tag"))


def test_no_exception_outlives_its_column() -> None:
    for label, columns in OF_NO_PERSON.items():
        assert columns <= suspected(apps.get_model(label)), label
