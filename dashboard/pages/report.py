"""A visitor says what is wrong: a form without an account, read at the desk."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments.services.intake import report_error
from dashboard.admin.fields import PlainTextField, web_address
from dashboard.pages.frame import page, page_context
from dashboard.pages.parameters import takes, taking_forms
from dashboard.points import Reading
from dashboard.throttles import Reports

SHORTEST, LONGEST = 10, 4000


class ReportForm(forms.Form):
    """What is wrong, where, how it can be checked, and how to reach the visitor."""

    text = PlainTextField(
        label=gettext_lazy("What is wrong, and what is right?"),
        min_length=SHORTEST,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    url = web_address(
        required=False,
        label=gettext_lazy("Address of a source"),
        help_text=gettext_lazy("A document that shows it."),
    )
    page = PlainTextField(
        required=False, max_length=300, label=gettext_lazy("Page of the register it is about")
    )
    contact = PlainTextField(
        required=False,
        max_length=200,
        label=gettext_lazy("How to reach you"),
        help_text=gettext_lazy("Read by the editors only, never published."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if field.help_text:
                field.widget.attrs["aria-describedby"] = f"id_{name}_help"


@page
@taking_forms
@takes("page", "sent")
def report(request: HttpRequest, reading: Reading) -> HttpResponse:
    """Take a report of an error; a few an hour from one address."""
    throttle = Reports()
    status = 200
    too_many = False
    if request.method == "POST":
        form = ReportForm(request.POST)
        if form.is_valid():
            if throttle.allow_request(request, None):
                report_error(**form.cleaned_data)
                return HttpResponseRedirect(f"{reverse('report')}?sent=1")
            too_many, status = True, 429
        else:
            status = 422
    else:
        form = ReportForm(initial={"page": request.GET.get("page", "")[:300]})
    context = page_context(
        request,
        reading,
        title=_("Report an error"),
        form=form,
        too_many=too_many,
        sent=request.method == "GET" and request.GET.get("sent") == "1",
    )
    response = render(request, "dashboard/report.html", context, status=status)
    if status == 429:
        response["Retry-After"] = throttle.retry_after
    response["Cache-Control"] = "no-store"
    return response
