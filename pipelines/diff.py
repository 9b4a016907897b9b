"""``signalbook diff``: what a change does to what the team says, and what will be sent if it is merged now.

::

    base commit ─► Book ──┐
    files here  ─► Book ──┼─► decide ─► Diff ─► text, Markdown (``pipelines.comment``), JSON
    check --base ─────────┘

Nothing is fetched and no secret is read: the job that runs this for a pull request from outside has neither.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from signalbook import book as books
from signalbook import copytext, counting, delivery, history, previewing
from signalbook import posts as posts_
from signalbook import sent as sent_
from signalbook import settings as settings_
from signalbook.book import Book
from signalbook.classes import dataclass
from signalbook.copytext import Outgoing
from signalbook.delivery import Delivery
from signalbook.errors import SettingsError, UsageError
from signalbook.findings import Finding, Level
from signalbook.history import History
from signalbook.model import Post
from signalbook.workspace import Workspace

What = Literal["added", "changed", "moved", "renamed", "removed"]

GOING = ("due", "overdue", "scheduled")
"""States of a delivery that will be sent by itself, now or at its time."""

USUAL = ("origin/main", "origin/HEAD", "main")
"""What a change is compared with when nobody says."""

WITH_RIGHTS = (".github/", ".forgejo/", ".gitea/", ".gitlab-ci.yml", "signalbook.toml", "mkdocs.yml", "pyproject.toml",
               "requirements")  # fmt: skip
"""Beginnings of paths that decide what runs with rights, or what may be said where."""


@dataclass(frozen=True, slots=True)
class Text:
    """One part of what goes out.

    Attributes:
        text: as it will be sent, everything added on the way in it.
        limit: the most that fits; ``None`` where the network sets none.
        fold: after so many characters readers see "more"; ``None`` where they see all.
    """

    text: str
    count: int
    limit: int | None
    fits: bool
    fold: int | None = None


@dataclass(frozen=True, slots=True)
class Copy:
    """What a post says on one channel.

    Attributes:
        channel: its key.
        name: as people read it.
        parts: one, or several of a thread; empty when there is no copy.
        was: the texts at the base, part by part; empty when it did not go there.
        more: what is sent beside the text, each with its name: a title, a link card, a warning, a first comment.
        was_more: the same at the base.
        url: where what was sent stands; empty while nothing was.
        network: the connector's name.
    """

    channel: str
    name: str
    parts: tuple[Text, ...]
    was: tuple[str, ...] = ()
    more: tuple[tuple[str, str], ...] = ()
    was_more: tuple[tuple[str, str], ...] = ()
    url: str = ""
    network: str = ""

    @property
    def same(self) -> bool:
        """Whether it says what it said."""
        return tuple(part.text for part in self.parts) == self.was and self.more == self.was_more


@dataclass(frozen=True, slots=True)
class Picture:
    """A file that goes with a post.

    Attributes:
        path: posix, relative to the workspace.
        alt: what it tells somebody who cannot see it; empty for none.
    """

    path: str
    alt: str


@dataclass(frozen=True, slots=True)
class Planned:
    """One delivery as it would stand if this were merged now.

    Attributes:
        delivery: its key.
        due: when; ``None`` for none, and for ``on-merge``.
        was: its state at the base; empty when it was not there.
        was_due: when it was to go out at the base.
    """

    delivery: str
    post: str
    channel: str
    state: str
    reason: str
    due: datetime | None
    was: str = ""
    was_due: datetime | None = None

    @property
    def news(self) -> bool:
        """Whether the change makes a difference to it."""
        return (self.state, self.due) != (self.was, self.was_due)


@dataclass(frozen=True, slots=True)
class Change:
    """What the change does to one post.

    Attributes:
        what: ``moved`` when only its time differs; a post that is moved and rewritten is ``changed``.
        path: of its file; of a removed post the one it had.
        was: the slug that a renamed post had.
        page: its address on the site, for the preview; empty for a removed post.
        fields: the fields that differ, ``body`` among them.
        indirect: whether its own file is as it was, and another one (an event, a setting) makes the difference.
        sent: whether something of it is out: then this changes what people have read, or only our memory of it.
    """

    what: What
    slug: str
    title: str
    path: str
    status: str
    was_status: str = ""
    was: str = ""
    page: str = ""
    fields: tuple[str, ...] = ()
    indirect: bool = False
    due: datetime | None = None
    was_due: datetime | None = None
    sent: bool = False
    copies: tuple[Copy, ...] = ()
    media: tuple[Picture, ...] = ()


@dataclass(frozen=True, slots=True)
class Beside:
    """A delivery of this change, and what else stands on its channel near it.

    Attributes:
        others: instant, post and title of each, in order.
    """

    channel: str
    post: str
    due: datetime
    others: tuple[tuple[datetime, str, str], ...]


@dataclass(frozen=True, slots=True)
class Since:
    """What is out on one channel and would say something else in the file.

    Attributes:
        deliveries: their keys: parts and channels on which the same things differ.
        url: where the first of them stands; empty where the network has no address.
        commit: which commit holds what was sent; empty where git knows nothing of it.
        exact: whether that commit holds it to the byte; else it is the last merge before.
        rows: what differs, as it was sent, as it would be.
    """

    deliveries: tuple[str, ...]
    url: str
    commit: str
    exact: bool
    rows: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Said:
    """A finding, as far as a summary shows it.

    Attributes:
        here: whether it is in a file that the change touches.
    """

    path: str
    line: int
    rule: str
    level: Level
    message: str
    remedy: str
    waived: str
    here: bool


@dataclass(frozen=True, slots=True)
class Diff:
    """What a change does.

    Attributes:
        base: the commit it is compared with.
        now: the moment it is judged at, in the team's zone.
        zone: the team's zone, by name.
        posts: in the order of their times; those without one last.
        planned: deliveries to which the change makes a difference.
        findings: all of the workspace, those in touched files first.
        since: what is out already and would say something else in the file.
        beside: what else is planned close by.
        files: paths of other files that the change touches.
        heard: what changed queries, thresholds and playbooks would have told of what was heard lately, a line each.
    """

    base: str
    now: datetime
    zone: str
    team: str
    posts: tuple[Change, ...] = ()
    planned: tuple[Planned, ...] = ()
    findings: tuple[Said, ...] = ()
    since: tuple[Since, ...] = ()
    beside: tuple[Beside, ...] = ()
    files: tuple[str, ...] = ()
    heard: tuple[str, ...] = ()

    @property
    def here(self) -> tuple[Said, ...]:
        """Findings in the files that the change touches."""
        return tuple(finding for finding in self.findings if finding.here)

    @property
    def blocks(self) -> bool:
        """Whether something stops the merge."""
        return any(finding.level is Level.BLOCK and not finding.waived for finding in self.findings)

    @property
    def with_rights(self) -> tuple[str, ...]:
        """Touched files that decide what runs with rights."""
        return tuple(path for path in self.files if path.startswith(WITH_RIGHTS))

    @property
    def quiet(self) -> bool:
        """Whether there is nothing to tell about what goes out."""
        return not self.posts and not self.here and not self.planned


def run(workspace: Workspace, now: datetime, *, base: str) -> Diff:
    """Read the workspace and its base, and say what lies between; without a base the first of ``USUAL`` that is there.

    Raises:
        UsageError: ``base`` is no revision of this repository.
        StoreError: git cannot read it, or ``data/`` is damaged.
    """
    names = (base,) if base else USUAL
    commit = next(filter(None, (history.fork_point(workspace, name) for name in names)), None)
    if commit is None:
        message = (
            f"--base: {history.no_revision(workspace, base)}"
            if base
            else "There is neither origin/main nor main here to compare with. Name a branch or a commit: --base REV."
        )
        raise UsageError(message)
    from pipelines import check

    head = books.load(workspace)
    before = at(workspace, commit, head)
    checked = check.run(workspace, now, base=commit)
    touched = tuple(history.touched(workspace, commit))
    found = decide(
        before, head, now, base_name=commit, touched=touched, findings=checked.findings,
        past=lambda: history.load(workspace),
    )  # fmt: skip
    return replace(found, heard=_heard(workspace, before, now, touched))


HEARD = timedelta(days=14)
"""What was heard in so many days is judged again by changed rules."""


def _heard(workspace: Workspace, before: Book, now: datetime, touched: Iterable[str]) -> tuple[str, ...]:
    """What changed rules would have told; nothing when the change touches none."""
    from pipelines import replay

    if not replay.touches(touched):
        return ()
    day = (now - HEARD).date()
    try:
        found = replay.run(workspace, now, day, before=before)
    except SettingsError as error:
        return (str(error),)
    if found.why_not:
        return (
            "It changes what is listened for, or when somebody is told. What was heard is not kept where this ran; where it is:",
            f"signalbook listen replay --since {day} --base origin/main",
        )
    return tuple(replay.sentences(found))


def at(workspace: Workspace, commit: str, head: Book) -> Book:
    """The Book of a commit's documents and settings, with the records that are here: they are not part of a change.

    Raises:
        StoreError: git cannot read the commit.
    """
    with tempfile.TemporaryDirectory(prefix="signalbook-base-") as folder:
        place = Workspace(Path(folder).resolve())
        history.written_at(workspace, commit, place.root)
        place.content.mkdir(exist_ok=True)
        try:
            settings_.read(place.settings)
        except SettingsError:
            # A base without usable settings: what the change says of channels is the best there is.
            place.settings.write_bytes(workspace.settings.read_bytes())
        found = books.load(place, use_cache=False)
    return replace(found, workspace=workspace, receipts=head.receipts, intents=head.intents)


def decide(
    base: Book,
    head: Book,
    now: datetime,
    *,
    base_name: str = "",
    touched: Iterable[str] = (),
    findings: Iterable[Finding] = (),
    past: Callable[[], History] = History,
) -> Diff:
    """Compare two Books of one workspace; ``past`` is asked when a post that is out has changed."""
    posts = _changes(base, head)
    ours = {change.slug for change in posts}
    paths = {*touched, *(change.path for change in posts if not change.indirect)}
    paths |= {old.path for change in posts if (old := base.get(Post, change.was or change.slug))}
    posted = {change.path for change in posts} | {
        old.path for change in posts if (old := base.get(Post, change.was or change.slug))
    }
    planned = tuple(_planned(base, head, now, ours))
    return Diff(
        base=base_name,
        now=now.astimezone(head.settings.team.zone),
        zone=head.settings.team.zone.key,
        team=head.settings.team.name,
        posts=tuple(posts),
        planned=planned,
        findings=tuple(_said(findings, paths, {change.path for change in posts})),
        since=tuple(_since(head, now, {change.slug for change in posts if change.sent}, past)),
        beside=tuple(_beside(head, now, ours)),
        files=tuple(sorted(path for path in paths - posted if path)),
    )


# --- posts -----------------------------------------------------------------------------------------------------------


def _changes(base: Book, head: Book) -> list[Change]:
    old = {post.slug: post for post in base.all(Post)}
    new = {post.slug: post for post in head.all(Post)}
    out_there = {receipt.post for receipt in head.receipts if receipt.what in {"sent", "amended", "settled"}}
    renamed = _renamed([old[slug] for slug in old.keys() - new.keys()], [new[slug] for slug in new.keys() - old.keys()])
    same_settings = base.settings.digest == head.settings.digest
    same_rest = same_settings and _rest(base) == _rest(head)
    found: list[Change] = []
    for slug, post in new.items():
        before = old.get(slug) or renamed.get(slug)
        if before is None:
            found.append(_change("added", head, post, None, base, slug in out_there))
        elif before.slug != slug:
            found.append(_change("renamed", head, post, before, base, before.slug in out_there or slug in out_there))
        elif before.digest != post.digest:
            change = _change("changed", head, post, before, base, slug in out_there)
            only_time = set(change.fields) <= {"publish_at", "relative_to"} and change.due != change.was_due
            found.append(replace(change, what="moved") if only_time else change)
        elif not same_rest and slug not in out_there:
            change = _change("changed", head, post, before, base, sent=False)
            if change.due != change.was_due or not all(copy.same for copy in change.copies):
                moved = all(copy.same for copy in change.copies)
                found.append(replace(change, indirect=True, what="moved" if moved else "changed"))
    gone = old.keys() - new.keys() - {before.slug for before in renamed.values()}
    for slug in gone:
        post = old[slug]
        found.append(
            Change("removed", slug, post.name, post.path, "", post.state, was_due=delivery.due_at(base, post),
                   sent=slug in out_there)
        )  # fmt: skip
    far = datetime.max.replace(tzinfo=head.settings.team.zone)
    return sorted(found, key=lambda change: (_sortable(change.due or change.was_due or far), change.slug))


def _sortable(instant: datetime) -> float:
    return instant.timestamp() if instant.year < 9999 else float("inf")


def _rest(book: Book) -> frozenset[tuple[str, str]]:
    """Everything a post's time and text may depend on beside its own file."""
    return frozenset((doc.path, doc.digest) for doc in book.everything() if not isinstance(doc, Post))


