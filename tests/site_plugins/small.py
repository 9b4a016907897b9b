"""A small workspace for the tests of the site, and a room that needs nobody else's."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from signalbook.model import Post
from signalbook.workspace import Workspace
from site_plugins import components as sb
from site_plugins.pages import Asset, Page, SearchEntry, digest, href

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from signalbook.book import Book
    from site_plugins.site import Site

MKDOCS = """\
site_name: Harbour News
site_url: https://harbour.example/news/
repo_url: https://forge.example/harbour/news
edit_uri: edit/main/content/
docs_dir: content
theme: {name: material}
plugins:
  - search
  - signalbook: {now: 2026-11-23T09:00:00+01:00, guide: docs}
"""
SETTINGS = (
    '[team]\nname = "Harbour"\ntimezone = "Europe/Berlin"\n\n[channels.blog]\nconnector = "feed"\nowner = "writer"\n'
)


def workspace(root: Path, *, posts: int = 3, mkdocs: str = MKDOCS) -> Workspace:
    """A workspace with posts ``post-0`` …, an ordinary page with every kind of Markdown, a picture and a guide."""
    files = {
        "mkdocs.yml": mkdocs,
        "signalbook.toml": SETTINGS,
        "content/about/team.md": PAGE,
        "content/about/other.md": "# Other\n\nBack to [the team](team.md#who-we-are).\n",
        "content/media/door.png": "not really a picture",
        "content/media/run.html": "<script>alert(1)</script>",
        "docs/index.md": "# Guide\n\nStart [here](first.md).\n",
        "docs/first.md": "# First hour\n\n## Coffee\n\nFirst.\n",
    }
    files["content/people/writer.md"] = PERSON
    for name, text in files.items():
        write(root / name, text)
    for number in range(posts):
        post(root, number)
    return Workspace(root)


def post(root: Path, number: int, *, title: str = "", body: str = "Copy of the post.") -> Path:
    """A post's file."""
    text = f"---\ntitle: {title or f'Post {number}'}\nstatus: draft\nowner: writer\nchannels: [blog]\n---\n{body}\n"
    return write(root / "content" / "calendar" / f"post-{number}.md", text)


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def room(book: Book, now: datetime, site: Site) -> Iterator[Page | Asset]:
    """A page for each post, an index, a feed."""
    del now
    posts = book.all(Post)
    for one in posts:
        yield Page(
            address=site.address(one),
            title=one.name,
            section="calendar",
            body=partial(_post, one, site),
            key=digest("post", one.digest, site.markdown_key(one.body, one.path)),
            source=one.path,
            description=one.body[:80],
            search=(SearchEntry("", one.name, one.body[:200]),),
        )
    rows = [sb.row(one.name, address=site.link(one), lead=sb.status(one.state)) for one in posts]
    yield Page("calendar/index.html", "Calendar", "calendar", lambda: sb.head("Calendar") + sb.rows(rows), "")
    yield Asset("calendar/all.txt", lambda: "\n".join(one.slug for one in posts).encode(), "")


def _post(one: Post, site: Site) -> str:
    back = [("Calendar", href("calendar/index.html"))]
    copy = site.markdown(one.body, one.path)
    return sb.head(one.name, path=back) + sb.panel("Copy", copy, padded=True) + site.channels(one.channels)


PERSON = """\
---
title: Writer
side: inside
roles: [writer]
owner: writer
zone: Europe/Berlin
---
Writes.
"""

PAGE = """\
# The team

Text with [a page](other.md), [a post](../calendar/post-0.md), [nothing](../gone.md) and
[the web](https://example.org/). ![The door](../media/door.png)

## Who we are

| Role | Hours |
| --- | ---: |
| Writer | 8 |

- [ ] to do
- [x] done

```python
print("x")
```

A note.[^1]

[^1]: The note.
"""
