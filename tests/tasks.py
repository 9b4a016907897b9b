"""Five everyday tasks on a built site, as somebody does them with the keyboard or the mouse: the test counts, the bench times."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tests import build as make

if TYPE_CHECKING:
    from collections.abc import Callable

PLAYBOOK = {
    "title": "Product failure", "owner": "writer", "type": "crisis", "status": "approved", "version": 1, "default_severity": "S2",
    "triggers": [{"signal": "three reports of the same harm", "threshold": 3, "severity": "S2"}],
    "roles": {"lead": "duty-officer", "spokesperson": "writer"},
    "contact_tree": [{"role": "duty-officer", "reach_by": "telephone", "after_minutes": 0}],
    "first_five": ["Is it ours? Look once.", "Open the hold."], "first_hour": ["Tell the staff."],
    "statements": ["holding"], "close_elsewhere": ["ads", "newsletter"], "tell_first": ["staff"], "never": ["guess a cause"],
    "cadence": {"first": "15m", "then": "30m", "until": "it is over"}, "last_drilled": "2026-10-14",
}  # fmt: skip

CONTENT = {
    "calendar/tomorrow": make.post(title="Tomorrow on Bluesky", status="approved", publish_at="2026-11-24 10:00", channels=["bluesky"]),
    "calendar/other": make.post(title="Tomorrow elsewhere", publish_at="2026-11-24 11:00"),
    "calendar/late": make.post(title="Too late", status="approved", publish_at="2026-11-20 10:00", channels=["bluesky"]),
    "people/duty-officer": make.person(title="Duty officer", roles=["duty-officer"], expertise=["allergens"], department="kitchen",
                                       languages=[{"lang": "en", "level": "native"}]),
    "plans/launch": {"title": "The launch", "owner": "writer", "status": "active", "route": "one-page", "objectives": ["guests"]},
    "plans/objectives/guests": {"title": "More guests", "owner": "writer", "metric": "guests", "target": 40, "by": "2026-12-31",
                                "status_note": [{"on": "2026-11-20", "status": "on-track", "because": "they come"}]},
    "plans/messages/holding": {"title": "Holding words", "owner": "writer", "type": "holding", "status": "approved",
                               "says": {"en": "We know that [what] since [time]."}},
    "policies/playbooks/failure": PLAYBOOK,
    "policies/playbooks/theft": PLAYBOOK | {"title": "Theft"},
    "policies/incidents/oven": {"title": "Oven fire", "owner": "writer", "status": "open", "severity": "S2", "playbook": "theft",
                                "detected_at": "2026-11-23 08:00", "aware_at": "2026-11-23 08:10",
                                "updates": [{"at": "2026-11-23 08:30", "said": "holding", "next_at": "2026-11-23 09:30"}]},
}  # fmt: skip
"""What lies in the workspace that the tasks are done in, by its address below ``content/``."""


FOCUSED = "() => document.activeElement.ariaLabel ?? document.activeElement.innerText ?? ''"
# How many stops lie before the thing of that name, from the top of the page; a little fewer is well, the rest is walked.
WAY = """(name) => {
  const stops = [...document.querySelectorAll('a[href], button, input, select, [tabindex="0"]')]
    .filter((one) => one.checkVisibility({ visibilityProperty: true }) && one.tabIndex >= 0 && !one.disabled);
  const at = stops.findIndex((one) => (one.ariaLabel ?? one.innerText ?? '').includes(name));
  return Math.max(at - 2, 0);
}"""


class Hands:
    """Somebody with a keyboard or a mouse: how often they did something, and how many keys that took."""

    def __init__(self, page: Any, *, keys: bool) -> None:
        self.page, self.keys, self.acts, self.presses = page, keys, 0, 0

    def use(self, name: str, role: str = "link") -> None:
        """Press the thing of that name; with the keyboard it has to be reached by Tab first."""
        self.acts += 1
        if not self.keys:
            thing = self.page.driver.get_by_role(role, name=name).first
            if role == "link":
                with self.page.driver.expect_navigation():
                    thing.click()
            else:
                thing.click()
            return
        for _ in range(self.page.driver.evaluate(WAY, name)):
            self.press("Tab")
        for _ in range(6):
            if name in self.page.driver.evaluate(FOCUSED):
                break
            self.press("Tab")
        assert name in self.page.driver.evaluate(FOCUSED), f"Tab does not reach {name}"
        if role == "link":
            with self.page.driver.expect_navigation():
                self.press("Enter")
        else:
            self.press("Enter")

    def room(self, name: str) -> None:
        """Go to a room; on a phone the rooms are unfolded first."""
        if not self.page.driver.get_by_role("link", name=name).count():
            self.use("Rooms", "button")
        self.use(name)

    def press(self, key: str) -> None:
        """Press a key."""
        self.presses += 1
        self.page.driver.keyboard.press(key)

    def sees(self, text: str) -> bool:
        """Whether a text is there to be read."""
        return bool(self.page.driver.get_by_text(text).locator("visible=true").count())


def tomorrow(hands: Hands) -> None:
    """What goes out tomorrow on one channel."""
    hands.use("Week by channel")
    row = hands.page.driver.locator("tr", has=hands.page.driver.locator("th", has_text="Bluesky")).first
    assert "Tomorrow on Bluesky" in row.inner_text()
    assert "Tomorrow elsewhere" not in row.inner_text()


def late(hands: Hands) -> None:
    """Why a post is late."""
    hands.use("Too late")
    assert hands.sees("Its time passed")


def statement(hands: Hands) -> None:
    """A holding statement on the clipboard."""
    hands.use("playbooks")
    hands.use("Product failure")
    hands.use("Copy", "button")
    hands.page.driver.get_by_text("Copied", exact=True).wait_for()
    words = hands.page.driver.evaluate("() => navigator.clipboard.readText()")
    assert re.sub(r"[\[\]]", "", words) == "We know that what since time."  # earlier builds left the brackets out


def objective(hands: Hands) -> None:
    """Whether an objective is on track."""
    hands.use("Plans")
    assert hands.sees("More guests")
    assert hands.sees("on track")


def topic(hands: Hands) -> None:
    """Who answers a topic."""
    hands.room("People")
    assert hands.page.driver.locator("#topics tr", has_text="allergens").get_by_text("Duty officer").is_visible()


TASKS: dict[str, Callable[[Hands], None]] = {
    "what goes out tomorrow on a channel": tomorrow, "why a post is late": late, "copy a holding statement": statement,
    "whether an objective is on track": objective, "who answers a topic": topic,
}  # fmt: skip
MOST_ACTIONS = 3
