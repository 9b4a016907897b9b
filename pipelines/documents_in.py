"""Markdown and calendars of other tools → documents: text in, a draft out, every line of the body as it was.

::

    a file | what it reads as (policy, playbook, posts, events) | drafts | the store of documents, never over another

A draft bears a comment with the fingerprint of what it was made from, so that a second import finds it again, also
after somebody has worked on it. Template code and markup in a body are text and stay as they are.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.cells import Order, fold, text_of
from pipelines.layouts import Column, Context, Kind, Layout, Line, best_match, find, fingerprint, read
from pipelines.tables import Unreadable, decoded, read_grids
from signalbook.classes import dataclass
from signalbook.content import BY_NAME, FOLDERS, ORDINARY, parse, slugified
from signalbook.errors import UsageError
from signalbook.findings import Level
from signalbook.frontmatter import dump

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from signalbook.model.base import Document
    from signalbook.settings import Settings
    from signalbook.workspace import Workspace

DOCUMENT_ENDINGS = frozenset({".md", ".markdown", ".ics"})
CALENDAR_ENDINGS = frozenset({".csv", ".tsv", ".xlsx", ".xls", ".txt"})
MOST_OCCURRENCES = 60
"""Events made of one repeating entry of a calendar."""
AHEAD = timedelta(days=400)
"""How far from now a repeating entry is written out."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A document that is about to be written.

    Attributes:
        kind: its class.
        slug: the name it would like.
        values: its front matter, in order.
        body: what follows, verbatim.
        mark: fingerprint of what it was made from.
        notes: lines kept as comments in its front matter: what no field takes.
        origin: the file's name.
        layout: what the file was read as, e.g. ``markdown-policy``.
    """

    kind: type[Document]
    slug: str
    values: Mapping[str, Any]
    body: str
    mark: str
    origin: str
    layout: str
    notes: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def folder(self) -> str:
        """Plural of its kind, as ``added`` counts it."""
        return self.kind.PLURAL.casefold()

    @property
    def text(self) -> str:
        """The whole file."""
        comments = "".join(f"# {line}\n" for note in self.notes for line in note.splitlines() or [""])
        return (
            f"---\n{dump(self.values)}{comments}# Imported from {_plain(self.origin)} ({self.mark})\n---\n\n{self.body}"
        )


@dataclass(frozen=True, slots=True)
class Wording:
    """How the columns and words of somebody's calendar become fields.

    Attributes:
        columns: field → header, for headers that are not found by themselves.
        channels: their word → our channel.
        states: their word → our status; every other word is a draft.
        event_kind: of events.
        event_effect: of events.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    channels: Mapping[str, str] = field(default_factory=dict)
    states: Mapping[str, str] = field(default_factory=dict)
    event_kind: str = ""
    event_effect: str = ""

    @classmethod
    def of(cls, table: Mapping[str, Any]) -> Wording:
        """From a TOML table; unknown keys are left alone."""

        def texts(name: str) -> dict[str, str]:
            found = table.get(name)
            return {str(key): str(value) for key, value in found.items()} if isinstance(found, dict) else {}

        return cls(
            texts("columns"), texts("channels"), texts("states"),
            str(table.get("event_kind", "")), str(table.get("event_effect", "")),
        )  # fmt: skip

    def toml(self) -> str:
        """As a file, or a table ``[import.calendar]`` of ``signalbook.toml``."""
        lines = [
            "# How the columns and words of a calendar become fields. Read again with --mapping FILE,",
            "# or set below [import.calendar] in signalbook.toml.",
        ]
        for name, value in (("event_kind", self.event_kind), ("event_effect", self.event_effect)):
            if value:
                lines.append(f"{name} = {_toml(value)}")
        for name, table in (("columns", self.columns), ("channels", self.channels), ("states", self.states)):
            lines += ["", f"[{name}]", *(f"{_toml(key)} = {_toml(value)}" for key, value in table.items())]
        return "\n".join(lines) + "\n"


def _toml(text: str) -> str:
    import json

    return json.dumps(text, ensure_ascii=False)


