"""How each metric is computed: one line in plain text, and who defined it where somebody did.

The same for every reader: pages show the line of their language, the API both.
"""

from dataclasses import dataclass

from projects.calculations.pace import WINDOWS

EVM = "ANSI/EIA-748-D (2019); PMI, Practice Standard for Earned Value Management (2011)"
LIPKE = "Lipke, Schedule is Different (2003); Earned Schedule (2009)"
VANDEVOORDE = f"{LIPKE}; Vandevoorde & Vanhoucke, IJPM 24 (2006)"
MULTIPLES = "GIPS Standards (2020); ILPA Reporting Template"
CALENDARS = (
    "Federal Reserve K.8; Act on National Holidays (Japan, 1948); "
    "Banking Act Enforcement Order, art. 5"
)


@dataclass(frozen=True)
class Formula:
    """A formula in English and Japanese, and the literature it is taken from."""

    english: str
    japanese: str
    literature: str = ""


def _sum_on(rung: str, rung_ja: str) -> Formula:
    return Formula(
        f"sum of the amounts {rung}, lows and highs apart",
        f"{rung_ja}額の合計（下限・上限は別々に合計）",
    )


def _share(rung: str, rung_ja: str) -> Formula:
    return Formula(f"{rung} ÷ target, low and high apart", f"{rung_ja}額 ÷ 目標額（下限・上限別）")


def _cash(kinds: str, kinds_ja: str) -> Formula:
    return Formula(f"sum of {kinds} − sum of their reversals", f"{kinds_ja}の合計 − 取消の合計")


