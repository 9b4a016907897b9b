"""What an audience may not see does not exist: canaries everywhere, and every byte of its site searched."""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from signalbook import audience, decode, store
from signalbook import book as books
from signalbook.errors import UsageError
from signalbook.model import KINDS, Asset, Document, Plan, Playbook, Post, base
from signalbook.records import Alert, CaseEvent, Contact, Correction, Intent, Judgement, Mention, Reading, Receipt
from signalbook.workspace import Workspace
from site_plugins.build import build
from tests import build as make
from tests.browser import pages, serving
from tests.build import NOW, TODAY, write

SECRET = "kanarie"
"""In everything that the company may not see, in text and in names, in no other place."""
ALL = '["home", "calendar", "boards", "plans", "policies", "people", "cases", "metrics", "listening", "reports", "changes", "guide"]'
SETTINGS = make.SETTINGS + (
    f"\n[audiences.company]\nmay_see = {ALL}\n"
    f"\n[audiences.executives]\nmay_see = {ALL}\n"
    '\n[audiences.public]\nmay_see = ["calendar", "policies", "plans"]\n'
    f'\n[audiences.{SECRET}]\nmay_see = ["calendar"]\n'
).replace('owner = "writer"\n', f'owner = "writer"\nrecovery = "{SECRET}"\naccess = ["{SECRET}-person"]\n', 1)


def words(token: str) -> make.Words:
    return lambda of, key: f"https://{token}.example/{key}" if of is base.Url else f"{token} {key}"


def open_document(kind: type[Document]) -> dict[str, Any]:
    """A document that the company may see: what it refers to it may not, nor its narrow fields."""
    front = make.full(kind, words("open"), names=lambda found: f"{SECRET}-{found.KIND}")
    hidden = make.full(kind, words(SECRET))
    for field in audience.FIELDS.get(kind, {}):
        front[field] = hidden[field]
    front |= {
        "title": f"Open {kind.KIND}",
        "audiences": ["company"],
        "labels": ["plain"],
        "waive": [{"rule": "tier", "why": f"{SECRET} why it may be", "by": f"{SECRET}-person", "until": "2027-01-01"}],
        "body": BODY,
    }
    if kind is Post:
        front |= {"channels": ["blog", "mastodon"], "evergreen": None, "status": "approved", "options": None, "publish_at": "2026-11-20 09:00",
                  "media": [{"src": "media/open.png", "alt": "An open door"}], "embargo_until": None}  # fmt: skip
    if kind is Asset:
        front["file"] = "media/open.png"
    return front


BODY = f"""\
Open words, a [plan](../plans/{SECRET}-plan.md), ![a picture](media/{SECRET}.png), ![open](media/open.png)
and <a href="../plans/{SECRET}-plan.md">one more</a>, `{SECRET}-plan`, [by name][one], content/plans/{SECRET}-plan.md.

[one]: ../plans/{SECRET}-plan.md

```chart
metric: {SECRET}-metric
```

```kpi
metrics: [open-metric, {SECRET}-metric]
```
"""


def secret_document(kind: type[Document]) -> dict[str, Any]:
    front = make.full(kind, words(SECRET), names=lambda found: f"open-{found.KIND}")
    front |= {"title": f"{SECRET} {kind.KIND}", "audiences": ["executives"], "body": f"{SECRET} body\n"}
    if kind is Post:
        front |= {"channels": ["blog"], "evergreen": None, "status": "approved", "publish_at": "2026-11-20 10:00", "media": None,
                  "options": None, "embargo_until": None}  # fmt: skip
    if kind is Asset:
        front["file"] = f"/calendar/media/{SECRET}.png"
    return front


