"""Chooses the reader of a file. Parsers are imported here, on first use, in the child only."""

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import cast

from ingestion.errors import Damaged, NoText, PasswordProtected, UnsupportedType
from ingestion.model import Limits, Member, Parsed
from ingestion.reading import detection as kinds

Reader = Callable[[Path, Limits], Parsed]
Unpacker = Callable[[Path, Path, Limits], tuple[Member, ...]]

_READERS: dict[str, str] = {
    kinds.PDF: "pdf",
    kinds.DOCX: "word",
    kinds.PPTX: "slides",
    kinds.XLSX: "sheets",
    kinds.XLSB: "sheets",
    kinds.XLS: "sheets",
    kinds.ODS: "sheets",
    kinds.ODT: "opendocument",
    kinds.ODP: "opendocument",
    kinds.EPUB: "epub",
    kinds.RTF: "richtext",
    kinds.EML: "mail",
    kinds.MBOX: "mailbox",
    kinds.MHTML: "webarchive",
    kinds.ZIP: "archive",
    **dict.fromkeys((kinds.GZIP, kinds.BZIP2, kinds.XZ, kinds.TAR), "compressed"),
    kinds.HTML: "html",
    kinds.CSV: "delimited",
    kinds.TSV: "delimited",
    kinds.MARKDOWN: "markdown",
    kinds.TEXT: "plain",
    kinds.ORG: "plain",
    kinds.RST: "plain",
    kinds.DOC: "legacy",
    kinds.PPT: "legacy",
    kinds.MSG: "outlook",
    kinds.XML: "xml_records",
    **dict.fromkeys(kinds.IMAGES, "image"),
}
_UNLOCKABLE = frozenset({kinds.OFFICE_LOCKED, kinds.DOC, kinds.PPT, kinds.XLS})
_OFFICE_NAMES = frozenset(
    ["pdf", "docx", "pptx", "xlsx", "xlsm", "doc", "xls", "ppt", "odt", "epub"]
)


def read_file(path: Path, name: str, limits: Limits) -> Parsed:
    """Returns the blocks of a file, with its media type.

    Raises:
        ReadingFailed: No reader, no text, locked or damaged.
    """
    media_type = kinds.detect(path, name)
    try:
        parsed = _read_as(media_type, path, name, limits)
    except PasswordProtected:
        if media_type not in _UNLOCKABLE or not limits.passwords:
            raise
        unlock = import_module("ingestion.reading.unlocking").unlock
        with unlock(path, name, limits.passwords) as plain:
            media_type = kinds.detect(plain, name)
            parsed = _read_as(media_type, plain, name, limits)
    if not any(block.text.strip() for block in parsed.blocks):
        raise NoText(name=name, pages=parsed.pages or 1)
    return replace(parsed, media_type=media_type)


def unpack_file(path: Path, name: str, into: Path, limits: Limits) -> tuple[Member, ...]:
    """Puts the documents that lie in a file into a folder, one level deep.

    Raises:
        ReadingFailed: It holds none, or cannot be opened.
    """
    media_type = kinds.detect(path, name)
    module = _READERS.get(media_type, "")
    if module not in {"archive", "compressed", "mail", "mailbox", "outlook"}:
        raise UnsupportedType(name=name, media_type=media_type)
    unpack = cast(Unpacker, import_module(f"ingestion.reading.{module}").unpack)
    return unpack(path, into, limits)


def _read_as(media_type: str, path: Path, name: str, limits: Limits) -> Parsed:
    if media_type == kinds.OFFICE_LOCKED:
        raise PasswordProtected(name=name)
    claimed = name.lower().rpartition(".")[2]
    if media_type in {kinds.UNKNOWN, kinds.ZIP} and claimed in _OFFICE_NAMES:
        raise Damaged(name=name, reason="other-content")
    module = _READERS.get(media_type)
    if module is None:
        raise UnsupportedType(name=name, media_type=media_type)
    reader = cast(Reader, import_module(f"ingestion.reading.{module}").read)
    return reader(path, limits)
