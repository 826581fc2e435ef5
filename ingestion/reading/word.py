"""Reads Word documents: headings by style, lists, tables in place, what is hidden left out."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from docx.opc.constants import CONTENT_TYPE
from docx.opc.exceptions import OpcError
from docx.opc.part import PartFactory
from docx.oxml.ns import qn
from docx.package import Package
from docx.parts.document import DocumentPart
from lxml import etree

from ingestion.errors import Damaged
from ingestion.model import Limits, Parsed
from ingestion.reading.plain import judge_heading
from ingestion.reading.strict_ooxml import open_transitional
from ingestion.reading.word_notes import find_edges, find_notes
from ingestion.reading.word_visibility import is_hidden_run
from retrieval.model import Block, BlockKind

_OTHER_MAIN_PARTS = (
    "application/vnd.ms-word.document.macroEnabled.main+xml",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml",
    "application/vnd.ms-word.template.macroEnabledTemplate.main+xml",
)
PartFactory.part_type_for.update(dict.fromkeys(_OTHER_MAIN_PARTS, DocumentPart))

_HEADING_NAME = re.compile(r"(?:heading|見出し|überschrift|titre)\s*([1-9])", re.IGNORECASE)
_TITLE_NAMES = frozenset({"title", "表題", "タイトル"})
_FAULTS = (KeyError, BadZipFile, OpcError, etree.XMLSyntaxError, ValueError, AttributeError)
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_NOT_TEXT = frozenset(
    {qn("w:del"), qn("w:moveFrom"), _FALLBACK, qn("w:pPr"), qn("w:rPr")}
    | {qn("w:txbxContent"), qn("w:rt")}  # boxes come after their paragraph; w:rt is a reading aid
)
_BREAKS = {qn("w:tab"): " ", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}
_CONTAINERS = frozenset(
    {qn("w:sdt"), qn("w:sdtContent"), qn("w:ins"), qn("w:moveTo"), qn("w:smartTag"), qn("w:body")}
    | {qn("w:customXml")}
)

Element = Any  # lxml's element; its stubs do not know python-docx's classes


def read(path: Path, limits: Limits) -> Parsed:
    """Returns the body of a document, then its notes, headers and footers as notes.

    Raises:
        Damaged: It is not a Word package.
    """
    try:
        package = open_transitional(path, limits)
        opened = Package.open(str(package) if isinstance(package, Path) else package)
        part = opened.main_document_part
    except _FAULTS as error:
        raise Damaged(name=path.name, reason=str(error)) from error
    known = (CONTENT_TYPE.WML_DOCUMENT_MAIN, *_OTHER_MAIN_PARTS)
    if not isinstance(part, DocumentPart) or part.content_type not in known:
        raise Damaged(name=path.name, reason="not-word")
    walker = _Walker(_Styles(part))
    body = part.element.find(qn("w:body"))
    blocks = list(walker.blocks(body)) if body is not None else []
    blocks += walker.notes(find_notes(part))
    blocks += walker.notes(find_edges(part))
    facts = part.core_properties
    return Parsed(
        blocks=tuple(blocks),
        title=facts.title or walker.title,
        properties={"author": facts.author or ""},
        hidden_characters=walker.hidden,
    )


class _Styles:
    """What the document's styles make of a paragraph."""

    def __init__(self, part: DocumentPart) -> None:
        self._names: dict[str, str] = {}
        self._levels: dict[str, int] = {}
        for style in part.styles.element.findall(qn("w:style")):
            key = style.get(qn("w:styleId")) or ""
            name = style.find(qn("w:name"))
            outline = style.find(f"{qn('w:pPr')}/{qn('w:outlineLvl')}")
            self._names[key] = (name.get(qn("w:val")) or "") if name is not None else key
            if outline is not None:
                self._levels[key] = _level_of(outline)

    def is_title(self, paragraph: Element) -> bool:
        return self._names.get(_style_of(paragraph), "").lower() in _TITLE_NAMES

    def level(self, paragraph: Element) -> int:
        """Returns the heading level from 1, 0 for body text."""
        outline = paragraph.find(f"{qn('w:pPr')}/{qn('w:outlineLvl')}")
        if outline is not None:
            return _level_of(outline)
        key = _style_of(paragraph)
        named = _HEADING_NAME.search(self._names.get(key, key))
        return int(named[1]) if named else self._levels.get(key, 0)

    def is_listed(self, paragraph: Element) -> bool:
        """Returns whether the paragraph is an item of a list."""
        numbering = paragraph.find(f"{qn('w:pPr')}/{qn('w:numPr')}/{qn('w:numId')}")
        if numbering is not None:
            return str(numbering.get(qn("w:val"))) != "0"
        name = self._names.get(_style_of(paragraph), "").lower()
        return name.startswith("list") or "箇条書き" in name


