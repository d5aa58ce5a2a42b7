"""How far several editors who labelled the same things agree."""

from collections.abc import Iterable
from decimal import Decimal

from commitments.calculations.undefined import Undefined


def krippendorff_alpha(labels: Iterable[tuple[str, str, str]]) -> Decimal:
    """Return Krippendorff's alpha of (coder, thing, label) triples, labels being nominal.

    1 is full agreement, 0 what chance gives. Things that one coder alone has
    labelled say nothing and are left out. Raise Undefined where no two coders
    labelled the same thing, or where all labels are one: chance then has no part.
    Source: Krippendorff, Content Analysis (2004), section 11.3, as NLTK computes it.
    """
    # Costs most of a second to import, and is needed only once a second coding exists.
    from nltk.metrics.agreement import AnnotationTask

    coders: dict[str, dict[str, str]] = {}
    for coder, thing, label in labels:
        coders.setdefault(thing, {})[coder] = label
    shared = {thing: given for thing, given in coders.items() if len(given) > 1}
    if not shared:
        raise Undefined("one_coding")
    if len({label for given in shared.values() for label in given.values()}) == 1:
        raise Undefined("one_label")
    triples = [(coder, thing, x) for thing, given in shared.items() for coder, x in given.items()]
    return Decimal(str(AnnotationTask(data=triples).alpha()))
