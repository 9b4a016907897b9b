"""A secret is covered in every form in which it comes back, and texts without one stay as they are."""

from __future__ import annotations

import base64
import html
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signalbook import secrecy

LETTERS = st.characters(min_codepoint=33, max_codepoint=0x2FF, exclude_characters="•")
SECRETS = st.text(alphabet=LETTERS, min_size=6, max_size=60)


@settings(deadline=None)
@given(SECRETS, st.text(max_size=9), st.text(max_size=9))
def test_a_secret_is_covered_plain_escaped_and_encoded(secret, before, after):
    veil = secrecy.veil([secret])
    for form in (
        secret, quote(secret, safe=""), quote_plus(secret), html.escape(secret), json.dumps(secret), repr(secret),
        base64.b64encode(secret.encode()).decode(), base64.urlsafe_b64encode(secret.encode()).decode(),
        base64.b64encode(f"user:{secret}".encode()).decode(), base64.b64encode(f"\0me\0{secret}".encode()).decode(),
    ):  # fmt: skip
        shown = veil(f"{before} {form} {after}")
        assert secret not in shown
        assert form.strip("\"'=") not in shown


@settings(deadline=None)
@given(st.text(alphabet=LETTERS, min_size=16, max_size=60), st.data())
def test_a_message_that_was_cut_inside_a_secret_shows_less_than_half_of_it(secret, data):
    cut = data.draw(st.integers(len(secret) // 2, len(secret)))
    assert secret[:cut] not in secrecy.veil([secret])(f"the service said: {secret[:cut]}")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "fatal: unable to access 'https://bot:ghp_abc@forge.example/x.git/'",
            "fatal: unable to access 'https://•••@forge.example/x.git/'",
        ),
        ("Authorization: Bearer eyJhbGciOi.J9-_x", "Authorization: Bearer •••"),
        ("authorization: basic dXNlcjpwYXNzd29yZA==", "authorization: basic •••"),
        ("GET https://x.example/?access_token=abc&page=2", "GET https://x.example/?access_token=•••&page=2"),
    ],
)
def test_what_always_is_a_secret_is_covered_without_knowing_it(text, shown):
    assert secrecy.Veil()(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "Basic rules for the week, and a bearer of good news",
        "https://x.example:8080/a@b?utm_source=blog&utm_campaign=token",
        "content/calendar/opening.md:4  channels",
        "key = value",
    ],
)
def test_texts_without_a_secret_stay_as_they_are(text):
    assert secrecy.Veil()(text) is text


def test_the_environments_secrets_are_those_the_settings_name_and_those_whose_names_say_so():
    environment = {
        "HOME": "/home/harbour", "PATH": "/usr/bin:/bin", "BLOG": "plain-but-named", "GITHUB_TOKEN": "ghs_abcdefghij",
        "MAIL_PASSWORD": "korrekt pferd", "OFFICE_ROOMS": "slack://TokenAAAA1/TokenBBBB2/TokenCCCC3/#general", "KEYBOARD": "querty",
    }  # fmt: skip
    settings = {
        "channels": {"blog": {"secrets": {"password": "BLOG"}}, "room": {"secrets": {"urls": "OFFICE_ROOMS"}}, "bad": 3}
    }
    veil = secrecy.of_environment(environment, secrecy.names(settings))
    assert veil("/home/harbour /usr/bin querty") == "/home/harbour /usr/bin querty"
    assert veil("plain-but-named ghs_abcdefghij korrekt pferd korrektpferd") == "••• ••• ••• •••"
    assert veil("sending to TokenBBBB2 failed") == "sending to ••• failed"


def test_a_value_too_short_to_be_a_secret_covers_nothing():
    assert secrecy.veil(["", "a", "1234"])("a 1234") == "a 1234"
