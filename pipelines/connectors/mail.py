"""Mail over SMTP: one letter a delivery, as text and as HTML, with its pictures inside.

A letter cannot be called back and a server does not say what it took, so this connector is careful in another way than the
rest: everything that can be refused is asked for before the letter itself goes over the line. Until then nothing was sent;
after the last dot only the server's answer tells, and without it nobody knows.

Sources: RFC 5321 (the order of commands), 3207 (STARTTLS), 2369 and 8058 (List-Unsubscribe), 2392 (cid).
"""

from __future__ import annotations

import base64
import contextlib
import re
import smtplib
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import getaddresses
from html import escape
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import unquote, urlsplit

from pipelines import access
from pipelines.services import Absence, Item, Repeats, Secrets, Sent, Trial
from signalbook import hypertext
from signalbook.classes import dataclass
from signalbook.errors import ConnectorError, Denied, NotSent, Refused, SettingsError, Unanswered
from signalbook.records import digest

if TYPE_CHECKING:
    import imaplib

    from pipelines.http import Client
    from signalbook.settings import Channel

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.?)+")
_ANY_ADDRESS = re.compile(r"([\w.+=~-])[\w.+=~-]*@")
_MESSAGE_ID = re.compile(r"<[\x21-\x3b\x3d\x3f-\x7e]{3,240}>")
LONGEST_SUBJECT = 250


# --- the pure half ---------------------------------------------------------------------------------------------------


def people(value: object) -> tuple[Address, ...]:
    """``"Press <press@example.org>"``, or a list of such, as addresses; each once.

    Raises:
        ValueError: one of them is no address; says which place it has, not what it says.
    """
    given = [value] if isinstance(value, str) else list(value) if isinstance(value, list | tuple) else []
    found: dict[str, Address] = {}
    for number, written in enumerate(given, 1):
        pairs = getaddresses([line(str(written))])
        if len(pairs) != 1 or not _ADDRESS.fullmatch(ascii_domain(pairs[0][1])):
            raise ValueError(f"number {number} is no address")
        name, address = pairs[0][0], ascii_domain(pairs[0][1])
        user, _, domain = address.rpartition("@")
        found.setdefault(address.casefold(), Address(name, user, domain))
    return tuple(found.values())


def ascii_domain(address: str) -> str:
    """An address whose domain every server understands."""
    user, at, domain = address.rpartition("@")
    with contextlib.suppress(UnicodeError):
        domain = domain if domain.isascii() else domain.encode("idna").decode()
    return f"{user}{at}{domain}"


def line(text: str) -> str:
    """A header's text on one line: whatever would begin another header is a space."""
    return " ".join(hypertext.clean(re.sub(r"[\s\x00-\x1f\x7f\u2028\u2029\x85]+", " ", text)).split())


def covered(text: str) -> str:
    """A server's words on one line, without anybody's address: they can end in a record."""
    return line(_ANY_ADDRESS.sub(r"\1…@", text))[:200]


def message_id(key: str, sender: Address) -> str:
    """The letter's name: from the delivery alone, so that every attempt has the same."""
    return f"<{digest('mail', key)}.signalbook@{sender.domain}>"


