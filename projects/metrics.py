"""The metrics of a commitment and its projects: each number defined once.

A metric is a function of the record of a commitment at a point in time and a
scope. Pages, API, exports and jobs all read it through `evaluate`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from commitments.calculations.bounds import Bounds, exactly, total
from commitments.calculations.calendars import (
    CALENDARS,
    Calendar,
    business_days_between,
    calendar_version,
)
from commitments.calculations.metric import (
    Figure,
    Metric,
    Row,
    Scope,
    amount,
    none_published,
    nothing,
)
from commitments.calculations.money import cents
from commitments.calculations.undefined import Reason, Undefined
from projects.calculations import pace
from projects.calculations import schedule as es
from projects.models import Plan
from projects.selectors import CASH_RUNGS, CommitmentRecord, Member

WINDOWS = (30, 90, 180, 365)
ZERO = Decimal(0)
WHOLE = Scope()

Compute = Callable[[CommitmentRecord, Scope], Figure]


def evaluate(metric: Metric, record: CommitmentRecord, scope: Scope = WHOLE) -> Figure:
    """Return the figure of a metric, with a reason where it has no value."""
    if not record.point.is_recorded:
        return nothing(Reason.NOT_RECORDED_YET)
    if record.is_before_agreement:
        return nothing(Reason.BEFORE_AGREEMENT)
    try:
        return metric.compute(record, scope)
    except Undefined as undefined:
        return nothing(undefined.reason)


# Terms of the agreement


def _day(record: CommitmentRecord, key: str) -> date:
    day = record.terms.day(key)
    if day is None:
        raise Undefined(Reason.NOT_STATED)
    return day


def _term_row(record: CommitmentRecord, key: str) -> Row:
    term = record.terms.term(key)
    assert term is not None  # noqa: S101  # callers have read its value
    value = record.terms.usd(key)
    return Row(
        label=term.name,
        kind="term",
        ref=term.ref,
        bounds=Bounds() if value is None else exactly(value),
        documents=(term.document.slug,) if term.document else (),
        on=term.effective_on,
        note=term.note,
    )


def _target(record: CommitmentRecord) -> Decimal:
    value = record.terms.usd("target")
    if value is None:
        raise Undefined(Reason.NOT_STATED)
    return value


def target_usd(record: CommitmentRecord, scope: Scope) -> Figure:
    _only_whole(scope)
    target = _target(record)
    rivals = tuple(
        Row(
            label=term.name,
            kind="term",
            ref=term.ref,
            bounds=Bounds(None, target) if term.reading == "up_to" else exactly(target),
            documents=(term.document.slug,) if term.document else (),
            counts=False,
            note=term.note,
        )
        for term in record.terms.rivals("target")
    )
    return amount(exactly(target), rows=(_term_row(record, "target"), *rivals))


def _only_whole(scope: Scope) -> None:
    if not scope.is_whole:
        raise Undefined(Reason.SCOPE_NOT_DEFINED)


def _context(record: CommitmentRecord, *keys: str) -> tuple[Row, ...]:
    rows = (_term_row(record, key) for key in keys if record.terms.term(key))
    return tuple(replace(row, counts=False) for row in rows)


def days_total(record: CommitmentRecord, scope: Scope) -> Figure:
    days = (_day(record, "deadline") - _day(record, "start")).days
    return amount(exactly(Decimal(days)), rows=_context(record, "start", "deadline"))


def days_elapsed(record: CommitmentRecord, scope: Scope) -> Figure:
    days = (record.point.as_of - _day(record, "start")).days
    if days < 0:
        raise Undefined(Reason.BEFORE_START)
    return amount(exactly(Decimal(days)), rows=_context(record, "start"))


def days_left(record: CommitmentRecord, scope: Scope) -> Figure:
    days = (_day(record, "deadline") - record.point.as_of).days
    return amount(exactly(Decimal(days)), rows=_context(record, "deadline"))


def time_used_share(record: CommitmentRecord, scope: Scope) -> Figure:
    start, deadline = _day(record, "start"), _day(record, "deadline")
    used, whole = (record.point.as_of - start).days, (deadline - start).days
    if used < 0:
        raise Undefined(Reason.BEFORE_START)
    return amount(exactly(Decimal(used) / whole), rows=_context(record, "start", "deadline"))


def calendar_of(record: CommitmentRecord) -> Calendar:
    """The calendar of the commitment's business days: a term, joint where none is stated."""
    named = record.terms.value("calendar", "calendar")
    return next((calendar for calendar in CALENDARS if calendar == named), "joint")


