"""A small true IMAP server (RFC 3501, read-only part), that misbehaves on demand.

Over TLS from the start, or from STARTTLS on; a password that comes before is not taken.
"""

import base64
import re
import socket
import socketserver
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from email import message_from_bytes
from email.utils import parsedate_to_datetime
from ssl import SSLContext, SSLSocket
from typing import ClassVar

from imap_tools.imap_utf7 import utf7_decode, utf7_encode

from tests.fakes.loopback import LoopbackServer

_WORDS = re.compile(rb'"((?:[^"\\]|\\.)*)"|(\S+)')


@dataclass
class Folder:
    """A folder: its mails by UID, those that were marked as read, and its UIDVALIDITY."""

    mails: dict[int, bytes] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)
    validity: int = 1
    is_refused: bool = False

    def add(self, mail: bytes) -> int:
        uid = max(self.mails, default=0) + 1
        self.mails[uid] = mail
        return uid


class ImapServer(LoopbackServer):
    """Serves one account's folders.

    Attributes:
        folders: By name, in readable form; "/" parts levels.
        fetched: What was sent of mails, as (folder, UID).
        cut_after: So many more mails are sent before the connection breaks, ``None`` for all.
        commands: The commands that came in.
    """

    def __init__(
        self, user: str, password: str, context: SSLContext, *, starts_plain: bool = False
    ) -> None:
        self.user, self.password = user, password
        self.context = context
        self.folders: dict[str, Folder] = {"INBOX": Folder()}
        self.fetched: list[tuple[str, int]] = []
        self.cut_after: int | None = None
        self.commands: list[str] = []
        server = self

        class Handler(_Session):
            account = server

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True

            def get_request(self) -> tuple[socket.socket, tuple[str, int]]:
                connection, address = self.socket.accept()
                if not starts_plain:
                    connection = context.wrap_socket(connection, server_side=True)
                return connection, address

        super().__init__(Server(("127.0.0.1", 0), Handler))


class _Cut(Exception):
    """The connection breaks here."""


