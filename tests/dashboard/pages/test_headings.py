"""Section headings are generated: each rule in its states."""

import pytest
from django.utils.translation import override

from dashboard.pages.overview import gaps, mix, peers, places, reactions, record, returns, tariffs


def test_record_heading_counts_what_is_decided():
    heading = record.record_heading(selected=3, in_consultation=3, signed=1)
    assert heading == "3 projects selected, 3 in consultation, 1 set of loans signed"
    heading = record.record_heading(selected=1, in_consultation=0, signed=2)
    assert heading == "1 project selected, 0 in consultation, 2 sets of loans signed"


def test_places_heading_names_the_state_that_holds_most():
    assert (
        places.places_heading(projects=0, states=0) == "No project is selected or in consultation"
    )
    assert places.places_heading(projects=1, states=2) == "1 project in 2 states"
    heading = places.places_heading(projects=6, states=6, largest=("Ohio", "92%"))
    assert heading == "6 projects in 6 states; Ohio holds 92% of what is selected"


def test_mix_heading_names_the_largest_sector():
    assert mix.mix_heading("98%", "energy") == "98% of the selected money is for energy"


def test_reactions_heading_counts_them():
    assert reactions.heading(0, 0) == "No reaction is on record for the day"
    assert reactions.heading(1, 0) == "1 reaction on record, 0 in the last 90 days"
    assert reactions.heading(74, 4) == "74 reactions on record, 4 in the last 90 days"


def test_peers_heading_warns_that_pledges_differ():
    assert peers.heading(10) == "10 pledges to the United States, each counted in its own way"


def test_tariff_and_returns_headings_say_when_nothing_is_on_record():
    assert tariffs.heading([]) == "No rate on general goods is on record for the day"
    assert returns.heading(None, none_yet=True) == "How returns are shared is not stated"


@pytest.mark.parametrize(
    ("question", "text", "more"),
    [
        ("Full text", "Full text: terms come from reports.", "Terms come from reports."),
        ("Page of the order", "Page of the order (found once).", "Found once."),
        ("The list", "The list.", ""),
        ("Was it paid?", "No receipt was found", "No receipt was found"),
    ],
)
def test_what_more_does_not_repeat_the_question(question, text, more):
    assert gaps.what_more(question, text) == more


def test_headings_stay_short_in_english_and_are_whole_sentences_in_japanese():
    headings = [
        lambda: record.record_heading(selected=3, in_consultation=3, signed=1),
        lambda: places.places_heading(projects=6, states=6, largest=("Ohio", "92%")),
        lambda: reactions.heading(74, 4),
        lambda: peers.heading(10),
        lambda: tariffs.heading([]),
    ]
    assert max(len(heading()) for heading in headings) <= 80
    with override("ja"):
        translated = [heading() for heading in headings]
    for words in translated:
        assert not {"project", "states", "reaction", "pledges", "record"} & set(words.split())
        assert any("\u3040" <= letter <= "\u9fff" for letter in words)
