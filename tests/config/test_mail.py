"""The address of a mail server becomes settings, or one clear line that keeps its password."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.environment import mail


def test_no_address_leaves_mail_alone():
    assert mail("EMAIL_URL", "") == {}


@pytest.mark.parametrize(
    ("address", "port", "tls", "ssl"),
    [
        ("smtp://desk:p%40ss@mail.example.org", 25, False, False),
        ("smtp+tls://desk:p%40ss@mail.example.org", 587, True, False),
        ("smtps://desk:p%40ss@mail.example.org:2465", 2465, False, True),
    ],
)
def test_an_address_names_server_port_person_and_how_it_is_sealed(address, port, tls, ssl):
    assert mail("EMAIL_URL", address) == {
        "EMAIL_HOST": "mail.example.org",
        "EMAIL_PORT": port,
        "EMAIL_HOST_USER": "desk",
        "EMAIL_HOST_PASSWORD": "p@ss",
        "EMAIL_USE_TLS": tls,
        "EMAIL_USE_SSL": ssl,
    }


@pytest.mark.parametrize(
    "address", ["mail.example.org", "http://desk:secret@host", "smtp://desk:secret@host:port"]
)
def test_what_is_no_mail_server_is_named_without_its_password(address):
    with pytest.raises(ImproperlyConfigured) as refused:
        mail("EMAIL_URL", address)
    assert str(refused.value) == (
        "EMAIL_URL is not the address of a mail server: smtp+tls://user:password@host:587"
    )
