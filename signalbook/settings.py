"""``signalbook.toml`` → ``Settings``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from signalbook.errors import SettingsError
from signalbook.findings import Finding, Level
from signalbook.model.base import Duration
from signalbook.model.declared import declared

CONNECTORS: tuple[str, ...] = (
    "manual", "console", "feed", "bluesky", "mastodon", "wordpress", "mail", "matrix", "apprise", "linkedin", "x",
    "facebook", "instagram", "threads", "reddit", "youtube", "flickr", "webmention", "imap", "files", "git", "ga4",
    "matomo", "plausible", "umami", "goatcounter", "search_console", "hubspot", "salesforce", "tryton", "sql",
)  # fmt: skip
"""The services a channel can stand for; a distribution of the team's own may register more."""

SOURCES = frozenset({"webmention", "imap", "files"})
"""Connectors that only bring in what others say."""
BY_HAND = frozenset({"manual", "linkedin", "x", "facebook", "instagram", "threads", "reddit", "youtube", "flickr"})
"""Services on which people place posts themselves; Signalbook counts for them, previews, and reminds."""


_UTC = ZoneInfo("UTC")
_TWO_HOURS = Duration(2, "h")
_ONE_HOUR = Duration(1, "h")
_TEN_MINUTES = Duration(10, "m")


@declared
class Team:
    """The team.

    Attributes:
        name: as the site's header shows it.
        zone: the zone of every time without an offset.
        languages: BCP 47, the first is the team's own.
        hours: business hours, e.g. ``Mon-Fri 09:00-17:00``.
    """

    name: str = "Our team"
    zone: ZoneInfo = _UTC
    languages: tuple[str, ...] = ("en",)
    hours: str = "Mon-Fri 09:00-17:00"


@declared
class Cadence:
    """How often a channel speaks: at least and at most so many in a ``per``, ``spacing`` apart."""

    min: int = 0
    max: int | None = None
    per: str = "week"
    spacing: Duration | None = None


@declared
class Rate:
    """How many deliveries a channel takes in a span at most, whatever is due: nothing is ever sent in a burst."""

    max: int = 20
    per: Duration = _ONE_HOUR


@declared
class Publishing:
    """How the team publishes.

    Attributes:
        branch: the protected branch, from which is published; the remote's own main branch if empty.
        remote: the remote that holds it.
        lease: how long a run may take from its claim to its last request; the job's time-out is shorter.
        ping: the name of an environment variable with the address of an outside monitor, asked after each run.
    """

    branch: str = ""
    remote: str = "origin"
    lease: Duration = _TEN_MINUTES
    ping: str = ""


@declared
class Said:
    """What a service said of its own limits.

    Attributes:
        source: the address that was asked.
        as_of: the day.
        limits: by the names of ``limits.toml`` (``limit``, ``link``, ``alt``, ``media``).
    """

    source: str
    as_of: date
    limits: Mapping[str, int] = field(default_factory=dict)


@declared
class Channel:
    """A place the team speaks on, listens to or counts.

    Attributes:
        key: its name everywhere.
        name: as people read it.
        connector: the service.
        secrets: role → the name of an environment variable.
        max_late: later than this after its time, a delivery is missed and a person decides.
        rate: the most deliveries in a span.
        mix: share of own-offer, useful, conversation in percent.
        live: what the service said of its limits; not a setting, it lies in ``data/``.
        more: every other key, for the connector.
    """

    key: str
    connector: str
    name: str = ""
    url: str = ""
    account: str = ""
    secrets: Mapping[str, str] = field(default_factory=dict)
    purpose: str = ""
    audience: str = ""
    voice: str = ""
    owner: str = ""
    backup: str = ""
    cadence: Cadence = Cadence()
    mix: Mapping[str, int] = field(default_factory=dict)
    status: str = "live"
    start: date | None = None
    max_late: Duration = _TWO_HOURS
    rate: Rate = Rate()
    hours: str = ""
    review_by: date | None = None
    access: tuple[str, ...] = ()
    two_factor: bool | None = None
    recovery: str = ""
    live: Said | None = None
    more: Mapping[str, Any] = field(default_factory=dict)


def heard_only(channel: Channel) -> bool:
    """Whether others speak on a channel and we listen: nobody has to answer for what stands on it."""
    if channel.connector == "feed":
        return "every" in channel.more or channel.more.get("listen") is True
    return channel.connector in SOURCES


@declared
class Audience:
    """Who a build is for: the sections it holds."""

    name: str
    may_see: tuple[str, ...] = ()


