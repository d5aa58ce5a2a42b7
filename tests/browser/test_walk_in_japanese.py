"""No page in Japanese breaks a rule; a file of its own, so that both languages run at once."""

import pytest

from tests.browser.walk import faults_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_no_page_breaks_a_rule_of_accessibility_or_the_policy_or_scrolls_sideways(browser, site):
    assert faults_in(browser, site, "/ja") == []
