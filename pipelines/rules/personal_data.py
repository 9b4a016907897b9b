"""Nothing in copy or in an answer tells who somebody is, where they live or how they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from signalbook import posts, prose, tracking
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.model import Message
from signalbook.pattern import pattern
from signalbook.rule import Ask, rule

_MAIL = pattern(r"(?<![\w.+@-])([\w.+-]+)@((?:[\w-]+\.)+[a-z]{2,})(?!\w)", re.IGNORECASE)
_OFFICE = frozenset(
    """info hello hi contact press news newsletter letters support help service office team mail jobs careers privacy legal security
    feedback editor redaktion presse kontakt hallo hilfe datenschutz bewerbung events sales accessibility abuse community noreply
    no-reply post postmaster webmaster readers media""".split()
)
_PHONE = pattern(
    r"(?:\b(?:tel|telephone|phone|call|ring|text|mobile|whatsapp|telefon|mobil|handy|ruf\w*)\b[\w .:,'-]{0,20}?|(?<![\w+]))(\+?\(?\d[\d ()/-]{7,18}\d)\b",
    re.IGNORECASE,
)
_PHONE_WORD = pattern(r"\b(?:tel|telephone|phone|call|ring|mobile|whatsapp|telefon|mobil|handy)\b", re.IGNORECASE)
_IBAN = pattern(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b")
_CARD = pattern(r"(?<![\d-])\d(?:[ -]?\d){12,18}(?![\d-])")
_ORDER = pattern(
    r"\b(?:order|invoice|customer|ticket|booking|policy|patient|case|bestell|kunden|rechnungs|auftrags|buchungs|vertrags|patienten)[ -]?"
    r"(?:number|no\.?|nr\.?|id|nummer|#)\s*(?:is|was|ist|war|lautet|[:=#])?\s*#?((?:[A-Z]{1,5}-?)?\d[\d-]{3,})",
    re.IGNORECASE,
)
_HEALTH = pattern(
    r"\b(?:his|her|their|(?:my|our) (?:colleague|customer|patient|client)(?:['’]s)?|mr\.?|mrs\.?|ms\.?) [\w ]{0,20}?(?:diagnosis|was diagnosed|is diagnosed|illness is|suffers from|is pregnant)\b"
    r"|\b(?:herr|frau|unsere? (?:kollegin|kollege|kundin|kunde|patientin|patient)) [\w ]{0,25}?(?:leidet an|ist an \w+ erkrankt|ist schwanger|diagnose)\b",
    re.IGNORECASE,
)


_ILL = frozenset("diagnosis diagnosed illness suffers pregnant leidet erkrankt schwanger diagnose".split())


@rule(
    "personal-data",
    level=Level.BLOCK,
    about="Copy and answers hold no order number, private address, account or health detail.",
    source="GDPR",
    alone=True,
)
def personal_data(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:  # noqa: ARG001 - a rule's shape
    """Find personal data in what goes out."""
    allowed = frozenset(re.sub(r"[ ()/-]", "", str(item)).lower() for item in ask.limit("allow", []))
    own = book.settings.own_domains + tuple(domain for domain in book.settings.link_domains)
    for view in posts.views(book):
        for said in view.said:
            for start, message, remedy in _found(said.prose, own, allowed):
                yield ask(view.post, said.field, message, remedy, **posts.where(said, start))
        for index, media in enumerate(view.post.media):
            for _, message, remedy in _found(prose.read(media.alt or ""), own, allowed):
                yield ask(view.post, f"media.{index}.alt", message, remedy)
    for document in book.all(Message):
        texts = [("says", text) for text in _texts(document.says)] + [
            ("short", text) for text in _texts(document.short)
        ]
        for field, text in texts:
            for _, message, remedy in _found(prose.read(text), own, allowed):
                yield ask(document, field, message, remedy)


def in_text(text: str, book: Book) -> str:
    """What an answer tells of somebody, as a sentence; empty when nothing."""
    return next(
        (
            message
            for _, message, _ in _found(
                prose.read(text), (*book.settings.own_domains, *book.settings.link_domains), frozenset()
            )
        ),
        "",
    )


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [str(text) for text in value.values()] if hasattr(value, "values") else []


def _found(said: prose.Prose, own: tuple[str, ...], allowed: frozenset[str]) -> Iterator[tuple[int, str, str]]:
    """Start, message and remedy of each thing found; quick for a text without digits and @."""
    text = said.bare
    if "@" in text:
        for mail in _MAIL.finditer(text):
            office = _OFFICE.intersection(re.split(r"[.+_-]", mail[1].lower()))
            if not office and mail[0].lower() not in allowed and not tracking.within(mail[2].lower(), own):
                yield (
                    mail.start(), f"{_masked(mail[0])} is somebody's own address, and a post is read by everybody.",
                    "Leave it out, or give an address of the team's.",
                )  # fmt: skip
    if prose.holds(text, "0123456789") and _DIGITS.search(text):
        yield from _numbers(text, allowed)
    if not _ILL.isdisjoint(said.words) and (health := _HEALTH.search(text)):
        yield (
            health.start(), f"“{prose.short(health[0])}” tells of somebody's health, which is theirs to tell.",
            "Leave it out, even when they told it themselves.",
        )  # fmt: skip


_DIGITS = pattern(r"\d[\d ()/-]{2,}\d")


def _numbers(text: str, allowed: frozenset[str]) -> Iterator[tuple[int, str, str]]:
    taken: list[tuple[int, int]] = []
    for found in _IBAN.finditer(text):
        if _iban(found[0].replace(" ", "")):
            taken.append(found.span())
            yield (
                found.start(),
                f"{_masked(found[0])} is a bank account.",
                "Leave it out; lead people to a page that says how to pay.",
            )
    for found in _CARD.finditer(text):
        digits = re.sub(r"\D", "", found[0])
        if not _inside(found.start(), taken) and len(set(digits)) > 2 and _luhn(digits):
            taken.append(found.span())
            yield found.start(), f"{_masked(found[0])} has the form of a payment card.", "Leave it out."
    for found in _ORDER.finditer(text):
        if not _inside(found.start(1), taken):
            taken.append(found.span())
            yield (
                found.start(), f"“{_masked(found[0])}” tells who somebody is to everybody who can look it up.",
                "Leave it out, and ask for it in a private message.",
            )  # fmt: skip
    for found in _PHONE.finditer(text):
        digits = re.sub(r"\D", "", found[1])
        plain = re.sub(r"[ ()/-]", "", found[1])
        looks = found[1].startswith("+") or _PHONE_WORD.search(found[0])
        if (
            looks
            and 8 <= len(digits) <= 15
            and plain not in allowed
            and not digits.startswith(("0800", "800", "49800", "116"))
            and not _inside(found.start(1), taken)
        ):
            yield (
                found.start(1),
                f"{_masked(found[1])} looks like a telephone number.",
                "Leave it out, or list a line of the team's in the policy, at this rule: `limits: {allow: [its number]}`.",
            )


def _inside(index: int, taken: list[tuple[int, int]]) -> bool:
    return any(start <= index < end for start, end in taken)


def _masked(text: str) -> str:
    """Enough to find it, too little to pass it on."""
    flat = " ".join(text.split())
    keep = 3 if "@" in flat else max(4, len(flat) // 3)
    return flat[:keep] + "…"


def _iban(text: str) -> bool:
    if not 15 <= len(text) <= 34:
        return False
    return int("".join(str(int(letter, 36)) for letter in text[4:] + text[:4])) % 97 == 1


def _luhn(digits: str) -> bool:
    total = sum(int(d) if index % 2 == 0 else sum(divmod(2 * int(d), 10)) for index, d in enumerate(reversed(digits)))
    return total % 10 == 0
