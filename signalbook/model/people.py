"""Who speaks, who is listened to, and where: roles, venues, rivals, topics and sources."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, ClassVar, Literal

from signalbook.model.base import (
    Document,
    Duration,
    Lang,
    Number,
    Ref,
    Url,
    Zone,
    may,
    must,
    ready,
)
from signalbook.model.declared import declared

if TYPE_CHECKING:
    from signalbook.model.plans import Audience, Insight


@declared
class Speaks:
    """A language and how well."""

    lang: Lang | None = must("the language")
    level: str | None = must("native, or A1 to C2")


@declared
class Away:
    """Days off, and who stands in."""

    from_: date | None = must("first day")
    to: date | None = must("last day")
    backup: Ref[Person] | None = must("who stands in")


@declared
class Identity:
    """A public account of somebody outside."""

    network: str | None = must("where")
    handle: str | None = must("the handle")


@declared
class NextStep:
    """What comes next with somebody or somewhere."""

    what: str | None = must("what")
    who: Ref[Person] | None = must("who does it")
    when: date | None = must("by when")


@declared
class Person(Document):
    """A role inside. People outside live in the private store, with the same fields."""

    KIND: ClassVar[str] = "person"
    FOLDER: ClassVar[str] = "people"
    PLURAL: ClassVar[str] = "People"
    ABOUT: ClassVar[str] = "A role: what it decides, knows and may say, and who stands in for it."
    READY: ClassVar[frozenset[str]] = frozenset({"active"})

    status: Literal["active", "away", "left", "prospect", "known", "ambassador", "dormant", "erased"] | None = may(
        "active if absent"
    )
    side: Literal["inside", "outside"] | None = must("inside or outside the organisation")
    roles: tuple[str, ...] = ready("the roles held", default=())
    practitioner: bool | None = may("whether they do the work they speak about")
    expertise: tuple[str, ...] = may("topics they know", default=())
    languages: tuple[Speaks, ...] = may("languages", default=())
    skills: Mapping[str, int] | None = may("skill → 0 none, 1 knows of it, 2 with help, 3 alone, 4 teaches")
    zone: Zone | None = ready("their time zone")
    hours: str | None = may("business hours, e.g. Mon-Fri 09:00-17:00")
    away: tuple[Away, ...] = may("days off, and who stands in", default=())
    max_cases_per_day: int | None = may("how many cases a day at most")
    may_speak_for: tuple[str, ...] = may("topics they may speak for", default=())
    approves: tuple[int, ...] = may("tiers they may approve", default=())
    backup: Ref[Person] | None = may("who stands in")
    department: str | None = may("where they work")
    reports_to: Ref[Person] | None = may("who hears it when a clock runs out")
    kind: Literal["ambassador", "journalist", "creator", "leader", "customer"] | None = may("outside: who they are")
    identities: tuple[Identity, ...] = may("outside: public accounts", default=())
    basis: Literal["consent", "legitimate-interest", "contract"] | None = may("outside: on what ground we keep this")
    basis_evidence: str | None = may("outside: what shows the ground")
    erase_by: date | None = may("outside: the day it is erased")
    relation: Literal["none", "gifted", "paid", "employee-family", "investor"] | None = may("outside: connection to us")
    disclosure: str | None = may("outside: what they say about it")
    topics: tuple[str, ...] = may("outside: what they talk about", default=())
    last_contact: date | None = may("outside: the last contact")
    next_step: NextStep | None = may("outside: what comes next")
    do_not_contact: bool | None = may("outside: they asked to be left alone")


@declared
class VenueRules:
    """What a venue asks of people like us."""

    self_promotion: Literal["none", "limited", "welcome"] | None = must("whether own links are wanted")
    ratio: str | None = may("how many, e.g. 1 in 10")
    flair: str | None = may("labels a post must bear")
    tone: str | None = may("how people talk")
    forbidden: tuple[str, ...] = may("what is not allowed", default=())
    link_policy: str | None = may("what links are allowed")
    read_on: date | None = must("the day we read the rules")


@declared
class Contribution:
    """Something we gave to a venue."""

    on: date | None = must("the day")
    who: Ref[Person] | None = must("who")
    what: str | None = must("what")
    about_us: bool | None = must("whether it was about us")
    url: Url | None = may("where it can be read")


@declared
class Contribute:
    """How often we contribute."""

    contribute: str | None = must("e.g. 2 per week")


@declared
class Community(Document):
    """A venue that belongs to others or to us, its rules and our standing in it."""

    KIND: ClassVar[str] = "community"
    FOLDER: ClassVar[str] = "people/communities"
    PLURAL: ClassVar[str] = "Communities"
    ABOUT: ClassVar[str] = "A venue, its rules and our standing in it."
    READY: ClassVar[frozenset[str]] = frozenset({"taking-part", "hosting"})

    status: Literal["found", "listening", "taking-part", "hosting", "left"] | None = may("found if absent")
    venue: str | None = must("its address or name")
    visibility: Literal["public", "private", "internal"] | None = must("who can read it")
    ours: bool | None = may("whether it belongs to us")
    topics: tuple[str, ...] = ready("what is talked about", default=())
    leaders: tuple[Ref[Person], ...] = may("who leads it", default=())
    rules: VenueRules | None = ready("what it asks of people like us")
    our_account: str | None = may("under which name we write")
    declared_affiliation: bool | None = may("whether we say who we are")
    host: Ref[Person] | None = may("who hosts it, when it is ours")
    cadence: Contribute | None = may("how often we contribute")
    log: tuple[Contribution, ...] = may("what we gave", default=())
    standing: Literal["new", "known", "trusted", "warned", "banned"] | None = may("how we stand")
    next_step: NextStep | None = may("what comes next")


@declared
class Audit:
    """One look at what a competitor does."""

    on: date | None = must("the day")
    channel: str | None = must("where")
    format: str | None = may("what sort of post")
    cadence: str | None = may("how often")
    engagement: str | None = may("how people react")
    tone: str | None = may("how it sounds")
    note: str | None = may("what we saw")


@declared
class Reputation:
    """What is said of a competitor."""

    period: str | None = must("when")
    n: int | None = must("over how many rated mentions")
    negative_share: Number | None = must("share of negative ones, percent")


@declared
class Gap:
    """Something others leave undone."""

    we_could: str | None = must("what we could do")
    evidence: str | None = must("what shows it")
    size: str | None = may("how large it is")
    decision: Ref[Insight] | None = may("what we decided")


@declared
class Competitor(Document):
    """What others do in the eyes of the same audience."""

    KIND: ClassVar[str] = "competitor"
    FOLDER: ClassVar[str] = "people/competitors"
    PLURAL: ClassVar[str] = "Competitors"
    ABOUT: ClassVar[str] = "What others do in the eyes of the same audience; public material only."

    status: Literal["watched", "dropped"] | None = may("watched if absent")
    names: tuple[str, ...] = must("all its names", default=())
    queries: tuple[str, ...] = may("how we hear of it", default=())
    channels: tuple[str, ...] = may("addresses of its channels", default=())
    audiences_served: tuple[Ref[Audience], ...] = may("whom it serves", default=())
    positioning: str | None = may("how it presents itself")
    audit: tuple[Audit, ...] = may("what we saw", default=())
    reputation: Reputation | None = may("what is said of it")
    gaps: tuple[Gap, ...] = may("what it leaves undone", default=())
    excluded_from_sov: bool | None = may("left out of share of voice")
    excluded_why: str | None = may("why it is left out")
    url: Url | None = may("its site")


@declared
class Baseline:
    """What usual is measured over."""

    window: Duration | None = must("how far back, e.g. 28d")
    season: str | None = may("what repeats, e.g. hour-of-week")


@declared
class AlertRule:
    """When somebody is told."""

    at_least: int | None = must("at least so many")
    times: Number | None = must("and so many times the usual")
    pause: Duration | None = must("then silence for so long")


@declared
class PrecisionCheck:
    """A sample of what a query found."""

    on: date | None = must("the day")
    n: int | None = must("how many were looked at")
    right: int | None = must("how many were about us")


@declared
class Watch(Document):
    """A source or topic somebody listens to, with one expert and one backup."""

    KIND: ClassVar[str] = "watch"
    FOLDER: ClassVar[str] = "people/watches"
    PLURAL: ClassVar[str] = "Watches"
    ABOUT: ClassVar[str] = "A topic somebody listens to, with one expert and one backup."
    READY: ClassVar[frozenset[str]] = frozenset({"on"})

    status: Literal["proposed", "tuning", "on", "paused", "retired"] | None = may("proposed if absent")
    topic: str | None = ready("what it is about")
    query: str | None = ready("what is searched for")
    lang: Lang | None = may("the language of the query")
    sources: tuple[str, ...] = ready("where it is searched", default=())
    expert: Ref[Person] | None = ready("who can answer", rule="watch-coverage")
    backup: Ref[Person] | None = ready("who stands in, never away at the same time", rule="watch-coverage")
    inform: tuple[Ref[Person], ...] = may("who should know", default=())
    act: Ref[Person] | None = may("who can act")
    baseline: Baseline | None = may("what usual is measured over")
    alert: AlertRule | None = may("when somebody is told")
    expect_every: Duration | None = may("silence longer than this is news")
    precision_checked: PrecisionCheck | None = may("a sample of what it found")
    excludes: str | None = may("what is left out, and why")
    tech_owner: Ref[Person] | None = may("who keeps it running")
    sensitivity: Literal["routine", "quality", "money", "law"] | None = may(
        "how sensitive the matter is at least; law stands for data, safety, discrimination too"
    )
    paused_why: str | None = may("why it is paused")
    paused_until: date | None = may("until when")


@declared
class Subject(Document):
    """What people talk about: a topic, a brand or a product."""

    KIND: ClassVar[str] = "subject"
    FOLDER: ClassVar[str] = "people/subjects"
    PLURAL: ClassVar[str] = "Subjects"
    ABOUT: ClassVar[str] = "What people talk about: a topic, a brand or a product, its words and its experts."

    names: tuple[str, ...] = must("all its names", default=())
    type: Literal["topic", "brand", "product"] | None = must("what it is")
    queries: tuple[str, ...] = ready("how we hear of it", default=())
    expert: Ref[Person] | None = ready("who can answer", rule="watch-coverage")
    backup: Ref[Person] | None = ready("who stands in", rule="watch-coverage")
    competitors: tuple[Ref[Competitor], ...] = may("who else they compare it with", default=())
    sensitivity: Literal["routine", "quality", "money", "law"] | None = may(
        "how sensitive the matter is at least; law stands for data, safety, discrimination too"
    )


@declared
class SystemField:
    """One field that a source holds."""

    name: str | None = must("the field")
    what: str | None = may("what it means")
    personal: bool | None = may("whether it is about a person")


@declared
class System(Document):
    """A source of data: who answers for it, what it holds and on what ground."""

    KIND: ClassVar[str] = "system"
    FOLDER: ClassVar[str] = "people/systems"
    PLURAL: ClassVar[str] = "Systems"
    ABOUT: ClassVar[str] = "A source of data: who answers for it, what it holds, on what ground; never the data itself."

    status: Literal["planned", "connected", "retired"] | None = may("planned if absent")
    system: str | None = must("what it is")
    business_owner: Ref[Person] | None = must("who answers for its use")
    technical_owner: Ref[Person] | None = must("who keeps it running")
    fields: tuple[str, ...] | tuple[SystemField, ...] = ready("what it holds", default=())
    personal_data: bool | None = must("whether it holds data about people")
    legal_basis: str | None = may("on what ground")
    consent_text: str | None = may("the consent text and its version")
    retention: Duration | None = may("how long it is kept")
    extract_query: str | None = may("how the numbers are taken out")
    last_seen: date | None = may("when it was last read")
    expect_every: Duration | None = may("silence longer than this is news")
    secret: str | None = may("the name of the environment variable")
    url: Url | None = may("where it stands")
