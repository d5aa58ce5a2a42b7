from tariffs.models.measures import (
    BY_START,
    Basis,
    CounterfactualRate,
    Lever,
    LeverState,
    Measure,
    TariffCategory,
    TradeFlow,
)
from tariffs.models.suppositions import Supposition

__all__ = [
    "BY_START",
    "Basis",
    "CounterfactualRate",
    "Lever",
    "LeverState",
    "Measure",
    "Supposition",
    "TariffCategory",
    "TradeFlow",
]
