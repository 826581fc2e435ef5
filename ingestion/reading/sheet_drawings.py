"""Finds what a workbook shows beside its cells: text boxes, headers and footers (XLSX only)."""

import posixpath
import re
import zipfile
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import IO

from lxml import etree

from ingestion.model import Limits
from retrieval.model import Block, BlockKind

_TAIL = 65_536  # the page setup stands after the cells
_EDGE = re.compile(r"<(?:\w+:)?(?:odd|even|first)(?:Header|Footer)>([^<]*)<")
_CODE = re.compile(r'&(?:"[^"]*"|K[0-9A-F]{6}|\d+|[A-Za-z+\-])')
_FAULTS = (zipfile.BadZipFile, KeyError, ValueError, etree.XMLSyntaxError, OSError, RuntimeError)


def find_beside_cells(path: Path | IO[bytes], limits: Limits) -> dict[str, list[Block]]:
    """Returns text boxes as paragraphs, headers and footers as notes, by sheet name.

    A package that is damaged here gives nothing: its cells were read by other means.
    """
    try:
        with zipfile.ZipFile(path) as package:
            if sum(entry.file_size for entry in package.infolist()) > limits.file_size:
                return {}
            return {name: list(_beside(package, part, name)) for name, part in _sheets(package)}
    except _FAULTS:
        return {}


def _sheets(package: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    targets = {key: target for key, _, target in _relations(package, "xl/workbook.xml")}
    for sheet in _parse(package.read("xl/workbook.xml")).iter("{*}sheet"):
        key = next((value for name, value in sheet.items() if name.endswith("}id")), "")
        if key in targets:
            yield sheet.get("name") or "", targets[key]


def _beside(package: zipfile.ZipFile, part: str, name: str) -> Iterator[Block]:
    for _, kind, target in _relations(package, part):
        if kind.endswith("/drawing"):
            root = _parse(package.read(target))
            for body in root.iter("{*}txBody"):
                lines = ["".join(p.itertext("{*}t")) for p in body.iter("{*}p")]
                text = "\n".join(line for line in lines if line.strip())
                if text:
                    yield Block(BlockKind.PARAGRAPH, text, sheet=name)
    edges = [_shown(edge) for edge in _EDGE.findall(_tail_of(package, part))]
    text = "\n".join(dict.fromkeys(filter(None, edges)))
    if text:
        yield Block(BlockKind.NOTE, text, sheet=name)


def _tail_of(package: zipfile.ZipFile, part: str) -> str:
    tail = b""
    with package.open(part) as sheet:
        while piece := sheet.read(1 << 20):
            tail = (tail + piece)[-_TAIL:]
    return tail.decode("utf-8", "replace")


def _shown(edge: str) -> str:
    """Returns a header's own words, without the codes for page numbers, fonts and places."""
    return " ".join(_CODE.sub(" ", unescape(edge)).split())


def _relations(package: zipfile.ZipFile, part: str) -> Iterator[tuple[str, str, str]]:
    folder, file = posixpath.split(part)
    name = f"{folder}/_rels/{file}.rels"
    if name not in package.namelist():
        return
    for relation in _parse(package.read(name)).iter("{*}Relationship"):
        target = relation.get("Target") or ""
        place = target.lstrip("/") if target.startswith("/") else f"{folder}/{target}"
        yield relation.get("Id") or "", relation.get("Type") or "", posixpath.normpath(place)


def _parse(data: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    return etree.fromstring(data, parser)
