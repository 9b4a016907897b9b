"""Open the channels' accounts with the environment's secrets: each by its connector, each behind a veil.

A channel that cannot be opened is told apart with the reason and never stops the others. What an opened account raises or
answers passes a veil that knows its secrets, so that none can end in a record, whatever a service repeats.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pipelines.services import Absence, Ask, Counter, Counts, Item, Publisher, Publishes, Repeats, Secrets, Sent, Trial
from signalbook import registry, secrecy
from signalbook.classes import dataclass
from signalbook.errors import ConnectorError, SettingsError, SignalbookError, Unanswered
from signalbook.settings import BY_HAND

if TYPE_CHECKING:
    from pipelines.http import Client
    from signalbook.records import Reading
    from signalbook.secrecy import Veil
    from signalbook.settings import Channel, Settings

GROUP = "signalbook.connectors"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Opened:
    """The accounts of a workspace.

    Attributes:
        publishers: channel → its open account.
        counters: channel → the account that counts.
        closed: channel → why it cannot be opened: a sentence that names the line to write, and no secret.
        notes: what a person should know of channels that were left out.
    """

    publishers: Mapping[str, Publisher] = field(default_factory=dict)
    counters: Mapping[str, Counter] = field(default_factory=dict)
    closed: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def secrets_of(channel: Channel, environment: Mapping[str, str]) -> dict[str, str]:
    """Role → secret, for the roles whose variable is set."""
    return {role: environment[name] for role, name in channel.secrets.items() if environment.get(name)}


def veil_of(settings: Settings, environment: Mapping[str, str]) -> Veil:
    """A veil that knows every secret the settings name, and what the environment calls one."""
    named = [name for channel in settings.channels.values() for name in secrecy.secret_names(channel.secrets)]
    return secrecy.of_environment(environment, [*named, settings.publish.ping])


def open_all(
    settings: Settings,
    environment: Mapping[str, str],
    client: Client,
    *,
    only: Collection[str] = (),
    instead: Publishes | None = None,
) -> Opened:
    """Open every channel that is not retired and not filled by hand; makes no request.

    ``only`` names channels, all when empty. ``instead`` takes the place of every connector that sends: the console, for
    ``--dry-run``; then no secret is looked at.
    """
    veil = veil_of(settings, environment)
    publishers: dict[str, Publisher] = {}
    counters: dict[str, Counter] = {}
    closed: dict[str, str] = {}
    for key, channel in settings.channels.items():
        if (only and key not in only) or channel.status == "retired" or channel.connector in BY_HAND:
            continue
        if instead is not None:
            publishers[key] = instead.publisher(channel, {}, client)
            continue
        secrets = secrets_of(channel, environment)
        connector = known(channel.connector)
        try:
            if isinstance(connector, Publishes):
                publishers[key] = Careful(key, connector.publisher(channel, secrets, client), veil)
            else:
                closed[key] = f"Nothing is installed that sends to “{channel.connector}”."
            if isinstance(connector, Counts):
                counters[key] = CarefulCounter(key, connector.counter(channel, secrets, client), veil)
        except SignalbookError as error:
            closed[key] = veil(str(error))
        except Exception as error:  # noqa: BLE001 - one broken connector must not close the other channels
            closed[key] = f"Its connector broke off ({type(error).__name__})."
    return Opened(publishers, counters, closed)


def open_counters(
    settings: Settings, environment: Mapping[str, str], client: Client, *, only: Collection[str] = ()
) -> Opened:
    """Open the accounts that count and those that say their limits, of every channel that is not retired; makes no request.

    A channel whose secrets are not set here is not asked, and a note says so: that is how numbers are left out, not how they
    fail. What is set and cannot be opened is closed.
    """
    veil = veil_of(settings, environment)
    counters: dict[str, Counter] = {}
    publishers: dict[str, Publisher] = {}
    closed: dict[str, str] = {}
    notes: list[str] = []
    for key, channel in settings.channels.items():
        connector = known(channel.connector)
        if (only and key not in only) or channel.status == "retired" or not isinstance(connector, Counts):
            continue
        secrets = secrets_of(channel, environment)
        unset = [name for role, name in channel.secrets.items() if role not in secrets]
        if unset or not channel.secrets:
            notes.append(
                f"{key}: not counted, {unset[0]} is not set here."
                if unset
                else f"{key}: not counted, it names no secrets."
            )
            continue
        try:
            counters[key] = CarefulCounter(key, connector.counter(channel, secrets, client), veil)
            if isinstance(connector, Publishes):
                publishers[key] = Careful(key, connector.publisher(channel, secrets, client), veil)
        except SignalbookError as error:
            closed[key] = veil(str(error))
        except Exception as error:  # noqa: BLE001 - one broken connector must not close the other channels
            closed[key] = f"Its connector broke off ({type(error).__name__})."
    return Opened(publishers, counters, closed, tuple(notes))


def known(name: str) -> object:
    """A connector by its name; ``None`` when nothing of that name is registered."""
    try:
        return registry.load(GROUP, name)
    except KeyError:
        return None


def open_one(channel: Channel, secrets: Secrets, client: Client, veil: Veil) -> Publisher:
    """Open one channel's account.

    Raises:
        SettingsError: nothing is installed for it, or it lacks what the service needs.
    """
    connector = known(channel.connector)
    if not isinstance(connector, Publishes):
        raise SettingsError(f"Nothing is installed that sends to “{channel.connector}”.")
    return Careful(channel.key, connector.publisher(channel, secrets, client), veil)


@dataclass(frozen=True, slots=True)
class Careful:
    """A publisher whose every word passes a veil."""

    channel: str
    inner: Publisher = field(repr=False)
    veil: Veil = field(repr=False)

    @property
    def repeats(self) -> Repeats:
        """As the service's."""
        return self.inner.repeats

    def send(self, item: Item) -> Sent:
        """As the service's."""
        return self._sent(self._done(lambda: self.inner.send(item)))

    def look(self, item: Item, *, since: datetime) -> Sent | Absence:
        """As the service's."""
        found = self._done(lambda: self.inner.look(item, since=since))
        return self._sent(found) if isinstance(found, Sent) else found

    def amend(self, item: Item, sent: Sent) -> Sent:
        """As the service's."""
        return self._sent(self._done(lambda: self.inner.amend(item, sent)))

    def withdraw(self, sent: Sent) -> None:
        """As the service's."""
        self._done(lambda: self.inner.withdraw(sent))

    def trials(self) -> Iterable[Trial]:
        """As the service's."""
        found = iter(self.inner.trials())
        # One at a time: what was tried before a failure is worth knowing.
        while (trial := self._done(lambda: next(found, None))) is not None:
            yield replace(trial, detail=self.veil(trial.detail), remedy=self.veil(trial.remedy))

    def limits(self) -> Mapping[str, int]:
        """As the service's."""
        return self._done(self.inner.limits)

    def _sent(self, sent: Sent) -> Sent:
        facts = {name: self.veil(value) for name, value in sent.facts.items()}
        return replace(sent, id=self.veil(sent.id), url=self.veil(sent.url), facts=facts)

    def _done(self, act: Callable[[], T]) -> T:
        return _veiled(self.channel, act, self.veil)


