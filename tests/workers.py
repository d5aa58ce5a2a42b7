"""Settings of worker processes under test: the suite's own, and ways to be slow or to die."""

import os
import time

from tests.settings import *  # noqa: F403  # the suite's settings

SLOW = float(os.environ.get("SLOW_REFRESH_SECONDS", "0"))
POISON = os.environ.get("POISON_DAY")


def spoil() -> None:
    """Make refreshing slow, or deadly for one day, in this process."""
    from projects.services import progress

    compute = progress._compute

    def spoiled(payload, report):
        if POISON and payload["as_of"] == POISON:
            os._exit(9)
        time.sleep(SLOW)
        return compute(payload, report)

    progress._compute = spoiled


if SLOW or POISON:
    INSTALLED_APPS = ["tests.spoiled.SpoiledConfig", *INSTALLED_APPS]  # noqa: F405  # from above
