from tariffs.models.measures import (
    Basis,
    CounterfactualRate,
    Lever,
    LeverState,
    Measure,
    TariffCategory,
    TradeFlow,
)

__all__ = [
    "Basis",
    "CounterfactualRate",
    "Lever",
    "LeverState",
    "Measure",
    "TariffCategory",
    "TradeFlow",
]
