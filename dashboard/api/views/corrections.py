"""What was put right after it was recorded."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from commitments.selectors import PointError
from dashboard.api import parameters
from dashboard.api.problems import BadParameter
from dashboard.api.views.base import PointView
from dashboard.corrections import Change, Correction, corrections
from dashboard.decisions import stated
from projects.models import LedgerEntry


class CorrectionListView(PointView):
    """Rows posted late, reversed, superseded, withdrawn or let through a rule, and labels changed, newest first."""

    extra = ("after", "page_size")

    def get(self, request: Request) -> Response:
        if self.is_unchanged:
            return self.unchanged()
        query = request.query_params
        size = parameters.page_size(query)
        try:
            found = corrections(self.reading, after=query.get("after", ""), size=size)
        except PointError as error:
            raise BadParameter(error.parameter, error.message) from error
        following = None
        if len(found) > size:
            following = parameters.next_address(request.path, query, found[size - 1].cursor)
        results = [_body(correction) for correction in found[:size]]
        return Response({"meta": self.meta(), "next": following, "results": results})


def _body(correction: Correction) -> dict[str, Any]:
    row, revision = correction.row, correction.revision
    older = row.reverses if isinstance(row, LedgerEntry) else None
    return {
        "kind": correction.kind,
        "ref": row.ref,
        "flags": list(correction.flags),
        "changes": [_change(correction.kind, change) for change in correction.changes],
        "reverses": older and older.ref,
        "amount_usd": str(row.amount_usd) if isinstance(row, LedgerEntry) else None,
        **correction.reasons,
        "recorded_at": revision.recorded_at.isoformat(),
        "revision": revision.number,
        "posted_by": revision.kind,
        "case": correction.case and correction.case.pk,
        "entered_by": correction.entered_by,
        "approved_by": correction.approved_by,
        "document": correction.document and correction.document.slug,
    }


def _change(kind: str, change: Change) -> dict[str, Any]:
    name = change.field
    old, new = (stated(kind, name, value) for value in (change.old, change.new))
    return {"field": name, "old": old, "new": new}
