"""The settings of the suite: one file's worth of differences.

TEST_DATABASE=postgres starts a throwaway Postgres for the run, unless
DATABASE_URL names one.
"""

import atexit
import os
import tempfile
from contextlib import ExitStack

os.environ.setdefault("VAR_DIR", tempfile.mkdtemp(prefix="tracker-test-"))
os.environ.setdefault("API_BURST_RATE", "100000/min")
os.environ.setdefault("API_SUSTAINED_RATE", "1000000/day")
if os.environ.get("TEST_DATABASE") == "postgres" and "DATABASE_URL" not in os.environ:
    from tests.services import postgres

    services = ExitStack()
    os.environ["DATABASE_URL"] = services.enter_context(postgres())
    atexit.register(services.close)

from config.settings import *  # noqa: F403  # the settings under test, once services run
from config.settings import DATABASES, STATIC_ROOT, STORAGES  # the same

DATABASES["default"]["TEST"] = {"NAME": None}
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # else every client warns that it is missing
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage",
}
