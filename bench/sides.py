"""The sides of a rush for places: the application, and a bare Django project over the same tables."""

from datetime import timedelta

from django.conf import settings
from django.urls import reverse

from bench.clients import Ask, cookies
from bench.crowd import Crowd
from bench.sessions import open_sessions
from courses.enums import EnrolmentState
from courses.models import Course, Enrolment
from kit import clock
from signin.sessions import BEGAN, SEEN


class Ours(Crowd):
    """The application, with people of its own who are logged in, and fresh courses for each go."""

    application, name = "inservice.wsgi", "ours"
    environment: dict[str, str] = {}
    mail, first_code = "rush{n}@bench.example", 9_100_000_000

    def fresh(self, number: int, places: int) -> list[Course]:
        return self.courses(number, places, clock.today() + timedelta(7))

    def asks(self, courses: list[Course]) -> list[Ask]:
        paths = [self.path(course.code) for course in courses]
        return [Ask(paths[n % len(paths)], self.cookie(key)) for n, key in enumerate(self.sessions())]

    @staticmethod
    def path(code: str) -> str:
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

    def outcome(self, courses: list[Course]) -> tuple[int, int]:
        """How many have a place, and how many wait."""
        rows = Enrolment.objects.filter(course__in=courses)
        held = rows.filter(state=EnrolmentState.ADMITTED).count()
        return held, rows.filter(state=EnrolmentState.WAITLISTED).count()


class Same(Ours):
    """`bench.bare` over the same tables: a bare view that sends the statements of ours."""

    application, name = "django.core.wsgi:get_wsgi_application()", "same"
    environment = {"DJANGO_SETTINGS_MODULE": "bench.bare.settings", "BARE_SECRET_KEY": settings.SECRET_KEY}
    mail, first_code = "same{n}@bench.example", 9_200_000_000

    @staticmethod
    def path(code: str) -> str:
        return f"/same/{code}/"

    def sessions(self) -> list[str]:
        return open_sessions(self.people, "bench.bare.models.Backend")

    @staticmethod
    def cookie(key: str) -> str:
        return cookies("sessionid", "csrftoken", key)
