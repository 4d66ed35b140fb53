"""What people do while a file in which thousands move holds their rows for a minute or two (PostgreSQL)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Event, Thread
from unittest.mock import Mock

import pytest
from celery.exceptions import Retry
from django.db import OperationalError, connections, transaction
from django.test import Client
from django.urls import reverse

from accounts.actions import staff
from accounts.actions.places import PlaceFacts
from accounts.locks import lock_people
from accounts.models import BusinessAccount, User
from courses.actions import enrolments, feeds, participant_look_ups, saved_searches, watches
from courses.models import Course
from courses.models.typed import Typed
from kit import clock
from signin import tasks
from signin.actions import last_log_ins, support, tokens
from signin.education import propose_places
from tests.concurrency.race import impatient
from tests.factories import (
    PASSWORD,
    acting,
    make_course,
    make_lead,
    make_operator,
    make_unit,
    make_user,
    teacher,
)

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@contextmanager
def being_moved(person: User) -> Iterator[None]:
    """Hold the person's row, as a file of moves does until all of it is saved."""
    held, over = Event(), Event()

    def move() -> None:
        try:
            with transaction.atomic():
                lock_people([person.pk])
                held.set()
                over.wait(30)
        finally:
            connections.close_all()

    thread = Thread(target=move)
    thread.start()
    assert held.wait(10)
    try:
        with impatient():
            yield
    finally:
        over.set()
        thread.join()


def log_in(client: Client, person: User) -> None:
    form = {"login": person.email, "password": PASSWORD}
    assert client.post(reverse("account_login"), form).status_code == 302
    assert client.get("/me/").status_code == 200


def test_they_log_in_and_the_moment_is_kept_later(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    person, sent = make_user(email="moves@school.example"), list[tuple[int, str]]()
    monkeypatch.setattr(tasks.keep_last_login, "delay", lambda *words: sent.append(words))
    with being_moved(person):
        log_in(client, person)
        with pytest.raises(Retry):
            tasks.keep_last_login(*sent[0])
    person.refresh_from_db()
    assert person.last_login is None
    tasks.keep_last_login(*sent[0])
    person.refresh_from_db()
    assert person.last_login == datetime.fromisoformat(sent[0][1])


def test_without_a_broker_they_log_in_as_well(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    person = make_user(email="moves@school.example")
    monkeypatch.setattr(tasks.keep_last_login, "delay", Mock(side_effect=ConnectionError))
    with being_moved(person):
        log_in(client, person)


def test_they_log_in_by_the_county_and_nothing_is_proposed_meanwhile() -> None:
    person, unit = make_user(), make_unit("134526")
    with being_moved(person):
        assert propose_places(person, {"schoolid": unit.code}) == 0
    assert propose_places(person, {"schoolid": unit.code}) == 1


def opening_later() -> Course:
    return make_course(enrol_from=clock.today() + timedelta(days=1))


ACTS: dict[str, Callable[[BusinessAccount], object]] = {
    "enrol": lambda hat: enrolments.enrol(code=make_course().code, by=teacher(hat.user)),
    "keep a search": lambda hat: saved_searches.save(by=teacher(hat.user), name="音樂", query="q=x"),
    "watch a course": lambda hat: watches.watch_course(by=teacher(hat.user), course=opening_later()),
    "make a key": lambda hat: tokens.make(by=teacher(hat.user), name="計算"),
    "make a calendar": lambda hat: feeds.make(by=teacher(hat.user), of_unit=False),
    "look up": lambda hat: participant_look_ups.look_up(
        course=make_course(handler=hat), by=acting(hat), typed=[Typed("林新進")]
    ),
    "enter a person": lambda hat: staff.add(
        unit=hat.unit,
        who="new@x.example",
        facts=PlaceFacts(),
        by=acting(hat),
        name="林新進",
        email="new@x.example",
    ),
    "see as another": lambda hat: support.begin(
        by=acting(make_operator(user=hat.user)), person=make_user(), reason="x"
    ),
}


def test_they_act() -> None:
    """One test for all acts: emptying the database after each would take most of the time."""
    hat, waited = make_lead(), []
    with being_moved(hat.user):
        for name, act in ACTS.items():
            try:
                act(hat)
            except OperationalError:
                waited.append(name)
    assert not waited


def test_a_later_log_in_is_not_undone() -> None:
    person = make_user()
    assert last_log_ins.keep_last_login(person.pk, clock.now())
    late = User.objects.get(pk=person.pk).last_login
    assert last_log_ins.keep_last_login(person.pk, clock.now() - timedelta(hours=1))
    assert User.objects.get(pk=person.pk).last_login == late
