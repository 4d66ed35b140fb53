"""The sides of a rush for places: the application, and two views of a bare Django project over the same tables."""

from datetime import timedelta

from django.conf import settings
from django.urls import reverse

from accounts.models import Affiliation, BusinessAccount, User
from bench.clients import Ask, cookies
from bench.loading import trusted_rows
from bench.serving import database_url
from bench.sessions import open_sessions
from courses.enums import EnrolmentState
from courses.models import Course, Enrolment
from kit import clock
from signin.sessions import BEGAN, SEEN


class Ours:
    """The application, with people of its own who are logged in, and fresh courses for each go."""

    application, name = "inservice.wsgi", "ours"
    environment: dict[str, str] = {}
    # Addresses and codes that no set has, so that what a rush leaves can be found and taken away.
    mail, first_code = "rush{n}@bench.example", 9_100_000_000

    def __init__(self, people: int) -> None:
        self.clear()
        accounts = BusinessAccount.objects.active().filter(role="handler").select_related("unit")
        self.account, self.next_code = accounts.order_by("pk")[0], self.first_code
        self.people = User.objects.bulk_create(
            User(email=self.mail.format(n=n), name=f"王老師{n}", password="!") for n in range(people)
        )
        Affiliation.objects.bulk_create(
            Affiliation(user=user, unit_id=self.account.unit_id, title="教師") for user in self.people
        )

    def courses(self, number: int, places: int) -> list[int]:
        day, codes = clock.today() + timedelta(7), range(self.next_code, self.next_code + number)
        self.next_code += number
        rows = [
            Course(
                code=str(code), unit=self.account.unit, handler=self.account, state="registered", title=f"搶手的研習{code}",
                capacity=places, starts_on=day, ends_on=day, ends_at=clock.at_taipei(day), year=clock.this_year(),
            )
            for code in codes
        ]  # fmt: skip
        return [course.pk for course in Course.objects.bulk_create(rows)]

    def asks(self, courses: list[int]) -> list[Ask]:
        paths = self.paths(courses)
        return [Ask(paths[n % len(paths)], self.cookie(key)) for n, key in enumerate(self.sessions())]

    def paths(self, courses: list[int]) -> list[str]:
        """Return where to post to for each course."""
        rows = Course.objects.filter(pk__in=courses)
        return [self.path(pk, code) for pk, code in rows.order_by("pk").values_list("pk", "code")]

    @staticmethod
    def path(pk: int, code: str) -> str:
        return reverse("courses:enrol", args=[code])

    def sessions(self) -> list[str]:
        """They have opened the course's page a moment ago and wait for the hour to strike."""
        now = clock.now().timestamp()
        return open_sessions(self.people, settings.AUTHENTICATION_BACKENDS[0], **{BEGAN: now, SEEN: now})

    @staticmethod
    def cookie(key: str) -> str:
        """As a browser sends them that has been here before."""
        known = cookies(settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, key)
        return f"{known}; {settings.LANGUAGE_COOKIE_NAME}={settings.LANGUAGE_CODE}"

    def outcome(self, courses: list[int]) -> tuple[int, int]:
        """How many have a place, and how many wait."""
        rows = Enrolment.objects.filter(course__in=courses)
        held = rows.filter(state=EnrolmentState.ADMITTED).count()
        return held, rows.filter(state=EnrolmentState.WAITLISTED).count()

    def clear(self) -> None:
        """Leave the set as it was. The record is append-only, but for the yardstick."""
        people = f"(SELECT id FROM accounts_user WHERE email LIKE '{self.mail.format(n='%')}')"
        courses = f"(SELECT id FROM courses_course WHERE code LIKE '{self.first_code // 10**7}_______')"
        with trusted_rows() as cursor:
            for statement in (
                f"DELETE FROM audit_auditevent WHERE actor_id IN {people}",
                f"DELETE FROM notices_notice WHERE recipient_id IN {people}",
                f"DELETE FROM courses_enrolment WHERE course_id IN {courses}",
                f"DELETE FROM courses_course WHERE id IN {courses}",
                f"DELETE FROM accounts_affiliation WHERE user_id IN {people}",
                f"DELETE FROM accounts_user WHERE id IN {people}",
                "DELETE FROM django_session",
            ):
                cursor.execute(statement)


class Same(Ours):
    """`bench.bare.same` over the same tables: a bare view that sends the statements of ours."""

    application, name = "bench.bare.same.wsgi", "same"
    mail, first_code = "same{n}@bench.example", 9_200_000_000

    def __init__(self, people: int) -> None:
        super().__init__(people)
        self.environment = {"BARE_DATABASE_URL": database_url(), "BARE_SECRET_KEY": settings.SECRET_KEY}

    @staticmethod
    def path(pk: int, code: str) -> str:
        return f"/same/{code}/"

    def sessions(self) -> list[str]:
        return open_sessions(self.people, "bench.bare.same.models.Backend")

    @staticmethod
    def cookie(key: str) -> str:
        return cookies("sessionid", "csrftoken", key)


class Three(Same):
    """The same project's view that sends only the three statements that enrolling cannot do without."""

    name = "three"
    mail, first_code = "three{n}@bench.example", 9_300_000_000

    @staticmethod
    def path(pk: int, code: str) -> str:
        return f"/three/{pk}/"
