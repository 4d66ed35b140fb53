"""People and courses of a measure's own, which are taken away afterwards."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from accounts.models import Affiliation, BusinessAccount, User
from bench.loading import trusted_rows
from courses.models import Course, Enrolment
from kit import clock


class Crowd:
    """So many people of the yardstick school, and courses of one of its handlers."""

    # Addresses and codes that no set has, so that what a measure leaves can be found and taken away.
    mail, first_code = "crowd{n}@bench.example", 9_400_000_000

    def __init__(self, people: int) -> None:
        self.clear()
        accounts = BusinessAccount.objects.active().filter(role="handler").select_related("unit", "user")
        self.account, self.next_code = accounts.order_by("pk")[0], self.first_code
        rows = (User(email=self.mail.format(n=n), name=f"王老師{n}", password="!") for n in range(people))
        self.people = User.objects.bulk_create(rows, batch_size=2000)
        unit = self.account.unit_id
        places = (Affiliation(user=user, unit_id=unit, title="教師") for user in self.people)
        Affiliation.objects.bulk_create(places, batch_size=2000)

    def courses(self, number: int, places: int, day: date, **more: Any) -> list[Course]:
        codes = range(self.next_code, self.next_code + number)
        self.next_code += number
        return Course.objects.bulk_create(
            Course(
                code=str(code), unit=self.account.unit, handler=self.account, state="registered", title=f"搶手的研習{code}",
                capacity=places, starts_on=day, ends_on=day, ends_at=clock.at_taipei(day), year=clock.roc_year(day), **more,
            )
            for code in codes
        )  # fmt: skip

    def enrol(self, courses: Sequence[Course], places: int) -> list[Enrolment]:
        """Give the first course's places to the first people, and so on."""
        unit, then = self.account.unit_id, clock.now() - timedelta(days=9)
        rows = (
            Enrolment(
                course=courses[n // places], user=user, unit_id=unit, state="admitted", enrolled_at=then
            )
            for n, user in enumerate(self.people)
        )
        return Enrolment.objects.bulk_create(rows, batch_size=2000)

    def clear(self) -> None:
        """Leave the set as it was. The record is append-only, but for the yardstick."""
        people = f"(SELECT id FROM accounts_user WHERE email LIKE '{self.mail.format(n='%')}')"
        courses = f"(SELECT id FROM courses_course WHERE code LIKE '{self.first_code // 10**7}_______')"
        with trusted_rows() as cursor:
            for statement in (
                f"DELETE FROM audit_auditevent WHERE actor_id IN {people}",
                f"DELETE FROM notices_notice WHERE recipient_id IN {people}",
                f"DELETE FROM courses_enrolment WHERE course_id IN {courses}",
                f"DELETE FROM courses_session WHERE course_id IN {courses}",
                f"DELETE FROM courses_course WHERE id IN {courses}",
                f"DELETE FROM accounts_affiliation WHERE user_id IN {people}",
                f"DELETE FROM accounts_user WHERE id IN {people}",
                "DELETE FROM django_session",
            ):
                cursor.execute(statement)
