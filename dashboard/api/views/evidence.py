"""Claims against the record, and commitments beside each other."""

from dataclasses import asdict

from rest_framework.request import Request
from rest_framework.response import Response

from commitments.models import Reaction, StanceCoding
from dashboard.api import parameters
from dashboard.api.problems import BadParameter
from dashboard.api.views.base import PointView
from dashboard.claims import CLAIM_PARAMETERS, RANKS, VERDICTS, weighed, weighed_json
from dashboard.compare import SORTS, peer_json, peers
from dashboard.facts_read import CLAIMS, WATCHED, undated_compared
from dashboard.pages.frame import Cites
from dashboard.pages.watch import item_json, silence_json, watched_at
from dashboard.points import search_words
from dashboard.subjects import stance_agreement

BY_REF = parameters.Order("ref", descending=False)
BY_SLUG = parameters.Order("slug", descending=False)
CHOICES = {"verdict": VERDICTS, "rank": RANKS}


class WeighedClaimListView(PointView):
    """Every claim beside the best evidence other than itself, with the difference and a verdict.

    `away` is how far the claim lies outside the record, above it positive, in the
    claim's own unit. Rounded: no further off than half a unit of the last digit
    said, and a twentieth of it. Unsupported: nothing to compare with, or only an
    open range. `why` is an editor's reason where no rule compared them.
    What an official record says alone is the record itself, and is not listed.
    """

    extra = ("after", "page_size", *CLAIM_PARAMETERS)
    evidence = CLAIMS

    def get(self, request: Request) -> Response:
        query = request.query_params
        for name, allowed in CHOICES.items():
            if query.get(name, "") not in ("", *allowed):
                raise BadParameter(name, f"must be one of: {', '.join(allowed)}")
        words = search_words(query)
        if self.is_unchanged:
            return self.unchanged()
        found = weighed(self.reading, dict(query.items()), words)
        refs = [w.claim.ref for w in found]
        part = parameters.slice_of(refs, query, request.path, BY_REF)
        results = [weighed_json(w) for w in found[part.start : part.end]]
        return Response({"meta": self.meta(), "next": part.following, "results": results})


class CompareView(PointView):
    """Commitments of several countries side by side; not like for like, as each note says."""

    extra = ("after", "page_size", "sort")
    reads_all = True

    def undated_dropped(self) -> int:
        """Of the terms of every commitment that stands here."""
        return undated_compared(self.reading)

    def get(self, request: Request) -> Response:
        query = request.query_params
        sort = query.get("sort", "pledge")
        if sort not in SORTS:
            raise BadParameter("sort", f"must be one of: {', '.join(SORTS)}")
        if self.is_unchanged:
            return self.unchanged()
        found = peers(self.reading, sort)
        slugs = [peer.commitment.slug for peer in found]
        part = parameters.slice_of(slugs, query, request.path, BY_SLUG)
        results = [peer_json(peer) for peer in found[part.start : part.end]]
        return Response({"meta": self.meta(), "next": part.following, "results": results})


class AgreementView(PointView):
    """How far the editors who coded the same reactions agree on their stance."""

    evidence = (Reaction, StanceCoding)

    def get(self, request: Request) -> Response:
        if self.is_unchanged:
            return self.unchanged()
        found = stance_agreement(self.reading.point, self.reading.commitment)
        return Response({"meta": self.meta(), **asdict(found)})


class WatchView(PointView):
    """The five things analysts monitor, each with its state, trend, last change and next event.

    Texts are English; `documents` are those the answer rests on. Silences are what
    should have been reported by now and was not found, longest first.
    """

    evidence = WATCHED
    reads_all = True

    def get(self, request: Request) -> Response:
        if self.is_unchanged:
            return self.unchanged()
        cites = Cites(self.reading)
        found = watched_at(self.reading, cites)
        body = {
            "reason": found.reason,
            "items": [item_json(item) for item in found.items],
            "silences": [silence_json(silence) for silence in found.silences],
            "documents": list(cites.order),
        }
        return Response({"meta": self.meta(), **body})
