"""What the terms of a commitment must keep to together, once a revision is posted."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.db.models import Q
from django.utils.translation import gettext as _

from commitments.calculations.dates import last_possible_day
from commitments.calculations.written import read_day
from commitments.models import Document, Revision, Term
from commitments.services.evidence_rules import relabelled_documents
from commitments.services.register import Refusal

ONE_DAY = timedelta(days=1)  # the two capitals' dates of one act


def terms_tell_of_their_day(revision: Revision) -> list[Refusal]:
    """Refuse a term that tells of a day by a document older than that day.

    What was said before it happened cannot prove that it did. Such a term names
    a later document, or none and the day on which it was public. So is a document dated
    anew under it.
    """
    if not revision.wrote(Term, Document):
        return []
    dated = relabelled_documents(revision, "date", "date_precision")
    touched = Q(revision=revision) | Q(document__in=dated)
    told = Term.objects.heads().filter(touched, withdrawn=False, document__isnull=False)
    return [
        refusal
        for term in told.select_related("document").order_by("pk")
        for refusal in _too_old(term)
    ]


def _too_old(term: Term) -> Iterator[Refusal]:
    told, document = term.act_on, term.document
    last = last_possible_day(document.date, document.date_precision) if document else None
    if told is not None and last is not None and last < told - ONE_DAY:
        words = _("it tells of %(day)s, and its document is older: %(last)s")
        yield Refusal("term", term.ref, "document", words % {"day": told, "last": last})


def terms_fit(revision: Revision) -> list[Refusal]:
    """Refuse two default readings of one term, and a deadline that is not after the start.

    A term may follow another under the same reading, from a later day on.
    """
    if not revision.wrote(Term):
        return []
    touched = set(
        Term.objects.filter(revision=revision).values_list("commitment_id", flat=True).order_by()
    )
    heads = Term.objects.heads().filter(commitment__in=touched, withdrawn=False, is_default=True)
    by_commitment: dict[int, list[Term]] = {}
    for term in heads.order_by("pk"):
        by_commitment.setdefault(term.commitment_id, []).append(term)
    return [refusal for terms in by_commitment.values() for refusal in _misfits(terms)]


def _misfits(terms: list[Term]) -> Iterator[Refusal]:
    last: dict[str, Term] = {}
    for term in sorted(terms, key=lambda term: (term.effective_on or date.min, term.pk)):
        before = last.get(term.key)
        if before and not _follows(term, before):
            words = _("“%(other)s” is the default reading already") % {"other": before.ref}
            yield Refusal("term", term.ref, "is_default", words)
        else:
            last[term.key] = term
    start, deadline = (
        read_day(last[key].value.get("date")) if key in last else None
        for key in ("start", "deadline")
    )
    if start is not None and deadline is not None and deadline <= start:
        words = _("the deadline, %(deadline)s, is not after the start, %(start)s") % {
            "deadline": deadline,
            "start": start,
        }
        yield Refusal("term", last["deadline"].ref, "value", words)


def _follows(term: Term, before: Term) -> bool:
    return term.reading == before.reading and term.effective_on != before.effective_on
