"""Who may enrol: by unit, county, stage and title; quotas that keep places until a day; at every door."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import product
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from accounts.enums import UnitLevel
from accounts.models import Affiliation, BusinessAccount, Title, User
from checks.invariants import quota_counters, seat_counters, seats_kept_counters
from courses.actions import (
    admissions,
    audiences,
    enrolments,
    participants,
    questions,
    registration,
    same_day_enrolment,
    withdrawal,
)
from courses.actions.audiences import MOST_QUOTAS, AudienceData, QuotaData, Who
from courses.enums import EnrolmentState as S
from courses.enums import OpenTo
from courses.errors import CourseChanged, CourseFull, NotTheHandler, PlaceTaken, TooFewPlaces, WrongState
from courses.errors.audience import (
    AudienceUnnamed,
    CapacityBelowKept,
    InvitedOnly,
    KeptTooLong,
    NamedCountiesOnly,
    NamedUnitsOnly,
    OwnUnitOnly,
    PeopleOutside,
    QuotaBelowTaken,
    QuotaNotForInvited,
    StagesOnly,
    TitlesOnly,
    TooManyPlacesKept,
    TooManyQuotas,
)
from courses.errors.participants import PlacesShort
from courses.forms.audience import MOST_NAMED, counties_in
from courses.forms.catalogue_filter import CourseFilter
from courses.models import Course, Enrolment, Quota
from courses.presenters.applicants import applicants
from courses.queries.audiences import audience_of, may_enrol_q, places_of
from hours.actions import surveys
from kit import clock
from tests.factories import (
    acting,
    close,
    enrol,
    make_account,
    make_county,
    make_course,
    make_enrolment,
    make_unit,
    make_user,
    teacher,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def handler() -> BusinessAccount:
    return make_account()


def let(course: Course, who: Who | None = None, *quotas: QuotaData, **more: bool) -> Course:
    data = AudienceData(who or Who(), more.get("only_stages", False), quotas)
    return audiences.set_audience(
        course=course, by=acting(course.handler), data=data, is_confirmed=more.get("sure", True)
    )


def own(places: int, **fields: object) -> QuotaData:
    return QuotaData(Who(OpenTo.OWN_UNIT), places, **fields)  # type: ignore[arg-type]


def colleague(course: Course, title: str = "教師") -> User:
    person = make_user()
    Affiliation.objects.create(user=person, unit=course.unit, title=title)
    return person


def in_order() -> bool:
    return not (seat_counters() or quota_counters() or seats_kept_counters())


def test_each_condition_refuses_with_a_sentence_of_its_own(handler: BusinessAccount) -> None:
    far = make_unit(county=make_county("臺北市"))
    head = Title.objects.get(name="主任")
    cases = [
        (Who(OpenTo.OWN_UNIT), {}, OwnUnitOnly),
        (Who(OpenTo.UNITS, units=[make_unit()]), {}, NamedUnitsOnly),
        (Who(OpenTo.COUNTIES, counties=[make_county()]), {}, NamedCountiesOnly),
        (Who(OpenTo.INVITED), {}, InvitedOnly),
        (Who(titles=[head]), {}, TitlesOnly),
    ]
    for who, more, refusal in cases:
        course = let(make_course(handler), who, **more)
        with pytest.raises(refusal):
            enrol(course, make_user(unit=far))
    primary = make_unit(level=UnitLevel.ELEMENTARY)
    course = let(make_course(handler), only_stages=True)
    with pytest.raises(StagesOnly):
        enrol(course, make_user(unit=primary))
    with pytest.raises(StagesOnly):
        enrol(course, make_user())
    assert Enrolment.objects.count() == 0


def test_who_meets_every_condition_with_one_place_of_service_enrols(handler: BusinessAccount) -> None:
    named, head = make_unit(), Title.objects.get(name="主任")
    course = let(make_course(handler), Who(OpenTo.UNITS, units=[named], titles=[head]), only_stages=True)
    person = make_user()
    Affiliation.objects.create(user=person, unit=named, title="教師")
    Affiliation.objects.create(user=person, unit=make_unit(), title="教務主任")
    with pytest.raises(TitlesOnly):
        enrol(course, person)
    Affiliation.objects.filter(user=person, unit=named).update(title="教師兼學務主任")
    assert enrol(course, person).state == S.ADMITTED
    # The own unit is always among the named ones; a deputy has not the title.
    assert enrol(course, colleague(course, "主任")).state == S.ADMITTED
    with pytest.raises(TitlesOnly):
        enrol(course, colleague(course, "副主任"))


def test_places_of_merged_records_count_and_ended_ones_do_not(handler: BusinessAccount) -> None:
    course = let(make_course(handler), Who(OpenTo.OWN_UNIT))
    person = make_user(unit=make_unit())
    second = make_user(unit=course.unit)
    merged = {"merged_into": person, "is_active": False, "closed_because": "merged", "closed_at": clock.now()}
    User.objects.filter(pk=second.pk).update(**merged)
    assert enrol(course, person).state == S.ADMITTED
    left = colleague(course)
    Affiliation.objects.filter(user=left).update(until=clock.today() - timedelta(days=1))
    with pytest.raises(OwnUnitOnly):
        enrol(course, left)


def test_the_list_judges_the_person_of_a_merged_record(handler: BusinessAccount) -> None:
    """The person serves at the unit and was absent; the record that was merged into the person's is enrolled."""
    course = make_course(handler, admission="review")
    person, second = make_user(unit=course.unit), make_user(unit=make_unit())
    past = make_enrolment(make_course(handler, ago=9), person)
    close(past.course, absent=(past,))
    row = make_enrolment(course, second, state=S.APPLIED)
    merged = {"merged_into": person, "is_active": False, "closed_because": "merged", "closed_at": clock.now()}
    User.objects.filter(pk=second.pk).update(**merged)
    course = let(course, Who(OpenTo.OWN_UNIT))
    rows = list(Enrolment.objects.filter(pk=row.pk).select_related("user"))
    [shown] = applicants(course, rows)
    assert (shown.light.absences, shown.is_outside) == (1, False)


