"""Each action of the project once, prepared to run: `READY[name]()` prepares it and returns it as a function without
arguments.
"""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.acting import Actor
from accounts.actions import (
    anonymising,
    applications,
    appointments,
    closing_people,
    code_lists,
    days_off,
    first_operator,
    guests,
    identities,
    identity_changes,
    imports,
    mass_appointments,
    merging,
    people,
    places,
    proposal_decisions,
    proposals,
    reviews,
    rosters,
    staff,
    undelivered_mail,
    unit_codes,
    unit_lists,
    units,
)
from accounts.enums import ProposalSource, Role
from accounts.models import Affiliation, BusinessAccount, Device, PlaceProposal, Unit, UnitListRow, User
from bulletin.actions import announcements, downloads
from courses.actions import (
    admissions,
    audiences,
    campaign_notices,
    campaigns,
    course_fields,
    course_files,
    enrolments,
    feeds,
    helpers,
    leavers,
    letters,
    lights,
    messages,
    participant_look_ups,
    participants,
    planned_absences,
    policies,
    postponements,
    questions,
    registration,
    reminders,
    same_day_enrolment,
    saved_searches,
    second_handler,
    suspensions,
    transfer_decisions,
    transfers,
    unit_life,
    watches,
    withdrawal,
)
from courses.actions.letter_checks import LetterFacts
from courses.enums import CourseState, OpenTo
from courses.enums import EnrolmentState as S
from courses.models import Campaign, Course, CourseHelper, PlannedAbsence, TransferRequest, YearlyPolicy
from courses.models.typed import Typed
from courses.queries.unit_life import left_at
from hours.actions import (
    attendance,
    certificates,
    closing,
    corrections,
    drafts,
    missed_signs,
    objections,
    on_the_spot,
    surveys,
    void_signs,
    walk_ins,
)
from hours.actions.attendance import HandSign
from hours.models import Mark, Sheet, WalkIn
from jobs import runner
from jobs.models import Job
from kit import clock
from signin.actions import (
    devices,
    first_login_links,
    invitations,
    join_requests,
    last_log_ins,
    second_factor,
    support,
    tokens,
)
from tests.factories import (
    acting,
    close,
    make_account,
    make_course,
    make_enrolment,
    make_join_request,
    make_lead,
    make_offer,
    make_officer,
    make_operator,
    make_unit,
    make_user,
    sheet_with,
    teacher,
)
from webhooks.actions import pausing, webhooks
from webhooks.models import Webhook

Act = Callable[[], Any]
WRITABLE = course_fields.WRITABLE
LETTER = LetterFacts(issuer="屏東縣政府", subject="請依限結案", phrase="請查照", items="請依限辦理。")


def operator() -> Actor:
    return acting(make_operator())


def as_data(course: Course, **fields: Any) -> course_fields.CourseData:
    return course_fields.CourseData(
        fields={name: getattr(course, name) for name in WRITABLE} | fields,
        sessions=[course_fields.SessionData(s.starts_at, s.ends_at) for s in course.sessions.all()],
        instructors=[("黃講師", "")],
        stages=course.stages.all(),
    )


def adding_staff(*, known: bool) -> Act:
    unit, person = make_unit(), make_user()
    by = acting(make_lead(unit))
    facts = {"who": person.email} if known else {"who": "new@x.example", "name": "林新進"}
    return lambda: staff.add(unit=unit, facts=places.PlaceFacts(title="教師"), by=by, **facts)


def on_offer(what: str) -> Act:
    unit = make_unit()
    by = acting(make_lead(unit))
    offer = make_offer(unit)
    actor = by if what == "take_back" else teacher(offer.user)
    return lambda: getattr(staff, what)(offer=offer, by=actor)


def application() -> Any:
    unit = make_unit()
    make_lead(unit)
    return applications.apply(
        by=teacher(make_user(unit=unit)),
        unit=unit,
        role=Role.HANDLER,
        reason="新任",
        starts_on=clock.today(),
    )


def deciding_application(what: str) -> Act:
    row = application()
    by = teacher(row.user) if what == "withdraw" else operator()
    more = {"reason": "不符"} if what == "refuse" else {}
    return lambda: getattr(applications, what)(application=row, by=by, **more)


def applying() -> Act:
    unit, person = make_unit(), make_user()
    return lambda: applications.apply(
        by=teacher(person), unit=unit, role=Role.HANDLER, reason="新任", starts_on=clock.today()
    )


def appointing() -> Act:
    unit, person, by = make_unit(), make_user(), operator()
    return lambda: appointments.appoint(user=person, unit=unit, role=Role.HANDLER, by=by)


def changing_account(what: str) -> Act:
    # An operator's: the longest chain of locks.
    make_operator()
    account = make_operator(suspended_at=clock.now() if what == "resume" else None)
    by = operator()
    return lambda: getattr(appointments, what)(account=account, by=by, reason="調整")


def adding_place() -> Act:
    unit, person, by = make_unit(), make_user(), operator()
    return lambda: places.add_place(person=person, unit=unit, facts=places.PlaceFacts(), by=by)


def on_place(what: str, **more: Any) -> Act:
    # An operator's: the longest chain of locks.
    make_operator()
    account, by = make_operator(), operator()
    place = Affiliation.objects.get(user=account.user)
    return lambda: getattr(places, what)(place=place, by=by, confirmed=True, **more)


def deciding_proposal(what: str) -> Act:
    place = Affiliation.objects.create(user=make_user(), unit=make_unit(), title="教師")
    make_account(place.unit, place.user)
    proposals.propose_ends([(place, clock.today())], source=ProposalSource.MOVE, by=None)
    row, by = PlaceProposal.objects.get(place=place), operator()
    more = {"confirmed": True} if what == "accept" else {}
    return lambda: getattr(proposal_decisions, what)(proposal=row, by=by, **more)


def identity_change() -> Any:
    holder = make_account()
    return identity_changes.request(
        by=acting(holder), new_name="新名", new_email=f"new{holder.pk}@x.example", reason="更名"
    )


def asking_for_a_name() -> Act:
    person = make_user()
    return lambda: identity_changes.request(
        by=teacher(person), new_name="新名", new_email=person.email, reason="更名"
    )