@declared
class Settings:
    """The team's only configuration.

    Attributes:
        link_domains: the only domains a post may lead to; empty when the team has set none.
        findings: what is wrong with the file without making it useless.
        more: every other table, for whoever reads it.
    """

    team: Team = Team()
    channels: Mapping[str, Channel] = field(default_factory=dict)
    audiences: Mapping[str, Audience] = field(default_factory=dict)
    link_domains: tuple[str, ...] = ()
    shorteners: tuple[str, ...] = ()
    own_domains: tuple[str, ...] = ()
    publish: Publishing = Publishing()
    data_branch: str = ""
    data_private: str = ""
    store_url: str = "duckdb"
    findings: tuple[Finding, ...] = ()
    digest: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)


_TEAM = {"name", "timezone", "languages", "hours"}
_CHANNEL = {
    "name", "connector", "url", "account", "secrets", "purpose", "audience", "voice", "owner", "backup", "cadence",
    "mix", "status", "start", "max_late", "rate", "hours", "review_by", "access", "two_factor", "recovery",
}  # fmt: skip
_PUBLISH = {"branch", "remote", "lease", "ping"}
_STATUS = ("test", "live", "retired")
_KEY = re.compile(r"[a-z][a-z0-9_-]*")


def read(path: Path) -> Settings:
    """Read the settings; a workspace without the file gets the defaults.

    Raises:
        SettingsError: the file cannot be read, is not TOML, or names a zone that does not exist.
    """
    import hashlib

    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return Settings()
    except OSError as error:
        message = f"{path.name} cannot be read: {error.strerror}."
        raise SettingsError(message) from error
    try:
        text = data.decode("utf-8-sig")
        table = tomllib.loads(text)
    except UnicodeDecodeError as error:
        message = f"{path.name} is not saved as UTF-8. Save it again as UTF-8."
        raise SettingsError(message) from error
    except tomllib.TOMLDecodeError as error:
        message = (
            f"{path.name} cannot be read: {error}.{_misdated(text, str(error))} Nothing was done. Compare the line with the "
            "guide's example."
        )
        raise SettingsError(message) from error
    return _settings(table, _Lines(path.name, text), hashlib.blake2b(data, digest_size=16).hexdigest())


def _misdated(text: str, error: str) -> str:
    """What no calendar has in the line that a reader of TOML names, as a sentence after its own; or nothing."""
    at = re.search(r"[Dd]ate.* line (\d+)", error)
    line = text.splitlines()[int(at[1]) - 1 :][:1] if at else []
    from signalbook import misdated

    said = misdated.slip(line[0].partition("=")[2].partition("#")[0].strip()) if line else None
    return "" if said is None else f" {said.why}" + (f" Write {said.instead[0]}." if said.instead else "")


def line_of(path: Path, table: str, key: str = "") -> int:
    """The 1-based line of a key in the settings, of its table when it is missing, or 1."""
    try:
        return _Lines(path.name, path.read_text(encoding="utf-8", errors="replace")).line(table, key)
    except OSError:
        return 1


