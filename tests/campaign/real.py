"""Schedules of real processes: clones of a real git server, real services and strict doubles, every wire with faults.

A schedule makes a repository with a few approved posts, clones it two to eight times, and starts a publisher in each:
processes that die by SIGKILL at a step or at any instant, are stopped for longer than their lease, have wrong clocks. Each
wire leads through a door of its own: to git, to a Bluesky PDS, snac, a Mastodon emulator, WordPress, and to doubles of
three of them. When all have ended, time leaps past every lease, fair runs follow, whoever was stopped wakes up, and then
the servers are asked what they hold.
"""

from __future__ import annotations

import base64
import html
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from pipelines import opening
from pipelines import publish as publishing
from signalbook import delivery
from signalbook.records import Intent
from signalbook.workspace import Workspace
from tests.campaign.door import Door, Fault, beyond
from tests.campaign.mastodon import Mastodon
from tests.campaign.pds import Pds
from tests.campaign.wordpress import WordPress
from tests.campaign.zygote import PATIENCE_S
from tests.servers.running import missing, running

ROOT = Path(__file__).parents[2]
SERVERS = ("git-http", "bluesky-pds", "mastodon-snac", "mastodon-emulator", "wordpress")
CHANNELS: Mapping[str, str] = {
    "pds": "bluesky", "snac": "mastodon", "emulator": "mastodon", "wordpress": "wordpress",
    "pds-double": "bluesky", "mastodon-double": "mastodon", "wordpress-double": "wordpress",
}  # fmt: skip
"""Channel → its connector; what is behind it says its name."""
THREADED = frozenset({"bluesky", "mastodon"})
MOST_AT_A_SERVER = 250
"""So many schedules have the same servers: they live for an hour."""
TURNS, PATIENT_TURNS = 12, 36
"""Fair runs after a wave at most; so many while a real service is too slow for us, which proves nothing of the engine."""
LEAP_S = 900.0
"""More than a lease and the longest request."""
WHO = {"GIT_AUTHOR_NAME": "t", "GIT_AUTHOR_EMAIL": "t@example.com", "GIT_COMMITTER_NAME": "t",
       "GIT_COMMITTER_EMAIL": "t@example.com", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1",
       "GIT_TERMINAL_PROMPT": "0"}  # fmt: skip
STEPS = (
    "reserve", "claimed", "send", "look before sending", "before the request", "after the request", "unanswered",
    "recorded", "reconcile", "before the look", "after the look",
)  # fmt: skip


@dataclass
class Tally:
    """What the campaign saw, added up."""

    schedules: int = 0
    deliveries: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    steps: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    processes: int = 0

    def add(self, other: Tally) -> None:
        """Add another's."""
        self.schedules += other.schedules
        self.processes += other.processes
        self.failures += other.failures
        for name in ("deliveries", "states", "unknown", "wrong", "steps", "faults"):
            getattr(self, name).update(getattr(other, name))


# --- processes -------------------------------------------------------------------------------------------------------


class Zygote:
    """Starts runners and hears how they ended."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.campaign.zygote"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT,
            env={**os.environ, **WHO, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip
        self._lock = threading.Lock()
        self._ended: dict[str, threading.Event] = {}
        self._born: dict[str, threading.Event] = {}
        self.pids: dict[str, int] = {}
        self.how: dict[str, tuple[int, int]] = {}
        threading.Thread(target=self._hear, daemon=True).start()

    def _hear(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            told = json.loads(line)
            name = told["id"]
            if "pid" in told:
                self.pids[name] = told["pid"]
                self._born[name].set()
            else:
                self.how[name] = told["signal"], told["status"]
                self._ended[name].set()

    def start(self, order: Mapping[str, Any]) -> int:
        """Fork a runner; its process id."""
        assert self._process.stdin is not None
        with self._lock:
            self._born[order["id"]] = threading.Event()
            self._ended[order["id"]] = threading.Event()
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            self._process.stdin.flush()
        if not self._born[order["id"]].wait(120):
            raise RuntimeError("no runner came into being")
        return self.pids[order["id"]]

    def over(self, name: str) -> bool:
        """Whether a runner has ended."""
        return self._ended[name].is_set()

    def wait(self, name: str, seconds: float) -> bool:
        """Wait for its end."""
        return self._ended[name].wait(seconds)

    def send(self, name: str, what: signal.Signals) -> None:
        """Send it a signal."""
        if name in self.pids and not self.over(name):
            with suppress(ProcessLookupError):
                os.kill(self.pids[name], what)

    def close(self) -> None:
        """End it, and with it nobody: each schedule waits for its own."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(20)


