"""Why we communicate, to whom, to what end: plans and all that stands under them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, ClassVar, Literal

from signalbook.model.base import (
    Country,
    Day,
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
    Zone,
    may,
    must,
    ready,
)
from signalbook.model.declared import declared

if TYPE_CHECKING:
    from signalbook.model.metrics import Metric
    from signalbook.model.people import Person


@declared
class Observation:
    """Something found out, with its evidence."""

    text: str | None = must("what was found")
    evidence: tuple[str, ...] = must("insights by slug, or addresses", default=())


@declared
class Raci:
    """Who does it, answers for it, is asked, is told."""

    responsible: Ref[Person] | None = must("does it")
    accountable: Ref[Person] | None = must("answers for it")
    consulted: tuple[Ref[Person], ...] = may("is asked before", default=())
    informed: tuple[Ref[Person], ...] = may("is told after", default=())


@declared
class Action:
    """A step with an owner, a day and a measure."""

    what: str | None = must("the step", rule="action-complete")
    owner: Ref[Person] | None = must("the role that does it", rule="action-complete")
    due: date | None = must("the day it is done", rule="action-complete")
    measure: Ref[Metric] | None = must("the metric that moves", rule="action-complete")
    raci: Raci | None = may("who does it, answers for it, is asked, is told")
    status: Literal["open", "done", "dropped"] | None = may("open if absent")
    why: str | None = may("why it was dropped, or what came of it")


@declared
class Perception:
    """What people think now and what they should come to think."""

    theme: str | None = must("about what")
    now: str | None = must("what they think now")
    wanted: str | None = must("what they should come to think")
    measure: Ref[Metric] | None = may("how we will know")
    by: date | None = may("by when")


@declared
class Risk:
    """What may go wrong with a plan."""

    risk: str | None = must("what may happen")
    likelihood: Literal["low", "medium", "high"] | None = must("how likely")
    effect: str | None = must("what it would do")
    answer: str | None = must("what we do about it")


@declared
class SignOff:
    """A role's agreement to a plan."""

    role: Ref[Person] | None = must("who agrees")
    on: date | None = must("the day")


@declared
class PlanChange:
    """A change of a plan and its reason."""

    on: date | None = must("the day")
    what: str | None = must("what changed")
    why: str | None = must("why")
    feedback: Ref[Insight] | None = may("the insight that led to it")


@declared
class Keyword:
    """A word people search for, and the page that answers it."""

    term: str | None = must("the word")
    audience: Ref[Audience] | None = may("who searches for it")
    intent: str | None = may("what they want")
    landing_page: Url | None = may("the page that answers")
    owner: Ref[Person] | None = may("who looks after the page")


@declared
class Plan(Document):
    """Why we communicate, to whom, to what end, by which steps."""

    KIND: ClassVar[str] = "plan"
    FOLDER: ClassVar[str] = "plans"
    PLURAL: ClassVar[str] = "Plans"
    ABOUT: ClassVar[str] = "Why we communicate, to whom, to what end, by which steps."
    READY: ClassVar[frozenset[str]] = frozenset({"active"})

    route: Literal["ten-step", "five-phase", "one-page"] | None = must("which of the three ways it is made")
    status: Literal["draft", "review", "active", "closed"] | None = must("where it stands")
    period: Span | None = ready("the days it covers")
    want: Markdown | None = ready("what do you want it to do?", rule="plan-questions")
    work: Markdown | None = ready("how should it work for you?", rule="plan-questions")
    findings: tuple[Observation, ...] = ready("what was found out, with evidence", default=())
    analysis: Markdown | None = ready("what the findings have in common")
    interpretation: Markdown | None = ready("what that means for us")
    actions: tuple[Action, ...] = ready("steps with owner, day and measure", default=())
    objectives: tuple[Ref[Objective], ...] = ready("the changes it is for", default=())
    audiences_served: tuple[Ref[Audience], ...] = ready("whom it is for", default=())
    perception: tuple[Perception, ...] = may("what people think now and should come to think", default=())
    it_partner: Ref[Person] | None = ready("the technical partner at each step that touches data")
    budget: Money | None = may("money")
    hours: Number | None = may("hours a week")
    risks: tuple[Risk, ...] = may("what may go wrong", default=())
    sign_off: tuple[SignOff, ...] = may("who agreed, and when", default=())
    changes: tuple[PlanChange, ...] = may("what changed, and why", default=())
    keywords: tuple[Keyword, ...] = may("what people search for", default=())


