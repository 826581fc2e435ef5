"""Reads gzip, bzip2 and xz: one file, or the many of a tar archive in it or by itself.

Their list of names is the text; the documents in them are documents of their own.
"""

import bz2
import gzip
import lzma
import os
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import IO, cast

from ingestion.errors import Damaged
from ingestion.model import Limits, Member, Parsed
from ingestion.naming import is_document_name, member_path
from ingestion.reading.decoding import decode
from ingestion.reading.unpacking import Tray
from retrieval.model import Block, BlockKind

_BROKEN = (tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError)
_UNNAMED = "contents"
_TAR_MARK, _TAR_MARK_AT = b"ustar", 257
_NAMED, _NAME_AT = 0x08, 10  # in the head of a gzip file (RFC 1952)
_EXTRA = 0x04
_LONGEST_HEAD = 4096

Entry = tuple[str, IO[bytes] | None]
"""Name of a document, and its bytes; ``None`` for what lies beyond the limit."""


def read(path: Path, limits: Limits) -> Parsed:
    """Returns the names of the documents in a file.

    Raises:
        Damaged: It cannot be decompressed.
    """
    try:
        found = [(name, data is None) for name, data in _entries(path, limits)]
    except _BROKEN as error:
        raise Damaged(name=path.name, reason=str(error)) from error
    names = [name for name, is_beyond in found if not is_beyond][: limits.members]
    block = Block(BlockKind.LIST, "\n".join(f"- {name}" for name in names))
    return Parsed(
        blocks=(block,) if names else (),
        warnings=("cut-at-limit",) if len(names) < len(found) else (),
        members=len(names),
    )


def unpack(path: Path, into: Path, limits: Limits) -> tuple[Member, ...]:
    """Puts the documents into a folder, as far as the limits allow.

    Raises:
        Damaged: It cannot be decompressed.
    """
    tray = Tray(into, limits)
    try:
        for name, data in _entries(path, limits):
            if data is None or tray.is_full:
                break
            tray.put(name, data)
    except _BROKEN as error:
        if not tray.members:
            raise Damaged(name=path.name, reason=str(error)) from error
    return tuple(tray.members)


def _entries(path: Path, limits: Limits) -> Iterator[Entry]:
    """Yields the documents in their order; each is to be read before the next."""
    with closing(_open(path)) as plain:
        start = plain.read(_TAR_MARK_AT + len(_TAR_MARK))
        plain.seek(0)
        if start[_TAR_MARK_AT:] == _TAR_MARK:
            yield from _list_archive(plain, limits)
        else:
            yield _name_inside(path), plain


def _list_archive(plain: IO[bytes], limits: Limits) -> Iterator[Entry]:
    with tarfile.open(fileobj=plain, mode="r|", errors="surrogateescape") as archive:
        for entry in archive:
            if entry.offset_data + entry.size > limits.unpacked:
                yield entry.name, None  # what is beyond would have to be decompressed to skip it
                return
            name = member_path(decode(os.fsencode(entry.name)).text)
            if name and entry.isreg() and all(map(is_document_name, name.split("/"))):
                yield name, archive.extractfile(entry)


def _open(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        mark = file.read(4)
    if mark.startswith(b"\x1f\x8b"):
        return cast(IO[bytes], gzip.open(path))
    if mark.startswith(b"BZh"):
        return cast(IO[bytes], bz2.open(path))
    return cast(IO[bytes], lzma.open(path)) if mark == b"\xfd7zX" else path.open("rb")


def _name_inside(path: Path) -> str:
    """Returns the name that a gzip file gives to what lies in it."""
    with path.open("rb") as file:
        head = file.read(_LONGEST_HEAD)
    if not head.startswith(b"\x1f\x8b") or head[3] & _EXTRA or not head[3] & _NAMED:
        return _UNNAMED
    return member_path(decode(head[_NAME_AT:].split(b"\0")[0]).text) or _UNNAMED
