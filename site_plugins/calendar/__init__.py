"""The calendar: months as a grid and as an agenda, a page for every post, calendar feeds."""

from __future__ import annotations
