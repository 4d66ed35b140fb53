"""A person of whom each table has a row that is kept for a time, and no longer in use."""

from datetime import timedelta
from typing import Any

from allauth.usersessions.models import UserSession

from accounts.models import (
    AccountApplication,
    AccountReview,
    Affiliation,
    Device,
    FirstLoginLink,
    IdentityChange,
    JoinRequest,
    PlaceOffer,
    PlaceProposal,
    Proof,
    SupportView,
    User,
)
from bulletin.models import Announcement, Dismissal
from courses.models import (
    Answer,
    Campaign,
    CampaignLetter,
    Course,
    CourseMessage,
    EnrolmentWatch,
    PlannedAbsence,
    Question,
)
from hours.models import Attendance, MissedSign, Objection, SurveyAnswered
from kit import clock
from notices.models import Notice
from tests.factories import (
    close,
    make_account,
    make_course,
    make_enrolment,
    make_key,
    make_unit,
    make_user,
)
from webhooks.models import Webhook


def course_of(person: User) -> Course:
    """A closed course of a person, with everything that is kept for a time."""
    course = make_course(ago=3)
    came = make_enrolment(course, person)
    make_enrolment(course, make_user(), state="cancelled")
    now, session = clock.now(), course.sessions.get()
    facts: dict[str, Any] = {"session": session, "user": person}
    Attendance.objects.create(
        **facts,
        kind="in",
        at=session.starts_at,
        way="hand",
        recorded_at=session.starts_at,
        recorded_by=person,
    )
    close(course)
    MissedSign.objects.create(
        **facts, text="忘記簽退", state="declined", raised_at=now, decided_at=now, decided_by=person
    )
    Objection.objects.create(
        course=course,
        user=person,
        text="t",
        state="answered",
        raised_at=now,
        answer="a",
        answered_by=person,
        answered_at=now,
    )
    PlannedAbsence.objects.create(
        enrolment=came, kind="sick", state="taken_back", stated_at=now, decided_at=now
    )
    SurveyAnswered.objects.create(course=course, user=person)
    question = Question.objects.create(course=course, number=1, kind="text", text="葷素")
    Answer.objects.create(enrolment=came, question=question, value="素")
    EnrolmentWatch.objects.create(person=person, course=course, since=now)
    CourseMessage.objects.create(
        course=course,
        audience="admitted",
        subject="s",
        text="t",
        sent_by=person,
        sent_at=now,
        form_key="0" * 32,
    )
    return course


def log_ins_of(person: User) -> None:
    now = clock.now()
    Device.objects.create(user=person, digest="d", label="b", first_seen=now, last_seen=now)
    make_key(person)
    FirstLoginLink.objects.create(
        user=person, digest="f", by_mail=True, created_at=now, expires_at=now + timedelta(1)
    )
    Notice.objects.create(
        key="k",
        kind="admitted",
        category="enrolment",
        recipient=person,
        subject="s",
        body="b",
        created_at=now,
        by_mail=False,
    )
    JoinRequest.objects.create(
        unit=make_unit(), name="n", email="j@x.example", language="zh-hant", id_hash="", state="refused", refusal="r",
        requested_at=now, decided_at=now, decided_by=person,
    )  # fmt: skip


def decisions_about(person: User) -> None:
    """What was decided about a person, and what the person published: each of it is over."""
    now = clock.now()
    ended: dict[str, Any] = {"ended_at": now, "valid_until": clock.today()}
    account = make_account(make_unit(), user=person, **ended)
    decided: dict[str, Any] = {
        "state": "approved", "reason": "r", "requested_at": now, "decided_at": now, "decided_by": make_user(),
    }  # fmt: skip
    paper = Proof.objects.create(
        name="聘書.pdf", content_type="application/pdf", uploaded_by=person, uploaded_at=now
    )
    AccountApplication.objects.create(
        user=person, unit=account.unit, starts_on=clock.today(), account=account, proof=paper, **decided
    )
    mails: dict[str, Any] = {"old_email": "a@x.example", "new_email": "b@x.example"}
    IdentityChange.objects.create(user=person, old_name="王退", new_name="王退休", **mails, **decided)
    PlaceOffer.objects.create(
        user=person, unit=account.unit, state="declined", offered_by=account, offered_at=now, answered_at=now
    )
    place = Affiliation.objects.filter(user=person).first()
    PlaceProposal.objects.create(
        person=person, unit=account.unit, place=place, day=clock.today(), source="move", **decided
    )
    AccountReview.objects.create(unit=account.unit, half="115-1", confirmed_by=account, confirmed_at=now)
    SupportView.objects.create(
        operator=account, person=person, reason="r", begun_at=now, until=now + timedelta(1)
    )
    UserSession.objects.create(user=person, session_key="s", ip="192.0.2.1", user_agent="u")
    Webhook.objects.create(account=account, url="https://x.example", secret="s", added_at=now, ended_at=now)
    announcement = Announcement.objects.create(
        published_by=account,
        readers="members",
        text="t",
        published_at=now,
        first_day=clock.today(),
        last_day=clock.today(),
    )
    Dismissal.objects.create(announcement=announcement, person=person, at=now)
    campaign = Campaign.objects.create(
        title="t", year=115, deadline=clock.today(), made_by=person, made_at=now, started_by=person, started_at=now,
        sent_by="王退休 (縣府)", ended_at=now,
    )  # fmt: skip
    CampaignLetter.objects.create(campaign=campaign, officer="王退休", mail=person.email, saved_at=now)
