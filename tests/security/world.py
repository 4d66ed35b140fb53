"""One small world around the unit 134526 for the rights matrix: who acts, and an object of each kind in each relation."""

from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from itertools import count
from types import SimpleNamespace
from typing import Any

from allauth.usersessions.models import UserSession
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.acting import Actor
from accounts.actions import days_off, proofs
from accounts.models import (
    AccountApplication,
    ApiToken,
    BusinessAccount,
    County,
    Device,
    IdentityChange,
    JoinRequest,
    PlaceProposal,
    Proof,
    Unit,
    UnitList,
    User,
)
from bulletin.actions import announcements, downloads
from bulletin.actions.downloads import DownloadData
from courses.actions import course_files, feeds
from courses.models import (
    Campaign,
    CampaignLetter,
    CampaignUnit,
    Enrolment,
    PlannedAbsence,
    SavedSearch,
    Suspension,
    TransferRequest,
)
from courses.presenters.letters import first_facts
from hours.models import Objection
from jobs.models import Job
from kit import clock
from kit.digests import digest_of
from notices import mail_preferences
from notices.models import Notice
from tests.factories import (
    acting,
    close,
    make_account,
    make_county,
    make_course,
    make_enrolment,
    make_join_request,
    make_lead,
    make_offer,
    make_officer,
    make_operator,
    make_roster_keeper,
    make_unit,
    make_user,
)
from webhooks.models import Webhook

DAYS = (date(2026, 9, 1) + timedelta(days=number) for number in count())
RELATIONS = ("own", "unit", "county", "other", "none")
ROLES = ("visitor", "teacher", "handler", "lead", "roster", "county", "operator")
NATIONAL_ID = "A123456789"


@dataclass
class World:
    """`people[role]` acts; `things[kind][relation]` is looked at. Relations are seen from the handler's unit."""

    people: dict[str, User]
    accounts: dict[str, BusinessAccount]
    things: dict[str, dict[str, Any]] = field(default_factory=dict)

    def client(self, role: str) -> Client:
        """A browser of that role whose session has passed the second step."""
        client = Client(raise_request_exception=False)
        if role != "visitor":
            client.force_login(self.people[role])
            session = client.session
            # An hour ahead: on a slow machine the library would require the second step again in the middle of a test.
            session["account_authentication_methods"] = [
                {"method": "mfa", "at": clock.now().timestamp() + 3600, "type": "totp"}
            ]
            session["account_authentication_methods_user"] = str(self.people[role].pk)
            session.save()
        return client


def build() -> World:
    home, far = make_county("屏東縣"), make_county("花蓮縣")
    unit, neighbour, foreign = (
        make_unit("134526", county=home),
        make_unit("134525", county=home),
        make_unit("150501", county=far),
    )
    handler, lead = make_account(unit), make_lead(unit)
    officer, operator, keeper = make_officer(home), make_operator(), make_roster_keeper(unit)
    holders = {
        "own": handler,
        "unit": make_account(unit),
        "county": make_account(neighbour),
        "other": make_account(foreign),
    }
    people = {
        "teacher": make_user(unit=unit),
        "handler": handler.user,
        "lead": lead.user,
        "roster": keeper.user,
        "county": officer.user,
        "operator": operator.user,
    }
    world = World(
        people, {"handler": handler, "lead": lead, "roster": keeper, "county": officer, "operator": operator}
    )
    for relation, holder in holders.items():
        _things(world, relation, holder)
    _strangers(world, make_user(unit=foreign), foreign)
    return world


def _put(world: World, kind: str, relation: str, thing: Any) -> None:
    world.things.setdefault(kind, {})[relation] = thing


