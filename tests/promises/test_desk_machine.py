"""The desk against a plain model: whatever two people do in whatever order, the sums agree."""

from collections import defaultdict
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from commitments.models import Revision
from commitments.services.cases import (
    CaseRefused,
    approve_case,
    draft_case,
    return_case,
    submit_case,
)
from projects.metrics import BY_KEY, evaluate
from projects.models import LedgerEntry
from projects.services.entries import stored_entries
from projects.services.verification import verify_ledger
from tests.builders import (
    COMMITMENT,
    LENDER_DOCUMENT,
    LENDER_RELEASE,
    evidence_of,
    make_notice,
    make_project,
    make_register,
    reading,
    record,
)
from tests.desk import make_people

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
cents = st.integers(min_value=1, max_value=700).map(lambda n: Decimal(n) / 100)
SELECTED = Decimal(10)
DAYS = ("2026-06-01", "2026-06-02")
EXCUSE = "agreed by both sides"


@dataclass
class Row:
    """One notice or entry as posted: of which project, how much, and whether for a reason."""

    project: str
    amount: Decimal
    forced: bool
    kind: str = "notice"
    day: str = ""
    notice: str | None = None


def passes(rows: Iterable[Row], limit: Decimal) -> bool:
    """Whether a row without a reason, in the order of posting, brings the sum beyond a limit."""
    sum_ = Decimal(0)
    for row in rows:
        sum_ += row.amount
        if sum_ > limit and not row.forced:
            return True
    return False


def spends(went: list[Row], came: list[Row]) -> bool:
    """Whether by some day more was paid on, without a reason, than came by then."""
    return any(
        passes(
            (row for row in went if row.day <= day),
            sum((row.amount for row in came if row.day <= day), Decimal(0)),
        )
        for day in DAYS
    )


@dataclass
class Model:
    """What is on record: amounts by project, and the notices and entries as they were posted."""

    selected: dict[str, Decimal] = field(default_factory=dict)
    signed: defaultdict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    notices: dict[str, Row] = field(default_factory=dict)
    entries: dict[str, Row] = field(default_factory=dict)
    reversed: set[str] = field(default_factory=set)
    astray: set[str] = field(default_factory=set)  # receipts through another instrument
    let_through: dict[str, Decimal] = field(default_factory=dict)  # beyond each limit, for a reason
    lowered: bool = False  # whether the last posting took a limit from under what was let through

    def cash(self, kind: str, **of: str) -> list[Row]:
        """What stands of a kind, of a project or on a notice, in the order of posting."""
        return [
            row
            for ref, row in self.entries.items()
            if row.kind == kind and ref not in self.reversed
            if all(getattr(row, name) == value for name, value in of.items())
        ]

    def total(self, kind: str) -> Decimal:
        return sum((row.amount for row in self.cash(kind)), Decimal(0))

    def beyond(self, project: str) -> dict[str, Decimal]:
        """How far each limit of a project is passed."""
        calls = {ref: row.amount for ref, row in self.notices.items() if row.project == project}
        noticed = sum(calls.values(), Decimal(0))
        came, went = (
            sum((row.amount for row in self.cash(kind, project=project)), Decimal(0))
            for kind in ("funding", "disbursement")
        )
        found = {
            f"noticed {project}": noticed - self.selected[project],
            f"funded {project}": came - noticed,
            f"disbursed {project}": went - came,
        }
        for ref, most in calls.items():
            received, paid = (
                sum((r.amount for r in self.cash(kind, notice=ref)), Decimal(0))
                for kind in ("funding", "disbursement")
            )
            found[ref] = received - most
            found[f"paid on of {ref}"] = paid - received
        return {limit: max(amount, Decimal(0)) for limit, amount in found.items()}

    def posted(self, project: str, *, forced: bool) -> None:
        """Note what is let through its limits after a posting; one without a reason adds nothing."""
        self.lowered = False
        for limit, amount in self.beyond(project).items():
            most = amount if forced else self.let_through.get(limit, Decimal(0))
            self.lowered |= amount > most
            self.let_through[limit] = min(amount, most)

    def breaks(self, project: str) -> bool:
        """Whether a limit of a project is passed, on any day, by what carries no excuse."""
        calls = {ref: row for ref, row in self.notices.items() if row.project == project}
        noticed = sum((call.amount for call in calls.values()), Decimal(0))
        came, went = (self.cash(kind, project=project) for kind in ("funding", "disbursement"))
        return (
            self.lowered
            or bool(self.astray - self.reversed)
            or self.signed[project] > self.selected[project]
            or passes(calls.values(), self.selected[project])
            or passes(came, noticed)
            or spends(went, came)
            or any(
                spends(*(self.cash(kind, notice=ref) for kind in ("disbursement", "funding")))
                for ref in calls
            )
            or any(passes(self.cash("funding", notice=ref), calls[ref].amount) for ref in calls)
        )


