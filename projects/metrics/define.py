"""How a metric of the registry is put together: its words beside its formula."""

from typing import Any

from commitments.calculations.metric import Metric
from projects.metrics.formulas import FORMULAS, INPUTS
from projects.metrics.rungs import Compute


def define(
    key: str,
    name: tuple[str, str],
    definition: tuple[str, str],
    compute: Compute,
    **kwargs: Any,
) -> Metric:
    """Return a metric with its name and definition in English and Japanese, in dollars by default.

    Its formula and inputs are those of its key unless they are given.
    """
    formula = kwargs.pop("formula", None) or FORMULAS[key]
    return Metric(
        key=key,
        name=name[0],
        name_ja=name[1],
        definition=definition[0],
        definition_ja=definition[1],
        compute=compute,
        unit=kwargs.pop("unit", "usd"),
        formula=formula.english,
        formula_ja=formula.japanese,
        literature=formula.literature,
        inputs=kwargs.pop("inputs", INPUTS.get(key, ())),
        **kwargs,
    )
