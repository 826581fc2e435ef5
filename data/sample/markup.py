"""Parses the small markup of the sample texts into blocks every renderer understands."""

from __future__ import annotations

import re
from dataclasses import dataclass

_HEADING = re.compile(r"^(#{1,3}) (.+)$")
_ITEM = re.compile(r"^(?:- |\d+\. )")
_DIRECTIVE = re.compile(r"^%(note|vanish|white) (.+)$")
_RULE_ROW = re.compile(r"^\|[-| ]+\|$")
_HIDDEN_MARK = "(hidden)"

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of a text.

    `kind` is heading, paragraph, item, table, note, vanish or white; `level` counts for
    headings alone, `rows` for tables alone, and `hidden` for a heading that names a hidden sheet.
    """

    kind: str
    text: str = ""
    level: int = 0
    rows: tuple[Row, ...] = ()
    hidden: bool = False


def parse_blocks(source: str) -> list[Block]:
    """Return the blocks of `source` in reading order; neighbouring table rows become one table."""
    blocks: list[Block] = []
    rows: list[Row] = []
    for line in [*source.splitlines(), ""]:
        stripped = line.strip()
        if stripped.startswith("|"):
            if not _RULE_ROW.match(stripped):
                rows.append(tuple(cell.strip() for cell in stripped.strip("|").split("|")))
            continue
        if rows:
            blocks.append(Block("table", rows=tuple(rows)))
            rows = []
        if stripped:
            blocks.append(_parse_line(stripped))
    return blocks


def split_sections(blocks: list[Block]) -> list[tuple[Block, list[Block]]]:
    """Return (heading, blocks below it) for every first-level heading: a sheet or a slide each."""
    sections: list[tuple[Block, list[Block]]] = []
    for block in blocks:
        if block.kind == "heading" and block.level == 1:
            sections.append((block, []))
        else:
            sections[-1][1].append(block)
    return sections


def _parse_line(line: str) -> Block:
    directive = _DIRECTIVE.match(line)
    if directive:
        return Block(directive[1], directive[2])
    heading = _HEADING.match(line)
    if heading:
        title = heading[2].removesuffix(_HIDDEN_MARK)
        return Block("heading", title, len(heading[1]), hidden=title != heading[2])
    if _ITEM.match(line):
        return Block("item", _ITEM.sub("", line))
    return Block("paragraph", line)
