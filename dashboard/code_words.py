"""The words of the codes that records carry: kinds of document, batches, roles, fields."""

from collections.abc import Mapping
from typing import Any

from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments.models import Document
from dashboard import formats
from projects.metrics.financing import COVER_NOT_STATED
from projects.metrics.returns import FLOW_IN, FLOW_OUT
from projects.selectors.members import CLAIM_PAID
from tariffs.metrics import ADDED_ONLY

BATCHES: Mapping[str, Any] = {
    "tranche-1": gettext_lazy("first batch"),
    "tranche-2": gettext_lazy("second batch"),
    "candidates-2025-10": gettext_lazy("candidates of October 2025"),
    "reported-candidate": gettext_lazy("only reported"),
}
ROLES: Mapping[str, Any] = {
    "builder/operator": gettext_lazy("builder and operator"),
    "considering": gettext_lazy("considering to take part"),
    "contractor": gettext_lazy("contractor"),
    "developer": gettext_lazy("developer"),
    "developer/supplier": gettext_lazy("developer and supplier"),
    "grid partner": gettext_lazy("grid partner"),
    "interested buyer": gettext_lazy("interested buyer"),
    "interested party": gettext_lazy("interested party"),
    "interested supplier": gettext_lazy("interested supplier"),
    "Japanese party": gettext_lazy("Japanese party"),
    "operator": gettext_lazy("operator"),
    "operator/developer": gettext_lazy("operator and developer"),
    "supplier": gettext_lazy("supplier"),
    "technology": gettext_lazy("technology"),
    "US party": gettext_lazy("US party"),
}
ACTOR_TYPES: Mapping[str, Any] = {
    "academic": gettext_lazy("academic"),
    "business association": gettext_lazy("business association"),
    "central bank research": gettext_lazy("central bank research"),
    "civil society": gettext_lazy("civil society"),
    "court": gettext_lazy("court"),
    "government": gettext_lazy("government"),
    "law firm": gettext_lazy("law firm"),
    "legislative research": gettext_lazy("legislative research"),
    "legislator": gettext_lazy("legislator"),
    "legislature": gettext_lazy("legislature"),
    "market": gettext_lazy("market"),
    "media": gettext_lazy("media"),
    "opposition": gettext_lazy("opposition"),
    "politician": gettext_lazy("politician"),
    "pollster": gettext_lazy("pollster"),
    "rating agency": gettext_lazy("rating agency"),
    "research firm": gettext_lazy("research firm"),
    "statistics": gettext_lazy("statistics"),
    "think tank": gettext_lazy("think tank"),
    "union": gettext_lazy("union"),
}
REACTION_KINDS: Mapping[str, Any] = {
    "analysis": gettext_lazy("analysis"),
    "court": gettext_lazy("court"),
    "legislature": gettext_lazy("legislature"),
    "market": gettext_lazy("market"),
    "media": gettext_lazy("media"),
    "official statement": gettext_lazy("official statement"),
    "poll": gettext_lazy("poll"),
    "statement": gettext_lazy("statement"),
}
DOCUMENT_FIELDS: Mapping[str, Any] = {
    "access": gettext_lazy("how it was accessed"),
    "citation": gettext_lazy("citation"),
    "date": gettext_lazy("date"),
    "issuer": gettext_lazy("issuer"),
    "language": gettext_lazy("language"),
    "note": gettext_lazy("note"),
    "title": gettext_lazy("title"),
    "url": gettext_lazy("address"),
}
ISSUERS: Mapping[str, Any] = {
    "A fictional issuer": gettext_lazy("A fictional issuer"),
    "Bureau of Industry and Security, US Department of Commerce": gettext_lazy(
        "Bureau of Industry and Security, US Department of Commerce"
    ),
    "Cabinet Office of Japan": gettext_lazy("Cabinet Office of Japan"),
    "Cabinet Secretariat of Japan": gettext_lazy("Cabinet Secretariat of Japan"),
    "Congressional Research Service": gettext_lazy("Congressional Research Service"),
    "European Commission": gettext_lazy("European Commission"),
    "European Union": gettext_lazy("European Union"),
    "Federal Reserve Bank of St. Louis": gettext_lazy("Federal Reserve Bank of St. Louis"),
    "Government of Bahrain": gettext_lazy("Government of Bahrain"),
    "Government of India": gettext_lazy("Government of India"),
    "Government of Japan": gettext_lazy("Government of Japan"),
    "Government of the United States": gettext_lazy("Government of the United States"),
    "Governments of Japan and the United States": gettext_lazy(
        "Governments of Japan and the United States"
    ),
    "Governments of Switzerland, Liechtenstein and the United States": gettext_lazy(
        "Governments of Switzerland, Liechtenstein and the United States"
    ),
    "Hudson Institute": gettext_lazy("Hudson Institute"),
    "International Trade Administration, U.S. Department of Commerce": gettext_lazy(
        "International Trade Administration, U.S. Department of Commerce"
    ),
    "Japan Bank for International Cooperation": gettext_lazy(
        "Japan Bank for International Cooperation"
    ),
    "Japan Bank for International Cooperation (TBS/JNN)": gettext_lazy(
        "Japan Bank for International Cooperation (TBS/JNN)"
    ),
    "Japan Bank for International Cooperation (reported by NHK)": gettext_lazy(
        "Japan Bank for International Cooperation (reported by NHK)"
    ),
    "Japanese Bankers Association (Bloomberg/TBS)": gettext_lazy(
        "Japanese Bankers Association (Bloomberg/TBS)"
    ),
    "Jiji Press": gettext_lazy("Jiji Press"),
    "Jiji Press (nippon.com)": gettext_lazy("Jiji Press (nippon.com)"),
    "Ministry of Economy, Trade and Industry": gettext_lazy(
        "Ministry of Economy, Trade and Industry"
    ),
    "Ministry of Economy, Trade and Industry and Ministry of Finance of Japan": gettext_lazy(
        "Ministry of Economy, Trade and Industry and Ministry of Finance of Japan"
    ),
    "Ministry of Economy, Trade and Industry of Japan": gettext_lazy(
        "Ministry of Economy, Trade and Industry of Japan"
    ),
    "Ministry of Finance of Japan": gettext_lazy("Ministry of Finance of Japan"),
    "Ministry of Foreign Affairs of Japan": gettext_lazy("Ministry of Foreign Affairs of Japan"),
    "Ministry of Trade, Industry and Energy (Korea)": gettext_lazy(
        "Ministry of Trade, Industry and Energy (Korea)"
    ),
    "National Assembly of the Republic of Korea": gettext_lazy(
        "National Assembly of the Republic of Korea"
    ),
    "National Diet of Japan": gettext_lazy("National Diet of Japan"),
    "Office of the US Trade Representative": gettext_lazy("Office of the US Trade Representative"),
    "Peterson Institute for International Economics": gettext_lazy(
        "Peterson Institute for International Economics"
    ),
    "President of the United States": gettext_lazy("President of the United States"),
    "Prime Minister of Japan": gettext_lazy("Prime Minister of Japan"),
    "Prime Minister's Office of Japan": gettext_lazy("Prime Minister's Office of Japan"),
    "Supreme Court of the United States": gettext_lazy("Supreme Court of the United States"),
    "The Budget Lab at Yale": gettext_lazy("The Budget Lab at Yale"),
    "The Japan Times": gettext_lazy("The Japan Times"),
    "The Mainichi Newspapers": gettext_lazy("The Mainichi Newspapers"),
    "The White House": gettext_lazy("The White House"),
    "The Yomiuri Shimbun": gettext_lazy("The Yomiuri Shimbun"),
    "U.S. Department of Commerce": gettext_lazy("U.S. Department of Commerce"),
    "U.S. Department of Energy": gettext_lazy("U.S. Department of Energy"),
    "U.S. Secretary of Commerce": gettext_lazy("U.S. Secretary of Commerce"),
    "US Census Bureau": gettext_lazy("US Census Bureau"),
    "US Court of International Trade": gettext_lazy("US Court of International Trade"),
    "US Customs and Border Protection": gettext_lazy("US Customs and Border Protection"),
    "US International Trade Commission": gettext_lazy("US International Trade Commission"),
    "US Department of Commerce": gettext_lazy("U.S. Department of Commerce"),
    "White House": gettext_lazy("The White House"),
}
"""Issuers that have a name in Japanese of their own; others stand as the document gives them."""


