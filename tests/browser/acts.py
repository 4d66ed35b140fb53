"""Each act of the story once, without a word of any language; each proves in the database what it did."""

from datetime import timedelta
from importlib import import_module
from typing import Any

from django.conf import settings
from django.utils.translation import override
from playwright.sync_api import expect

from accounts.middleware import SESSION_KEY
from accounts.models import AccountApplication, Affiliation, BusinessAccount, User
from courses.errors.audience import OwnUnitOnly
from courses.models import Campaign, Course, TransferRequest, YearlyPolicy
from courses.queries.lights import light_of
from demo.logins import PASSWORD
from hours.enums import StandardQuestion
from hours.models import Certificate, Closing, HourCredit, Objection, Survey
from jobs import runner
from jobs.models import Job
from kit import clock
from notices.models import Notice
from tests.browser.contexts import TIMEOUT
from tests.browser.ways import Clerk

MAIN_BUTTON = "main form.panel[method=post] button[type=submit]"


def course_named(title: str) -> Course:
    return Course.objects.get(title=title)


def form_to(path: str) -> str:
    return f"form[action*='{path}'] button[type=submit]"


def cookies(clerk: Clerk) -> dict[str, str]:
    return {cookie["name"]: cookie["value"] for cookie in clerk.context.cookies()}


# --- Coming in ----------------------------------------------------------------------------------------------------------


def log_in(clerk: Clerk) -> None:
    user = User.objects.get(email="handler@demo.example")
    clerk.open("/accounts/login/")
    clerk.fill(login=user.email, password=PASSWORD)
    clerk.press("main form[action$='/accounts/login/'] button[type=submit]")
    assert clerk.page.get_attribute("body", "data-person") == str(user.pk)
    user.refresh_from_db()
    assert user.last_login and user.last_login.date() == clock.now().date()


def switch_hat(clerk: Clerk) -> None:
    account = BusinessAccount.objects.get(user__email="handler@demo.example")
    for value, home in ((0, "/me/"), (account.pk, "/unit/")):
        hat = f"form[action$='/hat/']:has([name=account][value='{value or ''}']) button"
        clerk.unfold(hat)
        clerk.press(hat)
        assert clerk.page.url.endswith(home)
        assert _session(clerk)[SESSION_KEY] == value


def _session(clerk: Clerk) -> Any:
    engine = import_module(settings.SESSION_ENGINE)
    return engine.SessionStore(cookies(clerk)[settings.SESSION_COOKIE_NAME])


def change_language(clerk: Clerk) -> None:
    """To the other language and back."""
    user = clerk.become("t02@demo.example")
    clerk.open("/me/")
    way, mine = clerk.way, clerk.way.language
    other = {"en": "zh-hant", "zh-hant": "en"}[mine]
    for language in (other, mine):
        with clerk.page.expect_navigation():
            clerk.hit(clerk.page.locator(f"button[name=language][value={language}]"))
        user.refresh_from_db()
        assert user.language == language
        assert clerk.page.get_attribute("html", "lang") == {"en": "en", "zh-hant": "zh-Hant-TW"}[language]
    assert way is clerk.way
    clerk.look()


def change_theme(clerk: Clerk) -> None:
    clerk.become("t02@demo.example")
    clerk.open("/me/")
    page = clerk.page
    with page.expect_navigation():
        page.select_option("[name=theme]", "dark")
        if not clerk.way.script:
            clerk.hit(page.locator(form_to("/theme/")))
    clerk.look()
    assert page.get_attribute("html", "data-bs-theme") == "dark"
    assert cookies(clerk)[settings.THEME_COOKIE] == "dark"


# --- The unit's work ----------------------------------------------------------------------------------------------------


