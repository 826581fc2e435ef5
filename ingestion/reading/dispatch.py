"""Chooses the reader of a file. Parsers are imported here, on first use, in the child only."""

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import cast

from ingestion.errors import Damaged, NoText, PasswordProtected, UnsupportedType
from ingestion.model import Limits, Parsed
from ingestion.reading import detection as kinds

Reader = Callable[[Path, Limits], Parsed]

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
    kinds.HTML: "html",
    kinds.CSV: "delimited",
    kinds.TSV: "delimited",
    kinds.MARKDOWN: "markdown",
    kinds.TEXT: "plain",
    kinds.ORG: "plain",
    kinds.RST: "plain",
    kinds.DOC: "legacy",
    kinds.PPT: "legacy",
    kinds.MSG: "elements",
    kinds.XML: "elements",
}


def read_file(path: Path, name: str, limits: Limits) -> Parsed:
    """Returns the blocks of a file, with its media type.

    Raises:
        ReadingFailed: No reader, no text, locked or damaged.
    """
    media_type = kinds.detect(path, name)
    if media_type == kinds.OFFICE_LOCKED:
        raise PasswordProtected(name=name)
    module = _READERS.get(media_type)
    if module is None:
        _refuse(media_type, name)
    reader = cast(Reader, import_module(f"ingestion.reading.{module}").read)
    parsed = reader(path, limits)
    if not any(block.text.strip() for block in parsed.blocks):
        raise NoText(name=name, pages=parsed.pages or 1)
    return replace(parsed, media_type=media_type)


def _refuse(media_type: str, name: str) -> None:
    claimed = name.lower().rpartition(".")[2]
    if media_type in {kinds.UNKNOWN, "application/zip"} and claimed in {
        "pdf",
        "docx",
        "pptx",
        "xlsx",
        "xlsm",
        "doc",
        "xls",
        "ppt",
        "odt",
        "epub",
    }:
        raise Damaged(name=name, reason=f"the content is not that of a .{claimed} file")
    raise UnsupportedType(name=name, media_type=media_type)
