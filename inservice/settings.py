"""One settings module, read from the environment (and `.env`).

Without any variable the embedded default runs: SQLite and Celery's filesystem broker under `var/`. `DATABASE_URL` and `REDIS_URL`
turn the same code into production.
"""

import base64
import contextlib
import hashlib
import json
import os
import secrets
import sys
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from inservice import __version__
from inservice.environment import Environment, folder, own_file
from inservice.packages import PACKAGES
from kit import private_files
from signin import issuers

VERSION = __version__
BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment()
env.read_file(BASE_DIR / ".env")

VAR_DIR = env.place("VAR_DIR", BASE_DIR / "var")
DATABASE_URL = env("DATABASE_URL", default="")
# The owner of the tables, for the commands that change them; everything else works with the lesser role of DATABASE_URL
# (docs/operations.md, Roles). Processes that serve never need it.
MIGRATE_DATABASE_URL = env("MIGRATE_DATABASE_URL", default="")
_OWNER_COMMANDS = ("migrate", "grant_app_role", "finish_upgrade", "restore", "restore_drill")
REDIS_URL = env("REDIS_URL", default="")
EMBEDDED = not DATABASE_URL
PGBOUNCER = env.bool("PGBOUNCER", default=False)
# With a database of its own a machine may keep files there that its proxy serves.
folder("VAR_DIR", VAR_DIR, is_private=EMBEDDED)
DEBUG = env.bool("DEBUG", default=False)
DEMO = env.bool("DEMO", default=False)


def _local_secret() -> str:
    """The embedded default's own secret, made once and kept out of the repository."""
    path = VAR_DIR / "secret_key"
    found = own_file("VAR_DIR", path, secrets.token_urlsafe(64)).read_text().strip()
    if not found:
        raise ImproperlyConfigured(
            f"{path} is empty: put it back from where it is kept; delete it only where there is no data yet."
        )
    return found


SECRET_KEY = env("SECRET_KEY", default="")
if not SECRET_KEY:
    if not EMBEDDED and not DEBUG and not env.bool("ALLOW_LOCAL_SECRET", default=False):
        raise ImproperlyConfigured(
            "SECRET_KEY is not set. Production needs one that all machines share: "
            'python -c "import secrets; print(secrets.token_urlsafe(64))"'
        )
    SECRET_KEY = _local_secret()


def _derived_key(purpose: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(f"{purpose}:{SECRET_KEY}".encode()).digest()).decode()


# National IDs: the first key encrypts, all decrypt (rotation); the pepper keys the look-up hash. Production sets its own.
KEYS_DERIVED = [name for name in ("FIELD_KEYS", "ID_PEPPER", "AUDIT_KEY") if not env.text(name)]
FIELD_KEYS = env.field_keys("FIELD_KEYS", default=[_derived_key("field")])
ID_PEPPER = env.text("ID_PEPPER", _derived_key("pepper"))
# Seals the record (audit.seal). Kept apart from the database and its backups.
AUDIT_KEY = env.text("AUDIT_KEY", _derived_key("audit"))
# Where each sealed block of the record leaves its digest, outside the database; empty: nowhere.
AUDIT_WITNESS = env("AUDIT_WITNESS", default=str(VAR_DIR / "audit-witness.jsonl"))
RETAIN_SECURITY_DAYS = env.int("RETAIN_SECURITY_DAYS", default=396)  # 13 months
RETAIN_AUDIT_DAYS = env.int("RETAIN_AUDIT_DAYS", default=5 * 366)

SITE_URL = env.text("SITE_URL", "http://127.0.0.1:" + env.text("PORT", "8000")).rstrip("/")
HTTPS = SITE_URL.startswith("https://")
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS",
    default=[urlsplit(SITE_URL).hostname] if HTTPS else ["localhost", "127.0.0.1", "[::1]"],
)
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "accounts.desk_config.DeskConfig",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_filters",
    "django_htmx",
    *PACKAGES,
]