def issuer_words(name: str) -> str:
    """Return who published a document, in the reader's language where it has a name there.

    Of several, parted by semicolons, each is named so.
    """
    issuers = name.split("; ")
    if all(issuer in ISSUERS for issuer in issuers):
        return _("; ").join(str(ISSUERS[issuer]) for issuer in issuers)
    return formats.said_as_written(name) if name.count(" ") > 1 else name


def batch_words(batch: str) -> str:
    """Return the batch a project came with; a new one as it was written."""
    return str(BATCHES.get(batch, batch.replace("-", " ")))


def role_words(role: str) -> str:
    """Return a company's part in a project; a new one as it was written."""
    return str(ROLES.get(role, role))


def actor_type_words(kind: str) -> str:
    """Return what sort of body or person reacted; a new one as it was written."""
    return str(ACTOR_TYPES.get(kind, kind))


def reaction_kind_words(kind: str) -> str:
    """Return what sort of reaction it is; a new one as it was written."""
    return str(REACTION_KINDS.get(kind, kind))


def unverified_words(document: Document) -> str:
    """Return what of a document's record rests on general knowledge; empty where nothing does."""
    if document.is_recalled:
        return _("the whole record, from general knowledge")
    return _(", ").join(str(DOCUMENT_FIELDS.get(name, name)) for name in document.recalled_fields)


