"""Reads PowerPoint: one page a slide, its title as heading, tables, charts, notes, comments."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from ingestion.errors import Damaged
from ingestion.model import Limits, Parsed
from ingestion.reading.drawing_parts import Drawings
from ingestion.reading.ooxml import FAULTS, Package
from ingestion.reading.slide_order import order_shapes
from ingestion.reading.slide_places import Places, box_of, placeholder_of
from retrieval.model import Block, BlockKind

_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_KEY = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_ALTERNATES = "{http://schemas.openxmlformats.org/markup-compatibility/2006}AlternateContent"
_TEXT, _GROUP, _FRAME = f"{_P}sp", f"{_P}grpSp", f"{_P}graphicFrame"
_SHAPES = frozenset({_TEXT, _GROUP, _FRAME})
_RUN, _FIELD, _BREAK = f"{_A}r", f"{_A}fld", f"{_A}br"
_TITLES = frozenset({"title", "ctrTitle"})
_MOST_NESTED = 20
_TINY = 200  # hundredths of a point

Element = Any  # lxml has no complete stubs


def read(path: Path, limits: Limits) -> Parsed:
    """Returns the slides in order; hidden slides are counted and left out.

    Raises:
        Damaged: It is not a PowerPoint package.
    """
    try:
        with Package(path, limits) as package:
            return _read_package(package, path.name)
    except FAULTS as error:
        raise Damaged(name=path.name, reason=str(error)) from error


def _read_package(package: Package, name: str) -> Parsed:
    main = package.main_part()
    root = package.parse(main)
    if root.tag != f"{_P}presentation":
        raise Damaged(name=name, reason="not-slides")
    targets = {each.key: each.target for each in package.relations(main)}
    parts = [targets[slide.get(_KEY)] for slide in root.iter(f"{_P}sldId")]
    places = Places(package)
    blocks: list[Block] = []
    hidden = 0
    for number, part in enumerate(parts, 1):
        slide = _Slide(package, places, part, number)
        found = list(slide.blocks())
        hidden += slide.hidden
        if slide.is_shown:
            blocks += found
        else:
            hidden += sum(len(block.text) for block in found)
    title, author = package.facts()
    return Parsed(
        blocks=tuple(blocks),
        title=title,
        properties={"author": author},
        hidden_characters=hidden,
        pages=len(parts),
    )


class _Slide:
    """One slide, read from its part; counts the characters nobody would see."""

    def __init__(self, package: Package, places: Places, part: str, number: int) -> None:
        self._package = package
        self._part = part
        self._number = number
        self._root = package.parse(part)
        self._drawings = Drawings(package, part)
        self._box_of = partial(box_of, layout=places.find_layout(part))
        self.is_shown = self._root.get("show") not in {"0", "false"}
        self.hidden = 0

    def blocks(self) -> Iterator[Block]:
        tree = self._root.find(f"{_P}cSld/{_P}spTree")
        shapes = [] if tree is None else _list_shapes(tree)
        title = next((shape for shape in shapes if _is_title(shape)), None)
        if title is not None and not self._count_hidden(title):
            text = " ".join(" ".join(self._lines(title)).split())
            if text:
                level = 1 if self._number == 1 else 2
                yield Block(BlockKind.HEADING, text, page=self._number, level=level)
        rest = [shape for shape in shapes if shape is not title]
        for shape in order_shapes(rest, self._box_of):
            yield from self._shape(shape, 0)
        yield from self._notes()

    def _shape(self, shape: Element, depth: int) -> Iterator[Block]:
        if self._count_hidden(shape):
            return
        if shape.tag == _GROUP:
            inner = _list_shapes(shape) if depth < _MOST_NESTED else []
            for each in order_shapes(inner, self._box_of):
                yield from self._shape(each, depth + 1)
        elif shape.tag == _TEXT:
            yield from self._text(shape)
        else:
            for table in shape.iter(f"{_A}tbl"):
                yield from self._table(table)
            yield from self._drawings.blocks(shape, self._number)

    def _count_hidden(self, shape: Element) -> bool:
        """Returns whether a shape is switched off, and counts its characters if so."""
        facts = shape[0].find(f"{_P}cNvPr") if len(shape) else None
        is_hidden = facts is not None and facts.get("hidden") in {"1", "true"}
        if is_hidden:
            self.hidden += len("".join(shape.itertext(f"{_A}t")).strip())
        return is_hidden

    def _table(self, table: Element) -> Iterator[Block]:
        rows = [
            [" ".join(" ".join(self._lines(cell)).split()) for cell in row.iterchildren(f"{_A}tc")]
            for row in table.iterchildren(f"{_A}tr")
        ]
        text = "\n".join("\t".join(row) for row in rows if any(row))
        if text:
            yield Block(BlockKind.TABLE, text, page=self._number)

    def _text(self, shape: Element) -> Iterator[Block]:
        lines = self._lines(shape)
        if lines:
            kind = BlockKind.LIST if len(lines) > 1 else BlockKind.PARAGRAPH
            yield Block(kind, "\n".join(lines), page=self._number)

    def _notes(self) -> Iterator[Block]:
        for _, root in self._package.related(self._part, "notesSlide"):
            for shape in root.iter(_TEXT):
                mark = placeholder_of(shape)
                if mark is None or mark.get("type") != "body":
                    continue
                notes = "\n".join(line.strip() for line in self._lines(shape))
                if notes:
                    yield Block(BlockKind.NOTE, notes, page=self._number)
        for _, root in self._package.related(self._part, "comments"):
            for said in _list_comments(root):
                text = f"Comment / コメント — {said}"
                yield Block(BlockKind.NOTE, text, page=self._number)

    def _lines(self, element: Element) -> list[str]:
        """Returns the visible paragraphs, indented by their level."""
        lines = []
        for paragraph in element.iter(f"{_A}p"):
            text = self._visible(paragraph).strip()
            facts = paragraph.find(f"{_A}pPr")
            level = (facts.get("lvl") or "0") if facts is not None else "0"
            if text:
                lines.append("  " * min(int(level), _MOST_NESTED) + text)
        return lines

    def _visible(self, paragraph: Element) -> str:
        parts: list[str] = []
        for part in paragraph:
            if part.tag == _BREAK:
                parts.append("\n")
            elif part.tag not in {_RUN, _FIELD}:
                parts += part.itertext(_MATH)
            elif _is_tiny(part):
                self.hidden += len(part.findtext(f"{_A}t") or "")
            else:
                parts.append(part.findtext(f"{_A}t") or "")
        return "".join(parts)


def _list_shapes(tree: Element) -> list[Element]:
    """Returns the shapes that can hold text, of alternates those for the newest program."""
    shapes: list[Element] = []
    for child in tree:
        if child.tag in _SHAPES and not _is_number(child):
            shapes.append(child)
        elif child.tag == _ALTERNATES:
            shapes += next(filter(None, map(_list_shapes, child)), [])
    return shapes


def _is_title(shape: Element) -> bool:
    mark = placeholder_of(shape)
    return mark is not None and mark.get("type") in _TITLES


def _is_number(shape: Element) -> bool:
    """Returns whether a shape is the slide's number."""
    mark = placeholder_of(shape)
    return mark is not None and mark.get("type") == "sldNum"


def _is_tiny(run: Element) -> bool:
    facts = run.find(f"{_A}rPr")
    size = facts.get("sz") if facts is not None else None
    return size is not None and size.isdecimal() and int(size) <= _TINY


def _list_comments(root: Element) -> Iterator[str]:
    for comment in root.iter("{*}cm"):
        said = comment.findtext(f"{_P}text") or "\n".join(comment.itertext(f"{_A}t"))
        if said.strip():
            yield said.strip()