def register_a_course(clerk: Clerk) -> None:
    """The stepper, with nothing but what it needs."""
    clerk.become("family@demo.example")
    clerk.open("/unit/courses/new/")
    steps: list[dict[str, str]] = [
        {"title": "六步登錄的課程"},
        {"summary": "摘要", "instructors__0__name": "黃教授"},
        {"sessions__0__day": "2026-12-16", "sessions__0__starts": "13:30", "sessions__0__ends": "16:30", "place": "視聽教室"},
        {"audience": "國中教師"},
        {"contact_phone": "08-8642009"},
    ]  # fmt: skip
    for number, values in enumerate(steps, 1):
        clerk.fill(**values)
        if "audience" in values:
            clerk.tick("[name=stages]")
        clerk.press(f".step-foot button[name=go][value='{number + 1}']")
    assert course_named("六步登錄的課程").state == "draft"
    clerk.press("button[name=register]")
    made = course_named("六步登錄的課程")
    assert made.state == "registered" and made.sessions.count() == 1


def decide_about_applicants(clerk: Clerk) -> None:
    """Admit one, decline another with a note."""
    clerk.become("lead@demo.example")
    course = course_named("跨領域課程共備社群")
    first, second = course.enrolments.order_by("pk")[:2]
    for row, action, state in ((first, "admit", "admitted"), (second, "decline", "declined")):
        clerk.open(f"/unit/courses/{course.code}/applicants/")
        clerk.tick(f"[name=enrolment][value='{row.pk}']")
        clerk.fill(note="名額有限")
        clerk.press(f"button[name=action][value={action}]")
        row.refresh_from_db()
        assert row.state == state
    assert second.note == "名額有限"


def add_people(clerk: Clerk) -> None:
    """Two colleagues, ticked and written, are seen first and put on the list."""
    clerk.become("lead@demo.example")
    course = course_named("跨領域課程共備社群")
    listed = set(course.enrolments.values_list("user", flat=True))
    places = Affiliation.objects.serving().filter(unit=course.unit).exclude(user__in=listed).order_by("pk")
    ticked, written = places[:2]
    clerk.open(f"/unit/courses/{course.code}/participants/")
    clerk.tick(f"[name=staff][value='{ticked.user_id}']")
    clerk.fill(lines=written.user.email)
    clerk.press("main .sticky-bar button[type=submit]")
    if clerk.page.locator("[name=more_places]").count():
        clerk.tick("[name=more_places]")
    clerk.press("button[name=act][value=add]")
    for user_id in (ticked.user_id, written.user_id):
        row = course.enrolments.get(user=user_id)
        assert row.state == "admitted"
        assert Notice.objects.filter(kind="nominated", object_ref=f"enrolment:{row.pk}").count() == 1


def write_to_people(clerk: Clerk) -> None:
    """A message is seen first, then sent to the admitted; the course keeps it with its count."""
    clerk.become("handler@demo.example")
    course = course_named("領域會議暨公開授課議課")
    clerk.open(f"/unit/courses/{course.code}/messages/")
    clerk.page.check("[name=to][value=admitted]")
    clerk.fill(subject="改至 301 教室", text="請提早十分鐘到場。")
    clerk.press("button[name=act][value=preview]")
    assert course.messages.count() == 1
    clerk.press("button[name=act][value=send]")
    sent = course.messages.latest("id")
    assert sent.told == course.enrolments.filter(state="admitted").count() > 1


def keep_a_file(clerk: Clerk) -> None:
    """The plan of a course is kept and shown, whatever its name said; a picture in its place is refused at the field."""
    clerk.become("handler@demo.example")
    course = course_named("領域會議暨公開授課議課")
    clerk.open(f"/unit/courses/{course.code}/files/")
    for content in (b"\x89PNG\r\n\x1a\n", b"%PDF-1.7 plan"):
        clerk.page.check("[name=kind][value=plan]")
        file = {"name": "plan.exe", "mimeType": "image/png", "buffer": content}
        clerk.page.set_input_files("input[name=file]", file)
        assert not course.files.exists()
        clerk.press("form[enctype] button[type=submit]")
    assert course.files.get().file.name == "plan.exe.pdf"