MIDDLEWARE = [
    "audit.middleware.RequestTraceMiddleware",
    "kit.database_watchdog.DatabaseWatchdogMiddleware",
    "kit.request_memo.MemoMiddleware",
    # Pads each response at random, so that its length discloses nothing of the secrets in it (BREACH).
    "django.middleware.gzip.GZipMiddleware",
    # Before every middleware that may respond by itself: redirects to https, files and errors get the headers as well.
    "kit.response_headers.IsolationMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    # Before what looks at the host, redirects to https or opens a session: balancers request a machine by its address.
    "checks.probes.ProbeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Outside of what removes the cookie of a session that ended.
    "signin.sessions.UnattendedCookieMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    # Before the first reader of a form, which is the check against forgery.
    "kit.long_forms.LongFormMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "signin.sessions.SessionLimitsMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "accounts.middleware.LanguageMiddleware",
    "accounts.middleware.ActingMiddleware",
    # The operator sees a person's pages; whatever follows sees the person.
    "signin.support_view.SupportViewMiddleware",
    # Each route is used by whom its row in the table of rights names (kit.rights).
    "accounts.route_guard.RouteGuardMiddleware",
    # Inside of what records a refused try.
    "kit.unstorable_text.UnstorableTextMiddleware",
    "kit.body_size.BodySizeMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "inservice.urls"
WSGI_APPLICATION = "inservice.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    ["kit.template_loading.Loader", "django.template.loaders.app_directories.Loader"],
                ),
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "inservice.context.site",
                "demo.context.demo_logins",
                "accounts.context.hats",
                "signin.context.session",
                "notices.context.unread",
                "bulletin.context.announcements",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "kit.templatetags.cached_tags",
                "kit.templatetags.ui",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

if EMBEDDED:
    own_file("VAR_DIR", VAR_DIR / "inservice.sqlite3")
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            # Its journals are made with the same rights.
            "NAME": VAR_DIR / "inservice.sqlite3",
            # WAL and IMMEDIATE: web and worker write to one file without "database is locked".
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA busy_timeout=20000;",
            },
        }
    }
else:
    _as_owner = bool(MIGRATE_DATABASE_URL) and sys.argv[1:2] and sys.argv[1] in _OWNER_COMMANDS
    _database: dict[str, Any] = dict(env.db_url("MIGRATE_DATABASE_URL" if _as_owner else "DATABASE_URL"))
    DATABASES = {"default": _database}
    # Behind PgBouncer in transaction mode each transaction may get another connection: no cursor outlives one, and a connection is
    # given back after each request.
    DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=0 if PGBOUNCER else 60)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    _database["OPTIONS"] = {"connect_timeout": 2} | _database.get("OPTIONS", {})
    DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = env.bool(
        "DISABLE_SERVER_SIDE_CURSORS", default=PGBOUNCER
    )
# A statement of a request waits so many seconds for a lock (kit/lock_waits.py), as it does on SQLite; 0: without end.
LOCK_SECONDS = env.float("LOCK_SECONDS", default=20.0)
# Requests are cut off a database that has frozen (kit/database_watchdog.py).
DATABASE_WATCH = not EMBEDDED
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# While Redis is away, or the disk is full, each process remembers by itself (kit/caches.py).
CACHES = {
    "default": {
        "BACKEND": "kit.caches.FallbackCache",
        "LOCATION": REDIS_URL or VAR_DIR / "cache",
        "OPTIONS": (
            {
                "far": "django.core.cache.backends.redis.RedisCache",
                "socket_connect_timeout": 0.5,
                "socket_timeout": 0.5,
            }
            if REDIS_URL
            else {"far": "django.core.cache.backends.filebased.FileBasedCache"}
        ),
    }
}

