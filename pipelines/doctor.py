"""``signalbook doctor``: each thing the workspace stands on, tried for real; nothing is sent unless that is asked for.

A thing that is broken, or a service that does not answer, never hides the others: every channel is tried apart, at the
same time, with short time-outs. What is said passes a veil that knows the secrets.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from pipelines import access, accounts
from pipelines.http import Answer, Client
from pipelines.services import Item, Listens, Publishes, Trial
from signalbook import history, sources
from signalbook import settings as settings_
from signalbook.errors import ConnectorError, Denied, SignalbookError, Unanswered
from signalbook.settings import BY_HAND, Channel, Settings
from signalbook.workspace import Workspace

if TYPE_CHECKING:
    from pipelines.services import Publisher
    from signalbook.book import Book
    from signalbook.records import Receipt
    from signalbook.secrecy import Veil

TIMEOUT_S = 10.0
"""How long one request of the doctor may take."""
AT_ONCE = 8
"""So many channels are tried at the same time."""
SKEW_S = 120.0
"""A clock that is wrong by more than this makes posts look older or newer than they are, and some services refuse them."""
SOON = timedelta(days=14)
"""A secret that ends within so many days is told of."""
QUIET: Mapping[str, Mapping[str, Any]] = {"mastodon": {"visibility": "direct"}}
"""Connector → options that let a test message be seen by as few as possible."""
ALONE = ("console", "feed")
"""Connectors that send nothing by a test."""


class Watched(Client):
    """A client that notes how far each service's clock is from this machine's."""

    def __init__(self, *, timeout_s: float = TIMEOUT_S, verify: str = "") -> None:
        """As ``Client``, with a short time-out."""
        super().__init__(timeout_s=timeout_s, verify=verify)
        self.skews: dict[str, float] = {}

    def request(self, method: str, url: str, *, channel: str, **more: Any) -> Answer:
        """As ``Client``."""
        answer = super().request(method, url, channel=channel, **more)
        if answer.skew_s is not None:
            self.skews[channel] = answer.skew_s
        return answer


def run(
    workspace: Workspace,
    environment: Mapping[str, str],
    now: datetime,
    *,
    client: Watched | None = None,
    send: bool = False,
) -> Iterator[Trial]:
    """Try settings, content, store, history, the data branch, the main branch and every channel, in that order.

    Without a client nothing outside of this machine is asked. With ``send`` one test message goes to each channel whose
    status is ``test``, unless a hold is open, and is taken down again where the service can.
    """
    try:
        settings = settings_.read(workspace.settings)
    except SignalbookError as error:
        yield Trial("settings", "read signalbook.toml", ok=False, detail=str(error), remedy="Mend the line it names.")
        return
    veil = accounts.veil_of(settings, environment)
    for trial in _everything(workspace, settings, environment, now, client, veil, send=send):
        yield replace(trial, detail=veil(trial.detail), remedy=veil(trial.remedy))


def _everything(
    workspace: Workspace, settings: Settings, environment: Mapping[str, str], now: datetime, client: Watched | None,
    veil: Veil, *, send: bool,
) -> Iterator[Trial]:  # fmt: skip
    wrong = settings.findings
    yield Trial(
        "settings", "read signalbook.toml", ok=not wrong,
        detail=f"{len(settings.channels)} channels, times in {settings.team.zone.key}" if not wrong else wrong[0].message,
        remedy=wrong[0].remedy if wrong else "",
    )  # fmt: skip
    book, trial = _content(workspace, now)
    yield trial
    yield from _store(workspace)
    yield _history(workspace)
    if client is not None:
        yield from _branches(workspace, settings, environment, client)
    held = _held(book, now)
    newest = _newest(book)

    def tried(channel: Channel) -> list[Trial]:
        found = list(_secrets(channel, environment, now))
        if client is not None and channel.status != "retired" and _only_heard(channel, settings, book):
            found += _source(channel, settings, environment, client, book, now)
        elif client is not None and channel.status != "retired":
            found += _channel(channel, environment, client, now, veil, newest.get(channel.key), send=send, held=held)
        return found

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for found in pool.map(tried, settings.channels.values()):
            yield from found


# --- the workspace ---------------------------------------------------------------------------------------------------


def _content(workspace: Workspace, now: datetime) -> tuple[Book | None, Trial]:
    from signalbook import book as books
    from signalbook import checking

    what = "read every document"
    try:
        book = books.load(workspace)
    except SignalbookError as error:
        return None, Trial("content", what, ok=False, detail=str(error), remedy="Mend what it names.")
    blocking = sum(finding.blocks for finding in checking.findings(book, now))
    documents = sum(1 for _ in book.everything())
    return book, Trial(
        "content", what, ok=not blocking, detail=f"{documents} documents, {blocking} findings that block",
        remedy="Run `signalbook check`." if blocking else "",
    )  # fmt: skip


def _store(workspace: Workspace) -> Iterator[Trial]:
    from signalbook import store

    for name in store.KINDS:
        try:
            rows, problems = store.read(workspace, name)
        except SignalbookError as error:
            yield Trial(f"store {name}", "read the records", ok=False, detail=str(error), remedy="Mend what it names.")
            continue
        if rows or problems:
            said = f"{len(rows)} records" + (f", {len(problems)} lines not usable" if problems else "")
            remedy = f"Look at {problems[0].path}, line {problems[0].line}." if problems else ""
            yield Trial(f"store {name}", "read the records", ok=not problems, detail=said, remedy=remedy)
    yield _writable(workspace)


def _writable(workspace: Workspace) -> Trial:
    """Whether a record could be written; the folder is not made for it."""
    folder = workspace.data if workspace.data.is_dir() else workspace.root
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        return Trial(
            "store", "write to data/", ok=False, detail=error.strerror or "it cannot be written",
            remedy="Give whoever runs the pipelines the right to write there, or make room on the disk.",
        )  # fmt: skip
    return Trial("store", "write to data/", ok=True, detail="it can be written")


def _history(workspace: Workspace) -> Trial:
    past = history.load(workspace)
    if past:
        return Trial("history", "read git", ok=True, detail=f"{len(past.commits)} commits that touch content/")
    return Trial(
        "history",
        "read git",
        ok=False,
        detail=past.why,
        remedy=_PAST.get(past.why, "Until then the site shows no history, and numbers from it stay empty."),
    )


_PAST = {
    history.NO_GIT: "Install git; it says who approved what, and the numbers of your own process come from it.",
    history.NO_REPOSITORY: 'Put it into git: git init && git add --all && git commit --message "Our book".',
    history.NO_COMMIT: 'Commit what is there: git add --all && git commit --message "Our book".',
}
"""Why there is no history → what to do about it."""


def _branches(
    workspace: Workspace, settings: Settings, environment: Mapping[str, str], client: Client
) -> Iterator[Trial]:
    from pipelines import protection, repository

    clone = repository.around(workspace.root)
    remote = settings.publish.remote
    reached = clone is not None and remote in clone.remotes()
    if settings.data_branch and clone is not None and reached:
        yield from _data_branch(replace(clone, timeout_s=TIMEOUT_S * 2), remote, settings.data_branch)
    if reached:
        with contextlib.suppress(ConnectorError):
            yield from protection.trials(workspace, environment, client, branch=settings.publish.branch, remote=remote)


def _data_branch(clone: Any, remote: str, branch: str) -> Iterator[Trial]:
    name, what = "data branch", f"reach {branch} at {remote}"
    try:
        there = clone.heads(remote, branch).branches.get(branch, "")
    except SignalbookError as error:
        yield Trial(
            name, what, ok=False, detail=str(error),
            remedy=f"See whether `git ls-remote {remote}` works where the pipelines run; they need the right to read and write.",
        )  # fmt: skip
        return
    yield Trial(name, what, ok=True, detail=f"at {there[:12]}" if there else "not there yet: the first record makes it")
    start = there or clone.head()
    if not start:
        return
    # A push that is only tried: the remote checks the right to write, and nothing is written.
    done = clone.run("push", "--dry-run", "--no-verify", "--end-of-options", remote, f"{start}:refs/heads/{branch}", timeout_s=TIMEOUT_S * 2) if not there or clone.has(there) else None  # fmt: skip
    if done is not None:
        from pipelines.repository import said

        good = done.returncode == 0
        yield Trial(
            name, f"write to {branch}", ok=good, detail="allowed" if good else said(done.stderr),
            remedy="" if good else "Give whoever runs the pipelines the right to push to this branch, and do not protect it.",
        )  # fmt: skip


# --- channels --------------------------------------------------------------------------------------------------------


def _secrets(channel: Channel, environment: Mapping[str, str], now: datetime) -> Iterator[Trial]:
    name = f"channel {channel.key}"
    for role, variable in channel.secrets.items():
        there = bool(environment.get(variable))
        yield Trial(
            name, f"the {role}", ok=there, detail=f"{variable} is set" if there else f"{variable} is not set here",
            remedy="" if there else f"Set the environment variable {variable} where the pipelines run.",
        )  # fmt: skip
    ends = channel.more.get("secret_ends")
    if isinstance(ends, date):
        left = (ends - now.date()).days
        yield Trial(
            name, "how long the secret lasts", ok=left > SOON.days,
            detail=f"until {ends:%d %b %Y}" + (f", {left} days" if left >= 0 else ", which is over"),
            remedy="" if left > SOON.days else "Make a new one at the service, set the variable, and write its day in `secret_ends`.",
        )  # fmt: skip


def _only_heard(channel: Channel, settings: Settings, book: Book | None) -> bool:
    """Whether nothing is sent to a channel: a source."""
    connector = accounts.known(channel.connector)
    if channel.connector == "feed":
        return sources.is_heard(channel, settings, sources.speaking(book) if book else frozenset())
    return isinstance(connector, Listens) and not isinstance(connector, Publishes)


def _source(
    channel: Channel,
    settings: Settings,
    environment: Mapping[str, str],
    client: Watched,
    book: Book | None,
    now: datetime,
) -> list[Trial]:
    """Ask a source for real, as if for the first time; nothing is kept."""
    from pipelines import hearing

    alone = replace(settings, channels={channel.key: channel})
    heard = hearing.hear(
        hearing.opened(alone, environment, client, only=(channel.key,), book=book), {}, now, again=True
    )
    name = f"channel {channel.key}"
    wrong = [
        Trial(name, "hear it", ok=False, detail=failure.message, remedy="Mend what it names, or take the channel out.")
        for failure in heard.failures
    ]
    if wrong or not heard.asked:
        return wrong
    return [Trial(name, "hear it", ok=True, detail=f"{heard.states[channel.key].read} found there")]


def _channel(
    channel: Channel, environment: Mapping[str, str], client: Watched, now: datetime, veil: Veil, last: Receipt | None, *,
    send: bool, held: str,
) -> list[Trial]:  # fmt: skip
    name = f"channel {channel.key}"
    if channel.connector in BY_HAND:
        return [Trial(name, "placed by hand", ok=True, detail="nothing is sent by machine")]
    secrets = accounts.secrets_of(channel, environment)
    if set(secrets) < set(channel.secrets):
        return [_last(name, last, now)]  # said already, with what to do
    if channel.connector not in ALONE and (host := access.reserved(channel.url)):
        return [
            Trial(
                name, "reach the service", ok=False, detail=f"{host} is a name reserved for examples; nothing is there",
                remedy=f"Write the service's real address under [channels.{channel.key}], url.",
            ),
            _last(name, last, now),
        ]  # fmt: skip
    try:
        opened = accounts.open_one(channel, secrets, client, veil)
    except SignalbookError as error:
        return [
            Trial(name, "open the account", ok=False, detail=str(error), remedy="Mend what it names."),
            _last(name, last, now),
        ]
    found: list[Trial] = []
    try:
        found.extend(_trials(name, opened))
        limits = opened.limits()
        if limits:
            said = ", ".join(f"{key} {value}" for key, value in sorted(limits.items()))
            found.append(Trial(name, "the service's own limits", ok=True, detail=said))
    except ConnectorError as error:
        found.append(_failed(name, "try the account", error))
    except Exception as error:  # noqa: BLE001 - a connector's own mistake must not hide the other channels
        found.append(
            Trial(
                name, "try the account", ok=False, detail=f"its connector broke off ({type(error).__name__})",
                remedy="Run it with -v and report what it prints.",
            )
        )  # fmt: skip
    skew = client.skews.get(channel.key)
    if skew is not None and not any("clock" in trial.what for trial in found):
        good = abs(skew) <= SKEW_S
        found.append(
            Trial(
                name, "this machine's clock", ok=good,
                detail=f"{abs(skew):.0f} s {'behind' if skew > 0 else 'ahead of'} the service's",
                remedy="" if good else "Set the clock by the network (NTP): times of posts are taken from it.",
            )
        )  # fmt: skip
    found.append(_last(name, last, now))
    if send and channel.status == "test" and channel.connector not in ALONE:
        found.extend(_test(channel, name, opened, now, held))
    return found


def _trials(name: str, opened: Publisher) -> Iterator[Trial]:
    for trial in opened.trials():
        yield trial if trial.name == name else replace(trial, name=name)


def _failed(name: str, what: str, error: ConnectorError) -> Trial:
    if isinstance(error, Denied):
        remedy = "Look whether the secret is still good and may do this; make a new one at the service if not."
    elif isinstance(error, Unanswered):
        remedy = "The service has trouble, or something between here and there. Try again later."
    else:
        remedy = "The guide's page about this kind of channel says what it can mean."
    return Trial(name, what, ok=False, detail=error.message, remedy=remedy)


def _newest(book: Book | None) -> dict[str, Receipt]:
    """Channel → the newest receipt of something that went out."""
    newest: dict[str, Receipt] = {}
    for receipt in book.receipts if book else ():
        if receipt.what in {"sent", "settled"} and (
            receipt.channel not in newest or newest[receipt.channel].at < receipt.at
        ):
            newest[receipt.channel] = receipt
    return newest


def _last(name: str, last: Receipt | None, now: datetime) -> Trial:
    if last is None:
        return Trial(name, "last success", ok=True, detail="nothing has gone out here yet")
    days = (now - last.at).days
    ago = "today" if days < 1 else "yesterday" if days == 1 else f"{days} days ago"
    return Trial(name, "last success", ok=True, detail=f"{last.key}, {ago}")


def _held(book: Book | None, now: datetime) -> str:
    from signalbook import delivery

    if book is None:
        return "the documents cannot be read, so nobody knows whether something is held"
    hold = next(iter(delivery.open_holds(book, now)), None)
    return f"a hold is open: {hold.reason or hold.name}" if hold else ""


def _test(channel: Channel, name: str, opened: Publisher, now: datetime, held: str) -> Iterator[Trial]:
    """Send one message and take it down again where that can be."""
    what = "send a test message"
    if held:
        yield Trial(name, what, ok=False, detail=f"not sent, {held}", remedy="Try again when the hold is released.")
        return
    options: dict[str, Any] = dict(QUIET.get(channel.connector, {}))
    if channel.connector == "mail":
        options["to"] = str(channel.more.get("from") or channel.account)  # to ourselves, never to a list
    elif channel.connector == "wordpress":
        options["date"] = (now + timedelta(days=3650)).isoformat()  # planned for later, so that nobody sees it
    at = f"{now:%Y-%m-%d %H:%M} UTC{now:%z}"
    item = Item(
        key=f"doctor-{now:%Y%m%d%H%M%S}/{channel.key}", post="doctor", title="A test of this channel", lang="en",
        text=f"A test of this channel, {at}. It says nothing and can be deleted.", created_at=now, options=options,
    )  # fmt: skip
    try:
        sent = opened.send(item)
    except ConnectorError as error:
        yield _failed(name, what, error)
        return
    where = sent.url or sent.id
    yield Trial(name, what, ok=True, detail=f"sent: {where}")
    if opened.repeats.withdraws:
        try:
            opened.withdraw(sent)
        except ConnectorError as error:
            yield replace(_failed(name, "take it down again", error), remedy=f"Delete it by hand: {where}")
        else:
            yield Trial(name, "take it down again", ok=True, detail="done")
