"""SMTP with STARTTLS and a password, every message delivered to one Maildir."""

import argparse
import asyncio
import mailbox
import signal
import ssl

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

p = argparse.ArgumentParser()
for name in ("port", "maildir", "cert", "key", "user", "password"):
    p.add_argument("--" + name, required=True)
o = p.parse_args()


class Deliver:
    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - the library's name
        name = address.split("@")[0]
        if name.startswith("bounce"):
            return "550 5.1.1 No such user"
        if name.startswith("defer"):
            return "451 4.7.1 Try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - the library's name
        head = f"Return-Path: <{envelope.mail_from}>\r\nX-Envelope-To: {', '.join(envelope.rcpt_tos)}\r\n"
        mailbox.Maildir(o.maildir).add(head.encode() + envelope.original_content)
        if any(address.startswith("silent") for address in envelope.rcpt_tos):
            server.transport.abort()
        return "250 2.0.0 delivered"


def check(server, session, envelope, mechanism, auth):
    good = (auth.login, auth.password) == (o.user.encode(), o.password.encode())
    return AuthResult(success=good, handled=False)


tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
tls.load_cert_chain(o.cert, o.key)
mailbox.Maildir(o.maildir, create=True)
smtp = Controller(
    Deliver(),
    hostname="127.0.0.1",
    port=int(o.port),
    tls_context=tls,
    authenticator=check,
    auth_required=True,
    auth_require_tls=True,
)
smtp.start()
loop = asyncio.new_event_loop()
loop.add_signal_handler(signal.SIGTERM, loop.stop)
loop.run_forever()
smtp.stop()