def business_days_left(record: CommitmentRecord, scope: Scope) -> Figure:
    calendar = calendar_of(record)
    left = business_days_between(record.point.as_of, _day(record, "deadline"), calendar)
    rows = _context(record, "deadline", "calendar")
    return amount(exactly(Decimal(left)), rows=rows, text=f"{calendar}, {calendar_version()}")


# Rungs of the ladder


def rung_members(record: CommitmentRecord, rung: str, scope: Scope = WHOLE) -> list[Member]:
    """The amounts that make a rung's figure within a scope."""
    return [member for member in record.members(rung) if member.is_in(scope)]


def rung_figure(members: Iterable[Member]) -> Figure:
    """Sum the amounts of one rung: low and high apart, unstated members counted."""
    found = list(members)
    if not found:
        return none_published()
    rows = tuple(member.row for member in found)
    bounds = total(row.bounds for row in rows)
    unstated = sum(not row.bounds.is_stated for row in rows)
    reason = None if bounds.is_stated else Reason.NOT_STATED
    return Figure(bounds=bounds, rows=rows, unstated_count=unstated, reason=reason)


def _on_rung(rung: str) -> Compute:
    def compute(record: CommitmentRecord, scope: Scope) -> Figure:
        return rung_figure(rung_members(record, rung, scope))

    return compute


def guaranteed_usd(record: CommitmentRecord, scope: Scope) -> Figure:
    members = rung_members(record, "guaranteed", scope)
    if not members and any(f.cover_status == f.CoverStatus.NOT_STATED for f in record.financings):
        return nothing(Reason.NOT_STATED, unstated_count=len(record.financings))
    return rung_figure(members)


def _share_of_target(rung: str) -> Compute:
    def compute(record: CommitmentRecord, scope: Scope) -> Figure:
        return ratio_figure(_on_rung(rung)(record, scope), exactly(_target(record)))

    return compute


def ratio_figure(part: Figure, whole: Bounds) -> Figure:
    """Divide low by low and high by high. Raise Undefined when the whole is zero."""
    if whole.low == 0 or whole.high == 0:
        raise Undefined(Reason.ZERO_TOTAL)
    return replace(part, bounds=_divided(part.bounds, whole))


def _divided(part: Bounds, whole: Bounds) -> Bounds:
    low = None if part.low is None or whole.low is None else part.low / whole.low
    high = None if part.high is None or whole.high is None else part.high / whole.high
    return Bounds(low, high) if low is None or high is None or low <= high else Bounds(high, low)


# Pace


def _cash(record: CommitmentRecord, scope: Scope, rung: str = "funded") -> Decimal:
    value = rung_figure(rung_members(record, rung, scope)).bounds.value
    return ZERO if value is None else value


def _cash_rows(record: CommitmentRecord, scope: Scope, *keys: str) -> tuple[Row, ...]:
    rows = (replace(m.row, counts=False) for m in rung_members(record, "funded", scope))
    return (*_context(record, *keys), *rows)


def required_usd_per_month(record: CommitmentRecord, scope: Scope) -> Figure:
    _only_whole(scope)
    rate = pace.required_usd_per_month(
        _target(record),
        _cash(record, scope),
        as_of=record.point.as_of,
        deadline=_day(record, "deadline"),
    )
    return amount(exactly(rate), rows=_cash_rows(record, scope, "target", "deadline"))


