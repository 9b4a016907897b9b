"""Policies and playbooks: what holds, and what to do when it is hard."""

from __future__ import annotations
