"""A person's own record: in words, without codes, and without the network addresses of colleagues."""

import csv
import io
import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.enums import Role
from accounts.models import User
from audit import log
from audit.acts import ACTS, REASONS
from courses.actions import withdrawal
from courses.enums import WithdrawalReason
from hours.actions import corrections
from tests.factories import acting, close, make_course, make_enrolment, make_lead, make_operator, make_user
from tests.signin.test_login_locks_and_sessions import attempt

pytestmark = pytest.mark.django_db
COLLEAGUE, OWN, STRANGER = "10.9.8.7", "10.5.5.5", "10.6.6.6"
# Codes have a dot or an underscore between small letters; addresses of the site, of people and of files do not stand in the record.
CODE = re.compile(r"\b[a-z]+[._][a-z_]+\b")


def recorded_person() -> User:
    """A teacher whose record was read, changed and corrected by a lead who sits elsewhere."""
    lead = make_lead()
    course, gone = make_course(lead, ago=10), make_course(lead)
    row = make_enrolment(course)
    make_enrolment(gone, row.user)
    client = Client()
    client.force_login(lead.user)
    client.get(reverse("courses:applicants", args=[course.code]), REMOTE_ADDR=COLLEAGUE)
    close(course)
    corrections.correct(enrolment=row, by=acting(lead), state="absent", hours=0, reason="未到")  # type: ignore[arg-type]
    withdrawal.withdraw(course=gone, by=acting(lead), reason=WithdrawalReason.NOT_HELD, text="講師不克前來")
    operator = Client()
    operator.force_login(make_operator().user)
    operator.get(reverse("accounts:person", args=[row.user_id]), REMOTE_ADDR=COLLEAGUE)
    attempt(Client(), row.user.email, "wrong-pass-word", STRANGER)
    return row.user


def test_the_own_record_shows_words_and_no_address_of_a_colleague() -> None:
    person, mine = recorded_person(), Client()
    attempt(mine, person.email, "a-long-pass-word", OWN)
    page = mine.get(reverse("accounts:my_record"), REMOTE_ADDR=OWN).content.decode()
    table = re.sub(r"<[^>]+>", " ", page[page.index("<tbody>") : page.index("</tbody>")])
    assert not CODE.findall(table)
    assert COLLEAGUE not in page and OWN in table and STRANGER in table
    with translation.override("zh-hant"):
        assert f"{WithdrawalReason.NOT_HELD.label} 講師不克前來" in table


def test_the_own_record_as_a_file_shows_the_same_words() -> None:
    person, mine = recorded_person(), Client()
    attempt(mine, person.email, "a-long-pass-word", OWN)
    answer = mine.get(reverse("accounts:my_record_export"))
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = list(csv.reader(io.StringIO(text)))
    assert len(rows) > 4 and len({len(row) for row in rows}) == 1
    assert not CODE.findall(text) and COLLEAGUE not in text and STRANGER in text


@pytest.mark.parametrize("role", [*Role.values, "teacher"])
def test_a_hat_is_shown_in_words(role: str) -> None:
    from accounts.presenters.audit_words import hat_words

    person = make_user()
    row = log.event("read.person", person, by=None)
    row.hat = f"{role} 134526-001" if role != "teacher" else role
    assert role not in hat_words(row) and ("134526-001" in hat_words(row)) == (role != "teacher")


def test_every_reason_of_a_list_has_words() -> None:
    assert set(WithdrawalReason.values) <= set(REASONS)
    assert all(str(words) for words in ACTS.values())
