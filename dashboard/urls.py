from django.urls import path, re_path

from dashboard.pages import (
    changes,
    claims,
    compare,
    corrections,
    data,
    decisions,
    figures,
    forecast,
    money,
    pace,
    projects,
    reactions,
    report,
    scenarios,
    sources,
    words,
)
from dashboard.pages.calls.calls import call_list
from dashboard.pages.calls.feed import feed
from dashboard.pages.calls.window import window_page
from dashboard.pages.charts import with_charts
from dashboard.pages.overview import overview, record_file
from dashboard.pages.returns.page import investments_file, returns_page, what_if_file
from dashboard.pages.tariffs.files import exposure_file
from dashboard.pages.tariffs.page import tariff_page
from dashboard.pages.tariffs.suppose import suppose
from dashboard.pages.watch import watch, watch_file

urlpatterns = [
    *with_charts("", overview, name="overview"),
    re_path(r"^record\.(?P<suffix>csv|xlsx)$", record_file, name="record_file"),
    *with_charts("projects/", projects.project_list, name="projects"),
    *with_charts("projects/<slug:slug>/", projects.project_page, name="project"),
    *with_charts("states/<str:code>/", projects.state_page, name="state"),
    *with_charts("sectors/<slug:slug>/", projects.sector_page, name="sector"),
    path("money/", money.money, name="money"),
    path("pace/", pace.pace, name="pace"),
    re_path(r"^pace/pace\.(?P<suffix>csv|xlsx)$", pace.pace_file, name="pace_file"),
    re_path(r"^forecast/fan\.(?P<suffix>csv|xlsx)$", forecast.fan_file, name="forecast_file"),
    *with_charts("forecast/", forecast.forecast, name="forecast"),
    path("scenarios/", scenarios.scenario_list, name="scenarios"),
    re_path(
        r"^scenarios/(?P<keys>[^/]{1,99})/fan\.(?P<suffix>csv|xlsx)$",
        scenarios.scenario_file,
        name="scenario_file",
    ),
    *with_charts("scenarios/<str:keys>/", scenarios.scenario_page, name="scenario"),
    *with_charts("returns/", returns_page, name="returns"),
    re_path(
        r"^returns/investments\.(?P<suffix>csv|xlsx)$", investments_file, name="investments-file"
    ),
    re_path(r"^returns/what-if\.(?P<suffix>csv|xlsx)$", what_if_file, name="what-if-file"),
    path("figures/", figures.figure_list, name="figures"),
    path("figures/<slug:key>/", figures.figure_page, name="figure"),
    path("changes/", changes.change_list, name="changes"),
    path("changes/feed.atom", changes.change_feed, name="changes-feed"),
    path("decisions/", decisions.decision_list, name="decisions"),
    path("decisions/<str:key>/", decisions.decision_page, name="decision"),
    path("sources/", sources.source_list, name="sources"),
    path("sources/<slug:slug>/", sources.source_page, name="source"),
    *with_charts("reactions/", reactions.reaction_list, name="reactions"),
    path("reactions/feed.atom", reactions.reaction_feed, name="reactions-feed"),
    re_path(
        r"^reactions/reactions\.(?P<suffix>csv|xlsx)$",
        reactions.reaction_file,
        name="reactions_file",
    ),
    path("watch/", watch, name="watch"),
    re_path(r"^watch/watch\.(?P<suffix>csv|xlsx)$", watch_file, name="watch_file"),
    *with_charts("compare/", compare.compare, name="compare"),
    re_path(r"^compare/compare\.(?P<suffix>csv|xlsx)$", compare.compare_file, name="compare_file"),
    path("claims/", claims.claim_list, name="claims"),
    re_path(r"^claims/claims\.(?P<suffix>csv|xlsx)$", claims.claim_file, name="claims_file"),
    path("calls/", call_list, name="calls"),
    path("calls/calendar.ics", feed, name="calls-feed"),
    path("calls/window/", window_page, name="window"),
    *with_charts("tariffs/", tariff_page, name="tariffs"),
    path("tariffs/suppose/", suppose, name="suppose"),
    re_path(r"^tariffs/exposure\.(?P<suffix>csv|xlsx)$", exposure_file, name="exposure_file"),
    path("data/", data.data_list, name="data"),
    path("data/<slug:kind>/", data.data_table, name="data_table"),
    re_path(r"^data/(?P<kind>\w{1,40})\.(?P<suffix>csv|xlsx)$", data.data_file, name="data_file"),
    re_path(
        r"^data/(?P<kind>\w{1,40})/template\.(?P<suffix>csv|xlsx)$",
        data.data_template,
        name="data_template",
    ),
    path("corrections/", corrections.correction_list, name="corrections"),
    path("glossary/", words.glossary, name="glossary"),
    path("method/", words.method, name="method"),
    path("api/", words.api, name="api"),
    path("licence/", words.licence, name="licence"),
    path("accessibility/", words.accessibility, name="accessibility"),
    path("report/", report.report, name="report"),
    path("theme/", words.theme, name="theme"),
]