def narrow_documents() -> dict[str, dict[str, Any]]:
    """Documents that name nobody and are for nobody but the team all the same."""

    def of(which: type[Document], **more: Any) -> dict[str, Any]:
        front = secret_document(which) | more
        del front["audiences"]
        return front

    by_name = {kind.KIND: kind for kind in KINDS}
    later = (TODAY + timedelta(days=30)).isoformat() + " 09:00"
    return {
        f"policies/acknowledgements/{SECRET}-narrow": of(by_name["acknowledgement"]),
        f"cases/{SECRET}-narrow": of(by_name["case"]),
        f"reports/{SECRET}-narrow": of(by_name["report"], status="built"),
        f"people/communities/{SECRET}-narrow": of(by_name["community"], visibility="private"),
        f"people/{SECRET}-narrow": of(by_name["person"], side="outside"),
        f"calendar/{SECRET}-narrow": of(by_name["post"], embargo_until=later),
        f"calendar/events/{SECRET}-narrow": of(by_name["event"], kind="results-day"),
        f"plans/{SECRET}-empty": secret_document(by_name["plan"]) | {"audiences": []},
        f"plans/{SECRET}-wrong": secret_document(by_name["plan"]) | {"audiences": {"company": True}},
        f"plans/{SECRET}-misspelt": of(by_name["plan"], audience=["executives"]),
    }


def records() -> list[Any]:
    at = NOW - timedelta(days=2)

    def reading(**more: Any) -> Reading:
        values: dict[str, Any] = {
            "source": "x", "channel": "blog", "subject": "account", "metric": "open_metric", "on": TODAY - timedelta(days=3),
            "value": 4, "taken_at": at, "origin": f"{SECRET}.csv",
        }  # fmt: skip
        return Reading.of(**(values | more))

    return [
        *(reading(grain=grain, metric=f"{SECRET}_metric", value=777_123) for grain in ("day", "week", "post", "total")),
        *(reading(grain=grain, subject=f"{SECRET}-{grain}", dims=(f"campaign={SECRET}-campaign",)) for grain in ("day", "week", "post", "total")),
        reading(grain="post", subject=f"at://{SECRET}/1"),
        *(reading(on=TODAY - timedelta(days=day), value=day) for day in range(1, 30)),
        Receipt("open-post/blog", "open-post", "blog", 1, at, "id-1", "https://open.example/1", f"{SECRET}", "sent", f"{SECRET} why", f"{SECRET}-run",
                f"{SECRET}-person", None, (f"cid={SECRET}",)),
        Receipt(f"{SECRET}-post/blog", f"{SECRET}-post", "blog", 1, at, f"at://{SECRET}/1", f"https://{SECRET}.example/1", "x"),
        Intent("open-post/mastodon", "open-post", "mastodon", 1, f"{SECRET}-run", f"{SECRET}", at, at + timedelta(minutes=9)),
        Intent(f"{SECRET}-post/mastodon", f"{SECRET}-post", "mastodon", 1, "r", "c", at, at + timedelta(minutes=9)),
        Alert("a1", f"{SECRET}-subject", "spike", 2, at, f"About {SECRET}-subject."),
        Alert("a2", f"{SECRET}-post/blog", "overdue", 2, at, f"Late: {SECRET}-post"),
        CaseEvent("c1", "open-case", "opened", at, f"{SECRET}-person", (f"to={SECRET}-person", "severity=S3", f"who={SECRET}")),
        CaseEvent("c2", f"{SECRET}-case", "opened", at, "writer", (f"{SECRET}=1",)),
        Mention("m1", "feed", "1", f"https://{SECRET}.example/m1", "somebody", "", f"All about {SECRET} harbour", "en", at, at),
        Mention("m2", "feed", "2", "https://open.example/m2", "somebody", "", "All about open breakfast", "en", at, at),
        Mention("m3", "feed", "3", f"https://{SECRET}.example/m3", "somebody", "", "All about neither", "en", at, at),
        judgement("m3", (f"watch/{SECRET}-watch",)),
        judgement("m2", ("watch/open-watch", f"watch/{SECRET}-watch")),
        Correction("o1", "m2", at, f"{SECRET}-person", "positive", (f"subject/{SECRET}-subject",), (), "", f"{SECRET} why"),
        Contact("k1", "hubspot", "1", f"{SECRET} name", f"{SECRET}@example.org", "Lead", "SOCIAL_MEDIA", at, at, (f"note={SECRET}",)),
    ]  # fmt: skip