def letter(
    item: Item,
    sender: Address,
    to: tuple[Address, ...],
    *,
    reply_to: str = "",
    unsubscribe: str = "",
    one_click: bool = False,
    shown: bool = False,
) -> EmailMessage:
    """The letter: text and HTML, pictures inside where the copy names them or below it, other files attached.

    With several recipients nobody learns of the others, unless ``shown``.
    """
    made = EmailMessage(policy=SMTP)
    made["From"] = sender
    made["To"] = to if shown or len(to) == 1 else "undisclosed-recipients:;"
    made["Subject"] = line(str(item.options.get("subject") or item.title))[:LONGEST_SUBJECT]
    made["Date"] = item.created_at
    made["Message-ID"] = message_id(item.key, sender)
    if _MESSAGE_ID.fullmatch(item.in_reply_to):  # RFC 5322, section 3.6.4
        made["In-Reply-To"] = made["References"] = item.in_reply_to
    if reply_to:
        made["Reply-To"] = people(reply_to)
    if unsubscribe:
        made["List-Unsubscribe"] = f"<{line(unsubscribe)}>"
        if one_click:
            made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    pictures = [one for one in item.media if one.mime.startswith("image/")]
    cids = {one.name: f"{digest('cid', item.key, one.name)}@{sender.domain}" for one in pictures}
    named = re.findall(r"!\[[^\]]*\]\(\s*<?([^)\s>]+)", item.text)
    places = {address: f"cid:{cids[name]}" for address in named if (name := address.rsplit("/", 1)[-1]) in cids}
    placed = {address.rsplit("/", 1)[-1] for address in places}
    inside = hypertext.render(item.text, pictures=places) if item.text else hypertext.sanitise(item.html)
    rest = [one for one in pictures if one.name not in placed]
    inside += "".join(f'\n<p><img src="cid:{cids[one.name]}" alt="{escape(one.alt)}"></p>' for one in rest)
    made.set_content(hypertext.words(inside) + "\n", cte="quoted-printable")
    lang = f' lang="{escape(item.lang)}"' if item.lang else ""
    page = (
        f'<!doctype html>\n<html{lang}>\n<head><meta charset="utf-8"><title>{escape(str(made["Subject"]))}</title></head>\n'
        f"<body>\n{inside}\n</body>\n</html>\n"
    )
    made.add_alternative(page, subtype="html", cte="quoted-printable")
    html = made.get_body(("html",))
    for one in pictures:
        kind, _, sort = one.mime.partition("/")
        if html is not None:
            html.add_related(
                one.data, kind, sort, cid=f"<{cids[one.name]}>", filename=line(one.name), disposition="inline"
            )
    for one in item.media:
        if one not in pictures:
            kind, _, sort = one.mime.partition("/")
            made.add_attachment(one.data, maintype=kind, subtype=sort, filename=line(one.name))
    return made