# --- People and log-in -----------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
# The second is the former path of the first: sessions that began under it go on.
AUTHENTICATION_BACKENDS = ["signin.backends.PersonBackend", "accounts.backends.PersonBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    # 20,000 passwords found in breaches, offline.
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "signin.passwords.ProfileValidator"},
]
PASSWORD_PROFILES = {
    "tw-gov": {
        "min_length": 12,
        "classes": 3,
        "history": 3,
        "max_age_days": 90,
        # The demonstration lets a visitor in with the password alone and says so.
        "mfa": env.bool("MFA_REQUIRED", default=not DEMO),
    },
    "asvs": {"min_length": 12, "classes": 0, "history": 0, "max_age_days": None, "mfa": False},
}
BUSINESS_PASSWORD_PROFILE = env.choice("BUSINESS_PASSWORD_PROFILE", list(PASSWORD_PROFILES), default="tw-gov")
TEACHER_PASSWORD_PROFILE = env.choice("TEACHER_PASSWORD_PROFILE", list(PASSWORD_PROFILES), default="asvs")
# Failures that lock an account for a quarter of an hour; failures of all accounts that one address may have in that time (a school is
# one address). The log-in of a browser known to the person is counted on its own.
LOGIN_LOCK_AFTER = min(10, max(3, env.int("LOGIN_LOCK_AFTER", default=5)))
LOGIN_LOCK_MINUTES = env.int("LOGIN_LOCK_MINUTES", default=15)
LOGIN_ADDRESS_LIMIT = env.int("LOGIN_ADDRESS_LIMIT", default=100)
PASSWORD_RESET_TIMEOUT = 30 * 60
# Sign-in and sign-out of a session: so many minutes before it begins until as many after it ends.
SIGN_WINDOW_MINUTES = env.int("SIGN_WINDOW_MINUTES", default=30)
# Files of a course, in megabytes: one file, and all of one course. Materials go so many days after the course, poster and plan, which are
# evidence, after so many years.
COURSE_FILE_MEGABYTES = env.int("COURSE_FILE_MEGABYTES", default=20)
COURSE_FILES_MEGABYTES = env.int("COURSE_FILES_MEGABYTES", default=100)
# Replies to the questions at enrolment (meals and the like) are deleted so many days after the course was closed.
ANSWERS_KEPT_DAYS = env.int("ANSWERS_KEPT_DAYS", default=30)
COURSE_MATERIALS_DAYS = env.int("COURSE_MATERIALS_DAYS", default=366)
COURSE_FILES_YEARS = env.int("COURSE_FILES_YEARS", default=10)
# The questionnaire of a course is open until so many days after its closing.
QUESTIONNAIRE_DAYS = env.int("QUESTIONNAIRE_DAYS", default=14)
# People who have not replied are reminded once, so many days after the closing; 0: nobody is.
QUESTIONNAIRE_REMIND_DAYS = env.int("QUESTIONNAIRE_REMIND_DAYS", default=7)
# Business accounts: days without a log-in until suspended, until ended; both warned of 14 days ahead.
ACCOUNT_SUSPEND_AFTER_DAYS = env.int("ACCOUNT_SUSPEND_AFTER_DAYS", default=180)
ACCOUNT_END_AFTER_DAYS = env.int("ACCOUNT_END_AFTER_DAYS", default=365)

SITE_NAME = env.text("OPERATOR_NAME", "全國教師在職進修資訊網")
ACCOUNT_ADAPTER = "signin.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "signin.forms.login.LoginForm",
    "change_password": "signin.forms.passwords.ChangePasswordForm",
    "set_password": "signin.forms.passwords.SetPasswordForm",
    "reset_password": "signin.forms.passwords.ResetPasswordForm",
    "reset_password_from_key": "signin.forms.passwords.ResetPasswordKeyForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_DISPLAY = "accounts.context.display_name"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = f"[{SITE_NAME}] "
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_LOGIN_ON_PASSWORD_RESET = False
# Passwords, codes and resets are throttled by signin.actions.throttles, where a known browser is not shut out with its address; what is
# empty here would shut out a whole school.
ACCOUNT_RATE_LIMITS = {
    "login": "",
    "login_failed": "",
    "reset_password": "",
    "reset_password_from_key": "600/h/ip",
    "reauthenticate": "10/m/user",
    "change_password": "10/m/user",
    "manage_email": "10/m/user",
    "signup": "5/m/ip",
    "confirm_email": "1/3m/key",
}
MFA_RATE_LIMITS = {"webauthn_login": "300/m/ip"}
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGOUT_REDIRECT_URL = "courses:catalogue"

