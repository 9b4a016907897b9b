"""What is forgotten stays so: marks, hashes of accounts and mentions, and the rule what they mean for every record.

Everything that brings other people's words in asks here: a run that listens, a branch that is fetched, records that are copied.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from signalbook import store
from signalbook.records import PRIVATE, Contact, Correction, Forgotten, Judgement, Mention, digest
from signalbook.understanding import pseudonym

if TYPE_CHECKING:
    from signalbook.workspace import Workspace


def mark_of_mention(key: str) -> str:
    """The hash by which a forgotten mention is known."""
    return digest("forgotten mention", key)


def mark_of_account(source: str, account: str) -> str:
    """The hash by which a forgotten account is known."""
    return digest("forgotten account", source, handle(account))


def handle(account: str) -> str:
    """An account as it is compared."""
    return account.strip().casefold().removeprefix("@")


def marks(workspace: Workspace) -> frozenset[str]:
    """All hashes of what is forgotten."""
    return frozenset(one.key for one in store.read(workspace, Forgotten)[0])


def is_forgotten(mention: Mention, known: frozenset[str]) -> bool:
    """Whether a mention must not be kept."""
    if not known:
        return False
    account = mark_of_account(mention.source, mention.author) in known if mention.author else False
    return account or mark_of_mention(mention.key) in known


def learn(workspace: Workspace, found: Iterable[Forgotten]) -> int:
    """Take marks in that another run made, and forget here what they mean."""
    known = marks(workspace)
    fresh = [one for one in found if one.key not in known]
    if fresh:
        store.append(workspace, fresh)
        purge(workspace)
    return len(fresh)


def purge(workspace: Workspace) -> dict[str, int]:
    """Erase everything private that a mark means; folder → how many."""
    known = marks(workspace)
    if not known:
        return {}
    whose = {
        (one.source, pseudonym(one.source, one.author))
        for one in store.read_large(workspace, "mentions")
        if one.author and mark_of_account(one.source, one.author) in known
    }
    keys: set[str] = set()

    def gone(record: Any) -> bool:
        if isinstance(record, Mention):
            if is_forgotten(record, known):
                keys.add(record.key)
                return True
            return False
        if isinstance(record, Judgement):
            return mark_of_mention(record.key) in known or record.key in keys or (record.source, record.who) in whose
        if isinstance(record, Correction):
            return mark_of_mention(record.mention) in known or record.mention in keys
        if isinstance(record, Contact):
            names = (record.id, record.email, record.name)
            return any(
                name and mark_of_account(source, name) in known for name in names for source in (record.source, "")
            )
        if isinstance(record, Forgotten):
            return False
        mention = getattr(record, "mention", "")
        return bool(mention) and (mark_of_mention(mention) in known or mention in keys)

    erased: dict[str, int] = {}
    # Mentions first: what belongs to them is found by their keys.
    for folder in sorted(PRIVATE, key=lambda name: name != "mentions"):
        if number := store.rewrite(workspace, folder, lambda record: None if gone(record) else record):
            erased[folder] = number
    return erased
