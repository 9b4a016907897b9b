"""What a change does, in words: for the terminal, for the one comment below a pull request, for programs.

A pull request may come from anybody, and so may every word in it. In Markdown all of it stands in code: forges look for
no mention, link, picture, mark-up or reference there. A code fence is longer than any run of its mark inside (CommonMark
0.31, 4.5 and 6.1), so nothing can end it early; what moves the cursor or turns the direction of text is written out.
"""

from __future__ import annotations

import difflib
import functools
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pipelines import pictures
from pipelines.diff import GOING, Change, Copy, Diff, Planned, Said, Since, Text
from signalbook.classes import dataclass
from signalbook.errors import UsageError
from signalbook.findings import Level

if TYPE_CHECKING:
    from pydantic import TypeAdapter

MARK = "<!-- signalbook:summary -->"
"""The first line of the comment, by which a later run finds it."""

MOST = 60_000
"""The longest comment in bytes of UTF-8; GitHub takes 65,536 characters, and nothing more."""

MOST_READ = 8 * 1024 * 1024
"""The longest JSON that is taken from an artifact, in bytes."""

_TEXT, _LINE, _ROWS = 4_000, 300, 60


@dataclass(frozen=True, slots=True)
class Around:
    """What only the forge knows; each is empty when nobody does.

    Attributes:
        run: address of the run whose artifacts hold the whole summary and the preview.
        files: address to which a file's path is added, for looking at pictures.
        preview: the name of the artifact that holds the site.
        whole: the name of the artifact that holds all of the summary.
        own_rules: whether the change touches the workflow that made this, so that it may say what it likes.
        pictures: address to which a picture's name is added (``pipelines.pictures``); no pictures are shown without it.
        drawn: the pictures that lie there.
    """

    run: str = ""
    files: str = ""
    preview: str = ""
    whole: str = ""
    own_rules: bool = False
    pictures: str = ""
    drawn: frozenset[str] = frozenset()


# --- JSON ------------------------------------------------------------------------------------------------------------


def as_json(diff: Diff) -> dict[str, Any]:
    """Everything, as ``diff --json`` prints it."""
    from dataclasses import asdict

    return {**asdict(diff), "blocks": diff.blocks}


def from_json(text: bytes) -> Diff:
    """Read what ``diff --json`` printed, from somebody who cannot be trusted.

    Raises:
        UsageError: it is too long, or is not what this version of Signalbook prints.
    """
    from pydantic import ValidationError

    if len(text) > MOST_READ:
        message = f"A summary of {len(text):,} bytes is longer than {MOST_READ:,}, and is not read."
        raise UsageError(message)
    try:
        plain = json.loads(text)
        if isinstance(plain, dict):
            plain.pop("blocks", None)
        return _shape().validate_python(plain)
    except (ValueError, ValidationError, RecursionError) as error:
        message = "This is not what `signalbook diff --json` prints. Run the check again with the same version."
        raise UsageError(message) from error


@functools.cache
def _shape() -> TypeAdapter[Diff]:
    from pydantic import TypeAdapter

    return TypeAdapter(Diff)


# --- words both forms use --------------------------------------------------------------------------------------------


def sentences(diff: Diff) -> list[str]:
    """What matters most, in sentences without a word of the change's author."""
    found = []
    counts = {
        what: sum(change.what == what for change in diff.posts)
        for what in ("added", "changed", "moved", "renamed", "removed")
    }
    parts = [f"{number} {what}" for what, number in counts.items() if number]
    found.append(f"Posts: {', '.join(parts)}." if parts else "It changes no post.")
    at_once = [row for row in diff.planned if row.state in {"due", "overdue"}]
    later = [row for row in diff.planned if row.state == "scheduled"]
    if at_once:
        found.append(f"Merged now, {_deliveries(len(at_once))} out with the next run.")
    if later:
        found.append(f"{_deliveries(len(later)).capitalize()} out at {_its(len(later))} time.")
    stopped = [row for row in diff.planned if row.state in {"held", "missed"}]
    if stopped:
        found.append(f"{len(stopped)} would be stopped: {_and(sorted({row.state for row in stopped}))}.")
    ended = [row for row in diff.planned if row.was in GOING and row.state not in {*GOING, "sending", "published"}]
    if ended:
        found.append(f"{len(ended)} that would go out without this change no longer {_do(len(ended))}.")
    sent = [change for change in diff.posts if change.sent]
    if sent:
        found.append(f"{len(sent)} of these posts {'is' if len(sent) == 1 else 'are'} out already.")
    found.append(_weighed(diff))
    return found


