"""Every metric: its key, names, definition, unit, rung and function."""

from collections.abc import Iterable

from commitments.calculations.metric import (
    Metric,
)
from projects.metrics.define import define
from projects.metrics.financing import (
    covered_usd,
    gross_usd,
    instrument_share,
    net_usd,
    selected_less_signed,
)
from projects.metrics.notices import (
    last_safe_notice_date,
    late_notices_count,
    open_notices_count,
    still_to_be_noticed_usd,
    unfunded_noticed_usd,
)
from projects.metrics.pace_metrics import BUDGET, pace_metrics
from projects.metrics.performance import RETURNS
from projects.metrics.rungs import on_rung, share_of_target
from projects.metrics.shares import sector_share
from projects.metrics.terms import (
    business_days_left,
    days_elapsed,
    days_left,
    days_total,
    target_usd,
    time_used_share,
)
from projects.selectors import CASH_RUNGS
from projects.selectors.pace import RUNGS as PACE_RUNGS

VERSIONS = {"noticed": 3}  # declined notices left out, then declined parts of them


_RUNGS = (
    (
        "candidate",
        ("Candidate", "候補"),
        (
            "Open candidates named by companies or governments. One continued by a project that "
            "is firmer, or was turned down since, is no longer open. A source's wish to keep a "
            "candidate out of totals concerns the firmer stages, not this list. Mostly ceilings.",
            "企業または政府が挙げた、未決の候補。より確かな案件に引き継がれたもの、引き継いだ案件が"
            "その後見送られたものは含めない。資料が合計から除くとした候補も、除かれるのは確度の高い"
            "段階の合計であり、この一覧には含む。多くは上限額。",
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
        (
            "Amounts called by funding notices, less what was declined of them.",
            "拠出通知（キャピタルコール）で請求された額。辞退されたものを除く。",
        ),
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
        version = VERSIONS.get(rung, 1)
        yield define(f"{rung}_usd", name, definition, on_rung(rung), rung=rung, version=version)


def _share_metrics() -> Iterable[Metric]:
    for rung, name, _ in _RUNGS:
        if rung in ("selected", "signed", *CASH_RUNGS[:2]):
            yield define(
                f"{rung}_share",
                (f"{name[0]}, share of the target", f"{name[1]}の対目標比率"),
                (
                    f"{name[0]} amount divided by the target, low and high apart.",
                    f"{name[1]}額を目標額で割った比率。下限・上限は別々に計算する。",
                ),
                share_of_target(rung),
                unit="fraction",
                rung=rung,
            )


METRICS: tuple[Metric, ...] = (
    define(
        "target_usd",
        ("Target", "目標額"),
        (
            "The amount of the commitment. US texts give it flat, Japan's as “up to”.",
            "コミットメントの総額。米国側の文書は定額、日本側は「最大」と記す。",
        ),
        target_usd,
    ),
    define(
        "days_total",
        ("Days in all", "全期間の日数"),
        ("Days from the start to the deadline.", "開始日から期限までの日数。"),
        days_total,
        unit="days",
    ),
    define(
        "days_elapsed",
        ("Days used", "経過日数"),
        ("Days from the start to the day described.", "開始日から対象日までの日数。"),
        days_elapsed,
        unit="days",
    ),
    define(
        "days_left",
        ("Days left", "残り日数"),
        (
            "Days from the day described to the deadline, which itself counts. Negative after it.",
            "対象日から期限まで（期限当日を含む）の日数。期限後は負。",
        ),
        days_left,
        unit="days",
    ),
    define(
        "time_used_share",
        ("Time used", "期間の経過率"),
        ("Days used divided by days in all.", "経過日数を全期間の日数で割った比率。"),
        time_used_share,
        unit="fraction",
    ),
    define(
        "business_days_left",
        ("Business days left", "残り営業日数"),
        (
            "Business days after the day described, up to and including the deadline, by the "
            "calendar of the terms.",
            "対象日の翌日から期限までの営業日数。合意の条件が定める暦による。",
        ),
        business_days_left,
        unit="days",
    ),
    *_rung_metrics(),
    define(
        "guaranteed_usd",
        ("Guaranteed", "保証"),
        (
            "Cover in force, less the claims paid under it: exposure, not cash, beside the ladder "
            "and never summed with it. Unknown cover is not stated, not zero.",
            "有効な保証・保険の額から、その下で支払われた保証履行額を引いた残高。現金ではなく"
            "エクスポージャーであり、段とは合算しない。不明な保証は「記載なし」でゼロではない。",
        ),
        covered_usd,
        rung="guaranteed",
        version=4,  # less the claims paid under it
    ),
    *_share_metrics(),
    BUDGET,
    *pace_metrics("funded"),
    define(
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
        splits_by="sector",
    ),
    define(
        "financed_gross_usd",
        ("Financed, gross", "締結額（総額）"),
        (
            "Everything signed plus the cover in force on it, less the claims paid under that: a "
            "covered loan counts as a loan and as a guarantee, as the published shares do. "
            "Exposure, not cash.",
            "締結済みの契約額に、それに付された保証・保険の残高（支払われた保証履行額を除く）を加えた総額。付保された融資は融資としても"
            "保証としても数える（公表された割合と同じ数え方）。エクスポージャーであり現金ではない。",
        ),
        gross_usd,
        version=3,  # cover less the claims paid under it
    ),
    define(
        "covered_usd",
        ("Covered", "付保額"),
        (
            "Cover in force that is linked to a signed financing, less the claims paid under it: "
            "the overlap of loans and guarantees. Financings whose cover is unknown are counted as "
            "not stated.",
            "締結済みの契約に付された有効な保証・保険の残高（支払われた保証履行額を除く）。融資と保証の重複部分にあたる。付保の有無が"
            "不明な契約は「記載なし」として数える。",
        ),
        covered_usd,
        rung="guaranteed",
        version=3,
    ),
    define(
        "financed_net_usd",
        ("Financed, net of overlap", "締結額（重複を除く純額）"),
        (
            "Everything signed, a covered loan once. Gross less covered, to the cent.",
            "締結済みの契約額。付保された融資は一度だけ数える。総額から付保額を引いた額に等しい。",
        ),
        net_usd,
        rung="signed",
        version=2,
    ),
    define(
        "selected_less_signed_usd",
        ("Selected less signed", "選定額と締結額の差"),
        (
            "Selected amount less the signed, at low and at high: what no signed agreement gives "
            "an instrument; below zero where more is signed than selected. It compares two rungs. "
            "Selected with the instrument not stated is another figure: selections name no "
            "instruments, so all that is selected stands there, signed or not.",
            "選定額から締結額を引いた額（下限・上限別）。締結済みの契約で手段が示されていない部分にあたり、"
            "締結額が選定額を上回れば負となる。二つの段を比べた差額である。選定額の「手段の記載なし」とは"
            "異なる。選定では手段が示されないため、締結の有無を問わず選定額の全額がそこに入る。",
        ),
        selected_less_signed,
        rung="selected",
    ),
    define(
        "instrument_share",
        ("Instrument's share of gross financing", "締結総額に占める手段の割合"),
        (
            "Gross amount of an instrument divided by the gross of all: signed agreements and the "
            "cover on them, a covered loan counted twice as the published ranges beside it do. "
            "Not stated while the cover is unknown. Needs an instrument.",
            "手段別の総額を締結総額で割った割合。総額は締結済みの契約に保証・保険の額を加えたもので、"
            "併記する公表範囲と同じく付保された融資を二重に数える。付保の額が不明な間は「記載なし」。"
            "手段の指定が必要。",
        ),
        instrument_share,
        unit="fraction",
        version=2,  # of the gross amount, as published, no longer of the signed alone
        splits_by="instrument",
    ),
    define(
        "open_notices_count",
        ("Open notices", "未了の拠出通知"),
        (
            "Funding notices on which money is still awaited, late ones included.",
            "入金が完了していない拠出通知の件数。遅延中のものを含む。",
        ),
        open_notices_count,
        unit="count",
        rung="noticed",
    ),
    define(
        "late_notices_count",
        ("Late notices", "遅延中の拠出通知"),
        (
            "Open notices past their due date, each under the reading it was recorded with: its "
            "own, else that of the terms. Where that reading gives no due date, nothing is late.",
            "期日を過ぎても入金が完了していない拠出通知の件数。期日は、通知自体が示す解釈、"
            "示さない場合は記録時の条項の解釈による。期日が定まらない場合、遅延とはしない。",
        ),
        late_notices_count,
        unit="count",
        rung="noticed",
        version=2,  # by the reading each notice was recorded with
    ),
    define(
        "unfunded_noticed_usd",
        ("Noticed, not yet funded", "通知済み・未拠出額"),
        (
            "What open notices call, less what was received on them.",
            "未了の拠出通知の請求額から、これまでの入金額を引いた額。",
        ),
        unfunded_noticed_usd,
        rung="noticed",
    ),
    define(
        "still_to_be_noticed_usd",
        ("Still to be noticed", "今後通知が必要な額"),
        (
            "The target less all that was noticed; negative when more was noticed.",
            "目標額から通知済み額を引いた額。通知が目標を上回れば負となる。",
        ),
        still_to_be_noticed_usd,
        rung="noticed",
    ),
    define(
        "last_safe_notice_date",
        ("Last safe day of notice", "安全な通知の最終日"),
        (
            "The last day on which a notice can be received so that its window of business "
            "days ends by the deadline.",
            "営業日の期間が期限までに満了するために、通知を受け取るべき最終日。",
        ),
        last_safe_notice_date,
        unit="date",
        rung="noticed",
        version=2,
    ),
    *RETURNS,
)
BY_KEY = {metric.key: metric for metric in METRICS}
_ON_RUNGS = {(m.key, rung): m for rung in PACE_RUNGS for m in pace_metrics(rung)}


def metric_on(key: str, rung: str | None) -> Metric | None:
    """The metric of a key on a rung, or on its own where none is asked for; None for no such.

    The pace of a part is told on every rung that something comes to by day;
    each other metric has one rung or none.
    """
    found = BY_KEY.get(key)
    if rung is None or (found is not None and found.rung == rung):
        return found
    return _ON_RUNGS.get((key, rung))
