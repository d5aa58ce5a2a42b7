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

__all__ = [
    "BY_START",
    "Basis",
    "CounterfactualRate",
    "Lever",
    "LeverState",
    "Measure",
    "TariffCategory",
    "TradeFlow",
]
