"""The staff list of the demonstration in every state: a roster keeper, a substitute, people who come, left, wait or never logged in."""

from datetime import date, timedelta

from django.contrib.auth.hashers import make_password

from accounts import identity
from accounts.actions import places, staff
from accounts.actions.appointments import appoint
from accounts.actions.places import PlaceFacts
from accounts.enums import Role
from accounts.models import Affiliation, JoinRequest, User
from demo.logins import PASSWORD
from demo.people import DemoPeople, actor
from kit import clock
from signin.actions.mailboxes import mark_mailboxes_proved

SCHOOL = "134526"
NUMBER = "A123456789"


def fill_staff_list(cast: DemoPeople, today: date) -> None:
    """Give 縣立南州國中 a roster keeper and people of each kind; the county keeps the lists of its neighbours without a lead."""
    unit = cast.units[SCHOOL]
    keeper = User.objects.create(email="roster@demo.example", name="郭惠珍", password=make_password(PASSWORD))
    mark_mailboxes_proved([keeper])
    Affiliation.objects.create(user=keeper, unit=unit, title="主任", post="人事主任", rank=20)
    appoint(user=keeper, unit=unit, role=Role.ROSTER, by=None, valid_from=today - timedelta(400))
    lead = actor(cast.lead)
    for email, name, facts in (
        (
            "substitute@demo.example",
            "曾柏翰",
            _facts("代理教師", today, until=today + timedelta(200), substitute=True),
        ),
        ("coming@demo.example", "葉書豪", _facts("教師", today + timedelta(30))),
        ("left@demo.example", "賴文彬", _facts("教師", today - timedelta(900), until=today - timedelta(120))),
    ):
        staff.add(unit=unit, who=email, name=name, facts=facts, by=lead)
    # A colleague of a neighbouring school also teaches here; another one has an offer.
    both, asked = cast.teachers[1], cast.teachers[2]
    places.add_place(person=both, unit=unit, facts=_facts("兼任教師", today, concurrent=True), by=lead)
    staff.add(unit=unit, who=asked.email, facts=_facts("教師", today), by=lead)
    sealed, digest = identity.seal(NUMBER)
    JoinRequest.objects.create(
        unit=unit,
        name="簡士豪",
        email="join@demo.example",
        title="教師",
        reason="八月一日到職，尚未收到邀請函。",
        language="zh-hant",
        id_sealed=sealed,
        id_hash=digest,
        requested_at=clock.now(),
    )


def _facts(
    title: str,
    since: date,
    *,
    until: date | None = None,
    substitute: bool = False,
    concurrent: bool = False,
) -> PlaceFacts:
    return PlaceFacts(
        title=title, since=since, until=until, is_substitute=substitute, is_concurrent=concurrent
    )
