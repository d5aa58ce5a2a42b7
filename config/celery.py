"""The bell of the job table; its clock is CELERY_BEAT_SCHEDULE in the settings."""

import os
from logging.config import dictConfig

from celery import Celery
from celery.signals import setup_logging
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("tracker")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def log_as_django_does(**_options: object) -> None:
    """Keep the lines of workers and beat as LOGGING has them; Celery would set its own."""
    dictConfig(settings.LOGGING)