def _renamed(gone: Sequence[Post], come: Sequence[Post]) -> dict[str, Post]:
    """New slug → the post it was, where a new file says the same words under the same title."""
    by_words: dict[tuple[str, str], list[Post]] = {}
    for post in gone:
        by_words.setdefault((post.name, post.body.strip()), []).append(post)
    found = {}
    for post in sorted(come, key=lambda post: post.slug):
        rows = by_words.get((post.name, post.body.strip()), [])
        if rows:
            found[post.slug] = rows.pop(0)
    return found


def _change(what: What, head: Book, post: Post, before: Post | None, base: Book, sent: bool) -> Change:
    urls = {r.channel: r.url for r in head.receipts if r.post == (before or post).slug and r.part == 1 and r.url}
    return Change(
        what=what,
        slug=post.slug,
        title=post.name,
        path=post.path,
        status=post.state,
        was_status=before.state if before else "",
        was=before.slug if before and before.slug != post.slug else "",
        page=f"calendar/posts/{post.slug}.html",
        fields=tuple(_fields(before, post)) if before else (),
        due=_here(head, delivery.due_at(head, post)),
        was_due=_here(head, delivery.due_at(base, before)) if before else None,
        sent=sent,
        copies=tuple(_copies(head, post, base, before, urls)),
        media=tuple(_media(post)),
    )


