"""The development data of the forecast, read from `fixtures/backtest/`.

Apart from the stored library, so that a page or a worker never loads pandas.
"""

from datetime import date
from pathlib import Path

import pandas as pd

from projects.calculations.donors import Operation, month_number
from projects.selectors.donors import FOLDER

END = month_number(date(2011, 12, 1))  # the data's last month


def development_operations(folder: Path = FOLDER) -> list[Operation]:
    """The operations with a single approval, each with its US dollars paid by month."""
    operations = pd.read_csv(folder / "wb_projects.csv.gz", parse_dates=["approval_date"])
    operations = operations[operations["single_approval"] == 1]
    payments = pd.read_csv(folder / "wb_disbursements.csv.gz", parse_dates=["month"])
    payments["month"] = payments["month"].map(month_number)
    by_month = payments.groupby(["project_id", "month"])["amount_usd"].sum()
    paid = {name: amounts.droplevel(0).to_dict() for name, amounts in by_month.groupby(level=0)}
    return [
        Operation(
            id=row.project_id,
            commitment=row.commitment_usd,
            approved=month_number(row.approval_date),
            paid=paid.get(row.project_id, {}),
        )
        for row in operations.itertuples()
    ]