def test_filter_and_person_are_judged_alike(handler: BusinessAccount) -> None:
    """`may_enrol_q`, which finds courses, mirrors `Audience.obstacle`, which judges a person."""
    named, county = make_unit(level=UnitLevel.ELEMENTARY), make_county("臺北市")
    head = Title.objects.get(name="主任")
    whos = [
        Who(),
        Who(OpenTo.OWN_UNIT),
        Who(OpenTo.UNITS, units=[named]),
        Who(OpenTo.COUNTIES, counties=[county]),
        Who(OpenTo.INVITED),
    ]
    for who, titles, only_stages in product(whos, ([], [head]), (False, True)):
        data = Who(who.open_to, who.units, who.counties, titles)
        course = let(make_course(handler), data, only_stages=only_stages)
        if only_stages and titles:
            course.stages.set(course.stages.model.objects.filter(code="75"))
    people: Sequence[User] = [
        make_user(),
        make_user(unit=named),
        make_user(unit=make_unit(county=county)),
        make_user(unit=make_unit(level=UnitLevel.NONE, county=county)),
        colleague(Course.objects.first(), "主任"),  # type: ignore[arg-type]
    ]
    Affiliation.objects.filter(user=people[2]).update(title="教務主任")
    for person in people:
        places = places_of([person.pk]).get(person.pk, [])
        found = set(Course.objects.filter(may_enrol_q(places)))
        judged = {c for c in Course.objects.all() if audience_of(c).includes(places)}
        assert found == judged
        rows = CourseFilter({"mine": "1"}, queryset=Course.objects.public(), person=person.pk).qs
        assert set(rows) == judged


def test_a_quota_keeps_its_places_until_its_day_and_then_the_waiting_list_moves_up(
    handler: BusinessAccount,
) -> None:
    today = clock.today()
    course = let(make_course(handler, capacity=3), None, own(2, until=today + timedelta(days=3)))
    assert (course.seats_left, course.seats_kept) == (1, 2)
    first, second = enrol(course), enrol(course)
    assert (first.state, second.state) == (S.ADMITTED, S.WAITLISTED)
    mine = enrol(course, colleague(course))
    assert mine.state == S.ADMITTED and mine.quota is not None and in_order()
    assert audiences.release_due(clock.at_taipei(today + timedelta(days=3))) == 0
    later = clock.at_taipei(today + timedelta(days=4))
    assert audiences.release_due(later) == 1 and audiences.release_due(later) == 0
    second.refresh_from_db()
    assert second.state == S.ADMITTED and in_order()
    with pytest.raises(CourseFull):
        Course.objects.filter(pk=course.pk).update(waiting_list=False)
        enrol(course, colleague(course), at=later)


