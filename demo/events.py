"""What has happened before the curtain rises. Every act goes through the real actions, at its own time."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.db import transaction

from accounts.acting import Actor
from accounts.actions import guests
from accounts.actions.guests import GuestFacts
from accounts.models import Affiliation, BusinessAccount, User
from courses.actions import (
    course_fields,
    enrolments,
    helpers,
    lights,
    messages,
    participants,
    postponements,
    registration,
    second_handler,
    suspensions,
    transfers,
    withdrawal,
)
from courses.enums import Admission, EnrolmentState, MessageTo, Mode, Participation, Travel
from courses.models import Course, CourseNature, Enrolment, Stage, Tag, YearlyPolicy
from demo import (
    attendance,
    audiences,
    certificates,
    county_campaign,
    course_files,
    doubts,
    one_person,
    partners,
    published,
    questionnaires,
    watching,
)
from demo.people import DemoPeople, actor, assemble
from demo.registers import fill_registers
from demo.staff import fill_staff_list
from hours.actions.closing import close_course
from hours.models import Mark, Sheet, WalkIn
from kit import clock
from notices.models import Notice

S = EnrolmentState
# In the first weeks of a year no course of that year can be overdue yet: the demonstration then looks at the year before.
EARLY = 120


@transaction.atomic
def load() -> DemoPeople:
    """Build the whole demonstration, or nothing."""
    today = clock.today()
    cast = assemble(today)
    _policy(today)
    _nanzhou(cast, today)
    _absences(cast, today)
    _neighbours(cast, today)
    ahead = today + timedelta(days=45)
    opens = today + timedelta(days=10)
    seeds = course(cast.family, "家庭教育種子教師培訓", ahead, tag="family", enrol_from=opens)
    watching.load(cast, seeds)
    published.load(cast, today)
    partners.load(cast, list(Course.objects.of_unit(cast.lead.unit_id).filter(starts_on__gt=today)[:3]))
    fill_staff_list(cast, today)
    fill_registers(cast, today)
    one_person.load(cast)
    _suspension(cast, today)
    lights.refresh(year=clock.this_year() - 1, cause="demo")
    lights.refresh(cause="demo")
    county_campaign.begin(cast, today)
    # The past is not mailed; what happens from now on is.
    Notice.objects.update(by_mail=False)
    return cast


def _policy(today: date) -> None:
    year = clock.roc_year(today)
    if (today - clock.year_bounds(year)[0]).days < EARLY:
        YearlyPolicy.objects.create(year=year, count_earlier_years=True, reason="示範")
        YearlyPolicy.objects.create(
            year=year - 1, final_deadline=clock.year_bounds(year)[0], reason="示範：年初以去年的課程示範"
        )


def course(
    account: BusinessAccount,
    title: str,
    day: date,
    *,
    hours: str = "3",
    tag: str = "curriculum",
    stage: str = "75",
    start: datetime | None = None,
    **more: object,
) -> Course:
    """A registered course of one afternoon, or from `start` on, registered three weeks before it."""
    start = start or clock.at_taipei(day, time(13, 30))
    fields = {
        "title": title,
        "approval_number": "屏府教學字第11207522100號",
        "summary": f"本課程以實例說明「{title}」的重點，並安排分組實作與交流。",
        "outline": "一、理念與法規\n二、案例分享\n三、分組實作\n四、綜合座談",
        "audience": "縣內各級學校教師",
        "materials": "講師自編講義",
        "method": "講授與分組實作",
        "nature": CourseNature.objects.filter(code="52").first(),
        "mode": Mode.ON_SITE,
        "travel": Travel.OWN_UNIT,
        "place": f"{account.unit.name} 視聽教室",
        "hours": Decimal(hours),
        "capacity": 40,
        "enrol_from": day - timedelta(days=30),
        "enrol_until": day - timedelta(days=1),
        "contact_name": account.user.name,
        "contact_phone": "08-8642009#12",
        "contact_mail": account.user.email,
    } | more
    data = course_fields.CourseData(
        fields=fields,
        sessions=[course_fields.SessionData(start, start + timedelta(hours=float(hours)))],
        instructors=[("黃教授", "國立屏東大學")],
        stages=Stage.objects.filter(code=stage),
        tags=Tag.objects.filter(code=tag),
    )
    draft = registration.save_draft(by=actor(account), data=data)
    moment = start - timedelta(days=21)
    return registration.register(course=draft, by=actor(account), at=min(moment, clock.now()))


def fill(what: Course, people: list[User]) -> None:
    """The people enrol, ten days before the course or now, whichever is earlier."""
    first = what.starts_on or clock.today()
    moment = min(clock.at_taipei(first - timedelta(days=10), time(9)), clock.now())
    for person in people:
        enrolments.enrol(code=what.code, by=Actor(person), at=moment)


def close(
    what: Course,
    account: BusinessAccount,
    absent: set[int],
    days_after: int = 3,
    helpers: Sequence[WalkIn] = (),
) -> None:
    """The course is closed some days after it, everybody present but `absent` (ids of people); `helpers` are its lecturers and staff."""
    rows = Enrolment.objects.filter(course=what, state=S.ADMITTED)
    marks = {
        row.pk: Mark(S.ABSENT) if row.user_id in absent else Mark.of(S.ATTENDED, what.hours) for row in rows
    }
    moment = (what.ends_at or clock.now()) + timedelta(days=days_after)
    close_course(
        course=what,
        by=actor(account),
        sheet=Sheet(f"demo-{what.code}", marks, helpers),
        at=min(moment, clock.now()),
    )


def _nanzhou(cast: DemoPeople, today: date) -> None:
    """南州國中: five overdue courses, two of them of a handler who has left; one to close now; one ahead."""
    # What lies ahead was registered while the gate was open.
    opinion: dict[str, Any] = {"stage": "30", "questionnaire": "required"}
    fresh = course(cast.handler, "十二年國教素養導向評量工作坊", today - timedelta(days=6), **opinion)
    fill(fresh, cast.teachers[5:23])
    doubts.load_absences(fresh, cast)
    wrong = course(
        cast.handler, "交通安全教育研習(重複登錄)", today + timedelta(days=12), tag="safety", stage="30"
    )
    withdrawal.withdraw(course=wrong, by=actor(cast.handler), reason="registered_twice")
    not_held = course(cast.handler, "戶外教育風險管理研習", today + timedelta(days=16), stage="30")
    withdrawal.withdraw(
        course=not_held, by=actor(cast.handler), reason="not_held", text="報名人數不足，擬於下學期再辦。"
    )
    review = course(
        cast.lead,
        "跨領域課程共備社群",
        today + timedelta(days=20),
        stage="30",
        capacity=12,
        admission=Admission.REVIEW,
    )
    fill(review, [*cast.teachers[20:34], cast.yellow])
    _today(cast)
    in_school = course(
        cast.handler, "領域會議暨公開授課議課", today + timedelta(days=8), stage="30", capacity=25
    )
    staff = Affiliation.objects.serving().filter(unit=cast.handler.unit).values_list("user_id", flat=True)
    participants.add(course=in_school, by=actor(cast.handler), people=list(staff), more_places=True)
    messages.send(
        course=in_school,
        by=actor(cast.handler),
        to=MessageTo.ADMITTED,
        subject="請攜帶議課紀錄表",
        text="議課前請先填妥紀錄表第一部分，當日自備筆電。",
        form_key=uuid4(),
    )
    _audiences(cast, today)
    _lecturers(cast, in_school)
    second_handler.name(course=review, by=actor(cast.lead), account=cast.handler)
    titles = [
        ("性別平等教育教師增能研習", cast.former, 118, "gender"),
        ("校園霸凌防制與輔導知能研習", cast.former, 104, "bullying"),
        ("環境教育戶外學習課程設計", cast.handler, 83, "environment"),
        ("資通安全與個資保護研習", cast.handler, 69, "infosec"),
        ("家庭教育親職溝通工作坊", cast.lead, 48, "family"),
    ]
    for index, (title, account, ago, tag) in enumerate(titles):
        made = course(account, title, today - timedelta(days=ago), tag=tag, stage="30")
        people = cast.teachers[index * 6 : index * 6 + 12]
        fill(made, [*people, cast.yellow] if index == 3 else people)
    # Only now: an account that has ended registers nothing.
    BusinessAccount.objects.filter(pk=cast.former.pk).update(valid_until=today - timedelta(days=20))


def _lecturers(cast: DemoPeople, what: Course) -> None:
    """An observer from outside lectures at the coming in-school course, and a colleague from another unit helps."""
    by = actor(cast.handler)
    facts = GuestFacts("吳教授", "國立屏東大學")
    guest = guests.enter(unit=cast.handler.unit, facts=facts, by=by)
    helpers.name(course=what, by=by, people=[guest.pk], part=Participation.LECTURER)
    helpers.name(course=what, by=by, people=[cast.family.user_id], part=Participation.STAFF)


def _audiences(cast: DemoPeople, today: date) -> None:
    kept = course(cast.lead, "雙語教學課堂用語工作坊", today + timedelta(days=24), stage="30", capacity=40)
    own = course(cast.handler, "校內課程計畫審查說明", today + timedelta(days=9), stage="30", capacity=30)
    audiences.load(kept, own, today)


def _today(cast: DemoPeople) -> None:
    """A course that is held now, with people who have signed in (`demo.attendance`)."""
    now = clock.now()
    start = attendance.begun(now)
    held = course(cast.lead, "週三進修：素養導向試題設計", clock.day_of(start), stage="30", start=start)
    people = cast.teachers[30:44]
    fill(held, [*people, cast.yellow])
    session = held.sessions.select_related("course").get()
    attendance.sign_people(session, actor(cast.lead), people, cast.teachers[46], now)


def _absences(cast: DemoPeople, today: date) -> None:
    """張雅婷 has two absences this year (yellow), hours in other courses, and one enrolment ahead."""
    facts = [
        ("特殊教育融合班級經營", 95, "special", True),
        ("輔導知能:正向管教", 76, "guidance", True),
        ("基本救命術(含AED)", 61, "firstaid", False),
        ("閱讀理解策略教學", 40, "curriculum", False),
    ]
    for title, ago, tag, absent in facts:
        more: dict[str, Any] = {
            "tag": tag,
            "place": "屏東縣家庭教育中心 研習教室",
            "questionnaire": "voluntary",
        }
        made = course(cast.family, title, today - timedelta(days=ago), **more)
        fill(made, [*cast.teachers[:15], cast.yellow])
        questionnaires.answer_some(made, actor(cast.family), cast.teachers[: 9 if absent else 3])
        helpers = one_person.helpers(cast) if tag == "curriculum" else []
        close(made, cast.family, {cast.yellow.pk} if absent else set(), helpers=helpers)
    doubts.load_objections(made, cast)
    last_year = course(cast.family, "性別平等教育(去年度)", today - timedelta(days=400), tag="gender")
    fill(last_year, [*cast.teachers[:8], cast.yellow])
    close(last_year, cast.family, set())
    certificates.load(last_year, cast)


def _suspension(cast: DemoPeople, today: date) -> None:
    """A half day without work and classes in one town, which postpones a course that waits for new days."""
    day = today + timedelta(days=9)
    fill(course(cast.linbian, "食農教育體驗課程", day, stage="30", capacity=30), cast.teachers[2:9])
    facts = suspensions.SuspensionFacts(
        county=None,
        name="豪雨",
        day=day,
        from_time=time(12),
        until_time=time(18),
        districts=[cast.linbian.unit.district] if cast.linbian.unit.district else [],
    )
    by = actor(cast.county)
    row, _job = suspensions.announce(by=by, facts=facts)
    while postponements.postpone_some(by=by, suspension=row):
        pass


def _neighbours(cast: DemoPeople, today: date) -> None:
    """A popular course with three places left, an on-line one, a yellow neighbour, and a transfer that waits."""
    popular = course(
        cast.family,
        "AI 融入教學實作工作坊",
        today + timedelta(days=14),
        hours="6",
        place="屏東縣家庭教育中心 電腦教室",
    )
    fill(popular, [*cast.teachers[:36], cast.yellow])
    course_files.load(popular, actor(cast.family))
    course(
        cast.family,
        "親師溝通線上講座",
        today + timedelta(days=9),
        tag="family",
        hours="2",
        mode=Mode.ONLINE,
        place="",
        meeting_link="https://meet.example/family",
        capacity=200,
    )
    course(
        cast.linbian,
        "海洋教育教材研發",
        today + timedelta(days=25),
        tag="environment",
        stage="30",
        capacity=25,
    )
    fill(
        course(cast.linbian, "班級經營與正向管教", today - timedelta(days=55), tag="guidance", stage="30"),
        cast.teachers[10:20],
    )
    for number, day in enumerate(watching.days_of_the_forecast(today), start=1):
        fill(course(cast.linbian, f"海洋教育教師社群（{number}）", day, stage="30"), cast.teachers[12:16])
    left = course(cast.chaozhou_old, "國中數學差異化教學", today - timedelta(days=18), stage="30")
    fill(left, cast.teachers[24:36])
    transfers.request(
        by=actor(cast.chaozhou_new), courses=[left], reason="原承辦人調任總務處，課程由本人接辦。"
    )
