"""The scaffolding itself: servers start once, answer, and their git is a real git."""

from __future__ import annotations

import json
import os
import subprocess
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest

WHO = {"GIT_AUTHOR_NAME": "t", "GIT_AUTHOR_EMAIL": "t@example.com", "GIT_COMMITTER_NAME": "t", "GIT_COMMITTER_EMAIL": "t@example.com"}  # fmt: skip


def _git(*argv, cwd=None):
    env = {**os.environ, **WHO}
    return subprocess.run(["git", *map(str, argv)], cwd=cwd, env=env, capture_output=True, text=True, check=False)


@pytest.mark.servers("git-http")
def test_four_clones_push_at_once_and_every_commit_lands(server, tmp_path):
    url = server("git-http", repos="race")["repos"]["race"]

    def worker(number):
        clone = tmp_path / f"c{number}"
        assert _git("clone", "-q", url, clone).returncode == 0
        for turn in range(3):
            (clone / f"sent-{number}-{turn}").write_text("x")
            _git("add", "-A", cwd=clone)
            _git("commit", "-qm", f"{number}-{turn}", cwd=clone)
            for _ in range(100):
                if _git("push", "-q", "origin", "HEAD:main", cwd=clone).returncode == 0:
                    break
                assert _git("pull", "-q", "--rebase", "origin", "main", cwd=clone).returncode == 0
            else:
                raise AssertionError("a push never landed")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(worker, range(4)))
    _git("clone", "-q", url, tmp_path / "end")
    assert _git("rev-list", "--count", "HEAD", cwd=tmp_path / "end").stdout.strip() == "13"


@pytest.mark.servers("git-http")
def test_git_refuses_a_wrong_password_a_forced_push_and_a_protected_main(server, tmp_path):
    facts = server("git-http", protect=True)
    url = facts["repos"]["site"]
    assert _git("clone", "-q", url, tmp_path / "c").returncode == 0
    assert _git("ls-remote", url.replace(facts["password"], "wrong")).returncode != 0
    _git("commit", "-q", "--allow-empty", "-m", "one", cwd=tmp_path / "c")
    refused = _git("push", "origin", "HEAD:main", cwd=tmp_path / "c")
    assert refused.returncode != 0
    assert "main is protected" in refused.stderr
    assert _git("push", "origin", "HEAD:signalbook-data", cwd=tmp_path / "c").returncode == 0
    _git("commit", "-q", "--amend", "--allow-empty", "-m", "other", cwd=tmp_path / "c")
    assert _git("push", "-f", "origin", "HEAD:signalbook-data", cwd=tmp_path / "c").returncode != 0


@pytest.mark.servers("bluesky-pds", "mastodon-emulator", "mastodon-snac")
def test_the_same_server_is_started_once_and_answers(server):
    pds = server("bluesky-pds")
    assert server("bluesky-pds") is pds
    with urllib.request.urlopen(f"{pds['url']}/xrpc/com.atproto.server.describeServer", timeout=20) as found:
        assert json.load(found)["availableUserDomains"] == [".test"]
    for name in ("mastodon-emulator", "mastodon-snac"):
        with urllib.request.urlopen(f"{server(name)['url']}/api/v1/instance", timeout=20) as found:
            assert json.load(found)["uri"]