MFA_ADAPTER = "signin.adapter.MFAAdapter"
MFA_FORMS = {
    "activate_totp": "signin.forms.passwords.ActivateAppForm",
    "authenticate": "signin.forms.passwords.CodeForm",
    "reauthenticate": "signin.forms.passwords.ConfirmingCodeForm",
    "add_webauthn": "signin.forms.security_keys.AddKeyForm",
    "edit_webauthn": "signin.forms.security_keys.EditKeyForm",
    "login_webauthn": "signin.forms.security_keys.LoginKeyForm",
    "authenticate_webauthn": "signin.forms.security_keys.AuthenticateKeyForm",
    "reauthenticate_webauthn": "signin.forms.security_keys.ReauthenticateKeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = SITE_NAME
MFA_RECOVERY_CODES_SHOW_ONCE = True
# Browsers offer passkeys on http://localhost only; everywhere else https is needed anyway.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS

# OIDC_ISSUERS: a JSON list, one object an issuer: id, name, server_url, client_id, secret, and as needed scope, token_auth_method,
# eduinfo_url, trusts_email, national_id_claim (docs/operations.md).
OIDC_ISSUERS = issuers.checked(env.json("OIDC_ISSUERS", default=[]))
OIDC_ISSUERS_BY_ID = {issuer["id"]: issuer for issuer in OIDC_ISSUERS}
SOCIALACCOUNT_ADAPTER = "signin.education.SocialAccountAdapter"
SOCIALACCOUNT_LOGIN_ON_GET = False
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_PROVIDERS = issuers.providers(OIDC_ISSUERS)

# --- Sessions --------------------------------------------------------------------------------------------------------
SESSION_ENGINE = "signin.session_store"
IDLE_SECONDS = env.int("IDLE_MINUTES", default=30) * 60
IDLE_SECONDS_OPERATOR = env.int("IDLE_MINUTES_OPERATOR", default=15) * 60
ABSOLUTE_SECONDS = env.int("SESSION_HOURS", default=12) * 3600
SESSION_COOKIE_AGE = ABSOLUTE_SECONDS
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
# Over https the browser itself then refuses these cookies from any other host or path.
_prefix = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME = f"{_prefix}session"
CSRF_COOKIE_NAME = f"{_prefix}csrf"
LANGUAGE_COOKIE_NAME = f"{_prefix}language"
LANGUAGE_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE: Literal["Lax"] = "Lax"
DEVICE_COOKIE = f"{_prefix}device"
ENDED_COOKIE = f"{_prefix}session_ended"
# The random mark of a phone that signs in to a session, and a scan that waits while its person logs in.
PHONE_COOKIE, SCAN_COOKIE = f"{_prefix}phone", f"{_prefix}scan"
THEME_COOKIE = f"{_prefix}theme"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "inservice.error_pages.csrf_failure"

# --- Watching (docs/operations.md): figures for Prometheus and reports of faults, both off until they are named --------------------------
# The port of `manage.py metrics`, which is not the site's; 0: nothing is counted.
METRICS_PORT = env.int("METRICS_PORT", default=0)
METRICS_ADDRESS = env.text("METRICS_ADDRESS", "127.0.0.1")
if METRICS_PORT:
    INSTALLED_APPS.append("django_prometheus")
    MIDDLEWARE = [
        "django_prometheus.middleware.PrometheusBeforeMiddleware",
        *MIDDLEWARE,
        "django_prometheus.middleware.PrometheusAfterMiddleware",
    ]
    # The web processes count into files of one folder; prometheus_client reads this variable when it is loaded.
    os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(folder("VAR_DIR", VAR_DIR / "metrics")))
