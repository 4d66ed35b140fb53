"""Acts around a course: the link of a mail, watches and calendars, who is away, a review of an answer, warning before the light turns red."""

from accounts.models import BusinessAccount
from courses.models import EnrolmentWatch, FeedAddress
from hours.models import Objection
from notices.models import Notice
from tests.browser.acts import course_named, form_to
from tests.browser.ways import Clerk


def open_the_list_of_a_mail(clerk: Clerk) -> None:
    """As a teacher, a lead opens the link of a mail about the unit: the page offers the hat, and leads on."""
    lead = clerk.become("lead@demo.example")
    unit = BusinessAccount.objects.get(user=lead).unit
    teacher = "form[action$='/hat/']:has([name=account][value='']) button"
    clerk.unfold(teacher)
    clerk.press(teacher)
    clerk.open(f"/unit/away/?for_unit={unit.pk}")
    clerk.press("main form[action$='/hat/'] button[type=submit]")
    assert clerk.page.url.endswith("/unit/away/")


def watch_and_subscribe(clerk: Clerk) -> None:
    """Take back the wish to hear of an opening, stop a search's digest and want it again; renew the address of the own calendar."""
    teacher = clerk.become("teacher@demo.example")
    clerk.open("/watches/")
    searches = teacher.saved_searches.filter(watched_at__isnull=False)
    search = searches.get()
    for number in (0, 1):
        clerk.press(form_to(f"/catalogue/searches/{search.pk}/watch/"))
        assert searches.count() == number
    clerk.press("main form[action^='/catalogue/'][action$='/watch/']:not([action*='/searches/']) button")
    assert not EnrolmentWatch.objects.filter(person=teacher).exists()
    before = FeedAddress.objects.get(person=teacher)
    clerk.open("/calendars/")
    clerk.press("main form:has([name=of]) button[type=submit]")
    assert FeedAddress.objects.get(person=teacher).digest != before.digest
    assert clerk.page.get_by_text(".ics").count() or clerk.page.locator("main [value$='.ics']").count()


def print_the_proof(clerk: Clerk) -> None:
    """報名證明: a page to print for the own school's form, about this person's place alone."""
    course = course_named("十二年國教素養導向評量工作坊")
    row = course.enrolments.filter(state="admitted").latest("pk")
    clerk.become(row.user.email)
    clerk.open(f"/catalogue/{course.code}/proof/")
    assert row.user.name in clerk.page.inner_text("main") and course.code in clerk.page.inner_text("main")


def request_a_review(clerk: Clerk) -> None:
    """A teacher does not agree with an answer; what another one requested is answered by the county, which is the next level."""
    teacher = clerk.become("teacher@demo.example")
    mine = Objection.objects.get(user=teacher, state="answered")
    clerk.open("/me/")
    form = f"form[action$='/me/objections/{mine.pk}/review/']"
    clerk.unfold(form)
    clerk.page.fill(f"{form} [name=text]", "請查核簽退時間")
    clerk.press(f"{form} button[type=submit]")
    mine.refresh_from_db()
    assert (mine.state, mine.review_text) == ("review", "請查核簽退時間")
    row = Objection.objects.filter(state="review", review_level="county").exclude(pk=mine.pk).get()
    clerk.become("county@demo.example")
    clerk.open("/county/objections/")
    form = f"form[action$='/county/objections/{row.pk}/answer/']"
    clerk.page.fill(f"{form} [name=text]", "經查簽到表，維持原核定")
    clerk.press(f"{form} button[type=submit]")
    row.refresh_from_db()
    assert row.state == "reviewed", row.state


def warn_before_red(clerk: Clerk) -> None:
    """The county notifies just the unit that turns red within two weeks if nobody acts."""
    unit = course_named("海洋教育教師社群（1）").unit
    told = Notice.objects.filter(kind="please_close", object_ref__startswith=f"unit:{unit.pk}:")
    assert not told.exists()
    clerk.become("county@demo.example")
    clerk.open("/county/forecast/")
    clerk.tick(f"[name=unit][value='{unit.pk}']")
    clerk.press("form[action*='/forecast/notify/'] button[type=submit]:not([name])")
    assert told.exists()
