"""Reads the text of Word 97-2003 and PowerPoint 97-2003 files from their binary streams.

Follows Microsoft's published formats: [MS-DOC] 2.4.1 (retrieving text by the piece table) and
[MS-PPT] 2.9.41-43 (text atoms).
"""

import re
import struct
from collections.abc import Iterator
from pathlib import Path

import olefile

from ingestion.errors import Damaged, PasswordProtected
from ingestion.model import Limits, Parsed
from ingestion.reading.plain import split_text
from retrieval.model import Block, BlockKind

_ENCRYPTED = 0x0100
_TABLE_1 = 0x0200
_PIECES_AT = 0x01A2  # fcClx and lcbClx in the file information block
_LENGTHS_AT = 0x004C  # ccpText
_FIELD = re.compile("\x13[^\x13\x14\x15]*(?:\x14([^\x13\x14\x15]*))?\x15")
_SLIDE_PERSIST = 0x03F3
_TEXT_HEADER = 0x0F9F
_TEXT_CHARS = 0x0FA0
_TEXT_BYTES = 0x0FA8
_RUBY = re.compile(r"EQ .*\\up *\d+\([^()]*\),([^()]*)\)")
_MAIN_MASTER = 0x03F8  # its "Click to edit" texts are on no slide
_MOST_NESTED = 30


def read(path: Path, _limits: Limits) -> Parsed:
    """Returns the main text of a .doc file, or the text of each slide of a .ppt file.

    Raises:
        PasswordProtected: The file is encrypted.
        Damaged: Its streams make no sense.
    """
    try:
        with olefile.OleFileIO(path) as compound:
            facts = compound.get_metadata()
            title = _decode_title(facts.title, facts.codepage)
            if compound.exists("WordDocument"):
                blocks, pages = _read_word(compound, path.name), None
            else:
                blocks, pages = _read_slides(compound, path.name)
    except (OSError, ValueError, struct.error, IndexError, TypeError) as error:
        raise Damaged(name=path.name, reason=str(error)) from error
    return Parsed(tuple(blocks), title=title, pages=pages)


def _decode_title(title: bytes | str | None, code_page: int | None) -> str:
    if not isinstance(title, bytes):
        return title or ""
    encoding = "utf-8" if code_page in {None, 65001, -535} else f"cp{(code_page or 0) & 0xFFFF}"
    try:
        return title.decode(encoding).rstrip("\0")
    except (LookupError, UnicodeDecodeError):
        return ""  # no title is better than a garbled one


def _read_word(compound: olefile.OleFileIO, name: str) -> list[Block]:
    stream = compound.openstream("WordDocument").read()
    flags = struct.unpack_from("<H", stream, 0x000A)[0]
    if flags & _ENCRYPTED:
        raise PasswordProtected(name=name)
    table = compound.openstream("1Table" if flags & _TABLE_1 else "0Table").read()
    start, size = struct.unpack_from("<II", stream, _PIECES_AT)
    length = struct.unpack_from("<I", stream, _LENGTHS_AT)[0]
    text = "".join(_pieces(stream, table[start : start + size]))[:length]
    return _word_blocks(text)


def _pieces(stream: bytes, pieces: bytes) -> Iterator[str]:
    position = 0
    while position < len(pieces) and pieces[position] == 1:  # property lists come first
        position += 3 + struct.unpack_from("<H", pieces, position + 1)[0]
    if position >= len(pieces) or pieces[position] != 2:
        raise ValueError("no piece table")
    size = struct.unpack_from("<I", pieces, position + 1)[0]
    plan = pieces[position + 5 : position + 5 + size]
    count = (len(plan) - 4) // 12
    places = struct.unpack_from(f"<{count + 1}I", plan)
    for number in range(count):
        offset = struct.unpack_from("<I", plan, 4 * (count + 1) + 8 * number + 2)[0]
        characters = places[number + 1] - places[number]
        if offset & 0x40000000:  # one byte a character
            begin = (offset & 0x3FFFFFFF) // 2
            yield stream[begin : begin + characters].decode("cp1252", "replace")
        else:
            yield stream[offset : offset + 2 * characters].decode("utf-16-le", "replace")


def _word_blocks(text: str) -> list[Block]:
    for _ in range(_MOST_NESTED):
        text, count = _FIELD.subn(_show_field, text)
        if not count:
            break
    blocks: list[Block] = []
    for part in re.split("((?:[^\x07\r]*\x07)+)", text.replace("\x0b", "\n").replace("\x0c", "\r")):
        if "\x07" not in part:
            blocks += split_text(part.replace("\r", "\n\n"))
            continue
        rows = [row.replace("\x07", "\t").strip() for row in part.split("\x07\x07")]
        kept = [" ".join(row.split("\n")) for row in rows if row]
        blocks.append(Block(BlockKind.TABLE, "\n".join(kept)))
    return blocks


def _show_field(field: re.Match[str]) -> str:
    """Returns what a field shows: its result, or the word below a reading aid."""
    ruby = _RUBY.search(field[0])
    return field[1] or (ruby[1] if ruby else "")


def _read_slides(compound: olefile.OleFileIO, name: str) -> tuple[list[Block], int]:
    if compound.exists("EncryptedSummary"):
        raise PasswordProtected(name=name)
    stream = compound.openstream("PowerPoint Document").read()
    blocks: list[Block] = []
    seen: set[str] = set()
    page, kind = 0, 0
    for code, body in _records(stream, 0):
        if code == _SLIDE_PERSIST:
            page += 1
        elif code == _TEXT_HEADER and len(body) >= 4:
            kind = struct.unpack_from("<I", body)[0]
        elif code in {_TEXT_CHARS, _TEXT_BYTES}:
            encoding = "utf-16-le" if code == _TEXT_CHARS else "latin-1"
            text = (
                body.decode(encoding, "replace").replace("\r", "\n").replace("\x0b", "\n").strip()
            )
            if text and text not in seen and text != "*":
                seen.add(text)
                blocks.append(_slide_block(text, kind, page or None))
    return blocks, page


def _slide_block(text: str, kind: int, page: int | None) -> Block:
    if kind in {0, 6}:  # title and centred title
        return Block(BlockKind.HEADING, " ".join(text.split()), page, level=1 if kind == 6 else 2)
    return Block(BlockKind.NOTE if kind == 2 else BlockKind.PARAGRAPH, text, page)


def _records(data: bytes, depth: int) -> Iterator[tuple[int, bytes]]:
    position = 0
    while position + 8 <= len(data):
        version, code, size = struct.unpack_from("<HHI", data, position)
        body = data[position + 8 : position + 8 + size]
        if version & 0x0F == 0x0F and depth < _MOST_NESTED and code != _MAIN_MASTER:
            yield from _records(body, depth + 1)
        else:
            yield code, body
        position += 8 + size