def _here(book: Book, instant: datetime | None) -> datetime | None:
    return instant.astimezone(book.settings.team.zone) if instant else None


def _fields(before: Post, post: Post) -> Iterator[str]:
    """The fields that differ, in the order of the declaration, the body last."""
    from signalbook.decode import fields_of

    for key, field in fields_of(Post).items():
        if getattr(before, field.name) != getattr(post, field.name):
            yield key
    if before.body != post.body:
        yield "body"


def _copies(head: Book, post: Post, base: Book, before: Post | None, urls: Mapping[str, str]) -> Iterator[Copy]:
    known = head.settings.channels
    for key in dict.fromkeys(post.channels):
        if key not in known:
            continue
        out = posts_.outgoing(head, post, key)
        parts = []
        limit = counting.limit_of(known[key])
        for part, counted in zip(out.parts, copytext.counts(out, known), strict=True):
            fold, _ = previewing.places(part.text, out.warning, counted, limit)
            folded = fold if fold < len(part.text) else None
            parts.append(Text(part.text, counted.count, counted.limit, counted.fits, folded))
        was = None
        if before and key in before.channels and key in base.settings.channels:
            was = posts_.outgoing(base, before, key)
        yield Copy(
            key, known[key].name, tuple(parts), tuple(part.text for part in was.parts) if was else (),
            more=tuple(_more(out)), was_more=tuple(_more(was)) if was else (), url=urls.get(key, ""),
            network=known[key].connector,
        )  # fmt: skip


