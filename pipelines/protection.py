"""Whether the forge holds to what approval means here: nobody changes the main branch alone, and who must agree is written.

`status: approved` on the protected branch is the whole evidence (``signalbook.approval``), so an unprotected branch lets
anybody with the right to push approve anything. The forge is asked where a token is there; else we say that we cannot
tell, for git alone cannot.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pipelines import forge as forges
from pipelines.forge import Forge
from pipelines.http import Client
from pipelines.services import Trial
from signalbook.classes import dataclass
from signalbook.errors import ConnectorError
from signalbook.workspace import Workspace

CODEOWNERS = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitea/CODEOWNERS", ".forgejo/CODEOWNERS",
              ".gitlab/CODEOWNERS")  # fmt: skip
FOLDERS = (".github/workflows", ".forgejo/workflows", ".gitea/workflows")
NEEDED = ("check", "publish")
"""The workflows without which nothing is checked, or nothing goes out."""

_PIN = re.compile(r"^\s*(?:-\s+)?uses:\s*[\"']?([^\s\"'#]+)", re.MULTILINE)
_OURS = re.compile(r"\./|\$/|\.\./")
_PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}|docker://[^@]+@sha256:[0-9a-f]{64}")
_OWNER = re.compile(r"^\s*[^#\s]\S*\s+\S*@\S+", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Guard:
    """What a forge says of a branch.

    Attributes:
        protected: whether a push by anybody is refused; ``None`` when the forge did not say.
        reviews: how many people must agree; ``None`` when this token may not see it.
        stale: whether a new commit takes earlier reviews back; ``None`` as above.
        owners: whether code owners must agree; ``None`` as above.
        checks: whether checks must be green; ``None`` as above.
    """

    protected: bool | None = None
    reviews: int | None = None
    stale: bool | None = None
    owners: bool | None = None
    checks: bool | None = None


def trials(
    workspace: Workspace, environment: Mapping[str, str], client: Client, *, branch: str = "", remote: str = "origin"
) -> Iterator[Trial]:
    """Try the branch, the code owners and the workflows; nothing is sent but questions to the forge."""
    url = _git(workspace, "config", "--get", f"remote.{remote}.url")
    name = (
        branch or _git(workspace, "symbolic-ref", "--short", f"refs/remotes/{remote}/HEAD").partition("/")[2] or "main"
    )
    yield _branch(url, name, forges.of(environment, client, url))
    yield _owners(workspace, shared=bool(url))
    yield from _workflows(workspace)


def _git(workspace: Workspace, *words: str) -> str:
    from signalbook.history import Git

    try:
        found = Git(workspace.root).read(*words)
    except ImportError:
        return ""
    return (found or b"").decode("utf-8", "replace").strip()


# --- the branch ------------------------------------------------------------------------------------------------------


def _branch(url: str, branch: str, forge: Forge | None) -> Trial:
    name, what = "main branch", f"protection of {branch}"
    look = "Look at the settings of the branch on the forge; the guide, «Protect the main branch», says what is needed."
    if not url and forge is None:
        return Trial(name, what, ok=True, detail="there is no remote: whoever can write in this folder approves")
    if forge is None:
        return Trial(
            name, what, ok=True, detail=f"cannot tell: no forge that we can ask stands behind this remote. {look}"
        )
    if not forge.token:
        return Trial(
            name, what, ok=True,
            detail=f"cannot tell without a token: set {_token(forge)} to one that may read the repository. {look}",
        )  # fmt: skip
    try:
        guard = ask(forge, branch)
    except ConnectorError as error:
        return Trial(name, what, ok=True, detail=f"cannot tell: {error.message}. {look}")
    return judge(guard, name, what, branch)


def _token(forge: Forge) -> str:
    return "GH_TOKEN" if "github" in forge.api else "FORGEJO_TOKEN"


def ask(forge: Forge, branch: str) -> Guard:
    """What the forge says of a branch: the old protection and the newer rule sets together, as far as the token sees.

    GitHub: ``GET /branches/B`` (``protected``), ``/rules/branches/B`` (rule sets, for everybody who can read),
    ``/branches/B/protection`` (details, for administrators). Gitea and Forgejo: all in ``GET /branches/B``.

    Raises:
        ConnectorError: the forge does not answer, or does not know the branch.
    """
    place = quote(branch, safe="")
    told = forge.get(f"/branches/{place}", f"tell us about the branch {branch}")
    told = told if isinstance(told, dict) else {}
    if "effective_branch_protection_name" in told:
        return _gitea(told)
    guard = Guard(protected=told.get("protected") if isinstance(told.get("protected"), bool) else None)
    return _joined(_joined(guard, _rules(forge, place)), _classic(forge, place))


def _gitea(told: Mapping[str, Any]) -> Guard:
    needed = told.get("required_approvals")
    return Guard(
        protected=bool(told.get("protected")),
        reviews=needed if isinstance(needed, int) else None,
        checks=bool(told.get("enable_status_check")),
    )


def _rules(forge: Forge, place: str) -> Guard:
    answer = forge.ask("GET", f"/rules/branches/{place}?per_page=100")
    rows = answer.json() if answer.ok else None
    found = Guard()
    for row in rows if isinstance(rows, list) else ():
        if not isinstance(row, dict):
            continue
        more = row.get("parameters") or {}
        if row.get("type") == "pull_request":
            needed = more.get("required_approving_review_count")
            found = _joined(
                found,
                Guard(
                    protected=True,
                    reviews=needed if isinstance(needed, int) else 0,
                    stale=bool(more.get("dismiss_stale_reviews_on_push")),
                    owners=bool(more.get("require_code_owner_review")),
                ),
            )
        elif row.get("type") == "required_status_checks":
            found = _joined(found, Guard(checks=True))
    return found


def _classic(forge: Forge, place: str) -> Guard:
    answer = forge.ask("GET", f"/branches/{place}/protection")
    told = answer.json() if answer.ok else None
    if not isinstance(told, dict):
        return Guard()
    asked = told.get("required_pull_request_reviews")
    needed = asked.get("required_approving_review_count") if isinstance(asked, dict) else 0
    return Guard(
        protected=True,
        reviews=needed if isinstance(needed, int) else 0,
        stale=isinstance(asked, dict) and bool(asked.get("dismiss_stale_reviews")),
        owners=isinstance(asked, dict) and bool(asked.get("require_code_owner_reviews")),
        checks=isinstance(told.get("required_status_checks"), dict),
    )


def _joined(one: Guard, other: Guard) -> Guard:
    """Two sets of rules hold at once: the stricter counts."""

    def most(get: Callable[[Guard], Any]) -> Any:
        known = [get(guard) for guard in (one, other) if get(guard) is not None]
        return max(known) if known else None

    return Guard(
        most(lambda guard: guard.protected),
        most(lambda guard: guard.reviews),
        most(lambda guard: guard.stale),
        most(lambda guard: guard.owners),
        most(lambda guard: guard.checks),
    )


def judge(guard: Guard, name: str, what: str, branch: str) -> Trial:
    """Say what a branch's protection lacks, so that approved means approved."""
    if guard.protected is None:
        return Trial(name, what, ok=True, detail="cannot tell: the forge did not say whether it is protected")
    if not guard.protected:
        return Trial(
            name, what, ok=False,
            detail=f"{branch} is not protected: whoever can push can approve and publish, alone",
            remedy=f"On the forge, protect {branch}: a pull request, a review by somebody else, a new commit takes it back.",
        )  # fmt: skip
    lacks = []
    if guard.reviews == 0:
        lacks.append("a review by somebody else")
    if guard.stale is False and guard.reviews:
        lacks.append("that a new commit takes earlier reviews back")
    if guard.checks is False:
        lacks.append("that the check is green")
    unseen = [word for word, value in (("reviews", guard.reviews), ("checks", guard.checks)) if value is None]
    if guard.reviews == 0:
        return Trial(
            name, what, ok=False, detail=f"{branch} is protected, and asks for no review: its author may merge alone",
            remedy=f"On the forge, ask for {_and(lacks)} before a change is merged into {branch}.",
        )  # fmt: skip
    said = f"{branch} is protected"
    if guard.reviews:
        said += f", {guard.reviews} review{'s' if guard.reviews > 1 else ''} needed"
    if lacks:
        said += f"; it does not ask for {_and(lacks)}"
    if unseen:
        said += f"; this token may not see its rules about {_and(unseen)}"
    return Trial(name, what, ok=True, detail=said)


