"""The front door: parse, call one function, print, exit.

Exit status: 0 done, 1 findings that block or failures, 2 the command was misused. Under ``--json`` stdout holds nothing
but JSON, also on failure; messages and progress go to stderr.
"""

from __future__ import annotations

import atexit
import contextlib
import errno
import functools
import gc
import inspect
import itertools
import json
import os
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TextIO, cast, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo

from signalbook.errors import SettingsError, SignalbookError, UsageError
from signalbook.terminal import printable

if TYPE_CHECKING:
    import typer

    from pipelines.publishing import Effects
    from signalbook.book import Book
    from signalbook.findings import Finding
    from signalbook.model import Post
    from signalbook.secrecy import Veil
    from signalbook.workspace import Workspace

Command = Callable[..., None]

_declared: list[tuple[str, Command]] = []


def _command(name: str = "") -> Callable[[Command], Command]:
    """Declare a command: by its function's name, or by another one."""

    def declare(function: Command) -> Command:
        _declared.append((name or function.__name__.rstrip("_"), function))
        return function

    return declare


@functools.cache
def _parser() -> typer.Typer:
    """The parser with every command. It brings more with it than most commands need, and is loaded when it is needed."""
    import typer

    globals()["typer"] = typer  # where it looks for what the commands' parameters say of themselves
    made = typer.Typer(
        name="signalbook",
        help="A communications team's work in one repository: check it, build its site, import its numbers.",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    made.callback()(_root)
    for name, function in _declared:
        made.command(name)(function)
    return made


def __getattr__(name: str) -> Any:
    """``app``: the parser, for whoever asks for it by its usual name."""
    if name == "app":
        return _parser()
    raise AttributeError(name)


@dataclass
class Common:
    """The flags that every command takes, before or after its name."""

    folder: Path = Path()
    as_json: bool = False
    now: str = ""
    quiet: bool = False
    verbose: bool = False


common = Common()

_TAKES_VALUE = {"-C": "folder", "--now": "now"}
_SWITCHES = {"--json": "as_json", "-q": "quiet", "--quiet": "quiet", "-v": "verbose", "--verbose": "verbose"}

_OF_THE_SITE = {"altair", "jinja2", "markdown", "markupsafe", "material", "mkdocs", "pymdownx", "vl_convert"}


def command() -> NoReturn:
    """Be the process of a command line.

    Everything that a command opened is closed when it is through, and what was registered for the end of the process is
    done; the rest of its memory goes with the process, and is not taken apart piece by piece before.
    """
    status = 1
    atexit.register(lambda: _gone(status))  # registered first, it comes last
    try:
        main()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
        raise


def _gone(status: int) -> None:
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError):
        return  # the usual end says what became of the stream
    os._exit(status)


def main(argv: list[str] | None = None) -> NoReturn:
    """Run a command line and leave with its status."""
    words = list(sys.argv[1:] if argv is None else argv)
    with _covered(words):
        try:
            _main(words)
        except Exception:  # noqa: BLE001 - our own mistake: its traceback is for us, and goes where no secret shows
            sys.stderr.write(traceback.format_exc())
            if common.as_json:
                show({"error": "Signalbook itself failed; stderr says where. Please report it with those lines."})
            _leave(1)


def _main(words: list[str]) -> NoReturn:
    global common  # noqa: PLW0603 - one command line a process
    common = Common()
    # Threads of numpy's algebra wait for each other by spinning: on a busy machine two take six times the work of one.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    gc.set_threshold(1_000_000, 20, 100)  # a Book is made once and kept: looking through it finds nothing
    try:
        rest = _common(words)
        if (plain := _plainly(rest)) is not None:
            plain()
            _leave(0)
        # Outside of its own mode the parser hands back the status of an Exit instead of raising it.
        status = _parser()(args=rest, prog_name="signalbook", standalone_mode=False)
        _leave(status if isinstance(status, int) else 0)
    except UsageError as error:
        _fail(str(error), 2)
    except SignalbookError as error:
        _fail(str(error), 1)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        _leave(0)
    except KeyboardInterrupt:
        _leave(130)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _OF_THE_SITE:
            raise
        _fail("This installation has no site builder. Add it: pip install 'signalbook[site]'", 1)
    except Exception as error:
        if hasattr(error, "format_message") and hasattr(
            error, "exit_code"
        ):  # what the parser says of a misused command
            command = getattr(getattr(error, "ctx", None), "command_path", "") or "signalbook"
            _fail(f"{error.format_message()} See `{command} --help`.", 2)
        if type(error).__name__ == "Abort":
            _leave(1)
        if isinstance(error, OSError) and error.errno in _REMEDIES:
            _fail(_no_room(error), 1)
        raise


_REMEDIES = {
    errno.EACCES: "Let this account read and write there, or name a folder where it may",
    errno.EROFS: "It lies on a disk that is mounted to be read only; name a folder elsewhere",
    errno.ENOSPC: "Make room there, or name a folder on another disk",
    errno.EDQUOT: "Make room there, or name a folder on another disk",
}
_REMEDIES[errno.EPERM] = _REMEDIES[errno.EACCES]
"""What may be done where the machine will not let us write; any other failure of a file is our own mistake."""


def _no_room(error: OSError) -> str:
    place = str(error.filename or "A file")
    with contextlib.suppress(SignalbookError, ValueError):
        place = workspace().relative(Path(place))
    known = _REMEDIES[error.errno or 0]
    return f"{place}: {error.strerror}, so the command stopped there. {known} (-C, or --site-dir for a site)."


class _Covered:
    """A stream on which no secret of this environment can be read: the last wall behind everything that prints."""

    def __init__(self, inner: TextIO, veil: Veil) -> None:
        self._inner = inner
        self._veil = veil

    def write(self, text: str, /) -> int:
        self._inner.write(self._veil(text))
        return len(text)

    def writelines(self, lines: Iterable[str], /) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


