"""Build the donor library of the forecast from the development data."""

from typing import Any

import numpy as np
from django.core.management.base import BaseCommand

from projects.calculations.donors import build_library
from projects.selectors.development import END, development_operations
from projects.selectors.donors import DONORS


class Command(BaseCommand):
    help = "Build fixtures/backtest/donors.npz from the operations and payments beside it."

    def handle(self, *args: Any, **options: Any) -> None:
        library = build_library(development_operations(), end=END)
        np.savez_compressed(
            DONORS,
            ids=np.array(library.ids),
            commitments=library.commitments,
            approved=library.approved,
            shares=library.shares,
            seen=library.seen,
        )
        self.stdout.write(f"{len(library)} donors written to {DONORS.name}")
