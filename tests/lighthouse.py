"""Lighthouse on the rooms people open first: ``python -m tests.lighthouse [site] [page…]``.

Lighthouse is a program of Node and no dependency of ours: the one on the path is taken, or the one that ``LIGHTHOUSE`` names (a
command, ``node …/lighthouse/cli/index.js``). The site is served with the security headers and compressed, as hosts serve it.
Accessibility has to be 100 and best practices 95; performance is printed, because it is the machine's as much as the page's.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.browser import chromium, serving

AIMS = {"accessibility": 100, "best-practices": 95}
FORMS = ("desktop", "mobile")
SIZES = ("total-blocking-time", "largest-contentful-paint", "cumulative-layout-shift", "total-byte-weight")


def command() -> list[str] | None:
    """How Lighthouse is started here."""
    named = os.environ.get("LIGHTHOUSE")
    found = shutil.which("lighthouse")
    return shlex.split(named) if named else [found] if found else None


def usual(site: Path) -> list[str]:
    """Home, the calendar's month, a plan and a post: the longest of each, so that the heaviest is measured."""

    def longest(folder: str) -> list[str]:
        pages = [one for one in (site / folder).glob("*.html") if one.stem != "index"]
        return [max(pages, key=lambda one: one.stat().st_size).relative_to(site).as_posix()] if pages else []

    return ["index.html", "calendar/index.html", *longest("plans"), *longest("calendar/posts")]


def measure(lighthouse: list[str], address: str, form: str) -> dict[str, Any]:
    """The report of one page."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "report.json"
        flags = "--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage"
        subprocess.run(  # the command is the caller's own
            [
                *lighthouse, address, "--quiet", "--output=json", f"--output-path={out}", f"--chrome-flags={flags}",
                "--only-categories=accessibility,best-practices,performance", *(["--preset=desktop"] if form == "desktop" else []),
            ],
            check=True, env=os.environ | {"CHROME_PATH": chromium() or ""}, stdout=subprocess.DEVNULL, timeout=300,
        )  # fmt: skip
        return dict(json.loads(out.read_text(encoding="utf-8")))


def faults(report: dict[str, Any]) -> list[str]:
    """What of accessibility and best practices is not as it should be."""
    refs = [ref["id"] for name in AIMS for ref in report["categories"][name]["auditRefs"]]
    audits = [report["audits"][name] for name in refs]
    return [f"{one['id']}: {one['title']}" for one in audits if one["score"] is not None and one["score"] < 1]


def main(site: Path, wanted: list[str]) -> int:
    """Print a line a page and form; 1 when an aim is missed, 2 where there is no Lighthouse."""
    lighthouse = command()
    if lighthouse is None:
        print(
            "No lighthouse on the path. Install it anywhere (npm install lighthouse) and name it: LIGHTHOUSE='node …/cli/index.js'."
        )
        return 2
    missed = False
    with serving(site, packed=True) as address:
        for page in wanted or usual(site):
            for form in FORMS:
                report = measure(lighthouse, address + page, form)
                scores = {name: round(100 * (one["score"] or 0)) for name, one in report["categories"].items()}
                sizes = [f"{name} {report['audits'][name]['displayValue']}" for name in SIZES]
                print(
                    f"{page} ({form}): {', '.join(f'{name} {score}' for name, score in scores.items())}; {', '.join(sizes)}",
                    flush=True,
                )
                if any(scores[name] < least for name, least in AIMS.items()):
                    missed = True
                    print("\n".join(f"  {fault}" for fault in faults(report)))
    return int(missed)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "site"), sys.argv[2:]))
