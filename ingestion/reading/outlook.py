"""Reads Outlook messages (MSG) from their property streams, in whatever code page they are.

Follows Microsoft's published format: [MS-OXMSG] 2.4 (property storage) and [MS-OXPROPS].
"""

import io
import struct
from pathlib import Path

import olefile

from ingestion.errors import Damaged
from ingestion.model import Limits, Member, Parsed
from ingestion.reading.decoding import decode
from ingestion.reading.html import read_markup
from ingestion.reading.mail import divide_quoted
from ingestion.reading.outlook_rich import decompress
from ingestion.reading.richtext import read_rich_text
from ingestion.reading.unpacking import Tray, refusing
from retrieval.model import Block, BlockKind

_SUBJECT, _SENDER, _SENDER_ADDRESS, _TO, _CC = 0x0037, 0x0C1A, 0x5D01, 0x0E04, 0x0E03
_BODY, _HTML, _RICH, _HEADERS = 0x1000, 0x1013, 0x1009, 0x007D
_DATA, _LONG_NAME, _SHORT_NAME = 0x3701, 0x3707, 0x3704
_UNICODE, _BYTES, _BINARY = 0x001F, 0x001E, 0x0102
_FACTS_AT = 32
_CODE_PAGES = (0x3FFD0003, 0x3FDE0003)  # of the message, of its text on the internet
_FAULTS = (OSError, ValueError, IndexError, TypeError, struct.error)


def read(path: Path, _limits: Limits) -> Parsed:
    """Returns a message's text, plain preferred over HTML, with the subject as title.

    Raises:
        Damaged: It is not an Outlook message.
    """
    try:
        with olefile.OleFileIO(path) as compound:
            return _read_message(compound)
    except _FAULTS as error:
        raise Damaged(name=path.name, reason=str(error)) from error


def unpack(path: Path, into: Path, limits: Limits) -> tuple[Member, ...]:
    """Puts the message's attachments into a folder.

    Raises:
        Damaged: It is not an Outlook message.
    """
    tray = Tray(into, limits)
    try:
        with olefile.OleFileIO(path) as compound:
            for name, folder in _attachments(compound):
                stream = f"{folder}/__substg1.0_{_DATA:04X}{_BINARY:04X}"
                with refusing(tray, name, _FAULTS):
                    tray.put(name, io.BytesIO(compound.openstream(stream).read()))
    except _FAULTS as error:
        raise Damaged(name=path.name, reason=str(error)) from error
    return tuple(tray.members)


def _read_message(compound: olefile.OleFileIO) -> Parsed:
    subject = " ".join(_text(compound, _SUBJECT).split())
    sender = f"{_text(compound, _SENDER)} <{_text(compound, _SENDER_ADDRESS)}>"
    properties = {
        "from": sender.removesuffix(" <>").strip(),
        "to": _text(compound, _TO),
        "cc": _text(compound, _CC),
        "date": _sent(_text(compound, _HEADERS)),
    }
    blocks = [Block(BlockKind.HEADING, subject, level=1)] if subject else []
    facts = [f"{name.title()}: {value}" for name, value in properties.items() if value]
    if facts:
        blocks.append(Block(BlockKind.NOTE, "\n".join(facts)))
    body = divide_quoted(_text(compound, _BODY))
    hidden = 0
    if not body:
        shown = _read_styled(compound)
        body, hidden = list(shown.blocks), shown.hidden_characters
    names = [name for name, _ in _attachments(compound)]
    attached = [Block(BlockKind.NOTE, "Attachments / 添付: " + ", ".join(names))] if names else []
    return Parsed(
        blocks=(*blocks, *body, *attached) if body or subject else (),
        title=subject,
        properties={name: value for name, value in properties.items() if value},
        hidden_characters=hidden,
        members=len(names),
    )


def _read_styled(compound: olefile.OleFileIO) -> Parsed:
    """Returns the body as HTML, or as rich text where that is all there is."""
    page = read_markup(decode(_stream(compound, _HTML, _BINARY)).text)
    rich = _stream(compound, _RICH, _BINARY)
    return page if page.blocks or not rich else read_rich_text(decompress(rich))


def _attachments(compound: olefile.OleFileIO) -> list[tuple[str, str]]:
    """Returns name and storage of each attached file; attached messages have no such stream."""
    found = []
    wanted = f"__substg1.0_{_DATA:04X}{_BINARY:04X}"
    for folder, *rest in compound.listdir():
        if folder.startswith("__attach_version1.0_") and rest == [wanted]:
            name = _text(compound, _LONG_NAME, folder) or _text(compound, _SHORT_NAME, folder)
            found.append((name or "attachment", folder))
    return found


def _sent(headers: str) -> str:
    lines = (line for line in headers.splitlines() if line.lower().startswith("date:"))
    return next(lines, "")[5:].strip()


def _text(compound: olefile.OleFileIO, name: int, folder: str = "") -> str:
    wide = _stream(compound, name, _UNICODE, folder)
    if wide:
        return wide.decode("utf-16-le", "replace").rstrip("\0")
    narrow = _stream(compound, name, _BYTES, folder)
    return decode(narrow, _code_page(compound)).text.rstrip("\0") if narrow else ""


def _code_page(compound: olefile.OleFileIO) -> str:
    """Returns the encoding that the message declares for its narrow texts, "" for none."""
    facts = compound.openstream("__properties_version1.0").read()[_FACTS_AT:]
    pages = dict(struct.iter_unpack("<I4xI4x", facts[: len(facts) // 16 * 16]))
    page = next((pages[tag] for tag in _CODE_PAGES if tag in pages), 0)
    return f"cp{page}" if page else ""


def _stream(compound: olefile.OleFileIO, name: int, kind: int, folder: str = "") -> bytes:
    path = f"{folder}/__substg1.0_{name:04X}{kind:04X}".lstrip("/")
    return bytes(compound.openstream(path).read()) if compound.exists(path) else b""