@dataclass(frozen=True, slots=True)
class CarefulCounter:
    """A counter whose every word passes a veil."""

    channel: str
    inner: Counter = field(repr=False)
    veil: Veil = field(repr=False)

    def readings(self, ask: Ask) -> Iterable[Reading]:
        """As the service's."""
        found = iter(_veiled(self.channel, lambda: self.inner.readings(ask), self.veil))
        # One at a time: what was told before a failure is worth keeping.
        while (reading := _veiled(self.channel, lambda: next(found, None), self.veil)) is not None:
            yield replace(reading, subject=self.veil(reading.subject), origin=self.veil(reading.origin))


def _veiled(channel: str, act: Callable[[], T], veil: Veil) -> T:
    """Do something; a connector's error keeps its meaning and loses what must not be said, in its causes too.

    A connector's own mistake is ``Unanswered``: nobody knows how far it came, and it must not stop the other channels.
    """
    try:
        return act()
    except ConnectorError as error:
        covered = veil(error.message)
        if covered == error.message and veil(repr(error.__cause__)) == repr(error.__cause__):
            raise
        raise _again(error, covered) from None
    except SettingsError:
        raise
    except Exception as error:  # noqa: BLE001 - see above
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(last.filename).name}, line {last.lineno}"
        raise Unanswered(channel, f"the connector broke off ({type(error).__name__} in {where})") from None


def _again(error: ConnectorError, message: str) -> ConnectorError:
    kept: dict[str, Any] = {name: getattr(error, name) for name in ("retry_after_s", "status") if hasattr(error, name)}
    return type(error)(error.channel, message, **kept)
