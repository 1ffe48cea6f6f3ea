"""A mail server for tests, of what RFC 5321 demands at least."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any


class MailServer(socketserver.ThreadingTCPServer):
    """Keeps what it takes in ``messages``; answers a mail, or a recipient, with a refusal that is set."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Session)
        self.messages: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.refusal = ""
        self.recipient_refusal = ""
        self.unknown: set[str] = set()

    @property
    def url(self) -> str:
        """What EMAIL_URL is to be."""
        return f"smtp://127.0.0.1:{self.server_address[1]}"


class Session(socketserver.StreamRequestHandler):
    """One connection: https://www.rfc-editor.org/rfc/rfc5321#section-4.1"""

    server: MailServer

    def answer(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self) -> None:
        self.answer("220 test")
        recipients: list[str] = []
        for line in self.rfile:
            command = line.decode().strip()
            match command[:4].upper():
                case "QUIT":
                    self.answer("221 bye")
                    return
                case "RCPT":
                    address = command.partition("<")[2].partition(">")[0]
                    if address in self.server.unknown:
                        self.answer(f"550 {address} is unknown")
                        continue
                    recipients.append(address)
                    self.answer(self.server.recipient_refusal or "250 ok")
                case "DATA":
                    self.answer("354 go on")
                    self.take(recipients)
                    recipients = []
                case _:
                    self.answer("250 ok")

    def take(self, recipients: list[str]) -> None:
        lines: list[bytes] = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        if self.server.refusal:
            self.answer(self.server.refusal)
            return
        message: Any = message_from_bytes(b"".join(lines), policy=policy.default)
        self.server.messages.append(message)
        self.server.recipients.append(recipients)
        self.answer("250 taken")


@contextmanager
def mail_server() -> Iterator[MailServer]:
    with MailServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()