def load_mapping(path: Path) -> Wording:
    """Read a mapping from a TOML file.

    Raises:
        UsageError: the file is not there, or is no TOML.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"The mapping {path} cannot be read: {error}") from error
    inside = table.get("import", {})
    return Wording.of(inside["calendar"] if isinstance(inside, dict) and "calendar" in inside else table)


@dataclass(frozen=True, slots=True)
class Setting:
    """What drafts need to know of the workspace.

    Attributes:
        now: the moment of the import.
        zone: the team's.
        owner: the role that answers for what arrives.
        channels: channel's key → its connector and name, folded.
        campaigns: slugs of campaigns that exist.
        mapping: of calendars.
    """

    now: datetime
    zone: ZoneInfo
    owner: str
    channels: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    campaigns: frozenset[str] = frozenset()
    mapping: Wording = Wording()
    dates: Order | None = None


# --- Markdown --------------------------------------------------------------------------------------------------------

_STEPS = re.compile(r"\b(how to|how-to|playbook|runbook|checklist|step[- ]by[- ]step|procedure|anleitung|ablauf|leitfaden schritt)\b", re.IGNORECASE)  # fmt: skip
_RULES = re.compile(
    r"\b(polic(?:y|ies)|guidelines?|code of conduct|principles|rules|richtlinien?|charter|terms)\b", re.IGNORECASE
)
_CRISIS = re.compile(r"\b(crisis|incident|emergency|outage|breach|recall|krise|notfall|st[oö]rung)\b", re.IGNORECASE)


def reads_as_steps(title: str, body: str) -> bool:
    """Whether a text is something to do in order (a playbook) rather than something to follow (a policy)."""
    if _RULES.search(title):
        return False
    if _STEPS.search(title):
        return True
    lines = [line for line in body.splitlines() if line.strip()]
    numbered = sum(1 for line in lines if re.match(r"\s*\d+[.)]\s", line))
    boxes = sum(1 for line in lines if re.match(r"\s*[-*+]\s\[[ xX]\]\s", line))
    headings = sum(1 for line in lines if re.match(r"#{1,6}\s+(step|schritt|phase|stage)\s+\d", line, re.IGNORECASE))
    return headings >= 2 or (numbered + boxes >= 5 and (numbered + boxes) * 5 >= len(lines))


def from_markdown(name: str, text: str, setting: Setting, *, kind: str = "") -> Draft:
    """A Markdown file as a draft of a policy, a playbook, or the kind that was asked for.

    The body keeps every line. Front matter of the other tool is kept too, as a block of code at the top: its fields
    mean something there and nothing here.

    Raises:
        Unreadable: the text is empty, or the kind needs fields that Markdown cannot fill.
        UsageError: there is no such kind.
    """
    body = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if not body.strip():
        raise Unreadable("The file is empty.")
    body, theirs = _fenced(body)
    stem = Path(name).stem
    title = theirs or _title(body) or stem.replace("__", " ").replace("-", " ").replace("_", " ").strip().capitalize()
    chosen = _kind(kind) if kind else _kind("playbook" if reads_as_steps(title, body) else "policy")
    slug = slugified(stem.replace("__", "-"))
    if f"{slug}.md" in {ordinary.casefold() for ordinary in ORDINARY} or slug == "untitled":
        slug = slugified(title)
        slug = f"{slug}-text" if f"{slug}.md" in {ordinary.casefold() for ordinary in ORDINARY} else slug
    values = _required(chosen, title, body, setting)
    mark = fingerprint(f"{chosen.KIND}\0{body}".encode())
    return Draft(
        chosen,
        slug,
        values,
        body if body.endswith("\n") else f"{body}\n",
        mark,
        Path(name).name,
        f"markdown-{chosen.KIND}",
    )


def _fenced(body: str) -> tuple[str, str]:
    """The body with another tool's front matter as a block of code, and the title it names."""
    head = re.match(r"(---|\+\+\+)[ \t]*\n(.*?\n)\1[ \t]*(?:\n|$)", body, re.DOTALL)
    if not head or not re.search(r"^\s*[\w-]+\s*[:=]", head[2], re.MULTILINE):
        return body, ""
    title = re.search(r"^title\s*[:=]\s*(.+?)\s*$", head[2], re.MULTILINE)
    fence = "````" if "```" in head[2] else "```"
    language = "yaml" if head[1] == "---" else "toml"
    return f"{fence}{language}\n{head[0].rstrip()}\n{fence}\n{body[head.end() :]}", _words(
        title[1].strip("\"'")
    ) if title else ""


def _title(body: str) -> str:
    """The first heading of the first level, in either way of writing it, as plain words."""
    outside = re.sub(r"^(```+|~~~+).*?^\1[ \t]*$", "", body, flags=re.DOTALL | re.MULTILINE)
    marked = re.search(r"^ {0,3}#\s+(.+?)\s*#*\s*$", outside, re.MULTILINE)
    underlined = re.search(r"^(\S.*)\n=+[ \t]*$", outside, re.MULTILINE)
    first = min((found for found in (marked, underlined) if found), key=lambda found: found.start(), default=None)
    return _words(first[1]) if first else ""