SENTRY_DSN = env("SENTRY_DSN", default="")
SENTRY_ENVIRONMENT = env.text("SENTRY_ENVIRONMENT", "production")

# --- Language, time --------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hant"
LANGUAGES = [("zh-hant", _("Traditional Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Taipei"
USE_I18N = True
USE_TZ = True

# --- Static files ----------------------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = env.place("STATIC_ROOT", VAR_DIR / "static")
# Written by `collectstatic` alone: an image brings it along, read-only.
folder("STATIC_ROOT", STATIC_ROOT, is_private=False, is_written=False)
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = EMBEDDED or DEBUG
WHITENOISE_ALLOW_ALL_ORIGINS = False
_static_storage = (
    "django.contrib.staticfiles.storage.StaticFilesStorage"
    if EMBEDDED or DEBUG
    else "whitenoise.storage.CompressedManifestStaticFilesStorage"
)


def _media_storage() -> dict[str, Any]:
    """Where every file that people send is kept (the app `files`), by all machines, and never served by the proxy.

    MEDIA_DIR: a folder that several machines share. MEDIA_STORAGE: another backend as JSON, {"BACKEND": …, "OPTIONS": {…}}.
    """
    if env("MEDIA_STORAGE", default=""):
        return dict(env.json("MEDIA_STORAGE"))
    return {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": folder("MEDIA_DIR", env.place("MEDIA_DIR", VAR_DIR / "media")),
            "file_permissions_mode": private_files.FILE_MODE,
            "directory_permissions_mode": private_files.FOLDER_MODE,
        },
    }


STORAGES = {
    "default": _media_storage(),
    "staticfiles": {"BACKEND": env.text("STATIC_STORAGE", _static_storage)},
}

# --- Personal data (docs/privacy.md) -----------------------------------------------------------------------------------
# Days by rule in place of those of <app>/retention.py, as JSON: {"attendance": 3653, "notices": 0}; 0 keeps for ever.
RETENTION_DAYS = env("RETENTION_DAYS", default="{}")
# What is no JSON stays a text, which the check of these settings refuses with a sentence.
with contextlib.suppress(ValueError):
    RETENTION_DAYS = json.loads(RETENTION_DAYS)
# Whether what has outlived its time goes each night by itself; `manage.py retention` does it by hand.
RETENTION_EACH_NIGHT = env.bool("RETENTION_EACH_NIGHT", default=False)

# --- Backups (docs/backup.md) ------------------------------------------------------------------------------------------
BACKUP_DIR = env("BACKUP_DIR", default="")
# A file with a public key of GnuPG, the name of such a key, or a recipient of age.
BACKUP_RECIPIENT = env("BACKUP_RECIPIENT", default="")
BACKUP_KEEP_DAILY = env.int("BACKUP_KEEP_DAILY", default=14)
BACKUP_KEEP_WEEKLY = env.int("BACKUP_KEEP_WEEKLY", default=8)
BACKUP_KEEP_MONTHLY = env.int("BACKUP_KEEP_MONTHLY", default=12)
# The page of the system warns when the last one is older.
BACKUP_MAX_HOURS = env.int("BACKUP_MAX_HOURS", default=26)
# The folder of pg_dump and pg_restore, where those on the PATH are older than the server.
PG_PROGRAMS = env("PG_PROGRAMS", default="")

# --- Requests --------------------------------------------------------------------------------------------------------
# A page whose form is longer says so (`kit.long_forms`): closing a course of 5,000 people without the page's script.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 6000
# A process that is killed in the middle of an upload leaves its piece here; jobs.runner.expire removes it.
FILE_UPLOAD_TEMP_DIR = folder("VAR_DIR", VAR_DIR / "uploads")
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "object-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        # Bootstrap's own style sheet draws its ticks and arrows from data: images.
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF, *issuers.origins(OIDC_ISSUERS)],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
    }
}
X_FRAME_OPTIONS = "DENY"
# Other sites get no referrer. Pages of our own narrow it to "same-origin" by a meta element: with no-referrer a browser sends
# "Origin: null" with forms, which the CSRF check rightly refuses.
SECURE_REFERRER_POLICY = "no-referrer"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS and env.bool("HSTS_PRELOAD", default=True)
# The number of own proxies in front of the application; the client's address is what the outermost of them saw.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=1 if env.bool("BEHIND_PROXY", default=False) else 0)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
# Flash messages use a signed cookie: two writes of the session less.
MESSAGE_STORAGE = "kit.flash_messages.Flashes"
MESSAGE_COOKIE_NAME = f"{_prefix}messages"

