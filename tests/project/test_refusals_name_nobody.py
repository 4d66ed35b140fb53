"""A refusal names a person, an account or a course only to a caller who may see it.

Every refusal whose sentence can name one has a case in CASES, with an act that provokes it: a person who may see the name gets the
sentence, and no other person finds the name in the refusal. Those that name nothing of others are in HARMLESS with the reason.
"""

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction
from django.utils import translation

from accounts.acting import Actor
from accounts.actions import appointments, people, places
from accounts.enums import Role
from accounts.models import Affiliation
from courses.actions import admissions, helpers, participants, registration, reminders, transfers, withdrawal
from courses.enums import EnrolmentState as S
from courses.enums import WithdrawalReason
from courses.models import PlannedAbsence
from hours.actions import closing, corrections, drafts
from hours.models import Mark, Sheet, WalkIn
from inservice.packages import PACKAGES
from kit import clock
from kit.errors import Refusal
from tests.factories import (
    acting,
    close,
    make_account,
    make_county,
    make_course,
    make_enrolment,
    make_lead,
    make_officer,
    make_operator,
    make_unit,
    make_user,
    sheet_with,
    teacher,
)

pytestmark = pytest.mark.django_db
NAMING = {
    "name",
    "names",
    "who",
    "handler",
    "email",
    "number",
    "numbers",
    "title",
    "code",
    "courses",
    "why",
    "found",
    "person",
}

HARMLESS = {
    "LetterRefusal": "the base of the next; no sentence of its own",
    "UnknownLetterField": "fields that were typed, and a public list",
    "NoGlyph": "a text of the file that the caller was about to get",
    "AnswersLost": "a number",
    "SignsChanged": "a number of signs, after the right was checked",
    "AnswerMissing": "the number of a question",
    "NotAChoice": "the number of a question",
    "QuestionAnswered": "numbers",
    "OutsideAudience": "the base of the refusals of an audience; no sentence of its own",
    "CodeTaken": "a code that was typed, of a public list",
    "EntryNameTaken": "a code of a public list",
    "EntryInUse": "a number of uses",
    "DayAlreadyAdded": "a day that was typed",
    "EntryEnded": "entries of public lists",
    "DaySuspended": "the public reason of a suspension, for example a typhoon",
    "FileTooLarge": "the limit of a kind of file",
    "WrongFileType": "the types of a kind of file",
    "ConfirmNames": "a number of units; only the operator's imports raise it",
    "ChangedMeanwhile": "only the operator's imports and acts raise it, after their right was checked",
    "RegisteredAfterwards": "a course of a unit that the caller keeps",
    "NoReceiver": "the holder of an account that the page of the merger lists",
    "UnitCodeTaken": "a unit of the code that was typed, which is public",
    "GuestMailTaken": "a guest whom the caller's own unit has entered, after the right was checked",
    "MergeClosed": "only the operator's merge raises it, after the right was checked",
    "MergeAccountsHeld": "only the operator's merge raises it, after the right was checked",
    "MergeRequestsWait": "a number of requests",
    "CellsRefused": "the refusals of the cells of one row, each a RowRefused",
    "RowRefused": "a row of the operator's own file; the operator may see everybody",
    "MailboxHeld": "a row of the operator's own file",
    "SamePerson": "a row of the operator's own file",
    "NoSuchCounty": "counties, which are public",
    "MissingColumns": "headings of the file that was sent",
    "UnreadableTable": "what is wrong with the file that was sent",
    "NotOnTheList": "a number of people, and none of their names",
    "PolicyOutOfBounds": "the values that were sent",
    "SearchNameTaken": "the name that was typed, of an own search",
    "TooManyWalkIns": "a number of people",
    "TooManyLines": "a number of lines",
    "SeveralOfThatName": "the name that was typed, and masked accounts of the own unit (tests/hours/test_walk_ins.py)",
    "UnknownEnrolments": "the numbers that were sent: whose they are is not said (tests/hours/test_walk_ins.py)",
    "OutOfBounds": "a field of the form that was sent",
    "OtherHat": "an account of the caller's own",
}