def _words(text: str) -> str:
    """Inline Markdown as the words one reads."""
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"\s*\{#[^}]*\}\s*$", "", text)
    return " ".join(re.sub(r"[`*]|(?<!\w)_|_(?!\w)", "", text).split())[:200]


def _kind(name: str) -> type[Document]:
    wanted = fold(name)
    for kind in BY_NAME.values():
        if wanted in {fold(kind.KIND), fold(kind.PLURAL), fold(kind.__name__)}:
            return kind
    raise UsageError(
        f"“{name}” is no kind of document. Known: {', '.join(sorted(kind.KIND for kind in BY_NAME.values()))}."
    )


def _required(kind: type[Document], title: str, body: str, setting: Setting) -> dict[str, Any]:
    """Every field that a draft of the kind needs."""
    from signalbook import decode

    values: dict[str, Any] = {"title": title}
    declaration: Any = kind
    for key, declared in decode.fields_of(declaration).items():
        if declared.metadata.get("need") != "!" or key in values:
            continue
        if key == "owner":
            values[key] = setting.owner
        elif key == "status":
            states = kind.states()
            values[key] = "draft" if "draft" in states else states[0]
        elif key == "version":
            values[key] = 1
        elif key == "type" and kind.KIND == "playbook":
            values[key] = "crisis" if _CRISIS.search(f"{title}\n{body[:500]}") else "network"
        else:
            raise Unreadable(
                f"{kind.__name__} needs “{key}”, which no Markdown file says. Make it with `signalbook new {kind.KIND}` and "
                "paste the text, or import the file as a policy or a playbook."
            )
    return values


# --- calendars as tables ---------------------------------------------------------------------------------------------

CALENDAR = Layout(
    "calendar-posts", "calendar", "people",
    (
        Column("date", Kind.PUBLISHED, "Date|Publish date|Publishing date|Post date|Scheduled date|Scheduled at|Scheduled for|Publish at|Publish time|Date & time|Datetime|When|Go live|Go-live date|de:Datum|de:Veröffentlichung|de:Veröffentlichungsdatum|de:Termin|de:Wann|fr:Date|fr:Date de publication|fr:Quand|es:Fecha|es:Fecha de publicación|es:Cuándo|it:Data|it:Data di pubblicazione|pt:Data|pt:Data de publicação|nl:Datum|nl:Publicatiedatum", shared=False),
        Column("time", Kind.TEXT, "Time|Post time|Hour|Scheduled time|de:Uhrzeit|de:Zeit|fr:Heure|es:Hora|it:Ora|it:Orario|pt:Hora|pt:Horário|nl:Tijd"),
        Column("text", Kind.TEXT, "Text|Copy|Post copy|Caption|Message|Post|Post text|Content|Body|Draft|de:Text|de:Beitragstext|de:Inhalt|de:Nachricht|fr:Texte|fr:Légende|fr:Message|fr:Contenu|es:Texto|es:Mensaje|es:Contenido|it:Testo|it:Didascalia|it:Contenuto|pt:Texto|pt:Legenda|pt:Mensagem|pt:Conteúdo|nl:Tekst|nl:Bericht|nl:Inhoud"),
        Column("title", Kind.TEXT, "Title|Topic|Headline|Subject|Name|Theme|Idea|de:Titel|de:Thema|de:Betreff|fr:Titre|fr:Sujet|es:Título|es:Tema|es:Asunto|it:Titolo|it:Argomento|pt:Título|pt:Assunto|nl:Titel|nl:Onderwerp"),
        Column("channels", Kind.TEXT, "Channel|Channels|Platform|Platforms|Network|Networks|Social network|Profile|Where|de:Kanal|de:Kanäle|de:Plattform|de:Netzwerk|fr:Canal|fr:Canaux|fr:Plateforme|fr:Réseau|es:Canal|es:Canales|es:Plataforma|es:Red|it:Canale|it:Canali|it:Piattaforma|pt:Canal|pt:Canais|pt:Plataforma|nl:Kanaal|nl:Kanalen|nl:Platform"),
        Column("status", Kind.TEXT, "Status|State|Stage|de:Stand|fr:Statut|fr:État|es:Estado|it:Stato|pt:Status|pt:Estado|nl:Status"),
        Column("campaign", Kind.TEXT, "Campaign|de:Kampagne|fr:Campagne|es:Campaña|it:Campagna|pt:Campanha|nl:Campagne"),
        Column("owner", Kind.TEXT, "Owner|Assignee|Responsible|Assigned to|de:Verantwortlich|de:Zuständig|fr:Responsable|es:Responsable|it:Responsabile|pt:Responsável|nl:Verantwoordelijke"),
        Column("link", Kind.TEXT, "Link|URL|Destination|Landing page|de:Ziel|fr:Lien|es:Enlace|it:Collegamento|pt:Ligação"),
        Column("labels", Kind.TEXT, "Labels|Tags|Hashtags|Categories|Category|de:Schlagwörter|de:Kategorie|fr:Étiquettes|es:Etiquetas|it:Etichette|pt:Etiquetas|nl:Labels"),
        Column("pillar", Kind.TEXT, "Pillar|Content pillar|de:Säule|de:Rubrik|fr:Pilier|es:Pilar|it:Pilastro|pt:Pilar|nl:Pijler"),
        Column("media", Kind.TEXT, "Media|Image|Picture|Visual|Asset|Image URL|Picture URL|de:Bild|de:Medien|fr:Image|fr:Visuel|es:Imagen|it:Immagine|pt:Imagem|nl:Afbeelding"),
        Column("alt", Kind.TEXT, "Alt|Alt text|Alternative text|de:Alternativtext|de:Bildbeschreibung|fr:Texte alternatif|es:Texto alternativo|it:Testo alternativo|pt:Texto alternativo|nl:Alt-tekst"),
    ),
    needs=(("date", "text"), ("date", "title", "channels"), ("date", "channels"), ("date", "title", "status")), at_least=2,
)  # fmt: skip
_STATES = {"idea": "idea", "ideas": "idea", "backlog": "idea", "idee": "idea", "idea backlog": "idea", "cancelled": "cancelled", "canceled": "cancelled", "abgesagt": "cancelled", "annule": "cancelled"}  # fmt: skip
_SYNONYMS = {"twitter": "x", "x twitter": "x", "fb": "facebook", "ig": "instagram", "insta": "instagram", "li": "linkedin", "bsky": "bluesky", "fediverse": "mastodon", "email": "mail", "e mail": "mail", "yt": "youtube", "website": "feed"}  # fmt: skip


