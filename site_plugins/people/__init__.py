"""People: who does what, who can answer, who stands in."""

from __future__ import annotations
