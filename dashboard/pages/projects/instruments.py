"""How a project is financed: agreements, their terms and cover."""

from typing import Any

from django.utils.translation import gettext as _

from dashboard import formats
from dashboard.pages.overview.figures import Figures
from dashboard.pages.projects.words import instrument_name
from projects.selectors import ProjectRecord


def financings(figures: Figures, project: ProjectRecord) -> list[dict[str, Any]]:
    found = []
    for financing in figures.record.financings:
        names = {p.slug: p for p in financing.projects.all()}
        if project.slug not in names:
            continue
        judged = figures.record.judged(f"financing:{financing.ref}", "amount.signed")
        yen = figures.record.judged(f"financing:{financing.ref}", "amount.signed", "jpy")
        slug = financing.document.slug if financing.document else None
        found.append(
            {
                "day": formats.day(financing.signed_on),
                "instrument": instrument_name(financing.instrument),
                "providers": ", ".join(str(p) for p in financing.providers.all()),
                "amount": figures.cites.document(
                    formats.money_range(judged.bounds),
                    judged.used[0].document.slug
                    if judged.used and judged.used[0].document
                    else slug,
                ),
                "yen": formats.money_range(yen.bounds, "JPY", places=0) if yen.used else "",
                "joint": len(names) if len(names) > 1 else 0,
                "cover": financing.get_cover_status_display(),
                "cover_text": financing.cover_text,
                "source": figures.cites.document(_("Source"), slug),
                "note": financing.note,
            }
        )
    return found
