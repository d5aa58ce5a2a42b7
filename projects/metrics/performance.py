"""The metrics of returns: who received what, what is owed, multiples and rates of return."""

from commitments.calculations.metric import Metric
from projects.metrics.define import define
from projects.metrics.returns import (
    JAPAN,
    JAPAN_RECEIVED,
    JAPAN_WORTH,
    PAID_IN,
    PAID_OUT,
    STILL_OWED,
    US_RECEIVED,
    WHOLE,
    WORTH,
    moic,
    multiple,
    net_asset_value,
    net_present_value,
    pic,
    rate_of_return,
    summed,
    with_worth,
)

_OF_JAPAN = (
    "Japan's side: all that was paid in, against its share of what was paid out.",
    "日本側から見た値。払込みの全額に対し、分配のうち日本の受取分をとる。",
)
_OF_ALL = (
    "The whole investment: all that was paid in, against all that was paid out.",
    "投資全体から見た値。払込みの全額に対し、分配の全額をとる。",
)


def _said(words: tuple[str, str], side: tuple[str, str]) -> tuple[str, str]:
    return f"{words[0]} {side[0]}", f"{words[1]}{side[1]}"


_DPI = (
    "Distributions to paid-in: how much of the money has come back.",
    "払込額に対する分配額の倍率。",
)
_RVPI = (
    "Residual value to paid-in: the newest valuation over what was paid in. An estimate, not "
    "stated while an investment has no valuation since cash last moved.",
    "払込額に対する残存価値の倍率。推定値であり、最後の入出金以後の評価がない投資があれば「記載なし」。",
)
_TVPI = (
    "Total value to paid-in: what came back and what is left, over what was paid in. An estimate.",
    "払込額に対する分配額と残存価値の合計の倍率。推定値。",
)
_XIRR = (
    "The rate of return a year on the days money moved, a year of 365 days; a valuation counts as "
    "the last flow and makes it an estimate. Where several rates fit, the one nearest 10 %, marked.",
    "入出金の日付に基づく年率の収益率（1年365日）。評価額があれば最後の入金とみなし推定値となる。"
    "解が複数あるときは10%に最も近いものを示し、その旨を記す。",
)
_NPV = (
    "What the flows are worth on the day of the first one, each investment discounted at the deemed "
    "rate in force at its first funding, on a year of 365 days; another rate can be chosen on the page "
    "of returns. Not stated where no rate is on record. A valuation counts as the last flow.",
    "最初の入出金日における収支の正味現在価値。投資ごとに最初の拠出日のみなし金利で割り引く（1年365日）。"
    "収益のページでは別の割引率を選べる。金利の記録がなければ「記載なし」。評価額は最後の入金とみなす。",
)

