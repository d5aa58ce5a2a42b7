"""Cases in the admin: enter, submit, read old and new, approve or return."""

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import AdminForm
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import IntegrityError, OperationalError, transaction
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from commitments.admin import ReadOnlyAdmin, register_preview
from commitments.calculations.dates import business_day
from commitments.calculations.point import PointInTime
from commitments.models import ApprovalCase
from commitments.services.cases import (
    DECIDE,
    EDIT,
    FORCE,
    CaseRefused,
    approve_case,
    changed_meanwhile,
    draft_once,
    force_case,
    return_case,
    revise_case,
    sent_before,
    submit_case,
    withdraw_case,
)
from dashboard.admin.forms import ProjectApprovalForm, initial_from, with_more_lines
from dashboard.admin.lines import LinesMixin, addable, lines_of, posted_version
from dashboard.casework import (
    beside,
    cited_documents,
    effect_rows,
    overshoot_words,
    rival_claims,
    shown_changes,
    shown_moves,
    shown_refusal,
    split_tables,
    with_computed,
)
from dashboard.decisions import (
    KEPT,
    MOST_CHANGES,
    MOST_STEPS,
    needs_at_decision,
    rivals_at_decision,
    states_of,
)
from dashboard.points import is_key
from projects.services.decision_records import decision_changes, is_one_decision
from projects.services.decisions import ProjectDecision, newest_point
from projects.services.effects import Trial, tried
from projects.services.requirements import requirement_rows, steps_in
from projects.tasks import refresh_now

log = logging.getLogger(__name__)
State = ApprovalCase.State
STATUS = {"permission": 403, "same_person": 403, "reason": 400}
CONFLICT, BUSY = 409, 503
LINES_PER_PAGE = 100


