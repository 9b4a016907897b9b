"""What a channel needs before anything is asked of its service: an address that is safe to send a secret to, the secret.

Every refusal names the line to write, and no secret.
"""

from __future__ import annotations

import ipaddress
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from signalbook.errors import SettingsError
from signalbook.model.base import Duration
from signalbook.sources import reserved as reserved  # noqa: PLC0414 - asked for by this name

if TYPE_CHECKING:
    from pipelines.services import Secrets
    from signalbook.settings import Channel


def loopback(host: str) -> bool:
    """Whether a host is this machine: what is said to it stays here."""
    if host in {"localhost", "localhost."}:
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def address(channel: Channel, example: str) -> str:
    """The channel's ``url`` without a slash at its end: https, or http on this machine; no password in it.

    Raises:
        SettingsError: there is none, or a secret sent there could be read on the way.
    """
    table = f"signalbook.toml, [channels.{channel.key}]"
    if not channel.url:
        raise SettingsError(f'{table}: the service\'s address is missing. Write url = "{example}"')
    try:
        parts = urlsplit(channel.url)
        host = parts.hostname or ""
    except ValueError:
        parts, host = urlsplit(""), ""
    if parts.username is not None or parts.password is not None:
        raise SettingsError(
            f"{table}: a name or a password stands in `url`, where everybody can read it. Take it out, renew it, and "
            'name it: secrets = {password = "' + channel.key.upper().replace("-", "_") + '_PASSWORD"}'
        )
    if parts.scheme not in {"http", "https"} or not host:
        raise SettingsError(f'{table}: `url` is no address of a service. Write url = "{example}"')
    if parts.scheme == "http" and not loopback(host):
        raise SettingsError(f"{table}: over http everybody on the way can read the secret. Write https:// in `url`.")
    return channel.url.rstrip("/")


def secret(channel: Channel, secrets: Secrets, role: str) -> str:
    """The secret of a role.

    Raises:
        SettingsError: it is not named, or its variable is not set.
    """
    name = channel.secrets.get(role, "")
    if found := secrets.get(role, ""):
        return found
    if name:
        raise SettingsError(
            f"The {role} of the channel `{channel.key}` is missing: the variable {name} is not set here."
        )
    example = f"{channel.key.upper().replace('-', '_')}_{role.upper()}"
    raise SettingsError(
        f"signalbook.toml, [channels.{channel.key}]: the {role} is not named. "
        f'Write secrets = {{{role} = "{example}"}} and set that variable where the pipelines run.'
    )


LEAST = timedelta(minutes=1)


def every(channel: Channel, usual: timedelta) -> timedelta:
    """How often a channel is asked, from its key ``every``; a minute at least.

    Raises:
        SettingsError: it is no duration.
    """
    written = channel.more.get("every")
    if written is None:
        return usual
    try:
        return max(LEAST, Duration.parse(str(written)).elapsed)
    except ValueError:
        table = f"signalbook.toml, [channels.{channel.key}]"
        raise SettingsError(f'{table}: “{str(written)[:40]}” is no duration. Write every = "15m", or 1h, 1d.') from None


def texts(channel: Channel, key: str) -> tuple[str, ...]:
    """One text or a list of them.

    Raises:
        SettingsError: it is neither.
    """
    value = channel.more.get(key, [])
    found = [value] if isinstance(value, str) else value
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise SettingsError(f'signalbook.toml, [channels.{channel.key}]: write {key} = ["one", "another"].')
    return tuple(found)
