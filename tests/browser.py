"""A real browser for tests: serve a folder as a host would, open pages, hear every complaint, ask axe.

Use it as fixtures (``tests/conftest.py`` imports them)::

    @pytest.mark.browser
    def test_home_is_clean(browser, tmp_path):
        with serving(site) as address, browser.page(address, width=390, dark=True) as page:
            page.goto("index.html")
            assert page.complaints == []
            assert page.axe() == []
"""

from __future__ import annotations

import functools
import gzip
import json
import os
import shutil
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser as Driver
    from playwright.sync_api import Page as DriverPage

WIDTHS = (390, 1440)

# What the starter's host files and `signalbook serve` send with every answer.
HEADERS = {
    "Content-Security-Policy": ("default-src 'self'; object-src 'none'; base-uri 'self'; frame-ancestors 'self'"),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)

# Kept by the page itself, before any script of the site runs.
LISTEN = """
window.__violations = [];
document.addEventListener('securitypolicyviolation', (event) => {
  window.__violations.push(`${event.effectiveDirective} refused ${event.blockedURI || 'inline'}` +
    ` at ${event.sourceFile || location.pathname}:${event.lineNumber}`);
});
"""


def chromium() -> str | None:
    """The browser of this machine: ``CHROMIUM``, else the first name found on the path."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named if Path(named).exists() else None
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next((found for name in names if (found := shutil.which(name))), None)


class _Handler(SimpleHTTPRequestHandler):
    headers_sent: dict[str, str]
    extensions_map: ClassVar[dict[str, str]] = {
        **SimpleHTTPRequestHandler.extensions_map,
        ".js": "text/javascript",
        ".ics": "text/calendar",
    }

    def __init__(self, *args: Any, headers_sent: dict[str, str], packed: bool = False, **kwargs: Any) -> None:
        self.headers_sent = headers_sent
        self.packed = packed
        super().__init__(*args, **kwargs)

    def end_headers(self) -> None:
        for name, value in self.headers_sent.items():
            self.send_header(name, value)
        super().end_headers()

    def do_GET(self) -> None:
        """Text is packed where it was asked for, as hosts do it; everything else is as it lies there."""
        kind = self.guess_type(self.path.partition("?")[0])
        file = Path(self.translate_path(self.path))
        if not self.packed or not file.is_file() or not kind.startswith(("text/", "application/json", "image/svg")):
            super().do_GET()
            return
        body = gzip.compress(file.read_bytes(), 6)
        self.send_response(200)
        for name, value in {"Content-Type": kind, "Content-Encoding": "gzip", "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base class's name
        """Say nothing."""


@contextmanager
def serving(folder: Path, *, headers: dict[str, str] | None = None, packed: bool = False) -> Iterator[str]:
    """Serve ``folder`` on a free loopback port with the security headers; give the address, ending in a slash.

    ``packed``: text is sent compressed, as hosts send it.
    """
    sent = HEADERS if headers is None else headers
    handler = functools.partial(_Handler, directory=str(folder), headers_sent=sent, packed=packed)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            server.shutdown()
            thread.join()


def pages(site: Path) -> list[str]:
    """Every page of a built site, as an address below its root, sorted."""
    return sorted(path.relative_to(site).as_posix() for path in site.rglob("*.html"))


COLOURS = ("color-contrast", "link-in-text-block")
"""The rules of axe that depend on the scheme."""

LOOKS = """() => {
  const parts = ['color', 'backgroundColor', 'backgroundImage', 'opacity', 'fontSize', 'fontWeight', 'textShadow', 'visibility',
    'display', 'filter', 'mixBlendMode', 'textDecorationLine', 'clipPath', 'position', 'borderBottomStyle'];
  const known = new Map(), names = new Map();
  const look = (element) => {
    if (!element) return '';
    if (!known.has(element)) {
      const style = getComputedStyle(element);
      const own = `${look(element.parentElement)}|${element.localName} ${parts.map(part => style[part]).join(';')}`;
      if (!names.has(own)) {
        let one = 5381, two = 52711;  // two hashes of 32 bits
        for (let at = 0; at < own.length; at++) {
          one = Math.imul(one, 33) ^ own.charCodeAt(at);
          two = Math.imul(two, 31) + own.charCodeAt(at) | 0;
        }
        names.set(own, `${(one >>> 0).toString(36)}.${(two >>> 0).toString(36)}`);
      }
      known.set(element, names.get(own));
    }
    return known.get(element);
  };
  window.__texts = [...document.querySelectorAll('body *')].filter(element =>
    element.matches('input, select, textarea, a') ||
    [...element.childNodes].some(node => node.nodeType === 3 && node.nodeValue.trim()));
  return window.__texts.map(look);
}"""
"""One name for each text of the page, made of its computed style and those of everything around it; the texts stay in the page."""


@functools.cache
def _axe_source() -> str:
    return (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


@dataclass
class Page:
    """One tab: what it was told, and what it complained about.

    Attributes:
        driver: Playwright's page, for whatever is not wrapped here.
        address: the root of the served site, ending in a slash.
        console: warnings and errors of the console, and uncaught errors, in order.
        requests: addresses asked for outside the served site.
        failed: answers of 400 and above, and requests that got none.
    """

    driver: DriverPage
    address: str
    console: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    _seen: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.driver.on("console", self._on_console)
        self.driver.on("pageerror", lambda error: self.console.append(f"uncaught: {error}"))
        self.driver.on("dialog", self._on_dialog)
        self.driver.on("request", self._on_request)
        self.driver.on("response", lambda r: self.failed.append(f"{r.status} {r.url}") if r.status >= 400 else None)
        self.driver.add_init_script(LISTEN)

    def _on_console(self, message: Any) -> None:
        if message.type in {"error", "warning"}:
            self.console.append(f"{message.type}: {message.text}")

    def _on_dialog(self, dialog: Any) -> None:
        self.console.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _on_request(self, request: Any) -> None:
        if not request.url.startswith((self.address, "data:", "blob:", "about:")):
            self.requests.append(request.url)

    def goto(self, path: str = "", *, wait: str = "load") -> None:
        """Open a page of the site and wait until it has settled; complaints of earlier pages are kept."""
        self._collect()
        self.driver.goto(self.address + path, wait_until=wait)  # type: ignore[arg-type]

    def _collect(self) -> None:
        if self.driver.url.startswith(self.address):
            found = self.driver.evaluate("() => (window.__violations || []).splice(0)")
            self._seen.extend(f"{self.driver.url}: {one}" for one in found)

    @property
    def violations(self) -> list[str]:
        """Violations of the security policy on all pages opened so far."""
        self._collect()
        return list(self._seen)

    @property
    def complaints(self) -> list[str]:
        """Everything a clean site has none of."""
        return [
            *self.violations,
            *self.console,
            *(f"asked elsewhere: {one}" for one in self.requests),
            *(f"failed: {one}" for one in self.failed),
        ]

    def axe(self, *, rules: tuple[str, ...] = (), without: tuple[str, ...] = ()) -> list[str]:
        """Violations that axe-core finds on the open page: one line a node, with the rule and the selector.

        The script is handed over by the debugger and so is not subject to the page's policy. All rules run but
        the experimental ones and those of ``without``, unless ``rules`` names some.
        """
        options: dict[str, Any] = {}
        if rules:
            options["runOnly"] = {"type": "rule", "values": list(rules)}
        if without:
            options["rules"] = {rule: {"enabled": False} for rule in without}
        return self._axe("document", options)

    def axe_colours(self, seen: set[str]) -> list[str]:
        """As ``axe`` with the rules of colours, for the texts that look unlike all of ``seen``, which grows.

        How a text stands out follows from its own computed style and those of everything around it. Where all of them are as
        they were elsewhere, so is the answer; looking again took nine tenths of the time.
        """
        found = self.driver.evaluate(LOOKS)
        new = [index for index, look in enumerate(found) if look not in seen]
        # One of each look, and the page says which elements they were.
        first = {found[index]: index for index in reversed(new)}
        seen |= set(first)
        if not first:
            return []
        asked = f"{{include: {json.dumps(sorted(first.values()))}.map(i => window.__texts[i])}}"
        return self._axe(asked, {"runOnly": {"type": "rule", "values": list(COLOURS)}})

    def _axe(self, context: str, options: dict[str, Any]) -> list[str]:
        if not self.driver.evaluate("() => 'axe' in window"):
            self.driver.evaluate(_axe_source() + "\n;0")
        # Style sheets are of use to one experimental rule only, and are asked for anew each time.
        given = json.dumps({"resultTypes": ["violations"], "preload": False} | options)
        result = self.driver.evaluate(f"async () => await axe.run({context}, {given})")
        return [
            f"{self.driver.url}: {violation['id']} ({violation['impact']}): {violation['help']}: "
            f"{' '.join(map(str, node['target']))}: {node['html'][:160]}"
            for violation in result["violations"]
            for node in violation["nodes"]
        ]

    def overflow(self) -> int:
        """How many pixels the open page is wider than the window; 0 when nothing scrolls sideways."""
        return int(self.driver.evaluate("() => Math.max(0, document.documentElement.scrollWidth - window.innerWidth)"))

    def shot(self, file: Path, *, full: bool = True) -> Path:
        """Save a picture of the open page."""
        file.parent.mkdir(parents=True, exist_ok=True)
        self.driver.screenshot(path=str(file), full_page=full, animations="disabled")
        return file

    def text(self) -> str:
        """What a person reads on the open page."""
        return str(self.driver.evaluate("() => document.body.innerText"))


@dataclass
class Browser:
    """One running Chromium; each ``page`` is a fresh profile."""

    driver: Driver

    @contextmanager
    def page(
        self, address: str, *, width: int = 1440, height: int = 900, dark: bool = False, scripts: bool = True
    ) -> Iterator[Page]:
        """Open a tab on a served site at a width, in a colour scheme, with scripts on or off."""
        context = self.driver.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
            reduced_motion="reduce",
            locale="en-GB",
            timezone_id="Europe/Berlin",
        )
        try:
            yield Page(context.new_page(), address)
        finally:
            context.close()


@contextmanager
def running() -> Iterator[Browser]:
    """Start Chromium, headless, with an empty profile, and stop it at the end."""
    from playwright.sync_api import sync_playwright

    executable = chromium()
    if executable is None:
        message = "Chromium is needed here; install it (Debian: apt-get install chromium) or set CHROMIUM"
        raise RuntimeError(message)
    with sync_playwright() as playwright:
        driver = playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        try:
            yield Browser(driver)
        finally:
            driver.close()
