"""Random texts that hold what counting stumbles over: a seed gives the same ones each time."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Iterator

PIECES = (
    *"abZ7_-.,:;!?'\"`@#$()[]{}|~*\\<>=+&%/ \n\t",
    "..", "\r\n", "//", "://", "＃", "＠", "http://", "https://", "HTTP://", "Https://", "www.", "example.com", "a.co", "t.co/abc123",
    "https://t.co/" + "a" * 41, "foo.org/bar(baz)", "x.de", "münchen.de", "日本.jp", "例え.テスト", "xn--p1ai", "ru", "рф", "пример.рф",
    "中国", "भारत", "com", "COM", "museum", "co.uk", "example", "test", "notatld", "e\u0301", "é", "ẞ", "ß", "İ", "ſ", "K", "日本", "한국",
    "각", "ひ", "中", "ا", "ע", "שלום", "\u202e", "\u200e", "\u061c", "\u200d", "\u200b", "\u2060", "\ufe0f", "\ufe0e", "\u20e3",
    "1\ufe0f\u20e3", "#\u20e3", "👨‍👩‍👧", "👩🏽‍🚀", "🏳️‍🌈", "🏴‍☠️", "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", "🇩🇪", "🇩",
    "🇦🇹🇨", "👍🏿", "🏽", "🧑‍🤝‍🧑", "🫠", "❤️", "❤", "☺", "©", "©️", "™", "\u0900", "क्ष", "क्", "\u093f", "ണ്ട", "\u0600", "\u0301\u0301", "가",
    "\u1100\u1161\u11a8", "“", "”", "–", "—", "…", "‘", "’", "′", "\u3000", "\u00a0", "\u2028", "\u0085", "\u00ad", "ι", "Ж", "ж", "@ana",
    "@ana.bsky.social", "@ana.example.test", "@foo@bar.org", "#tag", "#tag_1", "#1", "#日本", "$AAPL", "$aapl.", "?q=1&b=2", "?q=ü", "#frag",
    "/ü", "/ж", "/path.", "/(a)", "/(a(b)c)", ":8080", ":x", "foo_bar.com", "a-b.com", "-a.com", "a..com", "。", "．", "\ufeff", "\0", "ﬁ",
    "🅰️", "㊗️", "〰️", "‼️", "⁉", "𝕬", "𝟘", "𐍈", "\U0001f1e6", "\U000e0041", "ｗ．com", "ΑΒ.gr", "ελ", "vermögensberater",
    "a" * 70 + ".com", "a.b.c.d.com",
)  # fmt: skip
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789 .-_"
PLANES = ((32, 0x24F), (0x300, 0x2FFF), (0x3000, 0xD7FF), (0xF900, 0xFFFD), (0x1F000, 0x1FAFF))


def texts(seed: int, number: int) -> Iterator[str]:
    """So many texts of one to forty pieces; only signs that this Python's Unicode knows, for newer ones join otherwise."""
    dice = random.Random(seed)
    while number:
        shape = dice.random()
        if shape < 0.75:
            text = "".join(dice.choice(PIECES) for _ in range(dice.randint(1, 14)))
        elif shape < 0.85:
            text = "".join(dice.choice((*PIECES, *LETTERS * 3)) for _ in range(dice.randint(5, 40)))
        elif shape < 0.93:
            text = "".join(chr(dice.randint(*dice.choice(PLANES))) for _ in range(dice.randint(1, 25)))
        else:
            text = " ".join(dice.choice(PIECES) for _ in range(dice.randint(1, 12)))
        if all(unicodedata.category(sign) != "Cn" for sign in text):
            number -= 1
            yield text