@dataclass(frozen=True)
class Case:
    """`act` is done by `seer` and by every stranger; `secrets` are the words that only who may see them reads."""

    name: str
    seer: str
    act: Callable[[SimpleNamespace, Actor], Any]
    secrets: Callable[[SimpleNamespace], list[str]]


def scene() -> SimpleNamespace:
    """A unit with handler, colleague and lead, and everybody who is none of theirs."""
    unit = make_unit(county=make_county("屏東縣"))
    far = make_unit(county=make_county("花蓮縣"))
    handler, colleague, lead = (
        make_account(unit, make_user("洪承辦", unit)),
        make_account(unit, make_user("甘同仁", unit)),
        make_lead(unit),
    )
    over, open_course = make_course(handler, ago=3), make_course(handler)
    s = SimpleNamespace(
        unit=unit,
        handler=handler,
        colleague=colleague,
        lead=lead,
        operator=make_operator(),
        over=over,
        open=open_course,
    )
    s.present = make_enrolment(over, make_user("涂老師"))
    s.cancelled = make_enrolment(open_course, make_user("范老師"), state=S.CANCELLED)
    s.applied = make_enrolment(open_course, make_user("游老師"), state=S.APPLIED)
    s.lecturer = make_user("龔教授")
    name_helper(s, acting(handler), s.lecturer)
    s.closed = make_course(handler, ago=5)
    s.credited = make_enrolment(s.closed, make_user("簡老師"))
    close(s.closed)
    s.draft = make_course(handler, title="秘密草稿", state="draft")
    s.twin = make_course(handler, title="祕密研習", day=clock.today())
    s.copy = make_course(handler, title="祕密研習", day=clock.today(), state="draft")
    s.ended = make_account(unit, valid_until=clock.today(), ended_at=clock.now())
    s.suspended = make_account(unit, suspended_at=clock.now(), suspended_reason="查證")
    s.pending = make_course(handler, ago=4)
    transfers.request(by=acting(colleague), courses=[s.pending], reason="接辦")
    s.left = Affiliation.objects.create(
        user=make_user("古老師"), unit=unit, until=clock.today() - timedelta(days=1)
    )
    s.owner = make_user("歐老師")
    s.owner.set_national_id("A123456789")
    s.owner.save()
    s.other = make_user("杜老師")
    s.actors = {name: acting(getattr(s, name)) for name in ("handler", "colleague", "lead", "operator")}
    s.strangers = {
        "handler elsewhere": acting(make_account(far)),
        "lead elsewhere": acting(make_lead(far)),
        "officer elsewhere": acting(make_officer(far.county)),
        "teacher": teacher(make_user()),
        "participant": teacher(s.present.user),
    }
    return s


def sheet(
    s: SimpleNamespace, hours: str = "3", walk_ins: tuple[Any, ...] = (), part: str = "participant"
) -> Sheet:
    marks = {s.present.pk: Mark.of(S.ATTENDED, Decimal(hours))}
    return Sheet("k", marks, [WalkIn.of(person.pk, Decimal("3"), part) for person in walk_ins])


def close_by(s: SimpleNamespace, by: Actor, given: Sheet, course: Any = None) -> Any:
    return closing.close_course(course=course or s.over, by=by, sheet=given)


def name_helper(s: SimpleNamespace, by: Actor, person: Any) -> Any:
    return helpers.name(course=s.open, by=by, people=[person.pk], part="staff")


def names(*paths: str) -> Callable[[SimpleNamespace], list[str]]:
    def read(s: SimpleNamespace) -> list[str]:
        found = []
        for path in paths:
            value: Any = s
            for part in path.split("."):
                value = getattr(value, part)
            found.append(str(value))
        return found

    return read


