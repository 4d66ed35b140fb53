"""Session, CSRF and log-in over our tables, nothing else. Reads DATABASE_URL and BARE_SECRET_KEY."""

import environ

env = environ.Env()
SECRET_KEY = env("BARE_SECRET_KEY")
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "bench.bare",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
AUTH_USER_MODEL = "bare.Person"
AUTHENTICATION_BACKENDS = ["bench.bare.models.Backend"]
ROOT_URLCONF = "bench.bare.urls"
# As ours has it.
DATABASES = {"default": env.db_url("DATABASE_URL") | {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}}
USE_TZ = True
