"""No page in Japanese holds an English sentence, but for what stands as its source wrote it."""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import translation

from dashboard.code_words import revision_words
from dashboard.pages.words import REFERENCES
from projects.management.commands import load_illustrative, load_register
from projects.metrics import METRICS

pytestmark = pytest.mark.django_db

ADDRESSES = (
    *("", "?as_of=2025-09-01", "?as_of=2025-10-01", "?commitment=korea-us-2025"),
    *(
        "?commitment=illustrative-us-2025",
        "projects/",
        "projects/?as_of=2030-01-01",
        "projects/nosuch/",
    ),
    *("projects/prj-oh-portsmouth-gas/", "projects/prj-pa-gas/", "projects/cnd-westinghouse/"),
    *("states/OH/", "sectors/energy/", "sources/", "sources/doc-commerce-2026-02-17/"),
    *("sources/doc-mou-2025-09-04/", "sources/doc-seed/", "sources/doc-ustr-301-fl-final/"),
    *("figures/", "figures/selected_usd/", "figures/signed_usd/"),
    *("figures/covered_usd/", "figures/selected_usd/?as_of=2026-02-28", "changes/"),
    *("changes/?commitment=illustrative-us-2025", "projects/prj-ga-diamond/"),
    *("sectors/artificial-intelligence/?commitment=illustrative-us-2025", "method/"),
    *("calls/window/?notice=2026-11-02", "projects/prj-ga-diamond/?as_of=2026-02-28"),
    *("figures/required_usd_per_month/", "figures/instrument_share/?instrument=loan"),
    *(
        "glossary/",
        "method/",
        "api/",
        "licence/",
        "accessibility/",
        "money/",
        "forecast/",
        "calls/",
    ),
    *("calls/window/", "tariffs/", "returns/", "reactions/", "compare/", "claims/", "watch/"),
    *("scenarios/", "data/", "data/claim/", "corrections/", "decisions/", "pace/", "report/"),
    *("data/lever/", "data/measure/", "figures/business_days_left/", "projects/rpt-jdi/"),
    *(
        f"{path}?commitment=illustrative-us-2025"
        for path in (
            *("claims/", "corrections/", "figures/still_to_be_noticed_usd/", "method/", "money/"),
            *("projects/illustrative-chip-fab/", "projects/illustrative-data-campus/"),
            *("projects/illustrative-pharma-plant/", "reactions/", "calls/", "watch/"),
        )
    ),
)
WORD = r"[A-Za-z][A-Za-z’'-]*"
SENTENCE = re.compile(rf"{WORD}(?:[ ,;:()]+{WORD}){{2,}}")  # three words on end
SPOKEN = ("aria-label", "placeholder", "alt", "title")
SILENT = {"script", "style", "code", "pre", "title"}  # the title of a window takes no mark
INLINE = re.compile(r"</?(?:a|abbr|b|code|em|i|small|span|strong|time)\b[^>]*>")
PARTED = re.compile(r"[。、]\s+(?=[^\s<])")  # a full stop or comma, and a space in the same text
VOID = {"meta", "link", "input", "br", "hr", "img"}

# What may stand in English without a mark, and why.
KEPT = {
    "Dreher and Lohmann": "the authors of a data set, cited under its licence",
    "Oxford Review of Economic Policy": "the journal they published it in",
    "Fiscal OSINT Japan": "the name of a publisher",
}


