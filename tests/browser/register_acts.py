"""The acts of the registers, each by the person whose work it is; like `acts`, without a word of any language.

What is kept there, and the act that plays it:

installation (state, test mail)          look_at_the_installation
units: added, merged, split              add_and_merge_units, split_a_unit
units: closed and opened again           close_a_unit
units: renamed, another code             rename_and_recode_a_unit
the ministry's yearly list               take_the_yearly_list
staff list: entered, corrected, ended    enter_and_end_a_colleague, keep_the_list_of_a_school_without_a_lead
staff list from a file, proposals        take_the_roster
what a unit sees by school year          come_for_the_first_time
first log-in: request, invitation, link  come_for_the_first_time, admit_a_guest
one person: merged, parted               part_and_merge_two_records
one person: name, closed, opened again   correct_close_and_reopen_a_person
guests: on the day, a log-in later       greet_a_guest, admit_a_guest
support view                             look_as_another_person
lists: by hand, from files               keep_a_list, fill_lists_from_files
days off: by hand, from a file           announce_and_hand_out, take_days_off_from_a_file
announcements, downloads, types of files announce_and_hand_out
"""

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.core import mail

from accounts.models import (
    Affiliation,
    BusinessAccount,
    DayOff,
    JoinRequest,
    PlaceOffer,
    PlaceProposal,
    SupportView,
    Unit,
    UnitList,
    User,
)
from bulletin.models import Announcement, Download
from courses.models import CourseNature, Stage, Tag
from files.models import StoredFile
from hours.models import Attendance, HourCredit
from jobs import runner
from jobs.models import Job
from kit import clock
from notices import writer
from notices.models import Notice
from tests.browser.acts import MAIN_BUTTON, form_to
from tests.browser.ways import Clerk

DAY = timedelta(days=1)
NEW_PASSWORD = "Yi2-kua-lang!kheh"  # noqa: S105


def iso(day: date) -> str:
    return f"{day:%Y-%m-%d}"


def unit_of(code: str) -> Unit:
    return Unit.objects.get(code=code)


def attach(clerk: Clerk, name: str, text: str) -> None:
    """Send a CSV file with the form of the page."""
    file = {"name": name, "mimeType": "text/csv", "buffer": text.encode("utf-8-sig")}
    clerk.page.set_input_files("main input[type=file]", file)
    clerk.press("main form.panel[enctype] button[type=submit]")


def send_file(clerk: Clerk, name: str, text: str) -> None:
    """Send a CSV file with the form of the page, and let its job be done."""
    attach(clerk, name, text)
    job = Job.objects.latest("pk")
    assert clerk.page.url.endswith(f"/jobs/{job.pk}/")
    runner.run(job.pk)
    clerk.open(f"/jobs/{job.pk}/")


# --- The operator -------------------------------------------------------------------------------------------------------


def look_at_the_installation(clerk: Clerk) -> None:
    """What the installation lacks, and a mail that shows whether mail goes out."""
    operator = clerk.become("operator@demo.example")
    clerk.open("/operator/system/")
    mail.outbox.clear()
    clerk.press(form_to("/test-mail/"))
    assert [sent.to for sent in mail.outbox] == [[operator.email]]


def take_the_yearly_list(clerk: Clerk) -> None:
    """A list is compared; the new school is accepted, and nothing else is changed."""
    clerk.become("operator@demo.example")
    clerk.open("/operator/unit-lists/")
    number = Unit.objects.count()
    send_file(
        clerk, "list.csv", "學校代碼,學校名稱,縣市名稱,學校級別\n139901,縣立新埔示範國小,屏東縣,國民小學\n"
    )
    found = UnitList.objects.latest("pk")
    clerk.open(f"/operator/unit-lists/{found.pk}/?group=new")
    clerk.tick(f"[name=row][value='{found.rows.get(group='new').pk}']")
    clerk.press("main form.panel button[name=accept]")
    assert unit_of("139901").name == "縣立新埔示範國小" and Unit.objects.count() == number + 1


def part_and_merge_two_records(clerk: Clerk) -> None:
    """A merge is undone, and done again after both records were compared."""
    clerk.become("operator@demo.example")
    second = User.objects.get(email="second@demo.example")
    first = second.merged_into
    assert first
    clerk.open(f"/operator/people/{second.pk}/")
    clerk.page.fill("form[action*='/part/'] [name=reason]", "誤併")
    clerk.press(form_to("/part/"))
    second.refresh_from_db()
    assert second.merged_into is None
    clerk.open(f"/operator/people/{first.pk}/merge/?other={second.pk}")
    clerk.fill(reason="同一人")
    clerk.press("main form button.btn-danger")
    second.refresh_from_db()
    assert second.merged_into == first


