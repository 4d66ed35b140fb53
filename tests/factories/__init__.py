"""Plain functions that make what a test needs; keywords override."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from importlib import import_module
from itertools import count
from typing import Any

from allauth.account.models import EmailAddress
from django.apps import apps
from django.contrib.auth.hashers import make_password

from accounts import identity
from accounts.acting import Actor
from accounts.actions.numbering import next_number
from accounts.enums import Role, UnitKind, UnitLevel
from accounts.models import (
    Affiliation,
    ApiToken,
    BusinessAccount,
    County,
    JoinRequest,
    PlaceOffer,
    Unit,
    User,
)
from courses.actions import enrolments
from courses.actions.registration import FIRST_CODE
from courses.actions.search_index import search_text
from courses.enums import CourseState, EnrolmentState
from courses.models import Course, Enrolment, Instructor, Session, Stage
from hours.actions.closing import close_course
from hours.models import Closing, Mark, Sheet, WalkIn
from kit import clock
from signin.actions import tokens
from signin.actions.mailboxes import mark_mailboxes_proved

_serial = count(1)
PASSWORD = "a-long-pass-word"


def make_county(name: str = "屏東縣", **fields: Any) -> County:
    return County.objects.get_or_create(name=name, defaults=fields)[0]


def make_unit(code: str | None = None, **fields: Any) -> Unit:
    number = next(_serial)
    fields = {
        "name": f"縣立測試國中{number}",
        "level": UnitLevel.JUNIOR_HIGH,
        "kind": UnitKind.SCHOOL,
        "county": fields["county"] if "county" in fields else make_county(),
    } | fields
    return Unit.objects.create(code=code or f"{600000 + number:06d}", **fields)


def make_user(name: str | None = None, unit: Unit | None = None, **fields: Any) -> User:
    """Make a person with the rows that a new password and a proved mailbox leave, without the ten statements that look for older
    ones.
    """
    number, now = next(_serial), clock.now()
    given = fields.pop("email", None)
    user = User(name=name or f"王老師{number}", email=given or f"person{number}@school.example", **fields)
    user.password, user.password_changed_at = make_password(PASSWORD), now
    user.save()
    user.former_passwords.create(encoded=user.password, created_at=now)
    if given is None:
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    else:
        mark_mailboxes_proved([user])
    if unit:
        Affiliation.objects.create(user=user, unit=unit, title="教師")
    return user


def make_colleagues(unit: Unit, number: int) -> list[User]:
    """Many people of one unit, each of another name, who never log in: a password takes its time."""
    people = User.objects.bulk_create(
        User(name=f"教師{chr(0x4E00 + n)}", email=f"colleague{next(_serial)}@school.example")
        for n in range(number)
    )
    Affiliation.objects.bulk_create(Affiliation(user=person, unit=unit) for person in people)
    return people


def make_join_request(unit: Unit, number: str = "A123456789", **fields: Any) -> JoinRequest:
    sealed, digest = identity.seal(number)
    fields = {
        "name": "林新進",
        "email": f"new{next(_serial)}@x.example",
        "title": "教師",
        "language": "zh-hant",
        "id_hash": digest,
    } | fields
    return JoinRequest.objects.create(unit=unit, id_sealed=sealed, requested_at=clock.now(), **fields)


def make_account(unit: Unit | None = None, user: User | None = None, **fields: Any) -> BusinessAccount:
    unit = unit or make_unit()
    user = user or make_user(unit=unit)
    fields = {"role": Role.HANDLER, "valid_from": clock.today() - timedelta(days=800)} | fields
    number = f"{unit.code}-{next_number(f'account:{unit.code}'):03d}"
    return BusinessAccount.objects.create(user=user, unit=unit, number=number, **fields)


def make_lead(unit: Unit | None = None, **fields: Any) -> BusinessAccount:
    return make_account(unit, role=Role.UNIT_LEAD, **fields)


def make_roster_keeper(unit: Unit | None = None, **fields: Any) -> BusinessAccount:
    return make_account(unit, role=Role.ROSTER, **fields)


def make_offer(unit: Unit, user: User | None = None, **fields: Any) -> PlaceOffer:
    by = BusinessAccount.objects.filter(unit=unit).first() or make_lead(unit)
    facts = {"title": "教師", "offered_by": by, "offered_at": clock.now()} | fields
    return PlaceOffer.objects.create(unit=unit, user=user or make_user(), **facts)


def make_key(user: User, *, for_business: bool = True) -> str:
    """The text of a key for programs; with `for_business` one for each of the person's accounts, as older keys are."""
    token, text = tokens.make(by=Actor(user), name="test")
    ApiToken.objects.filter(pk=token.pk).update(for_business=for_business)
    return text


def make_operator(**fields: Any) -> BusinessAccount:
    unit = make_unit(kind=UnitKind.OPERATOR, level=UnitLevel.NONE)
    return make_account(unit, role=Role.OPERATOR, **fields)


