"""The page that explains the API."""

import pytest

from dashboard.throttles import Burst, Sustained
from tests.builders import make_register
from tests.dashboard.pages.reading import read

pytestmark = pytest.mark.django_db


def test_the_page_states_the_limits_that_hold(client, monkeypatch):
    make_register()
    monkeypatch.setattr(Burst, "THROTTLE_RATES", {"burst": "120/min"})
    monkeypatch.setattr(Sustained, "THROTTLE_RATES", {"sustained": "5000/day"})
    words = read(client, "/api/").words
    assert "One address may make 120 requests a minute and 5,000 requests a day" in words
    assert "1分に120件、1日に5,000件" in read(client, "/ja/api/").words