class Prose(HTMLParser):
    """What a page says, piece by piece, with whether it is marked as English."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.said: list[tuple[str, bool]] = []
        self._open: list[tuple[str, str | None]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        lang = given.get("lang") or (self._open[-1][1] if self._open else None)
        self.said += [(given[name] or "", lang == "en") for name in SPOKEN if given.get(name)]
        if tag not in VOID:
            self._open.append((tag, lang))

    def handle_endtag(self, tag: str) -> None:
        if tag in (name for name, _lang in self._open):
            while self._open.pop()[0] != tag:
                pass

    def handle_data(self, data: str) -> None:
        if data.strip() and not SILENT & {name for name, _lang in self._open}:
            self.said.append(
                (" ".join(data.split()), bool(self._open) and self._open[-1][1] == "en")
            )


def prose(client: Any, address: str) -> list[tuple[str, bool]]:
    return Prose(page(client, address)).said


def page(client: Any, address: str) -> str:
    return client.get(f"/ja/{address}").content.decode()


def recorded(value: Any) -> Iterator[str]:
    """Every text of the records, and of the literature the definitions name."""
    if isinstance(value, dict):
        for part in value.values():
            yield from recorded(part)
    elif isinstance(value, list):
        for part in value:
            yield from recorded(part)
    elif isinstance(value, str):
        yield " ".join(value.split())


@pytest.fixture(scope="module")
def written() -> set[str]:
    """What the records say, word for word."""
    folder = Path(settings.BASE_DIR) / "fixtures"
    files = [path for path in folder.rglob("*.json") if "backtest" not in path.parts]
    texts = {text for path in files for text in recorded(json.loads(path.read_text()))}
    return texts | {metric.literature for metric in METRICS} | {REFERENCES}


@pytest.mark.rendering
@pytest.mark.parametrize("address", ADDRESSES)
def test_english_on_a_page_in_japanese_is_marked_and_stands_so_in_the_records(
    client, illustrative, written, address
):
    """The mark is for names and for what documents and notes say, not for the register's own words."""
    html = page(client, address)
    text = INLINE.sub("", html.partition("</title>")[2])
    assert [text[m.start() - 20 : m.end() + 20] for m in PARTED.finditer(text)] == []
    said = Prose(html).said
    unmarked = [phrase for text, mark in said if not mark for phrase in SENTENCE.findall(text)]
    assert [phrase for phrase in unmarked if phrase not in KEPT] == []
    marked = [text for text, mark in said if mark and SENTENCE.search(text)]
    assert [text for text in marked if text not in written] == []


@pytest.mark.rendering
@pytest.mark.parametrize(
    ("address", "said", "english"),
    [
        ("calls/", "Pythonパッケージholidays", "holidays 0"),
        ("method/", "Pythonパッケージholidays", "holidays 0"),
        ("calls/window/?notice=2026-11-02", "Pythonパッケージholidays", "holidays 0"),
        ("figures/covered_usd/", "保証の有無は記載なし", "cover not stated"),
        ("figures/signed_usd/", "NHKは融資契約の締結と伝え", "NHK speaks of signing"),
        ("projects/prj-tx-gulflink/", "日本では2月18日", "18 February in Japan"),
        ("projects/prj-tx-gulflink/", "大統領の投稿はLNG施設", "post called it an LNG"),
        ("projects/prj-tx-gulflink/", "NHKは融資契約の締結と伝え", "NHK speaks of signing"),
        ("projects/prj-tx-gulflink/", "以前の報道で見込まれていた", "expected by earlier"),
        ("projects/prj-oh-portsmouth-gas/", "米エネルギー省も", "Department of Energy gave"),
        ("method/", "本登録簿の慣行。", "register's convention"),
        ("figures/business_days_left/", "大統領の任期", "presidential term"),
    ],
)
def test_what_is_the_registers_own_is_said_in_japanese(client, register, address, said, english):
    words = " ".join(text for text, _mark in prose(client, address))
    assert (said in words, english in words) == (True, False)


def test_why_the_registers_commands_load_is_said_in_japanese():
    own = load_register.Command().create_parser("", "").get_default("reason")
    with translation.override("ja"):
        assert revision_words(own) == "収録した事実の読み込み"
        assert revision_words(load_illustrative.REASON) == "例示シナリオ（架空）の読み込み"
        assert revision_words("a reason given by hand") == (
            '<span lang="en">a reason given by hand</span>'
        )


def test_what_is_kept_is_still_said(client, illustrative):
    said = [text for address in ("licence/", "claims/") for text, _mark in prose(client, address)]
    assert [phrase for phrase in KEPT if not any(phrase in text for text in said)] == []
