"""Pictures of a built site's pages, light and dark, wide and narrow: ``python -m tests.shots [site] [folder] [page…]``.

Without pages it takes the index of every section and the first page below it, so that one of each sort is seen.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.browser import pages, running, serving

WIDTHS = (390, 768, 1440)


def one_of_each(site: Path) -> list[str]:
    """Every index page, and the first other page of each folder."""
    chosen, folders = [], set()
    for page in pages(site):
        folder, _, name = page.rpartition("/")
        if name == "index.html" or (folder, "page") not in folders:
            chosen.append(page)
        if name != "index.html":
            folders.add((folder, "page"))
    return chosen


def main(site: Path, folder: Path, wanted: list[str]) -> int:
    """Take the pictures; give the number of pages that complained."""
    complaints = 0
    with serving(site) as address, running() as browser:
        for page in wanted or one_of_each(site):
            name = page.removesuffix(".html").replace("/", "-")
            for width in WIDTHS:
                for dark in (False, True):
                    with browser.page(address, width=width, dark=dark) as tab:
                        tab.goto(page, wait="networkidle")
                        tab.shot(folder / f"{name}-{width}-{'dark' if dark else 'light'}.png")
                        for complaint in tab.complaints:
                            complaints += 1
                            print(f"{page}: {complaint}", file=sys.stderr)
            print(page)
    print(f"Pictures are in {folder}.")
    return complaints


if __name__ == "__main__":
    given = sys.argv[1:]
    sys.exit(
        min(
            1,
            main(
                Path(given[0] if given else "site"),
                Path(given[1] if len(given) > 1 else ".cache/shots"),
                given[2:],
            ),
        )
    )