REASONS: Mapping[str, Any] = {  # of the revisions that the register's own commands make
    "Load of the curated facts": gettext_lazy("Load of the curated facts"),
    "Load of the illustrative scenario, fictional": gettext_lazy(
        "Load of the illustrative scenario, fictional"
    ),
}


def revision_words(reason: str) -> str:
    """Why a revision was made: the register's own words in the reader's language, or as written."""
    return str(REASONS[reason]) if reason in REASONS else formats.said_as_written(reason)


BENCHMARKS: Mapping[str, Any] = {
    "six-month SOFR": gettext_lazy("six-month SOFR"),
    "three-month TIBOR": gettext_lazy("three-month TIBOR"),
}


def benchmark_words(benchmark: str) -> str:
    """Return the rate that a spread is added to; a new one as it was written."""
    if benchmark in BENCHMARKS:
        return str(BENCHMARKS[benchmark])
    return formats.said_as_written(benchmark)


def spread_words(benchmark: str, spread_bps: int) -> str:
    """Return a benchmark and the basis points over it."""
    return format_html(_("{benchmark} + {spread} bp"), benchmark=benchmark, spread=spread_bps)


def row_note_words(note: str) -> str:
    """The note of a row: what a metric says of it in the reader's language, or as written."""
    known = {
        CLAIM_PAID: _("claims paid under the cover"),
        COVER_NOT_STATED: _("cover not stated"),
        FLOW_IN: _("paid in"),
        FLOW_OUT: _("received"),
        ADDED_ONLY: _("added duty only"),
    }
    return known[note] if note in known else formats.said_as_written(note)


def calendar_version_words(stored: str) -> str:
    """What the calendars rest on: the package that holds the holidays, and its version."""
    package, _space, version = stored.partition(" ")
    return _("holidays by the Python package %(package)s, version %(version)s") % {
        "package": package,
        "version": version,
    }
