"""Reads mailboxes (mbox): the list of their mails; each mail is a document of its own."""

import email.policy
import io
import re
from collections.abc import Iterator
from email.parser import BytesHeaderParser
from pathlib import Path

from ingestion.model import Limits, Member, Parsed
from ingestion.reading.mail import read_header
from ingestion.reading.unpacking import Tray
from retrieval.model import Block, BlockKind

_SEPARATOR = b"From "
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)
_HEADS = ("date", "from", "subject")


def read(path: Path, limits: Limits) -> Parsed:
    """Returns a table of the mails: date, sender, subject."""
    rows: list[str] = []
    count = 0
    for mail in _split(path):
        count += 1
        if count <= limits.members:
            rows.append("\t".join(_describe(mail)))
    text = "\n".join(["Date\tFrom\tSubject", *rows])
    return Parsed(
        blocks=(Block(BlockKind.TABLE, text),) if rows else (),
        warnings=("cut-at-limit",) if count > limits.members else (),
        members=min(count, limits.members),
    )


def unpack(path: Path, into: Path, limits: Limits) -> tuple[Member, ...]:
    """Puts the mails into a folder, named by number and subject."""
    tray = Tray(into, limits)
    for number, mail in enumerate(_split(path), 1):
        if tray.is_full:
            break
        _, _, subject = _describe(mail)
        short = re.sub(r"[\\/:]+", " ", subject)[:60].strip()
        tray.put(f"{number:04} {short}".strip() + ".eml", io.BytesIO(mail))
    return tuple(tray.members)


def _split(path: Path) -> Iterator[bytes]:
    """Yields the bytes of each mail; a line ``From `` after an empty line begins the next."""
    lines: list[bytes] = []
    was_empty = True
    with path.open("rb") as file:
        for line in file:
            if line.startswith(_SEPARATOR) and was_empty:
                yield from _join(lines)
                lines = []
            else:
                lines.append(line)
            was_empty = not line.strip()
    yield from _join(lines)


def _join(lines: list[bytes]) -> Iterator[bytes]:
    mail = _QUOTED.sub(rb"\1", b"".join(lines))
    if mail.strip():
        yield mail


def _describe(mail: bytes) -> tuple[str, ...]:
    head = mail[:65_536].replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    headers = BytesHeaderParser(policy=email.policy.compat32).parsebytes(head + b"\n\n")
    return tuple(read_header(headers, name) for name in _HEADS)
