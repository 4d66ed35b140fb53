"""Session, CSRF and log-in, nothing else. Reads BARE_DATABASE_URL and BARE_SECRET_KEY."""

import environ

env = environ.Env()
SECRET_KEY = env("BARE_SECRET_KEY", default="only for measuring")
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
ROOT_URLCONF = "bench.bare.urls"
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates"}]
DATABASES = {"default": env.db_url("BARE_DATABASE_URL", default="sqlite://:memory:")}
if "BARE_DATABASE_URL" in env.ENVIRON:
    # As ours has it.
    DATABASES["default"] |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
