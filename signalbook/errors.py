"""The failures that callers may catch, by meaning.

::

    SignalbookError
    ├── ContentError      a document cannot be used at all
    ├── SettingsError     signalbook.toml is missing, unreadable or wrong
    ├── StoreError        data/ is damaged or cannot be written
    ├── UsageError        the command line was misused (exit status 2)
    └── ConnectorError    a service failed; keeps the channel's name
        ├── NotSent       nothing reached the service, or it will take it later: safe to try again
        ├── Refused       the service will not take this as it is: nothing was published
        │   └── Denied    it does not know us, or we may not do this
        └── Unanswered    it may have been accepted: look, never repeat blindly

Expected trouble with content is a ``Finding``, not an exception.
"""

from __future__ import annotations


class SignalbookError(Exception):
    """The root: the command line prints its text and a status, never a traceback."""


class ContentError(SignalbookError):
    """A document cannot be used at all.

    Attributes:
        path: posix path relative to the workspace.
        line: 1-based, 0 when the whole file is meant.
    """

    def __init__(self, path: str, line: int, message: str) -> None:
        """Keep the place beside the sentence."""
        super().__init__(f"{path}:{line}: {message}" if line else f"{path}: {message}")
        self.path = path
        self.line = line
        self.message = message


class SettingsError(SignalbookError):
    """``signalbook.toml`` is missing, unreadable or says something that cannot be."""


class StoreError(SignalbookError):
    """``data/`` is damaged or cannot be written; nothing is guessed and nothing is written."""


class UsageError(SignalbookError):
    """A command was given words it does not know; the process ends with status 2."""


class ConnectorError(SignalbookError):
    """A service refused or failed.

    Attributes:
        channel: the channel's key in ``signalbook.toml``, or the source's name.
    """

    def __init__(self, channel: str, message: str) -> None:
        """Keep the channel beside the sentence."""
        super().__init__(f"{channel}: {message}")
        self.channel = channel
        self.message = message


class NotSent(ConnectorError):
    """Nothing was accepted: no connection, no name, no certificate, or the service said «later».

    Attributes:
        retry_after_s: how long the service asks us to wait, in seconds; 0 when it does not say.
    """

    def __init__(self, channel: str, message: str, *, retry_after_s: float = 0) -> None:
        """Keep the wait beside the sentence."""
        super().__init__(channel, message)
        self.retry_after_s = retry_after_s


class Refused(ConnectorError):
    """The service answered that it will not take this; nothing was published and repeating changes nothing.

    Attributes:
        status: the HTTP or SMTP status, 0 where there is none.
    """

    def __init__(self, channel: str, message: str, *, status: int = 0) -> None:
        """Keep the status beside the sentence."""
        super().__init__(channel, message)
        self.status = status


class Denied(Refused):
    """The secret is wrong, has ended, or does not allow this."""


class Unanswered(ConnectorError):
    """A request went out and no usable answer came: it may or may not have been accepted."""
