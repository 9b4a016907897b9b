"""What people here may, must and must not do, and what to do when it is hard."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from signalbook.model.base import (
    Country,
    Document,
    Duration,
    Instant,
    Markdown,
    Number,
    Ref,
    Url,
    may,
    must,
    ready,
)
from signalbook.model.declared import declared

if TYPE_CHECKING:
    from signalbook.model.people import Person
    from signalbook.model.plans import Campaign, Message
    from signalbook.model.reports import Report


@declared
class Scope:
    """Whom and what a policy covers."""

    who: str | None = must("whom it covers")
    channels: str | tuple[str, ...] | None = may("which channels; all if absent")
    countries: tuple[Country, ...] = may("which countries; all if absent", default=())


@declared
class Enforce:
    """A rule that a policy sets."""

    rule: str | None = must("the rule's id")
    level: Literal["block", "warn", "inform"] | None = must("how much it weighs")
    limits: Mapping[str, Any] | None = may("the rule's own settings")


@declared
class Policy(Document):
    """What people here may, must and must not do, in words they can follow."""

    KIND: ClassVar[str] = "policy"
    FOLDER: ClassVar[str] = "policies"
    PLURAL: ClassVar[str] = "Policies"
    ABOUT: ClassVar[str] = "What people here may, must and must not do, in words they can follow."
    READY: ClassVar[frozenset[str]] = frozenset({"in-force"})

    version: int | None = must("counts up with every change of a duty")
    status: Literal["draft", "review", "in-force", "superseded", "withdrawn"] | None = must("where it stands")
    scope: Scope | None = ready("whom and what it covers")
    in_force_from: date | None = ready("the first day it counts")
    review_by: date | None = ready("the day it is read again, at most 12 months on")
    approved_by: tuple[Ref[Person], ...] = ready("who approved it", default=())
    must_read: tuple[str, ...] = may("groups that must read it", default=())
    acknowledge_within: Duration | None = may("how soon they must")
    enforce: tuple[Enforce, ...] = may("the rules it sets", default=())
    waivable: bool | None = may("whether an exception can be recorded")
    waivable_by: tuple[Ref[Person], ...] = may("who may record one", default=())
    replaces: Ref[Policy] | None = may("the policy it replaces")
    contact: Ref[Person] | None = may("whom to ask")
    summary: str | None = ready("what it says in 100 words")
    substantive: bool | None = may("false when the last change altered no duty")
    changed: str | None = may("what the last version changed")


@declared
class Trigger:
    """A sign that opens a playbook, decided beforehand."""

    signal: str | None = must("what is seen")
    threshold: Number | str | None = must("how much of it")
    severity: Literal["S1", "S2", "S3", "S4"] | None = must("how bad that is")


@declared
class CrisisRoles:
    """Who does what in a crisis."""

    lead: Ref[Person] | None = ready("decides")
    deputy: Ref[Person] | None = ready("stands in for the lead")
    spokesperson: Ref[Person] | None = ready("speaks")
    legal: Ref[Person] | None = ready("says what the law asks")
    expert: Ref[Person] | None = ready("knows what is true")
    community: Ref[Person] | None = ready("answers people")
    scribe: Ref[Person] | None = ready("writes the log")
    backups: Mapping[str, Ref[Person]] | None = may("role → who stands in")


@declared
class ContactStep:
    """Whom to reach, how, and after how long the next one."""

    role: Ref[Person] | None = must("whom")
    reach_by: str | None = must("how, e.g. phone list, pager")
    after_minutes: int | None = must("minutes after the start")


@declared
class HoldScope:
    """What a hold stops."""

    channels: str | tuple[str, ...] | None = may("channels, or all")
    campaigns: tuple[Ref[Campaign], ...] = may("campaigns", default=())
    labels: tuple[str, ...] = may("labels", default=())
    types: tuple[str, ...] = may("types of post", default=())
    except_types: tuple[str, ...] = may("types that still go out", default=())


@declared
class LegalClock:
    """A duty with a time limit."""

    duty: str | None = must("what must be done")
    limit: str | None = must("by when")


@declared
class Rhythm:
    """How often we speak while it lasts."""

    first: Duration | None = must("the first word, e.g. 15m")
    then: Duration | None = must("every next one, e.g. 30m")
    until: str | None = may("until what")


@declared
class Playbook(Document):
    """What to do when something happens, or how we behave on a network."""

    KIND: ClassVar[str] = "playbook"
    FOLDER: ClassVar[str] = "policies/playbooks"
    PLURAL: ClassVar[str] = "Playbooks"
    ABOUT: ClassVar[str] = "What to do when something happens, or how we behave on a network."
    READY: ClassVar[frozenset[str]] = frozenset({"approved"})

    type: Literal["crisis", "network"] | None = must("for a crisis, or for a network")
    status: Literal["draft", "approved", "retired"] | None = must("where it stands")
    version: int | None = may("counts up with every change of a duty")
    triggers: tuple[Trigger, ...] = ready("signs decided beforehand", default=())
    default_severity: Literal["S1", "S2", "S3", "S4"] | None = ready("how bad it is until we know better")
    cluster: Literal["victim", "accident", "preventable"] | None = ready("whose fault it looks like (SCCT)")
    roles: CrisisRoles | None = ready("who does what")
    contact_tree: tuple[ContactStep, ...] = may("whom to reach, in order", default=())
    first_five: tuple[str, ...] = ready("the first five minutes", default=())
    first_hour: tuple[str, ...] = ready("the first hour", default=())
    statements: tuple[Ref[Message], ...] = ready("holding statements", default=())
    hold_scope: HoldScope | None = ready("what stops")
    close_elsewhere: tuple[str, ...] = ready("taps this product cannot close", default=())
    tell_first: tuple[str, ...] = ready("who hears it first, in order", default=())
    legal_clocks: tuple[LegalClock, ...] = may("duties with a time limit", default=())
    cadence: Rhythm | None = ready("how often we speak")
    stand_down: str | tuple[str, ...] | None = ready("when it is over")
    dark_page: Url | None = may("the prepared page")
    last_drilled: date | None = may("the last drill", default=None)
    drill_every: Duration | None = may("how often it is drilled")
    never: tuple[str, ...] = may("what we never say or do", default=())
    channel: str | None = may("the network's channel, by its key in signalbook.toml")
    norms: Markdown | None = may("how people behave there")
    formats: Markdown | None = may("what can be posted")
    limits: Markdown | None = may("how much of it")
    tone: Markdown | None = may("how we sound there")
    moderation: Markdown | None = may("what is hidden, removed, reported")
    what_gets_you_banned: Markdown | None = may("what to stay away from")
    who_answers: Ref[Person] | None = may("who answers there")
    measures: tuple[str, ...] = may("metrics we look at", default=())


@declared
class ClosedTap:
    """A tap elsewhere that somebody closed."""

    tap: str | None = must("what was stopped")
    by: Ref[Person] | None = must("by whom")
    at: Instant | None = must("when")


@declared
class Released:
    """The end of a hold."""

    by: Ref[Person] | None = must("who ended it")
    at: Instant | None = must("when")
    why: str | None = must("why it is safe again")


@declared
class Hold(Document):
    """A provable stop."""

    KIND: ClassVar[str] = "hold"
    FOLDER: ClassVar[str] = "policies/holds"
    PLURAL: ClassVar[str] = "Holds"
    ABOUT: ClassVar[str] = "A provable stop: what does not go out, why, and until when."
    READY: ClassVar[frozenset[str]] = frozenset({"open"})

    status: Literal["open", "renewed", "released", "expired"] | None = may("open if absent")
    reason: str | None = must("why, in words everyone may read", rule="hold-reason")
    scope: HoldScope | None = must("what it stops")
    from_: Instant | None = must("when it begins")
    expires: Instant | None = must("when it ends, 24 h on at most", rule="hold-end")
    opened_by: Ref[Person] | None = must("who opened it")
    incident: Ref[Incident] | None = may("the incident it belongs to")
    closed_elsewhere: tuple[ClosedTap, ...] = may("taps closed elsewhere", default=())
    released: Released | None = may("who ended it, when, why")
    after_release: Literal["cancel-missed", "decide-each"] | None = ready("what happens to what was missed")


@declared
class Affected:
    """Who is touched by an incident."""

    who: str | None = must("who")
    count: int | None = may("how many")
    certain: bool | None = may("whether the number is certain")


@declared
class LogEntry:
    """One line of an incident's log."""

    at: Instant | None = must("when")
    by: Ref[Person] | None = must("who")
    what: str | None = must("what happened or was decided")
    evidence: str | None = may("what shows it")


