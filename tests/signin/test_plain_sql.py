"""Each plain statement of log-ins gives the rows of the queryset that it mirrors, on both databases."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.models import User
from accounts.queries.persons import has_one_record, records_for_page
from kit import clock, request_memo
from signin.backends import PersonBackend, find_person, people_with_facts
from signin.session_store import SessionStore, live_data, live_sessions
from tests.factories import make_account, make_user

pytestmark = pytest.mark.django_db


def make_session(key: str, lasts: timedelta) -> Session:
    return Session.objects.create(session_key=key, session_data="資料", expire_date=timezone.now() + lasts)


@pytest.mark.parametrize("key", ["live", "expired", "none", ""])
def test_a_session_is_that_of_the_queryset(key: str) -> None:
    make_session("live", timedelta(days=1))
    make_session("expired", timedelta(seconds=-1))
    now = timezone.now()
    found, mirrored = live_data(key, now), live_sessions(key, now).first()
    assert (found is None) == (mirrored is None) == (key != "live")
    assert mirrored is None or found == mirrored.session_data == "資料"


def test_a_session_ends_at_its_very_moment() -> None:
    session = make_session("live", timedelta(days=1))
    end = session.expire_date
    assert live_data("live", end) is live_sessions("live", end).first() is None
    before = end - timedelta(microseconds=1)
    assert live_data("live", before) is not None and live_sessions("live", before).first() == session


def test_the_key_of_an_expired_session_is_not_used_again() -> None:
    make_session("expired", timedelta(seconds=-1))
    store = SessionStore("expired")
    assert store.get("hat") is None and store.session_key is None


def make_people() -> dict[str, User]:
    """Teachers with every column filled and with none, and holders of no, one and several accounts, in force or not."""
    full = make_user(phone="08-8642009", language="en", is_active=False, last_login=timezone.now())
    full.set_national_id("A123456789")
    full.set_passport("P1234567")
    full.save()
    today, two_hats = clock.today(), make_user()
    make_account(user=two_hats)
    make_account(user=two_hats)
    ended = make_account(ended_at=timezone.now(), valid_until=today - timedelta(days=1))
    one_of_two = make_account(ended_at=timezone.now(), valid_until=today - timedelta(days=1)).user
    make_account(user=one_of_two)
    kept = make_user()
    second = make_user(
        merged_into=kept, is_active=False, password="!", closed_at=clock.now(), closed_because="merged"
    )
    return {
        "teacher": make_user(),
        "full": full,
        "hats": two_hats,
        "suspended": make_account(suspended_at=timezone.now()).user,
        "future": make_account(valid_from=today + timedelta(days=9)).user,
        "ended": ended.user,
        "one of two ended": one_of_two,
        "kept": kept,
        "merged": second,
    }


def test_a_person_is_that_of_the_queryset() -> None:
    people = make_people()
    for case, person in people.items():
        found, mirrored = find_person(person.pk), people_with_facts(person.pk).get()
        assert found is not None and facts(found) == facts(mirrored), case
        assert not found.get_deferred_fields(), case
    appointed = {case for case, person in people.items() if find_person(person.pk).appointed}  # type: ignore[union-attr]
    assert appointed == {"hats", "suspended", "future", "one of two ended"}
    merged = {case for case, person in people.items() if find_person(person.pk).has_merged}  # type: ignore[union-attr]
    assert merged == {"kept"}


def test_the_person_of_a_session_says_whether_there_are_other_records(django_assert_num_queries: Any) -> None:
    """No further query then looks for them, and none is taken for the only one that has others or belongs to another."""
    people = make_people()
    for case, only in {"teacher": True, "kept": False}.items():
        pk = people[case].pk
        assert has_one_record(pk) is only, case
        with request_memo.remembering(), django_assert_num_queries(1):
            assert PersonBackend().get_user(pk) is not None
            assert has_one_record(pk) is only, case
    assert not has_one_record(people["merged"].pk)


def test_an_unknown_person_is_nobody() -> None:
    assert find_person(0) is people_with_facts(0).first() is None


def facts(row: object) -> dict[str, object]:
    return {name: value for name, value in vars(row).items() if name != "_state"}


def test_a_page_looks_for_no_other_records_of_a_person_who_has_none(django_assert_num_queries: Any) -> None:
    kept, alone = make_user(), make_user()
    second = make_user(
        merged_into=kept, is_active=False, password="!", closed_at=clock.now(), closed_because="merged"
    )
    with request_memo.remembering():
        for person in (kept, alone):
            assert PersonBackend().get_user(person.pk) == person
        with django_assert_num_queries(0):
            assert records_for_page(alone.pk) == [alone.pk]
        assert set(User.objects.filter(pk__in=records_for_page(kept.pk))) == {kept, second}
    # Outside of a request it is not known.
    assert set(User.objects.filter(pk__in=records_for_page(alone.pk))) == {alone}
    assert not isinstance(records_for_page(alone.pk), list)