@declared
class Call:
    """What we ask people to do."""

    text: str | None = must("the words")
    url: Url | None = must("where it leads")


@declared
class OfflineItem:
    """A part of a campaign away from the networks."""

    kind: Literal["event", "print", "reference", "talk", "mail"] | None = must("what it is")
    on: date | Instant | None = must("the day")
    place: str | None = may("where")
    owner: Ref[Person] | None = must("who looks after it")
    title: str | None = may("what it is called")


@declared
class Hours:
    """Hours planned and spent."""

    planned: Number | None = must("hours planned")
    spent: Number | None = may("hours spent")


@declared
class Paid:
    """Money for reach: a cost, and a different reach."""

    platform: str | None = must("where it is spent")
    amount: Money | None = must("how much")


@declared
class MetricValue:
    """What a metric was before."""

    metric: Ref[Metric] | None = must("the metric")
    period: str | None = may("when, e.g. 2026-10")
    value: Number | None = must("the number")


@declared
class Slots:
    """The gaps that a campaign fills."""

    series: Ref[Metric] | None = must("the series with the gaps")
    low_below: Number | None = must("below this it is a gap")


@declared
class Premortem:
    """A failure imagined beforehand."""

    it_failed_because: str | None = must("why it failed")
    sign: str | None = must("how we would notice")
    answer: str | None = must("what we do then")


@declared
class Backlash:
    """When a campaign stops itself."""

    metric: Ref[Metric] | None = must("the metric, usually negative-reply-ratio")
    above: Number | None = must("above this")
    min_replies: int | None = must("with at least so many replies")
    do: Literal["hold", "alert"] | None = must("what happens then")


@declared
class CampaignResult:
    """What came of a campaign, and what we decided."""

    summary: str | None = must("what came of it")
    decision: Literal["scale", "keep", "stop"] | None = must("what we do now")
    on: date | None = must("the day it was decided")
    why: str | None = must("why")


@declared
class Campaign(Document):
    """A planned sequence with a start, an end and one measurable result."""

    KIND: ClassVar[str] = "campaign"
    FOLDER: ClassVar[str] = "plans/campaigns"
    PLURAL: ClassVar[str] = "Campaigns"
    ABOUT: ClassVar[str] = "A planned sequence with a start, an end and one measurable result."
    READY: ClassVar[frozenset[str]] = frozenset({"ready", "live"})

    type: Literal["launch", "fill-the-gap", "event", "contribution", "always-on", "issue", "recruit"] | None = must(
        "what sort of campaign it is"
    )
    status: Literal["idea", "draft", "review", "ready", "live", "stopped", "closed"] | None = must("where it stands")
    plan: Ref[Plan] | None = must("the plan it belongs to")
    period: Span | None = must("first and last day")
    objectives: tuple[Ref[Objective], ...] = ready("the changes it is for", default=())
    audiences_served: tuple[Ref[Audience], ...] = ready("whom it is for", default=())
    big_idea: str | None = ready("the idea in one sentence")
    messages: tuple[Ref[Message], ...] = ready("what we will say", default=())
    channels: tuple[str, ...] = ready("where", default=())
    call_to_action: Call | None = ready("what we ask people to do")
    items: tuple[OfflineItem, ...] = may("what happens away from the networks", default=())
    budget: Money | None = ready("money planned and spent")
    hours: Hours | None = ready("hours planned and spent")
    paid: Paid | None = may("money for reach")
    baseline: MetricValue | None = may("what the metric was before")
    slots: Slots | None = may("the gaps to fill")
    event_at: Instant | None = may("the instant the campaign leads up to")
    permission_text: str | None = may("what contributors agree to")
    premortem: tuple[Premortem, ...] = ready("how it could fail", rule="premortem", default=())
    backlash: Backlash | None = may("when it stops itself")
    utm: Utm | None = may("tracking words")
    launch_gate: str | None = may("the executive's named exception from the launch gate")
    embargo_until: Instant | None = may("nothing of it before this")
    tier: Literal[1, 2, 3] | None = may("raise the tier of all its posts")
    result: CampaignResult | None = may("what came of it, and what we decided")


