"""Every text that people or the world can write, full of code, in a real browser: it stays text."""

from __future__ import annotations

import json
import os
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest

from signalbook import decode, store
from signalbook.model import KINDS, Document, base
from signalbook.records import Alert, CaseEvent, Intent, Reading, Receipt
from signalbook.workspace import Workspace
from site_plugins.build import build
from tests import build as make
from tests.browser import pages, serving
from tests.build import NOW, TODAY, ZONE, write
from tests.site_plugins import hostile

pytestmark = pytest.mark.browser

COPIES = -(-len(hostile.LINES) // hostile.SIZE)
"""So many documents of each kind hold the whole corpus in each of their fields."""

NAMES = (
    f"<img src=x onerror={hostile.RUN}>",
    f'" onmouseover="{hostile.RUN}',
    f"' onfocus='{hostile.RUN}' autofocus '",
    f"javascript:{hostile.RUN}",
    f"{{{{ {hostile.SUM} }}}}",
    "\u202egnp.exe",
    "%2e%2e%2f%22%3Cscript%3E",
    "a&lt;b&gt;&quot;#x?y=1;z",
)
"""Files may be called so; a slug has findings then, and a page all the same."""


def line(number: int) -> str:
    return hostile.chunk(number)


def document(kind: type[Document], turn: int) -> dict[str, Any]:
    """One document with the corpus in every field that takes a text."""

    def words(of: type, key: str) -> str:
        if of is base.Url:
            return hostile.ADDRESSES[(turn + len(key)) % len(hostile.ADDRESSES)]
        return line(turn * hostile.SIZE + crc32(f"{of.__name__} {key}".encode()) % len(hostile.LINES))

    # References lead to pages in two of three documents, and are mere text in the third.
    names = (lambda found: f"{found.KIND}-{turn % COPIES}") if turn % 3 else None
    front = make.full(kind, words, turn=turn, names=names)
    front["audiences"] = [line(turn)] if turn % 2 else []
    if kind.KIND == "post":
        front["channels"] = ["blog", "bluesky", "linkedin", line(turn)]
        front["evergreen"] = None
        front["publish_at"] = f"{TODAY + timedelta(days=turn % 12 - 3)} 10:00"
    if kind.KIND in {"objective", "report"} or (kind.KIND == "metric" and turn % 2):
        front["metric" if kind.KIND == "objective" else "title"] = "posts-merged"
    front["body"] = hostile.BODIES[turn % len(hostile.BODIES)]
    return {key: value for key, value in front.items() if key == "body" or key in decode.fields_of(kind)}


def toml(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def settings() -> str:
    def channel(key: str, connector: str, start: int) -> str:
        fields = ("name", "account", "purpose", "audience", "voice", "owner", "backup", "hours", "recovery")
        rows = [f"{name} = {toml(line(start + step))}" for step, name in enumerate(fields)]
        address = f"url = {toml(f'javascript:{hostile.RUN}//https://x.example')}"
        access = f"access = [{toml(line(start))}]\nmix = {{{toml(line(start))} = 3, useful = 4}}"
        return "\n".join([f"[channels.{toml(key)}]", f"connector = {toml(connector)}", *rows, address, access])

    found = [
        f"[team]\nname = {toml(line(3))}\ntimezone = 'Europe/Berlin'\nlanguages = ['en', {toml(line(4))}]\nhours = {toml(line(5))}",
        channel("blog", "feed", 0),
        channel("bluesky", "bluesky", 3),
        channel("linkedin", hostile.MARKUP[7], 6),
        channel(hostile.MARKUP[6], "manual", 9),
        f"[audiences.{toml(line(1))}]\nmay_see = [{toml(line(2))}]",
        f"[links]\ndomains = [{toml(line(6))}]\nown = [{toml(line(7))}]",
        f"[unknown]\n{toml(line(8))} = {toml(line(9))}",
    ]
    return "\n\n".join(found) + "\n"


def records() -> list[Any]:
    found: list[Any] = []
    for week in range(12):
        for number, (source, channel) in enumerate([("git", ""), (line(week), line(1)), ("x", "blog")]):
            day = TODAY - timedelta(days=TODAY.weekday() + 7 * (week + 1))
            found.append(
                Reading.of(
                    source=source if number != 1 else line(0), channel=channel, subject=line(2) if number else "account",
                    metric="posts_merged", on=day, value=week * 3 + number, taken_at=NOW - timedelta(days=1), origin=line(week),
                    grain="week", unit="count", dims=() if number else (f"page={line(week)}",),
                )
            )  # fmt: skip
    for turn in range(COPIES):
        slug = f"post-{turn}"
        what = ("sent", "amended", "withdrawn", "settled", "cancelled")[turn % 5]
        found.append(
            Receipt(
                f"{slug}/blog",
                slug,
                "blog",
                1,
                NOW - timedelta(days=1),
                line(turn),
                f"javascript:{hostile.RUN}//",
                "x",
                what,
                line(turn + 1),
            )  # type: ignore[arg-type]
        )
        found.append(
            Intent(
                f"{slug}/bluesky",
                slug,
                "bluesky",
                1,
                line(turn),
                line(turn),
                NOW - timedelta(days=1),
                NOW - timedelta(hours=1),
            )
        )
        found.append(Alert(line(turn), line(turn), line(turn + 1), 1, NOW, line(turn + 2)))
        found.append(CaseEvent(f"k{turn}", f"case-{turn}", line(turn), NOW, line(turn), (line(turn),)))
    return found


def commit(place: Workspace, author: str, subject: str) -> None:
    who = {"GIT_AUTHOR_NAME": author, "GIT_COMMITTER_NAME": author, "GIT_AUTHOR_EMAIL": "a@b.example",
           "GIT_COMMITTER_EMAIL": "a@b.example", "GIT_AUTHOR_DATE": NOW.isoformat(), "GIT_COMMITTER_DATE": NOW.isoformat()}  # fmt: skip
    for words in (["add", "content"], ["commit", "-q", "-m", subject]):
        subprocess.run(["git", *words], cwd=place.root, env=os.environ | who, check=True, capture_output=True)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    site_name = json.dumps(hostile.MARKUP[4] + hostile.MARKUP[7])
    mkdocs = (
        make.MKDOCS.replace("Harbour News", site_name, 1)
        .replace("/news/", "/", 1)
        .replace("+01:00}", "+01:00, guide: docs}")
    )
    mkdocs += f"site_description: {json.dumps(hostile.MARKUP[7])}\n"
    root = tmp_path_factory.mktemp("hostile") / "team"
    place = make.workspace(root, settings=settings(), mkdocs=mkdocs)
    for kind in KINDS:
        for turn in range(COPIES):
            make.document(place, f"{kind.FOLDER}/{kind.KIND}-{turn}", document(kind, turn))
        name = NAMES[KINDS.index(kind) % len(NAMES)]
        make.document(place, f"{kind.FOLDER}/{name}", document(kind, COPIES))
    merged = make.full(KINDS[-2], lambda of, _: hostile.ADDRESSES[0] if of is base.Url else line(5))
    merged |= {"title": line(0), "unit": "count", "grain": "week", "status": "in-use", "adds": "sum", "min_n": None, "readings": None,
               "starts_on": None, "stage": "process", "vanity": False}  # fmt: skip
    make.document(place, "metrics/posts-merged", merged)
    for number, body in enumerate(hostile.BODIES):
        write(place.content / "notes" / f"note-{number}.md", f"---\ntitle: {json.dumps(line(number))}\n---\n{body}")
        write(root / "docs" / f"page-{number}.md", body)
    for name in NAMES:
        write(place.content / "notes" / f"{name}.md", f"# {name}\n\n[x]({name}.md) ![{name}]({name}.png)\n")
        write(place.content / "calendar" / "media" / f"{name}.png", b"no picture")
    for folder in (root, place.content / "calendar" / "media", root / "docs"):
        write(folder / "secret.txt", hostile.SECRET)
    active = f'<svg xmlns="http://www.w3.org/2000/svg" onload="{hostile.RUN}"><script>{hostile.RUN}</script></svg>'
    write(place.content / "calendar" / "media" / "active.svg", active)
    write(place.content / "calendar" / "media" / "run.html", f"<script>{hostile.RUN}</script>")
    store.append(place, records())
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    commit(place, f'" onmouseover="{hostile.RUN}" x="', hostile.MARKUP[0])
    for kind in KINDS:
        path = place.content / kind.FOLDER / f"{kind.KIND}-1.md"
        path.write_text(path.read_text(encoding="utf-8") + "\nmore\n", encoding="utf-8")
    commit(place, f"{{{{ {hostile.SUM} }}}} 'onfocus='{hostile.RUN}' &lt;b&gt;", hostile.MARKUP[7] + hostile.LINKS[0])
    return place


@pytest.fixture(scope="module")
def site(place: Workspace) -> Path:
    return build(place).site_dir


ACTIVE = """() => {
  const out = [];
  const ours = new URL('.', document.querySelector('script[src]')?.src ?? location).origin;
  for (const node of document.querySelectorAll('*')) {
    const tag = node.localName;
    for (const { name, value } of node.attributes) {
      if (/^on/i.test(name) || ['style', 'srcdoc', 'srcset', 'formaction', 'ping', 'background'].includes(name)) out.push(`${tag} ${name}=${value}`);
      if (['href', 'src', 'action', 'xlink:href', 'data', 'poster', 'cite'].includes(name)) {
        let at; try { at = new URL(value, document.baseURI); } catch { continue; }
        const link = tag === 'a' ? ['http:', 'https:', 'mailto:', 'webcal:'] : ['http:', 'https:'];
        if (!link.includes(at.protocol)) out.push(`${tag} ${name}=${value}`);
        if (tag !== 'a' && at.origin !== location.origin && !(tag === 'link' && node.rel === 'canonical')) out.push(`${tag} ${name}=${value}`);
      }
    }
    if (['iframe', 'object', 'embed', 'base', 'style', 'template', 'frame', 'applet', 'math', 'video', 'audio'].includes(tag)) out.push(`<${tag}>`);
    if (tag === 'script' && !node.src && node.type !== 'application/json') out.push('inline script');
    if (tag === 'meta' && node.httpEquiv && node.httpEquiv !== 'Content-Security-Policy') out.push(`meta ${node.httpEquiv}`);
    if (tag === 'svg' && node.querySelector('script, foreignObject, animate, set, style')) out.push('active svg');
  }
  if (window.__ran !== undefined) out.push('it ran');
  return out.slice(0, 5);
}"""


def test_every_text_field_of_every_kind_holds_the_corpus() -> None:
    """What the builders promise: no field that takes words is left out, none is refused."""
    seen: set[str] = set()
    for kind in KINDS:
        paths = {path for path, _ in make.every_text(kind)}
        held = set()
        for turn in range(COPIES):
            front = document(kind, turn)
            body = front.pop("body")
            assert body
            found, wrongs = decode.decode(kind, front, zone=ZONE, slug="x")
            assert wrongs == [], kind
            assert found.title
            held |= {".".join(part for part in path if not part.isdigit()) for path in leaves(front)}
            seen |= {text for path in leaves(front).values() for text in hostile.LINES if text in path}
        missing = {path for path in paths if not any(one == path or one.startswith(f"{path}.") for one in held)}
        assert missing == set(), kind
    assert seen == set(hostile.LINES)


def leaves(value: Any, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], str]:
    if isinstance(value, dict):
        named = {(*path, f"{number}"): name for number, name in enumerate(value)} if path else {}
        return named | {key: text for name, item in value.items() for key, text in leaves(item, (*path, name)).items()}
    if isinstance(value, list):
        return {
            key: text for index, item in enumerate(value) for key, text in leaves(item, (*path, str(index))).items()
        }
    return {path: value} if isinstance(value, str) else {}


def test_nothing_runs_on_any_page_and_no_page_asks_elsewhere(browser: Any, site: Path) -> None:
    found: list[str] = []
    shown = charts = 0
    addresses = pages(site)
    assert len(addresses) > len(KINDS) * COPIES
    with serving(site) as address, browser.page(address) as page:
        from urllib.parse import quote

        for path in addresses:
            page.goto(quote(path))
            found += [f"{path}: {one}" for one in page.driver.evaluate(ACTIVE)]
            text = page.driver.evaluate("() => document.documentElement.textContent")
            shown += hostile.RUN in text
            found += [f"{path}: obeyed or quoted" for word in (hostile.OBEYED, hostile.SECRET) if word in text]
            for button in page.driver.locator("[data-sb-explore]").all()[:2]:
                button.click()
                page.driver.wait_for_selector("[data-sb-open] .sb-chart__stage svg", timeout=10_000)
                charts += 1
                found += [f"{path}, chart open: {one}" for one in page.driver.evaluate(ACTIVE) if "style=" not in one]
        found += page.complaints
    assert not found, f"{len(found)} in all:\n" + "\n".join(found[:30])
    assert shown > len(KINDS) * COPIES, "the texts are there to be read"
    assert charts > 0


def test_the_search_shows_hostile_titles_as_text(browser: Any, site: Path) -> None:
    with serving(site) as address, browser.page(address) as page:
        page.goto("index.html")
        page.driver.locator(".md-search__input").click()
        for words in ("calendar", "script", "onerror"):
            page.driver.locator(".md-search__input").click()
            page.driver.keyboard.press("Control+a")
            page.driver.keyboard.type(words)
            page.driver.locator(".md-search-result__item").first.wait_for(timeout=15_000)
            assert page.driver.evaluate(ACTIVE) == []
        assert page.complaints == []


def test_files_of_the_site_that_are_no_pages_hold_no_more_than_words(site: Path) -> None:
    assert not [path for path in site.rglob("*.html") if hostile.SECRET in path.read_text(encoding="utf-8")]
    assert not list(site.rglob("run.html"))
    assert not list(site.rglob("active.svg"))
    for path in site.rglob("*.ics"):
        text = path.read_bytes()
        assert b"\r\n" in text
        assert not any(
            line.lstrip().upper().startswith((b"ATTACH", b"X-ALT-DESC"))
            for line in text.split(b"\r\n")
            if line[:1] != b" "
        )
    index = json.loads((site / "search" / "search_index.json").read_text(encoding="utf-8"))
    assert all("javascript:" not in entry["location"] for entry in index["docs"])
