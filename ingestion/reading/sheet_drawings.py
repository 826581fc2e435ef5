"""Finds what a workbook shows beside its cells (XLSX only).

That is text boxes, titles of charts, comments, and the headers and footers of its sheets.
"""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import IO

from ingestion.model import Limits
from ingestion.reading.drawing_parts import Drawings
from ingestion.reading.ooxml import FAULTS, Element, Package
from retrieval.model import Block, BlockKind

_KEY = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_TAIL = 65_536  # the page setup stands after the cells
_EDGE = re.compile(rb"<(?:\w+:)?(?:odd|even|first)(?:Header|Footer)>([^<]*)<")
_CODE = re.compile(r'&(?:"[^"]*"|K[0-9A-F]{6}|\d+|[A-Za-z+\-])')


def find_beside_cells(path: Path | IO[bytes], limits: Limits) -> dict[str, list[Block]]:
    """Returns what stands beside the cells, by sheet name.

    A package that is damaged here gives nothing: its cells were read by other means.
    """
    try:
        with Package(path, limits) as package:
            main = package.main_part()
            targets = {each.key: each.target for each in package.relations(main)}
            sheets = [
                (sheet.get("name") or "", targets[sheet.get(_KEY)])
                for sheet in package.parse(main).iter("{*}sheet")
            ]
            return {name: list(_beside(package, part, name)) for name, part in sheets}
    except FAULTS:
        return {}


def _beside(package: Package, part: str, name: str) -> Iterator[Block]:
    for target, root in package.related(part, "drawing"):
        for body in root.iter("{*}txBody"):
            lines = ["".join(p.itertext("{*}t")) for p in body.iter("{*}p")]
            text = "\n".join(line for line in lines if line.strip())
            if text:
                yield Block(BlockKind.PARAGRAPH, text, sheet=name)
        for title in Drawings(package, target).titles(root):
            yield Block(BlockKind.PARAGRAPH, title, sheet=name)
    for _, root in package.related(part, "comments"):
        yield from _comments(root, name)
    edges = [_shown(edge.decode("utf-8", "replace")) for edge in _find_edges(package, part)]
    text = "\n".join(dict.fromkeys(filter(None, edges)))
    if text:
        yield Block(BlockKind.NOTE, text, sheet=name)


def _comments(root: Element, name: str) -> Iterator[Block]:
    """Yields the comments with their cell; Excel writes the author into the text itself."""
    for comment in root.iter("{*}comment"):
        said = "".join(comment.itertext("{*}t")).strip()
        if said:
            text = f"Comment / コメント {comment.get('ref') or ''} — {said}"
            yield Block(BlockKind.NOTE, text, sheet=name)


def _find_edges(package: Package, part: str) -> list[bytes]:
    return _EDGE.findall(package.read(part)[-_TAIL:])


def _shown(edge: str) -> str:
    """Returns a header's own words, without the codes for page numbers, fonts and places."""
    return " ".join(_CODE.sub(" ", unescape(edge)).split())
