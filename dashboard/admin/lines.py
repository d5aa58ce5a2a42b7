"""A case as a basket: its lines are added, edited and taken out one by one."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import AdminForm
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments.models import ApprovalCase
from commitments.services.cases import (
    EDIT,
    FORCE,
    draft_once,
    revise_case,
    stored_records,
)
from commitments.services.register import kinds
from dashboard.admin.fields import PlainTextField
from dashboard.admin.record_fields import AMOUNTS, Basket, datalist
from dashboard.admin.records import RecordForm, RetractionForm, initial_of
from dashboard.changes import (
    AMOUNT,
    BY_SLUG,
    CHANGES,
    RETRACTION,
    REVERSAL,
    Change,
    fact_kinds,
    kind_words,
)
from projects.services.decision_records import as_fictional

State = ApprovalCase.State


class TitleForm(forms.Form):
    """What a case is about, before its first line."""

    title = PlainTextField(
        max_length=200,
        label=gettext_lazy("Title"),
        widget=forms.TextInput({"class": "vTextField"}),
        help_text=gettext_lazy("What the case does, in a few words."),
    )
    reason = PlainTextField(
        max_length=4000,
        required=False,
        label=gettext_lazy("Reason"),
        widget=forms.Textarea({"class": "vLargeTextField", "rows": 3}),
        help_text=gettext_lazy("Why the register changes, in your own words; shown publicly."),
    )


class LinesMixin:
    """The admin's pages for the lines of one's own draft or returned case."""

    admin_site: Any
    opts: Any
    media: Any

    def line_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        return [
            path("new/", wrap(self.new_view), name="commitments_approvalcase_new"),
            path(
                "<int:pk>/words/",
                wrap(self.words_view),
                name="commitments_approvalcase_words",
            ),
            path(
                "<int:pk>/add/<slug:slug>/",
                wrap(self.add_line_view),
                name="commitments_approvalcase_line",
            ),
            path(
                "<int:pk>/line/<int:number>/",
                wrap(self.edit_line_view),
                name="commitments_approvalcase_edit_line",
            ),
            path(
                "<int:pk>/line/<int:number>/remove/",
                wrap(self.remove_line_view),
                name="commitments_approvalcase_remove_line",
            ),
        ]

    def new_view(self, request: HttpRequest) -> HttpResponse:
        """Open a case without lines yet."""
        if not self.has_add_permission(request):  # type: ignore[attr-defined]  # of the admin
            raise PermissionDenied
        form = TitleForm(request.POST or None)
        if form.is_valid():
            given = form.cleaned_data
            return self._guarded(  # type: ignore[attr-defined, no-any-return]  # of the admin
                request,
                None,
                lambda: draft_once(
                    [], title=given["title"], actor=request.user, reason=given["reason"]
                ),
            )
        return self._form_page(request, None, form, title=_("New case"), button=_("Open the case"))

    def words_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Change the title and the reason of a case; one that came of an item keeps a reason."""
        case = self._editable(request, pk)
        form = TitleForm(request.POST or None, initial={"title": case.title, "reason": case.reason})
        form.fields["reason"].required = case.intake.exists()
        if form.is_bound and form.is_valid():
            return self._kept(request, case, _plain(case.changes), **form.cleaned_data)
        words = _("Title and reason")
        return self._form_page(request, case, form, title=words, button=_("Keep the change"))

    def add_line_view(self, request: HttpRequest, pk: int, slug: str) -> HttpResponse:
        case, change = self._editable(request, pk), BY_SLUG.get(slug)
        if change is None:
            raise Http404
        if change.slug == RETRACTION:
            return self._retraction(request, case, change)
        basket = Basket(case.changes)
        ref = request.GET.get("ref", "").strip()
        stored = _stored(change, ref) if ref and change.kind != "ledgerentry" else None
        form = RecordForm(
            request.POST or None,
            change=change,
            basket=basket,
            stored=stored,
            may_force=request.user.has_perm(FORCE),
            asks_amount=change.kind == "financing" and stored is None,
            initial=initial_of(change, stored),
        )
        if form.is_bound and form.is_valid():
            line = {"kind": change.kind, "data": form.record}
            return self._kept(request, case, [*_plain(case.changes), line, *form.beside])
        missing = _("No record “%(ref)s” of this kind is in the register.") % {"ref": ref[:140]}
        return self._form_page(
            request,
            case,
            form,
            title=change.words,
            button=_("Add to the case"),
            change=change,
            ref=ref,
            notice=missing if ref and stored is None else "",
            may_load=change.slug != REVERSAL and change.kind != "ledgerentry" and stored is None,
            load_list=datalist("ref", _loadable(change)),
            hide=change.corrects and stored is None,
        )

    def edit_line_view(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        case = self._editable(request, pk)
        line = _line(case, number)
        if line["data"].get("withdrawn"):  # a retraction is taken out, never turned round
            raise Http404
        others = [c for n, c in enumerate(_plain(case.changes), start=1) if n != number]
        change = _change_of(line)
        stored = _stored(change, _key(line)) if change.kind != "ledgerentry" else None
        form = RecordForm(
            request.POST or None,
            change=change,
            basket=Basket(others),
            stored=stored,
            may_force=request.user.has_perm(FORCE),
            initial={**initial_of(change, stored), **line["data"]},
        )
        if form.is_bound and form.is_valid():
            lines = list(_plain(case.changes))
            lines[number - 1] = {"kind": line["kind"], "data": form.record}
            return self._kept(request, case, lines)
        return self._form_page(
            request, case, form, title=change.words, button=_("Keep the change"), change=change
        )

    def remove_line_view(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        case = self._editable(request, pk)
        if request.method != "POST":
            return HttpResponse(status=405, headers={"Allow": "POST"})
        _line(case, number)
        rest = [c for n, c in enumerate(_plain(case.changes), start=1) if n != number]
        return self._kept(request, case, rest)

    def _retraction(self, request: HttpRequest, case: ApprovalCase, change: Change) -> HttpResponse:
        kind = request.GET.get("kind", "")
        if kind not in fact_kinds():
            context = {
                "title": change.words,
                "case": case,
                "kinds": [(k, kind_words(k)) for k in fact_kinds()],
            }
            return self._render(request, "admin/cases/retract.html", context)
        form = RetractionForm(request.POST or None, kind=kind, basket=Basket(case.changes))
        if form.is_bound and form.is_valid():
            line = {"kind": kind, "data": form.record}
            return self._kept(request, case, [*_plain(case.changes), line])
        title = f"{change.words}: {kind_words(kind)}"
        return self._form_page(request, case, form, title=title, button=_("Add to the case"))

    def _kept(
        self,
        request: HttpRequest,
        case: ApprovalCase,
        changes: Sequence[Mapping[str, Any]],
        *,
        title: str = "",
        reason: str | None = None,
    ) -> HttpResponse:
        """Keep the lines, and new words where given, if nobody changed the case since it was read."""

        def keep() -> ApprovalCase:
            kept = revise_case(
                case.pk,
                as_fictional(changes),
                title=title or case.title,
                actor=request.user,  # type: ignore[arg-type]  # signed in
                version=posted_version(request),
                reason=reason,
            )
            messages.success(request, _("The case is kept."))
            return kept

        return self._guarded(request, case, keep)  # type: ignore[attr-defined, no-any-return]  # of the admin it is mixed into

    def _editable(self, request: HttpRequest, pk: int) -> ApprovalCase:
        case: ApprovalCase = self._case(request, pk)  # type: ignore[attr-defined]  # of the admin
        own = case.created_by_id == request.user.pk and request.user.has_perm(EDIT)
        if not own or case.state not in (State.DRAFT, State.RETURNED):
            raise PermissionDenied
        return case

    def _form_page(
        self, request: HttpRequest, case: ApprovalCase | None, form: Any, **context: Any
    ) -> HttpResponse:
        fieldsets = [(None, {"fields": list(form.fields)})]
        given = {
            "case": case,
            "form": form,
            "adminform": AdminForm(form, fieldsets, {}, model_admin=self),
            "media": self.media + form.media,
            **context,
        }
        status = 422 if form.is_bound else 200
        return self._render(request, "admin/cases/line.html", given, status=status)

    def _render(
        self, request: HttpRequest, template: str, context: Mapping[str, Any], status: int = 200
    ) -> HttpResponse:
        whole = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, template, whole, status=status)


def lines_of(case: ApprovalCase, *, start: int, size: int) -> list[dict[str, Any]]:
    """Some lines of a case from a place on, with where each is edited."""
    return [
        {
            "edit": not line["data"].get("withdrawn")
            and reverse("admin:commitments_approvalcase_edit_line", args=[case.pk, number]),
            "remove": reverse("admin:commitments_approvalcase_remove_line", args=[case.pk, number]),
        }
        for number, line in enumerate(case.changes[start : start + size], start=start + 1)
    ]


def addable(case: ApprovalCase) -> list[dict[str, Any]]:
    """What can be added to a case, each with the address of its form."""
    return [
        {
            "words": change.words,
            "url": reverse("admin:commitments_approvalcase_line", args=[case.pk, change.slug]),
        }
        for change in CHANGES
    ]


def posted_version(request: HttpRequest) -> int:
    """The version of the case the person has seen; 0 when none was sent."""
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _plain(changes: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The changes without what was frozen at an earlier submission."""
    return [{"kind": c["kind"], "data": c["data"]} for c in changes]


def _line(case: ApprovalCase, number: int) -> Mapping[str, Any]:
    if not 1 <= number <= len(case.changes):
        raise Http404
    line: Mapping[str, Any] = case.changes[number - 1]
    if line["kind"] not in kinds():
        raise Http404
    return line


def _change_of(line: Mapping[str, Any]) -> Change:
    """The choice a line was made by, so that it is edited through the same form."""
    fits = [
        change
        for change in CHANGES
        if change.kind == line["kind"]
        and not change.corrects
        and all(line["data"].get(k) == v for k, v in change.fixed.items())
        and (change.slug != REVERSAL or line["data"].get("reverses"))
        and (change.slug != AMOUNT or line["data"].get("aspect") in AMOUNTS)
    ]
    if line["data"].get("reverses"):
        fits = [change for change in fits if change.slug == REVERSAL]
    return fits[0] if fits else Change(line["kind"], line["kind"], kind_words(line["kind"]))


def _key(line: Mapping[str, Any]) -> str:
    return str(line["data"].get(kinds()[line["kind"]].NATURAL_KEY, ""))


def _stored(change: Change, ref: str) -> dict[str, Any] | None:
    name = kinds()[change.kind].NATURAL_KEY
    found = stored_records([{"kind": change.kind, "data": {name: ref}}])
    return found.get((change.kind, ref))


def _loadable(change: Change) -> list[tuple[str, str]]:
    from_register: Any = RecordForm(change=change, basket=Basket()).model
    rows = from_register._default_manager.order_by("-pk")
    if hasattr(rows, "heads"):
        rows = rows.heads().filter(withdrawn=False) if change.kind != "ledgerentry" else rows
    return [(str(getattr(r, from_register.NATURAL_KEY)), str(r)) for r in rows[:1000]]
