"""Runs with the code of revision 084da67: fills an empty installation through its own actions and prints what an upgrade must keep."""

import hashlib
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import django
import time_machine

django.setup()

from allauth.usersessions.models import UserSession  # noqa: E402
from celery.app.task import Task  # noqa: E402
from django.apps import apps  # noqa: E402
from django.conf import settings  # noqa: E402
from django.contrib.sessions.models import Session  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import setup_test_environment  # noqa: E402
from django.urls import reverse  # noqa: E402

# Beside this file; the package `tests` is that of the old code.
from environment import API_KEY, DEVICE, LOG_IN, MORNING, SESSION  # type: ignore[import-not-found]  # noqa: E402

from accounts.acting import Actor  # noqa: E402
from accounts.actions import applications, appointments, identity_changes, people  # noqa: E402
from accounts.models import ApiToken, Device, User  # noqa: E402
from audit import seal  # noqa: E402
from courses.actions import enrolments, lights, saved_searches, transfers, withdrawal  # noqa: E402
from courses.enums import Admission, CourseState, EnrolmentState  # noqa: E402
from courses.models import Course  # noqa: E402
from hours.actions import corrections, objections  # noqa: E402
from inservice.celery import app  # noqa: E402
from jobs import actions as jobs  # noqa: E402
from tests import factories as make  # noqa: E402

MESSAGES: list[dict[str, Any]] = []


def note_message(task: Task, args: Any = None, kwargs: Any = None, **_options: Any) -> None:
    """In place of a broker."""
    MESSAGES.append({"task": task.name, "args": list(args or ()), "kwargs": dict(kwargs or {})})


def fill() -> User:
    """People and units, accounts in every state, courses in every state; return the handler."""
    unit, operator, officer = make.make_unit("134526"), make.make_operator(), make.make_officer()
    handler, lead, colleague = make.make_account(unit), make.make_lead(unit), make.make_account(unit)
    teachers = [make.make_user(unit=unit) for _ in range(4)]
    for number, person in zip(("A123456789", "B123456780"), teachers, strict=False):
        person.set_national_id(number)
        person.save()
    accounts(unit, operator, teachers)
    courses(handler, lead, colleague, teachers)
    saved_searches.keep(by=make.teacher(teachers[0]), name="數學", query="q=math")
    identity_changes.ask(
        by=make.teacher(teachers[1]), new_name="王改名", new_email="n@x.example", reason="改名"
    )
    people.reveal_national_id(person=teachers[0], by=make.acting(operator), reason="核對證件")
    with transaction.atomic():
        jobs.start("export_records", by=make.acting(lead), parameters={"year": 115, "format": "csv"})
    assert officer.pk
    return handler.user


def accounts(unit: Any, operator: Any, teachers: list[User]) -> None:
    """One suspended, one ended, one asked for."""
    by = make.acting(operator)
    appointments.suspend(account=make.make_account(unit), by=by, reason="留職停薪")
    appointments.end(account=make.make_account(unit), by=by, reason="離職")
    applications.apply(
        by=make.teacher(teachers[3]), unit=unit, role="handler", reason="接辦", starts_on=MORNING.date()
    )


def courses(handler: Any, lead: Any, colleague: Any, teachers: list[User]) -> None:
    make.make_course(handler, state=CourseState.DRAFT)
    coming = make.make_course(handler, capacity=1)
    for person in teachers[:3]:
        make.enrol(coming, person)
    enrolments.cancel(course=coming, by=Actor(teachers[2]))
    reviewed = make.make_course(handler, admission=Admission.REVIEW)
    applied = [make.enrol(reviewed, person) for person in teachers]
    enrolments.admit(course=reviewed, by=make.acting(handler), enrolment_ids=[applied[0].pk])
    enrolments.decline(course=reviewed, by=make.acting(handler), enrolment_ids=[applied[1].pk])
    withdrawal.withdraw(course=make.make_course(handler), by=make.acting(handler), reason="not_held")
    closed(handler, teachers)
    overdue = make.overdue_courses(handler, 2)
    make.make_enrolment(overdue[0], teachers[0])
    transfers.request(by=make.acting(colleague), courses=overdue[1:], reason="業務交接")
    lights.refresh()


def closed(handler: Any, teachers: list[User]) -> None:
    """A course with hours, an absence, a correction and an objection."""
    course = make.make_course(handler, ago=10)
    came, stayed_away = (make.make_enrolment(course, person) for person in teachers[:2])
    make.close(course, absent=(stayed_away,))
    course = Course.objects.get(pk=course.pk)
    objections.object_to(course=course, by=Actor(teachers[1]), text="我有到場")
    corrections.correct(
        enrolment=came,
        by=make.acting(handler),
        state=EnrolmentState.ATTENDED,
        hours=Decimal(2),
        reason="早退",
    )


def log_in(person: User) -> None:
    """A session, a known browser and a key, each under a text that is plain to see."""
    client = Client(REMOTE_ADDR="10.0.0.7", HTTP_USER_AGENT="Mozilla/5.0 Chrome/142.0 Windows")
    client.post(reverse("account_login"), {"login": person.email, "password": make.PASSWORD})
    assert client.get(reverse("courses:unit_home")).status_code == 200
    former = client.session.session_key
    Session.objects.filter(session_key=former).update(session_key=SESSION)
    UserSession.objects.filter(session_key=former).update(session_key=SESSION)
    Device.objects.filter(user=person).update(digest=digest(DEVICE))
    make.make_key(person)
    ApiToken.objects.filter(user=person).update(digest=digest(API_KEY))


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def counts() -> Iterator[tuple[str, int]]:
    for model in apps.get_models():
        yield model._meta.db_table, model._default_manager.count()


def main() -> None:
    setup_test_environment()
    # Pages are asked for without `collectstatic`.
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    Task.apply_async = note_message
    with time_machine.travel(MORNING):
        call_command("migrate", verbosity=0)
        handler = fill()
    with time_machine.travel(LOG_IN):
        seal.seal_all()
        log_in(handler)
        app.loader.import_default_modules()
        facts = {
            "person": handler.pk,
            "messages": MESSAGES,
            "tasks": sorted(name for name in app.tasks if not name.startswith("celery.")),
            "counts": dict(sorted(counts())),
        }
    print(json.dumps(facts, ensure_ascii=False, indent=1, sort_keys=True))  # noqa: T201


main()
