"""The documents: what people write, one frozen dataclass a kind."""

from __future__ import annotations

import functools
import inspect
import sys
import types
import typing

from signalbook.model import base as _base
from signalbook.model.base import (
    STATES,
    Country,
    Document,
    Duration,
    Instant,
    Lang,
    Markdown,
    Money,
    Number,
    Path,
    Percent,
    Ref,
    Span,
    Texts,
    Url,
    Utm,
    Waiver,
    Zone,
)
from signalbook.model.calendar import Event, Evergreen, Media, Post
from signalbook.model.cases import Case
from signalbook.model.metrics import Metric
from signalbook.model.people import Community, Competitor, Person, Subject, System, Watch
from signalbook.model.plans import (
    Action,
    Asset,
    Audience,
    Campaign,
    Experiment,
    Insight,
    Message,
    Objective,
    Plan,
    Proof,
)
from signalbook.model.policies import (
    Acknowledgement,
    Hold,
    HoldScope,
    Incident,
    Playbook,
    Policy,
    Training,
)
from signalbook.model.reports import Report

KINDS: tuple[type[Document], ...] = (
    Post, Event,
    Plan, Campaign, Objective, Audience, Message, Experiment, Insight, Asset,
    Policy, Playbook, Hold, Incident, Training, Acknowledgement,
    Person, Community, Competitor, Watch, Subject, System,
    Case, Metric, Report,
)  # fmt: skip
"""Every kind, in the order in which people meet them."""

NAMES: dict[str, typing.Any] = {kind.__name__: kind for kind in KINDS} | {
    name: value for name, value in vars(_base).items() if not name.startswith("__")
}


_HINTS: dict[type, dict[str, typing.Any]] = {}


def hints(cls: type) -> dict[str, typing.Any]:
    """Field → its type, resolved; kinds may refer to each other in a circle."""
    if cls not in _HINTS:
        _HINTS[cls] = _hints(cls)
    return _HINTS[cls]


def _hints(cls: type) -> dict[str, typing.Any]:
    """What ``typing.get_type_hints`` gives; a hundred classes share some ninety texts, and each is compiled once."""
    out: dict[str, typing.Any] = {}
    for base in reversed(cls.__mro__):
        for name, said in inspect.get_annotations(base).items():
            out[name] = _resolved(said, base.__module__)
    return out


@functools.cache
def _resolved(said: str, module: str) -> typing.Any:
    held = type("Held", (), {"__annotations__": {"it": said}, "__module__": module})
    return typing.get_type_hints(held, localns=NAMES)["it"]


def _states() -> None:
    for kind in KINDS:
        if "status" not in kind.__dataclass_fields__:
            continue
        # Only this field: to look up the types of all fields takes long, and most commands ask for few kinds.
        status = types.SimpleNamespace(__annotations__={"status": kind.__dataclass_fields__["status"].type})
        found = typing.get_type_hints(status, globalns=vars(sys.modules[kind.__module__]), localns=NAMES)
        for part in typing.get_args(found["status"]):
            if typing.get_origin(part) is typing.Literal:
                STATES[kind.KIND] = typing.get_args(part)


_states()

__all__ = [
    "KINDS", "NAMES", "STATES", "Acknowledgement", "Action", "Asset", "Audience", "Campaign", "Case", "Community",
    "Competitor", "Country", "Document", "Duration", "Event", "Evergreen", "Experiment", "Hold", "HoldScope",
    "Incident", "Insight", "Instant", "Lang", "Markdown", "Media", "Message", "Metric", "Money", "Number", "Objective",
    "Path", "Percent", "Person", "Plan", "Playbook", "Policy", "Post", "Proof", "Ref", "Report", "Span", "Subject",
    "System", "Texts", "Training", "Url", "Utm", "Waiver", "Watch", "Zone", "hints",
]  # fmt: skip
