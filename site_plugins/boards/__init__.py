"""Boards: open posts by status, owner, channel and campaign; load, gaps, mix."""

from __future__ import annotations
