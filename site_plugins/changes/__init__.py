"""Changes: what the team decided and changed, by week."""

from __future__ import annotations