def _more(out: Outgoing) -> Iterator[tuple[str, str]]:
    """What is sent beside the text, by a name a reader knows."""
    named = (
        ("title", out.title),
        ("link card" if out.link_in == "card" else "link", out.link if out.link_in in {"card", "field"} else ""),
        ("warning before it", out.warning),
        ("first comment", out.first_comment),
        *((key.replace("_", " "), str(value)) for key, value in out.options.items()),
    )
    return ((name, text) for name, text in named if text)


def _media(post: Post) -> Iterator[Picture]:
    folder = post.path.rpartition("/")[0]
    for media in post.media:
        if media.src:
            yield Picture(_joined(folder, str(media.src)), media.alt or "")


def _joined(folder: str, path: str) -> str:
    import posixpath

    return posixpath.normpath(posixpath.join(folder, path))


# --- deliveries ------------------------------------------------------------------------------------------------------


def _planned(base: Book, head: Book, now: datetime, ours: set[str]) -> Iterator[Planned]:
    """Deliveries that stand otherwise with the change than without it, by time, then by post and channel."""
    before = {row.key: row for row in delivery.deliveries(base, now)}
    after = {row.key: row for row in delivery.deliveries(head, now)}
    rows = []
    for key, row in after.items():
        was = before.get(key)
        made = _plan(head, row, was)
        if made.news or row.post.slug in ours:
            rows.append(made)
    for key, was in before.items():
        if key not in after:
            rows.append(
                Planned(key, was.post.slug, was.channel, "removed", "It is no longer planned.", None, was.state,
                        _here(head, was.due))
            )  # fmt: skip
    yield from sorted(rows, key=lambda row: (row.due or row.was_due or now, row.post, row.channel))