class _Walker:
    """Turns the body's elements into blocks, in the order of the document."""

    def __init__(self, styles: _Styles) -> None:
        self._styles = styles
        self.hidden = 0
        self.title = ""

    def blocks(self, body: Element) -> Iterator[Block]:
        items: list[str] = []
        for element in _body_elements(body):
            is_paragraph = element.tag == qn("w:p")
            if is_paragraph and self._styles.is_listed(element) and not self._styles.level(element):
                items += self._item(element)
                continue
            if items:
                yield Block(BlockKind.LIST, "\n".join(items))
                items = []
            yield from self._paragraph(element) if is_paragraph else self._table(element)
            yield from self._boxes(element)
        if items:
            yield Block(BlockKind.LIST, "\n".join(items))

    def notes(self, roots: Iterable[Element]) -> list[Block]:
        """Returns one note for each element, each text once."""
        texts = []
        for root in roots:
            lines = [" ".join(self._text(p).split()) for p in root.iter(qn("w:p"))]
            texts.append("\n".join(line for line in lines if line))
        return [Block(BlockKind.NOTE, text) for text in dict.fromkeys(texts) if text]

    def _item(self, paragraph: Element) -> list[str]:
        text = " ".join(self._text(paragraph).split())
        depth = paragraph.find(f"{qn('w:pPr')}/{qn('w:numPr')}/{qn('w:ilvl')}")
        indent = "  " * int(depth.get(qn("w:val")) or 0) if depth is not None else ""
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
        for box in element.iter(qn("w:txbxContent")):
            if next(box.iterancestors(_FALLBACK, qn("w:txbxContent")), None) is None:
                yield from self.blocks(box)

    def _table(self, table: Element) -> Iterator[Block]:
        rows = [self._row(row) for row in table.iterchildren(qn("w:tr"))]
        rows = [row for row in rows if any(row)]
        if not rows:
            return
        if max(len(row) for row in rows) == 1:  # a frame around text
            yield Block(BlockKind.PARAGRAPH, "\n".join(row[0] for row in rows))
        else:
            yield Block(BlockKind.TABLE, "\n".join("\t".join(row) for row in rows))

    def _row(self, row: Element) -> list[str]:
        cells = []
        for cell in row.iter(qn("w:tc")):
            if next(cell.iterancestors(qn("w:tr"))) is not row:
                continue  # of a table inside the cell; its text comes with the outer cell
            text = "\n".join(self._text(paragraph) for paragraph in cell.iter(qn("w:p")))
            cells.append(" ".join(text.split()))
        return cells

    def _text(self, paragraph: Element) -> str:
        """Returns the visible text, counting what is hidden."""
        parts: list[str] = []
        stack = [paragraph]
        while stack:
            node = stack.pop()
            tag = node.tag
            if tag in _NOT_TEXT or (tag == qn("w:p") and node is not paragraph and _in_cell(node)):
                continue
            if tag == qn("w:r") and is_hidden_run(node):
                self.hidden += sum(len(text.text or "") for text in node.iter(qn("w:t")))
                continue
            if tag == qn("w:t"):
                parts.append(node.text or "")
            parts.append(_BREAKS.get(tag, ""))
            stack.extend(reversed(node))
        return "".join(parts)


def _body_elements(body: Element) -> Iterator[Element]:
    """Yields paragraphs and tables, also those in content controls and insertions."""
    stack = [body]
    while stack:
        node = stack.pop()
        if node.tag in {qn("w:p"), qn("w:tbl")}:
            yield node
        elif node is body or node.tag in _CONTAINERS:
            stack.extend(reversed(node))


def _in_cell(paragraph: Element) -> bool:
    """Returns whether the nearest container is a table cell, whose text is collected apart."""
    return str(paragraph.getparent().tag) == qn("w:tc")


def _style_of(paragraph: Element) -> str:
    style = paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
    return "" if style is None else style.get(qn("w:val")) or ""


def _level_of(outline: Element) -> int:
    value = int(outline.get(qn("w:val")) or 9)
    return value + 1 if value < 9 else 0