def judgement(key: str, about: tuple[str, ...]) -> Judgement:
    at = NOW - timedelta(days=2)
    return Judgement(key, "r1", at, at, "feed", "", "open.example", f"{SECRET}-who", "en", "neutral", 0.9, "rules", 3, "", "voice", about, key, key,
                     (), "routine", 0, 0, (f"{SECRET} why",))  # fmt: skip


def commit(root: Path, author: str, subject: str, *paths: str) -> None:
    who = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER")
           for what, value in (("NAME", author), ("EMAIL", "a@b.example"), ("DATE", NOW.isoformat()))}  # fmt: skip
    for args in (["add", *paths], ["commit", "-q", "-m", subject]):
        subprocess.run(["git", *args], cwd=root, env=os.environ | who, check=True, capture_output=True)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The team's workspace: of each kind one document for the company, and one that it may not see."""
    root = tmp_path_factory.mktemp("seen") / "team"
    place = make.workspace(root, settings=SETTINGS, mkdocs=make.MKDOCS.replace("+01:00}", "+01:00, guide: docs}"))
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    for kind in KINDS:
        make.document(place, f"{kind.FOLDER}/open-{kind.KIND}", open_document(kind))
        front = secret_document(kind)
        if kind.KIND in {"watch", "subject", "competitor"}:
            front |= {"query": f'"{SECRET}"'} if kind.KIND == "watch" else {"queries": [f'"{SECRET}"']}
        make.document(place, f"{kind.FOLDER}/{SECRET}-{kind.KIND}", front)
    for path, front in narrow_documents().items():
        make.document(place, path, front)
    for name in ("open", SECRET):
        write(place.content / "calendar" / "media" / f"{name}.png", f"picture of {name}".encode())
    write(place.content / "plans" / f"{SECRET}.pdf", f"{SECRET} pages")
    write(place.content / "notes" / "open.md", f"# Open note\n\nSee [it]({SECRET}.md).\n")
    write(place.content / "notes" / f"{SECRET}.md", f"---\ntitle: {SECRET}\naudiences: [executives]\n---\n{SECRET}\n")
    write(root / "docs" / "index.md", "# Guide\n\nOpen.\n")
    commit(root, "Writer", f"plans: {SECRET} first", ".")
    path = place.content / "policies" / "open-policy.md"
    write(path, path.read_text(encoding="utf-8") + "\nMore.\n")
    commit(root, "Writer", "policies: say more", "content/policies/open-policy.md")
    store.append(place, records())
    return place


def unpacked(data: bytes) -> bytes:
    """Bytes as a reader of the format gets them."""
    if data[:4] == b"PAR1":
        return data + json.dumps(parquet.read_table(io.BytesIO(data)).to_pylist(), default=str).encode()
    if data[:2] == b"\x1f\x8b":
        return gzip.decompress(data)
    return data


def leaks(folder: Path, token: str = SECRET) -> list[str]:
    found = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if token in name.casefold():
            found.append(name)
        elif path.is_file():
            data = unpacked(path.read_bytes()).decode("utf-8", "replace").casefold()
            at = data.find(token)
            if at >= 0:
                found.append(f"{name}: …{data[max(0, at - 80) : at + 40]}…")
    return found


def test_the_search_for_canaries_looks_into_packed_files(tmp_path):
    (tmp_path / "a.gz").write_bytes(gzip.compress(b"a Kanarie"))
    parquet.write_table(pa.table({"a": ["x", SECRET]}), tmp_path / "b.parquet", compression="zstd")
    assert len(leaks(tmp_path)) == 2


