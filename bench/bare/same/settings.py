"""The bare project over our tables. Reads BARE_DATABASE_URL and BARE_SECRET_KEY."""

from bench.bare.settings import *  # noqa: F403

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "bench.bare.same",
]
AUTH_USER_MODEL = "same.Person"
AUTHENTICATION_BACKENDS = ["bench.bare.same.models.Backend"]
ROOT_URLCONF = "bench.bare.same.urls"
