"""The words of the register."""

from django.utils.translation import override
from rest_framework.request import Request
from rest_framework.response import Response

from dashboard.api import parameters
from dashboard.api.views.base import PointView
from dashboard.glossary import GLOSSARY, Entry

IN_ORDER = parameters.Order("key", descending=False)


class GlossaryView(PointView):
    """The words of the register in English and Japanese, rungs of the ladder first."""

    extra = ("after", "page_size")
    takes_commitment = False
    evidence = ()

    def get(self, request: Request) -> Response:
        if self.is_unchanged:
            return self.unchanged()
        keys = [entry.key for entry in GLOSSARY]
        part = parameters.slice_of(keys, request.query_params, request.path, IN_ORDER)
        results = [_entry(entry) for entry in GLOSSARY[part.start : part.end]]
        return Response({"meta": self.meta(), "next": part.following, "results": results})


def _entry(entry: Entry) -> dict[str, str]:
    words = {"key": entry.key, "group": entry.group}
    for language, suffix in (("en", ""), ("ja", "_ja")):
        with override(language):
            words[f"name{suffix}"] = str(entry.word)
            words[f"definition{suffix}"] = str(entry.meaning)
    return words
