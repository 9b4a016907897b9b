"""``python -m bench.mentions``: a million mentions, a run with a thousand new ones, and a read by the site.

The store is generated, with a seed: eighteen months of mentions in two languages on five sources, a few copies and reposts, each with its
judgement. What is measured runs in a process of its own, from the cold start on: wall and CPU seconds, and the peak of its memory.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from signalbook import store
from signalbook.records import Judgement, Mention, digest
from signalbook.sense import duplicates
from signalbook.understanding import pseudonym, site
from signalbook.workspace import Workspace

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
MOST_S, MOST_MIB = 60.0, 1024.0
WORDS = (
    "bread rye oven queue morning crumb lane counter friendly stale late order never again station square butter salt price "
    "window closed open sunday brot roggen schlange freundlich zu spät bestellung nie wieder bahnhof preis fenster"
).split()
SOURCES = ("mastodon", "bluesky", "feed", "wordpress", "imap")


def team(root: Path) -> Workspace:
    """A workspace with twenty subjects that listen."""
    (root / "content/people/subjects").mkdir(parents=True)
    (root / "signalbook.toml").write_text('[team]\nname = "Bench"\nlanguages = ["en", "de"]\n', encoding="utf-8")
    (root / "mkdocs.yml").write_text("site_name: x\n", encoding="utf-8")
    for number in range(20):
        word = WORDS[number]
        (root / f"content/people/subjects/s{number}.md").write_text(
            f"---\ntitle: S{number}\ntype: topic\nnames: [\"{word}\"]\nqueries: ['{word} NEAR/8 (crumb OR oven OR order)']\n---\n",
            encoding="utf-8",
        )
    return Workspace(root)


def mentions(n: int, start: datetime, span: timedelta, seed: int) -> Iterator[Mention]:
    """Mentions, oldest first."""
    chance = random.Random(seed)
    for number in range(n):
        at = start + span * number / n
        source = SOURCES[number % len(SOURCES)]
        text = " ".join(chance.choices(WORDS, k=chance.randint(8, 40)))
        yield Mention(
            digest(source, seed, number), source, str(number), f"https://{source}{number % 97}.example/p/{seed}/{number}",
            f"account-{chance.randint(0, 40_000)}", "" if number % 3 else text[:60], text, "de" if number % 4 == 0 else "en",
            at, at + timedelta(minutes=5), "", "x" if number % 10 == 0 else "", (), source, chance.randint(0, 3_000), number % 7,
        )  # fmt: skip


def judged(one: Mention, seed: int) -> Judgement:
    """A judgement as the pipeline would keep it, without asking it a million times."""
    tone = ("negative", "neutral", "positive", "")[seed % 4]
    return Judgement(
        one.key, "bench", one.published_at or NOW, one.published_at or NOW, one.source, one.channel, site(one.url),
        pseudonym(one.source, one.author), one.lang, tone, 0.7, "rules" if tone else "nobody", 40, "",
        "repeat" if one.boosts else "voice", (f"subject/s{seed % 20}",), one.key, one.key, (), "routine", one.followers, one.engaged,
        (f"subject/s{seed % 20}: bread",), duplicates.marks(one.url, one.title, one.published_at),
    )  # fmt: skip


def make(root: Path, n: int) -> Workspace:
    """Write the store, month by month, without asking whether each is there already."""
    place = team(root)
    files: dict[Path, list[bytes]] = {}
    for number, one in enumerate(mentions(n, NOW - timedelta(days=540), timedelta(days=540), 1)):
        for folder, record in (("mentions", one), ("judgements", judged(one, number))):
            path = place.private / folder / f"{store.month_of(record)}.jsonl"
            files.setdefault(path, []).append(store.encode(record))
        if sum(map(len, files.values())) > 40_000:
            flush(files)
    flush(files)
    return place


def flush(files: dict[Path, list[bytes]]) -> None:
    """Write out what is waiting."""
    for path, lines in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as out:
            out.writelines(lines)
    files.clear()


def run(place: Workspace) -> dict[str, float]:
    """A run of listening that hears a thousand new mentions, half of them copies of one text."""
    from pipelines import hearing, listen

    fresh = list(mentions(1_000, NOW - timedelta(hours=2), timedelta(hours=2), int(time.time())))
    told = hearing.Heard(tuple(fresh))
    outcome = listen.run(place, NOW, lambda _book, _states: told)
    return {"added": outcome.added, "judged": outcome.judged, "alerts": len(outcome.alerts)}


def read(place: Workspace) -> dict[str, float]:
    """What the listening pages of a site ask: volumes, tone, share, stories, voices, what rises."""
    from signalbook import heard

    tables = store.tables(place)
    month = NOW - timedelta(days=28)
    series = heard.series(tables, month, NOW, timedelta(hours=1))
    tones = heard.tones(tables, month, NOW, about="subject/s1")
    share = heard.share_of_voice(tables, month, NOW, ours=["subject/s1"], rivals=["subject/s2"])
    stories = heard.stories(tables, month, NOW)
    speakers = heard.speakers(tables, "subject/s1", month, NOW)
    rising = heard.rising(tables, NOW)
    return {
        "series": len(series), "rated": tones.rated, "stories": len(stories), "speakers": len(speakers), "rising": len(rising),
        "ours": share.ours,
    }  # fmt: skip


def alone(what: str, root: Path) -> dict[str, float]:
    """Do one thing in a process of its own, and say what it took."""
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "bench.mentions", "--work", str(root), "--only", what],
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1]) | {"wall_s": round(time.monotonic() - start, 1)}


def main() -> int:
    """Make, measure, print; 1 when an aim is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.mentions", description=__doc__)
    parser.add_argument("--mentions", type=int, default=1_000_000)
    parser.add_argument("--work", type=Path, default=None, help="where the store is made; kept when it is named")
    parser.add_argument("--only", choices=["run", "read"], help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.only:
        answer = {"run": run, "read": read}[given.only](Workspace(given.work))
        used = resource.getrusage(resource.RUSAGE_SELF)
        cpu, memory = round(used.ru_utime + used.ru_stime, 1), round(used.ru_maxrss / 1024)
        print(json.dumps(answer | {"cpu_s": cpu, "memory_mib": memory}))
        return 0
    with tempfile.TemporaryDirectory(prefix="signalbook-bench-") as folder:
        root = given.work or Path(folder) / "team"
        if not (root / "data").exists():
            start = time.monotonic()
            make(root, given.mentions)
            size = sum(path.stat().st_size for path in root.rglob("*.jsonl")) / 2**20
            print(f"{given.mentions:,} mentions made in {time.monotonic() - start:.0f} s, {size:.0f} MiB", flush=True)
        missed = 0
        for name, what in (
            ("a run, first", "run"),
            ("a run, again", "run"),
            ("a read, first", "read"),
            ("a read, again", "read"),
        ):
            took = alone(what, root)
            held = took["wall_s"] <= MOST_S and took["memory_mib"] <= MOST_MIB
            missed += not held
            print(f"{name:<16} {json.dumps(took)} {'held' if held else 'MISSED'}", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "2")
    raise SystemExit(main())
