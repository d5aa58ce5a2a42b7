"""The value of a term is refused in words, where it could not be read."""

import pytest
from django.core.exceptions import ValidationError

from commitments.models import Term


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        ("deadline", "2029-01-19", "must be an object of named parts"),
        ("deadline", {"text": "soon"}, "needs the part “date”"),
        ("deadline", {"date": "2029-02-30"}, "“date” must be a day like 2029-01-19"),
        ("target", {"usd": "1e400"}, "“usd” must be dollars above zero"),
        ("target", {"usd": "0.00"}, "“usd” must be dollars above zero"),
        ("target", {"usd": "-5.00"}, "“usd” must be dollars above zero"),
        ("funding_window", {"business_days": "45"}, "must be a whole number from 1 to 366"),
        ("funding_window", {"business_days": True}, "must be a whole number from 1 to 366"),
        ("calendar", {"calendar": "lunar"}, "one of joint, japan, fed, not 'lunar'"),
        ("headline_rung", {"rung": "promised"}, "one of selected, signed"),
        ("split", {"before": {"us": "0.5", "japan": "0.5"}}, "needs the part “after”"),
        ("split", {"before": {"us": "half"}, "after": {"us": "1"}}, "shares that add to 1"),
        ("components", {"list": [{"amount_usd": "many"}]}, "“amount_usd” must be dollars"),
        ("status", {"date": "2026-13-01"}, "“date” must be a day"),
        ("vendors", {"share": 0.1}, "must be words, a whole number or a list"),
        ("vendors", {"a": {"b": {"c": {"d": 1}}}}, "“c” lies too deep"),
        ("vendors", {"text": 5}, "“text” must be words"),
    ],
)
def test_a_term_that_could_not_be_read_is_told_why(key, value, problem):
    with pytest.raises(ValidationError) as refused:
        Term(key=key, value=value).clean()
    (told,) = refused.value.message_dict["value"]
    assert problem in told