@contextlib.contextmanager
def _covered(argv: list[str]) -> Iterator[None]:
    """Until the end of the block stdout and stderr show no secret, whoever writes to them."""
    import tomllib

    from signalbook import secrecy
    from signalbook import workspace as place

    folder = Path(next((value for flag, value in itertools.pairwise(argv) if flag == "-C"), "."))
    table: object = {}
    with contextlib.suppress(OSError, ValueError, SignalbookError):
        table = tomllib.loads(place.find(folder).settings.read_text(encoding="utf-8-sig"))
    veil = secrecy.of_environment(os.environ, secrecy.names(table))
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = (cast("TextIO", _Covered(stream, veil)) for stream in before)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


class _Said:
    """What a command says of one of its parameters."""

    def __init__(self, *words: str, **_: object) -> None:
        self.words = words


class _Stand:
    """Takes the parser's place where commands say what their parameters are, while a plain command line is read."""

    class Option(_Said):
        """One that has a name."""

    class Argument(_Said):
        """One that has a place."""


def _plainly(words: list[str]) -> Callable[[], object] | None:
    """The call that a plain command line asks for, ``None`` for one that the parser has to look at.

    Plain are a known command, its options as it declares them, texts and paths. The parser brings a validator with it
    that takes longer to load than most commands run; whatever could be misused, or asks for help, still goes there.
    """
    found = next((made for name, made in commands() if words[:1] == [name]), None)
    if found is None:
        return None
    given: dict[str, Any] = {}
    options: dict[str, tuple[str, type, bool]] = {}
    places: list[tuple[str, type, bool]] = []
    needed: set[str] = set()
    hints = get_type_hints(found, globalns={**globals(), "typer": _Stand}, include_extras=True)
    for name, parameter in inspect.signature(found).parameters.items():
        declared, info = hints[name].__origin__, hints[name].__metadata__[0]
        kinds = [one for one in (get_args(declared) or (declared,)) if one is not type(None)]
        many = get_origin(kinds[0]) is list or get_origin(declared) is list
        kind = get_args(kinds[0])[0] if get_origin(kinds[0]) is list else kinds[0]
        if len(kinds) != 1 or kind not in {str, bool, Path}:
            return None
        if isinstance(info, _Stand.Argument):
            places.append((name, kind, many))
        elif isinstance(info, _Stand.Option) and not (many and kind is bool):
            for word in info.words or (f"--{name.replace('_', '-')}",):
                options[word] = (name, kind, many)
        else:
            return None
        if parameter.default is parameter.empty:
            needed.add(name)
    rest = iter(words[1:])
    for word in rest:
        option, has_value, value = word.partition("=")
        if option in options:
            name, kind, many = options[option]
            if (name in given and not many) or (kind is bool and has_value):
                return None
            if kind is bool:
                given[name] = True
            elif (text := value if has_value else next(rest, "")) and not text.startswith("-"):
                if many:
                    given.setdefault(name, []).append(kind(text))
                else:
                    given[name] = kind(text)
            else:
                return None
        elif word.startswith("-") or not word or not places:
            return None
        else:
            name, kind, many = places[0]
            if many:
                given.setdefault(name, []).append(kind(word))
            else:
                given[name] = kind(word)
                places.pop(0)
    return functools.partial(found, **given) if needed <= given.keys() else None


def _leave(status: int) -> NoReturn:
    sys.stdout.flush()
    raise SystemExit(status)


def _common(argv: list[str]) -> list[str]:
    """Take the common flags out of a command line, wherever they stand before ``--``.

    Raises:
        UsageError: a flag lacks its value.
    """
    rest: list[str] = []
    words = iter(argv)
    for word in words:
        if word == "--":
            return [*rest, word, *words]
        name, has_value, value = word.partition("=")
        if word in _SWITCHES:
            setattr(common, _SWITCHES[word], True)
        elif name in _TAKES_VALUE:
            found = value if has_value else next(words, None)
            if not found:
                message = f"{name} needs a value: {'-C my-team' if name == '-C' else '--now 2026-11-24T09:00'}"
                raise UsageError(message)
            setattr(common, _TAKES_VALUE[name], Path(found) if name == "-C" else found)
        else:
            rest.append(word)
    return rest


def _fail(message: str, status: int) -> NoReturn:
    if common.as_json:
        print(json.dumps({"error": message}, ensure_ascii=False))
    print(message, file=sys.stderr)
    _leave(status)


def say(text: str) -> None:
    """Tell the person at the terminal, not the program that reads stdout."""
    if not common.quiet:
        print(text, file=sys.stderr)


def show(value: object) -> None:
    """Print one JSON value on one line."""
    print(json.dumps(value, ensure_ascii=False, default=_plain))


def _plain(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, Path):
        return value.as_posix()
    return str(value)


def workspace() -> Workspace:
    """The workspace that the command line means."""
    from signalbook import workspace as place

    return place.find(common.folder)


def moment(zone: ZoneInfo | None = None) -> datetime:
    """``--now``, or the clock.

    Raises:
        UsageError: ``--now`` is no instant.
    """
    from signalbook.decode import read_instant

    if not common.now:
        return datetime.now(zone or ZoneInfo("UTC")).replace(microsecond=0)
    try:
        text = f"{common.now} 00:00" if len(common.now) == len("2026-11-24") else common.now
        return read_instant(text, zone or ZoneInfo("UTC"))
    except ValueError as error:
        message = f"--now takes an instant such as 2026-11-24T09:00+01:00; {_why_not(text, error)}"
        raise UsageError(message) from error


def read_book() -> tuple[Workspace, Book, datetime]:
    """The workspace, its Book and the moment the command is about."""
    from signalbook import book as books

    place = workspace()
    book = books.load(place)
    return place, book, moment(book.settings.team.zone)


# --- commands --------------------------------------------------------------------------------------------------------


def _root() -> None:
    """Common flags, before or after the command: -C FOLDER, --json, --now INSTANT, -q, -v."""