def name_second_handler(clerk: Clerk) -> None:
    clerk.become("handler@demo.example")
    course = course_named("領域會議暨公開授課議課")
    clerk.open(f"/unit/courses/{course.code}/second-handler/")
    second = BusinessAccount.objects.get(user__email="lead@demo.example")
    clerk.page.select_option("select[name=account]", str(second.pk))
    clerk.press("main form.panel button[type=submit]")
    course.refresh_from_db()
    assert course.co_handler == second


def notify_handlers(clerk: Clerk) -> None:
    clerk.become("lead@demo.example")
    clerk.open("/unit/courses/")
    course = course_named("環境教育戶外學習課程設計")
    clerk.tick(f"[name=course][value='{course.pk}']")
    clerk.press(form_to("/unit/courses/notify/"))
    assert Notice.objects.filter(kind="please_close", recipient=course.handler.user).count() == 1


def issue_hours_and_close(clerk: Clerk) -> None:
    """One absent, the others with full hours."""
    clerk.become("handler@demo.example")
    course = course_named("資通安全與個資保護研習")
    absent = course.enrolments.get(user__name="張雅婷")
    clerk.open(f"/unit/courses/{course.code}/close/")
    clerk.page.check(f"[name=state_{absent.pk}][value=absent]", force=True)
    if clerk.way.script:
        clerk.page.wait_for_selector('[data-total="absent"]:text-is("1")')
        clerk.hit(clerk.page.locator("[data-closing-submit]"))
        clerk.page.wait_for_selector("#close-dialog[open]")
    else:
        clerk.press("[data-closing-submit]")
    assert not Closing.objects.filter(course=course).exists()
    clerk.press("[data-close-now]")
    closing = Closing.objects.get(course=course)
    assert (closing.attended, closing.absent, closing.hours_total) == (12, 1, 36)


def correct_hours(clerk: Clerk) -> None:
    clerk.become("family@demo.example")
    course = course_named("特殊教育融合班級經營")
    row = course.enrolments.get(user__email="t03@demo.example")
    clerk.open(f"/unit/courses/{course.code}/corrections/")
    box = clerk.unfold(f"[name=enrolment][value='{row.pk}']")
    box.locator("[name=hours]").fill("2.5")
    box.locator("[name=reason]").fill("早退半小時")
    clerk.press(f"form:has([name=enrolment][value='{row.pk}']) button[type=submit]")
    ledger = HourCredit.objects.filter(enrolment=row)
    assert sum(credit.hours for credit in ledger) == 2.5 and ledger.filter(reason="早退半小時").exists()
    clerk.open(f"/unit/courses/{course.code}/certificates/")
    # Drawing it takes most of the time of this act.
    with clerk.page.expect_download(timeout=4 * TIMEOUT) as taken:
        clerk.page.click(
            f"form:has([name=enrolment][value='{row.pk}']) button[type=submit]", no_wait_after=True
        )
    assert taken.value.suggested_filename.endswith(".pdf")
    [made] = Certificate.objects.filter(enrolment=row)
    clerk.open(f"/verify/?code={made.token}")


def withdraw_in_error(clerk: Clerk) -> None:
    clerk.become("lead@demo.example")
    course = course_named("家庭教育親職溝通工作坊")
    clerk.open(f"/unit/courses/{course.code}/withdraw/")
    clerk.tick("input[value=not_held]")
    clerk.press(MAIN_BUTTON)
    course.refresh_from_db()
    assert course.state == "withdrawn" and course.withdrawal_reason == "not_held"


