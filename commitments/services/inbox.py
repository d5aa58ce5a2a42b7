"""News for the desk, told once and taken note of once."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from commitments.models import AuditEntry, InboxItem


def tell(key: str, *, kind: str, title: str, body: str = "", url: str = "") -> bool:
    """Put news into the inbox unless the same key was told before; return whether it is new."""
    _item, is_new = InboxItem.objects.get_or_create(
        key=key, defaults={"kind": kind, "title": title[:200], "body": body, "url": url}
    )
    return is_new


@transaction.atomic
def mark_done(item_ids: Iterable[int], *, actor: User, now: datetime) -> int:
    """Take note of open items; leave those somebody took note of. Return how many."""
    items = list(
        InboxItem.objects.select_for_update().filter(pk__in=list(item_ids), done_at__isnull=True)
    )
    for item in items:
        item.done_at, item.done_by = now, actor
        item.save(update_fields=["done_at", "done_by"])
        AuditEntry.objects.create(
            actor=actor, action="taken note of", kind="inboxitem", ref=str(item.pk)
        )
    return len(items)