@_command()
def new(
    what: Annotated[str, typer.Argument(help="a folder for a new team, or a kind of document such as post")],
    slug: Annotated[str | None, typer.Argument(help="the document's name: small letters, digits and -")] = None,
    name: Annotated[str, typer.Option(help="the team's name")] = "",
    zone: Annotated[str, typer.Option(help="the team's time zone")] = "",
    template: Annotated[str, typer.Option(help="which template; --template list shows them")] = "",
    on: Annotated[str, typer.Option(help="the day the document is about, e.g. 2026-11-24")] = "",
) -> None:
    """Make a team's repository, or a document with its fields explained."""
    from signalbook import scaffold
    from signalbook.content import BY_NAME
    from signalbook.decode import known_zone, near, read_date

    if what in BY_NAME and (slug or template == "list"):
        place = workspace()
        try:
            day = read_date(on) if on else moment(_zone(place)).date()
        except ValueError as error:
            message = f"--on takes a day such as 2026-11-24; {error}"
            raise UsageError(message) from error
        if template == "list":
            for found in scaffold.templates(what):
                print(found)
            return
        path = scaffold.new_document(place, what, slug or "", template=template or None, on=day)
        if common.as_json:
            show({"path": place.relative(path)})
        else:
            say(f"Wrote {place.relative(path)}. Fill in the fields; `signalbook check` tells what is missing.")
        return
    if slug is not None:
        message = f"“{what}” is no kind of document.{near(what, tuple(BY_NAME))} Kinds: {', '.join(BY_NAME)}."
        raise UsageError(message)
    if what in BY_NAME:
        message = f"`signalbook new {what}` needs a name: signalbook new {what} first-morning"
        raise UsageError(message)
    if zone and not known_zone(zone):
        message = f"“{zone}” is not a time zone. Write one such as Europe/Berlin."
        raise UsageError(message)
    folder = common.folder / what
    named = name or folder.resolve().name.replace("-", " ").capitalize()
    today = moment(ZoneInfo(zone or "UTC")).date()
    written = scaffold.new_team(folder, name=named, zone=zone or "UTC", today=today)
    if common.as_json:
        show({"folder": str(folder), "files": len(written)})
        return
    say(f"Made {folder} with {len(written)} files. Next:\n  cd {folder}\n  signalbook check\n  signalbook serve")


def _zone(place: Workspace) -> ZoneInfo:
    from signalbook import settings

    return settings.read(place.settings).team.zone


@_command()
def check(
    paths: Annotated[list[Path] | None, typer.Argument(help="only findings in these files and folders")] = None,
    base: Annotated[str, typer.Option(help="the revision that a change is compared with")] = "",
    form: Annotated[str, typer.Option("--format", help="text, json or github")] = "text",
    fix: Annotated[bool, typer.Option("--fix", help="mend what has one sure remedy")] = False,
) -> None:
    """Say what is wrong, where, and what to write instead; leave with 1 when something blocks."""
    from pipelines import check as checks

    common.as_json |= form == "json"
    if form not in {"text", "json", "github"}:
        message = f"--format takes text, json or github, not “{form}”."
        raise UsageError(message)
    place = workspace()
    zone = _zone(place)
    outcome = checks.run(place, moment(zone), paths=tuple(paths or ()), base=base, fix=fix, here=common.folder)
    if common.as_json:
        show([checks.as_json(finding) for finding in outcome.findings])
    elif form == "github":
        for finding in outcome.findings:
            print(checks.as_github(finding))
    else:
        _print_findings(outcome.findings)
    for line in outcome.fixed:
        say(line)
    say(outcome.summary)
    _leave(1 if outcome.blocks else 0)


MOST_SHOWN = 200


def _print_findings(findings: Iterable[Finding]) -> None:
    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    told = [_finding_text(finding, colour=colour) for finding in findings]
    if told:
        print("\n".join(told))  # at once: thousands of lines are looked through for secrets as one text


def _finding_text(finding: Finding, *, colour: bool) -> str:
    from signalbook.findings import Level

    paint = {Level.BLOCK: "31", Level.WARN: "33", Level.INFORM: "36"}[finding.level]
    word = finding.level.value
    level = f"\x1b[{paint}m{word}\x1b[0m" if colour else word
    head = f"{finding.path}:{finding.line}  {finding.field}".rstrip()
    lines = [f"{head}  {level}  {finding.rule}", f"  {printable(finding.message)}", f"  {printable(finding.remedy)}"]
    if finding.waived:
        lines.append(f"  Waived: {printable(finding.waived)}")
    return "\n".join(lines) + "\n"


@_command()
def diff(
    base: Annotated[str, typer.Option(help="the revision to compare with; origin/main, else main, if absent")] = "",
    form: Annotated[str, typer.Option("--format", help="text, md or json")] = "text",
) -> None:
    """Say what a change does to what goes out: posts, texts, counts, findings, and what is sent if it is merged now."""
    from pipelines import diff as diffs
    from pipelines import summary

    common.as_json |= form == "json"
    if form not in {"text", "md", "json"}:
        message = f"--format takes text, md or json, not “{form}”."
        raise UsageError(message)
    place = workspace()
    found = diffs.run(place, moment(_zone(place)), base=base)
    if common.as_json:
        show(summary.as_json(found))
    else:
        print(summary.as_markdown(found) if form == "md" else summary.as_text(found))


@_command()
def comment(
    run: Annotated[int, typer.Option(help="the run of the check workflow whose summary is told")],
) -> None:
    """Keep one comment below a pull request up to date; for a workflow, with the token of its own."""
    from pipelines import comment as comments
    from pipelines import forge, http

    with http.client() as client:
        outcome = comments.run(forge.here(os.environ, client), run)
    if common.as_json:
        show(outcome)
    else:
        say(f"{outcome.why} {outcome.url}".rstrip())


