"""The words of the register: one definition, on the page and in the answer, in two languages."""

import re

import pytest
from django.utils import translation

from dashboard.project_words import stage_words
from projects.calculations.stages import Stage
from projects.metrics import BY_KEY
from projects.services.requirements import CASH, COVER
from tests.dashboard.pages.reading import read

pytestmark = pytest.mark.usefixtures("register")
API = "/api/v1/glossary/"


def test_the_answer_holds_the_words_of_the_page_in_both_languages(client):
    rows = client.get(API).json()["results"]
    english, japanese = read(client, "/glossary/").words, read(client, "/ja/glossary/").words
    assert len(rows) == len({row["key"] for row in rows}) == 19
    for row in rows:
        for name in ("name", "definition"):
            assert row[name] in english, row["key"]
            assert row[f"{name}_ja"] in japanese, row["key"]
            assert row[name] != row[f"{name}_ja"], row["key"]


def test_a_rung_is_called_what_its_figure_is_called(client):
    rungs = [r for r in client.get(API).json()["results"] if r["group"] == "ladder"]
    assert [row["key"] for row in rungs][-1] == "guaranteed"
    for row in rungs:
        metric = BY_KEY[f"{row['key'].replace('-', '_')}_usd"]
        assert (row["name"], row["name_ja"]) == (metric.name, metric.name_ja)
        assert row["name_ja"] in read(client, "/glossary/").words


def test_a_stage_is_called_by_one_word_on_the_ladder_in_lists_and_in_the_glossary(client):
    rungs = [r for r in client.get(API).json()["results"] if r["group"] == "ladder"]
    steps = [Stage(row["key"].replace("-", "_")) for row in rungs[:-1]]
    assert [stage_words(step).capitalize() for step in steps] == [r["name"] for r in rungs[:-1]]
    with translation.override("ja"):
        assert [stage_words(step) for step in steps] == [r["name_ja"] for r in rungs[:-1]]
        assert str(CASH[COVER].stage) == rungs[-1]["name_ja"]
    assert [row["name_ja"] for row in rungs] == [
        *("候補", "協議中", "選定", "契約締結", "拠出通知", "拠出", "支出", "分配", "保証")
    ]
    ladder = read(client, "/ja/").html.split('class="ladder')[1].split("</table>")[0]
    _time, *named = re.findall(r'<th scope="row">([^<]+)', ladder)
    assert named == [row["name_ja"] for row in rungs]


def test_the_words_are_paged_like_every_list(client):
    whole = client.get(API).json()
    found, address = [], f"{API}?page_size=8"
    while address:
        body = client.get(address).json()
        found, address = found + body["results"], body["next"]
    assert (found, whole["next"]) == (whole["results"], None)
    assert client.get(f"{API}?commitment=japan-us-2025").json()["parameter"] == "commitment"
    assert client.get("/api/v1/").json()["links"]["glossary"].endswith(API)
