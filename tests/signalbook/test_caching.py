"""What is kept between runs is trusted no further than plain documents: a cache may have come with a pull request."""

from __future__ import annotations

import os
import pickle
from datetime import date
from pathlib import Path

import pytest

from signalbook import caching, content
from signalbook.findings import Finding, Level
from signalbook.model import Post
from tests import build as make
from tests.build import ZONE


class Command:
    """What a stranger would leave in a cache file."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self):
        return os.system, (f"touch {self.file}",)


def test_a_cache_file_that_names_a_command_counts_as_empty(tmp_path):
    trap = tmp_path / "ran"
    place = make.workspace(tmp_path / "team", {"calendar/a": make.post()})
    content.read(place, ZONE)
    kept = place.cache / "documents"
    assert kept.is_file()
    for hostile in (Command(trap), [Command(trap)], ("content-2", Command(trap))):
        kept.write_bytes(pickle.dumps(hostile))
        assert content.read(place, ZONE).documents[Post][0].title == "Doors open"
    assert not trap.exists()


@pytest.mark.parametrize(
    "rows", [5, "text", [1], [(1, 2)], [(1, 2, 3, 4)], {"a": 1}, [("content/calendar/a.md", "x", None, ())], None],
    ids=repr,
)  # fmt: skip
def test_a_cache_of_another_form_counts_as_empty(tmp_path, rows):
    place = make.workspace(tmp_path / "team", {"calendar/a": make.post()})
    content.read(place, ZONE)
    with (place.cache / "documents").open("rb") as file:
        version, _ = pickle.load(file)  # noqa: S301 - our own, of a moment ago
    caching.save(place.cache / "documents", version, rows)
    assert content.read(place, ZONE).documents[Post][0].title == "Doors open"


@pytest.mark.parametrize(
    ("module", "name"),
    [("os", "system"), ("builtins", "eval"), ("subprocess", "Popen"), ("signalbook.model.base", "re.compile"),
     ("signalbook.model", "functools"), ("signalbook.model.base", "dataclass"), ("signalbook.cli", "main")],
)  # fmt: skip
def test_nothing_but_documents_and_dates_is_made_of_a_cache(tmp_path, module, name):
    code = (
        b"\x80\x04\x8c"
        + bytes([len(module)])
        + module.encode()
        + b"\x8c"
        + bytes([len(name)])
        + name.encode()
        + b"\x93."
    )
    (tmp_path / "kept").write_bytes(code)
    assert caching.load(tmp_path / "kept", "v") is None


@pytest.mark.parametrize(
    "data",
    [b"", b"\x80", b"junk", b"\x80\x04.", b"(" * 5000, *(sign + b"\xff" * 9 for sign in (b"B", b"\x8d", b"\x8e", b"\x95", b"\x96"))],
    ids=lambda data: repr(data[:4]),
)  # fmt: skip
def test_a_damaged_cache_counts_as_empty(tmp_path, data):
    (tmp_path / "kept").write_bytes(data)
    assert caching.load(tmp_path / "kept", "v") is None


def test_what_was_saved_is_read_back_under_the_same_version_only(tmp_path):
    thing = [Post(slug="a", title="A"), Finding("p", 1, 1, "", "r", Level.WARN, "m", "y"), date(2026, 1, 1)]
    caching.save(tmp_path / "deep" / "kept", "v1", thing)
    assert caching.load(tmp_path / "deep" / "kept", "v1") == thing
    assert caching.load(tmp_path / "deep" / "kept", "v2") is None
    assert caching.load(tmp_path / "nowhere", "v1") is None


def test_a_folder_that_cannot_be_written_is_no_reason_to_fail(tmp_path):
    (tmp_path / "file").write_text("in the way")
    caching.save(tmp_path / "file" / "kept", "v", [])


def test_a_warm_reading_is_a_cold_one(tmp_path):
    place = make.workspace(tmp_path, {"calendar/a": make.post(), "calendar/b": {"title": 3}, "plans/p": {"title": "P"}})
    cold = content.read(place, ZONE)
    assert content.read(place, ZONE) == cold == content.read(place, ZONE, use_cache=False)


def test_a_cache_that_came_with_the_repository_is_thrown_away(tmp_path):
    """Finished pages and scripts in it would be set into the site as they are."""
    from signalbook.workspace import Workspace

    planted = tmp_path / ".cache" / "signalbook" / "charts" / "vega.js"
    planted.parent.mkdir(parents=True)
    planted.write_text("alert(1)", encoding="utf-8")
    (tmp_path / ".cache" / "signalbook" / "owner").write_text("0" * 64, encoding="ascii")
    cache = Workspace(tmp_path).cache
    assert not planted.exists()
    assert (cache / "owner").read_text(encoding="ascii") != "0" * 64


def test_a_cache_that_is_a_link_elsewhere_is_not_followed(tmp_path):
    from signalbook.workspace import Workspace

    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "kept").write_text("theirs", encoding="utf-8")
    root = tmp_path / "team"
    root.mkdir()
    (root / ".cache").symlink_to(elsewhere)
    cache = Workspace(root).cache
    assert (elsewhere / "kept").exists()
    assert not (root / ".cache").is_symlink()
    assert cache.is_dir()
