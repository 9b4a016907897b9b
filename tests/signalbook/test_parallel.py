"""Work shared between processes: each item once, in order, whatever becomes of a process."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from signalbook import parallel


def doubled(items: Sequence[int]) -> list[tuple[int, int]]:
    return [(os.getpid(), 2 * item) for item in items]


@pytest.fixture
def forks(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if no thread of another test were there, on a machine of two cores."""
    monkeypatch.setattr(parallel, "_may_fork", lambda: True)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1}, raising=False)


@pytest.mark.parametrize("grain", [0, 1, 7, 100, 5000])
def test_every_item_is_done_once_and_in_order(forks: None, grain: int) -> None:
    parts = parallel.shares(range(1000), doubled, grain=grain)
    assert [twice for part in parts for _, twice in part] == [2 * item for item in range(1000)]
    assert os.getpid() not in {process for part in parts for process, _ in part}


def test_what_a_process_does_not_bring_back_is_done_here(forks: None) -> None:
    here = os.getpid()

    def fails_elsewhere(items: Sequence[int]) -> list[tuple[int, int]]:
        if 500 in items and os.getpid() != here:
            raise RuntimeError
        return doubled(items)

    parts = parallel.shares(range(1000), fails_elsewhere, grain=50)
    assert [twice for part in parts for _, twice in part] == [2 * item for item in range(1000)]
    assert here in {process for part in parts for process, _ in part}


def test_more_parts_than_a_pipe_holds_are_still_all_done(forks: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "QUEUE", 3)
    parts = parallel.shares(range(1000), doubled, grain=10)
    assert [twice for part in parts for _, twice in part] == [2 * item for item in range(1000)]


def test_work_that_was_begun_goes_on_while_this_process_does_something_else(forks: None) -> None:
    begun = parallel.Begun(range(600), doubled)
    own = sum(range(600))
    assert sum(twice for part in begun.results() for _, twice in part) == 2 * own


def test_few_items_stay_in_this_process() -> None:
    assert parallel.shares(range(10), doubled) == [[(os.getpid(), 2 * item) for item in range(10)]]
    assert parallel.shares([], doubled) == []


def test_a_process_may_begin_before_all_is_known(forks: None, tmp_path: Path) -> None:
    def work(handed: Callable[[], str]) -> bool:
        (tmp_path / "begun").touch()
        (tmp_path / "told").write_text(handed())
        return True

    apart = parallel.Apart(work)
    apart.hand("a word")
    assert apart.ended()
    assert (tmp_path / "told").read_text() == "a word"
    apart.close()


def test_a_process_that_is_never_told_gives_up(forks: None, tmp_path: Path) -> None:
    def work(handed: Callable[[], str]) -> bool:
        (tmp_path / "told").write_text(handed())
        return True

    apart = parallel.Apart(work)
    apart.close()
    assert not apart.ended()
    assert not (tmp_path / "told").exists()


def test_a_process_that_failed_takes_what_it_is_handed_and_says_so(forks: None) -> None:
    def work(handed: Callable[[], str]) -> bool:
        raise RuntimeError

    apart = parallel.Apart(work)
    apart.hand("x" * 1_000_000)
    assert not apart.ended()