def is_document(path: Path, data: bytes, kind: str) -> bool:
    """Whether a file is Markdown or a calendar, by its ending, its first line, or what was asked for."""
    if path.suffix.casefold() in DOCUMENT_ENDINGS or data[:15].upper() == b"BEGIN:VCALENDAR":
        return True
    words = {fold(name) for known in BY_NAME.values() for name in (known.KIND, known.PLURAL)} | {"calendar"}
    return fold(kind) in words


def is_calendar(data: bytes, setting: Setting) -> bool:
    """Whether a table is a plan of posts: it has a date, and a text, or a title and channels."""
    layout = _mapped(setting.mapping)
    try:
        readings = read_grids(data)
    except Unreadable:
        return False
    return any(best_match(row, (layout,)) for grids in readings for grid in grids for row in grid.rows[:10])


def from_table(name: str, data: bytes, setting: Setting) -> list[Draft]:
    """A table of planned posts as drafts. Whatever their status there, none arrives approved.

    Raises:
        Unreadable: the columns are not known, or a date can be read in two ways.
    """
    layout = _mapped(setting.mapping)
    ways = []
    for grids in read_grids(data):
        matches = [match for grid in grids for match in find(grid, (layout,))]
        if matches:
            ways.append((sum(match.known for match in matches), len(matches[0].found), matches))
    if not ways:
        raise Unreadable(
            "This is no calendar of posts that is known here: it needs a column with the date, and one with the text or the "
            "title and channel. Name them in a mapping: [columns] date = “Go live”, text = “Wording”, and pass it with --mapping."
        )
    matches = max(ways, key=lambda way: way[:2])[2]
    # Plans lie ahead: no date is in the future by mistake.
    context = Context(
        Path(name).name, fingerprint(data), setting.now + timedelta(days=365 * 30), setting.zone, order=setting.dates
    )
    drafts = []
    for sheet in read(matches, context):
        drafts += [_post(line, sheet.unknown, Path(name).name, setting, list(sheet.warnings)) for line in sheet.lines]
    if not drafts:
        raise Unreadable("The calendar has a header and no rows.")
    return drafts


