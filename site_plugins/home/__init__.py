"""Where the team starts its day: what goes out, what is late, what needs somebody."""

from __future__ import annotations