@declared
class Update:
    """A word said in public during an incident."""

    at: Instant | None = must("when")
    said: str | None = must("what, or the message's slug")
    where: tuple[str, ...] = must("where", default=())
    next_at: Instant | None = may("when the next word comes")


@declared
class SeverityChange:
    """A change of severity and its reason."""

    at: Instant | None = must("when")
    from_: Literal["S1", "S2", "S3", "S4"] | None = must("from")
    to: Literal["S1", "S2", "S3", "S4"] | None = must("to")
    why: str | None = must("why")


@declared
class Incident(Document):
    """The log of one crisis from first sign to lesson."""

    KIND: ClassVar[str] = "incident"
    FOLDER: ClassVar[str] = "policies/incidents"
    PLURAL: ClassVar[str] = "Incidents"
    ABOUT: ClassVar[str] = "The log of one crisis from first sign to lesson."
    READY: ClassVar[frozenset[str]] = frozenset({"open", "contained", "monitoring"})

    severity: Literal["S1", "S2", "S3", "S4"] | None = must("how bad it is")
    status: Literal["suspected", "open", "contained", "monitoring", "closed", "false-alarm"] | None = must(
        "where it stands"
    )
    playbook: Ref[Playbook] | None = ready("the playbook we follow")
    lead: Ref[Person] | None = ready("who decides")
    spokesperson: Ref[Person] | None = ready("who speaks")
    scribe: Ref[Person] | None = may("who writes the log")
    detected_at: Instant | None = must("the first sign")
    aware_at: Instant | None = ready("when we knew: legal clocks start here")
    first_word_at: Instant | None = may("our first public word")
    contained_at: Instant | None = may("when it stopped growing")
    closed_at: Instant | None = may("when it ended")
    affected: Affected | None = may("who is touched")
    known: tuple[str, ...] = may("what we know", default=())
    unknown: tuple[str, ...] = may("what we do not know", default=())
    doing: tuple[str, ...] = may("what we are doing", default=())
    log: tuple[LogEntry, ...] = may("what happened, line by line", default=())
    updates: tuple[Update, ...] = may("what we said", default=())
    severity_changes: tuple[SeverityChange, ...] = may("how it changed", default=())
    after_action: Ref[Report] | None = may("the after-action review")
    nothing_to_change: str | None = may("the sentence ‘nothing to change, because …’")


