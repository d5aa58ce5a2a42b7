"""Taking ledger entries back: each by its opposite, a reversal by posting its original anew."""

from decimal import Decimal
from typing import Any

from commitments.models import Revision
from commitments.services.undo import Undoing
from projects.models import LedgerEntry
from projects.selectors.ledger import closed_until
from projects.services.entries import KIND, TEXTS, stored_entries


def undo_entries(revision: Revision, reason: str, undoing: Undoing) -> None:
    """Add the reversals of a revision's entries. One that was reversed since is an obstacle.

    Reversals keep the value date of what they reverse; in a closed period the
    reason of the undoing is the reason they are late.
    """
    rows = LedgerEntry.objects.filter(revision=revision).order_by("number")
    told = ("ref", "value_date", "reverses_id", "reversal__ref", "reversal__revision_id")
    entries = list(rows.values_list(*told, named=True))
    if not entries:
        return
    stored = stored_entries([entry.ref for entry in entries])
    closed = closed_until(Revision.objects.latest("number").number)
    for entry in entries:
        if entry.reversal__ref is not None:
            by = f"{entry.reversal__ref}, r{entry.reversal__revision_id}"
            undoing.obstacles.append(f"{KIND} {entry.ref}: {by}")
            continue
        record = _opposite(stored[entry.ref], again=entry.reverses_id is not None)
        until = closed.get(record["commitment"])
        if until is not None and entry.value_date <= until:
            record["late_reason"] = reason
        undoing.add(KIND, record)


def _opposite(record: dict[str, Any], *, again: bool) -> dict[str, Any]:
    """Return the entry that cancels one; of a reversal, the payment it had cancelled."""
    ending = "-posted-again" if again else "-reversed"
    opposite = {
        **record,
        "ref": f"{record['ref'][: TEXTS['ref'] - len(ending)]}{ending}",
        "reverses": None if again else record["ref"],
        "late_reason": "",
        "override_reason": "",
    }
    for name in ("amount_usd", "amount"):
        opposite[name] = f"{-Decimal(record[name]):.2f}"
    return opposite
