"""What claims and rulings must keep to together, once a revision is posted."""

from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from commitments.models import AuditEntry, Claim, Document, Revision, Ruling, RulingClaim
from commitments.services.register import RELABELLED, Refusal

KIND = str(Ruling._meta.model_name)


def one_ruling_stands(revision: Revision) -> list[Refusal]:
    """Refuse a second ruling on one figure: the one that stands is corrected, or taken back."""
    if not revision.wrote(Ruling):
        return []
    posted = list(Ruling.objects.filter(revision=revision, withdrawn=False).order_by("pk"))
    subjects = {ruling.subject for ruling in posted}
    heads = Ruling.objects.heads().filter(subject__in=subjects, withdrawn=False)
    first: dict[tuple[str, str], Ruling] = {}
    for ruling in heads.order_by("pk") if posted else ():
        first.setdefault((ruling.subject, ruling.aspect), ruling)
    refusals = []
    for ruling in posted:
        other = first[ruling.subject, ruling.aspect]
        if other.pk < ruling.pk:
            words = _("“%(other)s” rules on %(aspect)s of %(subject)s already: correct that ruling")
            given = {"other": other.ref, "aspect": ruling.aspect, "subject": ruling.subject}
            refusals.append(Refusal(KIND, ruling.ref, "aspect", words % given))
    return refusals


def rulings_name_their_figure(revision: Revision) -> list[Refusal]:
    """Refuse a ruling that names no claim, or one of another figure, which would choose nothing.

    So is a claim moved to another figure while a ruling names it.
    """
    if not revision.wrote(Claim, Ruling):
        return []
    standing = Ruling.objects.heads().filter(withdrawn=False)
    posted = Claim.objects.filter(revision=revision, withdrawn=False, root__isnull=False)
    moved = posted.order_by().values("root")
    naming = standing.filter(claims__in=moved).order_by().values("pk")
    touched = standing.filter(Q(revision=revision) | Q(pk__in=naming)).order_by("pk")
    rulings = {ruling.pk: ruling for ruling in touched}
    links = list(RulingClaim.objects.filter(ruling__in=rulings).order_by("pk"))
    named = {link.claim_id for link in links}
    heads = Claim.objects.heads().annotate(first=Coalesce("root", "pk")).filter(first__in=named)
    claims = {claim.root_key: claim for claim in heads}
    refusals = []
    for link in links:
        ruling, claim = rulings[link.ruling_id], claims[link.claim_id]
        if (claim.subject, claim.aspect) != (ruling.subject, ruling.aspect):
            words = _("“%(claim)s” is about %(aspect)s of %(subject)s")
            given = {"claim": claim.ref, "aspect": claim.aspect, "subject": claim.subject}
            refusals.append(Refusal(KIND, ruling.ref, "claims", words % given))
    for pk in rulings.keys() - {link.ruling_id for link in links}:
        refusals.append(Refusal(KIND, rulings[pk].ref, "claims", _("is required")))
    return refusals


def ranks_keep_their_documents(revision: Revision) -> list[Refusal]:
    """Refuse to relabel a document so that a claim it carries is of a rank above it."""
    if not revision.wrote(Document):
        return []
    documents = relabelled_documents(revision, "side", "kind")
    claims = Claim.objects.heads().filter(withdrawn=False, document__in=documents)
    refusals = []
    for claim in claims.select_related("document").order_by("pk"):
        if fault := Claim.rank_fault(claim.rank, claim.side, claim.document):
            refusals.append(Refusal("claim", claim.ref, "rank", fault))
    return refusals


def judged_anew(revision: Revision) -> Q:
    """The rows a revision posted, and those on a document that it gave another kind or side."""
    posted, documents = Q(revision=revision), relabelled_documents(revision, "side", "kind")
    return posted | Q(document__in=documents) if documents else posted


def relabelled_documents(revision: Revision, *labels: str) -> list[int]:
    """The documents that a revision gave another of some labels."""
    if not revision.wrote(Document):
        return []
    trail = AuditEntry.objects.filter(revision=revision, action=RELABELLED, kind="document")
    changes = trail.order_by("pk").values_list("ref", "after")
    slugs = [ref for ref, after in changes if not (after or {}).keys().isdisjoint(labels)]
    return list(Document.objects.filter(slug__in=slugs).values_list("pk", flat=True))