def test_enrolling_after_the_day_finds_the_places_open_though_no_task_has_run(
    handler: BusinessAccount, client: Client
) -> None:
    today = clock.today()
    course = let(make_course(handler, capacity=2), None, own(2, until=today))
    waiting = enrol(course)
    assert waiting.state == S.WAITLISTED
    tomorrow = clock.at_taipei(today + timedelta(days=1))
    newcomer = enrol(course, at=tomorrow)
    waiting.refresh_from_db()
    # Who waited gets the first place, the newcomer the second.
    assert (waiting.state, newcomer.state) == (S.ADMITTED, S.ADMITTED) and in_order()


def test_a_kept_place_that_is_given_back_is_kept_again(handler: BusinessAccount) -> None:
    course = let(make_course(handler, capacity=2), None, own(1))
    person = colleague(course)
    enrol(course, person)
    enrol(course)
    waiting = enrol(course)
    enrolments.cancel(course=course, by=teacher(person))
    waiting.refresh_from_db()
    course.refresh_from_db()
    assert waiting.state == S.WAITLISTED and course.seats_kept == 1 and in_order()
    # A colleague who waits for it would have moved up.
    assert enrol(course, colleague(course)).state == S.ADMITTED


def test_a_colleague_who_waits_moves_up_before_earlier_strangers_for_a_kept_place(
    handler: BusinessAccount,
) -> None:
    course = let(make_course(handler, capacity=1), None, own(1))
    person = colleague(course)
    enrol(course, person)
    stranger, mine = enrol(course), enrol(course, colleague(course))
    enrolments.cancel(course=course, by=teacher(person))
    stranger.refresh_from_db()
    mine.refresh_from_db()
    assert (stranger.state, mine.state) == (S.WAITLISTED, S.ADMITTED) and in_order()


def test_once_cancelling_is_no_longer_free_nothing_is_kept(handler: BusinessAccount) -> None:
    course = let(make_course(handler, capacity=1), None, own(1))
    late = clock.at_taipei(course.starts_on)  # type: ignore[arg-type]
    assert enrolments.enrol(code=course.code, by=teacher(make_user()), at=late).state == S.ADMITTED
    assert in_order()


def test_who_waits_but_has_moved_is_passed_over_and_may_be_admitted_by_hand(handler: BusinessAccount) -> None:
    course = let(make_course(handler, capacity=1), Who(OpenTo.OWN_UNIT))
    holder, moved, other = colleague(course), colleague(course), colleague(course)
    enrol(course, holder)
    rows = [enrol(course, moved), enrol(course, other)]
    Affiliation.objects.filter(user=moved).update(unit=make_unit())
    enrolments.cancel(course=course, by=teacher(holder))
    for row in rows:
        row.refresh_from_db()
    assert [row.state for row in rows] == [S.WAITLISTED, S.ADMITTED]
    Course.objects.filter(pk=course.pk).update(capacity=2)
    admissions.admit(course=course, by=acting(handler), enrolment_ids=[rows[0].pk])
    assert in_order()


def test_an_offered_place_is_accepted_only_by_who_may_enrol(handler: BusinessAccount) -> None:
    course = let(make_course(handler, capacity=1), Who(OpenTo.OWN_UNIT))
    holder, moved = colleague(course), colleague(course)
    row = enrol(course, holder)
    enrol(course, moved)
    late = clock.at_taipei(course.starts_on)  # type: ignore[arg-type]
    Enrolment.objects.filter(pk=row.pk).update(decided_at=late)
    enrolments.cancel(course=course, by=teacher(holder), at=late)
    Affiliation.objects.filter(user=moved).update(unit=make_unit())
    with pytest.raises(OwnUnitOnly):
        enrolments.accept(course=course, by=teacher(moved), at=late)
    Affiliation.objects.filter(user=moved).update(unit=course.unit)
    assert enrolments.accept(course=course, by=teacher(moved), at=late).state == S.ADMITTED
    with pytest.raises(PlaceTaken):
        other = colleague(course)
        Enrolment.objects.create(course=course, user=other, state=S.WAITLISTED, enrolled_at=late)
        enrolments.accept(course=course, by=teacher(other), at=late)