def newer_draft(s: SimpleNamespace, by: Actor) -> Any:
    drafts.save(
        course=s.over, by=s.actors["lead"], sheet=sheet_with({s.present.pk: ("absent", "")}), base=0, page="p"
    )
    return drafts.save(
        course=s.over, by=by, sheet=sheet_with({s.present.pk: ("excused", "")}), base=0, page="q"
    )


def absent_though_excused(s: SimpleNamespace, by: Actor) -> Any:
    now = clock.now()
    PlannedAbsence.objects.create(
        enrolment=s.present, kind="sick", state="accepted", stated_at=now, decided_at=now, decided_by=by.user
    )
    return close_by(s, by, Sheet("k", {s.present.pk: Mark(S.ABSENT)}))


CASES = [
    Case("AlreadyAppointed", "lead", lambda s, by: appointments.appoint(user=s.handler.user, unit=s.unit, role=Role.HANDLER, by=by),
         names("handler.number", "handler.user.name")),
    Case("ServesNoLonger", "lead", lambda s, by: appointments.appoint(user=s.left.user, unit=s.unit, role=Role.HANDLER, by=by), names("left.user.name")),
    Case("AlreadyServes", "lead", lambda s, by: places.add_place(person=s.handler.user, unit=s.unit, facts=places.PlaceFacts(), by=by),
         names("handler.user.name")),
    Case("LeavesUnitWithout", "operator", lambda s, by: places.end_place(place=s.lead.user.affiliations.get(), by=by), names("lead.user.name")),
    Case("AlreadyEnded", "lead", lambda s, by: appointments.end(account=s.ended, by=by, reason="x"), names("ended.number")),
    Case("AlreadySuspended", "lead", lambda s, by: appointments.suspend(account=s.suspended, by=by, reason="x"), names("suspended.number")),
    Case("NotSuspended", "lead", lambda s, by: appointments.resume(account=s.handler, by=by, reason="x"), names("handler.number")),
    Case("NumberTaken", "operator", lambda s, by: people.correct_numbers(person=s.other, by=by, national_id="A123456789", reason="x"),
         names("owner.name", "owner.email")),
    Case("CannotAdmit", "handler", lambda s, by: admissions.admit(course=s.open, by=by, enrolment_ids=[s.cancelled.pk]), names("cancelled.user.name")),
    Case("LooksLikeAnother", "handler", lambda s, by: registration.register(course=s.copy, by=by), names("twin.title", "twin.code")),
    Case("NotTheHandler", "colleague", lambda s, by: withdrawal.withdraw(course=s.open, by=by, reason=WithdrawalReason.NOT_HELD),
         names("handler.user.name")),
    Case("NotTheHandler", "colleague", lambda s, by: transfers.offer(by=by, courses=[s.over], to_account=s.colleague, reason="x"),
         names("handler.user.name")),
    Case("NotTransferable", "colleague", lambda s, by: transfers.request(by=by, courses=[s.closed], reason="x"), names("closed.code")),
    Case("NotTransferable", "lead", lambda s, by: transfers.offer(by=by, courses=[s.closed], to_account=s.colleague, reason="x"),
         names("closed.code")),
    Case("TransferPending", "lead", lambda s, by: transfers.request(by=by, courses=[s.pending], reason="x"), names("pending.code")),
    Case("NothingToClose", "colleague", lambda s, by: reminders.notify_handlers(by=by, course_ids=[s.draft.pk]), names("draft.title", "draft.code")),
    Case("AlreadyClosed", "lead", lambda s, by: close_by(s, by, Sheet("other", {}), s.closed), names("handler.user.name")),
    Case("HelperEnrolled", "handler", lambda s, by: name_helper(s, by, s.applied.user), names("applied.user.name")),
    Case("HelperAdded", "handler", lambda s, by: participants.add(course=s.open, by=by, people=[s.lecturer.pk]), names("lecturer.name")),
    Case("AlreadyListed", "handler", lambda s, by: close_by(s, by, sheet(s, walk_ins=(s.present.user,))), names("present.user.name")),
    Case("OneParticipation", "handler", lambda s, by: close_by(s, by, sheet(s, walk_ins=(s.present.user,), part="lecturer")), names("present.user.name")),
    Case("ListedAsOther", "handler", lambda s, by: corrections.add_person(
        course=s.closed, person=s.credited.user, by=by, hours=Decimal("3"), reason="x", participation="staff"), names("credited.user.name")),
    Case("HelperNotAbsent", "handler", lambda s, by: corrections.correct(
        enrolment=s.credited, by=by, state=S.ABSENT, hours=Decimal(0), reason="x", participation="staff"), names("credited.user.name")),
    Case("WalkInTwice", "handler", lambda s, by: close_by(s, by, sheet(s, walk_ins=(s.other, s.other))), names("other.name")),
    Case("ExcusedBefore", "handler", absent_though_excused, names("present.user.name")),
    Case("BadHours", "handler", lambda s, by: close_by(s, by, sheet(s, hours="99")), names("present.user.name")),
    Case("ListChanged", "handler", lambda s, by: close_by(s, by, Sheet("k", {})), names("present.user.name")),
    Case("NotAnOutcome", "handler", lambda s, by: close_by(s, by, Sheet("k", {s.present.pk: Mark(S.CANCELLED)})), names("present.user.name")),
    Case("NewerDraft", "handler", newer_draft, names("lead.user.name")),
    Case("NothingToCorrect", "handler", lambda s, by: corrections.correct(enrolment=s.credited, by=by, state=S.ATTENDED, hours=Decimal("3"), reason="x"),
         names("credited.user.name")),
]  # fmt: skip