def ask_for_a_transfer(clerk: Clerk) -> None:
    clerk.become("handler@demo.example")
    clerk.open("/unit/transfers/")
    course = course_named("性別平等教育教師增能研習")
    clerk.tick(f"[name=course][value='{course.pk}']")
    clerk.fill(reason="王師離職，由本人接辦")
    clerk.press(form_to("/unit/transfers/request/"))
    asked = TransferRequest.objects.get(course=course)
    assert asked.state == "pending" and asked.to_account.user.email == "handler@demo.example"


def answer_an_objection(clerk: Clerk) -> None:
    """The handler corrects the hours with the answer, in one act."""
    clerk.become("family@demo.example")
    clerk.open("/unit/objections/")
    row = Objection.objects.get(state="open")
    form = f"form[action$='/objections/{row.pk}/answer/']"
    clerk.page.fill(f"{form} [name=text]", "已查明，予以更正")
    clerk.page.select_option(f"{form} [name=state]", "attended")
    clerk.press(f"{form} button[type=submit]")
    row.refresh_from_db()
    assert (row.state, row.answer, row.answer_hours) == ("answered", "已查明，予以更正", row.course.hours)


def suspend_a_day(clerk: Clerk) -> None:
    """The county looks at the courses of a day and postpones them; the handler finds what to do."""
    course = course_named("海洋教育教材研發")
    clerk.become("county@demo.example")
    clerk.open("/county/suspensions/new/")
    clerk.fill(name="颱風" if clerk.way.language != "en" else "Typhoon", day=f"{course.starts_on:%Y-%m-%d}")
    clerk.press(MAIN_BUTTON)
    assert not course.postponements.exists()
    clerk.press(MAIN_BUTTON)
    job = Job.objects.latest("pk")
    assert job.kind == "suspension" and clerk.page.url.endswith(f"/jobs/{job.pk}/")
    runner.run(job.pk)
    # The page of a job that is done no longer polls; as the next person it would be refused.
    clerk.open(f"/jobs/{job.pk}/")
    course.refresh_from_db()
    assert course.postponed_at and course.postponements.get().settled_at is None
    clerk.become(course.handler.user.email)
    clerk.open(f"/unit/courses/{course.code}/")
    assert clerk.page.locator(f"main .alert a[href$='/courses/{course.code}/edit/']").count() == 1


# --- Teachers -----------------------------------------------------------------------------------------------------------


def enrol_and_cancel(clerk: Clerk) -> None:
    teacher = clerk.become("t48@demo.example")
    course = course_named("AI 融入教學實作工作坊")
    clerk.open(f"/catalogue/{course.code}/")
    for act, state in (("enrol", "admitted"), ("cancel", "cancelled")):
        clerk.press(form_to(f"/catalogue/{course.code}/{act}/"))
        assert course.enrolments.get(user=teacher).state == state
    course.refresh_from_db()
    assert course.seats_taken == 37


def open_to_the_own_staff(clerk: Clerk) -> None:
    """A course that keeps places for the own staff is opened to them alone: a teacher from elsewhere reads why, one of them enrols."""
    course = course_named("雙語教學課堂用語工作坊")
    quota = course.quotas.get()
    clerk.become(course.handler.user.email)
    clerk.open(f"/unit/courses/{course.code}/audience/")
    clerk.page.check("[name=open_to][value=own_unit]")
    clerk.press("main form[data-warn-unsaved] button[type=submit]:not([name])")
    # People from elsewhere who are enrolled keep their places.
    if clerk.page.locator("[name=confirmed]").count():
        clerk.press("[name=confirmed]")
    course.refresh_from_db()
    assert (course.open_to, course.quotas.get().places) == ("own_unit", 10), clerk.page.inner_text("main")
    clerk.become("t48@demo.example")
    clerk.open(f"/catalogue/{course.code}/")
    with override(clerk.way.language):
        expect(clerk.page.locator("#why")).to_contain_text(str(OwnUnitOnly.sentence))
    expect(clerk.page.locator(form_to("/enrol/"))).to_have_count(0)
    _enrol_with_replies(clerk, course)
    assert course.quotas.get().left == quota.left - 1