def _mapped(mapping: Wording) -> Layout:
    """The layout with a person's own headers; a named header means nothing else any more."""
    if not mapping.columns:
        return CALENDAR
    known = {column.name for column in CALENDAR.columns}
    for name in mapping.columns:
        if name not in known:
            raise UsageError(f"The mapping names a field “{name}”. Known: {', '.join(sorted(known))}.")
    columns = tuple(
        Column(column.name, column.kind, mapping.columns[column.name], shared=False)
        for column in CALENDAR.columns
        if column.name in mapping.columns
    )
    others = tuple(column for column in CALENDAR.columns if column.name not in mapping.columns)
    return Layout("calendar-posts", "calendar", "people", (*columns, *others), (("date",),), at_least=1)


def _post(line: Line, unknown: Sequence[str], origin: str, setting: Setting, warnings: list[str]) -> Draft:
    values = {name: text_of(value) for name, value in line.values.items()}  # type: ignore[arg-type]
    said: list[str] = list(warnings)
    notes = [f"{header}: {text}" for header, text in line.extras.items()]
    at = line.values.get("date")
    when, trouble = _when(at if isinstance(at, date) else None, values.get("time", ""), setting.zone)
    if trouble:
        said.append(f"Line {line.line}: {trouble}")
        notes.append(f"Time: {values.get('time', '')}")
    text = values.get("text", "")
    title = (
        values.get("title") or _words(text.strip().splitlines()[0])[:80].strip()
        if values.get("title") or text.strip()
        else ""
    )
    day = at.date() if isinstance(at, datetime) else at if isinstance(at, date) else None
    title = title or f"Post of {day.isoformat()}" if day else title or f"Post of line {line.line}"
    channels, lost = _channels(values.get("channels", ""), setting)
    if lost:
        said.append(
            f"No channel of this workspace is called {', '.join(lost)}; name it in the mapping under [channels]."
        )
        notes.append(f"Channels: {values['channels']}")
    status = {fold(key): value for key, value in setting.mapping.states.items()}.get(fold(values.get("status", "")))
    status = status or _STATES.get(fold(values.get("status", "")), "draft")
    if status == "approved":
        said.append("An import approves nothing: posts that are approved there arrive as drafts.")
        status = "draft"
    out: dict[str, Any] = {"title": title, "status": status}
    if when:
        out["publish_at"] = when
    if channels:
        out["channels"] = channels
    out["owner"] = setting.owner
    campaign = slugified(values.get("campaign", "")) if values.get("campaign") else ""
    if campaign and campaign in setting.campaigns:
        out["campaign"] = campaign
    link = values.get("link", "")
    if re.fullmatch(r"https?://\S+", link):
        out["link"] = link
    labels = [
        word.strip().lstrip("#") for word in re.split(r"[,;\n]", values.get("labels", "")) if word.strip().lstrip("#")
    ]
    if labels:
        out["labels"] = labels
    if values.get("pillar"):
        out["pillar"] = values["pillar"]
    lost_fields = [name for name in ("status", "owner", "campaign", "link", "media", "alt") if values.get(name)]
    notes += [
        f"{name.capitalize()}: {values[name]}"
        for name in lost_fields
        if name not in {"campaign", "link"} or name not in out
    ]
    slug = slugified(f"{day.isoformat()} {title}" if day else title)
    mark = fingerprint(
        "\0".join([values.get("date", ""), values.get("time", ""), values.get("channels", ""), title, text]).encode()
    )
    body = text.replace("\r\n", "\n").replace("\r", "\n")
    return Draft(
        _kind("post"), slug, out, f"{body}\n" if body else "", mark, origin, "calendar-posts", tuple(notes), tuple(unknown),
        tuple(dict.fromkeys(said)),
    )  # fmt: skip


def _when(at: date | None, clock: str, zone: ZoneInfo) -> tuple[str, str]:
    """A time as a post writes it, in the team's zone; and what was wrong with it."""
    if at is None:
        return "", ""
    if isinstance(at, datetime):
        local = at.astimezone(zone) if at.tzinfo else at
        return local.strftime("%Y-%m-%d %H:%M"), ""
    if not clock:
        return "", ""
    found = re.fullmatch(r"(\d{1,2})(?:[:.hH](\d{2})?)?(?::\d{2})?\s*(?:Uhr|h|([AaPp])\.?\s?[Mm]\.?)?", clock.strip())
    hour = int(found[1]) if found else 99
    if found and found[3]:
        hour = hour % 12 + (12 if found[3].casefold() == "p" else 0) if 1 <= hour <= 12 else 99
    if not found or hour > 23 or int(found[2] or 0) > 59:
        return (
            "",
            f"“{clock}” is no time of day that is known here; 09:30 and 9:30 AM are. The post arrives without one.",
        )
    return f"{datetime.combine(at, time(hour, int(found[2] or 0))):%Y-%m-%d %H:%M}", ""