FORMULAS = {
    "target_usd": Formula("the amount the agreement states", "合意文書に記された額"),
    "budget_usd": Formula(
        "the target; of a sector or project selected, of an instrument signed",
        "目標額（分野・案件は選定額、手段は締結額）",
    ),
    "days_total": Formula("deadline − start", "期限 − 開始日"),
    "days_elapsed": Formula("day described − start", "対象日 − 開始日"),
    "days_left": Formula("deadline − day described", "期限 − 対象日"),
    "time_used_share": Formula("days used ÷ days in all", "経過日数 ÷ 全期間の日数"),
    "business_days_left": Formula(
        "business days in (day described, deadline]",
        "（対象日、期限］に含まれる営業日数",
        CALENDARS,
    ),
    "candidate_usd": _sum_on("of open candidates", "未決候補の"),
    "in_consultation_usd": _sum_on("in consultation", "協議中の"),
    "selected_usd": Formula(
        "selected − declined, withdrawn or cancelled, lows and highs apart",
        "選定額 − 辞退・撤回・取消額（下限・上限別）",
    ),
    "signed_usd": _sum_on("signed", "締結"),
    "noticed_usd": Formula(
        "sum of the amounts called − what was declined of them",
        "請求額の合計 − 辞退された額",
    ),
    "funded_usd": _cash("receipts", "着金"),
    "disbursed_usd": _cash("payments to projects", "案件への支払"),
    "distributed_usd": _cash(
        "distributions, interest and principal paid", "分配・利息・元本の支払"
    ),
    "guaranteed_usd": Formula(
        "sum of the cover in force − claims paid under it",
        "有効な保証・保険額の合計 − その下で支払われた保証履行額",
    ),
    "selected_share": _share("selected", "選定"),
    "signed_share": _share("signed", "締結"),
    "funded_share": _share("funded", "拠出"),
    "disbursed_share": _share("disbursed", "支出"),
    "sector_share": Formula(
        "selected of the sector ÷ all selected, low and high apart",
        "分野の選定額 ÷ 選定総額（下限・上限別）",
    ),
    "financed_gross_usd": Formula(
        "signed + cover in force − claims paid under it",
        "締結額 + 有効な保証・保険額 − その下で支払われた保証履行額",
    ),
    "covered_usd": Formula(
        "sum of the cover in force linked to a signed financing − claims paid under it",
        "締結済みの契約に付された有効な保証・保険額の合計 − その下で支払われた保証履行額",
    ),
    "financed_net_usd": Formula("gross − covered", "総額 − 付保額"),
    "selected_less_signed_usd": Formula(
        "selected − signed, low and high apart", "選定額 − 締結額（下限・上限別）"
    ),
    "instrument_share": Formula(
        "gross of the instrument ÷ gross of all, low and high apart",
        "手段別の総額 ÷ 締結総額（下限・上限別）",
    ),
    "open_notices_count": Formula(
        "number of notices received and neither funded nor declined",
        "受領済みで、拠出も辞退もされていない通知の件数",
    ),
    "late_notices_count": Formula(
        "number of open notices whose due date is before the day described",
        "期日が対象日より前の未了通知の件数",
    ),
    "unfunded_noticed_usd": Formula(
        "called by open notices − received on them", "未了通知の請求額 − その入金額"
    ),
    "still_to_be_noticed_usd": Formula("target − noticed", "目標額 − 通知額"),
    "last_safe_notice_date": Formula(
        "the last day from which the window of business days ends by the deadline",
        "営業日の期間が期限までに満了する最後の受領日",
        CALENDARS,
    ),
    "paid_in_usd": _cash("receipts and claims paid under guarantees", "着金と保証履行の支払"),
    "japan_received_usd": Formula(
        "sum over investments of 50 % of the first tier + 10 % of the second",
        "投資ごとの第1段階の50% + 第2段階の10%の合計",
    ),
    "us_received_usd": Formula("distributed − received by Japan", "分配額 − 日本の受取額"),
    "deemed_allocation_usd": Formula(
        "sum over investments of principal not returned + deemed interest not paid",
        "投資ごとの未返済元本 + 未払いみなし利息の合計",
    ),
    "residual_usd": Formula(
        "sum of the newest valuation of each investment", "投資ごとの最新の評価額の合計"
    ),
    "dpi_japan": Formula(
        "DPI = received by Japan ÷ paid in", "DPI = 日本の受取額 ÷ 払込額", MULTIPLES
    ),
    "dpi_project": Formula("DPI = distributed ÷ paid in", "DPI = 分配額 ÷ 払込額", MULTIPLES),
    "rvpi_japan": Formula(
        "RVPI = what the waterfall would give Japan of the worth ÷ paid in",
        "RVPI = 残存価値のうち配分ルールで日本が受け取る額 ÷ 払込額",
        MULTIPLES,
    ),
    "rvpi_project": Formula("RVPI = worth ÷ paid in", "RVPI = 残存価値 ÷ 払込額", MULTIPLES),
    "tvpi_japan": Formula("TVPI = DPI + RVPI of Japan", "TVPI = 日本のDPI + RVPI", MULTIPLES),
    "tvpi_project": Formula("TVPI = DPI + RVPI of the whole", "TVPI = 全体のDPI + RVPI", MULTIPLES),
    "moic": Formula(
        "MOIC = (distributed + worth) ÷ disbursed to the project",
        "MOIC =（分配額 + 残存価値）÷ 案件への支出額",
        MULTIPLES,
    ),
    "pic": Formula("PIC = paid in ÷ selected", "PIC = 払込額 ÷ 選定額", MULTIPLES),
    "xirr_japan": Formula(
        "r with Σ CF(i) ÷ (1 + r)^((d(i) − d(0)) ÷ 365) = 0, flows of Japan",
        "Σ CF(i) ÷ (1 + r)^((d(i) − d(0)) ÷ 365) = 0 となるr（日本の収支）",
        "XIRR, spreadsheet documentation",
    ),
    "xirr_project": Formula(
        "r with Σ CF(i) ÷ (1 + r)^((d(i) − d(0)) ÷ 365) = 0, all flows",
        "Σ CF(i) ÷ (1 + r)^((d(i) − d(0)) ÷ 365) = 0 となるr（全収支）",
        "XIRR, spreadsheet documentation",
    ),
    "npv_japan_usd": Formula(
        "Σ CF(i) ÷ (1 + r)^((d(i) − d(0)) ÷ 365), flows of Japan, r the deemed rate",
        "Σ CF(i) ÷ (1 + r)^((d(i) − d(0)) ÷ 365)（日本の収支、rはみなし金利）",
        "XNPV, spreadsheet documentation",
    ),
    "npv_project_usd": Formula(
        "Σ CF(i) ÷ (1 + r)^((d(i) − d(0)) ÷ 365), all flows, r the deemed rate",
        "Σ CF(i) ÷ (1 + r)^((d(i) − d(0)) ÷ 365)（全収支、rはみなし金利）",
        "XNPV, spreadsheet documentation",
    ),
}


