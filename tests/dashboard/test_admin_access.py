"""Who gets in: first people, created people, one-time codes, lockout."""

import io
import re

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from dashboard.throttles import address_of
from tests.desk import load_small_register, make_people

pytestmark = pytest.mark.django_db

LOGIN, INDEX = reverse("admin:login"), reverse("admin:index")


def printed(*args, **options):
    out = io.StringIO()
    call_command(*args, stdout=out, **options)
    return out.getvalue()


def test_the_first_run_creates_an_editor_and_an_approver_who_can_sign_in(settings):
    settings.PRODUCTION = False
    make_people()

    shown = dict(re.findall(r"^  (\S+) +(\S+)$", printed("create_first_users"), re.M))

    assert sorted(shown) == ["approver", "editor"]
    for username, password in shown.items():
        client = Client()
        data = {"username": username, "password": password, "next": INDEX}
        assert client.post(LOGIN, data).status_code == 302
        assert client.get(INDEX).status_code == 200
    assert not User.objects.get(username="editor").has_perm("commitments.decide_case")
    assert User.objects.get(username="approver").has_perm("commitments.decide_case")


def test_the_second_run_creates_nobody(settings):
    settings.PRODUCTION = False
    make_people()
    printed("create_first_users")

    assert "exist already" in printed("create_first_users")
    assert User.objects.count() == 2


def test_production_starts_without_accounts(settings):
    settings.PRODUCTION = True
    make_people()

    with pytest.raises(CommandError, match="create_person"):
        printed("create_first_users")
    assert not User.objects.exists()


def sign_in(client, password, code=""):
    data = {"username": "ann", "password": password, "otp_token": code, "next": INDEX}
    return client.post(LOGIN, data)


def test_in_production_a_password_alone_does_not_open_the_admin(settings):
    settings.PRODUCTION = True
    make_people()
    load_small_register()
    out = printed("create_person", "ann", role="editor")
    password = re.search(r"password +(\S+)", out)[1]
    device = TOTPDevice.objects.get(user__username="ann")
    assert "otpauth://totp/" in out
    code = f"{TOTP(device.bin_key).token():06d}"

    client = Client()
    assert b"otp_token" in client.get(LOGIN).content
    assert sign_in(client, password).status_code == 200
    assert client.get(INDEX).status_code == 302
    assert sign_in(client, password, code).status_code == 302
    assert client.get(INDEX).status_code == 200

    again = Client()
    assert sign_in(again, password, code).status_code == 200
    assert again.get(INDEX).status_code == 302


def test_a_session_without_a_code_is_not_enough_in_production(settings):
    settings.PRODUCTION = True
    (editor,) = make_people("editor")
    client = Client()
    client.force_login(editor)

    assert client.get(INDEX).status_code == 302


def test_a_username_that_is_taken_is_refused_in_words():
    make_people("editor")

    with pytest.raises(CommandError, match="exists"):
        printed("create_person", "editor", role="editor")


def test_the_sixth_wrong_password_is_locked_out(settings):
    settings.PRODUCTION = False
    make_people("editor")
    client = Client()
    data = {"username": "editor", "password": "wrong", "next": INDEX}

    codes = [client.post(LOGIN, data).status_code for _ in range(6)]

    assert codes[0] == 200
    assert codes[-1] == 429
    right = {**data, "password": "editor-pass-phrase"}
    assert client.post(LOGIN, right).status_code == 429


def test_wrong_passwords_of_one_address_are_counted_whoever_they_are_for(settings):
    settings.PRODUCTION = False
    people = [f"editor_{n}" for n in range(6)]
    make_people("editor", *people)
    client = Client()

    def entered(username, word="wrong", address="192.0.2.1"):
        data = {"username": username, "password": word, "next": INDEX}
        return client.post(LOGIN, data, REMOTE_ADDR=address).status_code

    assert [entered(person) for person in people][-1] == 429
    assert entered("editor", "editor-pass-phrase") == 429
    assert entered("editor", "editor-pass-phrase", "192.0.2.2") == 302


@pytest.mark.parametrize(
    ("proxies", "said", "address"),
    [
        (1, "192.0.2.7, 192.0.2.1", "192.0.2.1"),
        (0, "192.0.2.7, 192.0.2.1", "10.0.0.1"),
        (1, "192.0.2.7, unknown", "10.0.0.1"),
    ],
)
def test_behind_a_proxy_the_address_is_the_one_that_it_names(rf, settings, proxies, said, address):
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": proxies}
    given = {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": said}
    assert address_of(rf.get("/", **given)) == address


def test_a_session_lasts_eight_hours(settings):
    assert settings.SESSION_COOKIE_AGE == 8 * 3600
