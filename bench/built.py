"""A site of generated posts for what is measured in a browser; one that is built already can be given instead."""

from __future__ import annotations

import argparse
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bench import posts

if TYPE_CHECKING:
    from collections.abc import Iterator


def asked(about: str | None) -> argparse.Namespace:
    """The arguments: ``posts``, how many; ``site``, a built site or ``None``."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--posts", type=int, default=5_000)
    parser.add_argument("--site", type=Path, help="a built site to measure instead")
    return parser.parse_args()


@contextmanager
def site(given: argparse.Namespace) -> Iterator[Path]:
    """The site's folder; one that is built here goes away at the end."""
    if given.site is not None:
        yield given.site
        return
    from signalbook.workspace import Workspace
    from site_plugins.build import build

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "team"
        posts.ours(root, posts.posts(given.posts))
        yield build(Workspace(root)).site_dir
