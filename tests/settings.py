"""The settings of the suite: one file's worth of differences."""

import os
import tempfile

os.environ.setdefault("VAR_DIR", tempfile.mkdtemp(prefix="tracker-test-"))
os.environ.setdefault("API_BURST_RATE", "100000/min")
os.environ.setdefault("API_SUSTAINED_RATE", "1000000/day")

from config.settings import *  # noqa: E402, F403  # the settings under test
from config.settings import DATABASES, STORAGES

DATABASES["default"]["TEST"] = {"NAME": None}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage",
}
