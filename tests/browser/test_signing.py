"""簽到 with a projector, two phones and the organiser at once: the live list, six digits without a script, and no network."""

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from accounts.models import User
from courses.models import Course, Session
from demo.logins import PASSWORD
from hours.models import Attendance
from hours.queries.sign_codes import code_of
from kit import clock
from tests.browser.contexts import Lend, log_in

pytestmark = pytest.mark.browser
PHONE = {"width": 375, "height": 800}


def unsigned(course: Course) -> list[User]:
    """The people of the course who have not come yet."""
    signed = Attendance.objects.valid().filter(session__course=course).values("user")
    rows = course.enrolments.exclude(user__in=signed).select_related("user").order_by("pk")
    return [row.user for row in rows]


def page_of(lend: Lend, site: str, user: User | None, **options: Any) -> Any:
    context = lend(locale="zh-TW", **options)
    if user:
        log_in(context, site, user)
    return context.new_page()


def test_a_projector_two_phones_and_the_organiser(site: str, lend: Lend) -> None:
    course = Course.objects.get(title="週三進修：素養導向試題設計")
    session = Session.objects.get(course=course)
    lead, [first, second, third, *_rest] = course.handler.user, unsigned(course)
    organiser = page_of(lend, site, lead)
    organiser.goto(site + reverse("hours:attendance", args=[course.code]))
    projector = page_of(lend, site, lead)
    projector.goto(site + reverse("hours:projector", args=[course.code]) + "?kind=in")
    expect(projector.locator("svg.qr")).to_be_visible()

    # A phone that is not logged in scans, logs in, and the sign is sent by itself; the organiser sees it without a click.
    phone = page_of(lend, site, None, viewport=PHONE)
    phone.goto(site + reverse("hours:scan", args=[code_of(session.pk, "in", clock.now())]))
    phone.fill("[name=login]", first.email)
    phone.fill("[name=password]", PASSWORD)
    phone.click("main form[action*='/accounts/login/'] button[type=submit]")
    expect(phone.locator("#messages")).to_contain_text("簽到完成")
    expect(organiser.locator(f"#person-{first.pk}[data-came]")).to_be_visible()

    # Six digits, without a script.
    plain = page_of(lend, site, second, viewport=PHONE, java_script_enabled=False)
    plain.goto(site + reverse("hours:sign"))
    plain.fill(f"#number-{session.pk}", projector.locator(".projector-number").inner_text())
    plain.locator(f"form:has(#number-{session.pk}) button").click()
    expect(plain.locator("#messages")).to_contain_text("簽到完成")
    expect(organiser.locator(f"#person-{second.pk}[data-came]")).to_be_visible()

    # Without a network a sign by hand is kept as a number, sent later and erased.
    organiser.context.set_offline(True)
    organiser.click(f"#in-{third.pk}")
    expect(organiser.locator("[data-kept]")).to_be_visible()
    kept = organiser.evaluate("() => Object.values(localStorage).join()")
    assert f"in-{third.pk}" in kept and third.name not in kept
    organiser.context.set_offline(False)
    expect(organiser.locator(f"#person-{third.pk}[data-came]")).to_be_visible()
    expect(organiser.locator("[data-kept]")).to_be_hidden()
    expect(organiser.locator(f"#back-in-{third.pk}")).to_be_visible()
    assert "in-" not in organiser.evaluate("() => Object.values(localStorage).join()")
    assert set(Attendance.objects.valid().values_list("user_id", flat=True)) >= {
        first.pk,
        second.pk,
        third.pk,
    }