def _deliveries(number: int) -> str:
    return "one delivery goes" if number == 1 else f"{number} deliveries go"


def _its(number: int) -> str:
    return "its" if number == 1 else "their"


def _do(number: int) -> str:
    return "does" if number == 1 else "do"


def _and(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def _weighed(diff: Diff) -> str:
    def number(rows: Iterable[Said], level: Level) -> int:
        return sum(row.level is level and not row.waived for row in rows)

    blocking = number(diff.findings, Level.BLOCK)
    warns = number(diff.here, Level.WARN)
    if not blocking and not warns:
        return "Nothing stops the merge."
    parts = []
    if blocking:
        elsewhere = blocking - number(diff.here, Level.BLOCK)
        more = f", {elsewhere} of them in files that it does not touch" if elsewhere else ""
        parts.append(f"{blocking} {'finding stops' if blocking == 1 else 'findings stop'} the merge{more}")
    if warns:
        parts.append(f"{warns} {'asks' if warns == 1 else 'ask'} for a look")
    return f"{'; '.join(parts)}." if blocking else f"Nothing stops the merge; {parts[0]}."


def _when(instant: datetime | None) -> str:
    """An instant in the team's zone: ``Tue 24 Nov 2026, 09:30``."""
    return f"{instant:%a} {instant.day} {instant:%b %Y, %H:%M}" if instant else ""


_HEADS = {"added": "Added", "changed": "Changed", "moved": "Moved", "renamed": "Renamed", "removed": "Removed"}


def _story(change: Change) -> str:
    """Status, time and what differs, in a line; plain, with words of the change's author in it."""
    parts = []
    if change.what == "removed":
        parts.append(f"was {change.was_status}")
    elif change.was_status and change.was_status != change.status:
        parts.append(f"{change.was_status} → {change.status}")
    else:
        parts.append(change.status)
    if change.was:
        parts.append(f"was called {change.was}")
    if change.due != change.was_due and change.was_due and change.due:
        parts.append(f"{_when(change.was_due)} → {_when(change.due)}")
    elif change.due or change.was_due:
        parts.append(_when(change.due or change.was_due))
    if change.fields:
        parts.append(f"differs in {', '.join(change.fields)}")
    return "; ".join(parts)


def _cautions(change: Change) -> Iterator[str]:
    if change.indirect:
        yield "Its own file is as it was; another file of this change makes the difference."
    if change.sent and change.what == "removed":
        yield "It is out. Removing the file takes nothing down: use `signalbook publish withdraw` where the network can."
    elif change.sent and change.what == "renamed":
        yield "It is out under its old name. Under a new name it is a new post, and would be sent again: keep the name."
    elif change.sent:
        yield (
            "It is out. Merging changes our text, not theirs: `signalbook publish amend` edits it where the network can."
        )


def _grouped(copies: Sequence[Copy]) -> list[list[Copy]]:
    """Channels that say the same, together."""
    groups: dict[tuple[object, ...], list[Copy]] = {}
    for copy in copies:
        said = (tuple(part.text for part in copy.parts), copy.was, copy.more, copy.was_more)
        groups.setdefault(said, []).append(copy)
    return list(groups.values())


def _counted(part: Text) -> str:
    limit = f"{part.count} of {part.limit}" if part.limit is not None else f"{part.count}"
    return limit if part.fits else f"{limit}, too long"


def _named(more: Sequence[tuple[str, str]]) -> list[str]:
    return [f"{name}: {' '.join(text.split())}" for name, text in more]


def _differences(copy: Copy) -> list[str]:
    """What differs from the base's text, as lines that begin with ``+``, ``-`` or a space."""
    old = [*_named(copy.was_more), *"\n---\n".join(copy.was).split("\n")]
    new = [*_named(copy.more), *"\n---\n".join(part.text for part in copy.parts).split("\n")]
    return [line for line in difflib.unified_diff(old, new, n=1, lineterm="") if not line.startswith(("---", "+++"))]


class _Order(StrEnum):
    NEXT = "With the next run"
    LATER = "At its time"
    STOPPED = "Not by itself"
    ENDED = "No longer"
    OPEN = "Not yet"


def _order(row: Planned) -> _Order:
    if row.state in {"due", "overdue"}:
        return _Order.NEXT
    if row.state == "scheduled":
        return _Order.LATER
    if row.state in {"held", "missed", "unknown", "failed"}:
        return _Order.STOPPED
    return _Order.ENDED if row.was in GOING else _Order.OPEN


# --- the terminal ----------------------------------------------------------------------------------------------------


def as_text(diff: Diff) -> str:
    """The summary for a terminal, without what could move its cursor."""
    out = [*sentences(diff), f"Times are in {diff.zone}.", ""]
    for change in diff.posts:
        out += [f"{_HEADS[change.what]}: {change.title} ({change.path})", f"  {_story(change)}"]
        out += [f"  {caution}" for caution in _cautions(change)]
        for group in _grouped(change.copies):
            for number, part in enumerate(group[0].parts, 1):
                of = f", part {number} of {len(group[0].parts)}" if len(group[0].parts) > 1 else ""
                counts = ", ".join(f"{copy.name} {_counted(copy.parts[number - 1])}" for copy in group)
                out += [f"  {counts}{of}", *(f"    {line}" for line in part.text.split("\n"))]
            out += [f"    {line}" for line in _named(group[0].more)]
        out += [f"  {picture.path}: {picture.alt or 'no alt text'}" for picture in change.media]
        out.append("")
    for order, rows in _sorted(diff.planned):
        out.append(f"{order.value}:")
        out += [f"  {line}" for line in _planned_lines(rows)] + [""]
    for since in diff.since:
        out.append(f"What differs from what was sent, {', '.join(since.deliveries)}: {_compared(since)}")
        out += [f"  {line}" for what, was, now in since.rows for line in (what, *_lines(was, now))] + [""]
    for beside in diff.beside:
        out.append(f"Beside {beside.post} on {beside.channel}, {_when(beside.due)}:")
        out += [f"  {_when(at)}  {post}: {title}" for at, post, title in beside.others] + [""]
    if diff.heard:
        out += ["What is heard:", *(f"  {line}" for line in diff.heard), ""]
    out += [line for row in diff.here for line in _finding_lines(row)]
    return _shown("\n".join(out)).rstrip("\n")


def _planned_lines(rows: Sequence[Planned]) -> list[str]:
    """A line for each, the parts of a thread that stand alike together."""
    alike: dict[tuple[object, ...], list[Planned]] = {}
    for row in rows:
        key = (row.post, row.channel, row.state, row.reason, row.due, row.was_due)
        alike.setdefault(key, []).append(row)
    return [_planned_line(found[0], f" ({len(found)} parts)" if len(found) > 1 else "") for found in alike.values()]


def _planned_line(row: Planned, parts: str) -> str:
    when = _when(row.due) or "when merged"
    was = f" (was {_when(row.was_due)})" if row.was_due and row.due and row.was_due != row.due else ""
    return f"{when}{was}  {row.channel}  {row.post}{parts}: {row.state}. {row.reason}"


def _finding_lines(row: Said) -> list[str]:
    waived = [f"  Let rest: {row.waived}"] if row.waived else []
    return [f"{row.path}:{row.line}  {row.level.value}  {row.rule}", f"  {row.message}", f"  {row.remedy}", *waived]


def _sorted(planned: Sequence[Planned]) -> list[tuple[_Order, list[Planned]]]:
    found: dict[_Order, list[Planned]] = {order: [] for order in _Order}
    for row in planned:
        found[_order(row)].append(row)
    return [(order, rows) for order, rows in found.items() if rows]


# --- Markdown --------------------------------------------------------------------------------------------------------


def as_markdown(diff: Diff, around: Around | None = None, *, most: int = MOST) -> str:
    """The comment: never longer than ``most`` bytes, whatever the change holds."""
    around = around or Around()
    head = "\n\n".join([MARK, "## What this change does", " ".join(sentences(diff)), *_warnings(diff, around)])
    tail = "\n\n".join(_footer(diff, around))
    room = most - len(f"{head}\n\n{tail}\n".encode()) - 400  # for the sentence about what is left out
    shown: list[str] = []
    left: dict[str, int] = {}
    for name, block in _blocks(diff, around):
        size = len(block.encode()) + 2
        if size <= room:
            shown.append(block)
            room -= size
        else:
            left[name] = left.get(name, 0) + 1
    if left:
        told = _and([f"{number} {name}" for name, number in left.items()])
        whole = (
            f"the artifact `{_word(around.whole)}` of [the run]({around.run})" if around.run else "`signalbook diff`"
        )
        shown.append(f"**Too long for a comment:** {told} left out here. All of it is in {whole}.")
    return "\n\n".join([head, *shown, tail]) + "\n"


def _warnings(diff: Diff, around: Around) -> Iterator[str]:
    if around.own_rules:
        yield (
            "**This change touches the workflows or what they install. What stands below was made by its own version of "
            "them: read the files themselves before you merge.**"
        )
    elif diff.with_rights:
        yield "**This change touches what runs with rights, or what the team's settings allow.** Read these files first:"
    if diff.with_rights and not around.own_rules:
        yield fence("\n".join(diff.with_rights[:_ROWS]))


def _blocks(diff: Diff, around: Around) -> Iterator[tuple[str, str]]:
    """The sections, what matters most first: each a name for the plural of it, and its Markdown."""
    blocking = [row for row in diff.findings if row.level is Level.BLOCK and not row.waived]
    if blocking:
        yield "list of what stops the merge", _findings("Stops the merge", blocking)
    if diff.planned:
        yield "list of deliveries", _deliveries_block(diff)
    if diff.posts:
        yield "heading", f"### Posts\n\nTimes are in {code(diff.zone)}."
    for change in diff.posts:
        yield "post" if len(diff.posts) == 1 else "posts", _post(change, around)
    for since in diff.since:
        yield "difference from what was sent", _since(since)
    if diff.beside:
        yield "list of what is close by", _beside(diff)
    if diff.heard:
        lines = [_short(line, _LINE) for line in diff.heard]
        yield "list of what is heard", f"### What is heard\n\n{fence(chr(10).join(lines[:_ROWS]) + _more(len(lines)))}"
    for level, title in ((Level.WARN, "To look at"), (Level.INFORM, "For information")):
        rows = [row for row in diff.here if row.level is level or (row.waived and level is Level.WARN)]
        rows = [row for row in rows if not (row.waived and level is Level.INFORM)]
        if rows:
            yield "list of findings", _findings(title, rows)
    if diff.files:
        names = fence("\n".join(diff.files[:_ROWS]) + _more(len(diff.files)))
        yield "list of files", _folded(f"Other files: {len(diff.files)}", names)


def _findings(title: str, rows: Sequence[Said]) -> str:
    lines = [line for row in rows[:_ROWS] for line in _finding_lines(row)]
    return f"### {title}\n\n{fence(chr(10).join(_short(line, 600) for line in lines) + _more(len(rows)))}"


def _more(number: int) -> str:
    return f"\n… and {number - _ROWS} more" if number > _ROWS else ""


def _deliveries_block(diff: Diff) -> str:
    out = ["### What goes out if this is merged now"]
    for order, rows in _sorted(diff.planned):
        lines = [_short(line, _LINE) for line in _planned_lines(rows)]
        out += [f"**{order.value}**", fence("\n".join(lines[:_ROWS]) + _more(len(lines)))]
    return "\n\n".join(out)


def _post(change: Change, around: Around) -> str:
    out = [f"#### {_HEADS[change.what]}: {code(change.title)}", f"{code(change.path)}: {code(_story(change))}"]
    out += [f"**{caution}**" for caution in _cautions(change)]
    for group in _grouped(change.copies):
        first = group[0]
        names = ", ".join(code(copy.channel, 60) for copy in group)
        if not first.parts:
            out.append(f"{names}: there is no copy.")
            continue
        if first.was and not first.same:
            out += [f"{names}: what differs", fence("\n".join(_differences(first)), "diff")]
        elif first.same:
            out.append(f"{names}: the text stays as it is.")
        for number, part in enumerate(first.parts, 1):
            of = f", part {number} of {len(first.parts)}" if len(first.parts) > 1 else ""
            counts = ", ".join(f"{code(copy.channel, 60)} {_counted(copy.parts[number - 1])}" for copy in group)
            whole = fence(part.text)
            if first.was:
                out.append(_folded(f"The text as it will be sent{of}", f"{counts}\n\n{whole}"))
            else:
                out += [f"{counts}{of}", whole]
        if first.more:
            out += ["Beside the text:", fence("\n".join(_named(first.more)))]
    looks = list(_looks(change, around))
    if looks:
        out.append(_folded("How it will look", "\n\n".join(looks)))
    for number, picture in enumerate(change.media[:12], 1):
        name = f"Media {number}"
        where = f"[{name}]({around.files}{quote(picture.path, safe='/')})" if around.files else name
        out.append(f"{where} {code(picture.path)}: {code(picture.alt) if picture.alt else '**no alt text**'}")
    if change.page and around.preview and around.run:
        out.append(
            f"How it will look: page {code(change.page)} of the artifact `{_word(around.preview)}` of [the run]({around.run})."
        )
    return "\n\n".join(out)


def _looks(change: Change, around: Around) -> Iterator[str]:
    """A picture a channel, those that lie where they can be shown; drawn by us, from letters alone."""
    for copy in change.copies:
        picture = pictures.drawn(change, copy) if around.pictures else ""
        if picture and (file := pictures.name(picture)) in around.drawn:
            yield f"{code(copy.channel, 60)}\n\n![The post as a picture]({around.pictures}{file})"


def _since(since: Since) -> str:
    names = ", ".join(code(key, 120) for key in since.deliveries[:12])
    out = [f"### What differs from what was sent\n\n{names}: {_compared(since)}"]
    lines = [line for what, was, now in since.rows for line in (f"  {what}", *_lines(was, now))]
    if lines:
        out.append(fence("\n".join(lines), "diff"))
    if since.url:
        out.append(f"It stands at {code(since.url)}.")
    return "\n\n".join(out)


def _compared(since: Since) -> str:
    if not since.commit:
        return "git does not know what was sent; the copy, the link, the media or the disclosure is another."
    if since.exact:
        return f"compared with {code(since.commit[:12])}, which holds exactly what was sent."
    return f"no commit holds exactly what was sent; compared with {code(since.commit[:12])}, the last merge before it."


def _lines(was: str, now: str) -> list[str]:
    return [*(f"-{line}" for line in was.split("\n") if was), *(f"+{line}" for line in now.split("\n") if now)]


def _beside(diff: Diff) -> str:
    lines = []
    for beside in diff.beside[:_ROWS]:
        lines.append(f"{beside.channel}: {beside.post}, {_when(beside.due)}")
        lines += [_short(f"    {_when(at)}  {post}: {title}", _LINE) for at, post, title in beside.others[:6]]
        if len(beside.others) > 6:
            lines.append(f"    … and {len(beside.others) - 6} more")
    return f"### Close by on the same channel\n\n{fence(chr(10).join(lines) + _more(len(diff.beside)))}"


def _footer(diff: Diff, around: Around) -> Iterator[str]:
    made = f" in [this run]({around.run})" if around.run else ""
    yield f"<sub>Compared with {code(diff.base[:12])}, judged at {code(_when(diff.now))}{made}. A delivery is a post on a channel, each part of a thread by itself.</sub>"


def _folded(title: str, inside: str) -> str:
    return f"<details><summary>{title}</summary>\n\n{inside}\n\n</details>"


def code(text: str, most: int = _LINE) -> str:
    """Anybody's words inside a line: in code, longer in its marks than any run of them inside; a pipe cannot cut a table."""
    said = _short(" ".join(_shown(text).split()), most).replace("|", "¦")
    if not said:
        return "`-`"
    marks = "`" * (_longest(said, "`") + 1)
    pad = " " if said[0] == "`" or said[-1] == "`" else ""
    return f"{marks}{pad}{said}{pad}{marks}"


def fence(text: str, info: str = "") -> str:
    """Anybody's words on lines of their own, in a fence that they cannot end."""
    said = _shown(text)
    if len(said) > _TEXT:
        said = said[:_TEXT] + "\n… (shortened here)"
    marks = "`" * max(3, _longest(said, "`") + 1)
    return f"{marks}{info or 'text'}\n{said}\n{marks}"


def _longest(text: str, mark: str) -> int:
    return max((len(run) for run in re.findall(f"{mark}+", text)), default=0)


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _word(text: str) -> str:
    """A name of our own workflow, kept to what needs no marks."""
    return re.sub(r"[^A-Za-z0-9._-]", "", text)


_TURNS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""What turns the direction of text (Unicode 16, UAX 9): in a review nothing may read other than it is."""


def _shown(text: str) -> str:
    """A text with what cannot be seen written out; every end of a line is one line feed."""
    flat = text.replace("\r\n", "\n").replace("\r", "\n")
    if flat.replace("\n", "").isprintable():
        return flat
    return "".join(map(_letter, flat))


def _letter(char: str) -> str:
    if char in "\n\t" or char.isprintable():
        return " " if char == "\t" else char
    if char in _TURNS:
        return f"<U+{ord(char):04X}>"
    # Joiners are part of emoji and of many scripts; they are not printable, and harmless.
    if char in "\u200c\u200d\u00a0\u202f\u2007\u3000" or unicodedata.category(char) == "Zs":
        return char
    kind = unicodedata.category(char)
    if kind == "Cn":  # a letter or an emoji younger than this Python
        return char
    return "\ufffd" if kind in {"Cc", "Cs", "Zl", "Zp", "Co"} else f"<U+{ord(char):04X}>"


def link(url: str) -> str:
    """An address of the forge, if nothing in it could end a Markdown link.

    Raises:
        UsageError: it could.
    """
    if not re.fullmatch(r"https?://[A-Za-z0-9._~:/?#@!$&+,;=%-]+", url):
        message = f"“{url}” is not an address that can stand in a comment."
        raise UsageError(message)
    return url