def required_usd_per_business_day(record: CommitmentRecord, scope: Scope) -> Figure:
    _only_whole(scope)
    rate = pace.required_usd_per_business_day(
        _target(record),
        _cash(record, scope),
        as_of=record.point.as_of,
        deadline=_day(record, "deadline"),
        calendar=calendar_of(record),
    )
    rows = _cash_rows(record, scope, "target", "deadline", "calendar")
    return amount(exactly(rate), rows=rows)


def _trailing(record: CommitmentRecord, window_days: int) -> Decimal:
    return pace.trailing_usd_per_month(
        record.daily("funded"), as_of=record.point.as_of, window_days=window_days
    )


def _trailing_metric(window_days: int) -> Compute:
    def compute(record: CommitmentRecord, scope: Scope) -> Figure:
        _only_whole(scope)
        return amount(exactly(_trailing(record, window_days)), rows=_cash_rows(record, scope))

    return compute


def acceleration(record: CommitmentRecord, scope: Scope) -> Figure:
    needed = required_usd_per_month(record, scope).bounds.low or ZERO
    return amount(exactly(pace.acceleration(needed, _trailing(record, 365))))


def projected_date(record: CommitmentRecord, scope: Scope) -> Figure:
    _only_whole(scope)
    day = pace.projected_date(
        _target(record),
        _cash(record, scope),
        as_of=record.point.as_of,
        usd_per_month=_trailing(record, 365),
    )
    return Figure(text=day.isoformat(), rows=_cash_rows(record, scope, "target"))


def projected_usd(record: CommitmentRecord, scope: Scope) -> Figure:
    _only_whole(scope)
    at_deadline = pace.projected_usd(
        _cash(record, scope),
        as_of=record.point.as_of,
        deadline=_day(record, "deadline"),
        usd_per_month=_trailing(record, 365),
    )
    return amount(exactly(at_deadline), rows=_cash_rows(record, scope, "deadline"))


# Earned schedule


@dataclass(frozen=True)
class Schedule:
    """A plan in use, where the commitment stands on it, and whether it is naive."""

    plan: es.Plan
    label: str
    earned: Decimal
    elapsed: Decimal
    rows: tuple[Row, ...]

    @property
    def earned_days(self) -> Decimal:
        return es.earned_schedule(self.plan, self.earned)

    @property
    def index(self) -> Decimal:
        return es.spi_t(self.earned_days, self.elapsed)


def schedule_of(record: CommitmentRecord, scope: Scope = WHOLE) -> Schedule:
    """The plan in force at the point, or the naive line, and progress against it.

    Raise Undefined where the commitment states no target, start or deadline.
    """
    _only_whole(scope)
    start, deadline = _day(record, "start"), _day(record, "deadline")
    stored = record.plan
    if stored is None:
        plan = es.naive_linear(_target(record), Decimal((deadline - start).days))
        label, rows = "naive_linear", _context(record, "target", "start", "deadline")
    else:
        plan, label = plan_from(stored, start), stored.label
        rows = (Row(stored.label, "plan", stored.ref, Bounds(), counts=False),)
    return Schedule(
        plan=plan,
        label=label,
        earned=_cash(record, scope),
        elapsed=Decimal((record.point.as_of - start).days),
        rows=(*rows, *_cash_rows(record, scope)),
    )


def plan_from(stored: Plan, start: date) -> es.Plan:
    """Return the stored baseline as days from start and dollars."""
    points = [(Decimal(0), ZERO)]
    for point in stored.points:
        day = Decimal((date.fromisoformat(point["on"]) - start).days)
        if day > 0:
            points.append((day, Decimal(point["amount_usd"])))
    return es.Plan(tuple(points))


def _scheduled(formula: Callable[[Schedule], Decimal]) -> Compute:
    def compute(record: CommitmentRecord, scope: Scope) -> Figure:
        found = schedule_of(record, scope)
        return amount(exactly(formula(found)), rows=found.rows, note=found.label)

    return compute