@declared
class Sitting:
    """A training that was held."""

    on: date | None = must("the day")
    place: str | None = may("where")
    lead: Ref[Person] | None = must("who led it, and confirms who was there")
    attended: tuple[Ref[Person], ...] = may("who was there", default=())
    apologies: tuple[Ref[Person], ...] = may("who could not come", default=())


@declared
class ToFix:
    """Something a drill brought up."""

    what: str | None = must("what to mend")
    owner: Ref[Person] | None = must("who mends it")
    due: date | None = must("by when")
    done: bool | None = may("whether it is mended")


@declared
class Drill:
    """What a drill showed."""

    scenario: str | None = must("what was played")
    injects: tuple[str, ...] = may("what was thrown in", default=())
    detect_minutes: int | None = may("minutes to notice")
    first_word_minutes: int | None = may("minutes to the first word")
    hold_minutes: int | None = may("minutes to the hold")
    went_well: str | tuple[str, ...] | None = may("what went well")
    to_fix: tuple[ToFix, ...] = may("what to mend", default=())


@declared
class TrainingCheck:
    """How we know that it was learnt."""

    how: str | None = must("how")
    passed_by: tuple[Ref[Person], ...] = may("who passed", default=())


@declared
class Training(Document):
    """What is taught, to whom, and who took part."""

    KIND: ClassVar[str] = "training"
    FOLDER: ClassVar[str] = "policies/training"
    PLURAL: ClassVar[str] = "Training"
    ABOUT: ClassVar[str] = "What is taught, to whom, and who took part."
    READY: ClassVar[frozenset[str]] = frozenset({"held", "valid"})

    status: Literal["planned", "held", "valid", "lapsed"] | None = may("planned if absent")
    kind: Literal["course", "session", "drill", "briefing"] | None = must("what sort of training it is")
    for_: Literal["marketing-pr", "service", "executives", "everyone", "spokespeople", "moderators"] | None = ready(
        "whom it is for"
    )
    teaches: tuple[str, ...] = ready("skills, policies or playbooks", default=())
    valid_for: Duration | None = may("how long it counts")
    planned_on: date | None = may("the day it is planned for")
    held: tuple[Sitting, ...] = may("when it was held", default=())
    drill: Drill | None = may("what a drill showed")
    check: TrainingCheck | None = may("how we know that it was learnt")


@declared
class Understood:
    """A question of a launch brief and the answer given."""

    question: str | None = must("the question")
    answer: str | None = must("the answer")


@declared
class Acknowledgement(Document):
    """Evidence that a person read a version."""

    KIND: ClassVar[str] = "acknowledgement"
    FOLDER: ClassVar[str] = "policies/acknowledgements"
    PLURAL: ClassVar[str] = "Acknowledgements"
    ABOUT: ClassVar[str] = "Evidence that a role read a version of a policy, a playbook or a message."

    status: Literal["given", "outdated", "exempt"] | None = may("given if absent")
    of: Ref[Policy] | Ref[Playbook] | Ref[Message] | None = must("what was read")
    version: int | None = must("which version")
    by: Ref[Person] | None = must("who read it")
    on: date | None = must("the day")
    how: Literal["own-commit", "form", "signed-list", "training"] | None = must("how we know")
    witness: Ref[Person] | None = may("who saw it, unless it is an own commit")
    reason: str | None = may("why somebody is exempt")
    understood: Understood | None = may("a question answered")