@declared
class BaselineValue:
    """Where we start."""

    value: Number | None = must("the number")
    on: date | None = must("the day it was read")
    n: int | None = must("how many it was counted over")


@declared
class Guard:
    """What must not suffer."""

    metric: Ref[Metric] | None = must("the metric")
    not_worse_than: Number | None = must("the line it must not cross")


@declared
class StatusNote:
    """How an objective stands, said by a person."""

    on: date | None = must("the day")
    status: Literal["on-track", "at-risk", "off", "met", "missed", "dropped"] | None = must("how it stands")
    because: str | None = must("why")


@declared
class Objective(Document):
    """Who does, knows or feels what, how much more, by when."""

    KIND: ClassVar[str] = "objective"
    FOLDER: ClassVar[str] = "plans/objectives"
    PLURAL: ClassVar[str] = "Objectives"
    ABOUT: ClassVar[str] = "Who does, knows or feels what, how much more, by when."
    READY: ClassVar[frozenset[str]] = frozenset({"agreed", "running", "met", "missed"})

    status: Literal["draft", "agreed", "running", "met", "missed", "dropped"] | None = may("draft if absent")
    change: str | None = must("the change, with an audience as its subject")
    audience: Ref[Audience] | None = must("who changes")
    metric: Ref[Metric] | None = must("how we will know")
    stage: Literal["output", "out-take", "outcome", "impact"] | None = must("where it stands in the AMEC chain")
    baseline: BaselineValue | None = ready("where we start")
    target: Number | None = ready("the number we want")
    by: date | None = ready("by when")
    guard: tuple[Guard, ...] = may("what must not suffer", default=())
    decision: str | None = ready("what we do if we reach it, and if not")
    agreed_with: tuple[Ref[Person], ...] = may("who agreed", default=())
    status_note: tuple[StatusNote, ...] = may("how it stands, said by a person", default=())


@declared
class Venue:
    """Where an audience is."""

    place: str | None = must("where")
    how_they_talk: str | None = may("how they talk there")


@declared
class Size:
    """How many an audience are."""

    value: int | None = must("how many")
    unit: Literal["people", "accounts", "households"] | None = must("of what")
    source: str | None = ready("who counted")
    as_of: date | None = must("when")


@declared
class ToneBaseline:
    """How an audience felt at the start: −1 to 1."""

    value: Number | None = must("the balance, −1 to 1")
    n: int | None = must("over how many rated mentions")
    period: str | None = must("when")


@declared
class Audience(Document):
    """People with a shared need, described so that a writer can picture one."""

    KIND: ClassVar[str] = "audience"
    FOLDER: ClassVar[str] = "plans/audiences"
    PLURAL: ClassVar[str] = "Audiences"
    ABOUT: ClassVar[str] = "People with a shared need, described so that a writer can picture one."
    READY: ClassVar[frozenset[str]] = frozenset({"researched"})

    status: Literal["assumed", "researched", "retired"] | None = may("assumed if absent: nobody was asked")
    segment: str | None = must("who they are")
    needs: tuple[str, ...] = ready("what they need", default=())
    wants_from_us: tuple[str, ...] = may("what they want from us", default=())
    worries: tuple[str, ...] = may("what worries them", default=())
    where: tuple[Venue, ...] = ready("where they talk", default=())
    decides_how: Markdown | None = may("how they decide, stage by stage, in their words")
    size: Size | None = may("how many they are")
    locales: tuple[Lang, ...] = may("their languages", default=())
    zones: tuple[Zone, ...] = may("their time zones", default=())
    accessibility: str | None = may("what they need to be able to read us")
    keywords: tuple[str, ...] = may("what they search for", default=())
    sentiment_baseline: ToneBaseline | None = may("how they felt at the start")
    quiet_times: str | None = may("when not to write to them")
    evidence: tuple[str, ...] = ready("insights by slug, or addresses", default=())
    not_: str | None = may("who is not meant")


