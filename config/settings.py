"""All settings, read from the environment.

MODE is "embedded" (SQLite, no Redis, for one machine) unless it says
"production", which refuses to start half-configured.
"""

import sys
from pathlib import Path

from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from config import environment as env

sys.excepthook = env.uncaught  # a command or a worker that cannot start says so in one line

BASE_DIR = Path(__file__).resolve().parent.parent
MODE = env.text("MODE", "embedded")
if MODE not in ("embedded", "production"):
    raise ImproperlyConfigured(f"MODE is “{MODE}”, neither embedded nor production")
PRODUCTION = MODE == "production"
VAR_DIR = Path(env.text("VAR_DIR", str(BASE_DIR / "var")))

DEBUG = False
if PRODUCTION:
    SECRET_KEY = env.required("SECRET_KEY", "50 random characters that sign sessions")
    DATABASE_URL = env.required("DATABASE_URL", "postgres://user:password@host:5432/name")
    REDIS_URL = env.required("REDIS_URL", "redis://:password@host:6379/0")
    ALLOWED_HOSTS = env.listed("ALLOWED_HOSTS")
    if not ALLOWED_HOSTS:
        raise ImproperlyConfigured("ALLOWED_HOSTS is not set: host names, with commas between")
    if len(SECRET_KEY) < 50:
        raise ImproperlyConfigured("SECRET_KEY is shorter than 50 characters")
else:
    SECRET_KEY = env.text("SECRET_KEY") or env.kept_secret(VAR_DIR / "secret_key")
    DATABASE_URL = env.text("DATABASE_URL", f"sqlite:///{VAR_DIR / 'tracker.sqlite3'}")
    REDIS_URL = env.text("REDIS_URL")
    ALLOWED_HOSTS = env.listed("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")

CSRF_TRUSTED_ORIGINS = env.listed("CSRF_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "config.admin.TrackerAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "csp",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "rest_framework",
    "drf_spectacular",
    "commitments.apps.CommitmentsConfig",
    "projects.apps.ProjectsConfig",
    "tariffs.apps.TariffsConfig",
    "dashboard.apps.DashboardConfig",
]

MIDDLEWARE = [
    "dashboard.middleware.request_id",
    "dashboard.middleware.read_off",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "dashboard.middleware.health",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {"default": env.database("DATABASE_URL", DATABASE_URL)}
_database = DATABASES["default"]
if _database["ENGINE"].endswith("sqlite3"):
    # All four are needed: without IMMEDIATE parallel writers fail at once, without
    # recursive_triggers INSERT OR REPLACE slips past the guards.
    if PRODUCTION:
        raise ImproperlyConfigured("DATABASE_URL is not of Postgres, which production needs")
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;"
        "PRAGMA foreign_keys=ON;PRAGMA recursive_triggers=ON;",
    }
    if _database["NAME"] not in ("", ":memory:"):
        Path(_database["NAME"]).parent.mkdir(parents=True, exist_ok=True)
else:
    _database["CONN_MAX_AGE"] = 60
    _database["CONN_HEALTH_CHECKS"] = True
    _database["OPTIONS"] = {
        **_database.get("OPTIONS", {}),  # such as sslmode, from the address
        # lock_timeout stays above Postgres' deadlock_timeout of 1 s. Without jit: to compile a
        # long statement over many kinds took 1.5 s, to run it 0.02 s.
        "options": "-c statement_timeout=15000 -c lock_timeout=5000 "
        "-c idle_in_transaction_session_timeout=30000 -c jit=off",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

if REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": env.text("CACHE_URL") or env.beside(REDIS_URL, database=1),
            "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
        }
    }
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# Jobs: the row is the job, the message only the bell.
CELERY_BROKER_URL = REDIS_URL or None
CELERY_TASK_ACKS_LATE = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 200
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "Asia/Tokyo"
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "socket_keepalive": True,
    "health_check_interval": 10,
    "retry_on_timeout": True,
}
CELERY_TASK_PUBLISH_RETRY_POLICY = {
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.2,
    "interval_max": 0.2,
}
JOB_SWEEP_SECONDS = env.number("JOB_SWEEP_SECONDS", 10)
JOB_LEASE_SECONDS = env.number("JOB_LEASE_SECONDS", 0)  # 0: by kind of job
CELERY_BEAT_SCHEDULE = {
    "sweep the job table": {"task": "commitments.sweep", "schedule": JOB_SWEEP_SECONDS},
    # Keys hold the day: what a broken hour did not ask for, the next one does.
    "mail the news": {"task": "commitments.mail_news", "schedule": crontab(minute="*/10")},
    "ask for the day's work": {"task": "commitments.ask_daily", "schedule": crontab(minute=5)},
}

# News of the inbox goes by mail too, when both a server and a recipient are named.
EMAIL_URL = env.text("EMAIL_URL")
globals().update(env.mail("EMAIL_URL", EMAIL_URL))
EMAIL_TIMEOUT = 10
EMAIL_SUBJECT_PREFIX = "[550 Tracker] "
DEFAULT_FROM_EMAIL = env.text("MAIL_FROM", "tracker@localhost")
MAIL_TO = env.listed("MAIL_TO") if EMAIL_URL else []

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("ja", _("Japanese"))]
USE_I18N = True
LOCALE_PATHS = [BASE_DIR / "dashboard" / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"

AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = ["ip_address"]  # five wrong passwords, whoever they are for
AXES_CLIENT_IP_CALLABLE = "dashboard.throttles.address_of"
AXES_HTTP_RESPONSE_CODE = 429
AXES_VERBOSE = False
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"  # where a refused "next" leads
SESSION_COOKIE_AGE = 8 * 3600

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
if PRODUCTION:
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$"]
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["dashboard.api.permissions.SafeMethodsOnly"],
    "DEFAULT_RENDERER_CLASSES": ["dashboard.api.rendering.ExactJSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "dashboard.api.rendering.OneFormat",
    "DEFAULT_PARSER_CLASSES": [],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": [
        "dashboard.throttles.Burst",
        "dashboard.throttles.Sustained",
    ],
    "DEFAULT_THROTTLE_RATES": {
        "burst": env.text("API_BURST_RATE", "120/min"),
        "sustained": env.text("API_SUSTAINED_RATE", "5000/day"),
        "reports": env.text("REPORT_RATE", "5/hour"),
    },
    "EXCEPTION_HANDLER": "dashboard.api.problems.problem_handler",
    "UNAUTHENTICATED_USER": None,
    "NUM_PROXIES": env.number("NUM_PROXIES", 0),
    "COERCE_DECIMAL_TO_STRING": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "550 Tracker API",
    "VERSION": "1.0.0",
    "DESCRIPTION": "The open register of Japan's US$550 billion investment commitment.",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,  # the codes have no labels to repeat
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "config.logs.JsonFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "WARNING")},
    "loggers": {
        "django.server": {"handlers": ["console"], "propagate": False},
        "celery": {"level": "INFO"},  # starts, stops and every task, whatever LOG_LEVEL says
    },
}
