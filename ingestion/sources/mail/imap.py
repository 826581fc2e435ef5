"""Collects the mails of an IMAP account; none is marked as read, none is fetched twice."""

import imaplib
import re
import ssl
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date

from imap_tools import FolderInfo, MailBox, MailBoxStartTls
from imap_tools.errors import ImapToolsError

from ingestion.errors import SourceUnavailable
from ingestion.sources.fields import read_secret
from ingestion.sources.mail.collecting import BROKEN, REFUSED, TOO_LARGE, Collection
from ingestion.sources.mail.naming import clean_name
from ingestion.sources.mail.options import ImapOptions
from ingestion.sources.mail.store import Kept, make_key

_SECONDS = 60.0
_SIZES_AT_ONCE = 500
_MAILS_AT_ONCE, _BYTES_AT_ONCE = 50, 8 * 1024 * 1024
_UID = re.compile(rb"\bUID (\d+)")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")
_FAILURES = (ImapToolsError, imaplib.IMAP4.error, OSError, ValueError)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def collect_account(options: ImapOptions, found: Collection) -> None:
    """Adds the mails of the chosen folders; new ones are fetched.

    When the connection breaks on the way, what was found until then stays, and the collection is
    not complete.

    Raises:
        SourceUnavailable: The account cannot be opened.
    """
    place = f"{options.user}@{options.host}:{options.port}"
    secret = read_secret(options.password_file)
    try:
        mailbox = _connect(options)
    except _FAILURES as error:
        raise SourceUnavailable(path=place, reason=_explain(error, secret)) from error
    try:
        try:
            _sign_in(mailbox, options, secret)
            folders = mailbox.folder.list()
        except _FAILURES as error:
            raise SourceUnavailable(path=place, reason=_explain(error, secret)) from error
        for name, folder in _choose(folders, found):
            try:
                _Folder(mailbox, options, found, name).collect(folder.name)
            except (imaplib.IMAP4.abort, OSError):
                found.skip(name, BROKEN, complete=False)
                return
            except _FAILURES:
                found.skip(name, REFUSED, complete=False)
    finally:
        with suppress(*_FAILURES):
            mailbox.client.shutdown()


def _connect(options: ImapOptions) -> MailBox | MailBoxStartTls:
    context = ssl.create_default_context(cafile=options.ca_file)
    kind = MailBoxStartTls if options.starts_plain else MailBox
    return kind(options.host, options.port, timeout=_SECONDS, ssl_context=context)


def _sign_in(mailbox: MailBox | MailBoxStartTls, options: ImapOptions, secret: str) -> None:
    if options.authentication == "xoauth2":
        mailbox.xoauth2(options.user, secret, initial_folder=None)
    elif (options.user + secret).isascii():
        mailbox.login(options.user, secret, initial_folder=None)
    else:
        mailbox.login_utf8(options.user, secret, initial_folder=None)


def _choose(folders: Iterable[FolderInfo], found: Collection) -> Iterator[tuple[str, FolderInfo]]:
    """Yields the folders that are listed, with the names they are shown by."""
    for folder in folders:
        flags = {flag.lower() for flag in folder.flags}
        parts = folder.name.split(folder.delim) if folder.delim else [folder.name]
        name = "/".join(filter(None, map(clean_name, parts)))
        if name and not flags & {"\\noselect", "\\nonexistent"} and found.wants(name):
            yield name, folder


class _Folder:
    """One folder of the account."""

    def __init__(
        self,
        mailbox: MailBox | MailBoxStartTls,
        options: ImapOptions,
        found: Collection,
        name: str,
    ) -> None:
        self._mailbox = mailbox
        self._choice = options.choice
        self._found = found
        self._name = name

    def collect(self, folder: str) -> None:
        """Adds its mails: those that are here by what is noted of them, the others fetched."""
        self._mailbox.folder.set(folder, readonly=True)
        validity = self._mailbox.client.response("UIDVALIDITY")[1][0]
        era = validity.decode("ascii", "replace") if isinstance(validity, bytes) else ""
        uids = self._mailbox.uids(_write_criteria(self._choice.since), charset=None)
        missing: list[str] = []
        keys = {uid: make_key("imap", folder, era, uid) for uid in uids}
        for uid, key in keys.items():
            kept = self._found.store.find(key)
            if kept is None:
                missing.append(uid)
            else:
                self._found.add(self._name, key, kept)
        self._found.breathe()
        for batch in self._divide(missing):
            bodies = self._ask(batch, "(UID BODY.PEEK[])")
            for uid in batch:
                if uid not in bodies:
                    self._found.miss()  # removed this moment, or the server is not well
                    continue
                self._found.add(self._name, keys[uid], self._keep(keys[uid], bodies[uid]))
            self._found.breathe()

    def _keep(self, key: str, mail: bytes) -> Kept:
        try:
            return self._found.store.put(key, mail)
        except OSError as error:  # the disk is full, not the connection broken
            reason = error.strerror or str(error)
            raise SourceUnavailable(path=self._name, reason=reason) from error

    def _divide(self, uids: list[str]) -> Iterator[list[str]]:
        """Yields mails that are fetched at once; those that are too large are left out."""
        batch: list[str] = []
        weight = 0
        for start in range(0, len(uids), _SIZES_AT_ONCE):
            for uid, size in self._ask_sizes(uids[start : start + _SIZES_AT_ONCE]).items():
                if size > self._choice.largest:
                    self._found.skip(f"{self._name}/UID {uid}", TOO_LARGE)
                    continue
                if batch and (len(batch) >= _MAILS_AT_ONCE or weight + size > _BYTES_AT_ONCE):
                    yield batch
                    batch, weight = [], 0
                batch.append(uid)
                weight += size
        if batch:
            yield batch

    def _ask_sizes(self, uids: list[str]) -> dict[str, int]:
        """Returns the sizes of mails; one that the server does not name counts as missing."""
        sizes: dict[str, int] = {}
        for part in self._fetch(uids, "(UID RFC822.SIZE)"):
            head = part[0] if isinstance(part, tuple) else part
            uid, size = _UID.search(head or b""), _SIZE.search(head or b"")
            if uid and size:
                sizes[uid[1].decode()] = int(size[1])
        if set(uids) - set(sizes):
            self._found.miss()
        return sizes

    def _ask(self, uids: list[str], what: str) -> dict[str, bytes]:
        """Returns the bytes of mails; the number may stand before or behind them."""
        bodies: dict[str, bytes] = {}
        parts = self._fetch(uids, what)
        for number, part in enumerate(parts):
            if not isinstance(part, tuple):
                continue
            behind = parts[number + 1] if number + 1 < len(parts) else b""
            tail = behind if isinstance(behind, bytes) else b""
            uid = _UID.search(part[0]) or _UID.search(tail)
            if uid:
                bodies[uid[1].decode()] = part[1]
        return bodies

    def _fetch(self, uids: list[str], what: str) -> list[bytes | tuple[bytes, bytes]]:
        status, parts = self._mailbox.client.uid("FETCH", ",".join(uids), what)
        if status != "OK":
            raise imaplib.IMAP4.error(f"FETCH: {status}")
        return parts


def _write_criteria(since: date | None) -> str:
    if since is None:
        return "UNDELETED"
    return f"UNDELETED SINCE {since.day}-{_MONTHS[since.month - 1]}-{since.year}"


def _explain(error: Exception, secret: str) -> str:
    reason = str(error) or type(error).__name__
    return reason.replace(secret, "***")