class _Lines:
    """Where a key stands in the file, and what is wrong with it."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.lines = text.splitlines()
        self.findings: list[Finding] = []

    def line(self, table: str, key: str = "") -> int:
        inside = not table
        for number, line in enumerate(self.lines, 1):
            head = re.match(r"\s*\[+\s*([^\]]+?)\s*\]+", line)
            if head:
                inside = head[1].replace('"', "") == table
                if inside and not key:
                    return number
            elif inside and key and re.match(rf'\s*"?{re.escape(key)}"?\s*=', line):
                return number
        return 1 if not key else self.line(table)

    def say(self, table: str, key: str, message: str, remedy: str, level: Level = Level.BLOCK) -> None:
        where = f"{table}.{key}" if key else table
        self.findings.append(Finding(self.path, self.line(table, key), 1, where, "settings", level, message, remedy))


def _settings(table: dict[str, Any], lines: _Lines, digest: str) -> Settings:
    team = _team(_part(table, "team", lines), lines)
    channels: dict[str, Channel] = {}
    for key, values in _part(table, "channels", lines).items():
        if isinstance(values, dict):
            channels[key] = _channel(key, values, lines)
        else:
            lines.say("channels", key, f"`{key}` is not a table.", f"Write [channels.{key}] and its keys below it.")
    audiences = {
        name: Audience(name, _texts(values.get("may_see", [])))
        for name, values in _part(table, "audiences", lines).items()
        if isinstance(values, dict)
    }
    links, data, store = (_part(table, name, lines) for name in ("links", "data", "store"))
    return Settings(
        team=team,
        channels=channels,
        audiences=audiences,
        link_domains=_texts(links.get("domains", [])),
        shorteners=_texts(links.get("shorteners", [])),
        own_domains=_texts(links.get("own", [])),
        publish=_publishing(_part(table, "publish", lines), lines),
        data_branch=_branch(str(data.get("branch", "")), lines),
        data_private=str(data.get("private", "")),
        store_url=str(store.get("url", "duckdb")),
        findings=tuple(lines.findings),
        digest=digest,
        more={key: value for key, value in table.items() if key not in {"team", "channels", "audiences"}},
    )


def _part(table: Mapping[str, Any], name: str, lines: _Lines) -> dict[str, Any]:
    value = table.get(name, {})
    if isinstance(value, dict):
        return value
    lines.say("", name, f"`{name}` is not a table.", f"Write [{name}] and its keys below it.")
    return {}


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, list) else (str(value),) if value else ()


def _team(values: dict[str, Any], lines: _Lines) -> Team:
    for key in values.keys() - _TEAM:
        lines.say(
            "team", key, f"`{key}` is not a key of [team].", f"Take it out, or use one of: {', '.join(sorted(_TEAM))}."
        )
    name = str(values.get("timezone", "UTC"))
    try:
        zone = ZoneInfo(name)
    except (ValueError, OSError, KeyError) as error:
        message = (
            f"{lines.path}:{lines.line('team', 'timezone')}: “{name}” is not a time zone, so no time in the workspace "
            'can be read. Write one of the IANA database: timezone = "Europe/Berlin".'
        )
        raise SettingsError(message) from error
    base = Team()
    return Team(
        str(values.get("name", base.name)),
        zone,
        _texts(values.get("languages", list(base.languages))),
        str(values.get("hours", base.hours)),
    )


def _channel(key: str, values: dict[str, Any], lines: _Lines) -> Channel:
    table = f"channels.{key}"
    if not _KEY.fullmatch(key):
        lines.say(
            table,
            "",
            f"“{key}” is no channel's key: it stands in headings and addresses.",
            "Use small letters, digits and -.",
        )
    connector = str(values.get("connector", ""))
    if not connector:
        lines.say(
            table,
            "",
            f"The channel `{key}` does not say how it is reached.",
            'Write connector = "manual" if people place its posts by hand.',
        )
    secrets = values.get("secrets", {})
    if not isinstance(secrets, dict) or not all(
        isinstance(name, str) and re.fullmatch(r"[A-Z][A-Z0-9_]*", name) for name in secrets.values()
    ):
        lines.say(
            table,
            "secrets",
            "Secrets are named here and kept elsewhere; this looks like a secret itself, or like no name.",
            f'Write the name of an environment variable: secrets = {{token = "{key.upper()}_TOKEN"}}. If a real secret '
            "stood here, renew it: history keeps it.",
        )
        secrets = {}
    status = str(values.get("status", "live"))
    if status not in _STATUS:
        lines.say(table, "status", f"“{status}” is no state of a channel.", "Write test, live or retired.")
    return Channel(
        key=key,
        connector=connector or "manual",
        name=str(values.get("name", "")) or _NAMES.get(key, key.replace("-", " ").replace("_", " ").capitalize()),
        url=str(values.get("url", "")),
        account=str(values.get("account", "")),
        secrets={str(role): str(name) for role, name in secrets.items()},
        purpose=str(values.get("purpose", "")),
        audience=str(values.get("audience", "")),
        voice=str(values.get("voice", "")),
        owner=str(values.get("owner", "")),
        backup=str(values.get("backup", "")),
        cadence=_cadence(values.get("cadence"), table, lines),
        mix=_mix(values.get("mix"), table, lines),
        status=status,
        start=_day(values.get("start"), table, "start", lines),
        max_late=_duration(values.get("max_late"), table, "max_late", lines) or Duration(2, "h"),
        rate=_rate(values.get("rate"), table, lines),
        hours=str(values.get("hours", "")),
        review_by=_day(values.get("review_by"), table, "review_by", lines),
        access=_texts(values.get("access", [])),
        two_factor=values.get("two_factor") if isinstance(values.get("two_factor"), bool) else None,
        recovery=str(values.get("recovery", "")),
        more={k: v for k, v in values.items() if k not in _CHANNEL},
    )


_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_NAMES = {"linkedin": "LinkedIn", "youtube": "YouTube", "x": "X", "wordpress": "WordPress"}


def _cadence(value: object, table: str, lines: _Lines) -> Cadence:
    if value is None:
        return Cadence()
    if not isinstance(value, dict):
        lines.say(table, "cadence", "A cadence says how many in a week.", "Write cadence = {min = 2, max = 5}.")
        return Cadence()
    most = value.get("max")
    return Cadence(
        min=_number(value.get("min", 0), table, "cadence", lines),
        max=_number(most, table, "cadence", lines) if most is not None else None,
        per=str(value.get("per", "week")),
        spacing=_duration(value.get("spacing"), table, "cadence", lines),
    )


def _day(value: object, table: str, key: str, lines: _Lines) -> date | None:
    if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    from signalbook import misdated

    said = misdated.slip(str(value))
    meant = said.instead[0] if said and said.instead else value if said is None and _DAY.fullmatch(str(value)) else ""
    lines.say(
        table, key,
        f"“{str(value)[:60]}” is no day, so `{key}` counts as empty. " + (said.why if said else "A day stands without quotes."),
        f"Write {key} = {meant or '2026-11-24'}.",
    )  # fmt: skip
    return None


def _rate(value: object, table: str, lines: _Lines) -> Rate:
    if value is None:
        return Rate()
    if not isinstance(value, dict):
        lines.say(table, "rate", "A rate says how many in which span.", 'Write rate = {max = 5, per = "1h"}.')
        return Rate()
    base = Rate()
    return Rate(
        max=_number(value["max"], table, "rate", lines) if "max" in value else base.max,
        per=_duration(value.get("per"), table, "rate", lines) or base.per,
    )


_REMOTE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_BRANCH = re.compile(r"(?!.*(?:\.\.|//|@\{|\.lock$|/\.))[A-Za-z0-9][A-Za-z0-9._/-]*(?<![/.])")


def _branch(name: str, lines: _Lines) -> str:
    if not name or _BRANCH.fullmatch(name):
        return name
    lines.say("data", "branch", f"“{name[:60]}” is no branch's name.", 'Write branch = "signalbook-data".')
    return ""


def _publishing(values: dict[str, Any], lines: _Lines) -> Publishing:
    for key in values.keys() - _PUBLISH:
        lines.say("publish", key, f"`{key}` is not a key of [publish].",
                  f"Take it out, or use one of: {', '.join(sorted(_PUBLISH))}.")  # fmt: skip
    base = Publishing()
    branch, remote = str(values.get("branch", "")), str(values.get("remote", base.remote))
    if branch and not _BRANCH.fullmatch(branch):
        lines.say("publish", "branch", f"“{branch[:60]}” is no branch's name.", 'Write branch = "main".')
        branch = ""
    if not _REMOTE.fullmatch(remote):
        lines.say("publish", "remote", f"“{remote[:60]}” is no remote's name.", 'Write remote = "origin".')
        remote = base.remote
    ping = str(values.get("ping", ""))
    if ping and not re.fullmatch(r"[A-Z][A-Z0-9_]*", ping):
        lines.say(
            "publish", "ping", "The monitor's address is a secret: whoever has it can say that all is well.",
            'Name an environment variable that holds it: ping = "PUBLISH_PING_URL".',
        )  # fmt: skip
        ping = ""
    lease = _duration(values.get("lease"), "publish", "lease", lines) or base.lease
    if lease.elapsed < timedelta(minutes=1):
        lines.say("publish", "lease", f"A lease of {lease} is over before a picture is sent.", 'Write lease = "10m".')
        lease = base.lease
    return Publishing(branch, remote, lease, ping)


def _mix(value: object, table: str, lines: _Lines) -> dict[str, int]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        lines.say(
            table,
            "mix",
            "A mix says the share of each sort of post.",
            "Write mix = {own-offer = 20, useful = 60, conversation = 20}.",
        )
        return {}
    return {str(sort): _number(share, table, "mix", lines) for sort, share in value.items()}


def _number(value: object, table: str, key: str, lines: _Lines) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    lines.say(table, key, f"“{str(value)[:40]}” is no whole number.", "Write 0, 1, 2 or more.")
    return 0


def _duration(value: object, table: str, key: str, lines: _Lines) -> Duration | None:
    if value is None:
        return None
    try:
        return Duration.parse(str(value))
    except ValueError:
        lines.say(table, key, f"“{value}” is no duration.", f'Write {key} = "2h", or 30m, 1d.')
        return None