RETURNS: tuple[Metric, ...] = (
    define(
        "paid_in_usd",
        ("Paid in", "払込額"),
        (
            "Cash paid into the investments: what was funded, and the claims paid under guarantees. "
            "DPI, RVPI and TVPI divide by it.",
            "投資に払い込まれた現金。拠出された額と、保証に基づいて支払われた額。DPI・RVPI・TVPIの分母となる。",
        ),
        summed(PAID_IN),
        is_kept=False,
    ),
    define(
        "japan_received_usd",
        ("Received by Japan", "日本の受取額"),
        (
            "Japan's part of all distributions: half until the deemed allocation amount of an "
            "investment is paid out, a tenth beyond. Each investment by itself, never pooled.",
            "分配のうち日本の受取分。投資ごとに、みなし配分額に達するまで半分、その後は1割。合算しない。",
        ),
        summed(JAPAN_RECEIVED),
        rung="distributed",
        is_kept=False,
    ),
    define(
        "us_received_usd",
        ("Received by the United States", "米国の受取額"),
        (
            "The United States' part of all distributions: what Japan did not receive.",
            "分配のうち米国の受取分。日本が受け取らなかった額。",
        ),
        summed(US_RECEIVED),
        rung="distributed",
        is_kept=False,
    ),
    define(
        "deemed_allocation_usd",
        ("Deemed allocation still owed", "みなし配分額の残高"),
        (
            "Principal not returned and deemed interest not paid, over all investments. Where no "
            "deemed rate is on record interest is not stated: then it is at least the principal.",
            "全投資の未返済元本と未払いみなし利息。みなし金利の記録がない投資では利息は不明で、"
            "少なくとも元本の額となる。",
        ),
        summed(STILL_OWED),
        is_kept=False,
    ),
    define(
        "residual_usd",
        ("Estimated worth", "残存価値（推定）"),
        (
            "The newest valuation of each investment, as long as no cash moved after it. Not "
            "stated while an investment has none.",
            "投資ごとの最新の評価額（その後に入出金がないもの）。評価のない投資があれば「記載なし」。",
        ),
        net_asset_value(WORTH),
        is_kept=False,
    ),
    define(
        "dpi_japan",
        ("DPI, Japan", "DPI（日本）"),
        _said(_DPI, _OF_JAPAN),
        multiple(summed(JAPAN_RECEIVED)),
        unit="ratio",
        is_kept=False,
    ),
    define(
        "dpi_project",
        ("DPI, whole investment", "DPI（投資全体）"),
        _said(_DPI, _OF_ALL),
        multiple(summed(PAID_OUT)),
        unit="ratio",
        is_kept=False,
    ),
    define(
        "rvpi_japan",
        ("RVPI, Japan", "RVPI（日本）"),
        _said(_RVPI, _OF_JAPAN),
        multiple(net_asset_value(JAPAN_WORTH)),
        unit="ratio",
        is_kept=False,
    ),
    define(
        "rvpi_project",
        ("RVPI, whole investment", "RVPI（投資全体）"),
        _said(_RVPI, _OF_ALL),
        multiple(net_asset_value(WORTH)),
        unit="ratio",
        is_kept=False,
    ),
    define(
        "tvpi_japan",
        ("TVPI, Japan", "TVPI（日本）"),
        _said(_TVPI, _OF_JAPAN),
        multiple(with_worth(JAPAN_RECEIVED, JAPAN_WORTH)),
        unit="ratio",
        is_kept=False,
    ),
    define(
        "tvpi_project",
        ("TVPI, whole investment", "TVPI（投資全体）"),
        _said(_TVPI, _OF_ALL),
        multiple(with_worth(PAID_OUT, WORTH)),
        unit="ratio",
        is_kept=False,
    ),
    define(
        "moic",
        ("MOIC", "MOIC"),
        (
            "Multiple on invested capital, gross: what came back and what is left, over what was "
            "paid on to the project. An estimate. That “invested” means paid on to the project is a "
            "reading: cash still in the vehicle is paid in but not invested yet, so MOIC stands "
            "above TVPI while some waits there.",
            "投下資本倍率（グロス）。案件への支出額に対する分配額と残存価値の合計の倍率。推定値。「投下」を案件"
            "への支出と読むのは一つの解釈であり、ビークルに残る現金は払込済みでも未投下とみるため、その間は"
            "MOICがTVPIを上回る。",
        ),
        moic,
        unit="ratio",
        is_kept=False,
    ),
    define(
        "pic",
        ("PIC", "PIC"),
        (
            "Paid in over the amount selected, at its low and at its high.",
            "選定額（下限・上限）に対する払込額の比率。",
        ),
        pic,
        unit="fraction",
        is_kept=False,
    ),
    define(
        "xirr_japan",
        ("Rate of return, Japan", "収益率（日本）"),
        _said(_XIRR, _OF_JAPAN),
        rate_of_return(JAPAN),
        unit="fraction",
        is_kept=False,
    ),
    define(
        "xirr_project",
        ("Rate of return, whole investment", "収益率（投資全体）"),
        _said(_XIRR, _OF_ALL),
        rate_of_return(WHOLE),
        unit="fraction",
        is_kept=False,
    ),
    define(
        "npv_japan_usd",
        ("Net present value, Japan", "正味現在価値（日本）"),
        _said(_NPV, _OF_JAPAN),
        net_present_value(JAPAN),
        is_kept=False,
    ),
    define(
        "npv_project_usd",
        ("Net present value, whole investment", "正味現在価値（投資全体）"),
        _said(_NPV, _OF_ALL),
        net_present_value(WHOLE),
        is_kept=False,
    ),
)