def _things(world: World, relation: str, holder: BusinessAccount) -> None:
    """What belongs to one holder: courses in each state, an account, requests."""
    course = make_course(holder, ago=10)
    make_enrolment(course, make_user(unit=holder.unit))
    closed = make_course(holder, ago=20, questionnaire="voluntary")
    absent = make_enrolment(closed, make_user(unit=holder.unit))
    close(closed)
    draft = make_course(holder, state="draft")
    colleague = make_account(holder.unit)
    for kind, thing in {
        "course": course,
        "closed": closed,
        "draft": draft,
        "open": make_course(holder),
        "unit": holder.unit,
        "unit_list": UnitList.objects.create(
            name="名錄.csv", uploaded_by=holder.user, uploaded_at=clock.now()
        ),
        "account": holder,
        "place": holder.user.affiliations.get(),
        "offer": make_offer(holder.unit),
        "objection": _objection(absent),
        "county_objection": _objection(make_enrolment(closed), days=40),
        "absence": PlannedAbsence.objects.create(
            enrolment=make_enrolment(make_course(holder), make_user(unit=holder.unit)),
            kind="official",
            stated_at=clock.now(),
        ),
        "transfer": TransferRequest.objects.create(
            course=make_course(holder, ago=5),
            from_account=holder,
            to_account=colleague,
            stated_code="1",
            stated_title="t",
            stated_name="n",
            stated_account="a",
            reason="接辦",
            requested_by=colleague.user if relation != "own" else holder.user,
            requested_at=clock.now(),
        ),
    }.items():
        _put(world, kind, relation, thing)
    plan = SimpleUploadedFile("plan.pdf", b"%PDF-1")
    public = {"course": world.things["open"][relation], "by": acting(holder), "upload": plan}
    _put(world, "course_file", relation, course_files.add(kind="plan", **public))
    hook = {"url": "https://school.example/h", "purpose": "校務系統", "added_at": clock.now()}
    _put(world, "webhook", relation, Webhook.objects.create(account=holder, secret="s", **hook))
    _put(world, "campaign", relation, _campaign(holder))
    _put(world, "suspension", relation, _suspension(world, relation, holder))
    applicant = make_user(unit=holder.unit)
    proof = proofs.store(SimpleUploadedFile("p.pdf", b"%PDF-1"), applicant)
    assert proof
    _put(world, "proof", relation, proof)
    _published(world, relation, holder.unit.county)
    _put(world, "application", relation, _application(applicant, holder.unit, proof))
    _put(world, "change", relation, _change(holder.user))
    _put(world, "join", relation, _join_request(holder))
    _put(world, "proposal", relation, _proposal(holder.unit))
    _put(world, "calendar", relation, SimpleNamespace(token=feeds.make(by=acting(holder), of_unit=True)[1]))
    _put(
        world,
        "way_out",
        relation,
        SimpleNamespace(token=mail_preferences.token_for(holder.user.pk, "reminders")),
    )


def _objection(row: Enrolment, days: int = 0) -> Objection:
    """An objection to a closed course; after thirty days it waits for the county."""
    raised = clock.now() - timedelta(days=days)
    return Objection.objects.create(course=row.course, user=row.user, text="有到場", raised_at=raised)


def _answered(person: User, unit: Unit) -> Objection:
    """A person's own objection that was answered."""
    course = make_course(make_account(unit), ago=10)
    answer = {"state": "answered", "answer": "已查", "answered_by": course.handler.user}
    now = clock.now()
    return Objection.objects.create(
        course=course, user=person, text="少", raised_at=now, answered_at=now, answered_level="lead", **answer
    )


def _published(world: World, relation: str, county: County | None) -> None:
    """What is published for the county of the relation, and a file for everybody."""
    by = acting(world.accounts["operator"])
    text = "報名系統 12 月 5 日停機維護。"
    day = clock.today()
    _put(world, "announcement", relation, announcements.publish(
        by=by, text=text, readers="members", county=county, first_day=day, last_day=day
    ))  # fmt: skip
    _put(world, "day_off", relation, days_off.add(by=by, day=next(DAYS), name="颱風", county=county))
    for kind, readers, place in (("download", "members", county), ("public_download", "everybody", None)):
        upload = SimpleUploadedFile("form.pdf", b"%PDF-1")
        data = DownloadData(title="研習實施計畫格式", readers=readers, county=place)
        _put(world, kind, relation, downloads.publish(by=by, upload=upload, data=data))