@_command()
def build(
    strict: Annotated[bool, typer.Option("--strict", help="leave with 1 and no site when a finding blocks")] = False,
    site_dir: Annotated[Path | None, typer.Option(help="where the site is written; site/ if absent")] = None,
    audience: Annotated[str, typer.Option(help="only what this audience of signalbook.toml may see")] = "",
    as_of: Annotated[str, typer.Option(help="the site as it was at a commit, a tag or a branch")] = "",
) -> None:
    """Build the site."""
    from site_plugins import build as builder

    place = workspace()
    now = moment(_zone(place)) if common.now else None
    if as_of:
        from signalbook import asof

        past = asof.at(place, as_of)
        site_dir = site_dir or builder.site_folder(place)
        place, now = past.workspace, now or past.at.astimezone(_zone(past.workspace))
        say(f"The site as of {past.commit[:12]}, committed {past.at:%Y-%m-%d %H:%M} UTC.")
    built = builder.build(place, site_dir=site_dir, strict=strict, audience=audience, now=now)
    shown = [finding for finding in built.findings if finding.blocks or common.verbose]
    if common.as_json:
        show(
            {
                "pages": built.pages,
                "written": built.written,
                "removed": built.removed,
                "site": str(built.site_dir),
                "findings": len(built.findings),
                "blocking": sum(finding.blocks for finding in built.findings),
                "done": built.done,
            }
        )
    elif not common.quiet:
        for finding in shown[:MOST_SHOWN]:
            print(_finding_text(finding, colour=sys.stderr.isatty()), file=sys.stderr)
        if len(shown) > MOST_SHOWN:
            say(f"… and {len(shown) - MOST_SHOWN} more; `signalbook check` prints them all.")
    if not built.done:
        blocking = sum(finding.blocks for finding in built.findings)
        say(f"No site was built: {blocking} finding{'s block' if blocking != 1 else ' blocks'} a strict build.")
        _leave(1)
    say(f"{built.pages} pages in {built.site_dir}; {len(built.written)} written, {len(built.removed)} removed.")


@_command()
def serve(port: Annotated[int, typer.Option(help="the port on this machine")] = 8000) -> None:
    """Show the site with live reload, on this machine only."""
    from site_plugins import serve as server

    place = workspace()
    server.serve(place, port=port, now=moment(_zone(place)) if common.now else None)


@_command()
def schema(kind: Annotated[str | None, typer.Argument(help="a kind of document; all if absent")] = None) -> None:
    """Print the JSON Schema of the front matter, for editors and web forms."""
    from signalbook.content import BY_NAME
    from signalbook.decode import near
    from signalbook.decode import schema as schema_of

    if kind is not None and kind not in BY_NAME:
        message = f"“{kind}” is no kind of document.{near(kind, tuple(BY_NAME))} Kinds: {', '.join(BY_NAME)}."
        raise UsageError(message)
    made = schema_of(BY_NAME[kind]) if kind else {name: schema_of(found) for name, found in BY_NAME.items()}
    print(json.dumps(made, ensure_ascii=False, indent=None if common.as_json else 2))


@_command("import")
def import_(
    paths: Annotated[list[Path], typer.Argument(help="exports, calendars, Markdown files, folders")],
    kind: Annotated[str, typer.Option("--as", help="what it is: a kind of document, or the network of an export")] = "",
    owner: Annotated[str, typer.Option(help="the role that answers for imported documents")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="say what would be added and add nothing")] = False,
    dates: Annotated[str, typer.Option(help="day-first or month-first, for a file that does not decide")] = "",
    mapping: Annotated[Path | None, typer.Option(help="how the columns of a calendar become fields (TOML)")] = None,
    save_mapping: Annotated[Path | None, typer.Option(help="write the mapping that was used to this file")] = None,
) -> None:
    """Read exports, calendars and Markdown into records and documents."""
    from pipelines import imports

    place = workspace()
    outcome = imports.run(place, paths, as_kind=kind, owner=owner, dry_run=dry_run, now=moment(_zone(place)),
                          dates=dates, mapping=mapping, save_mapping=save_mapping)  # fmt: skip
    for row in outcome.rows:
        if common.as_json:
            show(row)
        else:
            print(imports.as_text(row))
    for failure in outcome.failures:
        say(failure)
    _leave(1 if outcome.failures else 0)


@_command()
def count(
    channel: Annotated[str | None, typer.Argument(help="a channel of signalbook.toml")] = None,
    connector: Annotated[str, typer.Option(help="a service instead; needs no workspace")] = "",
) -> None:
    """Count texts as a network counts them: JSON strings in, one a line; one object a line out."""
    from signalbook import counting, live, settings
    from signalbook.decode import near

    service, limit = connector, None
    if channel:
        place = workspace()
        channels = live.told(settings.read(place.settings), live.read(place)).channels
        if channel not in channels:
            message = f"“{channel}” is not a channel.{near(channel, tuple(channels))} Known: {', '.join(channels)}."
            if channel.endswith(".md"):
                message += f" A post with its counts on each channel: signalbook preview {channel}"
            raise UsageError(message)
        service = counting.network_of(channels[channel]) or channels[channel].connector
        limit = counting.limit_of(channels[channel])
    if not service:
        message = "Name a channel, or a service with --connector bluesky."
        raise UsageError(message)
    for row in counting.count_lines(service, sys.stdin, limit):
        show(row)


@_command()
def preview(
    file: Annotated[Path, typer.Argument(help="a post's file")],
    channel: Annotated[str, typer.Option(help="only this channel")] = "",
) -> None:
    """Show a post as each network will show it: its parts with their counts, what was added, what is missing."""
    from signalbook import previewing
    from signalbook.decode import near
    from signalbook.model import Post

    place, book, now = read_book()
    post = _document(place, book, file)
    if not isinstance(post, Post):
        message = f"{file} is no post of this workspace; posts lie in content/calendar/."
        raise UsageError(message)
    if channel and channel not in post.channels:
        message = f"This post does not go to “{channel}”.{near(channel, post.channels)} It goes to: {', '.join(post.channels) or 'no channel'}."
        raise UsageError(message)
    found = previewing.previews(book, post, now, channel)
    _tell_what_blocks(book, post, now, seen=bool(found))
    if common.as_json:
        show([row for one in found for row in previewing.as_json(one)])
        return
    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    for one in found:
        for line in previewing.lines(one, colour=colour):
            print(line)
        print()


