"""The metrics of pace, told on each rung that something comes to by day.

Funded is the rung of a plan and the one they are kept on. The words name the rung.
"""

from collections.abc import Iterator
from typing import Any

from commitments.calculations.metric import Metric
from projects.calculations.pace import WINDOWS
from projects.metrics.baselines import PLANNED
from projects.metrics.define import define
from projects.metrics.formulas import PACE_INPUTS, pace_formulas
from projects.metrics.pace_figures import CURVE, OWN, STRAIGHT, against, budget_usd, rate, trailing
from projects.metrics.rungs import Compute

_ON = {"selected": "選定", "noticed": "通知", "funded": "拠出", "disbursed": "支出"}

_COUNTED = (
    "A range counts at its low end, and at its ceiling where only that is stated.",
    "範囲は下限、上限のみの場合は上限で数える。",
)

BUDGET = define(
    "budget_usd",
    ("Amount to be reached", "到達すべき額"),
    (
        "What a pace is measured by. Of the whole the target. Of a sector or a project what is "
        "selected of it. Of an instrument what is signed so far: selections name no instrument. "
        "An index counts a range at its low end, and at its ceiling where only that is stated.",
        "ペースの基準となる額。全体では目標額。分野・案件ではその選定額。手段ではこれまでの締結額（選定では"
        "手段が示されないため）。指数の計算では、範囲は下限、上限のみの場合は上限を用いる。",
    ),
    budget_usd,
    version=2,
)


