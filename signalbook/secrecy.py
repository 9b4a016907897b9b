"""Secrets in texts that leave the process: found in every form in which services and programs repeat them, and covered.

Connectors are careful with what they say. This is the second wall behind them: what is printed, recorded or raised goes
through a veil that knows the secrets of this environment. A service that answers with the request's own header, a library
that puts an address with a password into an error: what people read is ``•••``.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote, quote_plus, unquote, urlsplit

from signalbook.classes import dataclass
from signalbook.pattern import pattern

COVER = "•••"
PUBLIC_ROLES = frozenset({"user"})
"""Roles whose value is no secret: a user's name stands in messages, and may be an ordinary word."""

SHORTEST = 5
"""A shorter value is no secret and would cover half of every text."""

_NAMES = pattern(
    r"TOKEN|PASSW|PASSPHRASE|SECRET|CREDENTIAL|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|(?:^|_)(?:PAT|PING_URL|KEY)$"
)
# Each on its own: what begins with one letter or sign is looked for many times faster than one of three.
_SCHEME = pattern(r"((?i:\bBearer|\bBasic)[ \t]+)[A-Za-z0-9._~+/=-]{12,}")
_USER = pattern(r"(://)[^/\s@:'\"<>]*:[^/\s@'\"<>]+(?=@)")
_QUERY = pattern(r"([?&;](?i:access_token|api_?key|auth|token|password|secret|sig|signature)=)[^&\s'\"<>#]+")


@dataclass(frozen=True, slots=True)
class Veil:
    """Covers secrets in texts. ``Veil()`` knows none and covers what always is one: a password in an address, a bearer's token."""

    known: re.Pattern[str] | None = None
    begun: re.Pattern[str] | None = None

    def __call__(self, text: str) -> str:
        """The text with every secret covered; the same object when there is none."""
        if self.known is not None:
            text = self.known.sub(COVER, text)
        if self.begun is not None:  # what is left are secrets that a message was cut inside of
            text = self.begun.sub(COVER, text)
        low = text.lower()
        if "bearer" in low or "basic" in low:
            text = _SCHEME.sub(_covered, text)
        if "://" in text:
            text = _USER.sub(_covered, text)
        return _QUERY.sub(_covered, text) if "=" in text else text


def _covered(found: re.Match[str]) -> str:
    return f"{found[1]}{COVER}"


def veil(secrets: Iterable[str]) -> Veil:
    """A veil that knows these secrets."""
    wanted = {value for secret in secrets for value in (secret.strip(), *_parts(secret)) if len(value) >= SHORTEST}
    written = {form for value in wanted for form in _written(value)}
    patterns = {re.escape(form) for form in written} | {form for value in wanted for form in _coded(value)}
    begun = {form for form in map(_begun, written) if form}
    # The longest first, so that none is covered half.
    known, cut = (
        re.compile("|".join(sorted(forms, key=lambda form: (-len(form), form)))) if forms else None
        for forms in (patterns, begun)
    )
    return Veil(known, cut)


def of_environment(environment: Mapping[str, str], named: Iterable[str] = ()) -> Veil:
    """A veil for what an environment holds: the variables that the settings name, and those whose names say it."""
    wanted = set(named)
    return veil(value for name, value in environment.items() if name in wanted or _NAMES.search(name.upper()))


def names(settings: object) -> Iterator[str]:
    """The variables a settings file names as secrets, from its table as TOML gives it; whatever else is wrong with it."""
    table = settings if isinstance(settings, dict) else {}
    channels, publish = table.get("channels"), table.get("publish")
    for channel in channels.values() if isinstance(channels, dict) else ():
        secrets = channel.get("secrets") if isinstance(channel, dict) else None
        yield from secret_names(secrets if isinstance(secrets, dict) else {})
    if isinstance(publish, dict) and isinstance(publish.get("ping"), str):
        yield publish["ping"]


def secret_names(secrets: Mapping[str, object]) -> Iterator[str]:
    """The variables of a channel's ``secrets`` that hold one."""
    yield from (name for role, name in secrets.items() if role not in PUBLIC_ROLES and isinstance(name, str))


def _written(value: str) -> Iterator[str]:
    """A secret as it stands, and as it is escaped in addresses, HTML, JSON and messages of Python."""
    yield from (value, quote(value, safe=""), quote(value), quote_plus(value), html.escape(value), html.escape(value, quote=False),
                repr(value)[1:-1], json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1])  # fmt: skip
    # A provider shows some passwords in groups.
    if " " in value and len(value.replace(" ", "")) >= SHORTEST:
        yield value.replace(" ", "")


def _coded(value: str) -> Iterator[str]:
    """Patterns for a secret inside of base64, and in hexadecimal digits."""
    for core in _inside_base64(value):
        yield rf"[A-Za-z0-9+/_=-]*{re.escape(core)}[A-Za-z0-9+/_=-]*"
    if len(value) >= 8:
        yield re.escape(value.encode().hex())


def _begun(form: str) -> str:
    """A pattern for the first half of a long secret and what stands behind it; empty for a short one."""
    return re.escape(form[: len(form) // 2]) + r"[^\s<>]*" if len(form) >= 16 else ""


def _parts(secret: str) -> Iterator[str]:
    """Of an address that is a secret: its password, and whatever long in its path or query."""
    if "://" not in secret:
        return
    for one in secret.split():
        try:
            parts = urlsplit(one.strip(","))
        except ValueError:
            continue
        found = [parts.password or "", parts.username or "", *parts.path.split("/"), *re.split(r"[&=]", parts.query)]
        for piece in found:
            yield from (form for form in {piece, unquote(piece)} if len(form) >= 8)


def _inside_base64(value: str) -> Iterator[str]:
    """What of a value's base64 stays the same wherever it stands: ``user:secret`` holds it at one of three places."""
    data = value.encode()
    for ahead in range(3):
        coded = base64.b64encode(b"\0" * ahead + data).decode().rstrip("=")
        whole = (ahead + len(data)) // 3 * 4  # of the last group some bits belong to what follows
        core = coded[(ahead * 8 + 5) // 6 : whole]
        if len(core) >= SHORTEST:
            yield core
            if "+" in core or "/" in core:
                yield core.replace("+", "-").replace("/", "_")
