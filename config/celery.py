"""The bell of the job table, and the clock that rings it."""

import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("tracker")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    "sweep the job table": {"task": "commitments.sweep", "schedule": 10.0},
    "refresh progress every day in Tokyo": {
        "task": "projects.refresh_today",
        "schedule": crontab(hour=0, minute=5),
    },
    "reconcile every night": {
        "task": "projects.reconcile",
        "schedule": crontab(hour=2, minute=30),
    },
}