def _enrol_with_replies(clerk: Clerk, course: Course) -> None:
    """Answer the organiser's questions with the enrolment, and change the answer afterwards."""
    teacher = clerk.become("t17@demo.example")
    meal = course.questions.get(text="用餐")
    for path, button, reply in (
        (f"/catalogue/{course.code}/", form_to("/enrol/"), "素"),
        (f"/catalogue/{course.code}/answers/", "main form.panel button[type=submit]", "自備"),
    ):
        clerk.open(path)
        clerk.page.select_option(f"main [name=q{meal.number}]", reply)
        clerk.press(button)
        row = course.enrolments.get(user=teacher)
        assert (row.state, row.answers.get(question=meal).value) == ("admitted", reply)


def accept_a_free_place(clerk: Clerk) -> None:
    teacher = clerk.become("t48@demo.example")
    course = course_named("AI 融入教學實作工作坊")
    starts, ends = clock.now() + timedelta(hours=4), clock.now() + timedelta(hours=7)
    course.sessions.update(starts_at=starts, ends_at=ends)
    today = {"starts_on": clock.today(), "ends_on": clock.today(), "ends_at": ends}
    Course.objects.filter(pk=course.pk).update(offered_at=clock.now(), **today)
    course.enrolments.filter(user=teacher).update(state="waitlisted")
    clerk.open("/me/")
    clerk.press(form_to(f"/catalogue/{course.code}/accept/"))
    assert course.enrolments.get(user=teacher).state == "admitted"


def object_to_hours(clerk: Clerk) -> None:
    teacher = clerk.become("teacher@demo.example")
    course = course_named("輔導知能:正向管教")
    clerk.open("/me/")
    form = f"form[action$='/me/objections/{course.code}/']"
    clerk.unfold(form)
    clerk.page.locator(f"{form} [name=text]").last.fill("當天有簽到")
    clerk.press(f"{form} button[type=submit] >> visible=true")
    assert Objection.objects.get(user=teacher, course=course).text == "當天有簽到"


def give_an_opinion(clerk: Clerk) -> None:
    """A person who was there replies once; the sums know it, and nothing knows whose it is."""
    course = course_named("十二年國教素養導向評量工作坊")
    clerk.become(course.enrolments.filter(state="admitted").latest("pk").user.email)
    clerk.open(f"/me/questionnaires/{course.code}/")
    for question in StandardQuestion.values:
        clerk.tick(f"[name={question}][value='4']")
    clerk.press("main form.panel button[type=submit]")
    survey = Survey.objects.get(course=course)
    assert survey.answers == 1 and survey.sums["overall"] == [0, 0, 0, 1, 0]


def plan_an_absence(clerk: Clerk) -> None:
    """On the day of the course (`accept_a_free_place` moved it) a teacher cannot come; the handler accepts."""
    course = course_named("AI 融入教學實作工作坊")
    row = course.enrolments.get(user=clerk.become("teacher@demo.example"))
    # Enrolled long ago: it is too late to cancel.
    course.enrolments.filter(pk=row.pk).update(enrolled_at=clock.now() - timedelta(days=20))
    clerk.open(f"/catalogue/{course.code}/")
    clerk.page.select_option("[name=kind]", "official")
    clerk.press(form_to(f"/catalogue/{course.code}/cannot-come/"))
    planned = row.planned_absences.get()
    clerk.become(course.handler.user.email)
    clerk.open("/unit/absences/")
    clerk.press(f"form[action$='/absences/{planned.pk}/decide/'] [value=accept]")
    planned.refresh_from_db()
    row.refresh_from_db()
    assert (planned.state, row.state) == ("accepted", "cancelled")


