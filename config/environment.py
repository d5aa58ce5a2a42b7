"""Reading the environment so that a mistake is one clear line."""

import os
import secrets
import sys
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import unquote, urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

MAIL_PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}


def tell(error: ImproperlyConfigured) -> None:
    """Write what is wrong with the environment on the terminal: one line, and no traceback."""
    sys.stderr.write(f"Cannot start: {error}\n")


def uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """End a process as Python does, but for a wrong environment, which is told in one line."""
    if isinstance(error, ImproperlyConfigured):
        tell(error)
    else:
        sys.__excepthook__(kind, error, trace)


def text(name: str, default: str = "") -> str:
    """Return a variable; one set to nothing is not given."""
    return os.environ.get(name, "").strip() or default


def required(name: str, why: str) -> str:
    """Return a variable that production cannot do without. Raise ImproperlyConfigured."""
    value = text(name)
    if not value:
        raise ImproperlyConfigured(f"{name} is not set: {why}")
    return value


def number(name: str, default: int) -> int:
    value = text(name, str(default))
    if not value.isdigit():
        raise ImproperlyConfigured(f"{name} is “{value}”, not a whole number")
    return int(value)


def listed(name: str, default: str = "") -> list[str]:
    return [item.strip() for item in text(name, default).split(",") if item.strip()]


def kept_secret(path: Path) -> str:
    """Return the secret of an embedded installation, made at its first run."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(secrets.token_urlsafe(50))
        path.chmod(0o600)
    return path.read_text().strip()


def database(name: str, address: str) -> dj_database_url.DBConfig:
    """Return Django's settings of a database. Raise ImproperlyConfigured without the address."""
    try:
        return dj_database_url.parse(address)
    except ValueError:
        raise ImproperlyConfigured(
            f"{name} is not the address of a database: postgres://user:password@host:5432/name"
        ) from None


def beside(address: str, *, database: int) -> str:
    """Return the address of another database of the same Redis."""
    return urlsplit(address)._replace(path=f"/{database}").geturl()


def mail(name: str, address: str) -> dict[str, Any]:
    """Return Django's settings of a mail server, none without an address.

    `smtp://` speaks plainly, `smtp+tls://` turns to TLS, `smtps://` begins with
    it. Raise ImproperlyConfigured for an address that is none.
    """
    if not address:
        return {}
    wanted = "smtp+tls://user:password@host:587"
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise ImproperlyConfigured(
            f"{name} is not the address of a mail server: {wanted}"
        ) from None
    if parts.scheme not in MAIL_PORTS or not parts.hostname:
        raise ImproperlyConfigured(f"{name} is not the address of a mail server: {wanted}")
    return {
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": port or MAIL_PORTS[parts.scheme],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
        "EMAIL_USE_SSL": parts.scheme == "smtps",
    }
