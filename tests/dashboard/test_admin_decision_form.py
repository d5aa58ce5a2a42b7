"""The form of a decision: lines of agreements and sources, totals before anything is kept."""

import pytest
from django.test import Client
from django.urls import reverse

from commitments.models import ApprovalCase, Document, Institution, Instrument
from tests.dashboard.pages.reading import Page
from tests.desk import approval_form, load_small_register, make_people, signing_form

pytestmark = pytest.mark.django_db

ADD = reverse("admin:commitments_approvalcase_add")


@pytest.fixture
def editor():
    load_small_register()
    (person,) = make_people("editor")
    client = Client()
    client.force_login(person)
    return client


def line(amount="", **more):
    loan = str(Instrument.objects.get(slug="loan").pk)
    return {"instrument": loan, "amount_usd": amount, **more}


def posted(client, form, button, status):
    response = client.post(ADD, {**form, button: "1"})
    assert response.status_code == status, Page(response.content.decode()).words
    return Page(response.content.decode())


def test_a_split_is_entered_kept_and_read_back_into_the_same_form(editor):
    bank = str(Institution.objects.get(slug="inst-jbic").pk)
    form = signing_form(
        line("1400000000", lender=bank, spread_bps="95", benchmark="six-month SOFR"), line()
    )
    posted(editor, form, "_draft", 302)
    case = ApprovalCase.objects.get()
    assert [change["kind"] for change in case.changes] == [
        *("stageevent", "financing", "financing", "claim", "claim")
    ]
    edit = reverse("admin:commitments_approvalcase_edit", args=[case.pk])
    html = editor.get(edit).content.decode()
    for value in ("1400000000.00", "2100000000.00", "six-month SOFR", "95"):
        assert f'value="{value}"' in html
    assert 'name="financings-0-amount_usd" value="1400000000.00"' in html
    kept = case.changes
    again = {**form, "version": str(case.version), "financings-1-amount_usd": "700000000.00"}
    assert editor.post(edit, {**again, "_draft": "1"}).status_code == 302
    case.refresh_from_db()
    assert case.changes == kept


def test_totals_and_effect_are_shown_before_anything_is_kept(editor):
    page = posted(editor, signing_form(line("1400000000"), line()), "_check", 200)
    effect = page.section('id="effect"', "</section>")
    assert "Nothing is kept yet. The agreements name 1,400,000,000.00 US dollars." in effect
    assert "700,000,000.00" in effect
    assert "Gap: not stated low $33.00bn, high $33.30bn low $30.90bn, high $31.20bn" in effect
    assert ApprovalCase.objects.count() == 0


def test_every_mistake_stands_beside_its_field_at_once(editor):
    form = signing_form(
        line("fourteen"), {"instrument": "", "amount_usd": "5"}, locator="", low="", high=""
    )
    page = posted(editor, form, "_submit", 422)
    assert "Please correct the 5 fields marked below." in page.words
    for name in ("financings-0-amount_usd", "financings-1-instrument", "locator", "low", "high"):
        place = page.html.index(f'name="{name}"')
        assert "errorlist" in page.html[place - 900 : place], name
    assert ApprovalCase.objects.count() == 0


def test_a_split_that_does_not_add_up_is_refused_with_both_sums(editor):
    page = posted(editor, signing_form(line("1400000000"), line("600000000")), "_submit", 422)
    assert (
        "The agreements add to 2,000,000,000.00 and the amount is 2,100,000,000.00: they must be "
        "the same, or leave one agreement without an amount for the rest."
    ) in page.words


def test_more_lines_are_given_without_judging_what_is_half_entered(editor):
    page = posted(editor, signing_form(line("fourteen"), line(), locator=""), "_more", 200)
    assert 'name="financings-3-amount_usd"' in page.html
    assert 'value="fourteen"' in page.html
    assert "errorlist" not in page.html


def test_a_further_source_becomes_a_rival_claim(editor):
    news = str(Document.objects.get(slug="doc-news").pk)
    source = {"document": news, "who": "A paper", "rank": "3", "locator": "page 1"}
    source |= {"qualifier": "up_to", "low": "", "high": "2500000000"}
    form = approval_form(
        **{"sources-TOTAL_FORMS": "1"}, **{f"sources-0-{k}": v for k, v in source.items()}
    )
    posted(editor, form, "_draft", 302)
    case = ApprovalCase.objects.get()
    claim = case.changes[-1]["data"]
    assert (claim["who"], claim["high"], claim["document"]) == (
        *("A paper", "2500000000.00"),
        "doc-news",
    )
    html = editor.get(reverse("admin:commitments_approvalcase_edit", args=[case.pk])).content
    assert 'name="sources-0-high" value="2500000000.00"' in html.decode()


def test_a_first_visit_has_spare_lines_and_marks_none(editor):
    page = Page(editor.get(ADD).content.decode())
    assert 'name="financings-1-instrument"' in page.html
    assert 'name="sources-1-rank"' in page.html
    assert "errorlist" not in page.html


def test_spare_lines_left_alone_are_none(editor):
    """As a browser sends them: what a select shows first, and empty texts."""
    spare = {
        **{"financings-TOTAL_FORMS": "1", "sources-TOTAL_FORMS": "1"},
        **{"financings-0-instrument": "", "financings-0-cover_status": "not_stated"},
        **{"financings-0-amount_usd": "", "financings-0-spread_bps": ""},
        **{"sources-0-document": "", "sources-0-who": "", "sources-0-rank": ""},
        **{"sources-0-qualifier": "not_stated", "sources-0-low": "", "sources-0-locator": ""},
    }
    posted(editor, approval_form(**spare), "_draft", 302)
    kinds = [change["kind"] for change in ApprovalCase.objects.get().changes]
    assert kinds == ["stageevent", "claim"]
