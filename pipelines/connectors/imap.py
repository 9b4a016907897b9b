"""Alert mail: a folder of a mailbox over IMAP, read and left as it is.

A letter in which a search alert lists what it found gives a mention for each find: its title, the words below it and its
true address. Any other letter is one mention. Nothing is marked as read, moved or deleted, no picture is loaded, nothing that
is attached is opened. ``UIDVALIDITY`` and ``UID`` say what was seen (RFC 3501, 2.3.1.1).
"""

from __future__ import annotations

import contextlib
import re
import ssl
from collections import Counter
from collections.abc import Iterator
from dataclasses import field
from datetime import UTC, datetime, timedelta
from email import policy
from email.parser import BytesParser
from email.utils import parseaddr, parsedate_to_datetime
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from pipelines import access, answers, pagetext, unwrapping
from pipelines.services import Listen, Told
from signalbook.classes import dataclass
from signalbook.errors import Denied, NotSent, Refused, SettingsError
from signalbook.records import Mention, digest

if TYPE_CHECKING:
    import imaplib
    from email.message import EmailMessage

    from pipelines.http import Client
    from pipelines.services import Secrets
    from signalbook.settings import Channel

EVERY = timedelta(minutes=10)
MOST_LETTERS = 200
"""So many letters are read in one run, the oldest new ones first; the rest waits for the next."""
MOST_BYTES = 2 * 1024 * 1024
MOST_FINDS = 200
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
TIMEOUT_S = 20.0


# --- the pure half ---------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Find:
    """A link of an alert and what stands below it."""

    url: str
    title: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)


