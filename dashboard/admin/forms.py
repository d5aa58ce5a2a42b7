"""The form an editor enters a project approval with."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminDateWidget, AutocompleteSelect
from django.utils.translation import gettext_lazy as _

from commitments.calculations.point import PointInTime
from commitments.models import Claim, Commitment, Document, Institution, Instrument, Sector
from dashboard.admin.fields import (
    DollarField,
    PlainTextField,
    SlugNameField,
    StatesField,
    web_address,
)
from projects.models import FinancingProvider, Project, StageEvent
from projects.services.decisions import (
    DECISION_KINDS,
    DOCUMENT_KINDS,
    NewDocument,
    NewProject,
    ProjectDecision,
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
    (_("Signed financing only"), ("instrument", "lender"), None),
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
        ),
        None,
    ),
    (_("What it says"), ("who", "rank", "locator", "note"), None),
)
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
    "instrument": _("Instrument"),
    "lender": _("Lender"),
    "document": _("Document"),
    "new_document_slug": _("Identifier"),
    "new_document_title": _("Title"),
    "new_document_kind": _("Kind of document"),
    "new_document_side": _("Side"),
    "new_document_issuer": _("Issuer"),
    "new_document_date": _("Date"),
    "new_document_precision": _("Precision of the date"),
    "new_document_url": _("Address"),
    "who": _("Who said it"),
    "rank": _("Rank of the evidence"),
    "locator": _("Where it says so"),
    "note": _("Note"),
}
NEW_PROJECT = ("slug", "name")
NEW_DOCUMENT = ("slug", "title", "kind", "side", "issuer", "date", "url")


def _chooser(model: Any, field: str) -> AutocompleteSelect:
    return AutocompleteSelect(model._meta.get_field(field), admin.site)


class ProjectApprovalForm(forms.Form):
    """A decision on a project with its amount and its evidence, all errors at once."""

    project = forms.ModelChoiceField(
        Project.objects.all(), required=False, widget=_chooser(StageEvent, "project")
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
    occurred_on = forms.DateField(
        widget=AdminDateWidget(), help_text=_("The day it happened; never in the future.")
    )
    qualifier = forms.ChoiceField(choices=Claim.Qualifier.choices)
    low = DollarField(required=False)
    high = DollarField(required=False)
    instrument = forms.ModelChoiceField(Instrument.objects.all(), required=False)
    lender = forms.ModelChoiceField(
        Institution.objects.all(), required=False, widget=_chooser(FinancingProvider, "institution")
    )
    document = forms.ModelChoiceField(
        Document.objects.all(), required=False, widget=_chooser(StageEvent, "document")
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
    new_document_date = forms.DateField(required=False, widget=AdminDateWidget())
    new_document_precision = forms.ChoiceField(
        choices=[c for c in Document.Precision.choices if c[0] != Document.Precision.UNDATED],
        required=False,
        initial=Document.Precision.DAY,
    )
    new_document_url = web_address(required=False, widget=forms.URLInput(WIDE))
    who = PlainTextField(
        max_length=200,
        widget=forms.TextInput(WIDE),
        help_text=_("Who said it, as the document names them."),
    )
    rank = forms.TypedChoiceField(
        choices=[c for c in Claim.Rank.choices if c[0] != Claim.Rank.DERIVED], coerce=int
    )
    locator = PlainTextField(
        max_length=4000,
        widget=forms.Textarea(LONG),
        help_text=_("Page or paragraph, and the words quoted."),
    )
    note = PlainTextField(max_length=4000, required=False, widget=forms.Textarea(LONG))

    def __init__(self, *args: Any, point: PointInTime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.point = point
        self.decision: ProjectDecision | None = None
        for name, label in LABELS.items():
            self.fields[name].label = label
        self.fields["kind"].help_text = _("What each decision needs stands in the table below.")
        if not self.is_bound:
            self.initial.setdefault("commitment", Commitment.objects.first())

    @property
    def fieldsets(self) -> list[tuple[Any, dict[str, Any]]]:
        return [(name, {"fields": f, "description": words}) for name, f, words in FIELDSETS]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        self._one_of("project", "new_project", NEW_PROJECT)
        self._one_of("document", "new_document", NEW_DOCUMENT)
        if self.errors:
            self._checks_that_need_little(data)
            return data
        self.decision = self._decision(data)
        for problem in decision_problems(self.decision, point=self.point):
            self.add_error(problem.field, problem.message)
        return data

    def _one_of(self, chosen: str, new: str, parts: Sequence[str]) -> None:
        """Ask for one on record or a whole new one, never both."""
        given = [p for p in parts if self.data.get(f"{new}_{p}", "").strip()]
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
        )
        kept = ("kind", "occurred_on", "who", "rank", "qualifier", "low", "high", "locator", "note")
        commitment = data["commitment"]
        if isinstance(project, Project):
            commitment = project.commitment
        return ProjectDecision(
            commitment=commitment,
            project=project,
            document=document,
            instrument=data["instrument"],
            lender=data["lender"],
            **{name: data[name] for name in kept},
        )


def initial_from(changes: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the form's values for changes it made earlier, so that a case can be edited."""
    found = {change["kind"]: change["data"] for change in changes}
    event, claim = found.get("stageevent", {}), found.get("claim", {})
    financing, profile = found.get("financing", {}), found.get("projectprofile", {})
    initial: dict[str, Any] = {name: event.get(name) for name in ("kind", "occurred_on", "note")}
    initial["locator"] = event.get("locator")
    for name in ("low", "high", "who", "rank", "qualifier"):
        initial[name] = claim.get(name)
    initial["qualifier"] = initial["qualifier"] or Claim.Qualifier.NOT_STATED
    if "project" in found:
        new = found["project"]
        initial |= {f"new_project_{k}": new.get(k) for k in ("slug", "name", "name_ja")}
        initial["commitment"] = Commitment.objects.filter(slug=new.get("commitment")).first()
        initial["new_project_sector"] = Sector.objects.filter(slug=profile.get("sector")).first()
        initial["new_project_states"] = ", ".join(profile.get("states", ()))
    else:
        initial["project"] = Project.objects.filter(slug=event.get("project")).first()
    if "document" in found:
        new = found["document"]
        initial |= {f"new_document_{k}": new.get(k) for k in NEW_DOCUMENT}
        initial["new_document_precision"] = new.get("date_precision")
    else:
        initial["document"] = Document.objects.filter(slug=event.get("document")).first()
    initial["instrument"] = Instrument.objects.filter(slug=financing.get("instrument")).first()
    lenders = financing.get("providers", ())
    initial["lender"] = Institution.objects.filter(slug__in=lenders).first()
    return initial