def every_refusal() -> set[type[Refusal]]:
    for app in PACKAGES:
        package = importlib.import_module(app)
        for module in pkgutil.walk_packages(package.__path__, f"{app}."):
            if not re.search(
                r"\.migrations|\.wsgi$|\.supervisor$|\.guardian$|\.beat$|management", module.name
            ):
                importlib.import_module(module.name)

    def below(kind: type[Refusal]) -> Iterator[type[Refusal]]:
        for child in kind.__subclasses__():
            yield child
            yield from below(child)

    return {kind for kind in below(Refusal) if kind.__module__.split(".")[0] in PACKAGES}


def may_name(kind: type[Refusal]) -> bool:
    """The sentence has a place for a name, or is given where it is raised."""
    with translation.override("en"):
        text = str(kind.sentence)
    return not text or bool(NAMING & set(re.findall(r"%\((\w+)\)", text)))


def test_every_refusal_that_can_name_a_person_has_a_case_or_a_reason() -> None:
    known = {case.name for case in CASES} | set(HARMLESS)
    naming = {kind.__name__ for kind in every_refusal() if may_name(kind)}
    assert len(naming) > 20 and not naming - known, naming - known
    # A name in the lists that is none any more would hide a later one.
    assert not known - {kind.__name__ for kind in every_refusal()}


def told(case: Case, s: SimpleNamespace, by: Actor) -> tuple[str, str]:
    """The refusal's class and sentence, or what the act returned when it was done. What it did is undone."""
    with transaction.atomic():
        try:
            return "done", str(case.act(s, by))
        except Refusal as refusal:
            return type(refusal).__name__, refusal.message
        finally:
            transaction.set_rollback(True)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.name}-{case.seer}")
def test_the_name_is_shown_to_people_who_may_see_it_and_to_nobody_else(case: Case) -> None:
    s = scene()
    kind, sentence = told(case, s, s.actors[case.seer])
    assert kind == case.name and any(secret in sentence for secret in case.secrets(s)), (kind, sentence)
    for who, stranger in s.strangers.items():
        kind, sentence = told(case, s, stranger)
        assert not [secret for secret in case.secrets(s) if secret in sentence], (who, kind, sentence)