# --- Mail ------------------------------------------------------------------------------------------------------------
# Without EMAIL_URL mail is written as files under var/mail/: nothing leaves a trial machine.
if env("EMAIL_URL", default=""):
    _mail = env.email_url("EMAIL_URL")
    EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
    EMAIL_HOST, EMAIL_PORT = _mail.get("EMAIL_HOST", ""), _mail.get("EMAIL_PORT") or 25
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = (
        _mail.get("EMAIL_HOST_USER", ""),
        _mail.get("EMAIL_HOST_PASSWORD", ""),
    )
    EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.get("EMAIL_USE_TLS", False), _mail.get("EMAIL_USE_SSL", False)
    EMAIL_FILE_PATH = folder("EMAIL_URL", Path(_mail.get("EMAIL_FILE_PATH", "") or VAR_DIR / "mail"))
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = folder("VAR_DIR", VAR_DIR / "mail")
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="inservice@localhost")

# --- Celery ----------------------------------------------------------------------------------------------------------
BROKER_FOLDER = None if REDIS_URL else VAR_DIR / "broker"
if BROKER_FOLDER is None:
    CELERY_BROKER_URL = REDIS_URL
    # Who sends a task waits for a few seconds at most; a job that could not be sent is swept.
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, float | str] = {
        "socket_connect_timeout": 1,
        "socket_timeout": 3,
        "max_retries": 1,
        "interval_start": 0,
        "interval_step": 0.2,
    }
else:
    folder("VAR_DIR", BROKER_FOLDER)
    _queue = folder("VAR_DIR", BROKER_FOLDER / "queue", is_private=False)
    _control = folder("VAR_DIR", BROKER_FOLDER / "control", is_private=False)
    CELERY_BROKER_URL = "filesystem://"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_queue),
        "data_folder_out": str(_queue),
        "control_folder": str(_control),
    }
# Mail has a queue of its own (docs/operations.md): a worker without -Q takes both, and a slow mail server need not hold the jobs.
CELERY_TASK_QUEUES: dict[str, dict[str, str]] = {"celery": {}, "mail": {}}
CELERY_TASK_DEFAULT_QUEUE = "celery"
CELERY_TASK_ROUTES = {"notices.tasks.*": {"queue": "mail"}}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.2}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A worker looks for its broker until it is back, however long that takes.
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TIMEZONE = "Asia/Taipei"
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")
# LIGHTS_EVERY (seconds) shortens the hour for a trial or a test.
LIGHTS_EVERY = env.float("LIGHTS_EVERY", default=0)
OUTBOX_EVERY = env.float("OUTBOX_EVERY", default=60.0)
# How long one drain may take: the embedded default has one worker for everything, and a slow mail server must not keep jobs waiting.
OUTBOX_SECONDS = env.float("OUTBOX_SECONDS", default=50.0 if REDIS_URL else 15.0)
# Long work of the registers pauses so many times as long as it has worked (jobs/pacing.py). SQLite has one writer: who pauses there keeps
# all others waiting.
JOB_PAUSE = env.float("JOB_PAUSE", default=0.0 if EMBEDDED else 2.0)