def _plan(head: Book, row: Delivery, was: Delivery | None) -> Planned:
    return Planned(
        row.key, row.post.slug, row.channel, row.state, row.reason, _here(head, row.due),
        was.state if was else "", _here(head, was.due) if was else None,
    )  # fmt: skip


def _since(head: Book, now: datetime, out_there: set[str], past: Callable[[], History]) -> Iterator[Since]:
    """What differs from what was sent, channels and parts on which it is the same together."""
    rows = [
        row
        for slug in sorted(out_there)
        if (post := head.get(Post, slug)) is not None
        for row in delivery.of(head, post, now)
        if row.sent is not None and sent_.changed(head, row)
    ]
    if not rows:
        return
    known = past()
    groups: dict[tuple[str, tuple[tuple[str, str, str], ...], str, bool], list[Delivery]] = {}
    for row in rows:
        copy = sent_.copy_of(head, known, row)
        told = tuple((one.what, one.was, one.now) for one in sent_.differences(head, copy.post, row)) if copy else ()
        groups.setdefault((row.post.slug, told, copy.commit if copy else "", bool(copy and copy.exact)), []).append(row)
    for (_, told, commit, exact), found in groups.items():
        url = found[0].sent.url if found[0].sent else ""
        yield Since(tuple(row.key for row in found), url, commit, exact, told)


NEAR = timedelta(hours=24)


def _beside(head: Book, now: datetime, ours: set[str]) -> Iterator[Beside]:
    """What else stands on the channels of this change less than a day away, whatever the rules think of it."""
    by_channel: dict[str, list[Delivery]] = {}
    for row in delivery.deliveries(head, now):
        if row.due is not None and row.state in {*GOING, "published", "sending", "held", "review", "draft"}:
            by_channel.setdefault(row.channel, []).append(row)
    for channel, rows in sorted(by_channel.items()):
        rows.sort(key=lambda row: (row.due or now, row.key))
        for row in rows:
            if row.post.slug not in ours or row.due is None or row.due < now:
                continue
            others = tuple(
                (other.due.astimezone(head.settings.team.zone), other.post.slug, other.post.name)
                for other in rows
                if other.due is not None and other.key != row.key and abs(other.due - row.due) < NEAR
            )
            if others:
                yield Beside(channel, row.post.slug, row.due.astimezone(head.settings.team.zone), others)


# --- findings --------------------------------------------------------------------------------------------------------


def _said(findings: Iterable[Finding], paths: set[str], posts: set[str]) -> list[Said]:
    rows = [
        Said(
            finding.path, finding.line, finding.rule, finding.level, finding.message, finding.remedy, finding.waived,
            here=finding.path in paths or finding.path in posts,
        )
        for finding in findings
    ]  # fmt: skip
    order = {Level.BLOCK: 0, Level.WARN: 1, Level.INFORM: 2}
    return sorted(rows, key=lambda row: (not row.here, bool(row.waived), order[row.level], row.path, row.line))
