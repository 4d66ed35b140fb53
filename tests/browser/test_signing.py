"""A course of the own school from the nomination to the certificate, as people do it who have never seen the site: the organiser, the projector,
three phones in both languages (one without a script), the camera, and no network for a while. Seconds and clicks are printed.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.urls import reverse
from playwright.sync_api import expect

from accounts.models import Affiliation, BusinessAccount, User
from courses.models import Course, CourseHelper, Session
from demo.logins import PASSWORD
from hours.models import Attendance, Certificate, Closing, HourCredit
from hours.queries.sign_codes import code_of
from kit import clock
from tests.browser.contexts import Lend, follow, log_in
from tests.browser.test_accessibility import LOOK, TAGS, bring_axe
from tests.browser.ways import Clerk, Way, visit
from tests.factories import make_course

pytestmark = pytest.mark.browser
# A browser that reads codes, with a picture in which there is the code that the test holds before it.
CAMERA = """
window.BarcodeDetector = class {
  static getSupportedFormats() { return Promise.resolve(["qr_code"]); }
  detect() { return Promise.resolve(window.held ? [{ rawValue: window.held }] : []); }
};
navigator.mediaDevices.getUserMedia = function () {
  var wall = document.createElement("canvas"), paint = wall.getContext("2d");
  window.setInterval(function () { paint.fillRect(0, 0, 9, 9); }, 50);
  return Promise.resolve(wall.captureStream(20));
};
"""


class Hand:
    """The organiser's hand: each click is counted."""

    def __init__(self, page: Any) -> None:
        self.page, self.clicks = page, 0

    def click(self, selector: str) -> None:
        self.clicks += 1
        self.page.click(selector)

    def follow(self, selector: str) -> None:
        self.clicks += 1
        follow(self.page, selector)


@contextmanager
def later(moment: Any) -> Iterator[None]:
    with time_machine.travel(moment, tick=True):
        yield


def phone(lend: Lend, site: str, stack: ExitStack, language: str, *, script: bool = True) -> Clerk:
    clerk: Clerk = stack.enter_context(contextmanager(visit)(lend, site, Way(language, 375, script)))
    return clerk


def nominate(hand: Hand, site: str, course: Course, people: list[User]) -> None:
    """Put colleagues on the list, and name a lecturer from outside."""
    hand.page.goto(f"{site}/unit/courses/{course.code}/")
    hand.follow("main a[href$='/applicants/']")
    hand.follow("main a[href$='/participants/']")
    for person in people:
        hand.click(f"[name=staff][value='{person.pk}']")
    hand.follow("main .sticky-bar button[type=submit]")
    hand.follow("button[name=act][value=add]")
    hand.page.goto(f"{site}/unit/courses/{course.code}/")
    hand.follow("main a[href$='/helpers/']")
    hand.page.fill("[name=guest_name]", "黃教授")
    hand.page.fill("[name=guest_unit]", "國立屏東大學")
    hand.follow("main form:has([name=guest_name]) button[type=submit]")
    assert (
        course.enrolments.count() == len(people) and CourseHelper.objects.filter(course=course).count() == 1
    )


def scan_before_the_log_in(clerk: Clerk, session: Session, person: User) -> None:
    """The phone is not logged in: it scans, logs in, and the sign is sent by itself."""
    clerk.page.goto(clerk.site + reverse("hours:scan", args=[code_of(session.pk, "in", clock.now())]))
    clerk.page.fill("[name=login]", person.email)
    clerk.page.fill("[name=password]", PASSWORD)
    clerk.page.click("main form[action*='/accounts/login/'] button[type=submit]")
    expect(clerk.page.locator("#messages")).to_contain_text("簽到完成")


def type_the_number(clerk: Clerk, session: Session, number: str) -> None:
    """Six digits, without a script."""
    clerk.open(reverse("hours:sign"))
    clerk.page.fill(f"#number-{session.pk}", number)
    clerk.press(f"form:has(#number-{session.pk}) button")
    expect(clerk.page.locator("#messages")).to_contain_text("簽到完成")


def show_the_own_code(clerk: Clerk, organiser: Any) -> None:
    """The English phone shows its own code, and the organiser's camera reads it by the keyboard alone."""
    clerk.open(reverse("hours:sign"))
    clerk.unfold(".own-digits")
    expect(clerk.page.locator(".own-picture svg.qr")).to_be_visible()
    code = clerk.page.locator(".own-digits").inner_text().replace(" ", "")
    organiser.focus("[data-scan-start]")
    organiser.keyboard.press("Enter")
    expect(organiser.locator("[data-scan] video")).to_be_visible()
    organiser.evaluate("code => { window.held = code; }", code)
    expect(organiser.locator("[data-scan-said]")).to_contain_text("已登錄")
    bring_axe(organiser)
    assert not organiser.evaluate(LOOK, TAGS)
    organiser.focus("[data-scan-stop]")
    organiser.keyboard.press("Enter")
    expect(organiser.locator("[data-scan]")).to_be_hidden()
    clerk.open(reverse("hours:sign"))
    expect(clerk.page.locator("main")).to_contain_text("Signed in")


