"""``python -m bench.mentions``: a million mentions, a run with a thousand new ones, a read by the site, and whole builds.

The store is generated, with a seed: eighteen months of mentions in two languages on five sources, a few copies and reposts, each with its
judgement. What is measured runs in a process of its own, from the cold start on: wall and CPU seconds, and the peak of its memory.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench import clock
from signalbook import store
from signalbook.records import Mention, digest
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
    (root / "mkdocs.yml").write_text(
        "site_name: x\ndocs_dir: content\ntheme: {name: material}\nplugins: [search, signalbook]\n", encoding="utf-8"
    )
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


_MADE = """
CREATE TABLE made AS SELECT md5('m' || i) AS key, i, ['mastodon', 'bluesky', 'feed', 'wordpress', 'imap'][i % 5 + 1] AS source,
  TIMESTAMP '{start}' + to_microseconds((i * {step} * 1000000)::BIGINT) AS moment,
  'account-' || (hash(i) % 40000) AS author, CASE WHEN i % 4 = 0 THEN 'de' ELSE 'en' END AS lang,
  list_aggregate(list_transform(range(8 + (hash(i + 7) % 32)::BIGINT), lambda j: {words}[1 + (hash(i * 41 + j) % {count})::BIGINT]),
    'string_agg', ' ') AS text
FROM range({n}) t(i)
"""
_SHAPES = {
    "mentions": """SELECT key, source, i::VARCHAR AS id, 'https://' || source || i % 97 || '.example/p/' || i AS url, author,
  CASE WHEN i % 3 = 0 THEN text[:60] ELSE '' END AS title, text, lang, strftime(moment, '%Y-%m-%dT%H:%M:%SZ') AS published_at,
  strftime(moment + INTERVAL 5 MINUTE, '%Y-%m-%dT%H:%M:%SZ') AS heard_at, '' AS reply_to, CASE WHEN i % 10 = 0 THEN 'x' ELSE '' END AS boosts,
  []::VARCHAR[] AS links, source AS channel, (hash(i + 3) % 3000)::BIGINT AS followers, i % 7 AS engaged""",
    "judgements": """SELECT key, 'bench' AS rule, strftime(moment, '%Y-%m-%dT%H:%M:%SZ') AS at, strftime(moment, '%Y-%m-%dT%H:%M:%SZ') AS said_at,
  source, source AS channel, source || i % 97 || '.example' AS site, md5(source || author)[:12] AS who, lang,
  ['negative', 'neutral', 'positive', ''][i % 4 + 1] AS tone, 0.7::DOUBLE AS confidence,
  CASE WHEN i % 4 = 3 THEN 'nobody' ELSE 'rules' END AS rated_by, 40 AS complaint, '' AS asks,
  CASE WHEN i % 10 = 0 THEN 'repeat' ELSE 'voice' END AS spread, ['subject/s' || i % 20] AS about, key AS same, key AS story,
  []::VARCHAR[] AS claims, 'routine' AS matter, (hash(i + 3) % 3000)::BIGINT AS followers, i % 7 AS engaged,
  ['subject/s' || i % 20 || ': bread'] AS why, [md5('a' || i)[:16]] AS marks""",
}


def make(root: Path, n: int) -> Workspace:
    """Write the store, month by month, as runs of eighteen months would have left it."""
    import duckdb

    place = team(root)
    days = 540
    start = NOW - timedelta(days=days)
    engine = duckdb.connect()
    facts = {"n": n, "words": list(WORDS), "count": len(WORDS), "step": days * 86_400 / n}
    engine.execute(_MADE.format(start=start.strftime("%Y-%m-%d %H:%M:%S"), **facts))
    months = [
        row[0] for row in engine.execute("SELECT DISTINCT strftime(moment, '%Y-%m') FROM made ORDER BY 1").fetchall()
    ]
    for folder, shape in _SHAPES.items():
        (place.private / folder).mkdir(parents=True, exist_ok=True)
        for month in months:
            target = place.private / folder / f"{month}.jsonl"
            engine.execute(
                f"COPY ({shape} FROM made WHERE strftime(moment, '%Y-%m') = '{month}' ORDER BY i) TO '{target}' (FORMAT json)"
            )
    problems = store.tables(place, months[-1:]).problems("mentions", "judgements")
    if problems:
        raise ValueError(problems[0].sentence)
    return place


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
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return told | {"wall_s": round(time.monotonic() - start, 1)}


def builds(root: Path) -> int:
    """Build the site from nothing, again, and with the newest month changed; how many took more memory than the aim."""
    command: list[str | Path] = [
        Path(sys.executable).parent / "signalbook", "--now", NOW.isoformat(), "build", "--site-dir", root / "site",
    ]  # fmt: skip
    for made in ("site", ".cache"):
        shutil.rmtree(root / made, ignore_errors=True)
    missed = 0
    for name in ("a build, cold", "a build, again", "a build, a run later"):
        if name.endswith("later"):
            alone("run", root)
        took = clock.run(command, cwd=root, log=root / "log")
        held = took.memory_mib <= MOST_MIB
        missed += not held
        print(f"{name:<20} {took.wall_s:.1f} s, {took.cpu_s:.1f} s CPU, {took.memory_mib:.0f} MiB {'held' if held else 'MISSED'}",
              flush=True)  # fmt: skip
    return missed


def main() -> int:
    """Make, measure, print; 1 when an aim is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.mentions", description=__doc__)
    parser.add_argument("--mentions", type=int, default=1_000_000)
    parser.add_argument("--work", type=Path, default=None, help="where the store is made; kept when it is named")
    parser.add_argument("--build", action="store_true", help="build the site as well: cold, again, and after a run")
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
        if given.build:
            missed += builds(root)
    return 1 if missed else 0


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "2")
    raise SystemExit(main())
