"""What stands on the calendar: posts and events."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from signalbook.model.base import (
    Country,
    Day,
    Document,
    Duration,
    Instant,
    Lang,
    Money,
    Number,
    Path,
    Ref,
    Url,
    Utm,
    Zone,
    may,
    must,
    ready,
)
from signalbook.model.declared import declared

if TYPE_CHECKING:
    from signalbook.model.people import Person
    from signalbook.model.plans import Asset, Audience, Campaign, Experiment, Message, Objective

PostType = Literal[
    "original", "reply", "quote", "repost", "reactive", "countdown", "incentive", "help-offered", "spotlight", "correction", "holding"
]  # fmt: skip


@declared
class Media:
    """A picture, a video or a sound that goes with a post."""

    src: Path | None = must("the file, relative to the post")
    alt: str | None = ready("what the picture tells somebody who cannot see it", rule="alt-text")
    decorative: bool | None = may("true when the picture tells nothing the copy does not")
    captions: Path | None = may("the captions file of a video or a sound")
    rights: Ref[Asset] | None = ready("the asset that says we may use it", rule="rights")
    ai: Literal["none", "assisted", "generated"] | None = may("how far a machine made it")


@declared
class Relative:
    """A time told by an event."""

    event: Ref[Event] | None = must("the event")
    offset: str | None = must("how long before (-2d) or after (+1h) it begins")


@declared
class Permission:
    """The yes of somebody whose post we use again."""

    from_: str | None = must("whose yes")
    words: str | None = must("what they agreed to, in their words")
    date: Day | None = must("the day they agreed")
    evidence: Url | None = must("where their yes can be read")


@declared
class Incentive:
    """What people are given for taking part."""

    purpose: str | None = must("what it is for")
    terms: Url | None = must("where the terms stand")
    cost: Money | None = must("what it costs at most")
    ends: date | None = must("the last day")
    review: date | None = must("the day on which we judge it")


@declared
class ReplyWatch:
    """Who reads the answers, and for how long."""

    by: Ref[Person] | None = must("the role that reads the answers")
    until: Duration | None = must("how long after sending, e.g. 4h")


@declared
class Evergreen:
    """A post that comes again; each time is a delivery of its own."""

    every: Duration | None = must("how often, e.g. 14d")
    cooldown: Duration | None = may("the least time between two")
    max: int | None = may("how many times at most")
    from_: date | None = may("the first day")
    until: date | None = may("the last day")


@declared
class Poll:
    """A question with answers to choose from."""

    options: tuple[str, ...] = must("two to four answers", default=())
    closes: Duration | None = must("how long it stays open, e.g. 1d")


@declared
class Post(Document):
    """One thing said: its copy per channel, its time and its reason."""

    KIND: ClassVar[str] = "post"
    FOLDER: ClassVar[str] = "calendar"
    PLURAL: ClassVar[str] = "Posts"
    ABOUT: ClassVar[str] = "One thing said: its copy for each channel, its time and its reason."
    READY: ClassVar[frozenset[str]] = frozenset({"approved"})

    status: Literal["idea", "draft", "review", "approved", "cancelled"] | None = must("where it stands")
    type: PostType | None = may("what sort of post it is; original if absent")
    publish_at: Instant | Literal["on-merge"] | None = ready("when it goes out, or on-merge", rule="post-time")
    expires: Instant | None = may("after this it no longer goes out")
    embargo_until: Instant | None = may("nothing of it before this")
    relative_to: Relative | None = may("its time as told by an event")
    channels: tuple[str, ...] = ready("where it goes, by the keys in signalbook.toml", default=())
    campaign: Ref[Campaign] | None = may("the campaign it belongs to")
    objective: Ref[Objective] | None = ready("what it serves (its own or the campaign's)", rule="objective")
    audience: Ref[Audience] | None = ready("whom it is for (its own or the campaign's)", rule="audience")
    stage: Literal["need", "explore", "compare", "decide", "use", "advocate"] | None = may("the reader's stage")
    mix: Literal["own-offer", "useful", "conversation"] | None = ready("whether it offers, helps or talks", rule="mix")
    pillar: str | None = may("the recurring theme")
    messages: tuple[Ref[Message], ...] = may("the messages it stands on", default=())
    author: Ref[Person] | None = ready("whose words they are")
    link: Url | None = may("where it leads")
    utm: Utm | None = may("tracking words of its links, where they differ from the campaign's")
    media: tuple[Media, ...] = may("pictures, videos and sounds", default=())
    disclosure: Literal["not-needed", "employee", "gifted", "paid", "affiliate", "partner"] | None = ready(
        "the author's connection to the subject", rule="disclosure"
    )
    tier: Literal[1, 2, 3] | None = may("raise the tier by hand; it is computed otherwise")
    in_reply_to: Url | None = may("the post it answers")
    quote_of: Url | None = may("the post it quotes")
    repost_of: Url | None = may("the post it repeats")
    permission: Permission | None = may("the yes of whoever made what we use again")
    locale: Lang | None = may("its language")
    translation_of: Ref[Post] | None = may("the post it translates")
    translation: Literal["none", "machine", "human", "reviewed"] | None = may("how it was translated")
    reuse_of: Ref[Post] | Ref[Asset] | None = may("what it was made from")
    incentive: Incentive | None = may("what people are given for taking part")
    experiment: Ref[Experiment] | None = may("the experiment it is part of")
    arm: str | None = may("the arm of the experiment")
    hours: Number | None = may("hours it took")
    cost: Money | None = may("money it took")
    watch_replies: ReplyWatch | None = may("who reads the answers, until when")
    evergreen: Evergreen | None = may("how it comes again")
    poll: Poll | None = may("a question with answers to choose from")
    first_comment: str | None = may("a comment of ours right below it")
    options: Mapping[str, Mapping[str, Any]] | None = may("what only one channel knows, by its key")
    tone: str | None = may("the voice guide's word for how it sounds")


@declared
class Event(Document):
    """A day or an hour that the calendar must know: ours, the field's, a holiday, a day of mourning."""

    KIND: ClassVar[str] = "event"
    FOLDER: ClassVar[str] = "calendar/events"
    PLURAL: ClassVar[str] = "Events"
    ABOUT: ClassVar[str] = "A day or an hour the calendar must know: ours, the field's, a holiday, a day of mourning."

    when: Instant | date | None = must("the day, or the instant it begins")
    until: Instant | date | None = may("the last day, or the instant it ends")
    zone: Zone | None = may("the zone of its times; the team's if absent")
    place: str | None = may("where")
    kind: Literal["own", "industry", "holiday", "mourning", "election", "results-day"] | None = must("what it is")
    effect: Literal["promote", "avoid", "quiet"] | None = must("what it means for what we say")
    topics: tuple[str, ...] = may("the words it makes sensitive", default=())
    countries: tuple[Country, ...] = may("where it counts; everywhere if absent", default=())
    campaign: Ref[Campaign] | None = may("the campaign it belongs to")
    url: Url | None = may("where to read more")
