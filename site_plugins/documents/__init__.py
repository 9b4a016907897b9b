"""An index and a page for every kind of document, derived from its declaration.

``document(…)`` and ``index(…)`` serve the rooms that have something of their own to show for a kind.
"""

from __future__ import annotations

from site_plugins.documents.values import backlinks, facts, findings, head, html, sections

__all__ = ["backlinks", "facts", "findings", "head", "html", "sections"]
