"""Reads Word documents: headings by style, lists, tables in place, what is hidden left out."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ingestion.errors import Damaged
from ingestion.model import Limits, Parsed
from ingestion.reading.drawing_parts import Drawings
from ingestion.reading.ooxml import FAULTS, Package
from ingestion.reading.plain import judge_heading
from ingestion.reading.word_notes import find_comments, find_edges, find_notes
from ingestion.reading.word_visibility import is_hidden_run
from retrieval.model import Block, BlockKind

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_HEADING_NAME = re.compile(r"(?:heading|見出し|überschrift|titre)\s*([1-9])", re.IGNORECASE)
_TITLE_NAMES = frozenset({"title", "表題", "タイトル"})
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_P, _R, _T, _VALUE = f"{_W}p", f"{_W}r", f"{_W}t", f"{_W}val"
_TEXTS = frozenset({_T, "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"})
_TABLE, _ROW, _CELL, _BOX = f"{_W}tbl", f"{_W}tr", f"{_W}tc", f"{_W}txbxContent"
_FACTS, _STYLE, _OUTLINE = f"{_W}pPr", f"{_W}pStyle", f"{_W}outlineLvl"
_NUMBERING, _NUMBER, _DEPTH = f"{_W}numPr", f"{_W}numId", f"{_W}ilvl"
_NOT_TEXT = frozenset(
    {f"{_W}del", f"{_W}moveFrom", _FALLBACK, _FACTS, f"{_W}rPr"}
    | {_BOX, f"{_W}rt"}  # boxes come after their paragraph; w:rt is a reading aid
)
_BREAKS = {f"{_W}tab": " ", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}
_CONTAINERS = frozenset(
    {f"{_W}sdt", f"{_W}sdtContent", f"{_W}ins", f"{_W}moveTo", f"{_W}smartTag", f"{_W}body"}
    | {f"{_W}customXml"}
)

Element = Any  # lxml has no complete stubs


def read(path: Path, limits: Limits) -> Parsed:
    """Returns the body, then footnotes and endnotes, comments, headers and footers as notes.

    Raises:
        Damaged: It is not a Word package.
    """
    try:
        with Package(path, limits) as package:
            return _read_package(package, path.name)
    except FAULTS as error:
        raise Damaged(name=path.name, reason=str(error)) from error


def _read_package(package: Package, name: str) -> Parsed:
    main = package.main_part()
    root = package.parse(main)
    if root.tag != f"{_W}document":
        raise Damaged(name=name, reason="not-word")
    walker = _Walker(_Styles(package, main), Drawings(package, main))
    body = root.find(f"{_W}body")
    blocks = list(walker.blocks(body)) if body is not None else []
    blocks += walker.notes(find_notes(package, main))
    blocks += walker.comments(find_comments(package, main))
    blocks += walker.notes(find_edges(package, main))
    title, author = package.facts()
    return Parsed(
        blocks=tuple(blocks),
        title=title or walker.title,
        properties={"author": author},
        hidden_characters=walker.hidden,
    )


class _Styles:
    """What the document's styles make of a paragraph."""

    def __init__(self, package: Package, main: str) -> None:
        self._names: dict[str, str] = {}
        self._levels: dict[str, int] = {}
        for _, root in package.related(main, "styles"):
            for style in root.iterchildren(f"{_W}style"):
                self._learn(style)

    def _learn(self, style: Element) -> None:
        key = style.get(f"{_W}styleId") or ""
        name = style.find(f"{_W}name")
        outline = style.find(f"{_FACTS}/{_OUTLINE}")
        self._names[key] = (name.get(_VALUE) or "") if name is not None else key
        if outline is not None:
            self._levels[key] = _level_of(outline)

    def is_title(self, paragraph: Element) -> bool:
        return self._names.get(_style_of(paragraph), "").lower() in _TITLE_NAMES

    def level(self, paragraph: Element) -> int:
        """Returns the heading level from 1, 0 for body text."""
        facts = paragraph.find(_FACTS)
        if facts is None:
            return 0
        outline = facts.find(_OUTLINE)
        if outline is not None:
            return _level_of(outline)
        key = _style_of(paragraph)
        named = _HEADING_NAME.search(self._names.get(key, key))
        return int(named[1]) if named else self._levels.get(key, 0)

    def is_listed(self, paragraph: Element) -> bool:
        """Returns whether the paragraph is an item of a list."""
        numbering = paragraph.find(f"{_FACTS}/{_NUMBERING}/{_NUMBER}")
        if numbering is not None:
            return str(numbering.get(_VALUE)) != "0"
        name = self._names.get(_style_of(paragraph), "").lower()
        return name.startswith("list") or "箇条書き" in name