def deciding_change(what: str) -> Act:
    row = identity_change()
    by = teacher(row.user) if what == "withdraw" else operator()
    more = {"reason": "不符"} if what == "refuse" else {}
    return lambda: getattr(identity_changes, what)(change=row, by=by, **more)


def creating_people() -> Act:
    by = operator()
    person = User(email="new@x.example", name="新同仁")
    return lambda: identities.create([person], by=by, unit_of={})


def saving_people() -> Act:
    person, by = make_account(valid_until=clock.today() - timedelta(days=1)).user, operator()
    was = identities.Was.of(person)
    person.name = "新名"
    return lambda: identities.save([was], by=by, reason="更正")


def people_file() -> SimpleUploadedFile:
    text = "姓名,身分證字號,電子郵件,學校代碼,職稱,角色\n陳怡君,A123456789,a@x.example,600999,主任,承辦人\n"
    return SimpleUploadedFile("名單.csv", text.encode("utf-8-sig"), "text/csv")


def checking_import() -> Act:
    by = operator()
    return lambda: imports.check("import_people", by=by, upload=people_file())


def checked_import() -> tuple[Job, Actor]:
    make_unit("600999")
    by = operator()
    job = imports.check("import_people", by=by, upload=people_file())
    runner.run(job.pk)
    return Job.objects.get(pk=job.pk), by


def carrying_out_import() -> Act:
    job, by = checked_import()
    return lambda: imports.carry_out(by=by, checked=job, skip_bad_rows=False)


def checking_roster() -> Act:
    by = operator()
    return lambda: rosters.check(by=by, upload=people_file())


def carrying_out_roster() -> Act:
    make_unit("600999")
    by = operator()
    job = rosters.check(by=by, upload=people_file())
    runner.run(job.pk)
    checked = Job.objects.get(pk=job.pk)
    return lambda: rosters.carry_out(by=by, checked=checked)


def appointing_all() -> Act:
    by = operator()
    wanted = [mass_appointments.Appointment(make_user(), make_unit(), Role.HANDLER) for _ in range(3)]
    return lambda: mass_appointments.appoint_all(wanted, by=by)


def on_person(what: str, **more: Any) -> Act:
    person, by = make_user(), operator()
    return lambda: getattr(people, what)(person=person, by=by, reason="當面核對", **more)


def making_links() -> Act:
    people = [make_user(), make_user()]
    return lambda: first_login_links.make(people=people, lifetime=timedelta(days=1), by_mail=True)


def using_link() -> Act:
    person = make_user()
    link = first_login_links.make(people=[person], lifetime=timedelta(days=1), by_mail=True)[person.pk]
    text = link.rstrip("/").rsplit("/", 1)[-1]
    return lambda: first_login_links.use(text=text, password="a-first-pass-word")


def inviting() -> Act:
    person = make_user()
    return lambda: invitations.invite(people=[person], unit_of={}, by=None)


def asking_to_join() -> Act:
    facts = {"name": "林新進", "email": "new@x.example", "number": "A123456789", "title": "", "reason": ""}
    unit = make_unit()
    return lambda: join_requests.apply(unit=unit, language="zh-hant", address="203.0.113.7", **facts)


def deciding_join(what: str) -> Act:
    unit, person = make_unit(), make_user("林新進")
    row, by = make_join_request(unit), acting(make_lead(unit))
    User.objects.filter(pk=person.pk).update(id_hash=row.id_hash)
    more = {"reason": "不符"} if what == "refuse" else {}
    return lambda: getattr(join_requests, what)(request=row, by=by, **more)


def inviting_again() -> Act:
    unit = make_unit()
    person, by = make_user(unit=unit), acting(make_lead(unit))
    return lambda: invitations.send_again(person=person, unit=unit, by=by)


def closing_person(what: str) -> Act:
    make_operator()
    person, by = make_account().user, operator()
    if what == "close":
        make_enrolment(make_course(), person)
        facts = {"because": "retired", "reason": "退休", "confirmed": True}
        return lambda: closing_people.close(person=person, by=by, **facts)
    User.objects.filter(pk=person.pk).update(closed_at=clock.now(), closed_because="retired", is_active=False)
    return lambda: closing_people.reopen(person=person, by=by, reason="誤停用")


def anonymising_people() -> Act:
    person = make_user(unit=make_unit(), is_active=False, closed_at=clock.now(), closed_because="retired")
    return lambda: anonymising.anonymise(User.objects.filter(pk=person.pk))


def merging_people(what: str) -> Act:
    person, second, by = make_user(unit=make_unit()), make_user(unit=make_unit()), operator()
    merge = partial(merging.merge, person=person, second=second, by=by, reason="同一人")
    if what == "merge":
        return merge
    merge()
    return lambda: merging.undo(person=second, by=by, reason="誤併")


GUEST = guests.GuestFacts("林來賓", "某某基金會", "lin@guests.example")


def entering_guest() -> Act:
    unit = make_unit()
    return partial(guests.enter, unit=unit, facts=GUEST, by=acting(make_lead(unit)))


def guest_coming() -> Act:
    """A person from outside is entered, admitted and signed in."""
    course, now = make_course(), clock.now()
    course.sessions.update(starts_at=now - timedelta(minutes=5), ends_at=now + timedelta(hours=1))
    session, by = course.sessions.select_related("course__unit").get(), acting(course.handler)
    return lambda: on_the_spot.enter_guest(session=session, facts=GUEST, by=by)


def guest_becoming_person() -> Act:
    person, by = entering_guest()(), operator()
    return lambda: guests.become_person(person=person, by=by, reason="本人申請")


def resetting_second_factor() -> Act:
    person, by = make_user(), operator()
    return lambda: second_factor.reset_second_factor(person=person, by=by, reason="當面核對")


def confirming() -> Act:
    by = acting(make_lead())
    return lambda: reviews.confirm(by=by)


def making_key() -> Act:
    person = make_user()
    return lambda: tokens.make(by=teacher(person), name="程式")


def ending_key() -> Act:
    by = teacher(make_user())
    token, _text = tokens.make(by=by, name="程式")
    return lambda: tokens.revoke(by=by, pk=token.pk)


