"""Which parts a table goes out in: whole, or month by month once there is much of it, and what each part depends on.

Posts are cut by the month in UTC of their ``publish_at``, those without one apart; what follows from posts goes with them.
So an edit of one post changes the parts of its month and no other. Records lie in files of months already.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING, Final, NamedTuple

from signalbook import store, tabling
from signalbook.model import Post
from site_plugins.calendar.entries import by_post
from site_plugins.pages import digest

if TYPE_CHECKING:
    from signalbook.book import Book
    from signalbook.delivery import Delivery
    from signalbook.model import Document
    from signalbook.tabling import Cells, Table
    from site_plugins.calendar.entries import Entry

LARGE: Final = 5_000_000
"""Bytes of records from which on a table is cut by month."""
MANY: Final = 500
"""Posts from which on their tables are cut by month."""
UNDATED: Final = "undated"
"""The part of posts without a time of their own."""
OTHERS: Final = "others"
"""The part of references that no post makes."""


class Part(NamedTuple):
    """What one file of a table holds.

    Attributes:
        name: a month, ``UNDATED`` or ``OTHERS``; empty for a whole table.
        key: a digest of everything its rows are made of.
        cells: makes what it holds.
    """

    name: str
    key: str
    cells: Callable[[], Cells]


class Cuts:
    """The parts of every table of one build."""

    def __init__(self, book: Book, now: datetime) -> None:
        """Look at nothing yet."""
        self.book = book
        self.now = now

    def parts(self, table: Table) -> list[Part]:
        """A table's parts, by name."""
        book, now = self.book, self.now
        if table.name == "posts":
            return [
                Part(name, _stamp(posts), partial(tabling.cells_of, posts)) for name, posts in self._posts.items()
            ]  # fmt: skip
        if table.name == "deliveries":
            return list(self._deliveries())
        if table.name == "links":
            return list(self._links())
        if months := self._months(table):
            return [
                Part(
                    month,
                    self._month_stamp(table, month),
                    partial(tabling.cells_of_records, book, table.name, now, month=month),
                )
                for month in months
            ]
        return [Part("", tabling.stamp(book, table.name, now), partial(tabling.cells, book, table.name, now))]

    # --- posts, and what follows from them

    @cached_property
    def _posts(self) -> dict[str, list[Post]]:
        """Part → its posts, in the order of all."""
        posts = self.book.all(Post)
        if len(posts) < MANY:
            return {"": list(posts)}
        found: dict[str, list[Post]] = {}
        for post in posts:
            at = post.publish_at
            name = UNDATED
            if isinstance(at, datetime):
                at = at.astimezone(UTC)
                name = f"{at.year:04}-{at.month:02}"
            found.setdefault(name, []).append(post)
        return dict(sorted(found.items()))

    def _deliveries(self) -> Iterator[Part]:
        # How a delivery stands depends on nearly everything and costs little to tell: the answer itself is the key.
        known = by_post(self.book, self.now)
        for name, posts in self._posts.items():
            mine = [entry for post in posts for entry in known[post.path]]
            if any(entry.deliveries for entry in mine):
                told = [
                    f"{entry.stands}{''.join([_sent(one) for one in entry.deliveries if one.receipts])}"
                    for entry in mine
                ]
                yield Part(name, digest(*told), partial(_deliveries_of, mine))

    def _links(self) -> Iterator[Part]:
        book = self.book
        cut = "" not in self._posts
        parts: dict[str, list[Document]] = {}
        if cut:
            parts |= {name: list(posts) for name, posts in self._posts.items()}
            parts[OTHERS] = [one for one in book.everything() if not isinstance(one, Post)]
        else:
            parts[""] = list(book.everything())
        part_of = {one.path: name for name, documents in parts.items() for one in documents}
        leads: dict[str, list[str]] = {}
        for target, name, sources in book.named():
            led = f"{name} {target.KIND} {target.slug}" if target else name
            for part in {part_of[source.path] for source, _ in sources}:
                leads.setdefault(part, []).append(led)
        for name, documents in parts.items():
            if name in leads:
                yield Part(
                    name, digest(_stamp(documents), *leads[name]), partial(tabling.cells_of_links, book, documents)
                )

    # --- records: a table of millions is never read whole

    def _months(self, table: Table) -> tuple[str, ...]:
        """The months a large table of records is cut into; none for one that is whole."""
        if not table.day:
            return ()
        files = store.files(self.book.workspace, table.folder)
        if sum(path.stat().st_size for path in files) < LARGE:
            return ()
        return tuple(sorted({path.name.partition(".")[0] for path in files}))

    def _month_stamp(self, table: Table, month: str) -> str:
        files = (path for path in store.files(self.book.workspace, table.folder) if path.name.startswith(f"{month}."))
        return digest(table.name, *((path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in files))


def _stamp(documents: Iterable[Document]) -> str:
    """What the rows of some documents depend on: no file has their bodies."""
    return digest(*[f"{one.path} {one.said}" for one in documents])


def _sent(one: Delivery) -> str:
    sent = one.sent
    return f" {sent.at} {sent.url}" if sent else ""


def _deliveries_of(found: Sequence[Entry]) -> Cells:
    return tabling.cells_of_deliveries([one for entry in found for one in entry.deliveries])