def _tell_what_blocks(book: Book, post: Post, now: datetime, *, seen: bool) -> None:
    """Beside what a post will look like or do: the findings that stop it; all there is where there is no channel to see."""
    from signalbook import checking

    found = checking.blocking(book, post, now)
    for finding in found:
        print(_finding_text(finding, colour=sys.stderr.isatty() and "NO_COLOR" not in os.environ), file=sys.stderr)
    if seen:
        return
    if found:
        _fail(f"{post.path}: until that is mended nobody will see this post, for no channel can be told from it.", 1)
    say(
        f"{post.path}: the post names no channel yet, so nobody will see it. "
        f"Write `channels: [{next(iter(book.settings.channels), 'blog')}]`."
    )


def _document(place: Workspace, book: Book, file: Path) -> object:
    for path in (common.folder / file, place.root / file, file):
        found = path.resolve()
        if found.is_relative_to(place.root) and (thing := book.by_path(place.relative(found))):
            return thing
    return None


@_command()
def why(post: Annotated[str, typer.Argument(help="a post's slug or file")]) -> None:
    """Say for each channel what will happen to a post, when, and why."""
    from pipelines import publish as publishing
    from signalbook.model import Post

    place, book, now = read_book()
    found = book.get(Post, post) or _document(place, book, Path(post))
    if not isinstance(found, Post):
        from signalbook.decode import near

        message = f"There is no post “{post}”.{near(post, tuple(p.slug for p in book.all(Post)))}"
        raise UsageError(message)
    rows = publishing.explained(book, found, now)
    _tell_what_blocks(book, found, now, seen=bool(rows))
    if common.as_json:
        show(
            [
                {"delivery": d.key, "channel": d.channel, "state": d.state, "reason": d.reason, "due": d.due}
                for d in rows
            ]
        )
        return
    for row in rows:
        when = f", {row.due.astimezone(book.settings.team.zone):%a %d %b %Y, %H:%M}" if row.due else ""
        print(f"{row.channel}: {row.state}{when}. {row.reason}")


@_command()
def publish(
    word: Annotated[
        str, typer.Argument(help="plan, reserve, send, reconcile, amend, withdraw or settle; all of it if absent")
    ] = "",
    target: Annotated[str, typer.Argument(help="a post for amend and withdraw, a delivery or a post for settle")] = "",
    channels: Annotated[
        list[str] | None, typer.Option("--channel", help="only this channel; may be given again")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="show what would be sent, send nothing, record nothing")
    ] = False,
    sent: Annotated[str, typer.Option("--sent", help="settle: the live address; somebody saw it")] = "",
    not_sent: Annotated[bool, typer.Option("--not-sent", help="settle: somebody looked, and it is not out")] = False,
    send_at: Annotated[str, typer.Option("--send-at", help="settle: a new time for it")] = "",
    cancel: Annotated[bool, typer.Option("--cancel", help="settle: it is not to go out")] = False,
    why: Annotated[str, typer.Option("--why", help="settle, withdraw: the reason, which stays in the records")] = "",
    by: Annotated[str, typer.Option("--by", help="settle, withdraw: the role that decides")] = "",
) -> None:
    """Publish what is approved and due, once; say what will go out; settle what nobody knows."""
    from pipelines import publishing

    asked = publishing.Asked(word, target, tuple(channels or ()), dry_run, sent, not_sent, send_at, cancel, why, by)
    place = workspace()
    if word == "plan":
        gc.disable()  # one answer, then the process ends: there is nothing to look for
    _leave(publishing.run(place, asked, _effects(_zone(place))))


def _effects(zone: ZoneInfo) -> Effects:
    """The process as publishing and work on cases see it."""
    import secrets
    import time

    from pipelines.publishing import Effects

    # A lease must not grow when somebody sets the clock: within a run, time is what has passed since its beginning,
    # sleep of the machine included where the system tells it.
    passing = getattr(time, "CLOCK_BOOTTIME", None)
    elapsed = time.monotonic if passing is None else lambda: time.clock_gettime(passing)
    begin, started = moment(zone).astimezone(UTC) if common.now else datetime.now(UTC), elapsed()

    def clock() -> datetime:
        return begin + timedelta(seconds=elapsed() - started)

    return Effects(
        os.environ, clock, time.sleep, secrets.token_hex(4), say=say, write=sys.stdout.write, as_json=common.as_json,
        instant=lambda text: _instant_of(text, zone),
    )  # fmt: skip


