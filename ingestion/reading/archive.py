"""Reads ZIP archives: their list of names; the documents in them are documents of their own."""

import zipfile
import zlib
from pathlib import Path

from ingestion.errors import Damaged
from ingestion.model import Limits, Member, Parsed
from ingestion.naming import is_document_name, member_path
from ingestion.reading.decoding import decode
from ingestion.reading.unpacking import Tray
from retrieval.model import Block, BlockKind

_UTF_8_NAME = 0x800
_ENCRYPTED = 0x1
_LOCKED_OUT = (RuntimeError, NotImplementedError)  # a wrong password, a method nobody knows
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError)


def read(path: Path, limits: Limits) -> Parsed:
    """Returns the names of the documents in an archive.

    Raises:
        Damaged: It is not a ZIP archive.
    """
    with _open(path) as archive:
        names = [name for _, name in _list(archive)]
    listed = names[: limits.members]
    block = Block(BlockKind.LIST, "\n".join(f"- {name}" for name in listed))
    return Parsed(
        blocks=(block,) if listed else (),
        warnings=("cut-at-limit",) if len(names) > len(listed) else (),
        members=len(listed),
    )


def unpack(path: Path, into: Path, limits: Limits) -> tuple[Member, ...]:
    """Puts the archive's documents into a folder.

    Raises:
        Damaged: It is not a ZIP archive.
    """
    tray = Tray(into, limits)
    with _open(path) as archive:
        for entry, name in _list(archive):
            if tray.is_full:
                break
            _take(archive, entry, name, tray, limits)
    return tuple(tray.members)


def _open(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except _BROKEN as error:
        raise Damaged(name=path.name, reason=str(error)) from error


def _list(archive: zipfile.ZipFile) -> list[tuple[zipfile.ZipInfo, str]]:
    """Returns the archive's documents with their names."""
    named = ((entry, member_path(_decode_name(entry))) for entry in archive.infolist())
    return [
        (entry, name)
        for entry, name in named
        if name and not entry.is_dir() and all(map(is_document_name, name.split("/")))
    ]


def _decode_name(entry: zipfile.ZipInfo) -> str:
    """Returns a member's name; without the UTF-8 mark Windows wrote it in its own code page."""
    if entry.flag_bits & _UTF_8_NAME or entry.orig_filename.isascii():
        return entry.orig_filename
    return decode(entry.orig_filename.encode("cp437", "replace")).text


def _take(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str, tray: Tray, limits: Limits
) -> None:
    passwords = limits.passwords if entry.flag_bits & _ENCRYPTED else ("",)
    for password in passwords:
        try:
            with archive.open(entry, pwd=password.encode() or None) as data:
                tray.put(name, data)
        except _LOCKED_OUT:
            continue
        except _BROKEN:
            if password:
                continue  # a wrong password may also look like damage
            tray.refuse(name, "damaged")
        return
    tray.refuse(name, "password-protected")