@declared
class Proof:
    """What shows that a message is true."""

    kind: Literal["test", "data", "law", "customer", "certificate", "own-record"] | None = must("what sort of proof")
    source: str | None = must("who says so")
    url: Url | None = may("where it can be read")
    date: Day | None = must("of when")
    covers: str | None = must("what it proves, and no more")
    until: Day | None = may("the last day it counts")


@declared
class Message(Document):
    """A sentence the organisation stands behind, with its proof."""

    KIND: ClassVar[str] = "message"
    FOLDER: ClassVar[str] = "plans/messages"
    PLURAL: ClassVar[str] = "Messages"
    ABOUT: ClassVar[str] = "A sentence we stand behind, with its proof: promise, claim, answer, holding, do-not-say."
    READY: ClassVar[frozenset[str]] = frozenset({"approved"})

    type: Literal["promise", "claim", "answer", "holding", "do-not-say"] | None = must("what sort of message it is")
    status: Literal["draft", "proposed", "approved", "expired", "withdrawn"] | None = may("draft if absent")
    says: str | Texts | None = must("the sentence, or one for each language")
    short: str | Texts | None = may("the same in 120 characters (240 for a holding statement)")
    proof: tuple[Proof, ...] = ready("what shows that it is true", rule="claim-expired", default=())
    comparative: bool | None = may("true when it compares")
    superlative: bool | None = may("true when it says first, only or best")
    valid_in: tuple[Country, ...] = may("countries in which it may be said; all if absent", default=())
    approved_by: tuple[Ref[Person], ...] = ready("who approved it", default=())
    review_by: date | None = must("the day it is looked at again")
    expires: date | None = may("the last day it may be said")
    embargo_until: Instant | None = may("nothing of it before this")
    audiences_served: tuple[Ref[Audience], ...] = may("whom it is for", default=())
    questions: tuple[str, ...] = may("the questions it answers", default=())
    hand_off: Literal["none", "private-channel", "form"] | None = may("where the conversation goes on")
    never: str | None = may("what it must not be stretched to")
    supports: Ref[Message] | None = may("the promise it supports")
    queries: tuple[str, ...] = may("how we hear others say it", default=())


@declared
class Arm:
    """One side of a test."""

    name: str | None = must("its name; one of them is control")
    what: str | None = must("what is done")


@declared
class StopRule:
    """When a test ends."""

    size: int | None = must("after so many per arm")
    latest: date | None = must("at latest on this day")
    harm: str | None = may("or when this happens")


@declared
class ExperimentResult:
    """What a test showed."""

    difference: Number | None = must("the difference seen")
    interval: str | None = must("the interval, e.g. 0.2 to 1.4")
    confidence: Percent | None = may("how sure, in percent")
    n_per_arm: int | None = must("how many per arm were read")
    read_on: date | None = must("the day it was read")


@declared
class Experiment(Document):
    """A small, deliberate test with a question, a size and an end."""

    KIND: ClassVar[str] = "experiment"
    FOLDER: ClassVar[str] = "plans/experiments"
    PLURAL: ClassVar[str] = "Experiments"
    ABOUT: ClassVar[str] = "A small, deliberate test with a question, a size and an end."
    READY: ClassVar[frozenset[str]] = frozenset({"planned", "running", "stopped", "read", "decided"})

    status: Literal["draft", "planned", "running", "stopped", "read", "decided"] | None = may("draft if absent")
    hypothesis: str | None = must("If we …, then … because …")
    metric: Ref[Metric] | None = must("the one number, fixed beforehand")
    unit: Literal["post", "person", "week"] | None = ready("what is assigned to an arm")
    arms: tuple[Arm, ...] = ready("the sides, one of them control", default=())
    assign: Literal["alternate", "random", "by-week"] | None = ready("how a unit gets its arm")
    baseline: Number | None = ready("what the metric is now")
    spread: Number | None = may("how much it varies (standard deviation)")
    smallest_change: Number | None = ready("the smallest change worth acting on")
    size: int | None = ready("units per arm")
    stop_rule: StopRule | None = ready("when it ends")
    channels: tuple[str, ...] = may("where it runs", default=())
    max_cost: Money | None = may("what it may cost")
    result: ExperimentResult | None = may("what it showed")
    verdict: Literal["better", "worse", "no-difference-seen", "stopped-for-harm", "invalid"] | None = may(
        "what we take from it"
    )
    decision: Ref[Insight] | None = may("the insight it led to")