def test_no_byte_of_the_site_of_an_audience_holds_what_it_may_not_see(place, tmp_path):
    """Into a folder that held the team's site before: nothing of it may stay. That site shows what is looked for."""
    target = tmp_path / "site"
    build(place, site_dir=target)
    whole = leaks(target)
    assert len(whole) > 40
    for kind in ("search_index", ".ics", "sitemap", "rss.xml", "feed.json", ".parquet", ".csv", "data/posts.json"):
        assert any(kind in name for name in whole)
    done = build(place, site_dir=target, audience="company")
    assert done.pages > 40
    assert leaks(target) == []
    assert leaks(place.cache / "audiences") == []
    assert (target / "files/calendar/media/open.png").is_file()
    text = "".join(path.read_text(encoding="utf-8") for path in target.rglob("*.html"))
    for kind in KINDS:
        assert f"Open {kind.KIND}" in text
    assert "policies: say more" in text
    assert "777,123" not in text
    assert "777 123" not in text


def test_whom_a_document_names_sees_it_and_what_is_narrow_only_with_its_grant(place):
    book = audience.narrowed(books.load(place), "executives", NOW)
    (plan,) = book.all(Plan)
    assert plan.slug == f"{SECRET}-plan"
    assert plan.risks
    (playbook,) = book.all(Playbook)
    assert playbook.contact_tree == ()
    assert playbook.first_five


def test_a_site_is_the_same_byte_for_byte_when_what_it_may_not_show_was_never_there(place, tmp_path):
    """Counts, orders and keys included: nobody can tell that something was left out."""
    sites = []
    for name in ("with", "without"):
        root = tmp_path / name / "team"
        shutil.copytree(place.root, root, ignore=shutil.ignore_patterns(".git", "audiences", "site"))
        if name == "without":
            for path in [*root.rglob("*")]:
                if SECRET in path.name:
                    path.unlink()
            kept = [
                one
                for one in records()
                if SECRET not in str(one.key) and f"{SECRET}-post" not in str(getattr(one, "post", ""))
            ]
            shutil.rmtree(root / "data")
            store.append(Workspace(root), [one for one in kept if not _about_the_secret(one)])
        for path in root.rglob("open-*.md"):  # what an author says in words is there, whatever it names
            words_kept = path.read_text(encoding="utf-8").partition(f"`{SECRET}")[0]
            path.write_text(words_kept, encoding="utf-8")
        os.utime(root / "content/calendar/media/open.png", (1_700_000_000, 1_700_000_000))
        sites.append(build(Workspace(root), site_dir=tmp_path / name / "site", audience="company").site_dir)
    files = [{path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()} for site in sites]
    assert files[0] == files[1]
    different = [name for name in sorted(files[0]) if (sites[0] / name).read_bytes() != (sites[1] / name).read_bytes()]
    assert different == []


def _about_the_secret(one: Any) -> bool:
    if isinstance(one, Reading):
        return one.metric.startswith(SECRET) or one.subject == f"at://{SECRET}/1"
    return (isinstance(one, Alert) or (isinstance(one, Mention | Judgement) and one.key in {"m1", "m3"})
            or (isinstance(one, CaseEvent) and one.case.startswith(SECRET)) or isinstance(one, Contact))  # fmt: skip


def test_the_public_sees_what_is_published_and_nothing_else(place):
    book = audience.narrowed(books.load(place), "public", NOW)
    assert [one.slug for one in book.everything()] == []
    named = place.content / "calendar" / "open-post.md"
    text = named.read_text(encoding="utf-8")
    try:
        named.write_text(text.replace("- company", "- company\n- public"), encoding="utf-8")
        book = audience.narrowed(books.load(place), "public", NOW)
        assert [one.slug for one in book.everything()] == ["open-post"]
    finally:
        named.write_text(text, encoding="utf-8")


