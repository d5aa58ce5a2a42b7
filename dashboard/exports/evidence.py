"""Claims against the record, reactions, commitments side by side and watch items as files."""

from collections.abc import Iterable, Mapping
from typing import Any

from commitments.models import Reaction
from commitments.selectors import WeighedClaim
from dashboard.claims import weighed_json
from dashboard.compare import Peer, peer_json
from dashboard.exports.grids import Grid
from dashboard.exports.stamps import STAMPS, label, stamp
from dashboard.points import Reading
from dashboard.subjects import coded_by

CLAIMS = (
    *("ref", "subject", "aspect", "who", "rank", "stated_on", "unit", "text", "low", "high"),
    *("record_low", "record_high", "evidence", "away", "verdict", "why", "document"),
)
REACTIONS = (
    *("ref", "occurred_on", "date_precision", "country", "actor", "actor_ja", "actor_type"),
    *("kind", "stance", "coder", "coded_on", "subject", "about", "about_inferred"),
    *("summary", "summary_ja", "poll_question", "poll_n", "poll_from", "poll_to"),
    *("recalled_fields", "document"),
)
PEERS = (
    *("slug", "investor", "investor_code", "pledge_usd", "components", "annual_cap_usd"),
    *("start", "is_signed", "days_since_start", "deadline", "cash_share", "rate_percent"),
    *("rate_basis", "horizon", "instruments", "tariff_from", "tariff_to"),
    *("governing_document", "binding", "split", "status", "selected_share_low"),
    *("selected_share_high", "note", "documents", "recalled_fields", "derived_fields"),
)
WATCHED = (
    *("kind", "number", "name", "state", "trend", "last", "last_on", "next", "next_on"),
    *("since", "days"),
)


def claim_grid(found: Iterable[WeighedClaim], reading: Reading) -> Grid:
    """Return a row for each claim weighed: what was said, the record, the difference, the verdict."""
    return _grid("claims", CLAIMS, map(weighed_json, found), reading)


def reaction_grid(found: Iterable[Reaction], reading: Reading) -> Grid:
    """Return a row for each reaction, its document by name, stamped with the commitment it is filed under."""
    rows = (
        {
            **{name: getattr(reaction, name) for name in REACTIONS[:-1]},
            "coded_on": coded_by(reaction.coded_on, reading.point.as_of),
            "document": reaction.document.slug if reaction.document else None,
            **(label(reaction.commitment) if reaction.commitment else {}),
        }
        for reaction in found
    )
    return _grid("reactions", REACTIONS, rows, reading)


def peer_grid(found: Iterable[Peer], reading: Reading) -> Grid:
    """Return a row for each commitment: amounts in US dollars, rates in percent, shares as fractions."""
    rows = []
    for peer in found:
        row = peer_json(peer)
        share = row["selected_share"] or {}
        named = (part.values() for part in row["components"])
        row["components"] = [f"{label}: {amount or 'not stated'}" for label, amount in named]
        row |= {f"selected_share_{bound}": share.get(bound) for bound in ("low", "high")}
        rows.append({**row, **label(peer.commitment)})
    return _grid("compare", PEERS, rows, reading)


def watch_grid(
    items: Iterable[Mapping[str, Any]], silences: Iterable[Mapping[str, Any]], reading: Reading
) -> Grid:
    """Return a row for each watch item, then one for each silence."""
    rows = [
        {
            **item,
            "kind": "item",
            **{when: item[when]["text"] for when in ("last", "next")},
            **{f"{when}_on": item[when]["on"] for when in ("last", "next")},
        }
        for item in items
    ]
    rows += [{**silence, "kind": "silence", "name": silence["text"]} for silence in silences]
    return _grid("watch", WATCHED, rows, reading)


def _grid(
    name: str, columns: tuple[str, ...], rows: Iterable[Mapping[str, Any]], reading: Reading
) -> Grid:
    header, stamps = (*columns, *STAMPS), stamp(reading)
    cells = ([_cell({**stamps, **row}.get(column)) for column in header] for row in rows)
    return Grid(name, header, cells)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value)