def _channels(words: str, setting: Setting) -> tuple[list[str], list[str]]:
    """Our channels for their words, and the words that mean none of ours."""
    mapped = {fold(key): value for key, value in setting.mapping.channels.items()}
    found: list[str] = []
    lost: list[str] = []
    for raw in re.split(r"[,;/&+|\n]| and | und | et | y | e ", words):
        word = fold(raw)
        if not word:
            continue
        key = mapped.get(word, "")
        if not key:
            plain = _SYNONYMS.get(word, word)
            matches = [
                name
                for name, (connector, label) in setting.channels.items()
                if plain in {fold(name), fold(connector), fold(label)}
            ]
            exact = [name for name in matches if fold(name) == plain]
            key = (exact or matches)[0] if len(exact or matches) == 1 else ""
        if key and key in setting.channels:
            found.append(key)
        else:
            lost.append(f"“{raw.strip()}”")
    return list(dict.fromkeys(found)), list(dict.fromkeys(lost))


def found_mapping(setting: Setting, data: bytes) -> Wording:
    """The mapping that was used for a table, complete, to be saved and corrected."""
    layout = _mapped(setting.mapping)
    columns: dict[str, str] = {}
    for grids in read_grids(data):
        for grid in grids:
            for match in find(grid, (layout,)):
                found = {item.name: item.header for item in match.found if item.column is not None}
                columns = found if len(found) > len(columns) else columns
    return Wording(
        {**columns, **setting.mapping.columns},
        setting.mapping.channels,
        setting.mapping.states,
        setting.mapping.event_kind,
        setting.mapping.event_effect,
    )


# --- calendars as ICS ------------------------------------------------------------------------------------------------


def from_ics(name: str, data: bytes, setting: Setting) -> list[Draft]:
    """The events of an iCalendar file (RFC 5545) as drafts; a repeating one is written out for the next 400 days.

    Raises:
        Unreadable: it is no iCalendar, or holds no event.
    """
    import icalendar

    try:
        calendars = icalendar.Calendar.from_ical(data, multiple=True)
        entries = [entry for calendar in calendars for entry in calendar.walk("VEVENT")]
    except Exception as error:  # the library lets ValueError, KeyError and IndexError through
        raise Unreadable(f"The calendar cannot be read ({error}). Export it again as .ics.") from error
    if not entries:
        raise Unreadable("The calendar holds no event.")
    label = " ".join(str(calendar.get("X-WR-CALNAME", "")) for calendar in calendars)
    changed: list[Any] = [entry for entry in entries if "RECURRENCE-ID" in entry]
    moved = {(str(entry.get("UID", "")), _stamp(entry["RECURRENCE-ID"].dt)) for entry in changed}
    drafts: list[Draft] = []
    for entry in entries:
        if str(entry.get("STATUS", "")).upper() == "CANCELLED" or "DTSTART" not in entry:
            continue
        drafts += _events(entry, Path(name).name, label, moved, setting)
    return drafts


def _stamp(value: object) -> str:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) and value.tzinfo else str(value)


