"""Nothing that a post or a server says can act on the terminal it is printed on."""

from __future__ import annotations

import pytest

from signalbook.terminal import printable


@pytest.mark.parametrize("text", ["plain", "Café 👩‍🍳 family 👨‍👩‍👧", "می‌خواهم", "two\nlines"])
def test_what_people_write_is_printed_as_written(text):
    assert printable(text) == text


@pytest.mark.parametrize("sign", ["\x1b", "\x07", "\r", "\u202e", "\u2066", "\x9b", "\ud800"])
def test_what_could_act_is_replaced(sign):
    assert printable(f"a{sign}[31mb") == "a\ufffd[31mb"
