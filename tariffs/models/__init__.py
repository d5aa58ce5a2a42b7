from tariffs.models.measures import (
    Basis,
    CounterfactualRate,
    Lever,
    Measure,
    TariffCategory,
    TradeFlow,
)

__all__ = ["Basis", "CounterfactualRate", "Lever", "Measure", "TariffCategory", "TradeFlow"]
