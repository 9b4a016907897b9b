"""What every document shares, and the few types its fields are made of.

A kind is declared once, as a frozen dataclass; decoding, findings, back-links, JSON Schema, forms, index pages and the
guide are derived from the declaration. Documents are not slotted: a field that a file leaves out is the class's own
default and takes no room in the object, and a kind has many fields of which a file uses few.

A document with findings is still a document: a field that is missing or could not be read is ``None`` (``()`` for
collections), whatever its need, so that its page can be shown with the findings on it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, NewType, TypeVar

from signalbook.classes import dataclass
from signalbook.model.declared import declared

if TYPE_CHECKING:
    from signalbook.model.people import Person

K = TypeVar("K")

Markdown = NewType("Markdown", str)
"""Text in Markdown."""
Url = NewType("Url", str)
"""An address beginning with http:// or https://."""
Lang = NewType("Lang", str)
"""A language by BCP 47, e.g. ``de`` or ``pt-BR``."""
Country = NewType("Country", str)
"""A country by ISO 3166-1 alpha-2, e.g. ``DE``."""
Zone = NewType("Zone", str)
"""A time zone of the IANA database, e.g. ``Europe/Berlin``."""
Percent = NewType("Percent", float)
"""0 to 100."""
Path = NewType("Path", str)
"""A file inside the workspace, relative to the document, or to ``content/`` when it begins with a slash."""
Instant = datetime
"""Aware; a time without an offset is in the team's zone."""
Day = date
"""A day; a name for fields that are called ``date`` themselves."""
Number = int | float
Texts = Mapping[str, str]
"""Language → text. A plain text stands for the team's first language."""


class Ref(str, Generic[K]):
    """A reference to another document by its slug. Only the declaration: the value is the plain text."""

    __slots__ = ()


Need = Literal["!", "^", ""]


class Marks(Mapping[str, tuple[int, int]]):
    """Field path → 1-based (line, column), kept as one text: there are thousands of documents, and few are asked."""

    __slots__ = ("text",)

    def __init__(self, text: str = "") -> None:
        """Take lines of path, line and column with a tab between, each line with a break before and behind it."""
        self.text = text

    @classmethod
    def of(cls, marks: Mapping[str, tuple[int, int]]) -> Mapping[str, tuple[int, int]]:
        """The same marks as one text; as they are, where a field has a name that no text of ours can hold."""
        if isinstance(marks, cls) or any("\n" in path or "\t" in path for path in marks):
            return marks
        # Documents of one template have their fields on the same lines: they share one text.
        return cls(
            sys.intern("\n" + "".join([f"{path}\t{line}\t{column}\n" for path, (line, column) in marks.items()]))
        )

    def __getitem__(self, path: str) -> tuple[int, int]:
        """Where a field stands."""
        text = self.text
        at = text.find(f"\n{path}\t")
        if at < 0 or "\n" in path or "\t" in path:
            raise KeyError(path)
        line, column = text[at + len(path) + 2 : text.index("\n", at + 1)].split("\t")
        return int(line), int(column)

    def __iter__(self) -> Iterator[str]:
        """Every path, in the order of the file."""
        return (row.partition("\t")[0] for row in self.text.split("\n") if row)

    def __len__(self) -> int:
        """How many fields have a place."""
        return max(self.text.count("\n") - 1, 0)

    def __reduce__(self) -> tuple[type[Marks], tuple[str]]:
        """Keep the text."""
        return Marks, (self.text,)


def must(text: str, *, rule: str = "", default: Any = None) -> Any:
    """Declare a field that is needed to save in any state; ``rule`` names the check that decides instead."""
    return field(default=default, metadata={"need": "!", "help": text, "rule": rule})


def ready(text: str, *, rule: str = "", default: Any = None) -> Any:
    """Declare a field that is needed before the document may become approved, active or open."""
    return field(default=default, metadata={"need": "^", "help": text, "rule": rule})


def may(text: str, *, default: Any = None) -> Any:
    """Declare a field that is optional in every state."""
    return field(default=default, metadata={"need": "", "help": text, "rule": ""})


_MINUTES = 366 * 24 * 60
"""In a year, at most."""


