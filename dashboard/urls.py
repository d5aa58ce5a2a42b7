from django.urls import path

from dashboard.pages import figures, projects, sources, words
from dashboard.pages.overview import overview

urlpatterns = [
    path("", overview, name="overview"),
    path("projects/", projects.project_list, name="projects"),
    path("projects/<slug:slug>/", projects.project_page, name="project"),
    path("states/<str:code>/", projects.state_page, name="state"),
    path("sectors/<slug:slug>/", projects.sector_page, name="sector"),
    path("figures/", figures.figure_list, name="figures"),
    path("figures/<slug:key>/", figures.figure_page, name="figure"),
    path("sources/", sources.source_list, name="sources"),
    path("sources/<slug:slug>/", sources.source_page, name="source"),
    path("glossary/", words.glossary, name="glossary"),
    path("method/", words.method, name="method"),
    path("api/", words.api, name="api"),
    path("licence/", words.licence, name="licence"),
    path("theme/", words.theme, name="theme"),
]
