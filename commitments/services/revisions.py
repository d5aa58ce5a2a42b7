"""The one way to post to the register."""

from datetime import UTC, datetime, timedelta

from django.contrib.auth.models import User
from django.db import connection, transaction

from commitments.models import Revision, RevisionHead


@transaction.atomic
def post_revision(*, kind: str, actor: User | None, reason: str) -> Revision:
    """Open the next revision; facts of the same transaction point to it.

    Locks the head row, so postings follow one another. Its instant is the
    database's clock, or a microsecond after the last where the clock lags;
    nothing and nobody can set it.
    """
    head = locked_head()
    now = _database_clock()
    if head.recorded_at is not None:
        now = max(now, head.recorded_at + timedelta(microseconds=1))
    head.number, head.recorded_at = head.number + 1, now
    head.save()
    return Revision.objects.create(
        number=head.number, recorded_at=now, kind=kind, actor=actor, reason=reason
    )


def locked_head() -> RevisionHead:
    """Lock the head row until the caller's transaction ends: nothing is posted meanwhile."""
    RevisionHead.objects.get_or_create(id=1)
    return RevisionHead.objects.select_for_update().get(id=1)


def _database_clock() -> datetime:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT clock_timestamp()")
            now: datetime = cursor.fetchone()[0]
            return now.astimezone(UTC)
        cursor.execute("SELECT strftime('%Y-%m-%dT%H:%M:%f', 'now')")
        return datetime.fromisoformat(cursor.fetchone()[0]).replace(tzinfo=UTC)
