"""Bluesky: publishing to a personal data server (PDS), counting through an app view, and reading saved answers.

===============  =======================================================================================
``records``      pure: an ``Item`` → the record that is written, its key, its facets
``account``      the thin half: one account on one PDS, sending and counting
``listening``    what is said to us, below our posts, and where the app view searches
``documents``    saved answers of the API → mentions, for ``signalbook import``
===============  =======================================================================================
"""

from __future__ import annotations

from pipelines.connectors.bluesky.account import Connector
from pipelines.connectors.bluesky.documents import DOCUMENTS

CONNECTOR = Connector()
"""What is registered."""

__all__ = ["CONNECTOR", "DOCUMENTS"]