def is_stopped(pid: int) -> bool:
    """Whether a process stands still."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] == "T"
    except OSError:
        return False


# --- the servers -----------------------------------------------------------------------------------------------------


@dataclass
class Arena:
    """Every server, started once."""

    folder: Path
    facts: dict[str, dict[str, Any]]
    zygote: Zygote

    @property
    def repos(self) -> Path:
        return self.folder / "git-http" / "repos"


@contextmanager
def arena(folder: Path) -> Iterator[Arena]:
    """Start the servers; end them."""
    with ExitStack() as stack:
        facts = {name: stack.enter_context(running(name, folder / name)) for name in SERVERS}
        zygote = Zygote()
        stack.callback(zygote.close)
        yield Arena(folder, facts, zygote)


def git(*words: str | Path, cwd: Path | None = None) -> str:
    """Run git; what it says."""
    done = subprocess.run(["git", *map(str, words)], cwd=cwd, env={**os.environ, **WHO}, capture_output=True, text=True,
                          check=False)  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"git {words[0]}: {done.stderr[-300:]}")
    return done.stdout


# --- one schedule ----------------------------------------------------------------------------------------------------


@dataclass
class Schedule:
    """One schedule from its seed."""

    arena: Arena
    number: int
    tally: Tally = field(default_factory=lambda: Tally(schedules=1))

    def __post_init__(self) -> None:
        self.rng = Random(self.number)
        self.mark = f"s{self.number}"
        self.folder = self.arena.folder / "schedules" / self.mark
        self.doors: dict[str, Door] = {}
        self.rooms: dict[str, Any] = {}
        self.begun = datetime.now(UTC)
        self.runners: list[str] = []
        self.texts: dict[str, str] = {}
        self.changed: set[str] = set()
        self.leap = 0.0
        self.ahead = 0.0

    # --- setting up ------------------------------------------------------------------------------------------------

    def run(self) -> Tally:
        """Set up, let loose, settle, judge."""
        self.folder.mkdir(parents=True)
        try:
            with ExitStack() as stack:
                self._doors(stack)
                self._repository()
                self._wave()
                self._settle()
                self._judge()
                for name, door in self.doors.items():
                    for kind, count in door.met.items():
                        self.tally.faults[f"{'git' if name == 'git' else 'service'}: {kind}"] += bool(count)
            self._read_log()
        finally:
            for name in self.runners:
                self.arena.zygote.send(name, signal.SIGKILL)
            if not self.tally.failures:
                shutil.rmtree(self.folder, ignore_errors=True)
                shutil.rmtree(self.bare, ignore_errors=True)
        return self.tally

    @property
    def bare(self) -> Path:
        return self.arena.repos / f"{self.mark}.git"

    def _doors(self, stack: ExitStack) -> None:
        facts = self.arena.facts
        chosen = self.rng.sample(tuple(CHANNELS), self.rng.choice((1, 2, 2, 3)))
        self.channels = sorted(chosen, key=tuple(CHANNELS).index)
        rooms: dict[str, Callable[[], Any]] = {
            "pds": lambda: beyond(facts["bluesky-pds"]["url"]),
            "snac": lambda: beyond(facts["mastodon-snac"]["url"]),
            "emulator": lambda: beyond(facts["mastodon-emulator"]["url"]),
            "wordpress": lambda: beyond(facts["wordpress"]["url"]),
            "pds-double": Pds, "mastodon-double": Mastodon, "wordpress-double": WordPress,
            "git": lambda: beyond(facts["git-http"]["url"]),
        }  # fmt: skip
        for name in (*self.channels, "git"):
            self.rooms[name] = rooms[name]()
            self.doors[name] = stack.enter_context(Door(self.rooms[name]))
            if name.startswith("mastodon-"):
                self.rooms[name].url = self.doors[name].url

    def _settings(self) -> str:
        facts = self.arena.facts
        accounts = {
            "pds": facts["bluesky-pds"]["handle"], "snac": "alice", "emulator": "alice", "wordpress": facts["wordpress"]["user"],
            "pds-double": "team.test", "mastodon-double": "team", "wordpress-double": "editor",
        }  # fmt: skip
        tables = ['[team]\nname = "Harbour"\ntimezone = "UTC"\n', '[data]\nbranch = "signalbook-data"\n']
        for name in self.channels:
            role = "token" if CHANNELS[name] == "mastodon" else "password"
            account = f'account = "{accounts[name]}"\n' if accounts[name] else ""
            tables.append(
                f'[channels.{name}]\nconnector = "{CHANNELS[name]}"\nurl = "{self.doors[name].url}"\n{account}'
                f'secrets = {{{role} = "{_variable(name)}"}}\nmax_late = "12h"\nrate = {{max = 100, per = "1h"}}\n'
            )
        return "\n".join(tables)

    def _secrets(self) -> dict[str, str]:
        facts = self.arena.facts
        known = {
            "pds": facts["bluesky-pds"]["app_password"],
            "snac": facts["mastodon-snac"]["accounts"]["alice"]["token"],
            "emulator": facts["mastodon-emulator"]["accounts"]["alice"]["token"],
            "wordpress": facts["wordpress"]["app_password"],
            "pds-double": Pds.password, "mastodon-double": Mastodon.token, "wordpress-double": WordPress.password,
        }  # fmt: skip
        return {_variable(name): known[name] for name in self.channels}

    def _repository(self) -> None:
        git("init", "-q", "--bare", "--template=", "-b", "main", self.bare)
        with (self.bare / "config").open("a") as settings:
            settings.write("[http]\n\treceivepack = true\n[receive]\n\tdenyNonFastForwards = true\n")
        self.desk = self.folder / "author"
        git("clone", "-q", "--template=", self.bare, self.desk)
        (self.desk / "content/calendar").mkdir(parents=True)
        (self.desk / "content/policies/holds").mkdir(parents=True)
        (self.desk / "mkdocs.yml").write_text("site_name: Harbour\nplugins: [signalbook]\n")
        (self.desk / "signalbook.toml").write_text(self._settings())
        # All schedules share the services' accounts, as no two teams do: nothing of one may look like another's.
        self.posts = [f"{self.mark}-{n}" for n in range(self.rng.choice((1, 1, 2)))]
        self.parts = {slug: self.rng.choice((1, 1, 2, 3)) for slug in self.posts}
        for slug in self.posts:
            self._write(slug)
        self._commit("the posts")

    def _write(self, slug: str, *, status: str = "approved", more: str = "") -> None:
        due = (self.begun - timedelta(minutes=2)).strftime("%Y-%m-%d %H:%M")
        parts = [f"{self.token(slug, part)} says part {part}.{more}" for part in range(1, self.parts[slug] + 1)]
        self.texts |= {self.token(slug, part): slug for part in range(1, self.parts[slug] + 1)}
        body = "\n\n---\n\n".join(parts)
        (self.desk / f"content/calendar/{slug}.md").write_text(
            f"---\ntitle: {self.token(slug, 0)}\nstatus: {status}\npublish_at: {due}\n"
            f"channels: [{', '.join(self.channels)}]\nowner: writer\n---\n{body}\n"
        )

    def token(self, slug: str, part: int) -> str:
        """A word that stands in this part of this post and nowhere else."""
        return f"{slug.replace('-', 'x')}x{part}z"

    def _commit(self, what: str) -> None:
        git("add", "-A", cwd=self.desk)
        git("commit", "-qm", what, cwd=self.desk)
        git("push", "-q", "origin", "HEAD:main", cwd=self.desk)

    def _clone(self, name: str) -> Path:
        there = self.folder / name
        if not there.exists():
            facts = self.arena.facts["git-http"]
            host = self.doors["git"].url.removeprefix("http://")
            # What lies in a clone is the same whichever way it came; what a runner fetches and pushes goes over the wire.
            git("clone", "-q", "--no-local", "--template=", self.bare, there)
            git(
                "remote", "set-url", "origin", f"http://{facts['user']}:{facts['password']}@{host}/{self.mark}.git", cwd=there
            )  # fmt: skip
        return there

    # --- the wave --------------------------------------------------------------------------------------------------

    def _wave(self) -> None:
        rng = self.rng
        (self.folder / "leap").write_text("0")
        count = rng.choice((2, 2, 2, 3, 3, 4, 6, 8))
        folders = [self._clone(f"clone{n if rng.random() < 0.8 else 0}") for n in range(count)]
        self._arm()
        plans = [self._plan() for _ in range(count)]
        late = sorted(rng.choice((0.0, rng.uniform(0, 0.3), rng.uniform(0, 4))) for _ in range(count))
        change = self._change() if rng.random() < 0.35 else None
        when = rng.uniform(0, 4)
        begun, timers = time.monotonic(), []
        for number, (folder, plan, at) in enumerate(zip(folders, plans, late, strict=True)):
            if change and when < at:
                time.sleep(max(0.0, begun + when - time.monotonic()))
                change()
                change = None
            time.sleep(max(0.0, begun + at - time.monotonic()))
            name = self._start(f"run{number + 1}", folder, plan)
            for what, delay in plan.get("signals", ()):
                timers.append(threading.Timer(delay, self.arena.zygote.send, (name, what)))
                timers[-1].start()
                self.tally.faults[f"process: {what.name} at any instant"] += 1
            if plan.get("skew_s"):
                self.tally.faults["process: wrong clock"] += 1
                self.ahead = max(self.ahead, plan["skew_s"])
        if change:
            time.sleep(max(0.0, begun + when - time.monotonic()))
            change()
        self._until_still(120)
        for timer in timers:
            timer.cancel()
        for door in self.doors.values():
            door.arm(())

    def _plan(self) -> dict[str, Any]:
        rng = self.rng
        fate = rng.random()
        where = [rng.choice(STEPS), rng.choice((0, 0, 0, 1, 2))]
        plan: dict[str, Any] = {}
        if fate < 0.22:
            plan["kill_at"] = where
        elif fate < 0.40:
            plan["stop_at"] = where
        elif fate < 0.58:
            plan["signals"] = [(signal.SIGKILL, rng.uniform(0.2, 4))]
        elif fate < 0.68:
            plan["signals"] = [(signal.SIGSTOP, rng.uniform(0.3, 4))]
        if rng.random() < 0.12:
            plan["skew_s"] = rng.choice((-1, 1)) * rng.choice((14, 300, 3000))
        return plan

    def _start(self, name: str, folder: Path, plan: Mapping[str, Any]) -> str:
        whole = f"{self.mark}-{name}"
        self.runners.append(whole)
        self.tally.processes += 1
        self.arena.zygote.start({
            "id": whole, "folder": str(folder), "log": str(self.folder / "steps"), "out": str(self.folder / "out"),
            "leap": str(self.folder / "leap"), "environment": self._secrets(),
            **{key: value for key, value in plan.items() if key != "signals"},
        })  # fmt: skip
        return whole

    def _arm(self) -> None:
        rng = self.rng
        after = ("drop-after", "reset-after", "cut-after", "500-after", "502-after", "slow-after")
        before = ("drop-before", "reset-before", "500-before", "503-before", "slow-before", "429")
        for name, door in self.doors.items():
            faults = []
            for _ in range(rng.choice((0, 0, 1, 1, 2))):
                kind = rng.choice(after if rng.random() < 0.6 else before)
                skip, times = rng.choice((0, 0, 1, 1, 2, 3, 4)), rng.choice((1, 1, 2, 3))
                if name == "git":
                    if kind in {"429", "cut-after"}:
                        kind = "drop-after"
                    path = "git-receive-pack" if rng.random() < 0.75 else "git-upload-pack"
                    faults.append(Fault(kind, "POST", path, skip, times, wait_s=1.0))
                else:
                    method = "POST" if rng.random() < 0.8 else "GET"
                    faults.append(Fault(kind, method, "", skip, times, wait_s=PATIENCE_S + 0.5))
            door.arm(faults)

    def _change(self) -> Callable[[], None]:
        rng = self.rng
        slug, what = rng.choice(self.posts), rng.choice(("hold", "edit", "cancel", "unapprove"))
        self.tally.faults[f"main branch: {what}"] += 1

        def hold() -> None:
            now = datetime.now(UTC)
            (self.desk / "content/policies/holds/quiet.md").write_text(
                f"---\ntitle: Quiet\nreason: a reason to be quiet\nscope: {{channels: all}}\nowner: writer\n"
                f"from: {now.isoformat()}\nexpires: {(now + timedelta(days=1)).isoformat()}\nopened_by: writer\n---\n"
            )
            self.changed |= set(self.posts)
            self._commit("hold")

        def edit() -> None:
            self._write(slug, more=" Changed.")
            self.changed.add(slug)
            self._commit("edit")

        def cancel() -> None:
            self._write(slug, status="cancelled" if what == "cancel" else "draft")
            self.changed.add(slug)
            self._commit(what)

        return {"hold": hold, "edit": edit}.get(what, cancel)

    def _until_still(self, seconds: float) -> None:
        """Wait until every runner has ended or stands still."""
        zygote, until = self.arena.zygote, time.monotonic() + seconds
        while time.monotonic() < until:
            if all(zygote.over(name) or is_stopped(zygote.pids[name]) for name in self.runners):
                return
            time.sleep(0.05)
        for name in self.runners:
            if not zygote.over(name) and not is_stopped(zygote.pids[name]):
                self.tally.faults["process: killed as it did not end"] += 1
                zygote.send(name, signal.SIGKILL)

    # --- settling --------------------------------------------------------------------------------------------------

    def _settle(self) -> None:
        """Leaps past every lease, with a fair run after each; whoever is stopped wakes somewhere in between."""
        zygote, rng = self.arena.zygote, self.rng
        asleep = [name for name in self.runners if not zygote.over(name)]
        self.tally.faults["process: stopped past its lease"] += len(asleep)
        before, idle = "", 0
        for turn in range(PATIENT_TURNS):
            self.leap += LEAP_S if turn else LEAP_S + 300
            (self.folder / "leap").write_text(str(self.leap))
            waking = asleep if turn == 3 else [name for name in asleep if rng.random() < 0.4]
            first = rng.random() < 0.5
            if first:
                self._wake(waking)
            folder = self._clone(f"clone{rng.choice((0, 1, 9))}")
            if turn == 1 and rng.random() < 0.25:
                self._command(folder)
            else:
                self._start(f"fair{turn + 1}", folder, {})
            if not first:
                self._wake(waking)
            asleep = [name for name in asleep if name not in waking]
            self._until_still(120)
            head = git("for-each-ref", "--format=%(objectname)", "refs/heads/signalbook-data", cwd=self.bare)
            answered = self._answered(f"{self.mark}-fair{turn + 1}")
            idle = idle + 1 if head == before and not asleep and answered else 0
            before = head
            if idle and turn and self.leap > LEAP_S + self.ahead:
                # A machine whose clock was ahead made claims that last longer by as much: they are waited for as well.
                return
            if turn >= TURNS - 1 and answered:
                return

    def _answered(self, name: str) -> bool:
        """Whether the services answered a runner every time: one that was too slow has settled nothing yet."""
        looks: Counter[str] = Counter()
        with suppress(FileNotFoundError):
            for line in (self.folder / "steps").read_text().splitlines():
                who, step, _ = line.split("\t")
                looks[step] += who == name
        asked, told = (looks[f"{when} the look"] + looks[f"{when} the request"] for when in ("before", "after"))
        return asked == told

    def _wake(self, names: Sequence[str]) -> None:
        for name in names:
            self.arena.zygote.send(name, signal.SIGCONT)

    def _command(self, folder: Path) -> None:
        """The command itself, as a schedule on a forge would start it."""
        command = Path(sys.executable).with_name("signalbook")
        now = datetime.now(UTC) + timedelta(seconds=self.leap)
        done = subprocess.run(
            [command, "-C", folder, "--json", "--now", now.isoformat(timespec="seconds"), "publish"],
            env={**os.environ, **WHO, **self._secrets()}, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        self.tally.processes += 1
        self.tally.faults["process: the command itself"] += 1
        with (self.folder / "out").open("a") as out:
            out.write(f"command {done.returncode} {done.stdout} {done.stderr}\n")
        if done.returncode not in {0, 1} or not done.stdout.startswith("{"):
            self._fail("broken", f"the command ended with {done.returncode}: {done.stderr[-300:]}")

    # --- judging ---------------------------------------------------------------------------------------------------

    def _judge(self) -> None:
        for name in self.runners:
            died, status = self.arena.zygote.how.get(name, (0, -1))
            if not died and status not in {0, 1}:
                self._fail("broken", f"{name} ended with {status}")
        held = {name: self._asked(name) for name in self.channels}
        clone = self.folder / "judge"
        git("clone", "-q", "--template=", self.bare, clone)
        now = datetime.now(UTC) + timedelta(seconds=self.leap)
        opened = opening.place(Workspace(clone), lambda: now, time.sleep)
        book = publishing.with_ledger(opened.source(), opened.ledger.read())
        claims = Counter((row.key, row.attempt) for row in book.intents if isinstance(row, Intent))
        for (key, attempt), count in claims.items():
            if count > 1:
                self._fail("claimed twice", f"{key} has {count} claims that call themselves attempt {attempt}")
        for one in delivery.deliveries(book, now):
            self._account(one, held[one.channel])

    def _account(self, one: delivery.Delivery, held: Sequence[str]) -> None:
        slug, channel = one.post.slug, one.channel
        token = self.token(slug, one.part)
        out = sum(token in text for text in held)
        self.tally.deliveries[channel] += 1
        self.tally.states[one.state] += 1
        noted = [row for row in one.receipts if row.what == "sent"]
        if out > 1:
            self._fail("duplicate", f"{one.key} is out {out} times")
        if len({row.id for row in noted}) > 1:
            self._fail("duplicate", f"{one.key} has receipts for {len(noted)} posts")
        if one.state == "published" and not out:
            self._fail("phantom", f"{one.key} is called published, and the service does not hold it")
        if out and one.state not in {"published", "unknown"}:
            self._fail("unrecorded", f"{one.key} is out, and the ledger calls it {one.state}")
        if one.state == "unknown":
            self.tally.unknown[channel] += 1
            if slug not in self.changed and channel != "snac":
                self._fail("unreconciled", f"{one.key} is unknown, though the service can tell")
        elif one.state != "published" and slug not in self.changed and not self._waits(one):
            self._fail("lost", f"{one.key} was approved and due, and is {one.state}: {one.reason}")

    def _waits(self, one: delivery.Delivery) -> bool:
        """Whether it is a later part of a thread whose earlier part is unknown."""
        return one.part > 1 and bool(self.tally.unknown[one.channel])

    def _fail(self, sort: str, sentence: str) -> None:
        self.tally.wrong[sort] += 1
        self.tally.failures.append(f"seed {self.number}: {sort}: {sentence} ({self.folder})")

    def _asked(self, name: str) -> list[str]:
        """The texts of everything of this schedule that a service holds, a post each."""
        facts = self.arena.facts
        if name == "pds":
            return self._records(facts["bluesky-pds"])
        if name in {"snac", "emulator"}:
            server = facts[f"mastodon-{name}"]
            token = server["accounts"]["alice"]["token"]
            return self._statuses(server["url"], token)
        if name == "wordpress":
            return self._entries(facts["wordpress"])
        if name == "pds-double":
            return [record.value.get("text", "") for record in self.rooms[name].held()]
        if name == "mastodon-double":
            return [status.text for status in self.rooms[name].held()]
        return [entry.content for entry in self.rooms[name].held() if entry.status == "publish"]

    def _records(self, facts: Mapping[str, Any]) -> list[str]:
        texts: list[str] = []
        cursor = ""
        since = (self.begun - timedelta(minutes=5)).isoformat()
        while True:
            query = {"repo": facts["did"], "collection": "app.bsky.feed.post", "limit": "100"}
            told = _get(
                f"{facts['url']}/xrpc/com.atproto.repo.listRecords", query | ({"cursor": cursor} if cursor else {})
            )
            rows = [row["value"] for row in told["records"]]
            texts += [row["text"] for row in rows if self.mark + "x" in row["text"]]
            cursor = told.get("cursor", "")
            if not cursor or not rows or rows[-1]["createdAt"] < since:
                return texts

    def _statuses(self, url: str, token: str) -> list[str]:
        head = {"authorization": f"Bearer {token}"}
        me = _get(f"{url}/api/v1/accounts/verify_credentials", {}, head)["id"]
        texts: dict[str, str] = {}
        below = ""
        since = (self.begun - timedelta(minutes=5)).isoformat()
        for _ in range(60):
            rows = _get(
                f"{url}/api/v1/accounts/{me}/statuses", {"limit": "40"} | ({"max_id": below} if below else {}), head
            )
            fresh = [row for row in rows if row["id"] not in texts]
            texts |= {row["id"]: html.unescape(re.sub(r"<[^>]+>", " ", row["content"])) for row in fresh}
            if not fresh or fresh[-1]["created_at"] < since:
                break
            below = fresh[-1]["id"]
        return [text for text in texts.values() if self.mark + "x" in text]

    def _entries(self, facts: Mapping[str, Any]) -> list[str]:
        pair = base64.b64encode(f"{facts['user']}:{facts['app_password'].replace(' ', '')}".encode()).decode()
        query = {"search": self.mark + "x", "status": "publish,future,private", "per_page": "100", "context": "edit"}
        rows = _get(f"{facts['api']}/wp/v2/posts", query, {"authorization": f"Basic {pair}"})
        return [row["content"]["raw"] for row in rows]

    def _read_log(self) -> None:
        seen: set[str] = set()
        with suppress(FileNotFoundError):
            for line in (self.folder / "steps").read_text().splitlines():
                seen.add(line.split("\t")[1])
        self.tally.steps.update(seen)


def _variable(channel: str) -> str:
    return f"SECRET_{channel.upper().replace('-', '_')}"


def _get(url: str, query: Mapping[str, str], head: Mapping[str, str] | None = None) -> Any:
    address = f"{url}?{urllib.parse.urlencode(query)}" if query else url
    for turn in range(5):
        try:
            with urllib.request.urlopen(urllib.request.Request(address, headers=dict(head or {})), timeout=60) as found:
                return json.load(found)
        except (OSError, ValueError):
            if turn == 4:
                raise
            time.sleep(1 + turn)
    return None


# --- the campaign ----------------------------------------------------------------------------------------------------


def campaign(count: int, *, seed: int, jobs: int) -> bool:
    """Run so many schedules; whether all of them held. Says what cannot start here."""
    lacking = [why for name in SERVERS if (why := missing(name))]
    if lacking:
        print("\nThe real schedules cannot run here:\n  " + "\n  ".join(lacking))
        return False
    tally, begun = Tally(), time.monotonic()
    done = 0
    for first in range(seed, seed + count, MOST_AT_A_SERVER):
        numbers = range(first, min(first + MOST_AT_A_SERVER, seed + count))
        folder, before = Path(tempfile.mkdtemp(prefix="campaign-")), len(tally.failures)
        with arena(folder) as ground, ThreadPoolExecutor(max(2, jobs * 2)) as pool:
            waiting = {pool.submit(Schedule(ground, number).run): number for number in numbers}
            for future in as_completed(waiting):
                try:
                    tally.add(future.result())
                except Exception as error:  # noqa: BLE001 - a schedule that breaks is a failure of the campaign, with its seed
                    tally.wrong["broken"] += 1
                    tally.failures.append(f"seed {waiting[future]}: broken: {type(error).__name__}: {error}")
                done += 1
                if done % 25 == 0:
                    wrong = f", {len(tally.failures)} wrong" if tally.failures else ""
                    print(f"  {done} of {count} real schedules, {time.monotonic() - begun:.0f} s{wrong}", flush=True)
        if len(tally.failures) == before:
            shutil.rmtree(folder, ignore_errors=True)
    tell(tally, time.monotonic() - begun)
    return not tally.failures


def tell(tally: Tally, seconds: float) -> None:
    """Print what the campaign saw."""
    print(f"\n{tally.schedules:,} real schedules, {tally.processes:,} processes: {seconds:.0f} s")
    total = tally.deliveries.total()
    print(f"  deliveries {total:,}: " + ", ".join(f"{count:,} {state}" for state, count in tally.states.most_common()))
    print("  on " + ", ".join(f"{name} {count:,}" for name, count in sorted(tally.deliveries.items())))
    print("  unknown on " + (", ".join(f"{name} {count:,}" for name, count in sorted(tally.unknown.items())) or "none"))
    sorts = ("duplicate", "lost", "phantom", "unrecorded", "unreconciled", "claimed twice", "broken")
    for sort in sorts:
        print(f"  {sort:<14} {tally.wrong.get(sort, 0)}")
    for name, counted in (("step", tally.steps), ("fault", tally.faults)):
        print(f"\n  {name:<44} schedules")
        for what, count in sorted(counted.items()):
            print(f"  {what:<44} {count:>9,}")
    for sentence in tally.failures[:20]:
        print(f"  {sentence}")