def _suspension(world: World, relation: str, holder: BusinessAccount) -> Suspension:
    """An announcement of the holder's county, each of another reason."""
    return Suspension.objects.create(
        county=holder.unit.county,
        name=relation,
        day=clock.today() + timedelta(days=3),
        scope=relation,
        made_by=world.accounts["county"],
        made_at=clock.now(),
    )


def _campaign(holder: BusinessAccount) -> Campaign:
    """A campaign of the holder's county that has begun, about one course."""
    now = clock.now()
    campaign = Campaign.objects.create(
        county=holder.unit.county,
        title="研習課程清查",
        year=clock.this_year(),
        deadline=clock.today() + timedelta(days=20),
        made_by=holder.user,
        made_at=now,
        started_by=holder.user,
        started_at=now,
    )
    CampaignUnit.objects.create(campaign=campaign, unit=holder.unit, courses=1, told_at=now)
    CampaignLetter.objects.create(
        campaign=campaign, version=1, saved_at=now, **asdict(first_facts(campaign, None, same=False))
    )
    return campaign


def _application(user: User, unit: Unit, proof: Proof | None = None) -> AccountApplication:
    return AccountApplication.objects.create(
        user=user,
        unit=unit,
        role="handler",
        reason="接辦",
        starts_on=clock.today(),
        requested_at=clock.now(),
        proof=proof,
    )


def _join_request(holder: BusinessAccount) -> JoinRequest:
    """A request at the holder's unit, each of another number: two holders are of one unit."""
    return make_join_request(holder.unit, id_hash=f"{holder.pk:064d}")


def _proposal(unit: Unit) -> PlaceProposal:
    return PlaceProposal.objects.create(
        person=make_user(), unit=unit, day=clock.today(), source="log_in", requested_at=clock.now()
    )


def _change(user: User) -> IdentityChange:
    return IdentityChange.objects.create(
        user=user,
        old_name=user.name,
        old_email=user.email,
        new_name=user.name + "新",
        new_email=user.email,
        reason="改名",
        requested_at=clock.now(),
    )


def _strangers(world: World, stranger: User, unit: Unit) -> None:
    """What only its own person may touch: one for each acting role, and a stranger's."""
    for role, user in {**world.people, "stranger": stranger}.items():
        now = clock.now()
        mine = {
            "notice": Notice.objects.create(
                key=f"k{user.pk}", kind="k", recipient=user, subject="s", body="b", created_at=now
            ),
            "job": Job.objects.create(
                kind="import_units",
                owner=user,
                language="zh-hant",
                fingerprint=str(user.pk),
                parameters={"dry_run": True},
                account_number=world.accounts[role].number if role in world.accounts else "",
                created_at=now,
                sent_at=now,
            ),
            "session": UserSession.objects.create(
                user=user, ip="10.0.0.9", user_agent="x", session_key=f"session-{user.pk}"
            ),
            "device": Device.objects.create(user=user, digest="d", first_seen=now, last_seen=now),
            "key": ApiToken.objects.create(
                user=user,
                name="k",
                digest=digest_of(f"k{user.pk}"),
                created_at=now,
                expires_at=now + timedelta(90),
            ),
            "feed": feeds.make(by=Actor(user), of_unit=False)[0],
            "search": SavedSearch.objects.create(owner=user, name="資安", query="q=x"),
            "my_objection": _answered(user, unit),
            "my_offer": make_offer(unit, user),
            "my_application": _application(user, make_unit(county=unit.county)),
            "my_change": IdentityChange.objects.filter(user=user).first() or _change(user),
        }
        for kind, thing in mine.items():
            _put(world, kind, role, thing)
