"""Closing a course of 500 people against the bare SQL that writes the same rows in one transaction."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from django.db import connection, transaction
from psycopg2.extras import execute_values

from accounts.acting import Actor
from accounts.models import BusinessAccount, User
from bench.harness import Bench, Result, counted, figure, sql
from bench.measures.lights import COUNT, UPSERT, facts
from bench.pages import YARDSTICK_UNIT
from courses.enums import EnrolmentState
from courses.models import Course, Enrolment
from hours.actions.closing import close_course
from hours.models import Mark, Sheet
from kit import clock

PEOPLE = 500
ROWS = sql("close_course")
NOTICES = """INSERT INTO notices_notice (key, kind, category, recipient_id, subject, body, path, object_ref, sent_by, created_at, by_mail, attempts,
    last_error) VALUES %s"""
BODY = "您參加的研習已核發時數,請至個人首頁查看。如有疑義,請向開課單位提出。" * 4


class Scene:
    """A course that ended yesterday with everybody in their places."""

    def __init__(self, people: int = PEOPLE) -> None:
        account = (
            BusinessAccount.objects.active()
            .filter(unit=YARDSTICK_UNIT, role="handler")
            .select_related("unit", "user")[0]
        )
        self.actor = Actor(account.user, account)
        model = Course.objects.of_unit(YARDSTICK_UNIT).unclosed().order_by("-pk")[0]
        ended = clock.now() - timedelta(days=1)
        self.course = Course(
            code="9999999", unit=account.unit, handler=account, state="registered", title=model.title, search_text=model.search_text,
            hours=Decimal(3), capacity=people, seats_taken=people, starts_on=ended.date(), ends_on=ended.date(), ends_at=ended,
            year=clock.this_year(),
        )  # fmt: skip
        self.course.save()
        users = User.objects.order_by("pk")[:people]
        self.rows = Enrolment.objects.bulk_create(
            Enrolment(course=self.course, user=user, unit=account.unit, state="admitted", enrolled_at=ended)
            for user in users
        )

    def close(self) -> None:
        marks = {row.pk: Mark.of(EnrolmentState.ATTENDED, Decimal(3)) for row in self.rows}
        close_course(course=self.course, by=self.actor, sheet=Sheet("key", marks))

    def bare(self) -> None:
        told = clock.now()
        notices = [
            (f"hours_issued:{row.user_id}:course:{self.course.pk}", "hours_issued", "rights", row.user_id, "已核發時數", BODY, "/me/",
             f"course:{self.course.pk}", "x", told, True, 0, "")
            for row in self.rows
        ]  # fmt: skip
        values = facts() | {"course": self.course.pk, "user": self.actor.user.pk, "people": len(self.rows)}
        one_unit = UPSERT.format(count=COUNT.format(units=f"AND unit_id = {YARDSTICK_UNIT}"))
        one_unit = one_unit.replace("FROM counted", f"FROM counted WHERE unit_id = {YARDSTICK_UNIT}")
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(ROWS, values)
            execute_values(cursor.cursor, NOTICES, notices, page_size=500)
            cursor.execute(one_unit, values)


@figure
def close_500(bench: Bench) -> Iterator[Result]:
    scene: list[Scene] = []

    def set_up(people: int = PEOPLE) -> None:
        scene[:] = [Scene(people)]

    result = bench.compare(
        "close_500", lambda: scene[0].close(), lambda: scene[0].bare(), before=set_up, undo=True, reach=3,
        note="with notices rendered from templates in each reader's language, which the bare SQL gets as ready text",
    )  # fmt: skip
    few = counted(lambda: scene[0].close(), lambda: set_up(50), undo=True)
    result.more |= {"queries_at_50": few, "broken": few != result.more["queries"]}
    yield result
