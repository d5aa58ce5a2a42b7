"""News for the desk, told once and taken note of once."""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, time

from django.contrib.auth.models import User
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commitments.calculations.dates import TOKYO, business_day
from commitments.models import AuditEntry, Commitment, InboxItem

FICTIONAL = "illustrative"  # the kind of all news of an illustrative commitment: no mail takes it
logger = logging.getLogger(__name__)


def tell(key: str, *, kind: str, title: str, body: str = "", url: str = "") -> bool:
    """Put news into the inbox unless the same key was told before; return whether it is new."""
    _item, is_new = InboxItem.objects.get_or_create(
        key=key, defaults={"kind": kind, "title": title[:200], "body": body, "url": url}
    )
    return is_new


def tell_of(
    commitment: Commitment, key: str, *, kind: str, title: str, body: str = "", path: str
) -> bool:
    """Tell news of a commitment, with the page it is about; return whether it is new.

    That of an illustrative one says so and is of a kind of its own, which is never mailed.
    """
    if commitment.illustrative:
        kind, title = FICTIONAL, _("Illustrative: %(words)s") % {"words": title}
    query = "" if commitment.is_default else f"?commitment={commitment.slug}"
    return tell(key, kind=kind, title=title, body=body, url=f"{path}{query}")


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


def mail_unsent(kind: str, *, recipients: Sequence[str], now: datetime) -> int:
    """Mail the open news of a kind that was not mailed yet. Return how many were sent.

    Each is taken by one UPDATE first, so two runs never send it twice. A mail
    that fails is logged and given back, to be tried at the next run.
    """
    waiting = InboxItem.objects.filter(kind=kind, mailed_at__isnull=True, done_at__isnull=True)
    sent = 0
    for item in waiting.order_by("pk") if recipients else ():
        if not waiting.filter(pk=item.pk).update(mailed_at=now):
            continue
        body = "\n\n".join(part for part in (item.body, item.url) if part)
        try:
            EmailMessage(item.title, body, to=list(recipients)).send()
        except Exception:  # whatever the mail server does, the news is in the inbox
            logger.exception("news was not mailed: %s", item.key)
            InboxItem.objects.filter(pk=item.pk).update(mailed_at=None)
            break
        sent += 1
    return sent


def mail_digest(kinds: Sequence[str], *, recipients: Sequence[str], now: datetime) -> int:
    """Mail the open news of some kinds as one message, at most once a day in Tokyo. Return its lines.

    One UPDATE takes them all first, so of two runs one sends. A mail that fails
    is logged and its news given back.
    """
    news = InboxItem.objects.filter(kind__in=kinds)
    midnight = datetime.combine(business_day(now), time(), TOKYO)
    if not recipients or news.filter(mailed_at__gte=midnight).exists():
        return 0
    if not news.filter(mailed_at__isnull=True, done_at__isnull=True).update(mailed_at=now):
        return 0
    items = list(news.filter(mailed_at=now).order_by("pk"))
    lines = [f"{item.title}\n{item.url}" if item.url else item.title for item in items]
    title = ngettext(
        "%(n)s thing is new in the register", "%(n)s things are new in the register", len(items)
    )
    try:
        EmailMessage(title % {"n": len(items)}, "\n\n".join(lines), to=list(recipients)).send()
    except Exception:  # whatever the mail server does, the news is in the inbox
        logger.exception("the digest was not mailed")
        news.filter(pk__in=[item.pk for item in items]).update(mailed_at=None)
        return 0
    return len(items)