def adding_webhook() -> Act:
    by = acting(make_lead())
    return lambda: webhooks.add(by=by, url="https://school.example/h", purpose="校務系統", changes=["closed"])


def on_webhook(what: str, **more: Any) -> Act:
    row, _secret = adding_webhook()()
    Webhook.objects.filter(pk=row.pk).update(paused_at=clock.now())
    return lambda: getattr(webhooks, what)(webhook=row, by=acting(row.account), **more)


def taking_over_webhook() -> Act:
    row, _secret = adding_webhook()()
    BusinessAccount.objects.filter(pk=row.account_id).update(suspended_at=clock.now())
    by = acting(make_lead(row.account.unit))
    return lambda: webhooks.take_over(webhook=row, by=by)


def pausing_webhook() -> Act:
    row, _secret = adding_webhook()()
    return lambda: pausing.pause(row, "HTTP 500")


def forgetting_browser() -> Act:
    now = clock.now()
    row = Device.objects.create(user=make_user(), digest="d", label="x", first_seen=now, last_seen=now)
    return lambda: devices.forget(by=teacher(row.user), pk=row.pk)


def sending_again() -> Act:
    by = operator()
    return lambda: undelivered_mail.send_again(by=by)


def beginning_support() -> Act:
    by, person = operator(), make_user()
    return lambda: support.begin(by=by, person=person, reason="電話求助")


def ending_support() -> Act:
    view: Any = beginning_support()()
    by = Actor(view.operator.user, view.operator)
    return lambda: support.end(view=view, by=by)


def adding_day() -> Act:
    by = operator()
    return lambda: days_off.add(by=by, day=clock.today(), name="颱風", county=None)


def taking_days_in() -> Act:
    by = acting(make_operator())
    day = days_off.NewDay(clock.today(), "颱風", None)
    return lambda: days_off.import_days(by=by, days=[day])


def taking_day_back() -> Act:
    row: Any = adding_day()()
    by = operator()
    return lambda: days_off.take_back(row=row, by=by)


def adding_entry() -> Act:
    by = operator()
    return lambda: code_lists.add(by=by, to="tags", code="x1", entry=code_lists.Entry("海洋教育"))


def on_entry(what: str) -> Act:
    row: Any = adding_entry()()
    by = operator()
    more = {"entry": code_lists.Entry("海洋")} if what == "change" else {}
    return lambda: getattr(code_lists, what)(by=by, of="tags", row=row, **more)


def taking_list_in() -> Act:
    by = operator()
    rows = [code_lists.Written(2, "x1", code_lists.Entry("海洋教育"))]
    return lambda: code_lists.import_entries(by=by, to="tags", rows=rows)


def publishing_line() -> Act:
    by, day = operator(), clock.today()
    return lambda: announcements.publish(
        by=by, text="維護", readers="members", county=None, first_day=day, last_day=day
    )


def on_line(what: str) -> Act:
    row: Any = publishing_line()()
    by, day = operator(), clock.today()
    more: dict[str, Any] = {}
    if what == "change":
        more = {"text": "改期", "readers": "leads", "county": None, "first_day": day, "last_day": day}
    return lambda: getattr(announcements, what)(announcement=row, by=by, **more)


def publishing_file() -> Act:
    by, upload = operator(), SimpleUploadedFile("a.pdf", b"%PDF-1")
    data = downloads.DownloadData(title="格式", readers="members")
    return lambda: downloads.publish(by=by, upload=upload, data=data)


def on_file(what: str) -> Act:
    row: Any = publishing_file()()
    by = operator()
    more = {"data": downloads.DownloadData(title="新格式", readers="leads")} if what == "change" else {}
    return lambda: getattr(downloads, what)(download=row, by=by, **more)


def enrolling() -> Act:
    course, person = make_course(capacity=1), make_user()
    enrolments.enrol(code=course.code, by=teacher(make_user()))
    return lambda: enrolments.enrol(code=course.code, by=teacher(person))


def cancelling() -> Act:
    course = make_course(capacity=1)
    row = enrolments.enrol(code=course.code, by=teacher(make_user()))
    enrolments.enrol(code=course.code, by=teacher(make_user()))
    return lambda: enrolments.cancel(course=course, by=teacher(row.user))


def accepting() -> Act:
    """A place that became free on the day of the course, which is offered to a person who waits."""
    course = make_course(day=clock.today(), capacity=1)
    holder, row = make_enrolment(course), make_enrolment(course, state=S.WAITLISTED)
    admissions.decline(course=course, by=acting(course.handler), enrolment_ids=[holder.pk])
    return lambda: enrolments.accept(course=course, by=teacher(row.user))


def planned_absence() -> PlannedAbsence:
    """On the day of the course, when it is too late to cancel."""
    row = make_enrolment(make_course(day=clock.today()), enrolled_at=clock.now() - timedelta(days=3))
    planned = planned_absences.state(course=row.course, by=teacher(row.user), kind="official")
    assert planned
    return planned


def stating_absence() -> Act:
    row = make_enrolment(make_course(day=clock.today()), enrolled_at=clock.now() - timedelta(days=3))
    return lambda: planned_absences.state(course=row.course, by=teacher(row.user), kind="official")


def taking_absence_back() -> Act:
    row = planned_absence().enrolment
    return lambda: planned_absences.take_back(course=row.course, by=teacher(row.user))


def deciding_absence() -> Act:
    planned = planned_absence()
    course = planned.enrolment.course
    make_enrolment(course, state=S.WAITLISTED)
    by = acting(course.handler)
    return lambda: planned_absences.decide(planned=planned, by=by, is_accepted=True)


def deciding_enrolment(what: str) -> Act:
    course = make_course(admission="review")
    row, by = make_enrolment(course, state=S.APPLIED), acting(course.handler)
    return lambda: getattr(admissions, what)(course=course, by=by, enrolment_ids=[row.pk])


def refreshing() -> Act:
    make_course(ago=50)
    return lambda: lights.refresh()


def following() -> Act:
    course = make_course(ago=50)
    return lambda: lights.follow(unit_ids=[course.unit_id], years=[course.year], cause="edit")