def look_as_another_person(clerk: Clerk) -> None:
    """The pages of a person who called, for a reason; the person is notified."""
    clerk.become("operator@demo.example")
    person = User.objects.get(email="t05@demo.example")
    before = Notice.objects.filter(kind="support_view", recipient=person).count()
    clerk.open(f"/operator/people/{person.pk}/")
    clerk.page.fill("form[action*='/support/'] [name=reason]", "來電詢問")
    clerk.press(form_to("/support/"))
    view = SupportView.objects.latest("pk")
    assert view.person == person and view.ended_at is None
    clerk.press(form_to("/support/end/"))
    view.refresh_from_db()
    assert view.ended_at and Notice.objects.filter(kind="support_view", recipient=person).count() > before


def keep_a_list(clerk: Clerk) -> None:
    """A tag is added, and ended instead of deleted."""
    clerk.become("operator@demo.example")
    clerk.open("/operator/lists/tags/new/")
    clerk.fill(code="esg", name="永續發展示範")
    clerk.press(MAIN_BUTTON)
    tag = Tag.objects.get(code="esg")
    clerk.open(f"/operator/lists/tags/{tag.pk}/")
    clerk.fill(valid_until=iso(clock.today() - DAY))
    clerk.press("main form.panel button[type=submit]")
    tag.refresh_from_db()
    assert not tag.is_valid()


def fill_lists_from_files(clerk: Clerk) -> None:
    """Tags, stages and natures come from files: looked at first, and a wrong row lets nothing in."""
    clerk.become("operator@demo.example")
    head = "代碼,上層代碼,名稱,順序,有效起日,有效迄日\n"
    for slug, model, parent in (("tags", Tag, ""), ("stages", Stage, ""), ("natures", CourseNature, "pl_1")):
        clerk.open(f"/operator/lists/{slug}/import/")
        attach(clerk, "list.csv", f"{head}pl_1,,示範項目,900,115/8/1,115/7/31\n")
        assert clerk.page.locator("main section.panel li").count() == 1
        assert not clerk.page.locator("main section.panel form").count()
        attach(clerk, "list.csv", f"{head}pl_1,,示範項目,900,115/8/1,\npl_2,{parent},示範細項,901,,\n")
        assert not model._default_manager.filter(code__startswith="pl_").exists()
        clerk.press("main section.panel form button[type=submit]")
        assert model._default_manager.filter(code__startswith="pl_").count() == 2


def admit_a_guest(clerk: Clerk) -> None:
    """A lecturer from outside gets a log-in, chooses a password by the link of the letter, and finds the hours."""
    clerk.become("operator@demo.example")
    guest = User.objects.get(guest__email="professor@demo.example")
    credit = HourCredit.objects.select_related("course").get(enrolment__user=guest)
    clerk.open("/operator/people/")
    clerk.fill(q=guest.guest.email)
    clerk.press("main form.filters button[type=submit]")
    clerk.open(f"/operator/people/{guest.pk}/")
    clerk.page.fill("form[action*='/admit/'] [name=reason]", "來函申請")
    clerk.press(form_to("/admit/"))
    guest.refresh_from_db()
    assert not guest.is_guest and guest.first_login_links.exists()
    clerk.context.clear_cookies()
    link = writer.link_of(Notice.objects.filter(kind="invitation", recipient=guest).latest("pk"))
    clerk.open(urlsplit(link).path)
    clerk.fill(password1=NEW_PASSWORD, password2=NEW_PASSWORD)
    clerk.press("main form button[type=submit]")
    clerk.become(guest.guest.email)
    clerk.open("/me/hours/")
    assert credit.course.code in clerk.page.inner_text("main")


