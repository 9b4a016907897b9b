"""What was sent is found in git by its hash, and what differs now is told word by word."""

from __future__ import annotations

import os
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from signalbook import approval, delivery, history, sent, store
from signalbook.book import Book
from signalbook.delivery import Delivery
from signalbook.records import Receipt
from signalbook.workspace import Workspace
from tests import build
from tests.build import NOW


def commit(place: Workspace, hours: int) -> None:
    at = (NOW - timedelta(hours=hours)).isoformat()
    who = {
        "GIT_AUTHOR_NAME": "Writer",
        "GIT_AUTHOR_EMAIL": "w@x.example",
        "GIT_COMMITTER_NAME": "Writer",
        "GIT_COMMITTER_EMAIL": "w@x.example",
    }
    dates = {"GIT_AUTHOR_DATE": at, "GIT_COMMITTER_DATE": at}
    if not (place.root / ".git").exists():
        subprocess.run(["git", "init", "-q", "-b", "main", str(place.root)], check=True)
    for words in (["add", "content", "signalbook.toml"], ["commit", "-q", "-m", "text"]):
        subprocess.run(["git", *words], cwd=place.root, env=os.environ | who | dates, check=True, capture_output=True)


def post(body: str, **more: Any) -> dict[str, Any]:
    facts = {
        "title": "Doors",
        "status": "approved",
        "channels": ["bluesky"],
        "publish_at": "2026-11-23 06:00",
        "body": body,
    }
    return build.post(**(facts | more))


def out(place: Workspace, content: str = "") -> None:
    """A run sends what stands there now."""
    book = build.book(place)
    one = delivery.find(book, "door/bluesky", NOW)
    assert one
    said = content or approval.content(book, one)
    store.append(
        place,
        [
            Receipt(
                "door/bluesky",
                "door",
                "bluesky",
                1,
                NOW - timedelta(hours=3),
                "1",
                "https://x.example/1",
                said,
                run="r",
            )
        ],
    )


def found(place: Workspace) -> tuple[Book, Delivery]:
    book = build.book(place)
    one = delivery.find(book, "door/bluesky", NOW)
    assert one
    return book, one


def test_nothing_differs_while_the_file_says_what_was_sent(tmp_path: Path) -> None:
    place = build.workspace(tmp_path, {"calendar/door": post("We open at seven.")})
    commit(place, 9)
    out(place)
    assert not sent.changed(*found(place))


def test_the_commit_with_the_hash_of_the_receipt_is_found_whatever_came_after(tmp_path: Path) -> None:
    place = build.workspace(tmp_path, {"calendar/door": post("We open at six.")})
    commit(place, 9)
    build.document(place, "calendar/door", post("We open at seven.", link="https://x.example/a"))
    commit(place, 8)
    out(place)
    build.document(
        place, "calendar/door", post("We open at eight, with bread.", link="https://x.example/b", disclosure="paid")
    )
    commit(place, 2)
    build.document(
        place, "calendar/door", post("We open at nine, with bread.", link="https://x.example/b", disclosure="paid")
    )
    book, one = found(place)
    assert sent.changed(book, one)
    copy = sent.copy_of(book, history.load(place), one)
    assert copy
    assert copy.exact
    assert "seven" in copy.post.body
    told = {each.what: each for each in sent.differences(book, copy.post, one)}
    assert set(told) == {"copy", "link", "disclosure"}
    assert told["link"].was == "https://x.example/a"
    words = sent.words(told["copy"].was, told["copy"].now)
    assert ("gone", "seven.") in words
    assert any(sort == "new" and "nine," in text for sort, text in words)


def test_without_a_commit_of_that_hash_the_last_merge_before_it_is_given_and_not_called_exact(tmp_path: Path) -> None:
    place = build.workspace(tmp_path, {"calendar/door": post("We open at seven.")})
    commit(place, 9)
    out(place, content="another hash")
    build.document(place, "calendar/door", post("We open at eight."))
    commit(place, 1)
    book, one = found(place)
    copy = sent.copy_of(book, history.load(place), one)
    assert copy
    assert not copy.exact
    assert "seven" in copy.post.body


def test_without_git_nothing_is_claimed(tmp_path: Path) -> None:
    place = build.workspace(tmp_path, {"calendar/door": post("We open at seven.")})
    out(place)
    build.document(place, "calendar/door", post("We open at eight."))
    book, one = found(place)
    assert sent.changed(book, one)
    assert sent.copy_of(book, history.load(place), one) is None


@given(st.text(max_size=60), st.text(max_size=60))
def test_what_stayed_and_went_is_the_old_text_and_what_stayed_and_came_the_new(was: str, now: str) -> None:
    told = sent.words(was, now)
    assert "".join(text for sort, text in told if sort != "new") == was
    assert "".join(text for sort, text in told if sort != "gone") == now