@_command()
def case(
    word: Annotated[
        str,
        typer.Argument(
            help="list, show, take, answer, decline, escalate, hand, wait, close, reopen, correct, settle, remind, incident or issues"
        ),
    ] = "list",
    name: Annotated[str, typer.Argument(help="the case, or the beginning of its name", metavar="ID")] = "",
    by: Annotated[str, typer.Option(help="the role that acts; the case's owner if absent")] = "",
    to: Annotated[str, typer.Option(help="hand, escalate: to whom")] = "",
    why: Annotated[
        str, typer.Option(help="decline, escalate, reopen, correct: the reason, which stays in the records")
    ] = "",
    text: Annotated[str, typer.Option(help="answer: the words that go out")] = "",
    message: Annotated[str, typer.Option(help="answer: a reviewed message in their place, e.g. opening-hours")] = "",
    lang: Annotated[str, typer.Option(help="answer: the language of the words")] = "",
    sent: Annotated[str, typer.Option(help="answer: the address of an answer given by hand, or seen live")] = "",
    not_sent: Annotated[bool, typer.Option("--not-sent", help="answer: somebody looked, and it is not out")] = False,
    despite_hold: Annotated[str, typer.Option(help="answer: why it goes out although a hold covers the channel")] = "",
    on: Annotated[str, typer.Option("--for", help="wait: inside or outside")] = "",
    outcome: Annotated[str, typer.Option(help="close: solved, explained, lost, lead or escalated")] = "",
    severity: Annotated[str, typer.Option(help="correct: S1 (worst) to S4")] = "",
    kind: Annotated[str, typer.Option("--type", help="correct: a line of the response matrix, e.g. complaint")] = "",
    topic: Annotated[str, typer.Option(help="correct: what it is about, e.g. subject/bread")] = "",
    deadline: Annotated[str, typer.Option(help="correct: the journalist's deadline")] = "",
    everything: Annotated[bool, typer.Option("--all", help="list: those that are over as well")] = False,
    owner: Annotated[str, typer.Option(help="list: of this person only")] = "",
    again: Annotated[bool, typer.Option("--again", help="answer: say more after an answer that is out")] = False,
) -> None:
    """Work on cases: what waits for an answer in the order of work, and each step on one of them."""
    from pipelines import caseboard

    asked = caseboard.Asked(
        word, name, by, to, why, text, message, lang, sent, not_sent, despite_hold, on, outcome, severity, kind, topic,
        deadline, everything, owner, again,
    )  # fmt: skip
    place = workspace()
    _leave(caseboard.run(place, asked, _effects(_zone(place))))


def _instant_of(text: str, zone: ZoneInfo) -> datetime:
    from signalbook.decode import read_instant

    try:
        return read_instant(text if len(text) > 10 else f"{text} 00:00", zone)
    except ValueError as error:
        message = f"“{text}” is no instant; write one such as 2026-11-24T09:00 ({_why_not(text, error)})"
        raise UsageError(message) from error


def _why_not(text: str, error: ValueError) -> str:
    """What no calendar has in an instant, with what comes near it; otherwise what the reader of instants says."""
    from signalbook.decode import LocalTimeError
    from signalbook.misdated import slip

    said = None if isinstance(error, LocalTimeError) else slip(text, timed=True)
    if said is None:
        return str(error)
    near = f" Nearest to it is {said.instead[0].replace(' ', 'T')}." if said.instead else ""
    return f"“{text}” is none. {said.why}{near}"


@_command()
def measure(channel: Annotated[str, typer.Option(help="only this channel or source")] = "") -> None:
    """Append the readings that are missing: the team's own process, and what each channel's service counts."""
    import os

    from pipelines import accounts, http
    from pipelines import measure as measuring
    from signalbook import registry

    place, book, now = read_book()
    meters = {
        name: found
        for name, found in registry.everything("signalbook.connectors")
        if isinstance(found, measuring.Meter)
    }
    countable = (*book.settings.channels, *meters)
    if channel and channel not in countable:
        message = f"“{channel}” is no channel and no source of numbers. Known: {', '.join(countable)}."
        raise UsageError(message)
    with http.client() as client:
        only = (channel,) if channel else ()
        opened = accounts.open_counters(book.settings, os.environ, client, only=only)
        outcome = measuring.run(
            place, meters, now, channel=channel or None, counters=opened.counters, closed=opened.closed
        )
        limits = measuring.limits(place, book.settings, opened.publishers, now)
    notes = (*outcome.notes, *limits.notes, *opened.notes)
    outcome = replace(outcome, notes=notes, failures=(*outcome.failures, *limits.failures))
    if common.as_json:
        show(
            {
                "asked": len(outcome.asked) + len(outcome.counted),
                "read": outcome.read,
                "added": outcome.added,
                "failures": outcome.failures,
                "notes": outcome.notes,
            }
        )
    else:
        say(f"{outcome.read} readings, {outcome.added} of them new.")
    for note in outcome.notes:
        say(note)
    for failure in outcome.failures:
        said = failure.message
        name = failure.channel or failure.source
        say(said if said.startswith(f"{name}:") else f"{name}: {said}")
    _leave(1 if outcome.failures else 0)


@_command()
def store(
    word: Annotated[str, typer.Argument(help="fetch, push or copy")],
    places: Annotated[
        list[Path] | None, typer.Argument(help="copy: the workspace the records come from, and the one they go to")
    ] = None,
    offline: Annotated[bool, typer.Option("--offline", help="fetch: the branch as this clone knows it")] = False,
    private: Annotated[
        bool, typer.Option("--private", help="other people's words instead, by their own branch")
    ] = False,
) -> None:
    """Bring the records from the branch that [data] names into data/, take ours to it, or copy them to another workspace."""
    import time

    from pipelines import copying, sharing
    from pipelines import private as private_

    if word not in {"fetch", "push", "copy"}:
        message = f"`signalbook store` takes fetch, push or copy, not “{word}”."
        raise UsageError(message)
    if word == "copy":
        if len(places or ()) != 2:
            message = "Say from where and to where: signalbook store copy ../old-team ."
            raise UsageError(message)
        source, target = (common.folder / path for path in places or ())
        done = copying.run(source, target, private=private)
        for line in done.unread:
            say(f"{line} cannot be read and stays where it is.")
        if common.as_json:
            show(done)
        else:
            say(done.why)
        return
    if places:
        message = f"`signalbook store {word}` takes no folder; `signalbook store copy FROM TO` does."
        raise UsageError(message)
    place = workspace()
    if private:
        kept = private_.push(place, moment(), time.sleep) if word == "push" else private_.fetch(place)
        if common.as_json:
            show(kept)
        else:
            say(kept.why)
        return
    outcome = sharing.push(place, moment(), time.sleep) if word == "push" else sharing.fetch(place, offline=offline)
    if common.as_json:
        show(outcome)
    else:
        say(outcome.why)


