"""The records: what machines note and nobody edits. Each has a ``key``; readers drop repeats of it.

A record is a line of JSON in ``data/<records>/<year>-<month>.jsonl``, its keys in the order of the fields here.
Instants are aware and written as UTC (``2026-11-24T08:30:00Z``). Mentions live in ``data/private/`` and may be
forgotten; everything else is the ledger and stays.
"""

from __future__ import annotations

import hashlib
from dataclasses import field
from datetime import date, datetime
from typing import Literal

from signalbook.classes import dataclass

Number = int | float


def digest(*parts: object) -> str:
    """A short stable name for a tuple of values: 16 bytes of BLAKE2b in hex, parts joined by an unlikely separator."""
    return hashlib.blake2b("\x1f".join(map(str, parts)).encode(), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class Reading:
    """One number that was read somewhere.

    Attributes:
        key: from source, channel, subject, metric, day, dimensions and value: the same number read twice is one reading,
            a changed number is a new one, and the newest ``taken_at`` counts.
        source: the connector or tool, e.g. ``x``, ``ga4``, ``git``.
        channel: the channel's key, empty when no channel of the workspace fits.
        subject: ``account``, or the service's id of the post, or what a row of the table is about.
        metric: lower snake case, e.g. ``post_impressions``.
        on: the day the number is about, in the source's own zone.
        grain: ``day``, ``week``, ``post`` (since publication), ``total`` (over the export's whole range).
        value: the number, never rounded.
        unit: ``count``, ``people``, ``percent``, ``ratio``, ``seconds``, ``hours``, ``days``, or a currency's code.
        dims: further dimensions as ``name=value`` texts in order, e.g. ``("page=Prices",)``.
        taken_at: when it was read.
        origin: what it was read from: a file's name, or an address without its query.
    """

    key: str
    source: str
    channel: str
    subject: str
    metric: str
    on: date
    grain: Literal["day", "week", "post", "total"]
    value: Number
    unit: str
    dims: tuple[str, ...]
    taken_at: datetime
    origin: str

    @classmethod
    def of(
        cls,
        *,
        source: str,
        subject: str,
        metric: str,
        on: date,
        value: Number,
        taken_at: datetime,
        origin: str,
        channel: str = "",
        grain: Literal["day", "week", "post", "total"] = "day",
        unit: str = "count",
        dims: tuple[str, ...] = (),
    ) -> Reading:
        """Make a reading and its key."""
        key = digest(source, channel, subject, metric, on.isoformat(), grain, "|".join(dims), value)
        return cls(key, source, channel, subject, metric, on, grain, value, unit, dims, taken_at, origin)


@dataclass(frozen=True, slots=True)
class Mention:
    """One thing somebody said. Private: it lives in ``data/private/`` and is erased when its time is over.

    Attributes:
        key: source and the service's id.
        source: the connector or tool that heard it.
        id: the service's id, kept as text.
        url: where it stands, empty when the source has no address.
        author: the public handle; empty when unknown.
        title: of an article; empty for a post.
        text: plain text as written.
        lang: as the source says it, empty when it does not.
        published_at: when they wrote; ``None`` when the source does not say.
        heard_at: when it reached us.
        reply_to: the id it answers, empty for none.
        boosts: the id it repeats, empty for an own post.
        links: addresses in the text, in order.
        channel: the key of the channel it was heard on; empty when it came from a file.
        followers: of the author, as the source said then; 0 when it does not say.
        engaged: likes, repeats and answers together, as the source said then.
    """

    key: str
    source: str
    id: str
    url: str
    author: str
    title: str
    text: str
    lang: str
    published_at: datetime | None
    heard_at: datetime
    reply_to: str = ""
    boosts: str = ""
    links: tuple[str, ...] = ()
    channel: str = ""
    followers: int = 0
    engaged: int = 0


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was understood of a mention, and why. It holds no text, so that counting reads no words.

    Private like the mention; when the mention's time is over it stays for the counts, without ``who`` and ``why``.

    Attributes:
        key: the mention's key. Judged again by another rule it is another judgement, and the newest counts.
        rule: the version of what judged: a hash of queries, thresholds and model.
        at: when it was judged.
        said_at: when it was said, or else heard.
        source: as the mention has it.
        channel: as the mention has it.
        site: the host of its address, without ``www.``; empty when it has none.
        who: a pseudonym of the author, the same for the same account of the same source; empty when unknown.
        lang: the language, of two or three letters; empty when nobody can tell.
        tone: empty when it is not rated.
        confidence: of the tone, 0 to 1.
        rated_by: what rated it: ``rules``, ``model`` or ``nobody``.
        complaint: the chance that it complains to us, in percent.
        asks: whether it asks something, ``yes`` or empty.
        spread: ``own``: we said it, it is kept and not counted. ``voice``: somebody said it. ``repeat``: somebody spread what
            another said.
        about: what it is about, ``kind/slug``: ``subject/``, ``competitor/``, ``message/``, ``watch/``, in order.
        same: key of the mention of which this is a further appearance; its own key where it is the first.
        story: key of the first mention of its story; its own key where it began one.
        claims: what it reports that must not be played down, by the names of ``severity.FLOORS``.
        matter: how sensitive it is: ``routine``, ``quality``, ``money`` or ``law``.
        followers: as the mention has it.
        engaged: as the mention has it.
        why: the sentences and words that decided.
        marks: hashes by which a further appearance is known: of its address, and of its title at its minute.
    """

    key: str
    rule: str
    at: datetime
    said_at: datetime
    source: str
    channel: str
    site: str
    who: str
    lang: str
    tone: Literal["negative", "neutral", "positive", ""]
    confidence: Number
    rated_by: Literal["rules", "model", "nobody"]
    complaint: int
    asks: Literal["yes", ""]
    spread: Literal["own", "voice", "repeat"]
    about: tuple[str, ...]
    same: str
    story: str
    claims: tuple[str, ...]
    matter: Literal["routine", "quality", "money", "law"]
    followers: int
    engaged: int
    why: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Correction:
    """A person's word about a judgement. It wins over every judgement, and its tone is learnt from.

    Attributes:
        key: the mention, the instant and the role.
        mention: the mention's key.
        at: when.
        by: the role.
        tone: what it is; ``unclear`` when people cannot tell either; empty when nothing is said about the tone.
        about: what it is about besides.
        not_about: what it is not about.
        story: the key of the story it belongs to; its own key takes it out of a story; empty when nothing is said.
        why: a sentence.
    """

    key: str
    mention: str
    at: datetime
    by: str
    tone: Literal["negative", "neutral", "positive", "unclear", ""] = ""
    about: tuple[str, ...] = ()
    not_about: tuple[str, ...] = ()
    story: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Something that must not be heard again, by its hash alone.

    Attributes:
        key: hash of a mention's key or of source and account.
        what: which of the two.
        at: when it was forgotten.
    """

    key: str
    what: Literal["mention", "account"]
    at: datetime


@dataclass(frozen=True, slots=True)
class Contact:
    """A person outside as another tool's export names them. Private, like a mention.

    Attributes:
        key: source and the tool's id.
        id: the tool's id, as text.
        email: lower case; empty when there is none.
        stage: the tool's word, e.g. ``Lead``.
        origin: how the tool says they came, e.g. ``SOCIAL_MEDIA``.
        created_at: in the tool's time, ``None`` when it does not say.
        fields: every other column as ``name=value``, so that nothing is lost.
    """

    key: str
    source: str
    id: str
    name: str
    email: str
    stage: str
    origin: str
    created_at: datetime | None
    heard_at: datetime
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """What we answered in a case. Private, for an answer may repeat the person's words or name.

    Attributes:
        key: the case and which answer in it, e.g. ``case-0a1b2c3d4e/1``, with the attempt.
        case: the case's id.
        mention: key of the mention it answers; empty for none. When that is forgotten, this is.
        channel: the channel it goes out on.
        lang: its language; empty when unknown.
        text: as it is sent.
        at: when it was written.
    """

    key: str
    case: str
    mention: str
    channel: str
    lang: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Intent:
    """A delivery that a run is about to send: the claim that makes a second sender stop.

    Attributes:
        key: the delivery: ``post/channel``, ``post@2026-12-01/channel`` for an occurrence of a recurring post, with
            ``/2`` behind it for the second part of a thread.
        post: the post's slug.
        channel: the channel's key.
        part: 1-based part of a thread.
        run: which run claimed it.
        content: hash of all that will be sent but the creation time: text, media, options.
        at: when it was claimed.
        send_before: the end of the lease; no request starts after it.
        attempt: 1 for the first claim of this delivery, one more for each that follows a claim proven void.
        created_at: the creation time that every attempt sends, so that a repeat can be recognised.
    """

    key: str
    post: str
    channel: str
    part: int
    run: str
    content: str
    at: datetime
    send_before: datetime
    attempt: int = 1
    created_at: datetime | None = None


Outcome = Literal["sent", "amended", "withdrawn", "settled", "cancelled", "refused", "released", "scheduled", "unseen"]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a delivery. Only ``sent``, ``amended`` and ``settled`` make a post published.

    Attributes:
        key: the delivery's key.
        post: the post's slug.
        channel: the channel's key.
        part: 1-based part of a thread.
        at: when the service answered, or a person decided.
        id: the service's id, as text; empty where nothing was published.
        url: the live address, empty where the service has none.
        content: hash of what was sent, as in the intent.
        what: ``sent``: the service took it. ``amended``, ``withdrawn``: it was changed or taken down afterwards.
            ``settled``: a person saw it live. ``cancelled``: a person decided that it does not go out. ``refused``: the
            service will not take it as it is. ``released``: the claim is proven void, nothing went out, it may be
            claimed again. ``scheduled``: a person gave it a new time, in ``due``. ``unseen``: a run looked for it and
            could not tell; a person settles it.
        why: a sentence; never a secret, never a word of anybody outside.
        run: which run, empty for a person.
        by: the role that decided, empty for a run.
        due: the new time of ``scheduled``.
        facts: what the service told and an amendment needs, as ``name=value``, e.g. ``cid=bafy…``. Of a claim that was
            given back: ``held=yes`` when a hold stopped it, ``wait_until=2026-11-24T09:40:00Z`` when the service asked
            us to wait.
        attempt: the claim it answers; a later claim is not touched by it. 0 when there was none.
    """

    key: str
    post: str
    channel: str
    part: int
    at: datetime
    id: str
    url: str
    content: str
    what: Outcome = "sent"
    why: str = ""
    run: str = ""
    by: str = ""
    due: datetime | None = None
    facts: tuple[str, ...] = ()
    attempt: int = 0


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that somebody was told, once. It holds no word of anybody outside: what was said is found by the keys.

    Attributes:
        key: what it is about and the window it fell in.
        about: what it is about: ``kind/slug`` of a document as in a judgement, a source or a delivery.
        kind: ``spike``: more than usual. ``silence``: a source is quiet for longer than its rhythm. ``claim``: one report
            that must not be played down.
        severity: 1 (worst) to 4.
        why: one sentence, with no word of anybody outside.
        source: the one source it is about; empty for all.
        tone: the one tone it is about; empty for all.
        points: of the severity, 0 to 100.
        floor: the floor that decided the severity; empty when the points did.
        reasons: a sentence a part of the severity.
        playbook: slug of the playbook for it; empty when none fits.
        count: mentions in the row that stood out.
        usual: what was usual, as a count of such a row.
        times: how many times the usual.
        since: the beginning of the curve.
        step_s: seconds between two rows of the curve.
        curve: the counts, oldest first, as texts of whole numbers.
        baseline: what was usual at each row, as many.
        sources: ``name=count``, most first.
        accounts: how many accounts said it.
        story: key of the story most of them tell; empty where there is none.
        first: key of the mention that came first.
        mentions: keys of mentions to look at, first those that carry furthest.
        post: slug of our own post that set it off; empty when none did.
        rule: the version of what judged.
    """

    key: str
    about: str
    kind: str
    severity: int
    at: datetime
    why: str
    source: str = ""
    tone: str = ""
    points: int = 0
    floor: str = ""
    reasons: tuple[str, ...] = ()
    playbook: str = ""
    count: int = 0
    usual: Number = 0
    times: Number = 0
    since: datetime | None = None
    step_s: int = 0
    curve: tuple[str, ...] = ()
    baseline: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    accounts: int = 0
    story: str = ""
    first: str = ""
    mentions: tuple[str, ...] = ()
    post: str = ""
    rule: str = ""


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """One step of a case: keys, clocks and judgements; the words of people stay in the private store.

    Attributes:
        key: the case and the step; of ``opened`` the case alone, for it opens once.
        case: the case's id.
        what: one of ``signalbook.cases.EVENTS``, e.g. ``opened``, ``owned``, ``answered``, ``declined``.
        by: the role that acted; empty for a run.
        facts: ``name=value`` texts.
    """

    key: str
    case: str
    what: str
    at: datetime
    by: str
    facts: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Told:
    """One step of a message to ourselves: alerts and reminders, batched, so that nobody is told anything twice.

    Attributes:
        key: the message: its channel and what it tells.
        what: ``claimed``: a run is about to send it. ``sent``: the service took it. ``void``: nothing went out, that is sure.
            ``unseen``: a run lost the answer and could not tell; it is not sent again.
        channel: the channel's key.
        at: when.
        run: which run.
        attempt: 1 for the first claim.
        send_before: of a claim: the end of its lease.
        about: keys of what is told: an alert or a step of a case's clock, each with the person it is for.
        to: whom, as roles.
        severity: the worst of it, 1 to 4.
        id: the service's id; empty until it is sent.
        why: a sentence; never a secret, never a word of anybody outside.
    """

    key: str
    what: Literal["claimed", "sent", "void", "unseen"]
    channel: str
    at: datetime
    run: str
    attempt: int
    send_before: datetime | None
    about: tuple[str, ...]
    to: tuple[str, ...]
    severity: int
    id: str = ""
    why: str = ""


Record = (
    Reading
    | Mention
    | Judgement
    | Correction
    | Forgotten
    | Contact
    | Reply
    | Intent
    | Receipt
    | Alert
    | CaseEvent
    | Told
)
LEDGER: dict[str, type] = {
    "readings": Reading,
    "intents": Intent,
    "receipts": Receipt,
    "alerts": Alert,
    "cases": CaseEvent,
    "told": Told,
}
"""Folder of ``data/`` → record: append-only, permanent."""
PRIVATE: dict[str, type] = {
    "mentions": Mention,
    "judgements": Judgement,
    "corrections": Correction,
    "forgotten": Forgotten,
    "contacts": Contact,
    "replies": Reply,
}
"""Folder of ``data/private/`` → record: forgettable."""