class _Finds(HTMLParser):
    """The links of a letter that lead over a counter of clicks: what a search alert found."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[_Find] = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a" and len(self.found) < MOST_FINDS:
            address = dict(attrs).get("href") or ""
            url = unwrapping.true(address)
            self.inside = url != address
            if self.inside:
                self.found.append(_Find(url))
        elif tag in {"p", "br", "div", "td", "li"} and self.found:
            (self.found[-1].title if self.inside else self.found[-1].words).append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self.inside = False

    def handle_data(self, data: str) -> None:
        if self.found:
            (self.found[-1].title if self.inside else self.found[-1].words).append(data)


def decode(data: bytes, channel: str, now: datetime, *, answered: bool = False) -> list[Mention]:
    """A letter as mentions: what an alert found, else the letter itself. No bytes raise.

    ``answered`` letters keep the address an answer goes to as their author; of others nobody needs it.
    """
    letter: EmailMessage = BytesParser(policy=policy.default).parsebytes(data[:MOST_BYTES])
    name = answers.text(_header(letter, "Message-ID"), most=900) or digest(data.hex())
    at = _date(letter)
    subject = " ".join(_header(letter, "Subject").split())
    plain, markup = _words(letter)
    finds = _Finds()
    if markup:
        finds.feed(pagetext.tidy(markup))
        finds.close()
    found: dict[str, Mention] = {}
    for find in finds.found:
        title = " ".join("".join(find.title).split())
        # Shares and flags beside a find lead to the same place, or bear no words.
        if len(title) > 3 and find.url not in found:
            words = " ".join("".join(find.words).split())
            found[find.url] = Mention(
                digest("imap", find.url), "imap", find.url, find.url, "", title, words, "", at, now, channel=channel,
            )  # fmt: skip
    if found:
        return list(found.values())
    text, links = (plain, _addresses(plain)) if plain.strip() else pagetext.words(markup)
    shown, address = parseaddr(_header(letter, "From"))
    author = shown or address.partition("@")[0]
    if answered:
        wanted = parseaddr(_header(letter, "Reply-To"))[1] or address
        author = wanted if _ADDRESS.fullmatch(wanted) else author
    return [
        Mention(
            digest("imap", name), "imap", name, "", author, subject, text.strip(), "", at, now,
            reply_to=answers.text(_header(letter, "In-Reply-To"), most=900), links=links, channel=channel,
        )
    ]  # fmt: skip


def _header(letter: EmailMessage, name: str) -> str:
    try:
        return str(letter.get(name, ""))
    except Exception:  # noqa: BLE001 - the standard library's parser of headers breaks off at some that nobody should send
        return ""


def _date(letter: EmailMessage) -> datetime | None:
    with contextlib.suppress(ValueError, TypeError, OverflowError, IndexError):
        at = parsedate_to_datetime(_header(letter, "Date"))
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    return None


def _words(letter: EmailMessage) -> tuple[str, str]:
    """The first plain text and the first HTML of a letter; what is attached is not opened."""
    found = {"text/plain": "", "text/html": ""}
    with contextlib.suppress(Exception):  # a letter may be as broken as it likes
        for part in letter.walk():
            kind = part.get_content_type()
            if kind in found and not found[kind] and part.get_content_disposition() != "attachment":
                body = part.get_payload(decode=True)
                charset = part.get_content_charset("utf-8")
                if isinstance(body, bytes):
                    found[kind] = _decoded(body[:MOST_BYTES], charset)
    return found["text/plain"], found["text/html"]


def _decoded(body: bytes, charset: str) -> str:
    try:
        return body.decode(charset, "replace")
    except (LookupError, UnicodeError, ValueError):
        return body.decode("utf-8", "replace")


def _addresses(text: str) -> tuple[str, ...]:
    found = re.findall(r"https?://[^\s<>\"')\]]{3,2000}", text[:100_000])
    return tuple(dict.fromkeys(unwrapping.true(one.rstrip(".,;:!?")) for one in found[:100]))


# --- the thin half ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One folder.

    Attributes:
        url: ``imaps://host/Folder``, or ``imap://`` for a server that turns to encryption first.
        verify: a file of certificates to trust beside the system's.
        answered: whether letters are answered by another channel, so that it is kept who wrote them.
    """

    channel: str
    url: str
    user: str = field(repr=False)
    password: str = field(repr=False)
    verify: str = ""
    every: timedelta = EVERY
    answered: bool = False

    def listen(self, ask: Listen) -> Told:
        """Letters that came since the last time; see ``Listener.listen``."""
        found: dict[str, Mention] = {}
        left: Counter[str] = Counter()
        cursor = dict(ask.state.cursor)
        notes: tuple[str, ...] = ()
        with self._folder() as folder:
            validity = _number(folder.response("UIDVALIDITY")[1])
            last = int(cursor.get("uid", "0")) if cursor.get("validity") == str(validity) else 0
            fresh = sorted(uid for uid in self._uids(folder, last) if uid > last)
            if len(fresh) > MOST_LETTERS:
                # The first time a full folder is looked at from its end; later nothing is passed over.
                fresh = fresh[:MOST_LETTERS] if last else fresh[-MOST_LETTERS:]
                notes = (f"more than {MOST_LETTERS} letters; the rest is for the next run",) if last else ()
            for uid in fresh:
                data = self._letter(folder, uid)
                if data is None:
                    left["too large, or gone"] += 1
                    continue
                for mention in decode(data, self.channel, ask.now, answered=self.answered):
                    found.setdefault(mention.key, mention)
            cursor = {"validity": str(validity), "uid": str(fresh[-1] if fresh else last)}
        return Told(tuple(found.values()), cursor, dict(left), notes)

    def _uids(self, folder: imaplib.IMAP4, last: int) -> list[int]:
        status, found = folder.uid("SEARCH", f"UID {last + 1}:*")
        if status != "OK" or not found or not isinstance(found[0], bytes):
            return []
        return [int(word) for word in found[0].split()[:100_000] if word.isdigit()]

    def _letter(self, folder: imaplib.IMAP4, uid: int) -> bytes | None:
        status, sizes = folder.uid("FETCH", str(uid), "(RFC822.SIZE)")
        size = (
            re.search(rb"RFC822\.SIZE (\d{1,12})", sizes[0]) if status == "OK" and isinstance(sizes[0], bytes) else None
        )
        if size is None or int(size[1]) > MOST_BYTES:
            return None
        status, parts = folder.uid("FETCH", str(uid), "(BODY.PEEK[])")
        body = next((part[1] for part in parts if isinstance(part, tuple) and len(part) > 1), None)
        return body if status == "OK" and isinstance(body, bytes) else None

    @contextlib.contextmanager
    def _folder(self) -> Iterator[imaplib.IMAP4]:
        """The folder, opened for reading only.

        Raises:
            NotSent: the server cannot be reached or broke off.
            Denied: it does not know the user or the password.
            Refused: there is no such folder.
        """
        import imaplib

        parts = urlsplit(self.url)
        host, wrapped = parts.hostname or "", parts.scheme == "imaps"
        context = ssl.create_default_context()
        if self.verify:
            context.load_verify_locations(self.verify)
        try:
            opened: imaplib.IMAP4 = (
                imaplib.IMAP4_SSL(host, parts.port or 993, ssl_context=context, timeout=TIMEOUT_S)
                if wrapped
                else imaplib.IMAP4(host, parts.port or 143, timeout=TIMEOUT_S)
            )
            try:
                if not wrapped:
                    opened.starttls(context)
                self._sign_in(opened)
                name = unquote(parts.path.strip("/")) or "INBOX"
                status, _ = opened.select('"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"', readonly=True)
                if status != "OK":
                    raise Refused(self.channel, "there is no such folder. Look at the end of `url`")
                yield opened
            finally:
                with contextlib.suppress(OSError, imaplib.IMAP4.error):
                    opened.logout()
        except (OSError, imaplib.IMAP4.error, UnicodeError, ValueError, IndexError) as error:
            # Its words are left out: a server may repeat what it was told.
            raise NotSent(self.channel, f"the mailbox cannot be read ({type(error).__name__})") from None

    def _sign_in(self, opened: imaplib.IMAP4) -> None:
        import imaplib

        try:
            if f"{self.user}{self.password}".isascii():
                opened.login(self.user, self.password)
            else:
                opened.authenticate("PLAIN", lambda _: f"\0{self.user}\0{self.password}".encode())
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error:
            raise Denied(self.channel, "the mail server does not know this user or password", status=401) from None


def _number(given: list[object] | None) -> int:
    first = given[0] if given else None
    return int(first) if isinstance(first, bytes) and first.isdigit() and len(first) < 12 else 0


class Connector:
    """What is registered."""

    def listener(self, channel: Channel, secrets: Secrets, client: Client) -> Mailbox:
        """Open a channel's folder. Makes no request.

        Raises:
            SettingsError: the address, the user or the password is missing.
        """
        table = f"signalbook.toml, [channels.{channel.key}]"
        parts = urlsplit(channel.url)
        if parts.scheme not in {"imap", "imaps"} or not parts.hostname or parts.username or parts.password:
            raise SettingsError(f'{table}: say where the letters are: url = "imaps://mail.example.org/Alerts"')
        user = secrets.get("user") or channel.account or access.secret(channel, secrets, "user")
        password = access.secret(channel, secrets, "password")
        if any(sign in f"{user}{password}" for sign in "\r\n\0"):
            raise SettingsError(f"{table}: user and password are one line each.")
        return Mailbox(
            channel.key,
            channel.url,
            user,
            password,
            client.verify,
            access.every(channel, EVERY),
            bool(channel.more.get("answer_by")),
        )


CONNECTOR = Connector()
