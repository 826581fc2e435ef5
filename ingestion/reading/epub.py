"""Reads EPUB books: the chapters in the order of the spine."""

import posixpath
import zipfile
from pathlib import Path
from urllib.parse import unquote

from lxml import etree

from ingestion.errors import Damaged
from ingestion.model import Limits, Parsed
from ingestion.reading.decoding import decode
from ingestion.reading.html import read_markup
from retrieval.model import Block

_FAULTS = (zipfile.BadZipFile, KeyError, RuntimeError, etree.XMLSyntaxError, StopIteration)


def read(path: Path, limits: Limits) -> Parsed:
    """Returns the visible text of all chapters, with the book's title.

    Raises:
        Damaged: It is not an EPUB package.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return _read_book(archive, limits)
    except _FAULTS as error:
        raise Damaged(name=path.name, reason=str(error)) from error


def _read_book(archive: zipfile.ZipFile, limits: Limits) -> Parsed:
    container = _parse(archive.read("META-INF/container.xml"))
    package_name = next(container.iter("{*}rootfile")).get("full-path") or ""
    package = _parse(archive.read(package_name))
    items = {item.get("id"): item.get("href") or "" for item in package.iter("{*}item")}
    folder = posixpath.dirname(package_name)
    blocks: list[Block] = []
    hidden = 0
    budget = limits.file_size
    for reference in package.iter("{*}itemref"):
        name = posixpath.normpath(
            posixpath.join(folder, unquote(items.get(reference.get("idref"), "")))
        )
        if name not in archive.namelist():
            continue
        budget -= archive.getinfo(name).file_size
        if budget < 0:
            break
        page = read_markup(decode(archive.read(name)).text)
        blocks += page.blocks
        hidden += page.hidden_characters
    title = package.findtext(".//{http://purl.org/dc/elements/1.1/}title") or ""
    warnings = ("cut-at-limit",) if budget < 0 else ()
    return Parsed(tuple(blocks), title=title, warnings=warnings, hidden_characters=hidden)


def _parse(data: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True)
    return etree.fromstring(data, parser)