def changing_policy() -> Act:
    by, year = operator(), clock.this_year()
    version = YearlyPolicy.objects.in_force(year).version
    return lambda: policies.change(
        year=year, by=by, values={"closing_days": 20}, reason="公文", version=version
    )


def drafting() -> Act:
    course = make_course()
    by, data = acting(course.handler), as_data(course)
    return lambda: registration.save_draft(by=by, data=data)


def editing() -> Act:
    course = make_course(capacity=1)
    for _ in range(2):
        enrolments.enrol(code=course.code, by=teacher(make_user()))
    by, data = acting(course.handler), as_data(course, capacity=2)
    return lambda: registration.update(course=course, by=by, data=data)


def on_draft(what: str) -> Act:
    draft = make_course(state=CourseState.DRAFT)
    by = acting(draft.handler)
    return lambda: getattr(registration, what)(course=draft, by=by)


def reminding() -> Act:
    course = make_course(ago=50)
    by = acting(make_lead(course.unit))
    return lambda: reminders.notify_handlers(by=by, course_ids=[course.pk])


def chasing(what: str) -> Act:
    course = make_course(ago=50)
    by = acting(make_officer(course.unit.county))
    return lambda: getattr(reminders, what)(by=by, unit_ids=[course.unit_id])


def campaign_of(course: Course, by: Actor, *, begun: bool) -> Campaign:
    facts = campaigns.CampaignFacts(
        county=by.county, title="清查", year=course.year or 0, deadline=clock.today()
    )
    campaign = campaigns.save(by=by, facts=facts)
    if begun:
        campaigns.begin(by=by, campaign=campaign, version=1)
    return campaign


def on_campaign(what: str, *, begun: bool = False, **more: Any) -> Act:
    course = make_course(ago=50)
    make_lead(course.unit)
    by = acting(make_officer(course.unit.county))
    campaign = campaign_of(course, by, begun=begun)
    act = campaign_notices.notify_units if what == "notify_units" else getattr(campaigns, what)
    return lambda: act(by=by, campaign=campaign, **more)


def on_letter(what: str, *, saved: bool = True, **more: Any) -> Act:
    course = make_course(ago=50)
    by = acting(make_officer(course.unit.county))
    campaign = campaign_of(course, by, begun=False)
    if saved:
        letters.save(by=by, campaign=campaign, facts=LETTER, version=0)
    return lambda: getattr(letters, what)(by=by, campaign=campaign, **more)


def preparing_campaign() -> Act:
    by = acting(make_officer())
    facts = campaigns.CampaignFacts(county=None, title="清查", year=115, deadline=clock.today())
    return lambda: campaigns.save(by=by, facts=facts)


def settling() -> Act:
    course = make_course(ago=50)
    campaign_of(course, acting(make_officer(course.unit.county)), begun=True)
    Course.objects.filter(pk=course.pk).update(state=CourseState.CLOSED, closed_at=clock.now())
    return lambda: campaign_notices.settle(course=course, by=acting(course.handler))


def announcing_suspension() -> Act:
    by, day = acting(make_officer()), clock.today() + timedelta(days=1)
    facts = suspensions.SuspensionFacts(None, "颱風", day)
    return lambda: suspensions.announce(by=by, facts=facts)


def on_suspension(what: str) -> Act:
    """With a course that it reaches; for what follows a taking back, one that it has postponed."""
    day = clock.today() + timedelta(days=1)
    course = make_course(day=day)
    make_enrolment(course)
    by = acting(make_officer(course.unit.county))
    suspension, _job = suspensions.announce(by=by, facts=suspensions.SuspensionFacts(None, "颱風", day))
    if what == "restore_some":
        postponements.postpone_some(by=by, suspension=suspension)
        suspensions.take_back(by=by, suspension=suspension)
    module = postponements if what.endswith("_some") else suspensions
    return lambda: getattr(module, what)(by=by, suspension=suspension)


def keeping_search() -> Act:
    person = make_user()
    return lambda: saved_searches.save(by=teacher(person), name="附近", query="q=1")


def removing_search() -> Act:
    by = teacher(make_user())
    row = saved_searches.save(by=by, name="附近", query="q=1")
    return lambda: saved_searches.remove(by=by, search=row)


def watching_course() -> Act:
    course, person = make_course(enrol_from=clock.today() + timedelta(days=1)), make_user()
    return lambda: watches.watch_course(by=teacher(person), course=course)


def stopping_course() -> Act:
    course, by = make_course(enrol_from=clock.today() + timedelta(days=1)), teacher(make_user())
    watches.watch_course(by=by, course=course)
    return lambda: watches.stop_course(by=by, course=course)


def watching_search() -> Act:
    by = teacher(make_user())
    row = saved_searches.save(by=by, name="附近", query="q=1")
    return lambda: watches.watch_search(by=by, search=row, is_on=True)


def making_feed() -> Act:
    by = acting(make_account())
    return lambda: feeds.make(by=by, of_unit=True)


def ending_feed() -> Act:
    by = acting(make_account())
    row, _secret = feeds.make(by=by, of_unit=True)
    return lambda: feeds.end(by=by, pk=row.pk)


def transfer() -> TransferRequest:
    course = make_course()
    new = acting(make_account(course.unit))
    return transfers.request(by=new, courses=[course], reason="接辦")[0]


def requesting() -> Act:
    courses = [make_course()]
    courses.append(make_course(courses[0].handler))
    by = acting(make_account(courses[0].unit))
    return lambda: transfers.request(by=by, courses=courses, reason="接辦")


def offering() -> Act:
    course = make_course()
    new = make_account(course.unit)
    return lambda: transfers.offer(by=acting(course.handler), courses=[course], to_account=new, reason="調任")


def taking_back() -> Act:
    row = transfer()
    return lambda: transfers.withdraw(transfer=row, by=teacher(row.requested_by))


def deciding_transfer(what: str) -> Act:
    rows, by = [transfer(), transfer()], operator()
    more = {"reason": "不符"} if what == "refuse" else {}
    return lambda: getattr(transfer_decisions, what)(transfers=rows, by=by, **more)


def moving_all() -> Act:
    row, by = transfer(), operator()
    return lambda: transfer_decisions.move_all(
        from_account=row.from_account,
        to_account=row.to_account,
        courses=[row.course],
        by=by,
        reason="公文",
    )


