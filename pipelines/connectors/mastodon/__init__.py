"""Mastodon, and servers that speak its client API: publishing, counting, and reading saved answers.

===============  =======================================================================================
``statuses``     pure: an ``Item`` → the request that publishes it; what a server says → what it can and what it holds
``account``      the thin half: one account on one server, sending and counting
``listening``    what is said to us, below our posts, under tags, and where the server searches
``documents``    saved answers of the API and archives → mentions, for ``signalbook import``
===============  =======================================================================================
"""

from __future__ import annotations

from pipelines.connectors.mastodon.account import Connector
from pipelines.connectors.mastodon.documents import DOCUMENTS

CONNECTOR = Connector()
"""What is registered."""

__all__ = ["CONNECTOR", "DOCUMENTS"]