def make_officer(county: County | None = None, **fields: Any) -> BusinessAccount:
    unit = make_unit(kind=UnitKind.COUNTY_OFFICE, level=UnitLevel.NONE, county=county or make_county())
    return make_account(unit, role=Role.COUNTY_OFFICER, **fields)


def acting(account: BusinessAccount) -> Actor:
    """The person under the hat of this account."""
    return Actor(
        account.user, BusinessAccount.objects.select_related("unit__county", "user").get(pk=account.pk)
    )


def teacher(user: User) -> Actor:
    return Actor(user)


def make_course(
    handler: BusinessAccount | None = None, *, day: date | None = None, ago: int | None = None, **fields: Any
) -> Course:
    """A registered course of one afternoon (13:30–16:30) on `day`, `ago` days back, or in two weeks."""
    handler = handler or make_account()
    held = day or clock.today() + timedelta(days=14 if ago is None else -ago)
    start = clock.at_taipei(held, time(13, 30))
    state = fields.pop("state", CourseState.REGISTERED)
    course = Course(
        **{
            "code": str(next_number("course", start=FIRST_CODE)),
            "unit": handler.unit,
            "handler": handler,
            "state": state,
            "title": f"測試研習{next(_serial)}",
            "approval_number": "無文號",
            "summary": "摘要",
            "audience": "國中教師",
            "materials": "講義",
            "method": "講授",
            "place": "視聽教室",
            "hours": Decimal("3"),
            "capacity": 30,
            "contact_name": "承辦人",
            "contact_phone": "08-8642009",
            "starts_on": held,
            "ends_on": held,
            "ends_at": start + timedelta(hours=3),
            "year": clock.roc_year(held),
            "registered_at": clock.now() if state != CourseState.DRAFT else None,
        }
        | fields
    )
    course.search_text = search_text(course, ["黃講師"])
    course.save()
    Session.objects.create(
        course=course, starts_at=start, ends_at=course.ends_at or start + timedelta(hours=3)
    )
    Instructor.objects.create(course=course, name="黃講師", organisation="國立屏東大學")
    # `stages.set` looks for earlier ones and needs a savepoint.
    of_a_stage = Course.stages.through
    of_a_stage.objects.bulk_create(
        of_a_stage(course=course, stage=stage) for stage in Stage.objects.filter(code="30")
    )
    return course


def make_enrolment(
    course: Course, user: User | None = None, state: str = EnrolmentState.ADMITTED, **fields: Any
) -> Enrolment:
    """A row in any state; an admitted one takes its place."""
    user = user or make_user(unit=course.unit)
    row = Enrolment.objects.create(
        course=course,
        user=user,
        unit=course.unit,
        state=state,
        enrolled_at=fields.pop("enrolled_at", clock.now()),
        **fields,
    )
    if row.state == EnrolmentState.ADMITTED and not row.walk_in:
        Course.objects.filter(pk=course.pk).update(seats_taken=course.enrolments.seated().count())
        course.refresh_from_db()
    return row


def enrol(course: Course, user: User | None = None, at: datetime | None = None) -> Enrolment:
    """Through the real action."""
    return enrolments.enrol(code=course.code, by=Actor(user or make_user()), at=at)


def close(course: Course, absent: tuple[Enrolment, ...] = (), key: str = "key") -> Closing:
    """Close through the real action: everybody present with full hours but `absent`."""
    gone = {row.pk for row in absent}
    rows = course.enrolments.filter(state=EnrolmentState.ADMITTED).counting_once()
    marks = {
        r.pk: Mark(EnrolmentState.ABSENT) if r.pk in gone else Mark.of(EnrolmentState.ATTENDED, course.hours)
        for r in rows
    }
    return close_course(course=course, by=acting(course.handler), sheet=Sheet(key, marks))


def overdue_courses(handler: BusinessAccount, number: int) -> list[Course]:
    """Courses that light the unit now, whatever the date: they count by the running year's policy.

    In the first weeks of a year no course of that year can be overdue; tests that need the real calendar move the clock.
    """
    return [make_course(handler, ago=40 + i) for i in range(number)]


def reference_lists() -> None:
    """Stages, tags and the like again, after a transactional test has emptied the database."""
    if not Stage.objects.exists():
        import_module("courses.migrations.0002_reference_lists").load(apps, None)


def sheet_with(marks: Mapping[int, tuple[str, str]], walk_ins: Mapping[int, str] | None = None) -> Sheet:
    """A sheet as a draft stores it: outcome and typed hours by enrolment, typed hours of walk-ins by person."""
    walked = [WalkIn(pk, typed) for pk, typed in (walk_ins or {}).items()]
    return Sheet(marks={pk: Mark(*mark) for pk, mark in marks.items()}, walk_ins=tuple(walked))