@dataclass
class Proposal:
    """One case: what it says, what it would do to the model, and how it stands."""

    case: Any
    what: str
    project: str
    ref: str
    amount: Decimal
    kind: str = ""
    forced: bool = False
    notice: str | None = None
    instrument: str = "loan"
    day: str = ""
    state: str = "draft"
    base: int = 0


class Desk(RuleBasedStateMachine):
    """An editor and an administrator propose, an approver decides."""

    @initialize()
    def open(self) -> None:
        self.undo = transaction.atomic()
        self.undo.__enter__()
        make_register()
        record({"document": [LENDER_DOCUMENT]})
        record(make_project("prj-0", low="10.00", high="10.00"))
        self.editor, self.approver, self.administrator = make_people(
            "editor", "approver", "administrator"
        )
        self.model = Model(selected={"prj-0": SELECTED})
        self.proposals: list[Proposal] = []
        self.posted: dict[tuple[str, str], int] = {}
        self.agreed: tuple[int, int, int] | None = None  # what was on record at the last look

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)

    def propose(self, changes: list[dict[str, Any]], **values: Any) -> None:
        proposal = Proposal(case=None, **values)
        actor = self.administrator if proposal.forced else self.editor
        proposal.case = draft_case(changes, title=proposal.ref, actor=actor)
        self.proposals.append(proposal)

    def ref(self, what: str) -> str:
        return f"{what}-{len(self.proposals)}"

    @precondition(lambda self: len(self.proposals) < 12)
    @rule()
    def create_a_project(self) -> None:
        slug = self.ref("prj-new")
        made = make_project(slug, low="10.00", high="10.00")
        changes = [{"kind": kind, "data": row} for kind, rows in made.items() for row in rows]
        self.propose(changes, what="project", project=slug, ref=slug, amount=SELECTED)

    @rule(data=st.data(), amount=cents)
    def split_a_project(self, data: Any, amount: Decimal) -> None:
        project, ref = self.a_project(data), self.ref("fin")
        claim = make_project(project, low=str(amount), high=str(amount))["claim"][0]
        financing = {
            "ref": ref,
            "commitment": COMMITMENT,
            "instrument": data.draw(st.sampled_from(("loan", "equity"))),
            "signed_on": "2026-05-01",
            "projects": [project],
            "document": LENDER_RELEASE,
        }
        signed = {
            **claim,
            "ref": f"clm-{ref}",
            "subject": f"financing:{ref}",
            "aspect": "amount.signed",
        }
        changes = [{"kind": "financing", "data": financing}, {"kind": "claim", "data": signed}]
        self.propose(changes, what="split", project=project, ref=ref, amount=amount)

    @rule(data=st.data(), amount=cents)
    def select_another_amount(self, data: Any, amount: Decimal) -> None:
        project = self.a_project(data)
        claim = make_project(project, low=str(amount), high=str(amount))["claim"][0]
        given = {"what": "selection", "project": project, "ref": claim["ref"], "amount": amount}
        self.propose([{"kind": "claim", "data": claim}], **given)

    @rule(data=st.data(), amount=cents, forced=st.booleans())
    def call_for_money(self, data: Any, amount: Decimal, forced: bool) -> None:
        project, ref = self.a_project(data), self.ref("ntc")
        reason = EXCUSE if forced else ""
        notice = make_notice(project, str(amount), ref=ref, number=ref, override_reason=reason)
        changes = [{"kind": "fundingnotice", "data": notice}]
        given = {"what": "notice", "project": project, "ref": ref, "amount": amount}
        self.propose(changes, **given, forced=forced)

    @rule(
        data=st.data(),
        amount=cents,
        kind=st.sampled_from(("funding", "disbursement")),
        forced=st.booleans(),
        day=st.sampled_from(DAYS),
    )
    def move_money(self, data: Any, amount: Decimal, kind: str, forced: bool, day: str) -> None:
        project, ref = self.a_project(data), self.ref("led")
        own = [n for n, row in self.model.notices.items() if row.project == project]
        notice = data.draw(st.sampled_from([None, *own]))
        instrument = data.draw(st.sampled_from(("loan", "equity")))
        entry = {
            "ref": ref,
            "commitment": COMMITMENT,
            "project": project,
            "instrument": instrument,
            "kind": kind,
            "notice": notice,
            "value_date": day,
            "amount_usd": str(amount),
            "document": evidence_of(kind),
            "override_reason": EXCUSE if forced else "",
        }
        self.propose(
            [{"kind": "ledgerentry", "data": entry}],
            **{"what": "entry", "project": project, "ref": ref, "amount": amount, "kind": kind},
            **{"forced": forced, "notice": notice, "instrument": instrument, "day": day},
        )

    @precondition(lambda self: self.model.entries)
    @rule(data=st.data())
    def reverse_an_entry(self, data: Any) -> None:
        of = data.draw(st.sampled_from(sorted(self.model.entries)))
        row = self.model.entries[of]
        amount, ref = row.amount, self.ref("rev")
        opposite = {
            **stored_entries([of])[of],
            "ref": ref,
            "reverses": of,
            "amount_usd": str(-amount),
            "amount": str(-amount),
            "override_reason": "",
        }
        self.propose(
            [{"kind": "ledgerentry", "data": opposite}],
            **{"what": f"reversal:{of}", "project": row.project, "ref": ref, "amount": -amount},
        )

    def a_project(self, data: Any) -> str:
        return str(data.draw(st.sampled_from(sorted(self.model.selected))))

    def one(self, data: Any, *states: str) -> Proposal | None:
        found = [p for p in self.proposals if p.state in states]
        return data.draw(st.sampled_from(found)) if found else None

    @precondition(lambda self: any(p.state == "draft" for p in self.proposals))
    @rule(data=st.data())
    def submit(self, data: Any) -> None:
        proposal = self.one(data, "draft")
        assert proposal is not None
        actor = self.administrator if proposal.forced else self.editor
        expected = self.foreseen(proposal, "submitted")
        if proposal.forced and self.foreseen(replace(proposal, forced=False), "") == "":
            expected = "rules"  # a reason is given where none is needed
        self.expect(
            expected,
            lambda: submit_case(
                proposal.case.pk, actor=actor, version=proposal.case.version, now=NOW
            ),
            proposal,
        )
        proposal.base = Revision.objects.count()

    @precondition(lambda self: any(p.state == "submitted" for p in self.proposals))
    @rule(data=st.data())
    def send_back(self, data: Any) -> None:
        proposal = self.one(data, "submitted")
        assert proposal is not None
        proposal.case = return_case(
            proposal.case.pk,
            **{"actor": self.approver, "version": proposal.case.version, "now": NOW},
            reason="read the notice again",
        )
        proposal.state = "draft"

    @precondition(lambda self: any(p.state == "submitted" for p in self.proposals))
    @rule(data=st.data())
    def approve(self, data: Any) -> None:
        proposal = self.one(data, "submitted")
        assert proposal is not None
        expected = self.foreseen(proposal, "approved")
        is_fact = proposal.what in ("notice", "selection", "split")
        if self.posted.get(proposal.project, 0) > proposal.base:
            expected = "changed"
        self.expect(expected, lambda: self.decide(proposal), proposal)
        if proposal.state == "approved":
            self.apply(proposal)
            if is_fact:  # facts about one project stand beside each other
                self.posted[proposal.project] = Revision.objects.count()

    def decide(self, proposal: Proposal, version: int | None = None) -> Any:
        version = version or proposal.case.version
        return approve_case(proposal.case.pk, actor=self.approver, version=version, now=NOW)

    @precondition(lambda self: any(p.state == "approved" for p in self.proposals))
    @rule(data=st.data())
    def approve_again(self, data: Any) -> None:
        proposal = self.one(data, "approved")
        assert proposal is not None
        for version, code in ((proposal.case.version, "state"), (1, "stale")):
            with pytest.raises(CaseRefused) as refused, transaction.atomic():
                self.decide(proposal, version)
            assert refused.value.code == code

    @precondition(lambda self: any(p.state == "approved" for p in self.proposals))
    @rule(data=st.data())
    def send_the_same_again(self, data: Any) -> None:
        """What is on record already is no change: a second case of the same posts nothing."""
        proposal = self.one(data, "approved")
        assert proposal is not None
        if proposal.what == "selection" and self.model.selected[proposal.project] != (
            proposal.amount
        ):
            return  # another amount was selected since
        same = [{"kind": c["kind"], "data": c["data"]} for c in proposal.case.changes]
        actor = self.administrator if proposal.forced else self.editor
        case = draft_case(same, title="again", actor=actor)
        with pytest.raises(CaseRefused, match="Nothing in this case differs"), transaction.atomic():
            submit_case(case.pk, actor=actor, version=case.version, now=NOW)

    def foreseen(self, proposal: Proposal, done: str) -> str:
        """What should come of a step by the model: its code, or the state the case reaches."""
        if proposal.what.removeprefix("reversal:") in self.model.reversed:
            return "records"
        if proposal.what == "project":
            return done
        if proposal.what == "selection" and (
            self.model.selected[proposal.project] == proposal.amount
        ):
            return "records"
        before = self.snapshot()
        self.apply(proposal)
        breaks = self.model.breaks(proposal.project)
        self.model = before
        return "rules" if breaks else done

    def snapshot(self) -> Model:
        return deepcopy(self.model)

    def apply(self, p: Proposal) -> None:
        model = self.model
        if p.what == "project" or p.what == "selection":
            model.selected[p.project] = p.amount
        elif p.what == "split":
            model.signed[p.project] += p.amount
        elif p.what == "notice":
            model.notices[p.ref] = Row(p.project, p.amount, p.forced)
        elif p.what == "entry":
            model.entries[p.ref] = Row(p.project, p.amount, p.forced, p.kind, p.day, p.notice)
            is_receipt = p.kind == "funding" and p.notice is not None
            if is_receipt and not p.forced and p.instrument != "loan":
                model.astray.add(p.ref)
        else:
            model.reversed.add(p.what.removeprefix("reversal:"))
        model.posted(p.project, forced=p.forced)

    def expect(self, expected: str, act: Any, proposal: Proposal) -> None:
        """Take a step; it must end as the model says, and leave nothing when refused."""
        revisions = Revision.objects.count()
        try:
            with transaction.atomic():
                proposal.case = act()
            found = proposal.state = str(proposal.case.state)
        except CaseRefused as refused:
            found = refused.code
            assert Revision.objects.count() == revisions
        assert found == expected, proposal

    @invariant()
    def sums_agree(self) -> None:
        """Look after each step that posted, or was to; the others leave all of it as it was."""
        approved = sum(p.state == "approved" for p in self.proposals)
        stands = (Revision.objects.count(), LedgerEntry.objects.count(), approved)
        if stands == self.agreed:
            return
        self.agreed = stands
        found, model = reading(), self.model
        noticed = sum((row.amount for row in model.notices.values()), Decimal(0))
        sums = {
            "selected_usd": sum(model.selected.values(), Decimal(0)),
            "signed_usd": sum(model.signed.values(), Decimal(0)),
            "noticed_usd": noticed,
            "funded_usd": model.total("funding"),
            "disbursed_usd": model.total("disbursement"),
        }
        assert {key: evaluate(BY_KEY[key], found).bounds.value for key in sums} == sums
        verdict = verify_ledger(lambda _percent: None)
        assert verdict.findings == ()
        assert verdict.entries == LedgerEntry.objects.count()


def test_whatever_two_people_do_the_register_agrees_with_a_plain_model():
    run_state_machine_as_test(
        Desk,
        settings=settings(
            max_examples=6,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
