"""The same generated posts as a workspace of ours, as a blog for Material's plugin, and as a Hugo site.

The same seed and number give the same bytes. About 200 posts fall into a month, from January 2026 on.
"""

from __future__ import annotations

import datetime as dt
import random
import shutil
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

CHANNELS = ("linkedin", "blog", "sandbox")
THEMES = ("launch", "how-to", "people", "behind-the-scenes", "events", "answers", "season", "craft", "research", "jobs")
MIXES = ("own-offer", "useful", "useful", "conversation")
WORDS = (
    "we you they our your new soon next open early late small large plain clear quiet warm local shared written spoken "
    "morning evening week month season year kitchen garden workshop market station library school street river bridge "
    "team maker reader guest neighbour colleague writer member partner letter picture story question answer lesson map "
    "plan draft page list table tool method habit reason change mistake repair promise result number start finish "
    "learn build mend show share ask explain try keep leave choose measure compare prepare deliver open read write "
    "because before after without between around through while until though when where how why what which that this"
).split()


@dataclass(frozen=True, slots=True)
class Made:
    """One post in no format yet.

    Attributes:
        at: naive, in the team's zone.
        paragraphs: of plain sentences.
        points: lines of a list; may be empty.
    """

    slug: str
    title: str
    at: dt.datetime
    channels: tuple[str, ...]
    theme: str
    mix: str
    picture: str
    paragraphs: tuple[str, ...]
    points: tuple[str, ...]


def posts(count: int, *, seed: int = 7) -> list[Made]:
    """Posts in no order of time."""
    dice = random.Random(f"{seed}-{count}")
    days = max(90, round(count / 200 * 30))

    def sentence(low: int = 7, high: int = 15) -> str:
        words = " ".join(dice.choice(WORDS) for _ in range(dice.randint(low, high)))
        return words.capitalize() + dice.choice((".", ".", ".", "?"))

    made = []
    for number in range(count):
        title = " ".join(dice.choice(WORDS) for _ in range(dice.randint(4, 8))).capitalize()
        made.append(
            Made(
                slug=f"{title.lower().replace(' ', '-')}-{number:05d}",
                title=title,
                at=dt.datetime(2026, 1, 1, 7)  # noqa: DTZ001 - the zone is the team's
                + dt.timedelta(days=dice.randrange(days), minutes=15 * dice.randrange(48)),
                channels=tuple(dice.sample(CHANNELS, dice.randint(1, 3))),
                theme=dice.choice(THEMES),
                mix=dice.choice(MIXES),
                picture=f"{dice.randrange(20):02d}.png",
                paragraphs=tuple(" ".join(sentence() for _ in range(3)) for _ in range(3)),
                points=tuple(sentence(4, 8) for _ in range(3)) if dice.random() < 0.35 else (),
            )
        )
    return made


