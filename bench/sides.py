"""The two sides of a rush for places: the application, and a bare Django project that does the same two statements."""

import json
import subprocess
import sys
from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.urls import reverse

from accounts.models import Affiliation, BusinessAccount, User
from bench.clients import Ask, cookies
from bench.loading import trusted_rows
from bench.serving import ROOT, database_url, environment
from bench.sessions import open_sessions
from bench.sets import database
from courses.enums import EnrolmentState
from courses.models import Course, Enrolment
from kit import clock
from signin.sessions import BEGAN, SEEN

# Addresses and codes that no set has, so that what a rush leaves can be found and taken away.
MAIL, FIRST_CODE = "rush{n}@bench.example", 9_100_000_000


class Ours:
    """The application, with people of its own who are logged in, and fresh courses for each go."""

    application = "inservice.wsgi"
    environment: dict[str, str] = {}

    def __init__(self, people: int) -> None:
        self.clear()
        accounts = BusinessAccount.objects.active().filter(role="handler").select_related("unit")
        self.account, self.next_code = accounts.order_by("pk")[0], FIRST_CODE
        self.people = User.objects.bulk_create(
            User(email=MAIL.format(n=n), name=f"王老師{n}", password="!") for n in range(people)
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
        codes = dict(Course.objects.filter(pk__in=courses).values_list("pk", "code"))
        paths = [reverse("courses:enrol", args=[codes[pk]]) for pk in courses]
        return [Ask(paths[n % len(paths)], self.cookie(key)) for n, key in enumerate(self.sessions())]

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
        people = f"(SELECT id FROM accounts_user WHERE email LIKE '{MAIL.format(n='%')}')"
        courses = f"(SELECT id FROM courses_course WHERE code LIKE '{FIRST_CODE // 10**7}_______')"
        with trusted_rows() as cursor:
            for statement in (
                f"DELETE FROM audit_auditevent WHERE actor_id IN {people}",
                f"DELETE FROM courses_enrolment WHERE course_id IN {courses}",
                f"DELETE FROM courses_course WHERE id IN {courses}",
                f"DELETE FROM accounts_affiliation WHERE user_id IN {people}",
                f"DELETE FROM accounts_user WHERE id IN {people}",
                "DELETE FROM django_session",
            ):
                cursor.execute(statement)


class Bare:
    """bench/bare, in a database of its own beside the set."""

    application = "bench.bare.wsgi"

    def __init__(self, people: int) -> None:
        self.name = f"{connection.settings_dict['NAME']}_bare"
        self.clear()
        with connection.cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{self.name}" TEMPLATE template0 ENCODING utf8')
        self.environment = {
            "BARE_DATABASE_URL": database_url(self.name),
            "BARE_SECRET_KEY": settings.SECRET_KEY,
        }
        told = subprocess.run(
            [sys.executable, "-m", "bench.bare.prepare", str(people)],
            cwd=ROOT, env=environment(**self.environment), stdout=subprocess.PIPE, text=True, check=True,
        )  # fmt: skip
        self.keys: list[str] = json.loads(told.stdout)

    def courses(self, number: int, places: int) -> list[int]:
        rows = (
            "INSERT INTO bare_course (capacity, taken) SELECT %s, 0 FROM generate_series(1, %s) RETURNING id"
        )
        with database(self.name), connection.cursor() as cursor:
            cursor.execute(rows, [places, number])
            return [pk for (pk,) in cursor.fetchall()]

    def asks(self, courses: list[int]) -> list[Ask]:
        return [
            Ask(f"/enrol/{courses[n % len(courses)]}/", cookies("sessionid", "csrftoken", key))
            for n, key in enumerate(self.keys)
        ]

    def outcome(self, courses: list[int]) -> tuple[int, int]:
        count = "SELECT count(*) FILTER (WHERE NOT waiting), count(*) FILTER (WHERE waiting) FROM bare_enrolment WHERE course_id = ANY(%s)"
        with database(self.name), connection.cursor() as cursor:
            cursor.execute(count, [courses])
            held, waiting = cursor.fetchone()
            return held, waiting

    def clear(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)')