@_command()
def forget(
    who: Annotated[str, typer.Argument(help="an account as a source names it, a mail address, or a mention's key")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="say what would be erased and erase nothing")] = False,
) -> None:
    """Erase somebody's words and name wherever we keep them, and look whether anything is left."""
    import time

    from pipelines import forgetting
    from pipelines import private as private_

    place = workspace()
    now = moment(_zone(place))
    if private_.branch_of(place) and not dry_run:
        private_.fetch(place)
    try:
        outcome = forgetting.run(
            place, who, now, dry=dry_run,
            replace_branch=lambda: private_.push(place, now, time.sleep, bring=False).why,
        )  # fmt: skip
    except LookupError:
        message = f"Nothing private here is about “{who}”. Write the account as its source does, or a mention's key."
        raise UsageError(message) from None
    if common.as_json:
        show(outcome)
    else:
        did = "would be erased" if outcome.dry else "erased"
        print(f"{outcome.mentions} {'mention' if outcome.mentions == 1 else 'mentions'} {did}.")
        for folder, number in outcome.others.items():
            print(f"{number} of {folder} {did}.")
        if outcome.branch:
            print(outcome.branch)
        for path in outcome.left:
            print(f"still there: {path}")
    _leave(1 if outcome.left and not outcome.dry else 0)


@_command()
def compact() -> None:
    """Turn closed months of the ledger into one file each, which reads faster and takes a tenth of the room."""
    from signalbook import store

    place = workspace()
    done = store.compact(place, moment(_zone(place)))
    if common.as_json:
        show(done)
    else:
        total = sum(done.values())
        say(f"{total} records compacted." if total else "No closed month is left to compact.")


@_command()
def report(
    kind: Annotated[str, typer.Argument(help="week or digest")],
    period: Annotated[str, typer.Option(help="week: e.g. 2026-W47; the last full week if absent")] = "",
    reader: Annotated[str, typer.Option("--for", help="digest: the role that reads it; the team if absent")] = "",
    form: Annotated[
        str,
        typer.Option(
            "--format", metavar="md|html|pdf|mail", help="md writes the document; the others a file to hand on"
        ),
    ] = "md",
    out: Annotated[Path | None, typer.Option(help="the file to hand on; reports/SLUG.html and so on if absent")] = None,
) -> None:
    """Write a report that rebuilds from the Book, or a digest of cases and alerts; hand either on as a page, letter or paper."""
    from pipelines import handout
    from pipelines import report as reporting

    if form != "md" and form not in handout.FORMS:
        message = f"--format: {form} is none of {', '.join(('md', *handout.FORMS))}."
        raise UsageError(message)
    if kind not in {"week", "digest"}:
        message = (
            f"There is no report “{kind}”. Write `signalbook report week`, or `signalbook report digest --for ROLE`."
        )
        raise UsageError(message)
    if period if kind == "digest" else reader:
        message = (
            "--period goes with `signalbook report week`."
            if kind == "digest"
            else "--for goes with `signalbook report digest`."
        )
        raise UsageError(message)
    if out and form == "md":
        message = "--out: the document of a report has its own place, content/reports/. Add --format html, pdf or mail."
        raise UsageError(message)
    place, book, now = read_book()
    if kind == "digest":
        from pipelines import digest

        found = digest.made(book, now, reader)
        text = digest.as_markdown(found, book)
        if form == "md":
            if common.as_json:
                show(found)
            else:
                print(printable(text), end="")
            return
        sheet = handout.sheet_of_digest(book, text, reader, now)
    else:
        path = reporting.run(place, kind, period, now, handed=form != "md")
        if form == "md":
            if common.as_json:
                show({"path": place.relative(path)})
            else:
                say(f"Wrote {place.relative(path)}.")
            return
        sheet = handout.sheet_of(book, path, now)
    file = out or place.root / handout.FOLDER / f"{sheet.slug}{handout.FORMS[form]}"
    handout.write(sheet, form, file, lambda html: handout.printed(html, handout.browser(os.environ)))
    name = str(out) if out else place.relative(file)
    if common.as_json:
        show({"path": name})
    else:
        say(f"Wrote {name}.")


@_command()
def listen(
    words: Annotated[
        list[str] | None,
        typer.Argument(help="replay, correct KEY or sample; further files for --read", show_default=False),
    ] = None,
    read: Annotated[
        list[Path] | None, typer.Option("--read", help="read these feed files and print their entries")
    ] = None,
    source: Annotated[str, typer.Option(help="only this source, due or not")] = "",
    since: Annotated[str, typer.Option(help="replay: judge again what was said from this day on")] = "",
    base: Annotated[str, typer.Option(help="replay: compare with the rules of this revision")] = "",
    tone: Annotated[str, typer.Option(help="correct: negative, neutral, positive or unclear")] = "",
    about: Annotated[list[str] | None, typer.Option(help="correct: it is about this, e.g. subject/bread")] = None,
    not_about: Annotated[
        list[str] | None, typer.Option(help="correct: it is not about this, e.g. claim/injury")
    ] = None,
    alone: Annotated[bool, typer.Option("--alone", help="correct: it belongs to no story of others")] = False,
    by: Annotated[str, typer.Option(help="correct: the role that says so")] = "",
    why: Annotated[str, typer.Option(help="correct: a sentence")] = "",
    month: Annotated[str, typer.Option(help="sample: of this month; the last full one if absent")] = "",
    lang: Annotated[str, typer.Option(help="sample: of this language; the team's first if absent")] = "",
) -> None:
    """Hear every source that is due, understand what is new, and tell what somebody must know."""
    from pipelines import listening

    if read:
        _read_feeds([*read, *map(Path, words or ())])
        return
    action, rest = (words[0], words[1:]) if words else ("", [])
    if action == "replay" and not rest:
        answer = listening.replayed(*read_book(), since=since, base=base)
    elif action == "sample" and not rest:
        answer = listening.sampled(*read_book(), month=month, lang=lang)
    elif action == "correct" and len(rest) == 1:
        answer = listening.corrected(
            *read_book(),
            key=rest[0],
            by=by,
            tone=tone,
            about=about or (),
            not_about=not_about or (),
            alone=alone,
            why=why,
        )
    elif action:
        message = (
            "Write `signalbook listen`, `listen --read FILE...`, `listen replay --since DATE`, `listen sample` or "
            "`listen correct KEY --tone TONE --by ROLE`."
        )
        raise UsageError(message)
    else:
        answer = listening.heard(*read_book(), environment=os.environ, source=source)
    if common.as_json:
        show(answer.data)
    else:
        for line in answer.lines:
            print(line)
    for note in answer.notes:
        say(note)
    _leave(answer.status)