def correct_close_and_reopen_a_person(clerk: Clerk) -> None:
    """A name is corrected; the person retires, which ends the places, and is opened again."""
    clerk.become("operator@demo.example")
    person = User.objects.get(email="t40@demo.example")
    clerk.open(f"/operator/people/{person.pk}/")
    clerk.page.fill("form[action*='/name/'] [name=new_name]", "田更名")
    clerk.page.fill("form[action*='/name/'] [name=reason]", "戶籍更名")
    clerk.press(form_to(f"/{person.pk}/name/"))
    clerk.page.select_option(f"form[action*='/{person.pk}/close/'] [name=because]", "retired")
    clerk.page.fill(f"form[action*='/{person.pk}/close/'] [name=reason]", "屆齡退休")
    clerk.press(form_to(f"/{person.pk}/close/"))
    person.refresh_from_db()
    assert person.name == "田更名" and person.closed_because == "retired"
    assert {place.until for place in Affiliation.objects.filter(user=person)} == {clock.today()}
    clerk.page.fill("form[action*='/reopen/'] [name=reason]", "誤植")
    clerk.press(form_to(f"/{person.pk}/reopen/"))
    person.refresh_from_db()
    assert person.closed_at is None and person.is_active


# --- The county ---------------------------------------------------------------------------------------------------------


def add_and_merge_units(clerk: Clerk) -> None:
    """A centre is added; a small school is merged into its neighbour after its effect was shown."""
    clerk.become("county@demo.example")
    clerk.open("/units/new/")
    clerk.fill(code="13C009", name="屏東縣示範教育中心")
    clerk.page.select_option("main [name=kind]", "centre")
    clerk.page.select_option("main [name=level]", "none")
    clerk.press(MAIN_BUTTON)
    assert unit_of("13C009").kind == "centre"
    unit, successor = unit_of("134710"), unit_of("134709")
    served = Affiliation.objects.serving().filter(unit=unit).count()
    clerk.open(f"/county/units/{unit.pk}/merge/")
    clerk.fill(first=successor.code)
    clerk.press(MAIN_BUTTON)
    clerk.fill(reason="裁併", last_day=iso(clock.today()))
    clerk.press(MAIN_BUTTON)
    unit.refresh_from_db()
    assert unit.until is None
    clerk.press(MAIN_BUTTON)
    unit.refresh_from_db()
    moved = Affiliation.objects.filter(unit=successor, since=clock.today() + DAY).count()
    assert unit.until == clock.today() and moved == served > 0


def close_a_unit(clerk: Clerk) -> None:
    """A centre closes and names its successor; opened by mistake, it goes on."""
    clerk.become("county@demo.example")
    unit = unit_of("13C002")
    clerk.open(f"/county/units/{unit.pk}/close/")
    clerk.fill(last_day=iso(clock.today()), successor="13C001", reason="組織調整")
    clerk.press(MAIN_BUTTON)
    unit.refresh_from_db()
    assert unit.until == clock.today() and unit.successions.get().successor.code == "13C001"
    clerk.page.fill("form[action*='/reopen/'] [name=reason]", "誤停")
    clerk.press(form_to("/reopen/"))
    unit.refresh_from_db()
    assert unit.until is None


def rename_and_recode_a_unit(clerk: Clerk) -> None:
    """A school gets another name and another code; the old ones are kept, and the register finds it by the old code."""
    clerk.become("county@demo.example")
    unit = unit_of("134709")
    clerk.open(f"/units/{unit.pk}/edit/")
    clerk.fill(name="縣立同安實驗國小", contact_mail="tongan@mail.example")
    clerk.press(MAIN_BUTTON)
    clerk.open(f"/units/{unit.pk}/code/")
    clerk.fill(code="134799", reason="改制為實驗學校")
    clerk.press(MAIN_BUTTON)
    assert unit_of("134799") == unit
    clerk.open("/units/?q=134709")
    assert clerk.page.locator("main tbody tr").count() == 1
    assert "134799" in clerk.page.inner_text("main tbody")
    clerk.open(f"/county/units/{unit.pk}/")
    facts = clerk.page.inner_text("main dl.facts")
    assert "縣立同安國小" in facts and "134709" in facts


def split_a_unit(clerk: Clerk) -> None:
    """A school is split between two others; its people go on at one of them from the next day."""
    clerk.become("county@demo.example")
    unit, first, second = unit_of("134651"), unit_of("134708"), unit_of("134525")
    served = Affiliation.objects.serving().filter(unit=unit).count()
    clerk.open(f"/county/units/{unit.pk}/merge/")
    clerk.fill(first=first.code, second=second.code)
    clerk.press(MAIN_BUTTON)
    clerk.page.select_option("main [name=people_to]", str(second.pk))
    clerk.fill(reason="分割", last_day=iso(clock.today()))
    clerk.press(MAIN_BUTTON)
    unit.refresh_from_db()
    assert unit.until is None
    clerk.press(MAIN_BUTTON)
    unit.refresh_from_db()
    assert unit.until == clock.today()
    assert {row.successor for row in unit.successions.all()} == {first, second}
    assert Affiliation.objects.filter(unit=second, since=clock.today() + DAY).count() == served > 0


