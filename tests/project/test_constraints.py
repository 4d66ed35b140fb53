"""Each named constraint of the database refuses what it is for, whatever the actions and forms above it do.

A case changes a valid row in one respect and writes it past every model method (`bulk_create`). The unchanged row is written first, so a
refusal can only come from the change; where the database names the constraint, the name is compared too.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction

from accounts.enums import OfferState, RequestState, Role
from accounts.models import (
    AccountApplication,
    AccountReview,
    Affiliation,
    ApiToken,
    BusinessAccount,
    County,
    DayOff,
    Device,
    FirstLoginLink,
    FormerCode,
    FormerName,
    Guest,
    IdentityChange,
    JoinRequest,
    Level,
    PlaceOffer,
    PlaceProposal,
    SupportView,
    Title,
    Unit,
    UnitList,
    UnitListRow,
    UnitSuccessor,
    User,
)
from api.models import IdempotencyKey
from audit.models import AuditChain, AuditEvent, AuditSeal, AuditSubject
from backup.models import Run
from bulletin.models import Announcement, Dismissal, Download
from courses.enums import (
    Colour,
    CourseState,
    DeclineCause,
    EnrolmentState,
    PlannedAbsenceState,
    TransferState,
)
from courses.models import (
    Answer,
    AudienceGroup,
    AudienceTarget,
    Campaign,
    CampaignLetter,
    CampaignUnit,
    Course,
    CourseFile,
    CourseHelper,
    CourseMessage,
    CourseNature,
    Enrolment,
    EnrolmentWatch,
    FeedAddress,
    PlannedAbsence,
    Postponement,
    Question,
    Quota,
    SavedSearch,
    Session,
    Stage,
    Suspension,
    Tag,
    TransferRequest,
    UnitLight,
    YearlyPolicy,
)
from courses.models.policy_bounds import BOUNDS
from files.models import StoredFile
from hours.enums import CreditKind, ObjectionState
from hours.models import (
    Attendance,
    Certificate,
    Closing,
    ClosingDraft,
    HourCredit,
    LookUpDay,
    MissedSign,
    Objection,
    Survey,
    SurveyAnswered,
    SurveyQuestion,
)
from inservice.packages import PACKAGES
from jobs.enums import JobState
from jobs.models import Job, JobRefusal
from kit import clock
from notices.enums import Category
from notices.models import Notice, NoticeSetting, TimedRun
from tests.factories import (
    make_account,
    make_course,
    make_enrolment,
    make_officer,
    make_operator,
    make_unit,
    make_user,
)
from webhooks.models import Delivery, Webhook

pytestmark = pytest.mark.django_db


def county() -> County:
    return County(name="測試縣")


def run() -> Run:
    return Run(kind="backup", began_at=NOW, ended_at=NOW)


def stored_file() -> StoredFile:
    return StoredFile(
        key="a" * 32,
        kind="papers",
        owner=make_user(),
        name="a.pdf",
        content_type="application/pdf",
        size=1,
        digest="d" * 64,
        path="papers/a",
        created_at=NOW,
    )


def announcement() -> Announcement:
    officer = make_officer()
    return Announcement(
        text="停機維護",
        readers="members",
        county=officer.unit.county,
        first_day=date(2026, 11, 24),
        last_day=date(2026, 11, 25),
        published_by=officer,
        published_at=NOW,
    )


def dismissal() -> Dismissal:
    row = announcement()
    row.save()
    return Dismissal(announcement=row, person=make_user(), at=NOW)


def download() -> Download:
    officer, file = make_officer(), stored_file()
    file.save()
    return Download(
        title="格式",
        readers="members",
        county=officer.unit.county,
        file=file,
        published_by=officer,
        published_at=NOW,
        changed_at=NOW,
    )


def support_view() -> SupportView:
    return SupportView(
        operator=make_operator(),
        person=make_user(),
        reason="求助",
        begun_at=NOW,
        until=NOW + timedelta(minutes=30),
    )


def level() -> Level:
    if Level.objects.count() > 1:
        Level.objects.all().delete()
    return Level(code="preschool", name="n")


def title() -> Title:
    return Title(code="x1", name="n")


def day_off(*, national: bool = False) -> DayOff:
    officer = make_officer()
    place = None if national else officer.unit.county
    return DayOff(day=date(2026, 11, 25), county=place, name="颱風", added_by=officer, added_at=NOW)


def unit() -> Unit:
    row = make_unit()
    return copy(row, code="690001")


def user() -> User:
    return User(name="王一", email="one@school.example", id_hash="1" * 64, passport_hash="2" * 64)


def merged() -> User:
    more = {"closed_at": clock.now(), "closed_because": "merged", "is_active": False}
    return User(name="王二", email="two@school.example", merged_into=make_user(), **more)


def guest() -> Guest:
    return Guest(person=make_user(), unit=make_unit(), email="lin@x.example", entered_at=clock.now())


def former_name() -> FormerName:
    return FormerName(unit=make_unit(), name="原校名", until=clock.today())


def succession() -> UnitSuccessor:
    return UnitSuccessor(unit=make_unit(), successor=make_unit(), since=clock.today())


def list_row() -> UnitListRow:
    found = UnitList.objects.create(name="n", uploaded_by=make_user(), uploaded_at=clock.now())
    return UnitListRow(unit_list=found, group="new", code="600000", name="n")


def former_code() -> FormerCode:
    return FormerCode(unit=make_unit(), code="600000", level="elementary", until=clock.today())


def affiliation() -> Affiliation:
    return Affiliation(user=make_user(), unit=make_unit(), title="教師")


def account() -> BusinessAccount:
    return BusinessAccount(
        user=make_user(), unit=make_unit(), number="690001-001", role=Role.HANDLER, valid_from=clock.today()
    )


def application() -> AccountApplication:
    return AccountApplication(
        user=make_user(), unit=make_unit(), starts_on=clock.today(), requested_at=clock.now()
    )


def change() -> IdentityChange:
    return IdentityChange(user=make_user(), new_name="王二", requested_at=clock.now())


def review() -> AccountReview:
    lead = make_account(role=Role.UNIT_LEAD)
    return AccountReview(unit=lead.unit, half="115-2", confirmed_by=lead, confirmed_at=clock.now())


def device() -> Device:
    return Device(user=make_user(), digest="a" * 64, first_seen=clock.now(), last_seen=clock.now())


def token() -> ApiToken:
    now = clock.now()
    return ApiToken(user=make_user(), name="k", digest="b" * 64, created_at=now, expires_at=now)


def join_request() -> JoinRequest:
    return JoinRequest(
        unit=make_unit(), name="林新進", email="new@x.example", id_hash="1" * 64, requested_at=clock.now()
    )


def offer() -> PlaceOffer:
    lead = make_account(role=Role.UNIT_LEAD)
    return PlaceOffer(user=make_user(), unit=lead.unit, offered_by=lead, offered_at=clock.now())


def proposal() -> PlaceProposal:
    return PlaceProposal(
        person=make_user(), unit=make_unit(), day=clock.today(), source="move", requested_at=clock.now()
    )


def first_login_link() -> FirstLoginLink:
    now = clock.now()
    return FirstLoginLink(
        user=make_user(), digest="c" * 64, by_mail=True, created_at=now, expires_at=now + timedelta(days=14)
    )


def subject() -> AuditSubject:
    event = AuditEvent.objects.create(at=clock.now(), action="a.b", object_type="x", object_id="1")
    return AuditSubject(event=event, person_id=1)


def seal() -> AuditSeal:
    return AuditSeal(
        chain="act", number=1, first_id=1, last_id=1, last_at=clock.now(), leaves=b"", sealed_at=clock.now()
    )


def chain() -> AuditChain:
    AuditChain.objects.all().delete()
    return AuditChain(kind="act")


def notice() -> Notice:
    return Notice(key="k", kind="x", recipient=make_user(), created_at=clock.now())


def setting() -> NoticeSetting:
    return NoticeSetting(
        recipient=make_user(), category=Category.REMINDERS, by_mail=False, changed_at=clock.now()
    )


def job() -> Job:
    now = clock.now()
    return Job(owner=make_user(), kind="x", language="en", fingerprint="f", created_at=now, sent_at=now)


def refusal() -> JobRefusal:
    saved = job()
    saved.save()
    return JobRefusal(job=saved, line=1)


def policy() -> YearlyPolicy:
    return YearlyPolicy(year=150, version=1)


def course() -> Course:
    row = make_course()
    return copy(row, code="9000001", seats_taken=0)


def kept_file() -> StoredFile:
    row = stored_file()
    row.key, row.path = uuid4().hex, f"papers/{uuid4().hex}"
    row.save()
    return row


def course_file() -> CourseFile:
    return CourseFile(course=make_course(), kind="plan", file=kept_file(), open_from="")


def material() -> CourseFile:
    return CourseFile(course=make_course(), kind="material", file=kept_file(), open_from="start")


def message() -> CourseMessage:
    row = make_course()
    facts = {"audience": "admitted", "subject": "s", "text": "t", "sent_at": clock.now()}
    return CourseMessage(course=row, sent_by=row.handler.user, form_key=KEY, **facts)


def session() -> Session:
    now = clock.now()
    return Session(course=make_course(), starts_at=now, ends_at=now + timedelta(hours=1))


def enrolment() -> Enrolment:
    made = make_course()
    return Enrolment(
        course=made, user=make_user(), unit=made.unit, state=EnrolmentState.APPLIED, enrolled_at=clock.now()
    )


def light() -> UnitLight:
    return UnitLight(unit=make_unit(), year=115, computed_at=clock.now())


def campaign() -> Campaign:
    return Campaign(title="清查", year=115, deadline=clock.today(), made_by=make_user(), made_at=NOW)


def campaign_unit() -> CampaignUnit:
    saved = campaign()
    saved.save()
    return CampaignUnit(campaign=saved, unit=make_unit(), courses=1)


def question() -> Question:
    return Question(course=make_course(), number=10, kind="text", text="備註")


def answer() -> Answer:
    row = make_enrolment(make_course())
    asked = Question.objects.create(course=row.course, number=1, kind="text", text="備註")
    return Answer(enrolment=row, question=asked, value="葷")


def quota() -> Quota:
    return Quota(course=make_course(), open_to="own_unit", places=5)


def audience_target() -> AudienceTarget:
    return AudienceTarget(course=make_course(), unit=make_unit())


def helper() -> CourseHelper:
    return CourseHelper(
        course=make_course(), user=make_user(), participation="lecturer", named_at=clock.now()
    )


def watch() -> EnrolmentWatch:
    return EnrolmentWatch(person=make_user(), course=make_course(), since=clock.now())


def feed_address(account: BusinessAccount | None = None) -> FeedAddress:
    person = account.user if account else make_user()
    return FeedAddress(person=person, account=account, digest="a", made_at=clock.now())


def letter() -> CampaignLetter:
    saved = campaign()
    saved.save()
    return CampaignLetter(campaign=saved, issuer="屏東縣政府", subject="結案", items="結案", saved_at=NOW)


def search() -> SavedSearch:
    return SavedSearch(owner=make_user(), name="n")


def transfer() -> TransferRequest:
    made = make_course()
    return TransferRequest(
        course=made,
        from_account=made.handler,
        to_account=make_account(unit=made.unit),
        requested_by=made.handler.user,
        requested_at=clock.now(),
    )


def closing() -> Closing:
    made = make_course()
    zero = dict.fromkeys(("attended", "absent", "excused", "walk_ins", "hours_total"), 0)
    return Closing(
        course=made,
        request_key="k",
        closed_by=made.handler.user,
        account=made.handler,
        closed_at=clock.now(),
        **zero,
    )


def credit() -> HourCredit:
    made = make_course()
    row = make_enrolment(made)
    return HourCredit(
        enrolment=row,
        course=made,
        user=row.user,
        kind=CreditKind.ISSUED,
        hours=Decimal(3),
        issued_by=made.handler.user,
        issued_at=clock.now(),
    )


def certificate() -> Certificate:
    row = enrolment()
    row.save()
    return Certificate(course=row.course, enrolment=row, serial=1, name="王小明", hours=3, issued_at=NOW)


def draft() -> ClosingDraft:
    return ClosingDraft(course=make_course(), saved_by=make_user(), version=1, saved_at=clock.now())


def sign() -> Attendance:
    person = make_user()
    session = make_course(ago=1).sessions.get()
    return Attendance(
        session=session, user=person, kind="in", at=NOW, way="hand", recorded_at=NOW, recorded_by=person
    )


def survey() -> Survey:
    return Survey(course=make_course())


def survey_answered() -> SurveyAnswered:
    return SurveyAnswered(course=make_course(), user=make_user())


def survey_question() -> SurveyQuestion:
    return SurveyQuestion(course=make_course(), number=1, kind="text", text="q")


def missed_sign() -> MissedSign:
    session = make_course(ago=1).sessions.get()
    return MissedSign(session=session, user=make_user(), text="忘記簽到", raised_at=NOW)


def look_up() -> LookUpDay:
    return LookUpDay(person=make_user(), day=clock.today())


def suspension() -> Suspension:
    return Suspension(
        county=make_unit().county, name="颱風", day=clock.today(), made_by=make_account(), made_at=clock.now()
    )


def webhook() -> Webhook:
    return Webhook(account=make_account(), url="https://x.example/", purpose="p", secret="s", added_at=NOW)


def delivery() -> Delivery:
    hook = webhook()
    hook.save()
    return Delivery(webhook=hook, message_id="m", kind="course.closed", body="{}", made_at=NOW, next_at=NOW)


def postponement() -> Postponement:
    found = suspension()
    found.save()
    return Postponement(suspension=found, course=make_course(), postponed_at=clock.now())


def planned_absence() -> PlannedAbsence:
    return PlannedAbsence(enrolment=make_enrolment(make_course()), kind="sick", stated_at=clock.now())


def objection() -> Objection:
    return Objection(course=make_course(), user=make_user(), text="t", raised_at=clock.now())


def copy(row: Any, **fields: Any) -> Any:
    """A row of the same values that is not saved."""
    values = {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields if not f.primary_key}
    return type(row)(**values | fields)


@dataclass(frozen=True)
class Case:
    """`twice`: the valid row is written first, the changed one beside it."""

    name: str
    make: Callable[[], Any]
    change: Callable[[Any], dict[str, Any]] = field(default=lambda row: {})
    twice: bool = False
    # Makes the first row again valid for the case (a condition of a partial UNIQUE, for example).
    first: Callable[[Any], dict[str, Any]] = field(default=lambda row: {})


def check(name: str, make: Callable[[], Any], **change: Any) -> Case:
    return Case(name, make, lambda row: change)


def unique(name: str, make: Callable[[], Any], **other: Any) -> Case:
    """Two rows that differ in `other` only."""
    return Case(name, make, lambda row: other, twice=True)


def out_of_bounds(name: str) -> Case:
    """The largest allowed value and one more; what depends on it is far enough away not to be the reason."""
    return check(f"courses_policy_{name}_bounds", policy, **{name: BOUNDS[name][1] + 1} | WIDE.get(name, {}))


WIDE: dict[str, dict[str, int]] = {
    "unit_yellow_at": {"unit_red_at": 32_000},
    "teacher_yellow_at": {"teacher_red_at": 32_000},
    "hours_a_day": {"hours_a_week": 168},
    "last_warning_days": {"first_warning_days": 60},
    "doubt_remind_days": {"doubt_answer_days": 90, "doubt_county_days": 180},
    "doubt_answer_days": {"doubt_county_days": 180},
}
NOW = clock.now()
KEY = uuid4()


def idempotency_key() -> IdempotencyKey:
    return IdempotencyKey(caller=1, key_hash="1", request_digest="2", status=201, answer="{}", created_at=NOW)


CASES = [
    unique("api_idempotency_key_once", idempotency_key),
    check("api_idempotency_key_of_an_act", idempotency_key, status=409),
    unique("audit_subject_person_event", subject),
    unique("audit_seal_chain_number", seal),
    unique("AuditChain.kind", chain),
    check("notices_has_a_reader", notice, recipient_id=None),
    unique("Notice.key", notice),
    unique("notices_one_setting_a_category", setting),
    unique("notices_one_run_a_kind_and_day", lambda: TimedRun(kind="k", day=date(2026, 1, 1))),
    check("notices_only_optional_mail_is_off", setting, category=Category.SECURITY),
    check("jobs_job_state_known", job, state="odd", finished_at=None),
    check("jobs_job_done_within_total", job, total=1, done=2),
    check("jobs_job_finished_has_its_time", job, state=JobState.DONE),
    check("jobs_job_running_was_claimed", job, state=JobState.RUNNING),
    check("jobs_job_saved_is_never_undone", job, committed_at=NOW),
    check(
        "jobs_job_expired_keeps_no_file",
        job,
        expired_at=NOW,
        result_file="f",
        state=JobState.DONE,
        finished_at=NOW,
    ),
    unique("jobs_one_live_job_of_the_same", job),
    unique("jobs_refusal_once_a_cell", refusal),
    check("jobs_refusal_line_counts_from_one", refusal, line=0),
    check("backup_run_kind_known", run, kind="odd"),
    check("backup_run_ends_after_it_began", run, ended_at=NOW - timedelta(1)),
    unique("StoredFile.key", stored_file, path="papers/b"),
    unique("StoredFile.path", stored_file, key="b" * 32),
    check("files_file_is_not_empty", stored_file, size=0),
    check("files_file_kept_from_its_upload_on", stored_file, keep_until=NOW - timedelta(seconds=1)),
    check("bulletin_announcement_readers_known", announcement, readers="odd"),
    check("bulletin_announcement_visitors_have_no_county", announcement, readers="everybody"),
    check("bulletin_announcement_ends_after_start", announcement, last_day=date(2026, 11, 1)),
    check("bulletin_download_readers_known", download, readers="odd"),
    check("bulletin_download_visitors_have_no_county", download, readers="everybody"),
    unique("bulletin_dismissed_once", dismissal),
    *(
        check(
            f"courses_{name}_valid_in_order",
            make,
            valid_from=date(2026, 11, 2),
            valid_until=date(2026, 11, 1),
        )
        for name, make in (
            ("stage", lambda: Stage(code="x2", name="n")),
            ("audiencegroup", lambda: AudienceGroup(code="x2", name="n")),
            ("tag", lambda: Tag(code="x2", name="n")),
            ("coursenature", lambda: CourseNature(code="x2", name="n")),
        )
    ),
    Case("accounts_key_of_an_account_is_for_business", token, lambda row: {"account_id": make_account().pk}),
    check(
        "accounts_title_valid_in_order", title, valid_from=date(2026, 11, 2), valid_until=date(2026, 11, 1)
    ),
    unique("Title.code", title),
    check("accounts_level_code_known", level, code="other"),
    check(
        "accounts_level_valid_in_order", level, valid_from=date(2026, 11, 2), valid_until=date(2026, 11, 1)
    ),
    unique("Level.code", level),
    check("webhooks_webhook_has_an_address", webhook, url=""),
    check("webhooks_former_secret_has_an_end", webhook, former_secret="s"),
    unique("webhooks_message_once", delivery, kind="course.changed"),
    check("webhooks_taken_or_given_up", delivery, delivered_at=NOW, given_up_at=NOW),
    check("accounts_support_view_is_limited", support_view, until=NOW),
    check("accounts_support_view_has_a_reason", support_view, reason=""),
    unique("accounts_one_day_off_a_county", day_off),
    unique("accounts_one_national_day_off", lambda: day_off(national=True)),
    unique("County.name", county),
    unique("accounts_unit_code_and_level", unit),
    check("accounts_unit_kind_known", unit, kind="odd"),
    check("accounts_unit_level_known", unit, level="odd"),
    unique("accounts_one_former_name_a_day", former_name),
    check("accounts_list_row_group_known", list_row, group="odd"),
    check("accounts_list_row_state_known", list_row, state="odd"),
    check("accounts_unit_ends_after_start", unit, since=date(2026, 8, 2), until=date(2026, 8, 1)),
    unique("accounts_one_succession_a_pair", succession),
    Case("accounts_unit_not_its_own_successor", succession, lambda row: {"successor_id": row.unit_id}),
    unique("accounts_one_former_code_a_day", former_code),
    check("accounts_unit_school_type_known", unit, school_type="odd"),
    check("accounts_unit_has_a_county", unit, county_id=None),
    unique(
        "accounts_user_email_any_case",
        user,
        email="ONE@school.example",
        id_hash="3" * 64,
        passport_hash="4" * 64,
    ),
    unique("User.id_hash", user, email="two@school.example", passport_hash="4" * 64),
    unique("User.passport_hash", user, email="two@school.example", id_hash="3" * 64),
    check(
        "accounts_place_ends_after_start",
        affiliation,
        since=clock.today(),
        until=clock.today() - timedelta(days=1),
    ),
    check("accounts_substitute_has_last_day", affiliation, is_substitute=True),
    check("accounts_account_role_known", account, role="odd"),
    check("accounts_account_ends_after_start", account, valid_until=date(2000, 1, 1)),
    unique("accounts_one_open_appointment", account, number="690001-002"),
    unique("BusinessAccount.number", account, role=Role.UNIT_LEAD),
    unique("accounts_one_pending_application", application),
    check("accounts_application_ends_after_start", application, ends_on=date(2000, 1, 1)),
    Case(
        "accounts_application_not_own_judge",
        application,
        lambda row: {"decided_by_id": row.user_id, "state": RequestState.REFUSED},
    ),
    check("accounts_application_approved_has_account", application, state=RequestState.APPROVED),
    Case(
        "AccountApplication.account",
        application,
        lambda row: {"role": Role.UNIT_LEAD},
        twice=True,
        first=lambda row: {"account_id": make_account().pk, "state": RequestState.APPROVED},
    ),
    unique("accounts_one_pending_change", change),
    Case(
        "accounts_change_not_own_judge",
        change,
        lambda row: {"decided_by_id": row.user_id, "state": RequestState.REFUSED},
    ),
    unique("accounts_one_review_a_half", review),
    unique("accounts_device_once", device),
    unique("ApiToken.digest", token),
    check("accounts_closed_person_has_no_login", user, closed_at=NOW, closed_because="retired"),
    check("accounts_merged_person_is_closed", user, merged_into_id=1),
    check("accounts_nobody_is_merged_into_oneself", merged, id=990_001, merged_into_id=990_001),
    check("accounts_guest_has_no_login", user, is_guest=True),
    unique("Guest.person", guest, email="other@x.example"),
    Case(
        "accounts_guest_once_a_unit_and_mailbox",
        guest,
        lambda row: {"person_id": make_user().pk},
        twice=True,
    ),
    unique("accounts_one_pending_offer", offer),
    check("accounts_offer_ends_after_start", offer, since=date(2026, 8, 1), until=date(2026, 7, 31)),
    check("accounts_offer_answered_has_time", offer, state=OfferState.ACCEPTED),
    unique("accounts_one_pending_proposal", proposal),
    check("accounts_proposal_source_known", proposal, source="odd"),
    unique("accounts_one_pending_join_request", join_request),
    check("accounts_join_request_forgets_number", join_request, state=RequestState.REFUSED, id_sealed="x"),
    check("accounts_join_request_approved_has_person", join_request, state=RequestState.APPROVED),
    Case("FirstLoginLink.digest", first_login_link, lambda row: {"user_id": make_user().pk}, twice=True),
    unique("accounts_one_open_first_login_link", first_login_link, digest="d" * 64),
    check("accounts_first_login_link_has_a_life", first_login_link, expires_at=NOW - timedelta(days=9000)),
    unique("courses_policy_year_and_version", policy),
    *(out_of_bounds(name) for name in BOUNDS),
    check("courses_policy_unit_order", policy, unit_yellow_at=5, unit_red_at=5),
    check("courses_policy_teacher_order", policy, teacher_yellow_at=3, teacher_red_at=3),
    check("courses_policy_week_holds_a_day", policy, hours_a_day=8, hours_a_week=7),
    check("courses_policy_first_warning_first", policy, first_warning_days=5, last_warning_days=5),
    check("courses_policy_doubt_order", policy, doubt_county_days=14),
    check("courses_policy_hour_step_parts", policy, hour_step=Decimal("0.3")),
    check("courses_policy_final_deadline_next_year", policy, final_deadline=date(2061, 12, 31)),
    unique("Stage.code", lambda: Stage(code="x1", name="n")),
    unique("AudienceGroup.code", lambda: AudienceGroup(code="x1", name="n")),
    unique("Tag.code", lambda: Tag(code="x1", name="n")),
    unique("CourseNature.code", lambda: CourseNature(code="x1", name="n")),
    unique("Course.code", course),
    check("courses_course_seats_within_capacity", course, capacity=3, seats_taken=4),
    check("courses_course_state_known", course, state="odd"),
    check("courses_course_leave_kind_known", course, leave_kind="odd"),
    check("courses_course_hours_by_known", course, hours_by="odd"),
    Case("CourseFile.file", material, lambda row: {"course_id": make_course().pk}, twice=True),
    Case(
        "courses_file_one_poster_and_plan",
        course_file,
        lambda row: {"file_id": kept_file().pk},
        twice=True,
    ),
    check("courses_file_materials_open_from", course_file, open_from="start"),
    unique("courses_message_one_a_form", message),
    check("courses_message_audience_known", message, audience="odd"),
    check("courses_course_travel_known", course, travel="odd"),
    check("courses_course_kept_seats_within_capacity", course, seats_taken=20, seats_kept=11),
    check("courses_course_open_to_known", course, open_to="odd"),
    unique("courses_question_number_once", question, text="另一題"),
    check("courses_question_ten_at_most", question, number=11),
    check("courses_question_choices_fit_kind", question, kind="choice"),
    unique("courses_answer_one_a_person_and_question", answer, value="素"),
    check("courses_answer_says_something", answer, value=""),
    check("courses_quota_taken_within_places", quota, taken=6),
    check("courses_quota_has_places", quota, places=0),
    check("courses_quota_is_for_some", quota, open_to="all"),
    Case(
        "courses_audience_target_is_one_thing", audience_target, lambda row: {"county_id": row.unit.county_id}
    ),
    check("courses_course_questionnaire_known", course, questionnaire="odd"),
    Case("courses_course_second_handler_is_another", course, lambda row: {"co_handler_id": row.handler_id}),
    check("courses_course_hours_positive", course, hours=Decimal(0)),
    check(
        "courses_course_enrolment_closes_after_it_opens",
        course,
        enrol_from=date(2026, 12, 2),
        enrol_until=date(2026, 12, 1),
    ),
    check("courses_course_code_is_digits", course, code="0123456"),
    check("courses_course_registered_has_dates", course, year=None),
    check("courses_course_closed_has_a_time", course, state=CourseState.CLOSED),
    check("courses_course_withdrawn_says_why", course, state=CourseState.WITHDRAWN),
    Case(
        "courses_course_one_a_form",
        course,
        lambda row: {"code": "9000002"},
        twice=True,
        first=lambda row: {"form_key": KEY},
    ),
    Case("courses_session_ends_after_start", session, lambda row: {"ends_at": row.starts_at}),
    unique("courses_enrolment_one_a_person_and_course", enrolment),
    unique("courses_helper_one_a_person_and_course", helper),
    check("courses_helper_is_lecturer_or_staff", helper, participation="participant"),
    check("courses_enrolment_state_known", enrolment, state="odd"),
    check("courses_enrolment_participation_known", enrolment, participation="odd", state="attended"),
    check("courses_enrolment_helper_has_outcome", enrolment, participation="lecturer"),
    check("courses_enrolment_cause_of_a_refusal", enrolment, cause=DeclineCause.values[0]),
    unique("courses_light_one_a_unit_and_year", light),
    check("courses_light_colour_known", light, colour="odd"),
    check("courses_light_red_means_registration_off", light, colour=Colour.RED),
    check("courses_campaign_begun_by_somebody", campaign, started_at=NOW),
    check("courses_campaign_ends_after_it_began", campaign, ended_at=NOW),
    unique("courses_campaign_asks_a_unit_once", campaign_unit),
    check("courses_campaign_unit_has_courses", campaign_unit, courses=0),
    check("courses_letter_secrecy_known", letter, secrecy="odd"),
    check("courses_letter_speed_known", letter, speed="odd"),
    unique("CampaignLetter.campaign", letter),
    unique("courses_saved_search_one_name_a_person", search),
    unique("courses_one_watch_a_course", watch),
    unique("courses_one_feed_a_person", feed_address, digest="b"),
    unique("courses_one_feed_an_account", lambda: feed_address(make_account()), digest="b"),
    unique("FeedAddress.digest", lambda: feed_address(make_account()), account_id=None),
    unique("courses_transfer_one_pending_a_course", transfer),
    Case(
        "courses_transfer_between_two_accounts",
        transfer,
        lambda row: {"to_account_id": row.from_account_id},
    ),
    check("courses_transfer_refused_says_why", transfer, state=TransferState.REFUSED),
    unique("Closing.course", closing),
    Case(
        "hours_certificate_number_once", certificate, lambda row: {"hours": 2, "token": "B" * 28}, twice=True
    ),
    Case(
        "hours_certificate_once_a_name",
        certificate,
        lambda row: {"serial": 2, "token": "B" * 28},
        twice=True,
    ),
    Case("Certificate.token", certificate, lambda row: {"serial": 2, "hours": 2}, twice=True),
    check("hours_certificate_has_hours", certificate, hours=0),
    check("hours_certificate_participation_known", certificate, participation="odd"),
    unique("hours_credit_issued_once", credit),
    check("hours_credit_sign_fits_kind", credit, hours=Decimal(-1)),
    check("hours_credit_participation_known", credit, participation="odd"),
    check("hours_credit_correction_says_why", credit, kind=CreditKind.CORRECTED),
    unique("hours_closing_draft_one_a_course_and_person", draft, version=2),
    Case(
        "hours_closing_draft_version_once",
        draft,
        lambda row: {"saved_by_id": make_user().pk},
        twice=True,
    ),
    check("hours_closing_draft_version_counts", draft, version=0),
    unique("hours_attendance_once_a_session_and_kind", sign, at=NOW),
    check("hours_attendance_kind_known", sign, kind="odd"),
    check("hours_attendance_way_known", sign, way="odd"),
    check("hours_attendance_device_of_a_phone", sign, device="d" * 64),
    check("hours_attendance_taken_back_by_somebody", sign, taken_back_at=NOW),
    unique("Survey.course", survey),
    unique("hours_survey_answered_once", survey_answered),
    unique("hours_survey_question_number", survey_question),
    check("hours_survey_questions_most", survey_question, number=11),
    check("hours_survey_question_kind_known", survey_question, kind="odd"),
    unique("hours_missed_sign_one_open", missed_sign),
    check("hours_missed_sign_state_known", missed_sign, state="odd", decided_at=NOW, decided_by_id=1),
    check("hours_missed_sign_decided_by_somebody", missed_sign, state="accepted"),
    unique("hours_look_ups_once_a_person_and_day", look_up),
    check("courses_course_postponed_is_registered", course, state="draft", postponed_at=NOW),
    unique("courses_suspension_once", suspension),
    check("courses_suspension_hours_in_order", suspension, from_time=time(12), until_time=time(11)),
    unique("courses_postponement_once", postponement),
    check("courses_postponement_settled_has_outcome", postponement, settled_at=NOW),
    unique("courses_absence_one_open", planned_absence),
    check("courses_absence_kind_known", planned_absence, kind="cause"),
    check("courses_absence_decided_by_somebody", planned_absence, state=PlannedAbsenceState.ACCEPTED),
    unique("hours_objection_one_open", objection),
    check("hours_objection_answered_has_answer", objection, state=ObjectionState.ANSWERED),
    check("hours_objection_one_review", objection, review_text="?"),
]


# A column's own UNIQUE that a stricter constraint contains.
CONTAINED = {"User.email"}
# No row breaks the first without the second; PostgreSQL names the one that comes first in the alphabet.
TOGETHER = {
    "jobs_job_state_known": "jobs_job_finished_has_its_time",
    "courses_course_seats_within_capacity": "courses_course_kept_seats_within_capacity",
    "courses_policy_unit_yellow_at_bounds": "courses_policy_unit_red_at_bounds",
    "courses_policy_teacher_yellow_at_bounds": "courses_policy_teacher_red_at_bounds",
}


def every_constraint() -> Iterator[str]:
    """The named constraints, and `Model.field` for each unique column that is no primary key."""
    for label in PACKAGES:
        for model in apps.get_app_config(label).get_models():
            yield from (constraint.name for constraint in model._meta.constraints)
            for column in model._meta.local_concrete_fields:
                if column.unique and not column.primary_key:
                    yield f"{model.__name__}.{column.name}"


def test_every_constraint_has_its_case() -> None:
    assert sorted([*(case.name for case in CASES), *CONTAINED]) == sorted(every_constraint())


def refused_by(row: models.Model) -> str:
    """Write the row past the model and return the database's error, empty when it is written."""
    try:
        with transaction.atomic():
            type(row)._base_manager.bulk_create([row])
    except IntegrityError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_constraint_refuses_what_it_is_for(case: Case) -> None:
    valid = case.make()
    for name, value in case.first(valid).items():
        setattr(valid, name, value)
    wrong = copy(valid, **case.change(valid))
    if case.twice:
        assert not refused_by(valid)
        assert says(refused_by(wrong), case.name, wrong)
    else:
        assert says(refused_by(wrong), case.name, wrong)
        assert not refused_by(valid)


def says(message: str, name: str, row: Any) -> bool:
    """The refusal names the constraint. SQLite names the columns of a UNIQUE, and an index only where it is one of expressions."""
    if name in message or TOGETHER.get(name, name) in message:
        return True
    if "." in name:
        column = row._meta.get_field(name.split(".")[1]).column
        return f"{row._meta.db_table}.{column}" in message or f"({column})" in message
    found = next(c for c in row._meta.constraints if c.name == name)
    columns = [row._meta.get_field(f).column for f in getattr(found, "fields", ())]
    return (
        connection.vendor == "sqlite" and bool(columns) and all(f".{column}" in message for column in columns)
    )
