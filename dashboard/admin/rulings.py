"""Sources that disagree: the claims side by side, a choice with its reason, and a case of it."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments.admin import RulingAdmin
from commitments.calculations.dates import business_day
from commitments.models import Claim, Commitment, Ruling
from commitments.selectors import Disagreement, disagreements
from commitments.services.cases import submit_once
from commitments.services.rulings import ruling_change
from dashboard.admin.fields import PlainTextField
from dashboard.claims import claim_words, disagreement_words
from dashboard.queues import ruling_address
from projects.services.decisions import newest_point

admin.site.unregister(Ruling)


class RulingForm(forms.Form):
    """Which claims are shown, and why."""

    claims = forms.ModelMultipleChoiceField(
        Claim.objects.none(),
        label=gettext_lazy("Claims to show"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one claim.")},
    )
    reason = PlainTextField(
        label=gettext_lazy("Reason"),
        max_length=4000,
        help_text=gettext_lazy("Shown publicly beside the figure."),
        widget=forms.Textarea({"class": "vLargeTextField", "rows": 4}),
    )


@admin.register(Ruling)
class RulingDesk(RulingAdmin):
    """Rulings to read; a new one is entered from the claims that disagree, as a case."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("commitments.add_approvalcase"))

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        point = newest_point(business_day(timezone.now()))
        open_ones = [d for c in Commitment.objects.all() for d in disagreements(c, point)]
        asked = (request.GET.get("subject", ""), request.GET.get("aspect", ""))
        chosen = next((d for d in open_ones if (d.subject, d.aspect) == asked), None)
        form = self._form(request, chosen)
        if chosen and form.is_bound and form.is_valid():
            return self._submitted(request, form)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Sources that disagree"),
            "opts": self.opts,
            "form": form,
            "chosen": chosen,
            "about": next(iter(disagreement_words([chosen])), "") if chosen else "",
            "said": [(claim, claim_words(claim)) for claim in chosen.claims] if chosen else [],
            "ticked": request.POST.getlist("claims"),
            "open_ones": [
                (words, ruling_address(d), len(d.claims))
                for d, words in zip(open_ones, disagreement_words(open_ones), strict=True)
            ],
        }
        status = 422 if form.is_bound else 200
        return TemplateResponse(request, "admin/rulings/form.html", context, status=status)

    def _form(self, request: HttpRequest, chosen: Disagreement | None) -> RulingForm:
        form = RulingForm(request.POST if request.method == "POST" and chosen else None)
        if chosen:
            ids = [claim.pk for claim in chosen.claims]
            form.fields["claims"].queryset = Claim.objects.filter(pk__in=ids)  # type: ignore[attr-defined]  # a model choice
        return form

    def _submitted(self, request: HttpRequest, form: RulingForm) -> HttpResponse:
        claims, reason = list(form.cleaned_data["claims"]), form.cleaned_data["reason"]
        change = ruling_change(claims, reason=reason)
        actor: Any = request.user
        title = _("Ruling on %(subject)s, %(aspect)s") % change["data"]
        case = submit_once(
            [change], title=title[:200], actor=actor, now=timezone.now(), reason=reason
        )
        messages.success(request, _("Submitted; another person decides."))
        address = reverse("admin:commitments_approvalcase_change", args=[case.pk])
        return HttpResponseRedirect(address)
