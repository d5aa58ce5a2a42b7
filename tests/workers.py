"""Settings of worker processes under test: the suite's own, and ways to be slow or to die."""

import os
import time
from contextlib import suppress

from tests.settings import *  # noqa: F403  # the suite's settings

SLOW = float(os.environ.get("SLOW_REFRESH_SECONDS", "0"))
QUICK = os.environ.get("QUICK_LIMITS") == "1"
STUCK = os.environ.get("STUCK_DAY")
POISON = os.environ.get("POISON_DAY")


def spoil() -> None:
    """Make refreshing slow, short of time, or stuck or deadly for one day, in this process."""
    from commitments.services.jobs import JobKind
    from projects.services import progress

    if QUICK:

        def quick(name, compute, write, **_limits):
            return JobKind(name, compute, write, soft=1, hard=2, lease=3)

        progress.JobKind = quick
    compute = progress._compute

    def spoiled(payload, report):
        if POISON and payload["as_of"] == POISON:
            os._exit(9)
        while STUCK and payload["as_of"] == STUCK:
            with suppress(Exception):
                time.sleep(60)
        time.sleep(SLOW)
        return compute(payload, report)

    progress._compute = spoiled


if SLOW or POISON or STUCK or QUICK:
    INSTALLED_APPS = ["tests.spoiled.SpoiledConfig", *INSTALLED_APPS]  # noqa: F405  # from above