def _read_feeds(files: list[Path]) -> None:
    from pipelines import feeds_in

    damaged = 0
    for row in feeds_in.read_files(files, common.folder):
        damaged += bool(row["damaged"])
        show(row)
    say(f"{damaged} of {len(files)} are damaged." if damaged else "All of them could be read.")


@_command()
def train(
    what: Annotated[str, typer.Argument(help="sentiment")],
    out: Annotated[Path, typer.Option(help="the file the model is written to")],
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            help="labelled files with the columns label, text, and lang if there are several; "
            "without any, what people corrected in this workspace"
        ),
    ] = None,
    corrections: Annotated[
        bool, typer.Option("--corrections", help="learn first from what people corrected in this workspace")
    ] = False,
    extra: Annotated[
        bool, typer.Option("--extra", help="learn from vectors of texts too; needs the extra `vectors`")
    ] = False,
) -> None:
    """Learn from labelled texts, and from what people corrected here; writes the model only."""
    from pipelines import evaluate as evaluating

    if what != "sentiment":
        message = f"“{what}” cannot be trained; write `signalbook train sentiment FILE --out FILE`."
        raise UsageError(message)
    corrected: list[tuple[str, str, str]] = []
    if corrections or not files:
        from pipelines import listen as listening

        corrected = listening.lessons(workspace())
    paths = [common.folder / file for file in files or ()]
    if not paths and not corrected:
        message = (
            "Nothing teaches yet: no file is named, and nobody here has corrected how a mention is meant. "
            "Correct some (`signalbook listen correct KEY --tone negative --by ROLE`), or name a file with the columns label and text."
        )
        raise UsageError(message)
    _told(evaluating.teach(paths, common.folder / out, corrected=corrected, extra=extra))


@_command()
def evaluate(
    what: Annotated[
        str, typer.Argument(help="sentiment, complaints, routing, matching, duplicates, spikes or snowball")
    ],
    path: Annotated[Path, typer.Argument(help="the labelled file; for spikes a folder of series")],
    model: Annotated[Path | None, typer.Option(help="sentiment: a file that `train` wrote")] = None,
    corrections: Annotated[Path | None, typer.Option(help="complaints: learn from this file first")] = None,
    first: Annotated[int | None, typer.Option(help="complaints: from so many of its rows", min=1)] = None,
    train_on: Annotated[Path | None, typer.Option("--train", help="routing: the file to learn from")] = None,
    per_label: Annotated[int | None, typer.Option(help="routing: from so many examples of each label", min=1)] = None,
    detections: Annotated[Path | None, typer.Option(help="spikes: write the alerts to this file")] = None,
) -> None:
    """Score what the system understands on labelled data; needs no workspace."""
    from pipelines import evaluate as evaluating
    from signalbook.decode import near

    def of(file: Path | None) -> Path | None:
        return common.folder / file if file else None

    path = common.folder / path
    known: dict[str, tuple[dict[str, object], Callable[[], dict[str, Any]]]] = {
        "sentiment": ({"--model": model}, lambda: evaluating.tone(path, of(model))),
        "complaints": (
            {"--corrections": corrections, "--first": first},
            lambda: evaluating.complaining(path, of(corrections), first),
        ),
        "routing": (
            {"--train": train_on, "--per-label": per_label},
            lambda: evaluating.routing(path, of(train_on) or path, per_label),
        ),
        "matching": ({}, lambda: evaluating.matching(path)),
        "duplicates": ({}, lambda: evaluating.merging(path)),
        "spikes": ({"--detections": detections}, lambda: evaluating.alerts(path, of(detections))),
        "snowball": ({}, lambda: evaluating.snowball(path)),
    }
    if what not in known:
        message = f"“{what}” cannot be evaluated.{near(what, tuple(known))} Known: {', '.join(known)}."
        raise UsageError(message)
    for name, (options, _) in known.items():
        for option, value in options.items():
            if value is not None and name != what:
                message = f"{option} goes with `signalbook evaluate {name}`."
                raise UsageError(message)
    if what == "routing" and train_on is None:
        message = "Routing is learnt first: signalbook evaluate routing FILE --train FILE"
        raise UsageError(message)
    _told(known[what][1]())


def _told(found: dict[str, Any]) -> None:
    if common.as_json:
        show(found)
    else:
        print("\n".join(f"{name}: {value}" for name, value in found.items()))


@_command()
def doctor(
    send: Annotated[
        bool, typer.Option("--send", help="send one test message to each channel whose status is test")
    ] = False,
) -> None:
    """Try what the workspace stands on: settings, store, history, branches, and each channel for real. Sends nothing."""
    from pipelines import doctor as doctoring

    with doctoring.Watched() as client:
        rows = list(doctoring.run(workspace(), os.environ, moment(), client=client, send=send))
    if common.as_json:
        show(rows)
    else:
        for row in rows:
            print(f"{'ok ' if row.ok else 'NO '} {row.name}  {row.what}: {row.detail}")
            if not row.ok:
                print(f"    {row.remedy}")
    _leave(0 if all(row.ok for row in rows) else 1)


def commands() -> Iterator[tuple[str, Command]]:
    """Every command's name and its function; the guide's reference is tested against this."""
    yield from _declared


__all__ = ["SettingsError", "commands", "main"]

if __name__ == "__main__":
    command()