# --- API -------------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "signin.api_keys.KeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["api.permissions.RowOfTheRoute"],
    "DEFAULT_SCHEMA_CLASS": "api.schema.Schema",
    "DEFAULT_PAGINATION_CLASS": "api.pagination.CursorPagination",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["api.parsers.JSONParser"],
    # OPTIONS is a method like any other that no row of the rights names: refused with 405. The description is at /api/v1/schema/.
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "api.problems.handle",
}
# Requests to the API by one key, and by one network address behind which many programs and people may be. Empty: no limit.
API_RATES = {
    "key": env.rate("API_RATE_KEY", default="600/minute"),
    "address": env.rate("API_RATE_ADDRESS", default="1200/minute"),
}
# Webhooks may also go to hosts of the own network and without https: for trying them out, never in production.
WEBHOOK_LOCAL = env.bool("WEBHOOK_LOCAL", default=False)
SPECTACULAR_SETTINGS = {
    "TITLE": "In-service training API",
    "DESCRIPTION": "Catalogue, enrolment, a unit's courses, closing and lights. The same actions as the pages.",
    "VERSION": "1.0.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "ENUM_NAME_OVERRIDES": {
        "AbsenceKindEnum": "courses.enums.AbsenceKind",
        "CourseFileKindEnum": "courses.enums.CourseFileKind",
        "SignKindEnum": "hours.enums.SignKind",
        "QuestionKindEnum": "hours.enums.QuestionKind",
        "CourseStateEnum": "courses.enums.CourseState",
        "EnrolmentStateEnum": "courses.enums.EnrolmentState",
        "PlannedAbsenceStateEnum": "courses.enums.PlannedAbsenceState",
        "ObjectionStateEnum": "hours.enums.ObjectionState",
        "OutcomeEnum": "api.serializers.OUTCOME_CHOICES",
        "ReplyLevelEnum": "hours.enums.ReplyLevel",
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

# --- The operator's desk ---------------------------------------------------------------------------------------------
OPERATOR_CONTACT = {
    "name": SITE_NAME,
    "phone": env("OPERATOR_PHONE", default="00-0000-0000"),
    "mail": env("OPERATOR_MAIL", default="operator@localhost"),
}
# What `check --deploy` misses.
# The first operator, for `manage.py setup` without a terminal.
SETUP_OPERATOR = {name: env(f"SETUP_OPERATOR_{name.upper()}", default="") for name in ("email", "name")}
CONTACT_UNSET = [name for name in ("OPERATOR_PHONE", "OPERATOR_MAIL") if not env(name, default="")]
MAIL_UNSET = [name for name in ("EMAIL_URL", "DEFAULT_FROM_EMAIL") if not env(name, default="")]

LOG_FORMAT = env.choice("LOG_FORMAT", ("line", "json"), default="line" if EMBEDDED else "json")
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "audit.logs.RequestIdFilter"}},
    "formatters": {
        "line": {
            "()": "audit.logs.LineFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        },
        "json": {
            "()": "audit.logs.ScrubbedJsonFormatter",
            "fmt": "%(asctime)s %(levelname)s %(name)s %(message)s %(request_id)s",
        },
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT, "filters": ["request_id"]}
    },
    "root": {"handlers": ["console"], "level": env.choice("LOG_LEVEL", LEVELS, default="INFO")},
    # A line for each request belongs into the machine-readable log; on a trial machine it would bury the rest.
    "loggers": {
        "audit.request": {"level": "INFO" if LOG_FORMAT == "json" else "WARNING"},
        # A line for each task, likewise.
        "celery": {"level": "INFO" if LOG_FORMAT == "json" else "WARNING"},
        # Would write the characters of each PDF, and thereby of people's names, into the log.
        "fontTools": {"level": "WARNING"},
        "fpdf": {"level": "WARNING"},
    },
}