class _Session(socketserver.StreamRequestHandler):
    account: ClassVar[ImapServer]
    disable_nagle_algorithm = True

    def handle(self) -> None:
        self.is_known = False
        self.folder_name = ""
        self._say("* OK ready")
        with suppress(_Cut, OSError):
            while line := self.rfile.readline():
                self._obey(line.rstrip(b"\r\n"))

    def finish(self) -> None:
        with suppress(OSError):
            super().finish()
        self.connection.close()

    def _obey(self, line: bytes) -> None:
        tag, command, rest = (*line.split(b" ", 2), b"", b"")[:3]
        self.tag = tag.decode()
        name = command.decode().upper()
        if name == "UID":
            inner, _, rest = rest.partition(b" ")
            name = f"UID {inner.decode().upper()}"
        self.account.commands.append(name)
        actions: dict[str, Callable[[bytes], str]] = {
            "CAPABILITY": self._capability,
            "STARTTLS": self._start_tls,
            "LOGIN": self._login,
            "AUTHENTICATE": self._authenticate,
            "LIST": self._list,
            "EXAMINE": self._examine,
            "UID SEARCH": self._search,
            "UID FETCH": self._fetch,
            "LOGOUT": lambda _: "OK bye",
        }
        needs_login = name not in {"CAPABILITY", "STARTTLS", "LOGIN", "AUTHENTICATE", "LOGOUT"}
        if needs_login and not self.is_known:
            answer = "NO sign in first"
        else:
            answer = actions.get(name, lambda _: "BAD this server is for reading")(rest)
        if answer:
            self._say(f"{self.tag} {answer}")

    def _say(self, text: str | bytes) -> None:
        data = text if isinstance(text, bytes) else text.encode("ascii")
        self.wfile.write(data + b"\r\n")

    def _capability(self, _: bytes) -> str:
        self._say("* CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN AUTH=XOAUTH2")
        return "OK done"

    def _start_tls(self, _: bytes) -> str:
        self._say(f"{self.tag} OK go on")
        self.connection = self.account.context.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb")
        self.wfile = self.connection.makefile("wb", 0)
        return ""

    def _login(self, rest: bytes) -> str:
        user, password = _words(rest)
        return self._judge(user, password)

    def _authenticate(self, rest: bytes) -> str:
        self._say("+ ")
        said = base64.b64decode(self.rfile.readline()).decode()
        if rest == b"XOAUTH2":
            user, _, password = said.strip("\1").partition("\1auth=Bearer ")
            return self._judge(user.removeprefix("user="), password)
        _, user, password = said.split("\0")
        return self._judge(user, password)

    def _judge(self, user: str, password: str) -> str:
        if not isinstance(self.connection, SSLSocket):
            return "NO not before STARTTLS"
        self.is_known = (user, password) == (self.account.user, self.account.password)
        return "OK done" if self.is_known else "NO [AUTHENTICATIONFAILED] wrong password"

    def _list(self, _: bytes) -> str:
        for name in self.account.folders:
            self._say(b'* LIST (\\HasNoChildren) "/" "' + utf7_encode(name) + b'"')
        self._say('* LIST (\\Noselect) "/" "[All]"')
        return "OK done"

    def _examine(self, rest: bytes) -> str:
        name = utf7_decode(_words(rest)[0].encode())
        folder = self.account.folders.get(name)
        if folder is None or folder.is_refused:
            return "NO you may not look into this folder"
        self.folder_name = name
        self._say(f"* {len(folder.mails)} EXISTS")
        self._say(f"* OK [UIDVALIDITY {folder.validity}] valid")
        return "OK [READ-ONLY] done"

    def _search(self, rest: bytes) -> str:
        criteria = rest.decode()
        since = re.search(r"SINCE (\S+)", criteria)
        first = datetime.strptime(since[1], "%d-%b-%Y").date() if since else date.min
        mails = self.account.folders[self.folder_name].mails
        found = [str(uid) for uid, mail in mails.items() if _day_of(mail) >= first]
        self._say(" ".join(["* SEARCH", *found]))
        return "OK done"

    def _fetch(self, rest: bytes) -> str:
        wanted, _, what = rest.partition(b" ")
        folder = self.account.folders[self.folder_name]
        numbers = {uid: number for number, uid in enumerate(folder.mails, 1)}
        for uid in map(int, wanted.split(b",")):
            if uid in folder.mails:
                self._send(folder, numbers[uid], uid, what.upper())
        return "OK done"

    def _send(self, folder: Folder, number: int, uid: int, what: bytes) -> None:
        mail = folder.mails[uid]
        if b"BODY" not in what:
            self._say(f"* {number} FETCH (UID {uid} RFC822.SIZE {len(mail)})")
            return
        if self.account.cut_after is not None:
            if self.account.cut_after == 0:
                self.wfile.write(f"* {number} FETCH (UID {uid} BODY[] {{{len(mail)}}}\r\n".encode())
                self.wfile.write(mail[:10])
                raise _Cut
            self.account.cut_after -= 1
        if b"PEEK" not in what:
            folder.seen.add(uid)
        self.account.fetched.append((self.folder_name, uid))
        if uid % 2:  # servers put the number before or behind the mail
            self._say(f"* {number} FETCH (UID {uid} BODY[] {{{len(mail)}}}".encode())
            self._say(mail + b")")
        else:
            self._say(f"* {number} FETCH (BODY[] {{{len(mail)}}}".encode())
            self._say(mail + f" UID {uid})".encode())


def _words(text: bytes) -> list[str]:
    found = [(quoted or plain).decode() for quoted, plain in _WORDS.findall(text)]
    return [re.sub(r"\\(.)", r"\1", word) for word in found]


def _day_of(mail: bytes) -> date:
    return parsedate_to_datetime(message_from_bytes(mail)["Date"]).date()
