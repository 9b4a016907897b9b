"""What happened, why it may be, what we do next: reports to read and to print."""

from __future__ import annotations
