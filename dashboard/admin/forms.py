"""The form an editor enters a project approval with."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.forms.formsets import BaseFormSet, formset_factory
from django.forms.utils import ErrorDict
from django.http import QueryDict
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from commitments.calculations.point import PointInTime
from commitments.models import Claim, Commitment, Document, Institution, Instrument, Sector
from dashboard.admin.fields import (
    A_DAY,
    Chooser,
    DayField,
    DollarField,
    PlainTextField,
    SlugNameField,
    StatesField,
    web_address,
)
from projects.models import Financing, FinancingProvider, Project, StageEvent
from projects.services.decision_records import TERMS, parts_of
from projects.services.decisions import (
    DECISION_KINDS,
    DOCUMENT_KINDS,
    Agreement,
    NewDocument,
    NewProject,
    ProjectDecision,
    Source,
    amount_problems,
    decision_problems,
)

LONG = {"class": "vLargeTextField", "rows": 3}
WIDE = {"class": "vTextField"}
FIELDSETS = (
    (_("Project"), ("project",), _("Choose a project on record, or describe a new one below.")),
    (
        _("New project"),
        (
            "commitment",
            "new_project_slug",
            "new_project_name",
            "new_project_name_ja",
            "new_project_sector",
            "new_project_states",
        ),
        None,
    ),
    (_("Decision"), ("kind", "occurred_on"), None),
    (
        _("Amount, US dollars"),
        ("qualifier", "low", "high"),
        _("An open end is “up to” (no low) or “more than” (no high)."),
    ),
    (_("Evidence"), ("document",), _("Choose a document on record, or enter a new one below.")),
    (
        _("New document"),
        (
            "new_document_slug",
            "new_document_title",
            "new_document_kind",
            "new_document_side",
            "new_document_issuer",
            "new_document_date",
            "new_document_precision",
            "new_document_url",
            "new_document_no_url",
            "new_document_access",
        ),
        _("For an illustrative commitment it is recorded as a fictional document."),
    ),
    (_("What it says"), ("who", "rank", "locator", "note"), None),
)
AGREEMENTS_AFTER = 4  # fieldsets
LABELS = {
    "project": _("Project"),
    "commitment": _("Commitment"),
    "new_project_slug": _("Identifier"),
    "new_project_name": _("Name, English"),
    "new_project_name_ja": _("Name, Japanese"),
    "new_project_sector": _("Sector"),
    "new_project_states": _("States"),
    "kind": _("Decision"),
    "occurred_on": _("Date of the decision"),
    "qualifier": _("How the amount is stated"),
    "low": _("Low end"),
    "high": _("High end"),
    "document": _("Document"),
    "new_document_slug": _("Identifier"),
    "new_document_title": _("Title"),
    "new_document_kind": _("Kind of document"),
    "new_document_side": _("Side"),
    "new_document_issuer": _("Issuer"),
    "new_document_date": _("Date"),
    "new_document_precision": _("Precision of the date"),
    "new_document_url": _("Address"),
    "new_document_no_url": _("No address on record"),
    "new_document_access": _("How it was accessed"),
    "who": _("Who said it"),
    "rank": _("Rank of the evidence"),
    "locator": _("Where it says so"),
    "note": _("Note"),
}
RANKS = [choice for choice in Claim.Rank.choices if choice[0] != Claim.Rank.DERIVED]
QUALIFIERS = [
    choice for choice in Claim.Qualifier.choices if choice[0] != Claim.Qualifier.ILLUSTRATIVE
]
SPARE_LINES, MOST_LINES = 2, 20
NEW_PROJECT = ("slug", "name")
NEW_DOCUMENT = ("slug", "title", "kind", "side", "issuer", "date")


class AgreementForm(forms.Form):
    """One line: a financing agreement signed."""

    instrument = forms.ModelChoiceField(Instrument.objects.all(), label=_("Instrument"))
    lender = forms.ModelChoiceField(
        Institution.objects.all(),
        required=False,
        label=_("Lender"),
        widget=Chooser(FinancingProvider, "institution"),
    )
    amount_usd = DollarField(
        required=False,
        label=_("Amount, US dollars"),
        help_text=_("Empty: what the other agreements leave of the amount."),
    )
    cover_status = forms.ChoiceField(
        choices=Financing.CoverStatus.choices,
        initial=Financing.CoverStatus.NOT_STATED,
        label=_("Cover"),
        help_text=_(
            "Insured or guaranteed by NEXI or another. The cover itself is a line of the case."
        ),
    )
    benchmark = PlainTextField(
        max_length=60, required=False, label=_("Benchmark"), help_text=_("Like six-month SOFR.")
    )
    spread_bps = forms.IntegerField(
        min_value=0, max_value=10_000, required=False, label=_("Spread, basis points")
    )
    tenor_months = forms.IntegerField(
        min_value=1, max_value=1200, required=False, label=_("Tenor, months")
    )
    repayment = PlainTextField(
        max_length=200, required=False, label=_("Repayment"), help_text=_("As the source puts it.")
    )

    def agreement(self) -> Agreement:
        """The line as entered; call when it is valid."""
        return Agreement(**self.cleaned_data)


class SourceForm(forms.Form):
    """One line: a further document that speaks of the amount."""

    document = forms.ModelChoiceField(
        Document.objects.all(), label=_("Document"), widget=Chooser(StageEvent, "document")
    )
    who = PlainTextField(max_length=200, label=_("Who said it"), widget=forms.TextInput(WIDE))
    rank = forms.TypedChoiceField(
        choices=[("", "---------"), *RANKS], coerce=int, label=_("Rank of the evidence")
    )
    locator = PlainTextField(
        max_length=4000, label=_("Where it says so"), widget=forms.Textarea(LONG)
    )
    qualifier = forms.ChoiceField(
        choices=QUALIFIERS,
        initial=Claim.Qualifier.NOT_STATED,
        label=_("Another amount"),
        help_text=_("“Not stated” with both ends empty: the same amount."),
    )
    low = DollarField(required=False, label=_("Low end"))
    high = DollarField(required=False, label=_("High end"))

    def source(self) -> Source:
        """The line as entered; call when it is valid."""
        return Source(**self.cleaned_data)


class Lines(BaseFormSet):
    """Lines of one kind; those left as they were are none."""

    heading: Any = ""
    each: Any = ""
    about: Any = ""
    rows: tuple[Any, ...] = ()

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        return {**super().get_form_kwargs(index), "label_suffix": "", "empty_permitted": True}

    @property
    def fieldsets(self) -> list[tuple[forms.Form, list[tuple[Any, dict[str, Any]]]]]:
        """Each line with a heading of its own, the first with what the lines are for."""
        return [
            (
                form,
                [
                    (
                        f"{self.heading}: {self.each} 1" if n == 0 else f"{self.each} {n + 1}",
                        {"fields": self.rows, "description": self.about if n == 0 else None},
                    )
                ],
            )
            for n, form in enumerate(self.forms)
        ]

    @property
    def entered(self) -> list[tuple[int, Any]]:
        """The lines a person wrote in, with their places."""
        return [(n, form) for n, form in enumerate(self.forms) if form.has_changed()]


class Agreements(Lines):
    heading = _("Financing agreements, for signed financing only")
    each = _("Agreement")
    about = _(
        "One line an agreement. Together they make up the amount; one may be left without an "
        "amount and stands for the rest."
    )
    rows = (
        ("instrument", "lender", "amount_usd"),
        ("cover_status", "benchmark", "spread_bps", "tenor_months"),
        "repayment",
    )


class Sources(Lines):
    heading = _("Further sources")
    each = _("Source")
    about = _(
        "Other documents that give the amount, or another amount: each becomes a claim beside "
        "the first."
    )
    rows = (("document", "who", "rank"), "locator", ("qualifier", "low", "high"))


def with_more_lines(posted: QueryDict) -> QueryDict:
    """Return what was posted with room for more lines of each kind."""
    data = posted.copy()
    for name in PARTS:
        count = f"{name}-TOTAL_FORMS"
        had = int(data[count]) if str(data.get(count, "")).isdecimal() else 0
        data[count] = str(min(had + SPARE_LINES, MOST_LINES))
    return data


class ProjectApprovalForm(forms.Form):
    """A decision on a project with its amount and its evidence, all errors at once."""

    project = forms.ModelChoiceField(
        Project.objects.all(), required=False, widget=Chooser(StageEvent, "project")
    )
    commitment = forms.ModelChoiceField(Commitment.objects.all(), required=False)
    new_project_slug = SlugNameField(
        prefixes=("prj-", "cnd-"),
        required=False,
        help_text=_("Never changes; like prj-nv-lithium."),
    )
    new_project_name = PlainTextField(max_length=200, required=False, widget=forms.TextInput(WIDE))
    new_project_name_ja = PlainTextField(
        max_length=200, required=False, widget=forms.TextInput(WIDE)
    )
    new_project_sector = forms.ModelChoiceField(
        Sector.objects.all(), required=False, help_text=_("Empty: not stated.")
    )
    new_project_states = StatesField(
        required=False, max_length=200, help_text=_("Postal codes, like NV or OH, TX.")
    )
    kind = forms.ChoiceField(choices=[(k, StageEvent.Kind(k).label) for k in DECISION_KINDS])
    occurred_on = DayField(
        help_text=format_lazy("{} {}", _("The day it happened; never in the future."), A_DAY)
    )
    qualifier = forms.ChoiceField(choices=QUALIFIERS)
    low = DollarField(required=False)
    high = DollarField(required=False)
    document = forms.ModelChoiceField(
        Document.objects.all(), required=False, widget=Chooser(StageEvent, "document")
    )
    new_document_slug = SlugNameField(
        prefixes=("doc-",), required=False, help_text=_("Like doc-commerce-2026-11-02.")
    )
    new_document_title = PlainTextField(
        max_length=400, required=False, widget=forms.TextInput(WIDE)
    )
    new_document_kind = forms.ChoiceField(
        choices=[("", "---------"), *((k, k.replace("_", " ")) for k in DOCUMENT_KINDS)],
        required=False,
    )
    new_document_side = forms.ChoiceField(
        choices=[("", "---------"), *Document.Side.choices], required=False
    )
    new_document_issuer = PlainTextField(
        max_length=300, required=False, widget=forms.TextInput(WIDE)
    )
    new_document_date = DayField(required=False)
    new_document_precision = forms.ChoiceField(
        choices=[c for c in Document.Precision.choices if c[0] != Document.Precision.UNDATED],
        required=False,
        initial=Document.Precision.DAY,
    )
    new_document_url = web_address(required=False, widget=forms.URLInput(WIDE))
    new_document_no_url = forms.BooleanField(
        required=False,
        help_text=_("For a source on paper; say below where in it the words stand."),
    )
    new_document_access = forms.ChoiceField(
        choices=Document.Access.choices, required=False, initial=Document.Access.READ
    )
    who = PlainTextField(
        max_length=200,
        widget=forms.TextInput(WIDE),
        help_text=_("Who said it, as the document names them."),
    )
    rank = forms.TypedChoiceField(choices=RANKS, coerce=int)
    locator = PlainTextField(
        max_length=4000,
        widget=forms.Textarea(LONG),
        help_text=_("Page or paragraph, and the words quoted."),
    )
    note = PlainTextField(max_length=4000, required=False, widget=forms.Textarea(LONG))

    def __init__(
        self,
        *args: Any,
        point: PointInTime,
        initial: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        given = dict(initial or {})
        lines = {name: given.pop(name, []) for name in PARTS}
        super().__init__(*args, initial=given, **kwargs)
        self.point = point
        self.decision: ProjectDecision | None = None
        self.parts = {
            name: formset_factory(form, formset=kind, extra=SPARE_LINES, max_num=MOST_LINES)(
                self.data if self.is_bound else None, prefix=name, initial=lines[name]
            )
            for name, (form, kind) in PARTS.items()
        }
        for name, label in LABELS.items():
            self.fields[name].label = label
        self.fields["kind"].help_text = _("What each decision needs stands in the table below.")
        if not self.is_bound:
            self.initial.setdefault("commitment", Commitment.objects.first())

    @property
    def fieldsets(self) -> list[tuple[forms.Form, list[tuple[Any, dict[str, Any]]]]]:
        """The form in the order a person fills it in, each part with the form its fields are of."""
        sets = [(name, {"fields": f, "description": words}) for name, f, words in FIELDSETS]
        return [
            (self, sets[:AGREEMENTS_AFTER]),
            *self.parts["financings"].fieldsets,
            (self, sets[AGREEMENTS_AFTER:]),
            *self.parts["sources"].fieldsets,
        ]

    @property
    def error_count(self) -> int:
        """How many fields are marked, those of the lines among them."""
        lines = [form for part in self.parts.values() for form in part.forms]
        return len(self.errors) + sum(len(form.errors) for form in lines)

    def is_valid(self) -> bool:
        return super().is_valid() and all(part.is_valid() for part in self.parts.values())

    def unjudged(self) -> "ProjectApprovalForm":
        """Show what was entered without saying what is wrong with it, as when lines are added."""
        for form in [self, *(form for part in self.parts.values() for form in part.forms)]:
            form._errors = ErrorDict()
        return self

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        self._one_of("project", "new_project", NEW_PROJECT)
        self._one_of("document", "new_document", NEW_DOCUMENT, may_have=("url",))
        self._check_address(data)
        lines_stand = all(part.is_valid() for part in self.parts.values())
        if self.errors or not lines_stand:
            self._checks_that_need_little(data)
            return data
        self.decision = self._decision(data)
        for problem in decision_problems(self.decision, point=self.point):
            if problem.part and self.parts[problem.part].entered:
                _place, line = self.parts[problem.part].entered[problem.number]
                line.add_error(problem.field, problem.message)
            elif problem.part:
                self.parts[problem.part].forms[0].add_error(problem.field, problem.message)
            else:
                self.add_error(problem.field, problem.message)
        return data

    def _one_of(
        self, chosen: str, new: str, parts: Sequence[str], may_have: Sequence[str] = ()
    ) -> None:
        """Ask for one on record or a whole new one, never both."""
        given = [p for p in (*parts, *may_have) if self.data.get(f"{new}_{p}", "").strip()]
        if self.cleaned_data.get(chosen) and given:
            self.add_error(chosen, _("Choose one on record or enter a new one, not both."))
        elif not self.cleaned_data.get(chosen) and chosen not in self.errors:
            if not given:
                self.add_error(chosen, _("Choose one on record, or enter a new one."))
            else:
                for part in set(parts) - set(given):
                    self.add_error(f"{new}_{part}", _("A new one needs this."))
        if new == "new_project" and given and not self.cleaned_data.get("commitment"):
            self.add_error("commitment", _("A new one needs this."))

    def _check_address(self, data: Mapping[str, Any]) -> None:
        """Ask for the address of a new document: it may have none on paper or in fiction."""
        if data.get("document") or not self.data.get("new_document_slug", "").strip():
            return
        project = data.get("project")
        commitment = project.commitment if project else data.get("commitment")
        has_url = bool(self.data.get("new_document_url", "").strip())
        if has_url and data.get("new_document_no_url"):
            words = _("It has an address: leave the mark “no address on record” out.")
            self.add_error("new_document_no_url", words)
        may_lack = data.get("new_document_no_url") or (commitment and commitment.illustrative)
        if not has_url and not may_lack:
            words = _("A new one needs this; of a source on paper say that it has none.")
            self.add_error("new_document_url", words)

    def _checks_that_need_little(self, data: Mapping[str, Any]) -> None:
        if data.get("qualifier") and not {"low", "high"} & self.errors.keys():
            found = amount_problems(data["qualifier"], data.get("low"), high=data.get("high"))
            for problem in found:
                self.add_error(problem.field, problem.message)
        day = data.get("occurred_on")
        if day is not None and day > self.point.today:
            self.add_error(
                "occurred_on", _("The date lies in the future; only what has happened is recorded.")
            )

    def _decision(self, data: Mapping[str, Any]) -> ProjectDecision:
        project = data["project"] or NewProject(
            slug=data["new_project_slug"],
            name=data["new_project_name"],
            name_ja=data["new_project_name_ja"],
            sector=data["new_project_sector"],
            states=data["new_project_states"],
        )
        document = data["document"] or NewDocument(
            slug=data["new_document_slug"],
            title=data["new_document_title"],
            kind=data["new_document_kind"],
            issuer=data["new_document_issuer"],
            date=data["new_document_date"],
            date_precision=data["new_document_precision"] or Document.Precision.DAY,
            url=data["new_document_url"],
            side=data["new_document_side"],
            access=data["new_document_access"] or Document.Access.READ,
        )
        kept = ("kind", "occurred_on", "who", "rank", "qualifier", "low", "high", "locator", "note")
        commitment = data["commitment"]
        if isinstance(project, Project):
            commitment = project.commitment
        return ProjectDecision(
            commitment=commitment,
            project=project,
            document=document,
            financings=tuple(line.agreement() for _n, line in self.parts["financings"].entered),
            sources=tuple(line.source() for _n, line in self.parts["sources"].entered),
            **{name: data[name] for name in kept},
        )


PARTS: dict[str, tuple[type[forms.Form], type[Lines]]] = {
    "financings": (AgreementForm, Agreements),
    "sources": (SourceForm, Sources),
}


def initial_from(changes: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the form's values for changes it made earlier, so that a case can be edited."""
    found = parts_of(changes)
    event, profile = (next(iter(found[kind]), {}) for kind in ("stageevent", "projectprofile"))
    claims = [c for c in found["claim"] if c["document"] == event.get("document")]
    initial: dict[str, Any] = {name: event.get(name) for name in ("kind", "occurred_on", "note")}
    initial["locator"] = event.get("locator")
    for name in ("who", "rank"):
        initial[name] = claims[0].get(name) if claims else None
    initial |= _amount_from(claims)
    if found["project"]:
        (new,) = found["project"]
        initial |= {f"new_project_{k}": new.get(k) for k in ("slug", "name", "name_ja")}
        initial["commitment"] = Commitment.objects.filter(slug=new.get("commitment")).first()
        initial["new_project_sector"] = Sector.objects.filter(slug=profile.get("sector")).first()
        initial["new_project_states"] = ", ".join(profile.get("states", ()))
    else:
        initial["project"] = Project.objects.filter(slug=event.get("project")).first()
    if found["document"]:
        (new,) = found["document"]
        initial |= {f"new_document_{k}": new.get(k) for k in (*NEW_DOCUMENT, "url")}
        initial["new_document_no_url"] = not new.get("url")
        initial["new_document_precision"] = new.get("date_precision")
        initial["new_document_access"] = new.get("access")
    else:
        initial["document"] = Document.objects.filter(slug=event.get("document")).first()
    initial["financings"] = [_agreement_from(a, claims) for a in found["financing"]]
    further = [c for c in found["claim"] if c["document"] != event.get("document")]
    initial["sources"] = _sources_from(further, claims)
    return initial