class _Walker:
    """Turns the body's elements into blocks, in the order of the document."""

    def __init__(self, styles: _Styles, drawings: Drawings) -> None:
        self._styles = styles
        self._drawings = drawings
        self.hidden = 0
        self.title = ""

    def blocks(self, body: Element) -> Iterator[Block]:
        items: list[str] = []
        for element in _body_elements(body):
            is_paragraph = element.tag == _P
            if is_paragraph and self._styles.is_listed(element) and not self._styles.level(element):
                items += self._item(element)
                continue
            if items:
                yield Block(BlockKind.LIST, "\n".join(items))
                items = []
            yield from self._paragraph(element) if is_paragraph else self._table(element)
            yield from self._boxes(element)
            yield from self._drawings.blocks(element)
        if items:
            yield Block(BlockKind.LIST, "\n".join(items))

    def notes(self, roots: Iterable[Element]) -> list[Block]:
        """Returns one note for each element, each text once."""
        texts = []
        for root in roots:
            lines = [" ".join(self._text(p).split()) for p in root.iter(_P)]
            texts.append("\n".join(line for line in lines if line))
        return [Block(BlockKind.NOTE, text) for text in dict.fromkeys(texts) if text]

    def comments(self, found: Iterable[tuple[str, Element]]) -> list[Block]:
        """Returns one note for each comment, headed by its author."""
        blocks: list[Block] = []
        for author, comment in found:
            for block in self.notes([comment]):
                head = f"{author}: " if author else ""
                blocks.append(Block(BlockKind.NOTE, f"Comment / コメント — {head}{block.text}"))
        return blocks

    def _item(self, paragraph: Element) -> list[str]:
        text = " ".join(self._text(paragraph).split())
        depth = paragraph.find(f"{_FACTS}/{_NUMBERING}/{_DEPTH}")
        indent = "  " * int(depth.get(_VALUE) or 0) if depth is not None else ""
        return [f"{indent}- {text}"] if text else []

    def _paragraph(self, paragraph: Element) -> Iterator[Block]:
        text = self._text(paragraph).strip()
        if not text:
            return
        level = self._styles.level(paragraph)
        if self._styles.is_title(paragraph):
            self.title = self.title or " ".join(text.split())
            level = 1
        if not level and text.startswith("第"):
            level = judge_heading(text)  # 「第1条（目的）」 in body style
        if level:
            yield Block(BlockKind.HEADING, " ".join(text.split()), level=level)
        else:
            yield Block(BlockKind.PARAGRAPH, text)

    def _boxes(self, element: Element) -> Iterator[Block]:
        """Yields the text boxes anchored in an element, after it."""
        for box in element.iter(_BOX):
            if next(box.iterancestors(_FALLBACK, _BOX), None) is None:
                yield from self.blocks(box)

    def _table(self, table: Element) -> Iterator[Block]:
        own = (row for row in table.iter(_ROW) if next(row.iterancestors(_TABLE)) is table)
        rows = [self._row(row) for row in own]
        rows = [row for row in rows if any(row)]
        if not rows:
            return
        if max(len(row) for row in rows) == 1:  # a frame around text
            yield Block(BlockKind.PARAGRAPH, "\n".join(row[0] for row in rows))
        else:
            yield Block(BlockKind.TABLE, "\n".join("\t".join(row) for row in rows))

    def _row(self, row: Element) -> list[str]:
        cells = []
        for cell in row.iter(_CELL):
            if next(cell.iterancestors(_ROW)) is not row:
                continue  # of a table inside the cell; its text comes with the outer cell
            text = "\n".join(self._text(paragraph) for paragraph in cell.iter(_P))
            cells.append(" ".join(text.split()))
        return cells

    def _text(self, paragraph: Element) -> str:
        """Returns the visible text, counting what is hidden."""
        parts: list[str] = []
        stack = [paragraph]
        while stack:
            node = stack.pop()
            tag = node.tag
            if tag in _NOT_TEXT or (tag == _P and node is not paragraph and _in_cell(node)):
                continue
            if tag == _R and is_hidden_run(node):
                self.hidden += sum(len(text.text or "") for text in node.iter(_T))
                continue
            if tag in _TEXTS:
                parts.append(node.text or "")
            parts.append(_BREAKS.get(tag, ""))
            stack.extend(reversed(node))
        return "".join(parts)


def _body_elements(body: Element) -> Iterator[Element]:
    """Yields paragraphs and tables, also those in content controls and insertions."""
    stack = [body]
    while stack:
        node = stack.pop()
        if node.tag in {_P, _TABLE}:
            yield node
        elif node is body or node.tag in _CONTAINERS:
            stack.extend(reversed(node))


def _in_cell(paragraph: Element) -> bool:
    """Returns whether the nearest container is a table cell, whose text is collected apart."""
    return str(paragraph.getparent().tag) == _CELL


def _style_of(paragraph: Element) -> str:
    style = paragraph.find(f"{_FACTS}/{_STYLE}")
    return "" if style is None else style.get(_VALUE) or ""


def _level_of(outline: Element) -> int:
    value = int(outline.get(_VALUE) or 9)
    return value + 1 if value < 9 else 0
