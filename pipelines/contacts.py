"""What the tables of people in a CRM have in common: who is reachable, who stands there twice, who came from where."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

from pipelines.cells import fold, text_of
from signalbook.classes import dataclass
from signalbook.records import Contact, digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from pipelines.layouts import Context, Line, Sheet

_SOCIAL = re.compile(
    r"\b(social|social media|sozial\w*|soziale medien|reseaux? sociaux|medias? sociaux|redes? sociales?|redes? sociais|rede social"
    r"|medias sociales|midias? socia\w*|sociale media|media społecznosciowe|linkedin|facebook|instagram|twitter|mastodon|bluesky|tiktok|youtube)\b|ソーシャル"
)


def is_social(origin: str) -> bool:
    """Whether a tool's word for where somebody came from means a social network: ``SOCIAL_MEDIA``, ``Paid Social``."""
    return bool(_SOCIAL.search(fold(origin)))


@dataclass(frozen=True, slots=True)
class Row:
    """A contact and how it can be reached.

    Attributes:
        reach: the address by which two rows are the same person: e-mail, else a phone and a name; empty for none.
        converted: whether the tool says that they became a customer.
    """

    contact: Contact
    reach: str
    converted: bool


def row(
    sheet: Sheet, context: Context, line: Line, *, network: str, converted: bool, stage: str, created: str = "created"
) -> Row:
    """One row of people, every column kept."""
    values = {name: text_of(value) for name, value in line.values.items()}  # type: ignore[arg-type]
    email = values.get("email", "").casefold()
    phone = re.sub(r"\D", "", values.get("phone", "") or values.get("mobile", ""))
    name = values.get("name") or " ".join(filter(None, (values.get("first_name"), values.get("last_name"))))
    at = line.values.get(created)
    moment = None
    if isinstance(at, datetime):
        moment = at if at.tzinfo else at.replace(tzinfo=context.zone)
    elif isinstance(at, date):
        moment = datetime.combine(at, time(), context.zone)
    taken = {"id", "email", "name", "first_name", "last_name", "stage", "origin"}
    fields = tuple(
        f"{found.name}={values[found.name]}"
        for found in sheet.found
        if found.column is not None and found.name not in taken and values.get(found.name)
    ) + tuple(f"{header}={text}" for header, text in line.extras.items())
    number = values.get("id", "")
    key = digest(network, number or email or phone or "\x1e".join((name, *fields)))
    contact = Contact(
        key, network, number, name, email, values.get(stage, ""), values.get("origin", ""),
        moment.astimezone(UTC) if moment else None, context.taken_at, fields,
    )  # fmt: skip
    # One switchboard has one number and many people.
    return Row(contact, email or (phone and f"{phone} {fold(name)}"), converted)


def tally(rows: Sequence[Row], *, reachable: bool, origin: bool, converted: bool) -> dict[str, int]:
    """``leads`` (rows one can reach), ``leads_after_dedupe``, ``from_social`` and ``converted`` (both after it).

    The last two are absent, not 0, when the export has no column that tells where people came from (*origin*) or what
    became of them (*converted*).

    With *reachable* a row without any address is no lead. Without it every row with an id or a name is one: the export
    has no column with an address, or the tool itself calls its rows leads.
    """
    leads = [found for found in rows if found.reach or (not reachable and (found.contact.id or found.contact.name))]
    people: dict[str, list[Row]] = {}
    for found in leads:
        people.setdefault(found.reach or f"id {found.contact.id or found.contact.name}", []).append(found)
    counted = {"leads": len(leads), "leads_after_dedupe": len(people)}
    if origin:
        counted["from_social"] = _any(people.values(), lambda found: is_social(found.contact.origin))
    if converted:
        counted["converted"] = _any(people.values(), lambda found: found.converted)
    return counted


def _any(people: Iterable[list[Row]], question: Callable[[Row], bool]) -> int:
    return sum(1 for rows in people if any(map(question, rows)))
