"""What a record has that was merged into a person's is on that person's own pages, model by model (docs/adr/0024)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models
from django.test import Client
from django.urls import reverse

from accounts.actions import merging, proofs
from accounts.models import AccountApplication, User
from bulletin.actions import announcements
from bulletin.enums import Readers
from bulletin.queries.announcements import forget_today
from courses.models import EnrolmentWatch, SavedSearch
from hours.models import Objection
from jobs.models import Job
from kit import clock
from notices.models import Notice
from privacy import actions as own_copies
from tests.factories import (
    acting,
    close,
    make_account,
    make_course,
    make_enrolment,
    make_operator,
    make_unit,
    make_user,
    teacher,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def account(person: User) -> tuple[str, str]:
    row = make_account(user=person, valid_from=clock.today() - 9 * DAY)
    type(row).objects.filter(pk=row.pk).update(valid_until=clock.today() - DAY, ended_at=clock.now())
    return reverse("accounts:mine"), row.number


def its_page(person: User) -> tuple[str, str]:
    row = make_account(user=person, valid_from=clock.today() - 9 * DAY)
    type(row).objects.filter(pk=row.pk).update(valid_until=clock.today() - DAY, ended_at=clock.now())
    return reverse("courses:account", args=[row.pk]), row.number


def application(person: User) -> tuple[str, str]:
    unit, now = make_unit(name="曾申請的學校"), clock.now()
    facts = {"role": "handler", "reason": "接辦", "starts_on": clock.today(), "requested_at": now}
    AccountApplication.objects.create(
        user=person, unit=unit, state="refused", refusal="無此職務", decided_at=now, **facts
    )
    return reverse("accounts:mine"), unit.name


def paper(person: User) -> tuple[str, str]:
    proof = proofs.store(SimpleUploadedFile("p.pdf", b"%PDF-1"), person)
    assert proof
    return reverse("accounts:paper", args=[proof.pk]), "%PDF-1"


def job(person: User) -> Job:
    now = clock.now()
    facts = {"kind": "own_data", "language": "zh-hant", "fingerprint": "1", "created_at": now, "sent_at": now}
    return Job.objects.create(owner=person, state="failed", message="沒有做成", finished_at=now, **facts)


def jobs(person: User) -> tuple[str, str]:
    row = job(person)
    return reverse("jobs:mine"), reverse("jobs:job", args=[row.pk])


def one_job(person: User) -> tuple[str, str]:
    return reverse("jobs:job", args=[job(person).pk]), "沒有做成"


def notice(person: User) -> tuple[str, str]:
    Notice.objects.create(
        key="k1",
        kind="job_done",
        recipient=person,
        subject="您的工作",
        body="b",
        created_at=clock.now(),
        in_inbox=True,
    )
    return reverse("notices:inbox"), "您的工作"


def copy(person: User) -> tuple[str, str]:
    own_copies.make_copy(person)
    return reverse("privacy:own_data"), reverse("privacy:take_own_data")


def enrolment(person: User) -> tuple[str, str]:
    row = make_enrolment(make_course(title="資訊安全研習"), person)
    return reverse("hours:me"), row.course.title


def hours(person: User) -> tuple[str, str]:
    course = make_course(title="輔導知能研習", ago=3)
    make_enrolment(course, person)
    close(course)
    return reverse("hours:my_record"), course.title


def objection(person: User) -> tuple[str, str]:
    course = make_course(ago=3)
    make_enrolment(course, person)
    close(course)
    Objection.objects.create(course=course, user=person, text="當天有簽到", raised_at=clock.now())
    return reverse("hours:me"), "當天有簽到"


def watch(person: User) -> tuple[str, str]:
    course = make_course(title="森林療育工作坊", enrol_from=clock.today() + 2 * DAY)
    EnrolmentWatch.objects.create(person=person, course=course, since=clock.now())
    return reverse("courses:watches"), course.title


def search(person: User) -> tuple[str, str]:
    SavedSearch.objects.create(owner=person, name="資安課程", query="q=x")
    return reverse("courses:watches"), "資安課程"


def record(person: User) -> tuple[str, str]:
    # The merge itself concerns both records.
    return reverse("accounts:my_record"), "同一人"


Shown = Callable[[User], tuple[str, str]]
SHOWN: dict[str, tuple[Shown, ...]] = {
    "accounts.BusinessAccount": (account, its_page),
    "accounts.AccountApplication": (application,),
    "accounts.Proof": (paper,),
    "jobs.Job": (jobs, one_job),
    "notices.Notice": (notice,),
    "files.StoredFile": (copy,),
    "courses.Enrolment": (enrolment,),
    "hours.HourCredit": (hours,),
    "hours.Objection": (objection,),
    "courses.EnrolmentWatch": (watch,),
    "courses.SavedSearch": (search,),
    "accounts.User": (record,),
}
ENDS, WAITS = "ends with the merge", "a merge is refused while it waits"
OFFICE, NOT_SHOWN, OWN_TEST = (
    "an act in office",
    "on no page of its person",
    "tests/hours/test_merged_records.py",
)
OTHERS = {
    "account.EmailAddress": "of the log-in of this record",
    "mfa.Authenticator": "of the log-in of this record",
    "socialaccount.SocialAccount": "of the log-in of this record; leads to the remaining person",
    "usersessions.UserSession": ENDS,
    "accounts.Device": ENDS,
    "accounts.ApiToken": ENDS,
    "accounts.FirstLoginLink": ENDS,
    "courses.FeedAddress": ENDS,
    "accounts.Affiliation": "ends, and goes on with the remaining person",
    "accounts.IdentityChange": WAITS,
    "accounts.PlaceOffer": WAITS,
    "accounts.PlaceProposal": WAITS,
    "accounts.JoinRequest": "of a person who has no log-in yet",
    "accounts.Guest": "what a unit wrote of a person without a log-in",
    "accounts.PasswordMemory": NOT_SHOWN,
    "accounts.SupportView": "in the record, which is read of all records",
    "admin.LogEntry": NOT_SHOWN,
    "bulletin.Dismissal": "test_what_a_merged_record_dismissed_is_not_shown_again",
    "notices.NoticeSetting": "the choices of the remaining person count",
    "hours.LookUpDay": NOT_SHOWN,
    "hours.ClosingDraft": OFFICE,
    "hours.Attendance": OWN_TEST,
    "hours.MissedSign": OWN_TEST,
    "hours.SurveyAnswered": OWN_TEST,
    "courses.CourseHelper": "tests/courses/test_helpers.py",
    **dict.fromkeys(
        (
            "accounts.UnitList",
            "courses.YearlyPolicy",
            "courses.Course",
            "courses.Campaign",
            "courses.CourseMessage",
            "courses.PlannedAbsence",
            "courses.TransferRequest",
            "hours.Closing",
        ),
        OFFICE,
    ),
}


def test_each_model_that_names_a_person_is_looked_at() -> None:
    named = {
        model._meta.label
        for model in apps.get_models()
        if any(isinstance(f, models.ForeignKey) and f.related_model is User for f in model._meta.fields)
    }
    assert named == SHOWN.keys() | OTHERS.keys()


@pytest.mark.parametrize(
    "show", [show for shown in SHOWN.values() for show in shown], ids=lambda show: show.__name__
)
def test_the_remaining_person_sees_it(show: Shown) -> None:
    person, second, by = make_user(), make_user(), acting(make_operator())
    path, text = show(second)
    merging.merge(person=person, second=second, by=by, reason="同一人")
    client, stranger = Client(), Client()
    client.force_login(person)
    stranger.force_login(make_user())
    assert text in content(client, path)
    assert text not in content(stranger, path)


def test_what_a_merged_record_dismissed_is_not_shown_again() -> None:
    person, second, by = make_user(), make_user(), acting(make_operator())
    today = clock.today()
    row = announcements.publish(
        by=by, text="系統將於週六維護", readers=Readers.MEMBERS, county=None, first_day=today, last_day=today
    )
    forget_today()
    announcements.dismiss(announcement=row, by=teacher(second))
    client, path = Client(), reverse("hours:me")
    client.force_login(person)
    assert row.text in content(client, path)
    merging.merge(person=person, second=second, by=by, reason="同一人")
    assert row.text not in content(client, path)
    merging.undo(person=second, by=by, reason="兩人")
    assert row.text in content(client, path)


def content(client: Client, path: str) -> str:
    response = client.get(path)
    text = b"".join(response) if response.streaming else response.content
    return text.decode(errors="replace")
