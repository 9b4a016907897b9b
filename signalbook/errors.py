"""The failures that callers may catch, by meaning.

::

    SignalbookError
    ├── ContentError      a document cannot be used at all
    ├── SettingsError     signalbook.toml is missing, unreadable or wrong
    ├── StoreError        data/ is damaged or cannot be written
    ├── UsageError        the command line was misused (exit status 2)
    └── ConnectorError    a service failed; keeps the channel's name

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
