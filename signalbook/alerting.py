"""Who is told what, and why: spikes with their cause, claims that must not be played down, sources that fell silent.

::

    judged mentions ──series──► spikes ──┐
    reports of harm ─────────────────────┼─► severity, cause, playbook ──► Alert
    states of sources ──silence──────────┘

A topic is told once a pause, whichever of its series (all, the negative, one source) stood out. What is decided follows from the
records alone, so a run that is repeated decides the same, and a replay with other rules is this function with other arguments.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING, Any, Final, Literal

from signalbook import heard
from signalbook.classes import dataclass
from signalbook.heard import Judged, Series
from signalbook.model import Playbook, Subject, Watch
from signalbook.records import Alert, Receipt, digest
from signalbook.sense import claims, severity, spikes
from signalbook.sense import silence as quiet
from signalbook.understanding import OUTLETS

if TYPE_CHECKING:
    from signalbook.book import Book
    from signalbook.sense.severity import Level, Severity
    from signalbook.sources import Source
    from signalbook.store import Tables

STEP: Final = timedelta(minutes=10)
HISTORY: Final = timedelta(days=28)
FRESH: Final = timedelta(hours=24)
"""What happened longer ago is no alert any more: it was heard late, or imported."""
DAY: Final = timedelta(hours=24)
HOUR: Final = timedelta(hours=1)
FAR: Final = 10_000
"""An account with so many followers is a strong voice."""
OWN_SHARE: Final = 0.2
"""At least so many of the mentions answer our post, or link to it: it set the rest off."""
MOST_TOLD: Final = 3
"""So often a topic is told of more than usual inside one pause, reports of harm counted with it."""
MOST_KEYS: Final = 50
_NUMBER: Final[Mapping[str, int]] = {"S1": 1, "S2": 2, "S3": 3, "S4": 4}
_SIGNS: Final[Mapping[str, str]] = {
    "death": "death dead died fatal injury injured harm safety accident",
    "injury": "injury injured hurt harm safety accident product",
    "personal-data": "data personal privacy breach leak",
    "authority": "authority regulator police prosecutor court law legal",
    "executive": "executive",
}


@dataclass(frozen=True, slots=True)
class Topic:
    """Something that alerts are raised for.

    Attributes:
        about: ``kind/slug``.
        title: as people read it.
        at_least: fewer mentions in a row are never a spike.
        times: at least so many times the usual.
        pause: how long after an alert the next one waits.
        expect_every: silence for longer is news; ``None`` when nobody said so.
        sensitivity: how sensitive the matter is at least.
        labels: of the document, and its topic.
    """

    about: str
    title: str
    at_least: float = spikes.AT_LEAST
    times: float = 0.0
    pause: timedelta = spikes.PAUSE
    expect_every: timedelta | None = None
    sensitivity: claims.Matter = "routine"
    labels: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Thresholds:
    """Everything that decides an alert.

    Attributes:
        topics: ``kind/slug`` → when somebody is told of it.
        playbooks: the approved ones for crises.
        national: hosts of the national press and of authorities.
        trade: hosts of the trade press.
        expected: source → the shortest silence that a Watch calls news.
        version: a hash of all of this.
    """

    topics: Mapping[str, Topic]
    playbooks: Sequence[Playbook] = ()
    national: frozenset[str] = frozenset()
    trade: frozenset[str] = frozenset()
    expected: Mapping[str, timedelta] = field(default_factory=dict)
    version: str = ""


def thresholds(book: Book) -> Thresholds:
    """What decides the alerts of a workspace: its subjects, the watches that are on, and the approved playbooks."""
    topics: dict[str, Topic] = {}
    for subject in book.all(Subject):
        name = f"subject/{subject.slug}"
        topics[name] = Topic(
            name,
            subject.title or subject.slug,
            sensitivity=subject.sensitivity or "routine",
            labels=frozenset(subject.labels),
        )
    expected: dict[str, timedelta] = {}
    for watch in book.all(Watch):
        if watch.status != "on":
            continue
        name = f"watch/{watch.slug}"
        rule, every = watch.alert, watch.expect_every.elapsed if watch.expect_every else None
        topics[name] = Topic(
            name,
            watch.title or watch.slug,
            at_least=float(rule.at_least) if rule and rule.at_least else spikes.AT_LEAST,
            times=float(rule.times) if rule and rule.times else 0.0,
            pause=rule.pause.elapsed if rule and rule.pause else spikes.PAUSE,
            expect_every=every,
            sensitivity=watch.sensitivity or "routine",
            labels=frozenset((*watch.labels, watch.topic or "")),
        )
        for source in watch.sources if every else ():
            expected[source] = min(every or HISTORY, expected.get(source, HISTORY))
    playbooks = [one for one in book.all(Playbook) if one.type == "crisis" and one.status == "approved"]
    table = book.settings.more.get("listen")
    table = table if isinstance(table, dict) else {}
    national, trade = (frozenset(map(str, table.get(name) or ())) for name in ("national", "trade"))
    said = [f"{topic}" for topic in topics.values()]
    said += [f"{one.slug} {one.triggers} {one.default_severity}" for one in playbooks]
    version = digest("3", STEP, HISTORY, *said, *sorted(national), *sorted(trade), *sorted(expected.items()))[:16]
    return Thresholds(topics, playbooks, national, trade, expected, version)


# --- all alerts of an instant ----------------------------------------------------------------------------------------


def alerts(
    tables: Tables,
    by: Thresholds,
    now: datetime,
    *,
    told: Iterable[Alert] = (),
    receipts: Sequence[Receipt] = (),
    states: Mapping[str, Source] | None = None,
    since: datetime | None = None,
    imported: bool = False,
    as_told: bool = False,
) -> list[Alert]:
    """Everything somebody should be told of now and was not told yet, oldest first.

    Args:
        tables: the judged mentions.
        by: what decides.
        now: nothing later is looked at.
        told: alerts of before; what they tell is not told again.
        receipts: of our own posts, to see what they set off.
        states: what is remembered of the sources; without it no silence is looked for.
        since: what stood out before is left alone; a day ago when absent.
        imported: whether a mention was known when it was said, however late it was judged: for replays of what was imported.
        as_told: whether each report of harm is told as of when it was said and not now, for replays.
    """
    fresh = since or now - FRESH
    before = list(told)
    found = _spikes(tables, by, now, fresh, before, receipts, imported=imported)
    found += _claims(tables, by, now, fresh, [*before, *found], receipts, as_told=as_told)
    if states is not None:
        found += _silences(tables, by, now, states)
    known = {alert.key for alert in before}
    once: dict[str, Alert] = {}
    for alert in found:
        if alert.key not in known:
            once.setdefault(alert.key, alert)
    return sorted(once.values(), key=lambda one: (one.at, one.severity, one.key))


# --- more than usual -------------------------------------------------------------------------------------------------


def _spikes(
    tables: Tables, by: Thresholds, now: datetime, fresh: datetime, told: list[Alert], receipts: Sequence[Receipt],
    *, imported: bool,
) -> list[Alert]:  # fmt: skip
    # Rows are the same for every run: they begin at whole steps.
    width = STEP.total_seconds()
    start = datetime.fromtimestamp((min(fresh, now) - HISTORY).timestamp() // width * width, UTC)
    last = int((now - start) / STEP)
    first_fresh = max(0, int((fresh - start) / STEP))
    every = heard.series(tables, start, now, STEP, about=by.topics)
    # The whole of a topic is asked before its parts: what it tells, they need not tell again.
    every.sort(key=lambda one: (one.about, bool(one.source), bool(one.tone), one.source))
    found: list[Alert] = []
    for one in every:
        topic = by.topics[one.about]
        if not any(count >= topic.at_least and row >= first_fresh for row, count in one.counts.items()):
            continue
        begin = 0 if imported else max(0, int((one.known_from - start) / STEP))
        for spike, usual in _read(one, topic, start, begin, last):
            at = min(now, spike.at + STEP)
            if spike.at + STEP <= fresh or spike.times < topic.times or _paused(topic, spike, [*told, *found], at):
                continue
            found.append(_spike(tables, by, topic, one, spike, usual, at, receipts))
    return found


def _read(one: Series, topic: Topic, start: datetime, begin: int, last: int) -> list[tuple[spikes.Spike, list[float]]]:
    """The spikes of a series, each with what was usual in the rows of the day before it."""
    listener = spikes.Listener(STEP, pause=topic.pause, at_least=topic.at_least)
    usual: list[float] = []
    found = []
    day = int(DAY / STEP)
    for row in range(begin, last + 1):
        usual.append(listener.usual)
        if spike := listener.add(start + row * STEP, one.counts.get(row, 0)):
            found.append((spike, usual[-day - 1 :]))
    return found


def _paused(topic: Topic, spike: spikes.Spike, told: Iterable[Alert], at: datetime) -> bool:
    """Whether the topic was told of inside its pause; twice at most somebody is told again, of much more."""
    near = _near(topic, told, at)
    rung = [float(one.times) for one in near if one.kind == "spike"]
    return bool(rung) and not (len(near) < MOST_TOLD and spike.times > max(rung) * spikes.AGAIN)


def _near(topic: Topic, told: Iterable[Alert], at: datetime) -> list[Alert]:
    """What a topic was told of inside its pause, spikes and reports of harm alike: to whoever is rung they are one matter."""
    return [
        one for one in told if one.about == topic.about and one.kind != "silence" and abs(at - one.at) < topic.pause
    ]


def _spike(
    tables: Tables, by: Thresholds, topic: Topic, one: Series, spike: spikes.Spike, usual: list[float], at: datetime,
    receipts: Sequence[Receipt],
) -> Alert:  # fmt: skip
    day = [
        row
        for row in heard.rows(tables, topic.about, at - DAY, at)
        if one.source in {"", row.source} and one.tone in {"", row.tone}
    ]
    begin = spike.at - (len(usual) - 1) * STEP
    curve = [0] * len(usual)
    for row in day:
        place = int((row.said_at - begin) / STEP)
        if row.said_at >= begin and place < len(curve):
            curve[place] += 1
    hour = [row for row in day if row.said_at > at - HOUR]
    per_hour = usual[-1] * (HOUR / STEP)
    seasonal = _season(tables, topic.about, at)
    baseline = seasonal if seasonal is not None else per_hour
    times = len(hour) / max(1.0, baseline)
    judged = _severity(by, topic, day, times)
    cause = _cause(tables, hour or day, receipts, at)
    part = f" on {one.source}" if one.source else f", {one.tone} ones," if one.tone else ""
    why = (
        f"{topic.title}{part}: {int(spike.count)} in ten minutes, usually {spike.usual:.1f}; {len(hour)} in the last hour "
        f"by {cause['accounts']} {'account' if cause['accounts'] == 1 else 'accounts'}. {cause['sentence']}"
    )
    book = _playbook(by.playbooks, topic, judged)
    return Alert(
        key=digest("spike", topic.about, one.source, one.tone, spike.at.isoformat()),
        about=topic.about,
        kind="spike",
        severity=_NUMBER[judged.level],
        at=at,
        why=why.strip(),
        source=one.source,
        tone=one.tone,
        points=judged.points,
        floor=judged.floor,
        reasons=(*judged.why, *book[1:]),
        playbook=book[0] if book else "",
        count=int(spike.count),
        usual=round(spike.usual, 2),
        times=round(spike.times, 2),
        since=begin,
        step_s=int(STEP.total_seconds()),
        curve=tuple(map(str, curve)),
        baseline=tuple(f"{max(0.0, value):.2f}" for value in usual),
        sources=cause["sources"],
        accounts=cause["accounts"],
        story=cause["story"],
        first=cause["first"],
        mentions=cause["mentions"],
        post=cause["post"],
        rule=by.version,
    )


def _season(tables: Tables, about: str, at: datetime) -> float | None:
    """The median of the same hour of the week over the four weeks before; ``None`` where they are not all known."""
    ends = [at - timedelta(weeks=week) for week in range(1, 5)]
    weeks = heard.counts(tables, about, [(end - HOUR, end) for end in ends])
    return float(median(weeks)) if all(weeks) else None


def _cause(tables: Tables, rows: Sequence[Judged], receipts: Sequence[Receipt], at: datetime) -> dict[str, Any]:
    """What is behind some mentions, in this order: our own post, one account, one story, where it is said."""
    by_account = Counter(row.account for row in rows)
    by_source = Counter(row.site if row.source in OUTLETS and row.site else row.source for row in rows)
    by_story = Counter(row.story for row in rows)
    story, told = by_story.most_common(1)[0] if by_story else ("", 0)
    ordered = sorted(rows, key=lambda row: (-row.followers - 10 * row.engaged, row.said_at, row.key))
    post = _ours(tables, rows, receipts, at)
    account, most = by_account.most_common(1)[0] if by_account else ("", 0)
    if post:
        sentence = f"Our own post {post} set it off."
    elif len(rows) >= 4 and most > len(rows) / 2:
        sentence = f"One account wrote {most} of {len(rows)}."
    elif len(rows) >= 4 and told > len(rows) / 2:
        sentence = f"{told} of {len(rows)} tell one story."
    elif by_source:
        sentence = f"Most of it is on {by_source.most_common(1)[0][0]}."
    else:
        sentence = ""
    del account
    return {
        "sentence": sentence,
        "accounts": len(by_account),
        "sources": tuple(f"{name}={n}" for name, n in sorted(by_source.items(), key=lambda one: (-one[1], one[0]))[:8]),
        "story": story if rows and told > len(rows) / 2 else "",
        "first": min(rows, key=lambda row: (row.said_at, row.key)).key if rows else "",
        "mentions": tuple(row.key for row in ordered[:MOST_KEYS]),
        "post": post,
    }


def _ours(tables: Tables, rows: Sequence[Judged], receipts: Sequence[Receipt], at: datetime) -> str:
    """The slug of our own post that most of them answer or link to; empty when none set it off."""
    places: dict[str, str] = {}
    for receipt in receipts:
        if receipt.what in {"sent", "amended", "settled"} and at - 3 * DAY < receipt.at <= at:
            places.update({place: receipt.post for place in (receipt.id, receipt.url) if place})
    if not places or not rows:
        return ""
    seen: Counter[str] = Counter()
    for said in heard.texts(tables, [row.key for row in rows[-200:]]).values():
        posts = {places[place] for place in (said.reply_to, said.boosts, *said.links) if place in places}
        seen.update(posts)
    post, n = seen.most_common(1)[0] if seen else ("", 0)
    return post if n >= OWN_SHARE * min(len(rows), 200) else ""


# --- how bad ---------------------------------------------------------------------------------------------------------


def _severity(by: Thresholds, topic: Topic, day: Sequence[Judged], times: float) -> Severity:
    spoken = [row for row in day if row.spread == "voice"]
    accounts = {row.account for row in spoken}
    rated = [row for row in spoken if row.tone]
    claimed = {claim for row in spoken for claim in row.claims}
    matter = topic.sensitivity
    for name in ("quality", "money", "law"):
        # One word of one person makes no matter; a fifth of all does.
        if sum(claims.MATTERS.index(row.matter) >= claims.MATTERS.index(name) for row in spoken) >= max(
            1, len(spoken) / 5
        ):
            matter = claims.graver(matter, name)
    return severity.judge(
        sources=len(accounts),
        times_usual=round(times, 1),
        voice=_voice(by, day),
        negative=sum(row.tone == "negative" for row in rated),
        rated=len(rated),
        matter=matter,
        claims=frozenset(claimed & set(severity.FLOORS)),
        echo=len(accounts) > 1 or any(row.spread == "repeat" for row in day),
    )


def _voice(by: Thresholds, day: Sequence[Judged]) -> Literal["none", "trade", "national"]:
    sites = {row.site for row in day if row.site}
    if any(_within(site, by.national) for site in sites):
        return "national"
    strong = any(_within(site, by.trade) for site in sites) or any(row.followers >= FAR for row in day)
    return "trade" if strong else "none"


def _within(site: str, hosts: frozenset[str]) -> bool:
    return any(site == host or site.endswith(f".{host}") for host in hosts)


def _playbook(playbooks: Sequence[Playbook], topic: Topic, judged: Severity) -> tuple[str, ...]:
    """The playbook for it and why: of those whose threshold is reached, the one whose signs fit best."""
    best: tuple[tuple[int, float, str], str, str] | None = None
    wanted = {word for claim in ([judged.floor] if judged.floor else []) for word in _SIGNS[claim].split()}
    wanted |= {
        word
        for label in (*topic.labels, topic.about.partition("/")[2])
        for word in label.casefold().replace("-", " ").split()
    }
    for one in playbooks:
        for trigger in one.triggers:
            signal = (trigger.signal or "").casefold()
            counts = signal.startswith("severity") and isinstance(trigger.threshold, int | float)
            fits = len(
                wanted & set(f"{signal} {one.title} {' '.join(one.labels)}".casefold().replace(",", " ").split())
            )
            reached = judged.points if counts else 0
            if (counts and reached < float(trigger.threshold or 0)) or (not counts and not (fits and judged.floor)):
                continue
            rank = (fits, float(trigger.threshold or 0) if counts else 0.0, one.slug)
            if best is None or rank > best[0]:
                words = (
                    f"{judged.points} points are at least its {trigger.threshold}"
                    if counts
                    else f"its sign is “{trigger.signal}”"
                )
                best = (rank, one.slug, f"Playbook {one.slug}: {words}.")
    return (best[1], best[2]) if best else ()


# --- one report ------------------------------------------------------------------------------------------------------


def _claims(
    tables: Tables, by: Thresholds, now: datetime, fresh: datetime, before: Sequence[Alert], receipts: Sequence[Receipt],
    *, as_told: bool,
) -> list[Alert]:  # fmt: skip
    """One alert for what a topic reports that must not be played down, whatever its volume.

    When a disaster is told by hundreds in words of their own, the first report rings, and inside the topic's pause only a graver one
    rings again. A report that was corrected since keeps no later one quiet.
    """
    found: list[Alert] = []
    names = sorted(by.topics)
    table = heard.voices(tables)
    table = table.filter((table.said_at > fresh) & (table.said_at <= now) & (table.claims.length() > 0))
    table = table.select("key", "said_at", "story", "claims", name=table.about.unnest())
    table = table.filter(table.name.isin(names)).order_by(["said_at", "key"])
    rows = table.to_pyarrow().to_pylist()
    standing = {(row["name"], row["story"]) for row in rows}
    rung = [one for one in before if one.floor and (one.kind != "claim" or (one.about, one.story) in standing)]
    told: set[tuple[str, str]] = set()
    for row in rows:
        mark = (row["name"], row["story"])
        if mark in told:
            continue
        told.add(mark)
        topic = by.topics[row["name"]]
        at = row["said_at"].astimezone(UTC)
        until = at if as_told else now
        grave = min((_NUMBER[severity.FLOORS[one][0]] for one in row["claims"] if one in severity.FLOORS), default=4)
        if any(one.severity <= grave for one in _near(topic, [*rung, *found], until)):
            continue
        day = [one for one in heard.rows(tables, topic.about, at - DAY, until) if one.story == row["story"]]
        judged = _severity(by, topic, day, 0.0)
        cause = _cause(tables, day, receipts, until)
        book = _playbook(by.playbooks, topic, judged)
        claim = judged.floor or row["claims"][0]
        found.append(
            Alert(
                key=digest("claim", topic.about, row["story"], *sorted(row["claims"])),
                about=topic.about,
                kind="claim",
                severity=_NUMBER[judged.level],
                at=until,
                why=f"{topic.title}: {severity.FLOORS[claim][1]}, told by {cause['accounts']}. It holds until somebody disproves it.",
                points=judged.points,
                floor=judged.floor,
                reasons=(*judged.why, *book[1:]),
                playbook=book[0] if book else "",
                count=len(day),
                sources=cause["sources"],
                accounts=cause["accounts"],
                story=row["story"],
                first=row["key"],
                mentions=cause["mentions"],
                post=cause["post"],
                rule=by.version,
            )
        )
    return found


# --- too quiet -------------------------------------------------------------------------------------------------------


def _silences(tables: Tables, by: Thresholds, now: datetime, states: Mapping[str, Source]) -> list[Alert]:
    found = []
    for source, state in sorted(states.items()):
        expected = by.expected.get(source)
        silent = quiet.silence(state.times, now, since=state.since, expect_every=expected)
        if silent is None:
            continue
        why = f"{source} has said nothing for {_lasts(silent.lasts(now))}; usual is {_lasts(silent.usual)} at most."
        if state.failures:
            why += f" It could not be read the last {state.failures} times."
        found.append(_quiet(by, source, source, silent, now, why))
    wanted = {topic.about: topic.expect_every for topic in by.topics.values() if topic.expect_every}
    if wanted:
        import ibis

        table = heard.counted(tables)
        table = table.select("said_at", name=table.about.unnest())
        table = table.filter(table.name.isin(sorted(wanted)) & (table.said_at <= now))
        for row in table.group_by("name").agg(last=ibis._.said_at.max()).order_by("name").to_pyarrow().to_pylist():
            topic, last = by.topics[row["name"]], row["last"].astimezone(UTC)
            silent = quiet.silence((last,), now, expect_every=wanted[row["name"]])
            if silent is not None:
                why = f"{topic.title}: nobody has said anything for {_lasts(silent.lasts(now))}; expected is {_lasts(silent.usual)} at most."
                found.append(_quiet(by, topic.about, "", silent, now, why))
    return found


def _quiet(by: Thresholds, about: str, source: str, silent: quiet.Silence, now: datetime, why: str) -> Alert:
    level: Level = "S3" if silent.expected else "S4"
    key = digest("silence", about, silent.since.astimezone(UTC).isoformat())
    return Alert(
        key,
        about,
        "silence",
        _NUMBER[level],
        now,
        why,
        source=source,
        since=silent.since.astimezone(UTC),
        rule=by.version,
    )


def _lasts(span: timedelta) -> str:
    hours = span / HOUR
    if hours < 48:
        return f"{hours:.0f} {'hour' if round(hours) == 1 else 'hours'}"
    return f"{hours / 24:.0f} days"
