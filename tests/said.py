"""Generated mentions for tests and pictures: so many, over so many days, with what was judged about them.

They are made of words and chance, and say so: nothing here was ever said by anybody.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from signalbook.records import Alert, CaseEvent, Judgement, Mention, digest

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
TOPICS = ("subject/harbour", "subject/ferry", "competitor/lake-line", "competitor/river-bus", "watch/delays")
SOURCES = ("mastodon", "bluesky", "news", "forum", "alerts")
SENTENCES = {
    "negative": ("The ferry was late again and nobody said a word.", "Tickets cost twice as much as last year, unacceptable.", "Lost my seat, lost my patience."),
    "neutral": ("The winter timetable starts on Sunday.", "Does anybody know where the new stop is?", "Ferry and bus share a ticket from May."),
    "positive": ("Lovely crossing this morning, thank you to the crew.", "The new boats are quiet and warm. Great.", "Best view of the town for the price of a bus."),
    "": ("Otroligt fin resa i morse.", "Vihdoinkin uusi laituri.", "Nowy rozkład od niedzieli."),
}  # fmt: skip

DOCUMENTS: dict[str, dict[str, Any]] = {
    "people/subjects/harbour": {"title": "Harbour", "names": ["Harbour"], "type": "brand", "queries": ['"harbour line"'], "expert": "writer", "backup": "lead", "owner": "writer"},
    "people/subjects/ferry": {"title": "Winter timetable", "names": ["timetable"], "type": "topic", "queries": ["timetable AND ferry"], "expert": "writer", "backup": "lead", "owner": "writer"},
    "people/competitors/lake-line": {"title": "Lake Line", "names": ["Lake Line"], "queries": ['"lake line"'], "owner": "writer"},
    "people/competitors/river-bus": {"title": "River Bus", "names": ["River Bus"], "queries": ['"river bus"'], "excluded_from_sov": True, "excluded_why": "it serves another town", "owner": "writer"},
    "people/watches/delays": {
        "title": "Delays", "status": "on", "topic": "delays", "query": "(late OR delay*) NEAR/8 ferry", "sources": ["mastodon", "forum"], "expert": "writer",
        "backup": "lead", "inform": ["lead"], "act": "writer", "expect_every": "2d", "owner": "writer",
        "precision_checked": {"on": "2026-11-02", "n": 50, "right": 46},
    },
    "people/lead": {"title": "Social lead", "side": "inside", "roles": ["lead"], "owner": "writer", "zone": "Europe/Berlin"},
    "policies/playbooks/late-boats": {
        "title": "Boats do not leave", "type": "crisis", "status": "approved", "default_severity": "S2", "owner": "lead",
        "first_five": ["Confirm with the bridge that it is so.", "Open the incident and set the severity.", "Hold what is scheduled about crossings."],
    },
    "plans/messages/late-boat": {
        "title": "The ferry is late", "type": "answer", "status": "approved", "says": "We are sorry: the boat is late by [minutes]. The next one leaves at [time].",
        "questions": ["Why is the ferry late again?"], "review_by": "2027-05-01", "owner": "writer", "approved_by": ["lead"],
    },
}  # fmt: skip
"""What is listened for, and who acts: documents for ``tests.build.workspace``."""


def said(count: int, *, now: datetime = NOW, days: float = 60, seed: int = 1) -> Iterator[tuple[Mention, Judgement]]:
    """So many mentions up to ``now``, oldest first, each with its judgement."""
    dice = random.Random(seed)
    for number in range(count):
        at = now - timedelta(days=days) * (1 - (number + 1) / (count + 1))
        at = at.replace(microsecond=0)
        source = dice.choices(SOURCES, (40, 25, 15, 12, 8))[0]
        tone = dice.choices(("negative", "neutral", "positive", ""), (22, 45, 25, 8))[0]
        outlet = source in {"news", "alerts"}
        author = f"account{dice.randrange(2_000)}" if not outlet else f"Desk {dice.randrange(20)}"
        followers = dice.choice((0, 40, 300, 900, 4_200, 60_000)) if not outlet else 0
        key = f"{source}:{number}"
        spread = dice.choices(("voice", "repeat", "own"), (90, 8, 2))[0]
        about = tuple(sorted(set(dice.choices(TOPICS, (45, 20, 15, 10, 20), k=dice.choice((0, 1, 1, 2))))))
        story = f"{source}:{number - dice.randrange(5)}" if number > 5 and dice.random() < 0.02 else key
        text = " ".join(dice.choices(SENTENCES[tone], k=dice.choice((1, 1, 2))))
        site = f"paper{dice.randrange(8)}.example" if outlet else f"{source}.example"
        url = f"https://{site}/{number}"
        lang = "sv" if not tone else "en"
        heard_at = at + timedelta(minutes=dice.randrange(1, 15))
        yield (
            Mention(key, source, str(number), url, author, text.split(".")[0] if outlet else "", text, lang, at, heard_at,
                    channel=source, followers=followers, engaged=dice.randrange(40)),
            Judgement(key, "rules-1", heard_at, at, source, source, site, digest(source, author)[:12], lang, tone, 0.6 + dice.random() * 0.39 if tone else 0,  # type: ignore[arg-type]
                      "model" if tone else "nobody", 60 if tone == "negative" else 5, "yes" if "?" in text else "", spread, about, key, story, (),  # type: ignore[arg-type]
                      "routine", followers, 3),
        )  # fmt: skip


def spike(now: datetime = NOW) -> Alert:
    """More than usual about the ferry, an hour and a half before ``now``."""
    counts = [
        12,
        14,
        11,
        9,
        13,
        16,
        15,
        12,
        10,
        14,
        18,
        15,
        13,
        12,
        16,
        14,
        17,
        15,
        13,
        16,
        14,
        12,
        11,
        13,
        15,
        22,
        61,
        88,
    ]
    return Alert(
        "spike:subject/ferry:2026-11-23T06", "subject/ferry", "spike", 2, now - timedelta(minutes=90),
        "88 mentions in an hour where 14 are usual; 61 % repeat one headline.", points=62, reasons=(
            "23 independent sources in 24 hours: 20.", "The last hour is 6.5 times the usual: 14.",
            "A strong voice in the topic, or the trade press: 10.", "96 of 118 rated are negative (81%): 10.",
            "It is about the quality of what we make: 8.",
        ),
        playbook="late-boats", count=88, usual=14, times=6.3, since=now - timedelta(hours=28), step_s=3600,
        curve=tuple(map(str, counts)), baseline=tuple("14" for _ in counts), sources=("news=39", "mastodon=30", "bluesky=19"), accounts=61,
        first="", mentions=(), rule="rules-1",
    )  # fmt: skip


def case(
    mention: Mention, at: datetime, *, owner: str = "writer", severity: str = "S3", kind: str = "complaint"
) -> CaseEvent:
    """A case that was opened for a mention."""
    from signalbook import cases

    return cases.event(
        cases.case_id(mention.key), "opened", at, "", {
            "mention": mention.key, "type": kind, "severity": severity, "owner": owner, "backup": "lead", "inform": "lead", "source": mention.source,
            "channel": mention.source, "topic": "watch/delays", "lang": "en", "received_at": mention.published_at, "inside_at": mention.heard_at,
            "why": "A complaint about delays goes to the writer, who is at work now.",
        },
    )  # fmt: skip
