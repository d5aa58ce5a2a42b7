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
    """Return a metric with its name and definition in English and Japanese, in dollars by default."""
    return Metric(
        key=key,
        name=name[0],
        name_ja=name[1],
        definition=definition[0],
        definition_ja=definition[1],
        compute=compute,
        unit=kwargs.pop("unit", "usd"),
        formula=FORMULAS[key].english,
        formula_ja=FORMULAS[key].japanese,
        literature=FORMULAS[key].literature,
        inputs=INPUTS.get(key, ()),
        **kwargs,
    )