def pace_formulas(on: str, on_ja: str) -> dict[str, Formula]:
    """The formulas of pace on a rung, named by what has come on it."""
    lines = {"linear": ("straight line", "直線"), "curve": ("S-curve", "S字曲線")}
    return {
        "required_usd_per_month": Formula(
            f"(amount to be reached − {on}) ÷ days left × 30.4375",
            f"（到達すべき額 − {on_ja}額）÷ 残り日数 × 30.4375",
        ),
        "required_usd_per_business_day": Formula(
            f"(amount to be reached − {on}) ÷ business days left",
            f"（到達すべき額 − {on_ja}額）÷ 残り営業日数",
        ),
        **{
            f"trailing_{days}d_usd_per_month": Formula(
                f"{on} in (day − {days}, day] ÷ min({days}, days since the first amount) × 30.4375",
                f"（対象日−{days}日、対象日］の純{on_ja}額 ÷ min({days}、初回からの日数) × 30.4375",
            )
            for days in WINDOWS
        },
        "acceleration": Formula(
            f"needed per month ÷ {on} per month over the last 365 days",
            f"必要な月額 ÷ 直近365日の月あたり{on_ja}額",
        ),
        "projected_date": Formula(
            f"day described + (amount to be reached − {on}) ÷ {on} per day over the last 365 days",
            f"対象日 +（到達すべき額 − {on_ja}額）÷ 直近365日の1日あたり{on_ja}額",
        ),
        "projected_usd": Formula(
            f"{on} + days left × {on} per day over the last 365 days",
            f"{on_ja}額 + 残り日数 × 直近365日の1日あたり{on_ja}額",
        ),
        "planned_usd": Formula(
            "PV(day): the plan’s points joined by straight lines",
            "PV（対象日）：計画の各点を直線で結んだ値",
            EVM,
        ),
        "schedule_variance_usd": Formula(
            f"SV = EV − PV, EV what is {on}", f"SV = EV − PV（EV は{on_ja}額）", EVM
        ),
        "spi": Formula(f"SPI = EV ÷ PV, EV what is {on}", f"SPI = EV ÷ PV（EV は{on_ja}額）", EVM),
        "earned_schedule_days": Formula(
            "ES = C + (EV − PV(C)) ÷ (PV(C+1) − PV(C)) × (t(C+1) − t(C)), C the last point with PV ≤ EV",
            "ES = C +（EV − PV(C)）÷（PV(C+1) − PV(C)）×（t(C+1) − t(C)）。C は PV ≤ EV となる最後の点",
            LIPKE,
        ),
        "schedule_variance_days": Formula(
            "SV(t) = ES − AT, AT the days used", "SV(t) = ES − AT（AT は経過日数）", LIPKE
        ),
        "spi_t": Formula(
            "SPI(t) = ES ÷ AT, AT the days used", "SPI(t) = ES ÷ AT（AT は経過日数）", LIPKE
        ),
        "ieac_date": Formula(
            "begin + PD ÷ SPI(t), PD the planned duration",
            "計画の開始日 + PD ÷ SPI(t)（PD は計画期間）",
            VANDEVOORDE,
        ),
        "ieac_on_plan_date": Formula(
            "begin + AT + (PD − ES)", "計画の開始日 + AT +（PD − ES）", VANDEVOORDE
        ),
        "tspi": Formula("TSPI = (PD − ES) ÷ (PD − AT)", "TSPI =（PD − ES）÷（PD − AT）", LIPKE),
        "tspi_deadline": Formula(
            "(PD − ES) ÷ (ND − AT), ND the deadline in days from the begin",
            "（PD − ES）÷（ND − AT）。ND は計画の開始日から期限までの日数",
            LIPKE,
        ),
        **{
            f"debt_{line}_usd": Formula(
                f"max({name} on the day − {on}, 0)", f"max（対象日の{name_ja}の値 − {on_ja}額、0）"
            )
            for line, (name, name_ja) in lines.items()
        },
        **{
            f"debt_{line}_business_days": Formula(
                f"business days in (begin + ES on the {name}, day described]",
                f"（開始日 + {name_ja}上のES、対象日］に含まれる営業日数",
                CALENDARS,
            )
            for line, (name, name_ja) in lines.items()
        },
    }