@declared
class Insight(Document):
    """Something learnt, and what was decided about it."""

    KIND: ClassVar[str] = "insight"
    FOLDER: ClassVar[str] = "plans/insights"
    PLURAL: ClassVar[str] = "Insights"
    ABOUT: ClassVar[str] = "Something learnt, and what was decided about it."
    READY: ClassVar[frozenset[str]] = frozenset({"checked", "decided", "done"})

    type: (
        Literal["finding", "interview", "trend", "opportunity", "idea", "feedback", "point-of-view", "lesson"] | None
    ) = must("what sort of insight it is")
    status: Literal["noted", "checked", "decided", "done", "refuted"] | None = may("noted if absent")
    observed: Markdown | None = must("what was seen")
    observed_on: date | None = may("the day it was noted")
    evidence: tuple[str, ...] = ready("mentions, cases, queries, addresses", default=())
    n: int | None = may("over how many it was counted")
    period: str | None = may("when it was counted")
    asked: str | None = may("what people said they want")
    needed: str | None = may("what would help them")
    confidence: Literal["low", "medium", "high"] | None = may("how sure we are")
    confidence_why: str | None = may("why we are that sure")
    inform: tuple[Ref[Person], ...] = may("who should know", default=())
    act: Ref[Person] | None = may("who can act")
    decision: Literal["accepted", "declined", "parked", "test-first"] | None = may("what was decided")
    decided_by: Ref[Person] | None = may("by whom")
    decided_on: date | None = may("when")
    because: str | None = may("why")
    parked_until: date | None = may("the day it comes up again")
    outcome: Markdown | None = may("what came of it")
    outcome_on: date | None = may("when we looked")
    from_employee: bool | None = may("whether somebody inside gave it")
    first_seen: date | None = may("a trend's first sign")
    growth: str | None = may("how a trend grows")
    spreaders: tuple[str, ...] = may("who carries a trend", default=())
    variants: tuple[str, ...] = may("the forms a trend takes", default=())


@declared
class Release:
    """A shown person's yes."""

    who: str | None = must("a role or a description, never a name")
    scope: str | None = must("what they agreed to")
    until: date | None = may("until when")
    minor: bool | None = may("whether a guardian agreed")


@declared
class Asset(Document):
    """A picture, film, text or sound we may use, and on what ground."""

    KIND: ClassVar[str] = "asset"
    FOLDER: ClassVar[str] = "plans/assets"
    PLURAL: ClassVar[str] = "Assets"
    ABOUT: ClassVar[str] = "A picture, film, text or sound we may use, and on what ground."
    READY: ClassVar[frozenset[str]] = frozenset({"cleared"})

    status: Literal["draft", "cleared", "expired", "withdrawn"] | None = may("draft if absent")
    file: Path | None = may("the file")
    url: Url | None = may("or its address")
    version: str | int | None = may("which version")
    licence: str | None = must("the ground on which we use it")
    source: str | None = ready("who made it")
    people: tuple[Release, ...] = may("people shown, and what they agreed to", default=())
    music: str | None = may("music in it, and its licence")
    ai: Literal["none", "assisted", "generated"] | None = may("how far a machine made it")
    expires: date | None = may("the last day we may use it")
    channels: tuple[str, ...] = may("where it may be used; everywhere if absent", default=())
    countries: tuple[Country, ...] = may("countries it may be shown in; all if absent", default=())
    pieces: tuple[str, ...] = may("what was made from it", default=())
    locale: Lang | None = may("the language of text in it")
    valid_for: Duration | None = may("how long after the licence's date it counts")