def _finish(days_of: Callable[[Schedule], Decimal]) -> Compute:
    def compute(record: CommitmentRecord, scope: Scope) -> Figure:
        found = schedule_of(record, scope)
        finish = pace.day_after(_day(record, "start"), days_of(found))
        return Figure(text=finish.isoformat(), rows=found.rows, note=found.label)

    return compute


# Shares against what was published


def _published(record: CommitmentRecord, aspect: str) -> tuple[Row, ...]:
    """Claims about a share, as context: fractions, weakest rank last."""
    judged = record.judged_whole(aspect)
    claims = [*judged.used, *judged.others]
    return tuple(
        Row(
            label=claim.who,
            kind="claim",
            ref=claim.ref,
            bounds=Bounds(
                None if claim.low is None else claim.low / 100,
                None if claim.high is None else claim.high / 100,
            ),
            documents=(claim.document.slug,) if claim.document else (),
            on=claim.stated_on,
            counts=False,
            note=str(claim.get_rank_display()),
        )
        for claim in claims
    )


def share_figure(
    record: CommitmentRecord, rung: str, scope: Scope, published: tuple[Row, ...] = ()
) -> Figure:
    """The share of a rung's amount that lies in a scope, with published ranges beside it.

    Low is divided by low and high by high. Undefined while the rung is empty.
    """
    whole = rung_figure(record.members(rung)).bounds
    if not whole.is_stated or whole.high == 0:
        return nothing(Reason.NO_OBSERVATIONS, rows=published)
    part = rung_figure(rung_members(record, rung, scope))
    divided = ratio_figure(part, whole)
    return replace(divided, rows=(*divided.rows, *published))


def sector_share(record: CommitmentRecord, scope: Scope) -> Figure:
    if scope.sector is None:
        raise Undefined(Reason.SCOPE_NOT_DEFINED)
    published = _published(record, f"share.sector.{scope.sector}")
    return share_figure(record, "selected", scope, published)


def instrument_share(record: CommitmentRecord, scope: Scope) -> Figure:
    if scope.instrument is None:
        raise Undefined(Reason.SCOPE_NOT_DEFINED)
    published = _published(record, f"share.instrument.{scope.instrument}")
    return share_figure(record, "signed", scope, published)


# The registry


def _metric(
    key: str,
    name: tuple[str, str],
    definition: tuple[str, str],
    compute: Compute,
    **kwargs: Any,
) -> Metric:
    return Metric(
        key=key,
        name=name[0],
        name_ja=name[1],
        definition=definition[0],
        definition_ja=definition[1],
        compute=compute,
        unit=kwargs.pop("unit", "usd"),
        **kwargs,
    )


_RUNGS = (
    (
        "candidate",
        ("Candidate", "候補"),
        (
            "Open candidates named by companies or governments and continued by no firmer "
            "project. Mostly ceilings.",
            "企業または政府が候補として挙げ、より確かな案件に引き継がれていないもの。多くは上限額。",
        ),
    ),
    (
        "in_consultation",
        ("In consultation", "協議中"),
        (
            "Announced but without a decision or fact sheet of the deciding side on record. "
            "A stage below selected, in no rung.",
            "公表済みだが、決定側の決定書やファクトシートが確認されていないもの。選定の前段階で、"
            "どの段にも算入しない。",
        ),
    ),
    (
        "selected",
        ("Selected", "選定"),
        (
            "Investments selected by the President on the Investment Committee's "
            "recommendation, less those declined, withdrawn or cancelled since.",
            "投資委員会の勧告に基づき大統領が選定した投資。その後の辞退・撤回・取消を除く。",
        ),
    ),
    (
        "signed",
        ("Signed", "契約締結"),
        (
            "Financing agreements signed, on a lender's release or a report of it.",
            "貸し手の発表またはその報道で確認された、締結済みの融資等の契約。",
        ),
    ),
    (
        "noticed",
        ("Noticed", "拠出通知"),
        ("Amounts called by funding notices.", "拠出通知（キャピタルコール）で請求された額。"),
    ),
    (
        "funded",
        ("Funded", "拠出"),
        (
            "Cash received in the designated account, reversals taken off.",
            "指定口座に着金した現金。取消分を差し引く。",
        ),
    ),
    (
        "disbursed",
        ("Disbursed", "支出"),
        (
            "Cash paid on from the vehicle to the project, reversals taken off.",
            "ビークルから案件へ支払われた現金。取消分を差し引く。",
        ),
    ),
    (
        "distributed",
        ("Distributed", "分配"),
        ("Cash paid out of the investments.", "投資から支払われた分配金。"),
    ),
)