def _amount_from(claims: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The decision's amount: what its agreements add to, as the open one is stated."""
    if not claims:
        return {"qualifier": Claim.Qualifier.NOT_STATED, "low": None, "high": None}
    if len(claims) == 1:
        return {name: claims[0].get(name) for name in ("qualifier", "low", "high")}
    plain = (Claim.Qualifier.STATED, Claim.Qualifier.APPROXIMATE)
    open_one = next((c["qualifier"] for c in claims if c["qualifier"] not in plain), None)
    ends = {
        end: None
        if any(c[end] is None for c in claims)
        else str(sum(Decimal(c[end]) for c in claims))
        for end in ("low", "high")
    }
    return {"qualifier": open_one or claims[0]["qualifier"], **ends}


def _agreement_from(
    financing: Mapping[str, Any], claims: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    own = next((c for c in claims if c["subject"] == f"financing:{financing['ref']}"), {})
    alone = len(claims) < 2
    amount = own.get("low") if not alone and own.get("low") == own.get("high") else None
    return {
        "instrument": Instrument.objects.filter(slug=financing.get("instrument")).first(),
        "lender": Institution.objects.filter(slug__in=financing.get("providers", ())).first(),
        "amount_usd": amount,
        "cover_status": financing.get("cover_status", Financing.CoverStatus.NOT_STATED),
        **{name: financing.get(name) for name in TERMS if name != "cover_status"},
    }


def _sources_from(
    further: Sequence[Mapping[str, Any]], claims: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """One line a document, with its amount only where it gives another than the decision's."""
    main = {c["subject"]: (c["qualifier"], c["low"], c["high"]) for c in claims}
    lines: dict[str, dict[str, Any]] = {}
    for claim in further:
        amount = (claim["qualifier"], claim["low"], claim["high"])
        same = main.get(claim["subject"]) == amount
        own = (Claim.Qualifier.NOT_STATED, None, None) if same else amount
        lines[claim["document"]] = {
            "document": Document.objects.filter(slug=claim["document"]).first(),
            **{name: claim.get(name) for name in ("who", "rank", "locator")},
            **dict(zip(("qualifier", "low", "high"), own, strict=True)),
        }
    return list(lines.values())