def _and(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


# --- files -----------------------------------------------------------------------------------------------------------


def _owners(workspace: Workspace, *, shared: bool) -> Trial:
    name, what = "code owners", "who must agree to what"
    place = next((path for path in CODEOWNERS if (workspace.root / path).is_file()), "")
    if place and _OWNER.search(_text(workspace.root / place)):
        return Trial(name, what, ok=True, detail=f"{place} names them")
    said = f"{place} names nobody yet" if place else "there is no CODEOWNERS file"
    return Trial(
        name, what, ok=not shared, detail=said,
        remedy="" if not shared else f"In {place or CODEOWNERS[0]}, write who must agree to .github/, signalbook.toml and content/policies/.",
    )  # fmt: skip


def _workflows(workspace: Workspace) -> Iterator[Trial]:
    name = "workflows"
    found = {
        file.relative_to(workspace.root).as_posix(): _text(file)
        for folder in FOLDERS
        for file in sorted((workspace.root / folder).glob("*.y*ml"))
        if file.is_file() and not file.is_symlink()
    }
    if not found:
        yield Trial(
            name, "what runs by itself", ok=True, detail="there are none here: run `check` and `publish` by other means"
        )
        return
    commands = "\n".join(found.values())
    lacking = [word for word in NEEDED if f"signalbook {word}" not in commands and f"make {word}" not in commands]
    yield Trial(
        name, "what runs by itself", ok=not lacking, detail=f"{len(found)} files" + (f", none runs `{'`, `'.join(lacking)}`" if lacking else ""),
        remedy=f"Add the file from a new team's repository: `signalbook new elsewhere`, then copy {lacking[0]}.yml." if lacking else "",
    )  # fmt: skip
    loose = [
        f"{path}: {used}"
        for path, text in found.items()
        for used in _PIN.findall(text)
        if not _OURS.match(used) and not _PINNED.fullmatch(used)
    ]
    yield Trial(
        name, "actions pinned by commit", ok=not loose,
        detail=f"{len(loose)} may change under you, first {loose[0][:120]}" if loose else "each of them",
        remedy="Write the commit's 40 letters behind the @, and the version as a comment." if loose else "",
    )  # fmt: skip


def _text(path: Path) -> str:
    return path.read_bytes()[:262_144].decode("utf-8", "replace")