def keep_the_list_of_a_school_without_a_lead(clerk: Clerk) -> None:
    """The register shows which schools have no lead; the county enters a colleague there, and corrects title and order."""
    clerk.become("county@demo.example")
    unit = unit_of("134708")
    clerk.open("/units/?missing=lead")
    assert unit.name in clerk.page.inner_text("main tbody")
    clerk.follow(f"main tbody a[href='/units/{unit.pk}/staff/']")
    clerk.follow(f"main nav a[href='/county/units/{unit.pk}/']")
    clerk.follow(f"main a[href='/units/{unit.pk}/staff/']")
    clerk.follow(f"main a[href='/units/{unit.pk}/staff/add/']")
    clerk.fill(who="tu@demo.example", name="涂新進", email="tu@demo.example", title="教師")
    clerk.press(MAIN_BUTTON)
    place = Affiliation.objects.get(unit=unit, user__email="tu@demo.example")
    clerk.open(f"/staff/{place.pk}/")
    fields = f"form[action='/staff/{place.pk}/']"
    clerk.page.fill(f"{fields} [name=title]", "組長")
    clerk.page.fill(f"{fields} [name=order]", "3")
    clerk.press(f"{fields} button[type=submit]")
    place.refresh_from_db()
    assert (place.title, place.order) == ("組長", 3)


def take_days_off_from_a_file(clerk: Clerk) -> None:
    """Days of the county come from a file; one wrong day lets none of them in."""
    clerk.become("county@demo.example")
    clerk.open("/days-off/")
    attach(clerk, "days.csv", "日期,名稱,縣市\n2026-12-17,縣運一,屏東縣\n2026-02-30,縣運二,屏東縣\n")
    assert clerk.page.locator("main form.panel[enctype] li").count() == 1
    assert not DayOff.objects.filter(name__startswith="縣運").exclude(name="縣運補假").exists()
    attach(clerk, "days.csv", "日期,名稱,縣市\n2026-12-17,縣運一,屏東縣\n115/12/18,縣運二,屏東縣\n")
    assert DayOff.objects.filter(name__in=["縣運一", "縣運二"]).count() == 2


def announce_and_hand_out(clerk: Clerk) -> None:
    """A line for the county, which a teacher takes off; a day off; a file, whose content is looked at and not its name."""
    clerk.become("county@demo.example")
    clerk.open("/announcements/kept/new/")
    clerk.fill(text="防災演練週", last_day=iso(clock.today() + 5 * DAY))
    clerk.press("main form.panel button[type=submit]:not([name])")
    line = Announcement.objects.get(text="防災演練週")
    clerk.open("/days-off/")
    clerk.fill(day="2026-12-11")
    clerk.page.locator("main form.panel [name=name]").first.fill("縣慶補假")
    clerk.press("main form.panel:not([enctype]) button[type=submit]")
    assert DayOff.objects.filter(name="縣慶補假").exists()
    clerk.open("/downloads/kept/new/")
    for content in (b"MZ\x90\x00", b"%PDF-1.7 form"):
        clerk.fill(title="防災演練表件")
        file = {"name": "form.pdf", "mimeType": "application/pdf", "buffer": content}
        clerk.page.set_input_files("main input[type=file]", file)
        clerk.press("main form.panel button[type=submit]")
        assert Download.objects.filter(title="防災演練表件").exists() == content.startswith(b"%PDF")
    assert StoredFile.objects.latest("pk").content_type == "application/pdf"
    teacher = clerk.become("t02@demo.example")
    clerk.open("/me/")
    clerk.press(form_to(f"/announcements/{line.pk}/dismiss/"))
    assert line.dismissals.filter(person=teacher).exists()


# --- The school ---------------------------------------------------------------------------------------------------------