def test_whoever_reads_along_finds_a_front_page_and_no_command_of_ours(tmp_path):
    """An audience has no home: its front page says what there is. What it cannot run is not shown to it."""
    hand = '\n[channels.linkedin]\nconnector = "manual"\nowner = "writer"\n'
    settings = f'{make.SETTINGS}{hand}\n[audiences.public]\nmay_see = ["calendar"]\n'
    late = make.post(title="Out", status="approved", publish_at="2026-11-20 09:00", channels=["blog", "linkedin"])
    place = make.workspace(tmp_path, {"calendar/out": late}, settings=settings)
    key = {"key": "out/blog", "post": "out", "channel": "blog", "part": 1, "content": "ab" * 16, "run": "r", "at": NOW}
    store.append(
        place,
        [
            Intent(**key, send_before=NOW + timedelta(minutes=10), attempt=1),
            Receipt(**key, id="1", url="https://blog.example/out", attempt=1),
        ],
    )
    team = build(place, site_dir=tmp_path / "team").site_dir
    site = build(place, site_dir=tmp_path / "public", audience="public").site_dir
    said = "calendar/posts/out.html"
    assert "signalbook publish" in (team / said).read_text(encoding="utf-8")
    assert 'id="since"' in (team / said).read_text(encoding="utf-8"), "its bytes are others than those that were sent"
    for name in pages(site):
        text = (site / name).read_text(encoding="utf-8")
        assert "signalbook publish" not in text, name
        assert 'id="since"' not in text, name
    front = (site / "index.html").read_text(encoding="utf-8")
    assert "What goes out, when and where" in front
    assert (team / "calendar/by-hand.html").exists()
    assert not (site / "calendar/by-hand.html").exists()


@pytest.mark.parametrize(("name", "said"), [("compny", "company"), ("nobody", "Known")])
def test_an_audience_that_nobody_knows_builds_nothing(place, tmp_path, name, said):
    with pytest.raises(UsageError, match=said):
        build(place, site_dir=tmp_path / "site", audience=name)
    assert not (tmp_path / "site").exists()


def test_a_word_in_may_see_that_means_nothing_builds_nothing(tmp_path):
    """A build that misread who may see what would be worse than none."""
    place = make.workspace(tmp_path, settings=make.SETTINGS + '\n[audiences.company]\nmay_see = ["polices"]\n')
    with pytest.raises(UsageError, match="policies"):
        build(place, audience="company")


def test_every_narrow_field_is_a_field():
    for kind, fields in audience.FIELDS.items():
        assert set(fields) <= {field.name for field in decode.fields_of(kind).values()}
        assert set(fields.values()) <= set(audience.GRANTS)


def test_every_room_of_the_site_is_a_word_for_may_see():
    from site_plugins.pages import SECTIONS

    assert set(SECTIONS) == set(audience.SECTIONS)


@pytest.mark.browser
def test_the_security_policy_holds_on_the_pages_of_an_audience_charts_included(browser, place, tmp_path):
    """First in every head; and a browser that enforces it has nothing to complain of, and asks no other host."""
    site = build(place, site_dir=tmp_path / "site", audience="company").site_dir
    meta = "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'self'; object-src 'none'; base-uri 'self'\">"
    every = pages(site)
    for name in every:
        text = (site / name).read_text(encoding="utf-8")
        assert meta in text.partition("<title>")[0], name
        assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>[^<]|<style|\sstyle=|\son\w+=\"", text), name
    charts = [name for name in every if "sb-plot" in (site / name).read_text(encoding="utf-8")]
    indexes = [name for name in every if name.endswith("index.html")]
    assert charts
    with serving(site) as address, browser.page(address) as tab:
        for name in [*charts[:2], *indexes[:10], "calendar/posts/open-post.html", "data/index.html"]:
            tab.goto(name)
        assert tab.complaints == []