def _events(entry: Any, origin: str, label: str, moved: set[tuple[str, str]], setting: Setting) -> list[Draft]:
    start = entry["DTSTART"].dt
    try:
        end = entry.end
    except Exception:  # noqa: BLE001 - a broken end leaves an event without one
        end = start
    title = " ".join(str(entry.get("SUMMARY", "")).split()) or "Event without a name"
    about = " ".join([title, label, *(str(word) for word in _listed(entry.get("CATEGORIES")))])
    holiday = bool(
        re.search(
            r"\b(holidays?|feiertage?|jours? f[eé]ri[eé]s?|festivos?|festivit[aà]|feriados?|feestdag(en)?)\b",
            about,
            re.IGNORECASE,
        )
    )
    kind = setting.mapping.event_kind or ("holiday" if holiday else "own")
    effect = setting.mapping.event_effect or ("avoid" if holiday else "promote")
    span = end - start if type(end) is type(start) else timedelta(0)
    warnings = [f"“{kind}” and “{effect}” were set for what the calendar does not say; look at both."]
    starts, cut = _starts(entry, start, moved, setting)
    if cut:
        warnings.append(
            f"“{title}” repeats without end; its next {MOST_OCCURRENCES} times within {AHEAD.days} days were written."
        )
    drafts = []
    for begin in starts:
        values: dict[str, Any] = {
            "title": title,
            "owner": setting.owner,
            "kind": kind,
            "effect": effect,
            "when": _said(begin, setting.zone),
        }
        if isinstance(begin, datetime):
            if span > timedelta(0):
                values["until"] = _said(begin + span, setting.zone)
        elif span > timedelta(days=1):
            # The end of a whole-day event is the day after its last one (RFC 5545, 3.6.1).
            values["until"] = (begin + span - timedelta(days=1)).isoformat()
        place = " ".join(str(entry.get("LOCATION", "")).split())
        if place:
            values["place"] = place
        address = str(entry.get("URL", ""))
        if re.fullmatch(r"https?://\S+", address):
            values["url"] = address
        body = str(entry.get("DESCRIPTION", "")).replace("\r\n", "\n")
        day = begin.astimezone(setting.zone).date() if isinstance(begin, datetime) and begin.tzinfo else begin
        day = day.date() if isinstance(day, datetime) else day
        mark = fingerprint("\0".join([str(entry.get("UID", "")) or title, _stamp(begin)]).encode())
        drafts.append(
            Draft(
                _kind("event"),
                slugified(f"{day.isoformat()} {title}"),
                values,
                f"{body}\n" if body else "",
                mark,
                origin,
                "calendar-events",
                warnings=tuple(warnings),
            )
        )
    return drafts


def _listed(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value] if value is not None else []
    return [str(word) for found in values for word in getattr(found, "cats", [found])]


def _said(at: date, zone: ZoneInfo) -> str:
    """A day or an instant as an event writes it; an instant in the team's zone with its offset."""
    if not isinstance(at, datetime):
        return at.isoformat()
    aware = at if at.tzinfo else at.replace(tzinfo=zone)
    return aware.astimezone(zone).isoformat(sep=" ", timespec="minutes")


def _starts(entry: Any, start: date, moved: set[tuple[str, str]], setting: Setting) -> tuple[list[date], bool]:
    """The instants or days at which an event begins, moved and left-out ones not among them, and whether more follow."""
    rules = entry.get("RRULE")
    if rules is None or "RECURRENCE-ID" in entry:
        return [start], False
    from dateutil.rrule import rruleset, rrulestr

    timed = isinstance(start, datetime)
    base = start if isinstance(start, datetime) else datetime.combine(start, time())
    zone = base.tzinfo
    naive = base.replace(tzinfo=None)
    series: Any = rruleset()
    try:
        for rule in rules if isinstance(rules, list) else [rules]:
            text = re.sub(r"(UNTIL=\d{8}T\d{6})Z", r"\1", rule.to_ical().decode())
            series.rrule(rrulestr(text, dtstart=naive))
    except Exception as error:
        raise Unreadable(f"The repetition of “{entry.get('SUMMARY', '')}” cannot be read ({error}).") from error
    out = {_stamp(found.dt) for listed in _each(entry.get("EXDATE")) for found in listed.dts}
    until = setting.now.replace(tzinfo=None) + AHEAD
    found: list[date] = []
    for at in series.xafter(naive - timedelta(seconds=1), count=20_000):
        if at > until or len(found) >= MOST_OCCURRENCES:
            return found, True
        if at < setting.now.replace(tzinfo=None) - timedelta(days=31):
            continue
        value: date = at.replace(tzinfo=zone) if timed else at.date()
        if _stamp(value) not in out and (str(entry.get("UID", "")), _stamp(value)) not in moved:
            found.append(value)
    return found, False