def mark_notices_read(clerk: Clerk) -> None:
    """One, then all the others."""
    teacher = clerk.become("teacher@demo.example")
    unread = Notice.objects.filter(recipient=teacher, read_at=None)
    before = unread.count()
    assert before > 2
    clerk.open("/notices/")
    clerk.press("main form[action$='/read/'] button[type=submit]")
    assert unread.count() == before - 1
    clerk.press(form_to("/notices/read-all/"))
    assert unread.count() == 0


def apply_for_an_account(clerk: Clerk) -> None:
    """A teacher applies with the unit the page knows; the unit's lead decides."""
    teacher = clerk.become("t01@demo.example")
    clerk.open("/person/accounts/apply/")
    clerk.fill(reason="接辦教務處研習業務")
    clerk.press(MAIN_BUTTON)
    asked = AccountApplication.objects.get(user=teacher)
    assert asked.state == "pending"
    clerk.become("lead@demo.example")
    clerk.open("/requests/")
    clerk.press(f"form[action$='/requests/applications/{asked.pk}/decide/'] button[value=approve]")
    asked.refresh_from_db()
    assert asked.state == "approved" and BusinessAccount.objects.get(user=teacher).unit == asked.unit


# --- Above the schools --------------------------------------------------------------------------------------------------


def chase(clerk: Clerk) -> None:
    clerk.become("county@demo.example")
    clerk.open("/county/")
    unit = course_named("環境教育戶外學習課程設計").unit
    before = Notice.objects.filter(kind="please_close").count()
    clerk.tick(f"[name=unit][value='{unit.pk}']")
    clerk.press("form[action*='/county/chase/'] button[type=submit]:not([name])")
    assert Notice.objects.filter(kind="please_close").count() > before


def run_a_campaign(clerk: Clerk) -> None:
    clerk.become("county@demo.example")
    clerk.open("/county/campaigns/new/")
    clerk.fill(title="清查" if clerk.way.language != "en" else "Spring round", before="7", after="")
    clerk.tick("[name=colours][value=red]")
    clerk.press(MAIN_BUTTON)
    campaign = Campaign.objects.latest("pk")
    assert campaign.is_draft and clerk.page.url.endswith(f"/county/campaigns/{campaign.pk}/")
    clerk.press(form_to(f"/campaigns/{campaign.pk}/begin/"))
    campaign.refresh_from_db()
    assert campaign.is_running and campaign.rows.count() == 1
    clerk.open(f"/county/campaigns/{campaign.pk}/letter/")
    clerk.fill(officer="林承辦", number="屏府教字第1150000001號")
    clerk.press("form.panel button[type=submit]")
    assert campaign.letter.officer == "林承辦"
    clerk.open(f"/county/campaigns/{campaign.pk}/")
    clerk.press(form_to(f"/campaigns/{campaign.pk}/end/"))
    campaign.refresh_from_db()
    assert campaign.ended_at is not None


def approve_a_transfer(clerk: Clerk) -> None:
    clerk.become("operator@demo.example")
    asked = TransferRequest.objects.get(course__title="性別平等教育教師增能研習")
    clerk.open("/operator/transfers/")
    clerk.tick(f"[name=transfer][value='{asked.pk}']")
    clerk.press("button[name=action][value=approve]")
    asked.refresh_from_db()
    assert asked.state == "approved" and asked.course.handler == asked.to_account


def change_the_policy(clerk: Clerk) -> None:
    """Red from nine courses on: the unit's light follows."""
    clerk.become("operator@demo.example")
    unit = course_named("環境教育戶外學習課程設計").unit
    clerk.open("/operator/policy/")
    clerk.fill(unit_red_at="9", reason="試行")
    clerk.press(MAIN_BUTTON)
    assert not YearlyPolicy.objects.filter(year=clock.this_year(), unit_red_at=9).exists()
    clerk.press(MAIN_BUTTON)
    policy = YearlyPolicy.objects.get(year=clock.this_year())
    assert policy.unit_red_at == 9 and policy.changed_by is not None
    assert light_of(unit).colour == "yellow"