def test_on_the_spot_the_audience_holds(handler: BusinessAccount) -> None:
    course = let(make_course(handler, ago=0), Who(OpenTo.OWN_UNIT))
    with pytest.raises(OwnUnitOnly):
        same_day_enrolment.enrol_on_the_spot(course=course, by=teacher(make_user()))
    assert (
        same_day_enrolment.enrol_on_the_spot(course=course, by=teacher(colleague(course))).state == S.ADMITTED
    )


def test_the_handler_adds_anybody_and_kept_places_are_not_taken_by_it(handler: BusinessAccount) -> None:
    course = let(make_course(handler, capacity=3), Who(OpenTo.OWN_UNIT))
    course = let(course, None, own(2))
    strangers = [make_user(), make_user()]
    people = [person.pk for person in [*strangers, colleague(course)]]
    with pytest.raises(PlacesShort) as short:
        participants.add(course=course, by=acting(handler), people=people)
    assert short.value.params == {"left": 2, "chosen": 3}
    done = participants.add(course=course, by=acting(handler), people=people, more_places=True)
    course.refresh_from_db()
    assert (len(done.rows), course.capacity, course.seats_kept) == (3, 4, 1) and in_order()


def test_admitting_under_review_takes_kept_places_for_those_they_are_kept_for(
    handler: BusinessAccount,
) -> None:
    course = let(make_course(handler, capacity=2, admission="review"), None, own(1))
    rows = [enrol(course), enrol(course), enrol(course, colleague(course))]
    with pytest.raises(TooFewPlaces):
        admissions.admit(course=course, by=acting(handler), enrolment_ids=[row.pk for row in rows])
    admissions.admit(course=course, by=acting(handler), enrolment_ids=[rows[0].pk, rows[2].pk])
    assert in_order()
    with pytest.raises(CourseFull):
        admissions.admit(course=course, by=acting(handler), enrolment_ids=[rows[1].pk])
    admissions.decline(course=course, by=acting(handler), enrolment_ids=[rows[2].pk])
    course.refresh_from_db()
    assert course.seats_kept == 1 and in_order()


def test_narrowing_the_audience_wants_a_confirmation_and_takes_no_place(handler: BusinessAccount) -> None:
    course = make_course(handler, capacity=1)
    row, waiting = enrol(course), enrol(course)
    with pytest.raises(PeopleOutside) as asked:
        let(course, Who(OpenTo.OWN_UNIT), sure=False)
    assert asked.value.params == {"seated": 1, "waiting": 1}
    course.refresh_from_db()
    assert course.open_to == OpenTo.ALL and course.targets.count() == 0
    let(course, Who(OpenTo.OWN_UNIT))
    for one in (row, waiting):
        one.refresh_from_db()
    assert (row.state, waiting.state) == (S.ADMITTED, S.WAITLISTED)


def test_a_quota_that_is_sent_twice_keeps_no_place_twice(handler: BusinessAccount) -> None:
    course = let(make_course(handler, capacity=4), None, own(2))
    for _ in range(2):
        enrol(course, colleague(course))
    pk = course.quotas.get().pk
    course.refresh_from_db()
    with pytest.raises(TooManyPlacesKept):
        let(course, None, own(3, pk=pk), own(3, pk=pk))


def test_what_cannot_be_set_is_refused(handler: BusinessAccount) -> None:
    course = make_course(handler, capacity=2)
    today = clock.today()
    bad = [
        ((Who(OpenTo.UNITS),), AudienceUnnamed),
        ((Who(OpenTo.COUNTIES),), AudienceUnnamed),
        ((None, QuotaData(Who(), 1)), AudienceUnnamed),
        ((Who(OpenTo.INVITED), own(1)), QuotaNotForInvited),
        ((None, own(3)), TooManyPlacesKept),
        ((None, own(1, until=today - timedelta(days=1))), KeptTooLong),
        ((None, own(1, until=course.starts_on)), KeptTooLong),
        ((None, *[own(1)] * (MOST_QUOTAS + 1)), TooManyQuotas),
    ]
    for arguments, refusal in bad:
        with pytest.raises(refusal):
            let(course, *arguments)  # type: ignore[arg-type]
    course = let(course, None, own(2))
    enrol(course, colleague(course))
    enrol(course, colleague(course))
    quota = Quota.objects.get()
    with pytest.raises(QuotaBelowTaken):
        let(course, None, own(1, pk=quota.pk))
    with pytest.raises(CourseChanged):
        audiences.set_audience(course=course, by=acting(handler), data=AudienceData(), version=1)
    with pytest.raises(NotTheHandler):
        audiences.set_audience(course=course, by=acting(make_account(handler.unit)), data=AudienceData())
    # Removed, its people keep their places.
    course = let(course)
    assert course.seats_kept == 0 and course.enrolments.filter(state=S.ADMITTED).count() == 2 and in_order()
    withdrawal.withdraw(course=course, by=acting(handler), reason="not_held")
    with pytest.raises(WrongState):
        let(course)


