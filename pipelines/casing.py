"""From what was just understood to cases: look at what was judged lately, and append the events that it makes.

What was judged in the last two hours is looked at, so that a run that died between the judgement and the case is made good by the
next; what has its case already makes none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from signalbook import cases as cases_
from signalbook import heard, routing, store, triage
from signalbook.records import CaseEvent, Judgement

if TYPE_CHECKING:
    from signalbook.book import Book
    from signalbook.cases import Case
    from signalbook.sense.route import Router
    from signalbook.workspace import Workspace

LATELY: Final = timedelta(hours=2)
MOST_LEARNT: Final = 2_000
"""From so many cases at most, the newest, is routing learnt."""


def run(workspace: Workspace, book: Book, now: datetime) -> list[CaseEvent]:
    """Open the cases that what was judged lately asks for, and note who wrote again; the events that are new.

    Raises:
        StoreError: the store is damaged or cannot be written.
    """
    # A judgement lies in the month of what it judges, and nothing older than this becomes a case.
    tables = store.tables(workspace, _months([now - triage.FRESH, now]))
    judged = _lately(tables, now)
    if not judged:
        return []
    # Somebody may have worked on a case since the Book was read.
    events = store.read(workspace, CaseEvent)[0]
    book = replace(book, case_events=events)
    known = cases_.read(book, now, events)
    said = heard.texts(tables, [key for one in judged for key in (one.key, one.story)])
    pairs = [(said[one.key], one) for one in judged if one.key in said]
    made = triage.decide(book, pairs, now, cases=known, router=_router(workspace, known), firsts=said)
    store.append(workspace, made)
    return made


def _lately(tables: store.Tables, now: datetime) -> list[Judgement]:
    """The judgements of voices that were made lately, oldest word first; corrections of people are in them."""
    table = heard.understood(tables)
    table = table.filter((table.at >= now - LATELY) & (table.said_at >= now - triage.FRESH) & (table.spread == "voice"))
    names = [*Judgement.__dataclass_fields__]
    rows: list[dict[str, Any]] = table.select(*names).order_by(["said_at", "key"]).to_pyarrow().to_pylist()
    return [Judgement(**{name: _held(value) for name, value in row.items()}) for row in rows]


def _held(value: Any) -> Any:
    """A value of a table as a record holds it."""
    if isinstance(value, list):
        return tuple(value)
    return value.astimezone(UTC) if isinstance(value, datetime) else value


def _months(moments: Iterable[datetime]) -> frozenset[str]:
    """The months of some moments, and those a day beside them."""
    day = timedelta(days=1)
    return frozenset(f"{one + beside:%Y-%m}" for one in moments for beside in (-day, timedelta(), day))


def _router(workspace: Workspace, known: Sequence[Case]) -> Router | None:
    """What the team's own routing teaches, from the cases whose words are still kept."""
    taken = [one for one in known if one.owned_at is not None and one.mention][-MOST_LEARNT:]
    if len(taken) < routing.LEAST:
        return None
    # Their words lie in the months in which they were said: days before the case was opened at most.
    tables = store.tables(
        workspace, _months(at for one in taken for at in (one.opened_at - triage.FRESH, one.opened_at))
    )
    said = heard.texts(tables, [one.mention for one in taken])
    return routing.learn(taken, {key: f"{one.title} {one.text}".strip() for key, one in said.items()})