_DONE = "{rung}_usd"
_PLAN = ("planned_usd", _DONE)
_RECENT = "trailing_365d_usd_per_month"
PACE_INPUTS: dict[str, tuple[str, ...]] = {
    "required_usd_per_month": ("budget_usd", _DONE, "days_left"),
    "required_usd_per_business_day": ("budget_usd", _DONE, "business_days_left"),
    "acceleration": ("required_usd_per_month", _RECENT),
    "projected_date": ("budget_usd", _DONE, _RECENT),
    "projected_usd": (_DONE, "days_left", _RECENT),
    "schedule_variance_usd": _PLAN,
    "spi": _PLAN,
    "earned_schedule_days": _PLAN,
    "schedule_variance_days": ("earned_schedule_days",),
    "spi_t": ("earned_schedule_days",),
    "ieac_date": ("spi_t",),
    "ieac_on_plan_date": ("earned_schedule_days",),
    "tspi": ("earned_schedule_days",),
    "tspi_deadline": ("earned_schedule_days",),
    "debt_linear_usd": ("budget_usd", _DONE),
    "debt_linear_business_days": ("debt_linear_usd",),
    "debt_curve_usd": ("budget_usd", _DONE),
    "debt_curve_business_days": ("debt_curve_usd",),
}
"""The metrics a formula of pace is made from, the rung to be named; days of a plan are its rows."""

INPUTS: dict[str, tuple[str, ...]] = {
    "days_left": ("days_total", "days_elapsed"),
    "time_used_share": ("days_elapsed", "days_total"),
    **{
        f"{rung}_share": (f"{rung}_usd", "target_usd")
        for rung in ("selected", "signed", "funded", "disbursed")
    },
    "financed_gross_usd": ("signed_usd", "guaranteed_usd"),
    "financed_net_usd": ("financed_gross_usd", "covered_usd"),
    "selected_less_signed_usd": ("selected_usd", "signed_usd"),
    "still_to_be_noticed_usd": ("target_usd", "noticed_usd"),
    "us_received_usd": ("distributed_usd", "japan_received_usd"),
    "dpi_japan": ("japan_received_usd", "paid_in_usd"),
    "dpi_project": ("distributed_usd", "paid_in_usd"),
    "rvpi_project": ("residual_usd", "paid_in_usd"),
    "tvpi_japan": ("dpi_japan", "rvpi_japan"),
    "tvpi_project": ("dpi_project", "rvpi_project"),
    "moic": ("distributed_usd", "residual_usd", "disbursed_usd"),
    "pic": ("paid_in_usd", "selected_usd"),
}
"""The metrics a formula is made from, where it is made from metrics."""