def test_fewer_places_than_are_kept_are_refused_and_withdrawing_ends_the_quotas(
    handler: BusinessAccount,
) -> None:
    from courses.actions.course_fields import CourseData

    course = let(make_course(handler, capacity=4), None, own(3))
    enrol(course, colleague(course))
    data = CourseData(fields={"capacity": 2}, sessions=[], stages=course.stages.all())
    with pytest.raises(CapacityBelowKept):
        registration.update(course=course, by=acting(handler), data=data)
    withdrawal.withdraw(course=course, by=acting(handler), reason="not_held")
    assert in_order()


def test_a_copy_has_the_audience_and_the_quotas_but_not_their_days(handler: BusinessAccount) -> None:
    named = make_unit()
    quota = QuotaData(Who(OpenTo.UNITS, units=[named]), 5, until=clock.today() + timedelta(days=2))
    course = let(make_course(handler), Who(titles=[Title.objects.get(name="主任")]), quota)
    made = registration.copy(course=course, by=acting(handler))
    assert audiences.audit_facts(made) == audiences.audit_facts(course) | {
        "quotas": [{"open_to": OpenTo.UNITS, "places": 5, "until": None, "named": [named.code]}]
    }
    assert made.seats_kept == 5 and in_order()


def test_a_copy_has_the_questions_at_enrolment_and_those_of_the_questionnaire(
    handler: BusinessAccount,
) -> None:
    course = make_course(handler, questionnaire="required")
    asked = [questions.QuestionData("用餐", "choice", ["葷", "素"], is_required=True)]
    questions.set_questions(course=course, by=acting(handler), questions=asked)
    own_ones = [
        surveys.QuestionData("choice", "您希望再辦嗎？", ["希望", "不用"]),
        surveys.QuestionData("text", "其他"),
    ]
    surveys.save_questions(course=course, by=acting(handler), questions=own_ones)
    key = uuid4()
    made = registration.copy(course=course, by=acting(handler), form_key=key)
    assert registration.copy(course=course, by=acting(handler), form_key=key) == made, (
        "the page was sent twice"
    )
    assert made.questionnaire == "required"
    for name, fields in (
        ("questions", ("number", "kind", "text", "choices", "is_required")),
        ("survey_questions", ("number", "kind", "text", "choices")),
    ):
        rows = [list(getattr(one, name).values_list(*fields)) for one in (course, made)]
        assert rows[0] == rows[1] and rows[0]


def test_the_staff_of_a_successor_may_enrol_where_the_unit_was_named(handler: BusinessAccount) -> None:
    gone, successor = make_unit(), make_unit()
    course = let(make_course(handler), Who(OpenTo.UNITS, units=[gone]))
    audiences.follow_successors(gone, [successor])
    assert enrol(course, make_user(unit=successor)).state == S.ADMITTED


def test_a_successor_is_named_once_however_often_the_unit_closes(handler: BusinessAccount) -> None:
    gone, successor = make_unit(), make_unit()
    both = let(make_course(handler), Who(OpenTo.UNITS, units=[gone, successor]))
    one = let(make_course(handler), Who(OpenTo.UNITS, units=[gone]))
    for _time in range(2):
        audiences.follow_successors(gone, [successor])
    for course in (both, one):
        named = course.targets.order_by("unit").values_list("unit", flat=True)
        assert list(named) == sorted([gone.pk, successor.pk])


def test_pages_say_who_may_enrol_and_what_is_kept(handler: BusinessAccount, client: Client) -> None:
    course = let(make_course(handler, capacity=10), Who(OpenTo.UNITS, units=[make_unit()]), own(4))
    stranger = make_user(unit=make_unit())
    client.force_login(stranger)
    page = client.get(reverse("courses:public", args=[course.code])).content.decode()
    assert NamedUnitsOnly().message in page and "保留 4 個名額給本單位人員" in page
    answer = client.post(reverse("courses:enrol", args=[course.code]), follow=True)
    assert NamedUnitsOnly().message in answer.content.decode()
    found = client.get(reverse("courses:catalogue"), {"mine": "1"}).content.decode()
    assert course.title not in found
    client.force_login(colleague(course))
    assert course.title in client.get(reverse("courses:catalogue"), {"mine": "1"}).content.decode()
    reply = client.get(f"/api/v1/courses/{course.code}/").json()
    assert reply["open_to"] == "units" and reply["kept_places"][0]["left"] == 4 and reply["seats_left"] == 6