@admin.register(ApprovalCase)
class ApprovalCaseAdmin(LinesMixin, ReadOnlyAdmin):
    list_display = ["pk", "title", "state", "created_by", "submitted_at", "decided_by", "revision"]
    list_display_links = ["pk", "title"]
    list_filter = ["state"]
    search_fields = ["title", "reason", "created_by__username"]
    list_select_related = ["created_by", "decided_by", "revision"]
    date_hierarchy = "created_at"
    ordering = ["-pk"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("commitments.add_approvalcase"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApprovalCase]:
        """Every case but other people's drafts."""
        cases = super().get_queryset(request)
        return cases.filter(~Q(state=State.DRAFT) | Q(created_by=request.user.pk))

    def get_urls(self) -> list[Any]:
        steps = {
            "submit": self.submit_view,
            "approve": self.approve_view,
            "return": self.return_view,
            "withdraw": self.withdraw_view,
            "edit": self.edit_view,
            "force": self.force_view,
        }
        own = [
            path(
                f"<int:pk>/{name}/",
                self.admin_site.admin_view(view),
                name=f"commitments_approvalcase_{name}",
            )
            for name, view in steps.items()
        ]
        return [*own, *self.line_urls(), *super().get_urls()]

    # Entering

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        return self._enter(request, None)

    def edit_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        case = self._case(request, pk)
        if case.created_by_id != request.user.pk or not request.user.has_perm(EDIT):
            raise PermissionDenied
        if case.state not in (State.DRAFT, State.RETURNED):
            return self._refused(
                request,
                case,
                CaseRefused(
                    "state",
                    _("This case is %(state)s and can no longer be edited.")
                    % {"state": case.get_state_display()},
                ),
            )
        if not is_one_decision(case.changes):
            message = _("This case holds more than one decision: edit its lines instead.")
            return self._refused(request, case, CaseRefused("state", message))
        return self._enter(request, case)

    def _enter(self, request: HttpRequest, case: ApprovalCase | None) -> HttpResponse:
        point = newest_point(business_day(timezone.now()))
        preview: dict[str, Any] = {}
        status = 200
        if "_more" in request.POST:
            form = ProjectApprovalForm(with_more_lines(request.POST), point=point).unjudged()
        elif request.method == "POST":
            form = ProjectApprovalForm(request.POST, point=point)
            decision = form.decision if form.is_valid() else None
            if decision is None:
                status = 422
            elif "_check" in request.POST:
                preview = _preview(decision, own=[case.pk] if case else [])
            else:
                return self._guarded(request, case, lambda: self._keep(request, case, decision))
        else:
            form = ProjectApprovalForm(
                initial=initial_from(case.changes) if case else {}, point=point
            )
        context = {
            **self.admin_site.each_context(request),
            "title": _("Record a project approval"),
            "opts": self.opts,
            "form": form,
            "sections": [
                AdminForm(part, fieldsets, {}, model_admin=self)
                for part, fieldsets in form.fieldsets
            ],
            **preview,
            "media": self.media + form.media,
            "case": case,
            "requirements": requirement_rows(),
        }
        return TemplateResponse(request, "admin/cases/form.html", context, status=status)

    def _keep(
        self, request: HttpRequest, case: ApprovalCase | None, decision: ProjectDecision
    ) -> ApprovalCase:
        """Keep what was entered as a draft, and submit it when that was asked."""
        actor: Any = request.user
        title, reason = _title(decision), decision.note
        sent = [case] if case else sent_before(title=title, actor=actor, reason=reason)
        changes = decision_changes(decision, own=[c.pk for c in sent])
        with transaction.atomic():
            if case is None:
                case = draft_once(changes, title=title, actor=actor, reason=reason)
            else:
                version = posted_version(request)
                case = revise_case(case.pk, changes, title=title, actor=actor, version=version)
            if "_submit" in request.POST and case.state != State.SUBMITTED:  # sent once already
                case = submit_case(case.pk, actor=actor, version=case.version, now=timezone.now())
        done = _("Submitted; another person decides.") if case.submitted_at else _("Draft kept.")
        messages.success(request, done)
        return case

    # Deciding

    def submit_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._step(request, pk, submit_case, _("Submitted; another person decides."))

    def approve_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._step(request, pk, approve_case, _("Approved and recorded."), reason=True)

    def return_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._step(request, pk, return_case, _("Returned."), reason=True)

    def force_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        done = _("The reason stands on what breaks a rule; it will be public.")
        return self._step(request, pk, force_case, done, reason=True, timed=False)

    def withdraw_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._step(request, pk, withdraw_case, _("Withdrawn."), timed=False)

    def _step(
        self,
        request: HttpRequest,
        pk: int,
        service: Callable[..., ApprovalCase],
        done: str,
        *,
        reason: bool = False,
        timed: bool = True,
    ) -> HttpResponse:
        case = self._case(request, pk)
        if request.method != "POST":
            return HttpResponse(status=405, headers={"Allow": "POST"})
        given: dict[str, Any] = {"actor": request.user}
        if timed:
            given["now"] = timezone.now()
        if reason:
            given["reason"] = request.POST.get("reason", "")[:4000]

        def take() -> ApprovalCase:
            with transaction.atomic():
                taken = service(case.pk, version=posted_version(request), **given)
                if taken.state == State.APPROVED:
                    refresh_now()
            messages.success(request, done)
            return taken

        return self._guarded(request, case, take)

    def _guarded(
        self, request: HttpRequest, case: ApprovalCase | None, take: Callable[[], ApprovalCase]
    ) -> HttpResponse:
        """Take a step and go to its case, or say in a sentence why it was refused."""
        try:
            taken = take()
        except CaseRefused as refused:
            return self._refused(request, case, refused)
        except IntegrityError:
            message = _("The database refused this step: it would break a rule of the register.")
            return self._refused(request, case, CaseRefused("state", message))
        except OperationalError:
            return self._refused(request, case, CaseRefused("busy", _busy()), status=BUSY)
        return HttpResponseRedirect(_address(taken.pk))

    def _refused(
        self,
        request: HttpRequest,
        case: ApprovalCase | None,
        refused: CaseRefused,
        *,
        status: int | None = None,
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": _("Not done"),
            "opts": self.opts,
            "refused": shown_refusal(refused, case),
            "back": _address(case.pk) if case else reverse("admin:index"),
        }
        return TemplateResponse(
            request,
            "admin/cases/refused.html",
            context,
            status=status or STATUS.get(refused.code, CONFLICT),
        )

    # Reading

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        case = self._case(request, object_id)
        own = case.created_by_id == request.user.pk and request.user.has_perm(EDIT)
        waits = case.state == State.SUBMITTED
        may_edit = own and case.state in (State.DRAFT, State.RETURNED)
        page = Paginator(case.changes, LINES_PER_PAGE).get_page(request.GET.get("changes_page"))
        listed = page.object_list
        start = max(page.start_index() - 1, 0)
        lines = lines_of(case, start=start, size=LINES_PER_PAGE) if may_edit else None
        is_decided = case.state == State.APPROVED
        moved = changed_meanwhile(case) if waits else []
        context = {
            **self.admin_site.each_context(request),
            "title": str(case),
            "page": page,
            "opts": self.opts,
            "case": case,
            "changes": with_computed(shown_changes(listed, lines), listed, case.revision),
            "addable": addable(case) if may_edit else [],
            "evidence": cited_documents(case.changes, case.revision_id),
            "steps_left_out": max(0, len(steps_in(case.changes)) - MOST_STEPS),
            "rivals": rivals_at_decision(case, listed) if is_decided else rival_claims(listed),
            "moved": bool(moved),
            "moved_beside": beside(moved),
            "moved_fields": shown_moves(moved),
            "may_force": may_edit and request.user.has_perm(FORCE),
            "may_decide": waits and request.user.has_perm(DECIDE),
            "is_own": case.created_by_id == request.user.pk,
            "may_edit": may_edit,
            "is_one_decision": may_edit and is_one_decision(case.changes),
            "may_withdraw": own and case.state in (State.DRAFT, State.SUBMITTED, State.RETURNED),
            **_needs_and_effects(case),
            **self.past_of(case),
        }
        return TemplateResponse(request, "admin/cases/case.html", context)

    def _case(self, request: HttpRequest, pk: Any) -> ApprovalCase:
        """The case, if the person may see it. Raise Http404."""
        if not is_key(pk):
            raise Http404
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = self.get_queryset(request).select_related("created_by", "decided_by", "revision")
        case = rows.filter(pk=int(pk)).first()
        if case is None:
            raise Http404
        return case


def _busy() -> str:
    return _("The register is busy with another posting. Try again in a moment.")


def _address(pk: int) -> str:
    return reverse("admin:commitments_approvalcase_change", args=[pk])


def _title(decision: ProjectDecision) -> str:
    from_kind = dict(ProjectApprovalForm.base_fields["kind"].choices)[decision.kind]
    return f"{decision.project.name}: {from_kind}, {decision.occurred_on}"[:200]


def _preview(decision: ProjectDecision, *, own: Sequence[int]) -> dict[str, Any]:
    """What a decision would record and do, before it is kept in its own case, if it has one."""
    changes = decision_changes(decision, own=own)
    return {
        "is_checked": True,
        "changes": shown_changes(changes, None),
        "divided": decision.divided_usd if decision.financings else None,
        **_effects_of(changes),
    }


def _needs_and_effects(case: ApprovalCase) -> dict[str, Any]:
    """What the steps of a case need, as it is now or was when it was approved, and its effects."""
    if case.state == State.APPROVED:
        return {"effects": [], "steps": needs_at_decision(case, states_of(case))}
    if case.state == State.WITHDRAWN:
        return {"effects": []}
    return _effects_of(case.changes, case)


@lru_cache(maxsize=KEPT)
def _trial_kept(pk: int, version: int, point: PointInTime, language: str) -> Trial:
    """What a case needs and would do, in a language: once for each process, revision and day."""
    changes = ApprovalCase.objects.get(pk=pk, version=version).changes
    return tried(changes, today=point.as_of, most=MOST_STEPS)


def _effects_of(
    changes: Sequence[Mapping[str, Any]], case: ApprovalCase | None = None
) -> dict[str, Any]:
    """What is needed, and totals before and after, or why they cannot be told just now.

    Those of a large case are kept: to post all of it and take it back is the work of an approval.
    """
    if not changes:
        return {"effects": []}
    today = business_day(timezone.now())
    try:
        if case and len(changes) > MOST_CHANGES:
            found = _trial_kept(case.pk, case.version, newest_point(today), get_language())
        else:
            found = tried(changes, today=today, most=MOST_STEPS)
    except OperationalError:
        return {"effects": [], "no_effect": CaseRefused("busy", _busy())}
    except Exception:  # whatever its lines hold: the page stays, so that they can be mended
        log.exception("a case could not be rehearsed")
        words = _("These changes cannot be tried: take out or edit the line that cannot be meant.")
        return {"effects": [], "no_effect": CaseRefused("records", words)}
    if found.refused is not None:
        no_effect = shown_refusal(found.refused, case)
        return {"effects": [], "steps": found.needs, "no_effect": no_effect}
    return {
        "steps": found.needs,
        "effects": effect_rows(found.effects),
        "splits": split_tables(found.effects),
        "unlimited": found.effects.unlimited,
        "overshoot": overshoot_words(found.effects.overshoot),
    }


register_preview(_effects_of)