def moving() -> Act:
    row, by = transfer(), operator()
    return lambda: transfer_decisions.move_courses(pairs=[(row.course, row.to_account)], by=by, reason="公文")


def adding_participants(**fields: Any) -> Act:
    course = make_course(**fields)
    people = [make_user().pk, make_enrolment(course, state=S.WAITLISTED).user_id]
    by = acting(course.handler)
    return lambda: participants.add(course=course, by=by, people=people, more_places=True)


def looking_participants_up() -> Act:
    course, person = make_course(), make_user()
    typed = [Typed(person.email)]
    return lambda: participant_look_ups.look_up(course=course, by=acting(course.handler), typed=typed)


def keeping_files(what: str) -> Act:
    course = make_course()
    by = acting(course.handler)
    plan = {"kind": "plan", "upload": SimpleUploadedFile("plan.pdf", b"%PDF-1")}
    row = course_files.add(course=course, by=by, **plan)  # type: ignore[arg-type]
    if what == "remove":
        return lambda: course_files.remove(row=row, by=by)
    return lambda: course_files.add(course=course, by=by, **plan)  # type: ignore[arg-type]


def writing_to_participants() -> Act:
    course = make_course()
    make_enrolment(course)
    facts: dict[str, Any] = {"to": "admitted", "subject": "提醒", "text": "請攜帶筆電", "form_key": uuid4()}
    return lambda: messages.send(course=course, by=acting(course.handler), **facts)


def naming_helpers() -> Act:
    course, person = make_course(), make_user()
    given: dict[str, Any] = {"people": [person.pk], "part": "lecturer", "guest": GUEST}
    return lambda: helpers.name(course=course, by=acting(course.handler), **given)


def taking_helpers_off() -> Act:
    naming_helpers()()
    row = CourseHelper.objects.select_related("course__handler").latest("pk")
    return lambda: helpers.take_off(course=row.course, by=acting(row.course.handler), person=row.user_id)


def naming_second_handler() -> Act:
    course = make_course()
    colleague = make_account(course.unit)
    return lambda: second_handler.name(course=course, by=acting(course.handler), account=colleague)


def withdrawing() -> Act:
    course = transfer().course
    enrolments.enrol(code=course.code, by=teacher(make_user()))
    return lambda: withdrawal.withdraw(course=course, by=acting(course.handler), reason="not_held")


def closing_course() -> Act:
    course = make_course(ago=2)
    row = make_enrolment(course)
    make_enrolment(course, state=S.WAITLISTED)
    transfers.request(by=acting(make_account(course.unit)), courses=[course], reason="接辦")
    walk_ins = [
        WalkIn.of(Typed(make_user().email), Decimal("3")),
        WalkIn.of(make_user().pk, Decimal("2"), "lecturer"),
    ]
    sheet = Sheet("k", {row.pk: Mark.of(S.ATTENDED, Decimal("3"))}, walk_ins)
    return lambda: closing.close_course(course=course, by=acting(course.handler), sheet=sheet)


def correcting() -> Act:
    course = make_course(ago=2)
    row = make_enrolment(course)
    close(course)
    return lambda: corrections.correct(
        enrolment=row, by=acting(course.handler), state=S.ABSENT, hours=Decimal(0), reason="未到"
    )


def surveying(what: str) -> Act:
    ahead = make_course(questionnaire="voluntary")
    if what == "save":
        by = acting(ahead.handler)
        return lambda: surveys.save_questions(course=ahead, by=by, questions=[])
    course = make_course(ago=1, questionnaire="voluntary")
    row = make_enrolment(course)
    if what == "end":
        close(course)
        return lambda: surveys.end(course=course, by=acting(course.handler))
    return lambda: surveys.answer(course=course, by=teacher(row.user), answers={})


def certifying(*, own: bool) -> Act:
    course = make_course(ago=2)
    row = make_enrolment(course)
    close(course)
    if own:
        return lambda: certificates.certify_own(course=course, by=Actor(row.user))
    return lambda: certificates.certify(course=course, by=acting(course.handler))


def adding() -> Act:
    course, person = make_course(ago=2), make_user()
    close(course)
    return lambda: corrections.add_person(
        course=course, person=person, by=acting(course.handler), hours=Decimal("3"), reason="漏列"
    )


def looking_up() -> Act:
    course, person = make_course(ago=2), make_user()
    return lambda: walk_ins.look_up(course=course, by=acting(course.handler), typed=[Typed(person.email)])


def on_sheet(what: str, **more: Any) -> Act:
    course = make_course(ago=2)
    row, by = make_enrolment(course), acting(course.handler)
    lead = acting(make_lead(course.unit))
    drafts.save(course=course, by=lead, sheet=Sheet(), base=0)
    filled = {"sheet": sheet_with({row.pk: ("absent", "3")})} if what != "start_anew" else {}
    return lambda: getattr(drafts, what)(course=course, by=by, **filled, **more)


def objecting() -> Act:
    course = make_course(ago=2)
    row = make_enrolment(course)
    return lambda: objections.object_to(course=course, by=teacher(row.user), text="時數有誤")


def answering() -> Act:
    """With a correction that adds a person who was forgotten: the longest chain of locks."""
    course = make_course(ago=2)
    close(course)
    objection = objections.object_to(course=course, by=teacher(make_user()), text="時數有誤")
    correction = objections.Correction(S.ATTENDED, Decimal("3"))
    by = acting(course.handler)
    return lambda: objections.answer(objection=objection, by=by, text="已更正", correction=correction)


def requesting_review() -> Act:
    course = make_course(ago=2)
    row = make_enrolment(course)
    close(course, absent=(row,))
    objection = objections.object_to(course=course, by=teacher(row.user), text="時數有誤")
    objections.answer(objection=objection, by=acting(course.handler), text="查無紀錄")
    return lambda: objections.request_review(objection=objection, by=teacher(row.user), text="有簽到")


def renaming_unit() -> Act:
    course = make_course()
    unit = course.unit
    return lambda: units.save_units([], [(unit, {"name": "新校名國中"})], by=None)


