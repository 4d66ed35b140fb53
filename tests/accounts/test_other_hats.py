"""A link of a notice opens under the person's own hat that it belongs to; nothing is shown to a person without such a hat."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.models import BusinessAccount, User
from accounts.unit_pages import PARAMETER, unit_page
from courses.models import Course
from kit.rights import right_of
from tests.factories import (
    make_account,
    make_county,
    make_course,
    make_lead,
    make_officer,
    make_operator,
    make_unit,
    make_user,
)

pytestmark = pytest.mark.django_db
ROOT = Path(settings.BASE_DIR)
APPS = ("accounts", "signin", "courses", "hours", "backup", "privacy", "webhooks")


def as_hat(client: Client, account: BusinessAccount | None, person: User) -> Client:
    client.force_login(person)
    client.post(reverse("switch_hat"), {"account": account.pk if account else ""})
    return client


@pytest.fixture
def course() -> Course:
    return make_course(ago=3)


@pytest.fixture
def other(course: Course) -> BusinessAccount:
    """The handler's account at another unit."""
    return make_account(make_unit(), user=course.handler.user)


@pytest.mark.parametrize("route", ["courses:detail", "hours:close"])
@pytest.mark.parametrize("as_teacher", [True, False])
def test_the_page_is_offered_under_the_hat_that_opens_it(
    client: Client, course: Course, other: BusinessAccount, route: str, as_teacher: bool
) -> None:
    as_hat(client, None if as_teacher else other, course.handler.user)
    url = reverse(route, args=[course.code])
    page = client.get(url)
    text = page.content.decode()
    assert page.status_code == 403 and "才能開啟" in text and course.handler.number in text
    assert course.title not in text and other.number not in page.context["other_hats"]
    [account] = page.context["other_hats"]
    switched = client.post(reverse("switch_hat"), {"account": account.pk, "next": page.context["page"]})
    assert switched.url == url and client.get(url).status_code == 200


def test_nothing_is_shown_without_such_a_hat(client: Client, course: Course) -> None:
    stranger = make_lead()
    make_account(make_unit(), user=stranger.user)
    as_hat(client, stranger, stranger.user)
    page = client.get(reverse("courses:detail", args=[course.code]))
    unknown = client.get(reverse("courses:detail", args=["9999999"]))
    assert page.status_code == unknown.status_code == 404
    teacher = make_user()
    as_hat(client, None, teacher)
    assert "才能開啟" not in client.get(reverse("courses:detail", args=[course.code])).content.decode()


def test_a_page_without_an_object_is_offered_under_the_role_that_opens_it(client: Client) -> None:
    officer = make_officer()
    lead = make_lead(user=officer.user)
    as_hat(client, lead, officer.user)
    page = client.get(reverse("courses:campaigns"))
    assert page.status_code == 403 and page.context["other_hats"] == [officer]


def test_a_staff_list_is_offered_under_the_hat_of_its_unit(client: Client) -> None:
    lead = make_lead()
    other = make_lead(make_unit(), user=lead.user)
    as_hat(client, other, lead.user)
    page = client.get(reverse("accounts:staff_of", args=[lead.unit_id]))
    assert page.context["other_hats"] == [lead]
    assert client.get(reverse("accounts:staff_of", args=[make_unit().pk])).status_code == 404


def test_a_post_is_never_offered_again(client: Client, course: Course, other: BusinessAccount) -> None:
    as_hat(client, other, course.handler.user)
    assert client.post(reverse("hours:close", args=[course.code]), {}).status_code == 404


def test_a_list_in_a_notice_opens_under_the_hat_at_its_unit(client: Client, course: Course) -> None:
    """Both hats open the list, each its own: the address in the notice names the unit, the page's own address does not."""
    lead = make_lead(course.unit)
    elsewhere = make_lead(make_unit(), user=lead.user)
    named = unit_page("courses:unit_courses", course.unit_id, state="registered", year=115)
    plain = reverse("courses:unit_courses") + "?state=registered&year=115"
    as_hat(client, elsewhere, lead.user)
    assert course.title not in client.get(plain).content.decode()
    page = client.get(named)
    assert page.status_code == 200 and page.context["other_hats"] == [lead]
    switched = client.post(reverse("switch_hat"), {"account": lead.pk, "next": page.context["page"]})
    assert switched.url == plain and course.title in client.get(plain).content.decode()
    assert client.get(named).url == plain
    # From the teacher's hat it is one step as well, also to a page that this hat does not open.
    as_hat(client, None, lead.user)
    assert client.get(named).context["other_hats"] == [lead]


def test_what_the_county_decides_for_a_unit_opens_under_the_hat_of_the_county(client: Client) -> None:
    """The unit has nobody of its own: its officers, or the operator, are notified of what waits there."""
    officer, unit = make_officer(), make_unit()
    lead = make_lead(make_unit(), user=officer.user)
    proposals, home = (unit_page(route, unit.pk) for route in ("accounts:proposals", "courses:unit_home"))
    as_hat(client, lead, officer.user)
    assert client.get(proposals).context["other_hats"] == [officer]
    as_hat(client, officer, officer.user)
    assert client.get(proposals).url == reverse("accounts:proposals")
    # An officer of another county, and a page that is not for officers: as without any hat for the unit.
    as_hat(client, lead, officer.user)
    assert client.get(home).url == reverse("courses:unit_home")
    far = make_unit(county=make_county("花蓮縣"))
    assert client.get(unit_page("accounts:proposals", far.pk)).url == reverse("accounts:proposals")
    operator = make_operator(user=officer.user)
    assert client.get(unit_page("accounts:proposals", far.pk)).context["other_hats"] == [operator]
    assert client.get(proposals).context["other_hats"] == [officer, operator]
    # The unit's own hat comes before them.
    own = make_lead(unit, user=officer.user)
    assert client.get(proposals).context["other_hats"] == [own]


@pytest.mark.parametrize("unit", ["", "x", "٣", "99999999999999999999"])
def test_an_address_of_no_unit_of_ones_own_is_the_plain_page(client: Client, unit: str) -> None:
    lead = make_lead()
    client.force_login(lead.user)
    home = reverse("courses:unit_home")
    for value in (unit, make_lead().unit_id):
        assert client.get(home, {PARAMETER: value}).url == home
    client.logout()
    assert client.get(home, {PARAMETER: lead.unit_id}).url.endswith(f"%3F{PARAMETER}%3D{lead.unit_id}")


def test_an_account_is_offered_under_the_hat_that_reaches_it(client: Client) -> None:
    lead = make_lead()
    elsewhere = make_lead(make_unit(), user=lead.user)
    account = make_account(lead.unit)
    as_hat(client, elsewhere, lead.user)
    page = client.get(reverse("courses:account", args=[account.pk]))
    assert page.status_code == 403 and page.context["other_hats"] == [lead]


# Pages of the operator or of a whole county, not of a unit.
OF_NO_UNIT = {"courses:operator", "checks:system"}


def test_every_notice_of_a_unit_names_it_in_its_address() -> None:
    """Where the route is for some hats only, and the address has no object."""
    paths = [path for app in APPS for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts]
    named = {route for path in paths for route in re.findall(r'path=reverse\("([\w:]+)"\)', path.read_text())}
    rows = {route: right_of(route) for route in named}
    by_hat = {route for route, right in rows.items() if right and right.get and right.get.members is None}
    assert len(named) > 8 and by_hat <= OF_NO_UNIT