def picture(shade: int) -> bytes:
    """A picture of 8 by 8 pixels in one shade of grey, as PNG."""
    rows = b"".join(b"\0" + bytes([shade] * 8) for _ in range(8))

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def _pictures(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(20):
        (folder / f"{number:02d}.png").write_bytes(picture(number * 12))


def _body(post: Made) -> str:
    parts = [*post.paragraphs[:2]]
    if post.points:
        parts.append("\n".join(f"- {point}" for point in post.points))
    return "\n\n".join([*parts, post.paragraphs[2]]) + "\n"


def ours(root: Path, made: list[Made], *, zone: str = "Europe/Berlin") -> Path:
    """A new team's repository with the posts in it; gives the folder of the posts."""
    from signalbook import scaffold

    shutil.rmtree(root, ignore_errors=True)
    scaffold.new_team(root, name="Bench", zone=zone, today=dt.date(2026, 1, 1))
    folder = root / "content" / "calendar"
    _pictures(folder / "media")
    assets = root / "content" / "plans" / "assets"
    assets.mkdir(parents=True, exist_ok=True)
    (assets / "squares.md").write_text(
        "---\ntitle: Squares\nowner: social-lead\nstatus: cleared\nlicence: our own work\nsource: this benchmark\n---\n",
        encoding="utf-8",
    )
    for post in made:
        (folder / f"{post.slug}.md").write_text(
            "---\n"
            f"title: {post.title}\n"
            "owner: social-lead\n"
            "status: approved\n"
            f"publish_at: {post.at:%Y-%m-%d %H:%M}\n"
            f"channels: [{', '.join(post.channels)}]\n"
            "objective: first-objective\n"
            "audience: first-audience\n"
            f"mix: {post.mix}\n"
            "author: writer\n"
            "disclosure: not-needed\n"
            f"labels: [{post.theme}]\n"
            "media:\n"
            f"  - {{src: media/{post.picture}, alt: A square in one shade of grey, rights: squares}}\n"
            "---\n" + _body(post),
            encoding="utf-8",
        )
    return folder


def blog(root: Path, made: list[Made]) -> Path:
    """A project for the theme's blog plugin with search, archive, categories and pages of ten; the posts' folder."""
    shutil.rmtree(root, ignore_errors=True)
    folder = root / "docs" / "blog" / "posts"
    folder.mkdir(parents=True)
    _pictures(root / "docs" / "media")
    (root / "docs" / "index.md").write_text("# Calendar\n", encoding="utf-8")
    (root / "docs" / "blog" / "index.md").write_text("# Posts\n", encoding="utf-8")
    (root / "mkdocs.yml").write_text(
        "site_name: Calendar\nsite_url: https://bench.example/\n"
        "theme:\n  name: material\n  font: false\n"
        "plugins:\n  - search\n  - blog:\n      archive_date_format: MMMM yyyy\n"
        "      archive_url_date_format: yyyy/MM\n",
        encoding="utf-8",
    )
    for post in made:
        paragraphs = _body(post).split("\n\n", 1)
        (folder / f"{post.slug}.md").write_text(
            f"---\ntitle: {post.title}\ndate: {post.at:%Y-%m-%d}\ncategories: [{post.theme}]\n---\n\n"
            f"{paragraphs[0]}\n\n<!-- more -->\n\n"
            f"![A square in one shade of grey](../../media/{post.picture})\n\n{paragraphs[1]}",
            encoding="utf-8",
        )
    return folder


_SINGLE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{{ .Title }}</title></head><body>
<header><a href="{{ "/" | relURL }}">Calendar</a></header><main><h1>{{ .Title }}</h1>
<p>{{ .Date.Format "2006-01-02" }} {{ range .Params.channels }}<span>{{ . }}</span> {{ end }}</p>
{{ .Content }}</main></body></html>
"""
_LIST = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{{ .Title }}</title></head><body><main>
{{ range PAGES.GroupByDate "2006-01" }}<h2>{{ .Key }}</h2><ul>
{{ range .Pages }}<li><a href="{{ .RelPermalink }}">{{ .Title }}</a></li>{{ end }}</ul>{{ end }}</main></body></html>
"""


def hugo(root: Path, made: list[Made]) -> Path:
    """A Hugo site with the smallest theme that shows the same: a page each, months, categories; the posts' folder."""
    shutil.rmtree(root, ignore_errors=True)
    folder = root / "content" / "calendar"
    folder.mkdir(parents=True)
    _pictures(root / "static" / "media")
    layouts = root / "layouts" / "_default"
    layouts.mkdir(parents=True)
    (layouts / "single.html").write_text(_SINGLE, encoding="utf-8")
    (layouts / "list.html").write_text(_LIST.replace("PAGES", ".Pages"), encoding="utf-8")
    (root / "layouts" / "index.html").write_text(_LIST.replace("PAGES", ".Site.RegularPages"), encoding="utf-8")
    (root / "config.toml").write_text(
        'baseURL = "https://bench.example/"\ntitle = "Calendar"\nbuildFuture = true\n'
        "[taxonomies]\n  category = 'categories'\n",
        encoding="utf-8",
    )
    for post in made:
        (folder / f"{post.slug}.md").write_text(
            f"---\ntitle: {post.title}\ndate: {post.at:%Y-%m-%d}\ncategories: [{post.theme}]\n"
            f"channels: [{', '.join(post.channels)}]\n---\n\n"
            f"![A square in one shade of grey](/media/{post.picture})\n\n{_body(post)}",
            encoding="utf-8",
        )
    return folder