def facts_of_unit(unit: Unit, **more: Any) -> dict[str, Any]:
    return {name: getattr(unit, name) for name in units.FIELDS} | more


def adding_unit() -> Act:
    office = make_officer()
    facts = facts_of_unit(make_unit(), parent=office.unit, code="13Z009", level="junior_high")
    return lambda: units.add(facts=facts, by=acting(office))


def changing_unit() -> Act:
    office = make_officer()
    unit = make_unit()
    facts = facts_of_unit(unit, name="另一校名國中", parent=office.unit)
    return lambda: units.change(unit=unit, facts=facts, seen=units.mark(unit), by=acting(office))


def recoding_unit() -> Act:
    unit, office = make_unit(), make_officer()
    return lambda: unit_codes.recode(
        unit=unit, code="13Z008", level=unit.level, reason="改制", by=acting(office)
    )


def closing_unit() -> Act:
    account, office = make_account(), make_officer()
    return lambda: unit_life.close(
        unit=account.unit, last_day=clock.today(), successor=make_unit(), reason="停辦", by=acting(office)
    )


def reopening_unit() -> Act:
    unit, office = make_unit(until=clock.today()), make_officer()
    return lambda: unit_life.reopen(unit=unit, reason="誤植", by=acting(office))


def ending_requests() -> Act:
    unit = make_unit()
    make_offer(unit)
    make_join_request(unit)
    Unit.objects.filter(pk=unit.pk).update(until=clock.today() - timedelta(days=1))
    return unit_life.end_requests_each_night


def cancelling_leavers() -> Act:
    unit = make_unit()
    person = make_user(unit=unit)
    course = make_course(make_account(unit), capacity=1, open_to=OpenTo.OWN_UNIT)
    make_enrolment(course, person)
    make_enrolment(course, make_user(unit=unit), S.WAITLISTED)
    person.affiliations.update(until=clock.today())
    return lambda: leavers.cancel_each_night(clock.now() + timedelta(days=1))


def dissolving_unit() -> Act:
    account, office, successor = make_account(), make_officer(), make_unit()
    make_course(account)
    steps = {account.pk: unit_life.Step(successor, (account.user_id, successor.pk))}
    seen = unit_life.mark(account.unit, left_at(account.unit), steps, successor)
    return lambda: unit_life.dissolve(
        unit=account.unit,
        successors=[successor],
        steps=steps,
        last_day=clock.today(),
        reason="裁併",
        seen=seen,
        people_to=successor,
        by=acting(office),
    )


def comparing_units() -> Act:
    by = acting(make_operator())
    row = UnitListRow(group="missing", unit=make_unit(), code="600000", name="n")
    return lambda: unit_lists.save(name="名錄", rows=[row], unchanged=0, by=by)


def deciding_list(what: str) -> Act:
    by, unit = acting(make_operator()), make_unit()
    facts = {"code": unit.code, "level": unit.level, "county": unit.county_name, "name": "新校名國中"}
    row = UnitListRow(group="renamed", unit=unit, code=unit.code, name="新校名國中", facts=facts)
    row.changes = {"name": [unit.name, "新校名國中"]}
    found = unit_lists.save(name="名錄", rows=[row], unchanged=0, by=by)
    act = {"accept": unit_lists.accept, "leave": unit_lists.leave}[what]
    return lambda: act(unit_list=found, row_ids=[row.pk], by=by)


def comparing_file() -> Act:
    by = acting(make_operator())
    return lambda: imports.compare_units(by=by, upload=people_file())


def beginning() -> Act:
    return lambda: first_operator.begin(email="first@x.example", name="首任", unit_name="平臺")


def signing(what: str) -> Act:
    """An act on the attendance of a session that is running."""
    now, course = clock.now(), make_course()
    course.sessions.update(starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=1))
    session = course.sessions.select_related("course").get()
    row, by = make_enrolment(course), acting(course.handler)
    if what == "sign":
        return lambda: attendance.sign(session=session, kind="in", by=teacher(row.user), at=clock.now())
    signs = [HandSign(row.user_id, "in")]
    if what == "sign_by_hand":
        return lambda: attendance.sign_by_hand(session=session, by=by, signs=signs)
    if what == "sign_offline":
        return lambda: attendance.sign_offline(session=session, by=by, signs=signs)
    [sign] = attendance.sign_by_hand(session=session, by=by, signs=signs)
    if what == "take_all_back":
        return lambda: void_signs.take_all_back(session=session, by=by, reason="火警")
    return lambda: attendance.take_back(sign=sign, by=by)


def missing(what: str) -> Act:
    """A report of a missed sign, or the decision about it."""
    course = make_course(ago=1)
    session, row = course.sessions.select_related("course").get(), make_enrolment(course)
    if what == "report":
        return lambda: missed_signs.report(session=session, by=teacher(row.user), text="忘記簽到")
    made = missed_signs.report(session=session, by=teacher(row.user), text="忘記簽到")
    return lambda: missed_signs.decide(report=made, by=acting(course.handler), accept=True)


def joining(what: str) -> Act:
    """A person who has signed without being on the list takes a place on the spot."""
    now, course, person = clock.now(), make_course(), make_user()
    course.sessions.update(starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=1))
    session = course.sessions.select_related("course").get()
    attendance.sign(session=session, kind="in", by=teacher(person), at=now)
    if what == "join":
        return lambda: on_the_spot.join(session=session, by=teacher(person))
    return lambda: same_day_enrolment.enrol_on_the_spot(course=course, by=teacher(person))


def keeping_places() -> Act:
    """A place for which a colleague waits is kept for the own staff."""
    course = make_course(capacity=1)
    make_enrolment(course, state=S.WAITLISTED)
    own = audiences.QuotaData(audiences.Who("own_unit"), 1, clock.today())
    data, by = audiences.AudienceData(quotas=[own]), acting(course.handler)
    return lambda: audiences.set_audience(course=course, by=by, data=data)


def asking(what: str) -> Act:
    """The questions of a course are set, or an enrolled person replies to them."""
    course = make_course()
    row, by = make_enrolment(course), acting(course.handler)
    asked = [questions.QuestionData("備註", "text")]
    if what == "set":
        return lambda: questions.set_questions(course=course, by=by, questions=asked)
    questions.set_questions(course=course, by=by, questions=asked)
    return lambda: questions.answer(course=course, by=teacher(row.user), values={1: "無"})