def test_the_page_saves_names_errors_at_the_field_and_asks_before_it_narrows(
    handler: BusinessAccount, client: Client
) -> None:
    course, named = make_course(handler), make_unit()
    enrol(course)
    client.force_login(handler.user)
    url = reverse("courses:audience", args=[course.code])
    assert client.get(url).status_code == 200
    rows = {"quotas-TOTAL_FORMS": "2", "quotas-INITIAL_FORMS": "0"}
    # As a browser sends a row that is left blank.
    rows |= {
        "quotas-1-places": "",
        "quotas-1-open_to": "own_unit",
        "quotas-1-named": "",
        "quotas-1-until": "",
    }
    sent = {"version": course.version, "open_to": "units", "units": "不存在的學校", **rows}
    assert "不存在的學校" in client.post(url, sent).content.decode()
    sent |= {"units": f"{named.code}\n{course.unit.code}"}
    sent |= {"quotas-0-places": "5", "quotas-0-open_to": "counties", "quotas-0-named": "屏東縣"}
    page = client.post(url, sent)
    assert page.status_code == 200 and 'name="confirmed"' in page.content.decode()
    course.refresh_from_db()
    assert course.open_to == OpenTo.ALL
    answer = client.post(url, sent | {"confirmed": "1"})
    assert answer.status_code == 302
    course.refresh_from_db()
    assert (course.open_to, course.seats_kept, course.targets.count()) == (OpenTo.UNITS, 5, 3)
    stale = client.post(url, sent | {"confirmed": "1"}).content.decode()
    assert CourseChanged().message in stale
    # Another row of the page, a row removed.
    quota = Quota.objects.get()
    rows = {"quotas-TOTAL_FORMS": "3", "quotas-INITIAL_FORMS": "1", "quotas-0-pk": str(quota.pk)}
    sent = sent | rows | {"version": course.version, "confirmed": "1", "quotas-0-DELETE": "on"}
    client.post(url, sent)
    course.refresh_from_db()
    assert course.seats_kept == 0


def test_another_unit_and_a_colleague_find_no_such_page(handler: BusinessAccount, client: Client) -> None:
    course = make_course(handler)
    client.force_login(make_account().user)
    assert client.get(reverse("courses:audience", args=[course.code])).status_code == 404
    client.force_login(make_account(handler.unit).user)
    assert client.get(reverse("courses:audience", args=[course.code])).status_code == 302


def test_the_preview_of_people_to_add_says_who_could_not_enrol(
    handler: BusinessAccount, client: Client
) -> None:
    course = let(make_course(handler), Who(OpenTo.OWN_UNIT))
    stranger = make_user("外校師")
    client.force_login(handler.user)
    url = reverse("courses:participants", args=[course.code])
    page = client.post(url, {"lines": f"{stranger.name} {stranger.email}"}).content.decode()
    assert "不符合報名資格" in page
    Course.objects.filter(pk=course.pk).update(capacity=30)
    Enrolment.objects.create(course=course, user=stranger, state=S.WAITLISTED, enrolled_at=clock.now())
    assert "不符合報名資格" in client.get(reverse("courses:applicants", args=[course.code])).content.decode()
    client.force_login(stranger)
    assert "須由主辦單位錄取" in client.get(reverse("courses:public", args=[course.code])).content.decode()


@pytest.mark.parametrize(
    ("text", "said"),
    [("、".join(f"縣{n}" for n in range(MOST_NAMED + 1)), f"{MOST_NAMED}"), ("火星縣", "火星縣")],
    ids=["too many", "unknown"],
)
def test_a_county_that_is_not_one_is_named_and_so_are_too_many(text: str, said: str) -> None:
    with pytest.raises(ValidationError) as refused:
        counties_in(text)
    assert said in " ".join(refused.value.messages)


def test_counties_are_found_in_either_spelling_and_once() -> None:
    county = make_county("臺中市")
    assert counties_in("台中市、臺中市") == [county]
