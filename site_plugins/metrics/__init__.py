"""Every number's meaning, its limits and its readings."""

from __future__ import annotations