def enter_and_end_a_colleague(clerk: Clerk) -> None:
    """A teacher of another school is requested, accepts, and leaves again."""
    lead, unit = clerk.become("lead@demo.example"), unit_of("134526")
    known = PlaceOffer.objects.filter(unit=unit).values("user")
    others = User.objects.filter(email__regex=r"^t\d\d@", is_active=True).exclude(affiliations__unit=unit)
    person = others.exclude(pk__in=known).order_by("pk")[0]
    clerk.open(f"/units/{unit.pk}/staff/add/")
    clerk.fill(who=person.email, title="教師")
    clerk.press(MAIN_BUTTON)
    offer = PlaceOffer.objects.get(user=person, unit=unit)
    clerk.become(person.email)
    clerk.open("/person/accounts/")
    clerk.press(f"form[action*='/places/{offer.pk}/'] button[value=accept]")
    place = Affiliation.objects.get(user=person, unit=unit)
    clerk.become(lead.email)
    clerk.open(f"/staff/{place.pk}/")
    clerk.page.fill("form[action$='/end/'] [name=last_day]", iso(clock.today()))
    clerk.press("main form[action$='/end/'] button[type=submit]")
    place.refresh_from_db()
    assert place.until == clock.today() and place.end_entered_at


def take_the_roster(clerk: Clerk) -> None:
    """The staff list comes from a file: one is new, who is missing is ended where that was ticked, and a proposal is decided."""
    clerk.become("lead@demo.example")
    unit = unit_of("134526")
    clerk.open("/staff/file/")
    send_file(
        clerk,
        "roster.csv",
        "姓名,身分證字號,電子郵件,學校代碼,職稱,角色\n溫新到,B123456780,wen@demo.example,134526,教師,\n",
    )
    gone = _who_may_go(unit)
    clerk.tick(f"[name=ends][value='{gone.pk}']")
    clerk.page.fill("[name=last_day]", iso(clock.today()))
    clerk.press(form_to("/carry-out/"))
    runner.run(Job.objects.latest("pk").pk)
    gone.refresh_from_db()
    assert gone.until == clock.today()
    assert Affiliation.objects.serving().filter(unit=unit, user__name="溫新到").exists()
    proposal = PlaceProposal.objects.filter(unit=unit, state="pending").latest("pk")
    clerk.open("/staff/proposals/")
    clerk.press(f"form[action*='/proposals/{proposal.pk}/'] button[value=accept]")
    proposal.refresh_from_db()
    assert proposal.state == "approved"


def _who_may_go(unit: Unit) -> Affiliation:
    """Return the place of a colleague who holds no account there and about whom nothing is proposed."""
    held = BusinessAccount.objects.of_unit(unit.pk).values("user")
    proposed = PlaceProposal.objects.filter(unit=unit).values("person")
    places = Affiliation.objects.serving().filter(unit=unit, until=None, is_concurrent=False)
    return places.exclude(user__in=held).exclude(user__in=proposed).order_by("pk")[0]


def come_for_the_first_time(clerk: Clerk) -> None:
    """A visitor whom no register has requests to be entered; the keeper of the staff list looks and approves."""
    clerk.context.clear_cookies()
    clerk.open("/first-log-in/apply/")
    clerk.fill(
        unit="134526", name="方第一", national_id="C123456781", email="fang@demo.example", title="教師"
    )
    clerk.press(MAIN_BUTTON)
    asked = JoinRequest.objects.get(name="方第一")
    clerk.become("roster@demo.example")
    clerk.open("/requests/staff/")
    clerk.press(f"form[action*='/requests/staff/{asked.pk}/'] button[value=approve]")
    asked.refresh_from_db()
    assert asked.state == "approved" and asked.person and asked.person.first_login_links.exists()
    # What the unit's people earned, by school year.
    clerk.become("lead@demo.example")
    clerk.open("/unit/records/?period=school")
    assert clerk.page.input_value("[name=period]") == "school"


def greet_a_guest(clerk: Clerk) -> None:
    """On the day of the course a person from outside comes: on the list and signed in by one press."""
    sign: Any = Attendance.objects.select_related("session__course__handler__user").latest("pk")
    session, course = sign.session, sign.session.course
    clerk.become(course.handler.user.email)
    clerk.open(f"/unit/courses/{course.code}/attendance/?session={session.pk}")
    clerk.unfold("[name=guest_name]")
    clerk.fill(guest_name="白來賓", guest_unit="社區大學")
    clerk.press("form:has([name=guest_name]) button[type=submit]")
    guest = User.objects.get(name="白來賓")
    assert guest.is_guest and Attendance.objects.filter(session=session, user=guest, kind="in").exists()