# --- the thin half ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Mail:
    """One sender at one server.

    Attributes:
        host, port: of the server.
        wrapped: TLS from the first byte (``smtps``); else STARTTLS.
        open: whether an unencrypted line is allowed where the server offers no STARTTLS.
        to: who gets a letter that names nobody itself.
        partial: whether the rest gets the letter when the server refuses some.
        sent: ``imaps://host/Folder`` where sent letters can be seen; empty for none.
    """

    channel: str
    host: str
    port: int
    sender: Address
    client: Client = field(repr=False)
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    wrapped: bool = False
    open: bool = False
    to: tuple[Address, ...] = ()
    reply_to: str = ""
    unsubscribe: str = ""
    one_click: bool = False
    shown: bool = False
    partial: bool = False
    sent: str = ""

    @property
    def repeats(self) -> Repeats:
        """Nothing recognises a repeat; a folder of sent letters, where there is one, lets us look."""
        return Repeats(longest_request_s=self.client.timeout_s * 3, same_key_s=0, looks=bool(self.sent))

    def send(self, item: Item) -> Sent:
        """Hand the letter over, once.

        Raises:
            NotSent: the server could not be reached, or asks for patience, before it had the letter.
            Refused: it will not take the letter, or one of the recipients; nobody got it.
            Unanswered: it had the whole letter and did not say that it took it.
        """
        if item.repost_of or item.quote_of or item.poll:
            raise Refused(
                self.channel, "a letter has no reposts, quotes or polls. Write one of its own for this channel"
            )
        to = self._recipients(item)
        try:
            made = letter(
                item, self.sender, to, reply_to=self.reply_to, unsubscribe=self.unsubscribe, one_click=self.one_click,
                shown=self.shown,
            )  # fmt: skip
        except ValueError as error:
            raise Refused(self.channel, f"the letter cannot be put together: {line(str(error))[:120]}") from error
        if not made["Subject"]:
            raise Refused(self.channel, "the letter has no subject. Write a title, or options: {mail: {subject: …}}")
        with self._line() as server:
            refused = self._envelope(server, to)
            self._hand_over(server, made.as_bytes())
        facts = {"recipients": str(len(to) - len(refused)), **({"refused": str(len(refused))} if refused else {})}
        return Sent(str(made["Message-ID"]), facts=facts)

    def _recipients(self, item: Item) -> tuple[Address, ...]:
        try:
            to = people(item.options.get("to")) or self.to
        except ValueError as error:
            raise Refused(
                self.channel, f"in the option `to`, {error}. Write to: press@example.org, or a list"
            ) from error
        if not to:
            raise Refused(
                self.channel, f'nobody gets it. Write to = "list@example.org" under [channels.{self.channel}]'
            )
        return to

    @contextlib.contextmanager
    def _line(self) -> Iterator[smtplib.SMTP]:
        """A line to the server, encrypted and logged in; closed politely, whatever happened."""
        context = self._context()
        try:
            server: smtplib.SMTP = (
                smtplib.SMTP_SSL(self.host, self.port, timeout=self.client.timeout_s, context=context)
                if self.wrapped
                else smtplib.SMTP(self.host, self.port, timeout=self.client.timeout_s)
            )
        except (OSError, smtplib.SMTPException) as error:
            raise NotSent(self.channel, f"{self.host} cannot be reached ({_reason(error)})") from error
        try:
            self._greet(server, context)
            yield server
        finally:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                server.quit()
            server.close()

    def _context(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if self.client.verify:
            context.load_verify_locations(self.client.verify)
        return context

    def _greet(self, server: smtplib.SMTP, context: ssl.SSLContext) -> None:
        try:
            server.ehlo()
            if not self.wrapped:
                if server.has_extn("starttls"):
                    server.starttls(context=context)
                    server.ehlo()
                elif not self.open:
                    raise Refused(
                        self.channel, f"{self.host} offers no encryption, so everybody on the way could read letter and "
                        "password. Ask for STARTTLS there, or write smtps:// if it has a port of its own",
                    )  # fmt: skip
            if self.password:
                self._log_in(server)
        except smtplib.SMTPAuthenticationError as error:
            if 400 <= error.smtp_code < 500:
                raise NotSent(self.channel, "the server cannot check the password now") from None
            # Its words are left out: a server may repeat what it was told.
            raise Denied(self.channel, f"the server does not know this user or password ({error.smtp_code})", status=error.smtp_code) from None  # fmt: skip
        except smtplib.SMTPNotSupportedError as error:
            raise Refused(self.channel, "the server offers no way to log in that we know") from error
        except (OSError, smtplib.SMTPException) as error:
            raise NotSent(self.channel, f"{self.host} did not let us begin ({_reason(error)})") from error

    def _log_in(self, server: smtplib.SMTP) -> None:
        """Log in; with letters beyond ASCII as UTF-8, which RFC 4616 allows and the library does not know."""
        if f"{self.user}{self.password}".isascii():
            server.login(self.user, self.password)
            return
        if "PLAIN" not in server.esmtp_features.get("auth", "").upper().split():
            raise smtplib.SMTPNotSupportedError("AUTH PLAIN")
        code, _ = server.docmd("AUTH", f"PLAIN {base64.b64encode(self._plain()).decode()}")
        if code != 235:
            raise smtplib.SMTPAuthenticationError(code, b"")

    def _plain(self) -> bytes:
        return f"\0{self.user}\0{self.password}".encode()

    def _envelope(self, server: smtplib.SMTP, to: tuple[Address, ...]) -> list[int]:
        """Name sender and recipients; the places of those the server refuses, where the rest is to get the letter.

        Nobody has the letter yet, so all of them can still be spared it.
        """
        try:
            self._expect(*server.mail(self.sender.addr_spec), "let us write under this sender")
            answers = [(number, *server.rcpt(one.addr_spec)) for number, one in enumerate(to, 1)]
        except (OSError, smtplib.SMTPException) as error:
            raise NotSent(self.channel, f"{self.host} broke off before it had the letter ({_reason(error)})") from error
        bad = [(number, code, words) for number, code, words in answers if code not in {250, 251, 252}]
        if not bad or (self.partial and len(bad) < len(to)):
            return [number for number, _, _ in bad]
        number, code, words = max(bad, key=lambda one: one[1])
        which = f"recipient {number} of {len(to)}" if len(to) > 1 else "the recipient"
        others = f" and {len(bad) - 1} more" if len(bad) > 1 else ""
        said = f"the server does not take {which}{others} ({code} {covered(words.decode('utf-8', 'replace'))}); nobody got it"
        if code >= 500:
            raise Refused(self.channel, said, status=code)
        raise NotSent(self.channel, said)

    def _hand_over(self, server: smtplib.SMTP, data: bytes) -> None:
        try:
            code, words = server.docmd("DATA")
        except (OSError, smtplib.SMTPException) as error:
            raise NotSent(self.channel, f"{self.host} broke off before it had the letter ({_reason(error)})") from error
        if code != 354:
            self._expect(code, words, "take the letter")
            raise NotSent(self.channel, f"{self.host} answered {code} where a letter is asked for")
        # Lines end with CRLF, and a dot at a line's beginning is doubled: RFC 5321, section 4.5.2.
        body = re.sub(rb"(?m)^\.", b"..", re.sub(rb"\r\n|\r|\n", b"\r\n", data))
        self.client.in_time(self.channel)
        try:
            server.send(body + (b"" if body.endswith(b"\r\n") else b"\r\n") + b".\r\n")
            code, words = server.getreply()
        except (OSError, smtplib.SMTPException) as error:
            raise Unanswered(self.channel, f"{self.host} had the letter and did not say that it took it ({_reason(error)})") from error  # fmt: skip
        self._expect(code, words, "take the letter")

    def _expect(self, code: int, words: bytes, what: str) -> None:
        if 200 <= code < 300:
            return
        said = f"the server does not {what} ({code} {covered(words.decode('utf-8', 'replace'))})"
        if code >= 500:
            raise Refused(self.channel, said, status=code)
        raise NotSent(self.channel, said)

    def look(self, item: Item, *, since: datetime) -> Sent | Absence:  # noqa: ARG002 - the name is for all time
        """Look for the letter's name in the folder of sent letters. That it is not there proves nothing."""
        if not self.sent:
            return Absence.UNSEEN
        name = message_id(item.key, self.sender)
        with self._folder() as folder:
            status, found = folder.search(None, "HEADER", "Message-ID", f'"{name}"')
        return Sent(name) if status == "OK" and found and found[0] and found[0].split() else Absence.UNSEEN

    @contextlib.contextmanager
    def _folder(self) -> Iterator[imaplib.IMAP4]:
        import imaplib

        parts = urlsplit(self.sent)
        host, wrapped = parts.hostname or "", parts.scheme == "imaps"
        context = self._context()
        try:
            opened: imaplib.IMAP4 = (
                imaplib.IMAP4_SSL(host, parts.port or 993, ssl_context=context, timeout=self.client.timeout_s)
                if wrapped
                else imaplib.IMAP4(host, parts.port or 143, timeout=self.client.timeout_s)
            )
            try:
                if not wrapped:
                    opened.starttls(context)
                if f"{self.user}{self.password}".isascii():
                    opened.login(self.user, self.password)
                else:
                    opened.authenticate("PLAIN", lambda _: self._plain())
                name = unquote(parts.path.strip("/")) or "Sent"
                status, _ = opened.select('"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"', readonly=True)
                if status != "OK":
                    raise Refused(self.channel, f"there is no folder “{line(name)}” at {host}")
                yield opened
            finally:
                with contextlib.suppress(OSError, imaplib.IMAP4.error):
                    opened.logout()
        except (OSError, imaplib.IMAP4.error) as error:
            # Its words are left out: a server may repeat what it was told.
            raise NotSent(
                self.channel, f"the folder of sent letters at {host} cannot be read ({_reason(error)})"
            ) from None

    def amend(self, item: Item, sent: Sent) -> Sent:  # noqa: ARG002 - the protocol's
        """Refuse.

        Raises:
            Refused: always.
        """
        self._gone()

    def withdraw(self, sent: Sent) -> None:  # noqa: ARG002 - the protocol's
        """Refuse.

        Raises:
            Refused: always.
        """
        self._gone()

    def _gone(self) -> NoReturn:
        raise Refused(self.channel, "a letter that is out cannot be changed or called back. Write a correction")

    def trials(self) -> Iterator[Trial]:
        """Whether the server encrypts, knows us and lets us write under our sender; no letter goes out."""
        name = f"channel {self.channel}"
        with self._line() as server:
            secure = self.wrapped or isinstance(server.sock, ssl.SSLSocket)
            yield Trial(
                name,
                "an encrypted line",
                ok=secure or self.open,
                detail="yes" if secure else "no, as the settings allow",
            )
            yield Trial(
                name,
                "log in",
                ok=True,
                detail="accepted" if self.password else "without a password, as the settings say",
            )
            code, words = server.mail(self.sender.addr_spec)
            good = 200 <= code < 300
            yield Trial(
                name, "write under our sender", ok=good, detail="yes" if good else covered(words.decode("utf-8", "replace")),
                remedy="" if good else "Ask whoever runs the server to allow this sender, or write another `account`.",
            )  # fmt: skip
            with contextlib.suppress(OSError, smtplib.SMTPException):
                server.rset()
        yield Trial(
            name, "somebody gets it", ok=True,
            detail=f"{len(self.to)} addresses in the settings" if self.to else "each post has to say `to` in its options",
        )  # fmt: skip
        if self.sent:
            try:
                with self._folder():
                    yield Trial(name, "see what was sent", ok=True, detail="the folder can be read")
            except ConnectorError as error:
                yield Trial(
                    name,
                    "see what was sent",
                    ok=False,
                    detail=error.message,
                    remedy='Write sent = "imaps://HOST/FOLDER".',
                )

    def limits(self) -> Mapping[str, int]:
        """None for the text."""
        return {}


def _reason(error: Exception) -> str:
    """Why a line failed, in words that hold nothing the server said."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return "its certificate is not trusted"
    if isinstance(error, ssl.SSLError):
        return "no encrypted line came about"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"status {error.smtp_code}"
    if isinstance(error, ConnectionRefusedError):
        return "the connection was refused"
    return "the line broke"


class Connector:
    """What is registered."""

    def publisher(self, channel: Channel, secrets: Secrets, client: Client) -> Mail:
        """A sender.

        Raises:
            SettingsError: the server, the sender or the password is missing, or an address is none.
        """
        table = f"signalbook.toml, [channels.{channel.key}]"
        try:
            parts = urlsplit(channel.url)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            parts, host, port = urlsplit(""), "", None
        if parts.scheme not in {"smtp", "smtps"} or not host:
            raise SettingsError(f'{table}: the mail server is missing. Write url = "smtp://mail.example.org:587"')
        if parts.username is not None or parts.password is not None:
            raise SettingsError(
                f"{table}: a name or a password stands in `url`. Take it out, renew it, and name it in `secrets`."
            )
        try:
            (sender,) = people(str(channel.more.get("from") or channel.account))
        except ValueError:
            raise SettingsError(f'{table}: the sender is missing. Write account = "letters@example.org"') from None
        try:
            to = people(channel.more.get("to"))
        except ValueError as error:
            raise SettingsError(f'{table}: in `to`, {error}. Write to = "list@example.org", or a list.') from None
        wrapped = parts.scheme == "smtps"
        here = access.loopback(host)
        bare = here and "password" not in channel.secrets
        password = "" if bare or channel.more.get("login") is False else access.secret(channel, secrets, "password")
        return Mail(
            channel.key, host, port or (465 if wrapped else 587), sender, client,
            user=secrets.get("user") or sender.addr_spec, password=password,
            wrapped=wrapped, open=here or channel.more.get("encryption") is False, to=to,
            reply_to=str(channel.more.get("reply_to") or ""), unsubscribe=str(channel.more.get("unsubscribe") or ""),
            one_click=bool(channel.more.get("one_click", False)), shown=bool(channel.more.get("show_recipients", False)),
            partial=bool(channel.more.get("partial", False)), sent=str(channel.more.get("sent") or ""),
        )  # fmt: skip


CONNECTOR = Connector()
