"""What answers say of loans: their amounts, and that a joint one is not split."""

import pytest

from tests.dashboard.api.test_answers import get

JOINT = ("prj-ga-diamond", "prj-oh-portsmouth-gas", "prj-tx-gulflink")
DAY = {"as_of": "2026-11-22"}


def joint_loans(client):
    (found,) = get(client, "financings/", **DAY)["results"]
    return found


def test_financings_give_their_amounts_in_dollars_and_yen(client, register):
    found = joint_loans(client)
    assert sorted(found["projects"]) == sorted(JOINT)
    dollars, yen = found["amounts"]
    assert (dollars["low"], dollars["high"], dollars["currency"]) == (
        "2200000000.00",
        "2200000000.00",
        "USD",
    )
    assert (yen["low"], yen["high"], yen["currency"]) == ("340000000000.00", None, "JPY")
    for amount in (dollars, yen):
        (claim,) = amount["claims"]
        assert get(client, f"claims/{claim}/", **DAY)["result"]["subject"] == (
            f"financing:{found['ref']}"
        )


def test_project_names_the_loans_that_cover_it(client, register):
    loans = joint_loans(client)
    for slug in JOINT:
        (financing,) = get(client, f"projects/{slug}/", **DAY)["result"]["financings"]
        assert financing["ref"] == loans["ref"]
        assert financing["amounts"] == loans["amounts"]
        assert sorted(financing["projects"]) == sorted(JOINT)
    assert get(client, "projects/prj-tn-al-smr/", **DAY)["result"]["financings"] == []


@pytest.mark.parametrize(
    "scope", [{"project": "prj-ga-diamond"}, {"sector": "energy"}, {"state": "OH"}]
)
def test_part_of_a_joint_loan_is_not_stated(client, register, scope):
    result = get(client, "metrics/signed_usd/", **DAY, **scope)["result"]
    assert result["rows"] == []
    assert [row["low"] for row in result["context"]] == ["2200000000.00"]
    assert {k: result[k] for k in ("low", "high", "reason", "note", "unstated_count")} == {
        "low": None,
        "high": None,
        "reason": "not_stated",
        "note": None,
        "unstated_count": 1,
    }


def test_what_a_joint_loan_does_not_cover_has_none_published(client, register):
    for scope in ({"project": "prj-tn-al-smr"}, {"state": "TN"}):
        result = get(client, "metrics/signed_usd/", **DAY, **scope)["result"]
        assert (result["low"], result["note"]) == ("0.00", "none_published")


def test_selected_money_of_an_instrument_is_not_stated(client, register):
    result = get(client, "metrics/selected_usd/", **DAY, instrument="loan")["result"]
    assert (result["low"], result["reason"], result["unstated_count"]) == (None, "not_stated", 3)