def pace_metrics(rung: str) -> Iterator[Metric]:
    """Every metric of pace on a rung."""
    on, on_ja = rung, _ON[rung]
    formulas = pace_formulas(on, on_ja)

    def paced(
        key: str, name: tuple[str, str], told: tuple[str, str], *, compute: Compute, **kwargs: Any
    ) -> Metric:
        inputs = tuple(one.format(rung=rung) for one in PACE_INPUTS.get(key, ()))
        if rung == "selected":
            told = f"{told[0]} {_COUNTED[0]}", f"{told[1]}{_COUNTED[1]}"
        given = {"rung": rung, "formula": formulas[key], "inputs": inputs, **kwargs}
        return define(key, name, told, compute, **given)

    def planned(
        key: str, name: tuple[str, str], told: tuple[str, str], *, track: str = OWN, **kwargs: Any
    ) -> Metric:
        return paced(key, name, told, compute=against(track, key, rung), **kwargs)

    yield paced(
        "required_usd_per_month",
        ("Needed per month", "必要な月額"),
        (
            f"What must be {on} each month to reach the amount by the deadline.",
            f"期限までに到達すべき額へ達するために毎月必要な{on_ja}額。",
        ),
        compute=rate("required_usd_per_month", rung, "deadline"),
        unit="usd_per_month",
        version=2,
    )
    yield paced(
        "required_usd_per_business_day",
        ("Needed per business day", "必要な営業日額"),
        (
            f"What must be {on} each business day of the terms' calendar to reach the amount by the deadline.",
            f"期限までに到達すべき額へ達するために、条件が定める暦の営業日ごとに必要な{on_ja}額。",
        ),
        compute=rate("required_usd_per_business_day", rung, "deadline", "calendar"),
        unit="usd_per_business_day",
        version=2,
    )
    for days in WINDOWS:
        yield paced(
            f"trailing_{days}d_usd_per_month",
            (f"{on.capitalize()} per month, last {days} days", f"直近{days}日の月あたり{on_ja}額"),
            (
                f"Net amount {on} in the last {days} days, a month of 30.4375 days. Undefined "
                "with no entry or under 30 days of history.",
                f"直近{days}日の純{on_ja}額を1か月30.4375日で換算。記録なし、または30日未満は算定不能。",
            ),
            compute=trailing(days, rung),
            unit="usd_per_month",
            version=2,
        )
    yield paced(
        "acceleration",
        ("Acceleration needed", "必要な加速倍率"),
        (
            f"Needed per month divided by what was {on} per month over the last 365 days.",
            f"必要な月額を直近365日の月あたり{on_ja}額で割った倍率。",
        ),
        compute=rate("acceleration", rung, "deadline"),
        unit="ratio",
        version=2,
    )
    yield paced(
        "projected_date",
        ("Reached at the present pace", "現在のペースでの到達日"),
        (
            "The day the amount is reached at the pace of the last 365 days. A baseline, not "
            "the forecast.",
            "直近365日のペースが続く場合に到達すべき額へ達する日。基準値であり予測ではない。",
        ),
        compute=rate("projected_date", rung),
        unit="date",
        version=3,
    )
    yield paced(
        "projected_usd",
        ("At the deadline at the present pace", "現在のペースでの期限時累計"),
        (
            f"Cumulative amount {on} at the deadline at the pace of the last 365 days; may exceed "
            "the amount to be reached. A baseline, not the forecast.",
            f"直近365日のペースが続く場合の期限時点の累計{on_ja}額。到達すべき額を超えうる。"
            "基準値であり予測ではない。",
        ),
        compute=rate("projected_usd", rung, "deadline"),
        version=2,
    )
    lead, sums, lead_ja, sums_ja = (
        ("Where no plan is published", "plans", "計画が公表されていない場合、", "計画")
        if rung == PLANNED
        else (
            "Plans are of what is to be funded, so on this rung",
            "lines",
            "計画は拠出額についてのもので、この段階では、",
            "直線",
        )
    )
    yield planned(
        "planned_usd",
        ("Planned value", "計画値（PV）"),
        (
            f"Cumulative amount to be {on} by the day described. {lead}: the "
            "straight line to the deadline, labelled naive, of the whole and an instrument from "
            "the start, of a project from its selection; of a sector the sum of its projects’ "
            f"{sums}, point by point. A project whose sector is not stated is in none; one without an "
            "amount on record adds what comes to it, and nothing planned.",
            f"対象日までの計画累計{on_ja}額。{lead_ja}全体と手段は開始日から、案件は"
            f"選定日から期限までの直線（単純な直線）、分野は案件ごとの{sums_ja}を各点で合計したもの。分野の記載がない"
            "案件はどの分野にも入らず、額の記載がない案件は実績だけを加え、計画には加わらない。",
        ),
        version=2,
    )
    yield planned(
        "schedule_variance_usd",
        ("Schedule variance", "スケジュール差異（SV）"),
        (f"{on.capitalize()} less planned value.", f"{on_ja}額から計画値を引いた額。"),
        version=2,
    )
    yield planned(
        "spi",
        ("Schedule performance index", "スケジュール効率指数（SPI）"),
        (
            f"{on.capitalize()} divided by planned value. Tends to 1 at the end however late.",
            f"{on_ja}額を計画値で割った指数。遅れても終盤には1に近づく。",
        ),
        unit="ratio",
        version=2,
    )
    yield planned(
        "earned_schedule_days",
        ("Earned schedule", "アーンド・スケジュール（ES）"),
        (
            f"The day of the plan on which what is {on} now had been due, in days from its begin.",
            f"現在の{on_ja}額が計画上到達しているはずだった日（計画の開始日からの日数）。",
        ),
        unit="days",
        version=2,
    )
    yield planned(
        "schedule_variance_days",
        ("Schedule variance in time", "時間のスケジュール差異（SV(t)）"),
        ("Earned schedule less days used.", "ESから経過日数を引いた日数。"),
        unit="days",
        version=2,
    )
    yield planned(
        "spi_t",
        ("Pace index in time", "時間のスケジュール効率指数（SPI(t)）"),
        ("Earned schedule divided by days used.", "ESを経過日数で割った指数。"),
        unit="ratio",
        version=2,
    )
    yield planned(
        "ieac_date",
        ("Finish at the pace so far", "これまでのペースでの完了日"),
        (
            "Begin of the plan plus planned duration divided by the pace index in time; once the "
            f"amount is {on}, the day it was.",
            f"計画の開始日に「計画期間÷SPI(t)」を加えた日。到達すべき額が{on_ja}された後は、その実際の日。",
        ),
        unit="date",
        version=4,
    )
    yield planned(
        "ieac_on_plan_date",
        ("Finish if the rest goes to plan", "残りが計画どおりの場合の完了日"),
        (
            "The day described plus the planned duration not yet earned; once the "
            f"amount is {on}, the day it was.",
            f"対象日に未達成の計画期間を加えた日。到達すべき額が{on_ja}された後は、その実際の日。",
        ),
        unit="date",
        version=4,
    )
    yield planned(
        "tspi",
        ("Pace index needed", "必要なスケジュール効率（TSPI）"),
        (
            "Planned duration not yet earned divided by the time left. Above 1.10 it is by "
            "experience hard to recover.",
            "未達成の計画期間を残り期間で割った指数。経験上1.10を超えると回復は難しい。",
        ),
        unit="ratio",
        version=2,
    )
    yield planned(
        "tspi_deadline",
        ("Pace index needed by the deadline", "期限までに必要なスケジュール効率"),
        (
            "Planned duration not yet earned divided by the days left to the deadline, which need "
            "not be the finish of the plan.",
            "未達成の計画期間を期限までの残り日数で割った指数。期限は計画の完了日と異なることがある。",
        ),
        unit="ratio",
    )
    for line, track, name, name_ja in (
        ("linear", STRAIGHT, "straight line", "直線"),
        ("curve", CURVE, "S-curve", "S字曲線"),
    ):
        yield planned(
            f"debt_{line}_usd",
            (f"Pace debt, {name}", f"ペースの遅れ（{name_ja}）"),
            (
                f"What is missing on the {name} to the deadline, whatever is planned; nothing "
                "while it is not behind. Of a sector the sum of its projects’ lines.",
                f"計画にかかわらず、期限までの{name_ja}に対して不足する額。遅れがなければゼロ。分野は案件"
                "ごとの線の合計。",
            ),
            track=track,
        )
        yield planned(
            f"debt_{line}_business_days",
            (f"Pace debt in time, {name}", f"ペースの遅れの日数（{name_ja}）"),
            (
                f"Business days since the {name} held what is {on} now.",
                f"現在の{on_ja}額が{name_ja}上の額であった日からの営業日数。",
            ),
            unit="days",
            track=track,
        )