def _rung_metrics() -> Iterable[Metric]:
    for rung, name, definition in _RUNGS:
        yield _metric(f"{rung}_usd", name, definition, _on_rung(rung), rung=rung)


def _share_metrics() -> Iterable[Metric]:
    for rung, name, _ in _RUNGS:
        if rung in ("selected", "signed", *CASH_RUNGS[:2]):
            yield _metric(
                f"{rung}_share",
                (f"{name[0]}, share of the target", f"{name[1]}の対目標比率"),
                (
                    f"{name[0]} amount divided by the target, low and high apart.",
                    f"{name[1]}額を目標額で割った比率。下限・上限は別々に計算する。",
                ),
                _share_of_target(rung),
                unit="fraction",
                rung=rung,
            )


def _trailing_metrics() -> Iterable[Metric]:
    for days in WINDOWS:
        yield _metric(
            f"trailing_{days}d_usd_per_month",
            (f"Paid per month, last {days} days", f"直近{days}日の月あたり拠出額"),
            (
                f"Net cash funded in the last {days} days, a month of 30.4375 days. Undefined "
                "with no entry or under 30 days of history.",
                f"直近{days}日の純拠出額を1か月30.4375日で換算。記録なし、または30日未満は算定不能。",
            ),
            _trailing_metric(days),
            unit="usd_per_month",
            rung="funded",
            formula="net funded in (as_of − w, as_of] ÷ min(w, days since first) × 30.4375",
        )