def sign_without_a_network(organiser: Any, person: User) -> None:
    """A sign by hand is kept as a number, sent later and erased."""
    organiser.context.set_offline(True)
    organiser.click(f"#in-{person.pk}")
    expect(organiser.locator("[data-kept]")).to_be_visible()
    kept = organiser.evaluate("() => Object.values(localStorage).join()")
    assert f"in-{person.pk}" in kept and person.name not in kept
    organiser.context.set_offline(False)
    expect(organiser.locator(f"#person-{person.pk}[data-came]")).to_be_visible()
    expect(organiser.locator("[data-kept]")).to_be_hidden()
    assert "in-" not in organiser.evaluate("() => Object.values(localStorage).join()")


def close(hand: Hand, site: str, course: Course) -> float:
    """One look: everything is filled. Return the seconds."""
    began = time.perf_counter()
    hand.follow(f"main a[href='/unit/courses/{course.code}/close/']")
    expect(hand.page.locator('[data-total="attended"]')).to_have_text("4")
    expect(hand.page.locator("[data-helper]")).to_contain_text("黃教授")
    hand.click("[data-closing-submit]")
    hand.follow("#close-dialog[open] [data-close-now]")
    assert hand.page.url.endswith("/receipt/")
    return time.perf_counter() - began


def certify(clerk: Clerk, course: Course, person: User) -> None:
    """The teacher takes the certificate and looks it up as anybody may."""
    clerk.open("/me/")
    with clerk.page.expect_download() as file:
        clerk.hit(clerk.page.locator("form[action*='/me/certificates/'] button").first)
    assert file.value.suggested_filename.endswith(".pdf")
    made = Certificate.objects.get(enrolment__course=course, enrolment__user=person)
    clerk.open(f"{reverse('hours:verify')}?code={made.token}")
    expect(clerk.page.locator("main")).not_to_contain_text(person.name)
    expect(clerk.page.locator("main")).to_contain_text("3")


def test_a_course_from_nomination_to_certificate(site: str, lend: Lend) -> None:
    began = time.perf_counter()
    handler = BusinessAccount.objects.get(user__email="handler@demo.example", ended_at=None)
    course = make_course(handler, day=clock.today() + timedelta(days=1), title="週三進修：班級經營")
    session = Session.objects.get(course=course)
    staff = Affiliation.objects.serving().filter(unit=handler.unit).exclude(user=handler.user)
    people = [row.user for row in staff.select_related("user").order_by("pk")[:4]]
    first, second, third, fourth = people
    context = lend(locale="zh-TW")
    log_in(context, site, handler.user)
    hand = Hand(context.new_page())
    nominate(hand, site, course, people)
    nominating = hand.clicks

    with ExitStack() as stack, later(session.starts_at - timedelta(minutes=10)):
        log_in(context, site, handler.user)
        hand.page.add_init_script(CAMERA)
        hand.page.goto(f"{site}/unit/courses/{course.code}/")
        hand.follow("main a[href$='/attendance/']")
        organiser, projector = hand.page, context.new_page()
        projector.goto(site + reverse("hours:projector", args=[course.code]) + "?kind=in")
        expect(projector.locator("svg.qr")).to_be_visible()
        chinese, plain = (
            phone(lend, site, stack, "zh-hant"),
            phone(lend, site, stack, "zh-hant", script=False),
        )
        english = phone(lend, site, stack, "en")
        scan_before_the_log_in(chinese, session, first)
        plain.become(second.email)
        type_the_number(plain, session, projector.locator(".projector-number").inner_text())
        # The live list: new within two seconds, without a click.
        for person in (first, second):
            expect(organiser.locator(f"#person-{person.pk}[data-came]")).to_be_visible()
        # A person's own language goes before the browser's.
        User.objects.filter(pk=third.pk).update(language="en")
        english.become(third.email)
        show_the_own_code(english, organiser)
        sign_without_a_network(organiser, fourth)
        assert Attendance.objects.valid().filter(session=session).count() == 4

        with later(session.ends_at + timedelta(hours=1)):
            log_in(context, site, handler.user)
            hand.page.goto(f"{site}/unit/courses/{course.code}/")
            hand.clicks = 0
            seconds = close(hand, site, course)
            english.become(third.email)
            certify(english, course, third)
    closing = Closing.objects.get(course=course)
    assert (closing.attended, closing.helpers, closing.absent) == (4, 1, 0)
    assert HourCredit.objects.filter(course=course).count() == 5
    whole = time.perf_counter() - began
    print(f"nominating {nominating} clicks; closing {hand.clicks} clicks, {seconds:.1f} s; all {whole:.1f} s")
    assert hand.clicks == 3
