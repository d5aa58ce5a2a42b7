"""Keep a supposition: the same question at the same point is kept once, whoever asks."""

import hashlib
import json

from commitments.calculations.plain_text import named
from commitments.calculations.point import PointInTime
from projects.models import Project
from tariffs.models import Supposition

LONGEST_NAME = 80


def keep_supposition(name: str, event: str, project: Project, point: PointInTime) -> Supposition:
    """Return the kept supposition about a project at a point, keeping it where it is new.

    Raise ValueError for a name that is missing or longer than LONGEST_NAME.
    """
    name = named(name, LONGEST_NAME)
    asked = [event, project.slug, str(point.as_of), point.revision, str(point.published_by)]
    kept, _created = Supposition.objects.get_or_create(
        key=hashlib.blake2b(json.dumps(asked).encode(), digest_size=8).hexdigest(),
        defaults={
            "name": name,
            "commitment": project.commitment,
            "event": event,
            "project": project,
            "as_of": point.as_of,
            "revision_id": point.revision,
            "published_by": point.published_by,
        },
    )
    return kept