@dataclass(frozen=True, slots=True)
class Duration:
    """A span as people write it: ``30m`` ``4h`` elapsed, ``4bh`` business hours, ``2bd`` business days, ``90d`` days.

    Attributes:
        amount: at least 0.
        unit: ``m``, ``h``, ``d``, ``w`` elapsed; ``bh``, ``bd`` in the owner's business time.
    """

    amount: float
    unit: Literal["m", "h", "d", "w", "bh", "bd"]

    PATTERN: ClassVar[re.Pattern[str]] = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?(m|h|d|w|bh|bd)")

    @classmethod
    def parse(cls, text: str) -> Duration:
        """Read ``4bh``.

        Raises:
            ValueError: the text is no duration, or one of more than a hundred years.
        """
        found = cls.PATTERN.fullmatch(text.strip())
        if not found:
            message = f"“{text}” is no duration"
            raise ValueError(message)
        made = cls(float(found[1]), found[2])  # type: ignore[arg-type]  # the pattern allows these units only
        if made.amount > _MINUTES * 100 or made.elapsed > timedelta(days=36_525):
            message = f"“{text[:40]}” is longer than a hundred years"
            raise ValueError(message)
        return made

    @property
    def elapsed(self) -> timedelta:
        """As elapsed time; a business hour counts as an hour, a business day as a day."""
        unit = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks", "bh": "hours", "bd": "days"}[self.unit]
        return timedelta(**{unit: self.amount})

    def __str__(self) -> str:
        """As it is written in a file."""
        return f"{int(self.amount) if self.amount == int(self.amount) else self.amount}{self.unit}"


@declared
class Money:
    """An amount in one currency."""

    amount: Number | None = must("how much")
    currency: str | None = must("ISO 4217, e.g. EUR")
    spent: Number | None = may("how much of it is spent")


@declared
class Span:
    """Days from and to, both included."""

    from_: date | None = must("first day")
    to: date | None = must("last day")


@declared
class Utm:
    """Tracking words of a campaign or a post, each a text that may name ``{post}`` and the like."""

    source: str | None = may("utm_source")
    medium: str | None = may("utm_medium")
    campaign: str | None = may("utm_campaign")
    content: str | None = may("utm_content")
    term: str | None = may("utm_term")


@declared
class Waiver:
    """A recorded exception from one rule, approved like content."""

    rule: str | None = must("the rule's id")
    why: str | None = must("the reason, four words at least")
    by: Ref[Person] | None = must("the role that answers for it")
    until: date | None = must("the last day it holds")


@declared
class Document:
    """What people write: one Markdown file.

    Attributes:
        slug: the file's stem; unique within the kind whatever the case.
        path: posix path relative to the workspace.
        body: the Markdown after the front matter.
        body_line: 1-based line of its first line.
        unreadable: the front matter could not be read, so that nothing but the finding can be shown.
        digest: hex of the file's bytes.
        head: hex of a digest of its front matter alone, for what shows no word of the body; empty where there is none.
        marks: field path (``media.0.alt``) → 1-based (line, column) of its key or item.
    """

    KIND: ClassVar[str] = ""
    """The kind's name in commands, in lower case."""
    FOLDER: ClassVar[str] = ""
    """The folder under ``content/`` that decides the kind."""
    PLURAL: ClassVar[str] = ""
    """The heading of the index page."""
    ABOUT: ClassVar[str] = ""
    """One sentence for the guide and the index page."""
    READY: ClassVar[frozenset[str]] = frozenset()
    """The states from which on the ``^`` fields are needed."""

    slug: str = ""
    path: str = ""
    body: str = ""
    digest: str = ""
    head: str = ""
    marks: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    body_line: int = 1
    unreadable: bool = False

    title: str | None = must("what it is called")
    owner: Ref[Person] | None = must("the one role that answers for it")
    audiences: tuple[str, ...] = may("who may see it, by the names in signalbook.toml; the team if absent", default=())
    labels: tuple[str, ...] = may("words to find it by", default=())
    waive: tuple[Waiver, ...] = may("recorded exceptions from rules", default=())
    brand: str | None = may("the brand it belongs to")
    product: str | None = may("the product it belongs to")
    department: str | None = may("the department it belongs to")
    partner: str | None = may("the partner it is made with")

    @property
    def state(self) -> str:
        """Where it stands: its ``status``, or the first state of its kind when the file names none."""
        return str(getattr(self, "status", None) or (self.states()[:1] or ("",))[0])

    @property
    def is_ready(self) -> bool:
        """Whether it has reached a state in which nothing may be missing."""
        return self.state in self.READY

    @property
    def name(self) -> str:
        """Its title, or its slug while it has none."""
        return self.title or self.slug

    @property
    def said(self) -> str:
        """What its fields say, as a digest: another one when a field, and not when only the body, is edited."""
        return self.head or self.digest

    @classmethod
    def states(cls) -> tuple[str, ...]:
        """The states people may type, in order; empty for a kind without states."""
        return STATES.get(cls.KIND, ())

    def line(self, path: str = "") -> int:
        """The 1-based line of a field, of the nearest thing around it that has one, or 1."""
        return self.mark(path)[0]

    def mark(self, path: str = "") -> tuple[int, int]:
        """The 1-based line and column of a field, or of the nearest thing around it that has one."""
        marks = self.marks
        while path:
            if found := marks.get(path):
                return found
            path = path.rpartition(".")[0]
        return (1, 1)


STATES: dict[str, tuple[str, ...]] = {}
"""Kind → the states people may type; filled by ``signalbook.model`` from the ``status`` fields."""