READY: dict[str, Callable[[], Act]] = {
    "accounts.actions.applications.apply": applying,
    "accounts.actions.applications.withdraw": lambda: deciding_application("withdraw"),
    "accounts.actions.applications.approve": lambda: deciding_application("approve"),
    "accounts.actions.applications.refuse": lambda: deciding_application("refuse"),
    "accounts.actions.appointments.appoint": appointing,
    "accounts.actions.appointments.end": lambda: changing_account("end"),
    "accounts.actions.appointments.suspend": lambda: changing_account("suspend"),
    "accounts.actions.appointments.resume": lambda: changing_account("resume"),
    "signin.actions.devices.forget": forgetting_browser,
    "accounts.actions.first_operator.begin": beginning,
    "accounts.actions.units.save_units": renaming_unit,
    "accounts.actions.units.add": adding_unit,
    "accounts.actions.unit_lists.save": comparing_units,
    "accounts.actions.unit_lists.accept": lambda: deciding_list("accept"),
    "accounts.actions.unit_lists.leave": lambda: deciding_list("leave"),
    "accounts.actions.imports.compare_units": comparing_file,
    "courses.actions.unit_life.close": closing_unit,
    "courses.actions.unit_life.reopen": reopening_unit,
    "courses.actions.unit_life.dissolve": dissolving_unit,
    "courses.actions.unit_life.end_requests_each_night": ending_requests,
    "courses.actions.leavers.cancel_each_night": cancelling_leavers,
    "accounts.actions.unit_codes.recode": recoding_unit,
    "accounts.actions.units.change": changing_unit,
    "accounts.actions.identities.create": creating_people,
    "accounts.actions.identities.save": saving_people,
    "accounts.actions.identity_changes.request": asking_for_a_name,
    "accounts.actions.identity_changes.withdraw": lambda: deciding_change("withdraw"),
    "accounts.actions.identity_changes.approve": lambda: deciding_change("approve"),
    "accounts.actions.identity_changes.refuse": lambda: deciding_change("refuse"),
    "accounts.actions.imports.check": checking_import,
    "accounts.actions.imports.carry_out": carrying_out_import,
    "accounts.actions.mass_appointments.appoint_all": appointing_all,
    "accounts.actions.anonymising.anonymise": anonymising_people,
    "accounts.actions.closing_people.close": lambda: closing_person("close"),
    "accounts.actions.closing_people.reopen": lambda: closing_person("reopen"),
    "accounts.actions.guests.enter": entering_guest,
    "accounts.actions.guests.become_person": guest_becoming_person,
    "accounts.actions.merging.merge": lambda: merging_people("merge"),
    "accounts.actions.merging.undo": lambda: merging_people("undo"),
    "accounts.actions.people.correct_name": lambda: on_person("correct_name", new_name="新名"),
    "accounts.actions.people.reveal_numbers": lambda: on_person("reveal_numbers"),
    "accounts.actions.people.correct_numbers": lambda: on_person("correct_numbers", national_id="A123456789"),
    "accounts.actions.places.add_place": adding_place,
    "accounts.actions.places.correct_place": lambda: on_place(
        "correct_place", facts=places.PlaceFacts(until=clock.today())
    ),
    "accounts.actions.places.end_place": lambda: on_place("end_place"),
    "accounts.actions.proposal_decisions.accept": lambda: deciding_proposal("accept"),
    "accounts.actions.proposal_decisions.refuse": lambda: deciding_proposal("refuse"),
    "accounts.actions.reviews.confirm": confirming,
    "accounts.actions.rosters.check": checking_roster,
    "accounts.actions.rosters.carry_out": carrying_out_roster,
    "accounts.actions.staff.add": lambda: adding_staff(known=True),
    "accounts.actions.staff.accept": lambda: on_offer("accept"),
    "accounts.actions.staff.decline": lambda: on_offer("decline"),
    "accounts.actions.staff.take_back": lambda: on_offer("take_back"),
    "signin.actions.first_login_links.make": making_links,
    "signin.actions.first_login_links.use": using_link,
    "signin.actions.join_requests.apply": asking_to_join,
    "signin.actions.join_requests.approve": lambda: deciding_join("approve"),
    "signin.actions.join_requests.refuse": lambda: deciding_join("refuse"),
    "signin.actions.invitations.invite": inviting,
    "signin.actions.invitations.send_again": inviting_again,
    "signin.actions.last_log_ins.keep_last_login": lambda: partial(
        last_log_ins.keep_last_login, make_user().pk, clock.now()
    ),
    "signin.actions.second_factor.reset_second_factor": resetting_second_factor,
    "signin.actions.tokens.make": making_key,
    "signin.actions.tokens.revoke": ending_key,
    "accounts.actions.undelivered_mail.send_again": sending_again,
    "accounts.actions.code_lists.add": adding_entry,
    "accounts.actions.code_lists.change": lambda: on_entry("change"),
    "accounts.actions.code_lists.delete": lambda: on_entry("delete"),
    "accounts.actions.code_lists.import_entries": taking_list_in,
    "accounts.actions.days_off.add": adding_day,
    "accounts.actions.days_off.import_days": taking_days_in,
    "accounts.actions.days_off.take_back": taking_day_back,
    "signin.actions.support.begin": beginning_support,
    "signin.actions.support.end": ending_support,
    "bulletin.actions.announcements.publish": publishing_line,
    "bulletin.actions.announcements.change": lambda: on_line("change"),
    "bulletin.actions.announcements.end": lambda: on_line("end"),
    "bulletin.actions.announcements.dismiss": lambda: on_line("dismiss"),
    "bulletin.actions.downloads.publish": publishing_file,
    "bulletin.actions.downloads.change": lambda: on_file("change"),
    "bulletin.actions.downloads.remove": lambda: on_file("remove"),
    "courses.actions.enrolments.enrol": enrolling,
    "courses.actions.enrolments.accept": accepting,
    "courses.actions.enrolments.cancel": cancelling,
    "courses.actions.planned_absences.state": stating_absence,
    "courses.actions.postponements.postpone_some": lambda: on_suspension("postpone_some"),
    "courses.actions.postponements.restore_some": lambda: on_suspension("restore_some"),
    "courses.actions.suspensions.announce": announcing_suspension,
    "courses.actions.suspensions.go_on": lambda: on_suspension("go_on"),
    "courses.actions.suspensions.take_back": lambda: on_suspension("take_back"),
    "courses.actions.planned_absences.take_back": taking_absence_back,
    "courses.actions.planned_absences.decide": deciding_absence,
    "courses.actions.admissions.admit": lambda: deciding_enrolment("admit"),
    "courses.actions.admissions.decline": lambda: deciding_enrolment("decline"),
    "courses.actions.campaigns.save": preparing_campaign,
    "courses.actions.campaigns.discard": lambda: on_campaign("discard"),
    "courses.actions.campaigns.begin": lambda: on_campaign("begin", version=1),
    "courses.actions.campaigns.go_on": lambda: on_campaign("go_on", begun=True),
    "courses.actions.campaigns.end": lambda: on_campaign("end", begun=True),
    "courses.actions.letters.save": lambda: on_letter("save", saved=False, facts=LETTER, version=0),
    "courses.actions.letters.start_archive": lambda: on_letter("start_archive"),
    "courses.actions.campaign_notices.notify_units": lambda: on_campaign("notify_units", begun=True),
    "courses.actions.campaign_notices.settle": settling,
    "courses.actions.lights.follow": following,
    "courses.actions.lights.refresh": refreshing,
    "courses.actions.policies.change": changing_policy,
    "courses.actions.registration.save_draft": drafting,
    "courses.actions.registration.update": editing,
    "courses.actions.registration.register": lambda: on_draft("register"),
    "courses.actions.registration.copy": lambda: on_draft("copy"),
    "courses.actions.registration.discard_draft": lambda: on_draft("discard_draft"),
    "courses.actions.reminders.notify_handlers": reminding,
    "courses.actions.reminders.chase": lambda: chasing("chase"),
    "courses.actions.reminders.warn": lambda: chasing("warn"),
    "courses.actions.reminders.chase_in_background": lambda: chasing("chase_in_background"),
    "courses.actions.feeds.make": making_feed,
    "courses.actions.watches.watch_course": watching_course,
    "courses.actions.watches.stop_course": stopping_course,
    "courses.actions.watches.watch_search": watching_search,
    "courses.actions.feeds.end": ending_feed,
    "courses.actions.saved_searches.save": keeping_search,
    "courses.actions.saved_searches.remove": removing_search,
    "courses.actions.transfers.request": requesting,
    "courses.actions.transfers.offer": offering,
    "courses.actions.transfers.withdraw": taking_back,
    "courses.actions.transfer_decisions.approve": lambda: deciding_transfer("approve"),
    "courses.actions.transfer_decisions.refuse": lambda: deciding_transfer("refuse"),
    "courses.actions.transfer_decisions.move_all": moving_all,
    "courses.actions.transfer_decisions.move_courses": moving,
    "courses.actions.messages.send": writing_to_participants,
    "courses.actions.course_files.add": lambda: keeping_files("add"),
    "courses.actions.course_files.remove": lambda: keeping_files("remove"),
    "courses.actions.participant_look_ups.look_up": looking_participants_up,
    "courses.actions.participants.add": lambda: adding_participants(capacity=1),
    "courses.actions.helpers.name": naming_helpers,
    "courses.actions.helpers.take_off": taking_helpers_off,
    "courses.actions.second_handler.name": naming_second_handler,
    "courses.actions.withdrawal.withdraw": withdrawing,
    "courses.actions.audiences.set_audience": keeping_places,
    "courses.actions.questions.set_questions": lambda: asking("set"),
    "courses.actions.questions.answer": lambda: asking("answer"),
    "hours.actions.attendance.sign": lambda: signing("sign"),
    "hours.actions.attendance.sign_by_hand": lambda: signing("sign_by_hand"),
    "hours.actions.attendance.sign_offline": lambda: signing("sign_offline"),
    "hours.actions.missed_signs.report": lambda: missing("report"),
    "hours.actions.missed_signs.decide": lambda: missing("decide"),
    "hours.actions.on_the_spot.join": lambda: joining("join"),
    "hours.actions.on_the_spot.enter_guest": guest_coming,
    "courses.actions.same_day_enrolment.enrol_on_the_spot": lambda: joining("enrol"),
    "hours.actions.attendance.take_back": lambda: signing("take_back"),
    "hours.actions.void_signs.take_all_back": lambda: signing("take_all_back"),
    "hours.actions.surveys.answer": lambda: surveying("answer"),
    "hours.actions.surveys.end": lambda: surveying("end"),
    "hours.actions.surveys.save_questions": lambda: surveying("save"),
    "hours.actions.certificates.certify": lambda: certifying(own=False),
    "hours.actions.certificates.certify_own": lambda: certifying(own=True),
    "hours.actions.closing.close_course": closing_course,
    "hours.actions.corrections.correct": correcting,
    "hours.actions.corrections.add_person": adding,
    "hours.actions.drafts.save": lambda: on_sheet("save", base=1),
    "hours.actions.drafts.start_anew": lambda: on_sheet("start_anew"),
    "hours.actions.drafts.step_back": lambda: on_sheet("step_back"),
    "hours.actions.objections.object_to": objecting,
    "hours.actions.objections.answer": answering,
    "hours.actions.objections.request_review": requesting_review,
    "hours.actions.walk_ins.look_up": looking_up,
    "webhooks.actions.webhooks.add": adding_webhook,
    "webhooks.actions.webhooks.end": lambda: on_webhook("end"),
    "webhooks.actions.webhooks.test": lambda: on_webhook("test"),
    "webhooks.actions.webhooks.resume": lambda: on_webhook("resume"),
    "webhooks.actions.pausing.pause": pausing_webhook,
    "webhooks.actions.webhooks.take_over": taking_over_webhook,
    "webhooks.actions.webhooks.renew_secret": lambda: on_webhook("renew_secret"),
    "webhooks.actions.webhooks.replay": lambda: on_webhook("replay", since=clock.today()),
}