METRICS: tuple[Metric, ...] = (
    _metric(
        "target_usd",
        ("Target", "目標額"),
        (
            "The amount of the commitment. US texts give it flat, Japan's as “up to”.",
            "コミットメントの総額。米国側の文書は定額、日本側は「最大」と記す。",
        ),
        target_usd,
    ),
    _metric(
        "days_total",
        ("Days in all", "全期間の日数"),
        ("Days from the start to the deadline.", "開始日から期限までの日数。"),
        days_total,
        unit="days",
    ),
    _metric(
        "days_elapsed",
        ("Days used", "経過日数"),
        ("Days from the start to the day described.", "開始日から対象日までの日数。"),
        days_elapsed,
        unit="days",
    ),
    _metric(
        "days_left",
        ("Days left", "残り日数"),
        (
            "Days from the day described to the deadline, which itself counts. Negative after it.",
            "対象日から期限まで（期限当日を含む）の日数。期限後は負。",
        ),
        days_left,
        unit="days",
    ),
    _metric(
        "time_used_share",
        ("Time used", "期間の経過率"),
        ("Days used divided by days in all.", "経過日数を全期間の日数で割った比率。"),
        time_used_share,
        unit="fraction",
    ),
    _metric(
        "business_days_left",
        ("Business days left", "残り営業日数"),
        (
            "Days after the day described, up to and including the deadline, on which neither "
            "Japan's banks nor the Federal Reserve are closed.",
            "対象日の翌日から期限までのうち、日本の銀行と米連邦準備銀行がともに営業する日数。",
        ),
        business_days_left,
        unit="days",
    ),
    *_rung_metrics(),
    _metric(
        "guaranteed_usd",
        ("Guaranteed", "保証"),
        (
            "Cover in force: exposure, not cash, beside the ladder and never summed with it. "
            "Unknown cover is not stated, not zero.",
            "有効な保証・保険の額。現金ではなくエクスポージャーであり、段とは合算しない。"
            "不明な保証は「記載なし」でゼロではない。",
        ),
        guaranteed_usd,
        rung="guaranteed",
    ),
    *_share_metrics(),
    _metric(
        "required_usd_per_month",
        ("Needed per month", "必要な月額"),
        (
            "What must be funded each month to reach the target by the deadline.",
            "期限までに目標へ達するために毎月必要な拠出額。",
        ),
        required_usd_per_month,
        unit="usd_per_month",
        rung="funded",
        formula="(target − funded) ÷ days left × 30.4375",
    ),
    _metric(
        "required_usd_per_business_day",
        ("Needed per business day", "必要な営業日額"),
        (
            "What must be funded each joint business day to reach the target by the deadline.",
            "期限までに目標へ達するために両国共通の営業日ごとに必要な拠出額。",
        ),
        required_usd_per_business_day,
        unit="usd_per_business_day",
        rung="funded",
        formula="(target − funded) ÷ business days left",
    ),
    *_trailing_metrics(),
    _metric(
        "acceleration",
        ("Acceleration needed", "必要な加速倍率"),
        (
            "Needed per month divided by paid per month over the last 365 days.",
            "必要な月額を直近365日の月あたり拠出額で割った倍率。",
        ),
        acceleration,
        unit="ratio",
        rung="funded",
    ),
    _metric(
        "projected_date",
        ("Reached at the present pace", "現在のペースでの到達日"),
        (
            "The day the target is reached at the pace of the last 365 days. A baseline, not "
            "the forecast.",
            "直近365日のペースが続く場合の目標到達日。基準値であり予測ではない。",
        ),
        projected_date,
        unit="date",
        rung="funded",
    ),
    _metric(
        "projected_usd",
        ("At the deadline at the present pace", "現在のペースでの期限時累計"),
        (
            "Cumulative funding at the deadline at the pace of the last 365 days; may exceed "
            "the target. A baseline, not the forecast.",
            "直近365日のペースが続く場合の期限時点の累計拠出額。目標を超えうる。基準値であり予測ではない。",
        ),
        projected_usd,
        rung="funded",
    ),
    _metric(
        "planned_usd",
        ("Planned value", "計画値（PV）"),
        (
            "Cumulative funding planned by the day described; the straight line from start to "
            "deadline, labelled naive, where no plan is published.",
            "対象日までの計画累計額。計画が公表されていない場合は開始日から期限までの直線（単純線形）。",
        ),
        _scheduled(lambda s: s.plan.value_at(s.elapsed)),
        rung="funded",
    ),
    _metric(
        "schedule_variance_usd",
        ("Schedule variance", "スケジュール差異（SV）"),
        ("Funded less planned value.", "拠出額から計画値を引いた額。"),
        _scheduled(lambda s: s.earned - s.plan.value_at(s.elapsed)),
        rung="funded",
    ),
    _metric(
        "spi",
        ("Schedule performance index", "スケジュール効率指数（SPI）"),
        (
            "Funded divided by planned value. Tends to 1 at the end however late.",
            "拠出額を計画値で割った指数。遅れても終盤には1に近づく。",
        ),
        _scheduled(lambda s: es.spi(s.earned, s.plan.value_at(s.elapsed))),
        unit="ratio",
        rung="funded",
    ),
    _metric(
        "earned_schedule_days",
        ("Earned schedule", "アーンド・スケジュール（ES）"),
        (
            "The day of the plan on which what is funded now had been due, in days from start.",
            "現在の拠出額が計画上到達しているはずだった日（開始日からの日数）。",
        ),
        _scheduled(lambda s: s.earned_days),
        unit="days",
        rung="funded",
    ),
    _metric(
        "schedule_variance_days",
        ("Schedule variance in time", "時間のスケジュール差異（SV(t)）"),
        ("Earned schedule less days used.", "ESから経過日数を引いた日数。"),
        _scheduled(lambda s: s.earned_days - s.elapsed),
        unit="days",
        rung="funded",
    ),
    _metric(
        "spi_t",
        ("Pace index in time", "時間のスケジュール効率指数（SPI(t)）"),
        ("Earned schedule divided by days used.", "ESを経過日数で割った指数。"),
        _scheduled(lambda s: s.index),
        unit="ratio",
        rung="funded",
    ),
    _metric(
        "ieac_date",
        ("Finish at the pace so far", "これまでのペースでの完了日"),
        (
            "Start plus planned duration divided by the pace index in time.",
            "開始日に「計画期間÷SPI(t)」を加えた日。",
        ),
        _finish(lambda s: es.ieac_days(s.plan, s.index)),
        unit="date",
        rung="funded",
    ),
    _metric(
        "ieac_on_plan_date",
        ("Finish if the rest goes to plan", "残りが計画どおりの場合の完了日"),
        (
            "The day described plus the planned duration not yet earned.",
            "対象日に未達成の計画期間を加えた日。",
        ),
        _finish(lambda s: es.ieac_on_plan_days(s.plan, s.earned_days, s.elapsed)),
        unit="date",
        rung="funded",
    ),
    _metric(
        "tspi",
        ("Pace index needed", "必要なスケジュール効率（TSPI）"),
        (
            "Planned duration not yet earned divided by the time left. Above 1.10 it is by "
            "experience hard to recover.",
            "未達成の計画期間を残り期間で割った指数。経験上1.10を超えると回復は難しい。",
        ),
        _scheduled(lambda s: es.tspi(s.plan, s.earned_days, elapsed_days=s.elapsed)),
        unit="ratio",
        rung="funded",
    ),
    _metric(
        "sector_share",
        ("Sector's share of selected", "選定額に占める分野の割合"),
        (
            "Selected amount of a sector divided by all selected, beside the published range. "
            "Needs a sector.",
            "分野の選定額を選定総額で割った割合。公表された範囲と並べて示す。分野の指定が必要。",
        ),
        sector_share,
        unit="fraction",
        rung="selected",
    ),
    _metric(
        "instrument_share",
        ("Instrument's share of signed", "締結額に占める手段の割合"),
        (
            "Signed amount of an instrument divided by all signed, beside the published range. "
            "Needs an instrument.",
            "手段別の締結額を締結総額で割った割合。公表された範囲と並べて示す。手段の指定が必要。",
        ),
        instrument_share,
        unit="fraction",
        rung="signed",
    ),
)
BY_KEY = {metric.key: metric for metric in METRICS}


def progress(record: CommitmentRecord, scope: Scope = WHOLE) -> dict[str, dict[str, Any]]:
    """Every metric as answers give it, by key: the body of pages, answers and snapshots."""
    return {m.key: figure_json(m, evaluate(m, record, scope)) for m in METRICS}


def figure_json(metric: Metric, figure: Figure) -> dict[str, Any]:
    """Return a figure as plain data: decimal strings, and a reason where there is no value."""
    bounds = figure.bounds
    return {
        "value": figure.text if metric.unit == "date" else shown(bounds.value, metric.unit),
        "low": shown(bounds.low, metric.unit),
        "high": shown(bounds.high, metric.unit),
        "unit": metric.unit,
        "rung": metric.rung,
        "reason": None if figure.reason is None else str(figure.reason),
        "note": figure.note,
        "unstated_count": figure.unstated_count,
    }


def shown(number: Decimal | None, unit: str) -> str | None:
    """Return a number as a decimal string: cents for money, whole days, six places for ratios."""
    if number is None:
        return None
    if unit.startswith("usd"):
        return str(cents(number))
    if unit == "days":
        return str(number if number == number.to_integral_value() else round(number, 1))
    return str(round(number, 6))
