"""Plans: what we want, how far we are, what comes next."""

from __future__ import annotations