def _each(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


# --- reading and writing ---------------------------------------------------------------------------------------------


def read_file(path: Path, data: bytes, setting: Setting, *, kind: str = "") -> list[Draft]:
    """The drafts of one file, by its ending and by what was asked for."""
    if not setting.owner:
        raise Unreadable("Documents need an owner, and this workspace has no role yet. Name one with --owner.")
    ending = path.suffix.casefold()
    if ending == ".ics" or data[:15].upper() == b"BEGIN:VCALENDAR":
        return from_ics(path.name, data, setting)
    if ending in CALENDAR_ENDINGS and not (
        ending == ".txt" and kind and fold(kind) not in {"post", "posts", "calendar"}
    ):
        return from_table(path.name, data, setting)
    return [from_markdown(path.name, decoded(data), setting, kind=kind)]


def write(workspace: Workspace, draft: Draft, taken: Taken, *, dry_run: bool = False) -> tuple[str, ...] | None:
    """Write a draft as a new file, under a name that nothing has; ``None`` when it is there already.

    Returns what a person should know of it.
    """
    if draft.mark in taken.marks(draft.kind):
        return None
    slug = taken.free(draft.kind, draft.slug)
    path = workspace.content / draft.kind.FOLDER / f"{slug}.md"
    data = draft.text.encode()
    _, findings = parse(path.relative_to(workspace.root).as_posix(), data, taken.zone)
    said = [f"{slug}: {finding.message}" for finding in findings if finding.level is Level.BLOCK]
    if dry_run:
        taken.note(draft.kind, slug, draft.mark)
        return tuple(said)
    folder = path.parent
    folder.mkdir(parents=True, exist_ok=True)
    if not folder.resolve().is_relative_to(workspace.content.resolve()):
        raise Unreadable(f"{draft.kind.FOLDER} in content/ leads out of the workspace, so nothing was written.")
    with path.open("xb") as file:
        file.write(data)
    taken.note(draft.kind, slug, draft.mark)
    return tuple(said)


class Taken:
    """The names and marks of documents that are there, read once a kind."""

    def __init__(self, workspace: Workspace, zone: ZoneInfo) -> None:
        """Read nothing yet."""
        self.zone = zone
        self._content = workspace.content
        self._marks: dict[str, set[str]] = {}
        self._slugs: dict[str, set[str]] = {}

    def marks(self, kind: type[Document]) -> set[str]:
        """Fingerprints of what documents of the kind were imported from."""
        self._read(kind)
        return self._marks[kind.KIND]

    def free(self, kind: type[Document], slug: str) -> str:
        """The slug, or with the first number behind it that is free, whatever the case."""
        self._read(kind)
        number = 1
        name = slug
        while name.casefold() in self._slugs[kind.KIND]:
            number += 1
            name = f"{slug}-{number}"
        return name

    def note(self, kind: type[Document], slug: str, mark: str) -> None:
        """Remember one that was written."""
        self._read(kind)
        self._slugs[kind.KIND].add(slug.casefold())
        self._marks[kind.KIND].add(mark)

    def _read(self, kind: type[Document]) -> None:
        if kind.KIND in self._slugs:
            return
        folder = self._content / kind.FOLDER
        others = [self._content / other for other in FOLDERS if other.startswith(f"{kind.FOLDER}/")]
        slugs, marks = set(), set()
        for path in sorted(folder.rglob("*.md")) if folder.is_dir() else ():
            if any(path.is_relative_to(other) for other in others):
                continue
            slugs.add(path.stem.casefold())
            with path.open("rb") as file:
                head = file.read(64_000)
            marks |= {
                found.decode() for found in re.findall(rb"^# Imported from .*\(([0-9a-f]{32})\)$", head, re.MULTILINE)
            }
        self._slugs[kind.KIND], self._marks[kind.KIND] = slugs, marks


def setting_of(
    workspace: Workspace, team: Settings, *, now: datetime, owner: str, dates: Order | None, mapping: Path | None
) -> Setting:
    """What drafts need to know, read from a workspace.

    Raises:
        UsageError: *owner* is no role of the workspace, or the mapping cannot be read.
    """
    known = roles(workspace)
    if owner and known and owner not in known:
        raise UsageError(f"“{owner}” is no role of this workspace. Known: {', '.join(known)}.")
    told = team.more.get("import", {})
    calendar = told.get("calendar", {}) if isinstance(told, dict) else {}
    return Setting(
        now,
        team.team.zone,
        owner or (known[0] if known else ""),
        {key: (channel.connector, channel.name) for key, channel in team.channels.items()},
        frozenset(path.stem for path in (workspace.content / "plans" / "campaigns").rglob("*.md")),
        load_mapping(mapping) if mapping else Wording.of(calendar if isinstance(calendar, dict) else {}),
        dates,
    )


def roles(workspace: Workspace) -> list[str]:
    """The roles of a workspace, in the order of the alphabet."""
    folder = workspace.content / "people"
    others = [workspace.content / other for other in FOLDERS if other.startswith("people/")]
    found = sorted(folder.rglob("*.md")) if folder.is_dir() else []
    return [
        path.stem
        for path in found
        if path.name.casefold() not in {name.casefold() for name in ORDINARY}
        and not any(path.is_relative_to(other) for other in others)
    ]


def _plain(name: str) -> str:
    """A file's name that fits a comment."""
    return re.sub(r"[^\w .()+-]", "_", name)[:100]
