"""Reads PowerPoint: one page a slide, its title as heading, tables, notes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from lxml import etree
from pptx import Presentation
from pptx.enum.shapes import MSO_SHAPE_TYPE
from pptx.exc import PythonPptxError

from ingestion.errors import Damaged
from ingestion.model import Limits, Parsed
from ingestion.reading.slide_order import order_shapes
from ingestion.reading.strict_ooxml import open_transitional
from retrieval.model import Block, BlockKind

_FAULTS = (KeyError, BadZipFile, PythonPptxError, etree.XMLSyntaxError, ValueError, AttributeError)
_MOST_NESTED = 20
_DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_TINY = 200  # hundredths of a point
_RUN = "{http://schemas.openxmlformats.org/drawingml/2006/main}r"


def read(path: Path, limits: Limits) -> Parsed:
    """Returns the slides in order; hidden slides are counted and left out.

    Raises:
        Damaged: It is not a PowerPoint package.
    """
    try:
        package = open_transitional(path, limits)
        deck = Presentation(str(package) if isinstance(package, Path) else package)
        slides = list(deck.slides)
    except _FAULTS as error:
        raise Damaged(name=path.name, reason=str(error)) from error
    walker = _Walker()
    blocks: list[Block] = []
    for number, slide in enumerate(slides, 1):
        found = list(walker.slide(slide, number))
        if slide._element.get("show") == "0":
            walker.hidden += sum(len(block.text) for block in found)
        else:
            blocks += found
    facts = deck.core_properties
    return Parsed(
        blocks=tuple(blocks),
        title=facts.title or "",
        properties={"author": facts.author or ""},
        hidden_characters=walker.hidden,
        pages=len(slides),
    )


class _Walker:
    def __init__(self) -> None:
        self.hidden = 0

    def slide(self, slide: Any, number: int) -> Iterator[Block]:  # noqa: ANN401 - untyped library
        title = slide.shapes.title
        if title is not None and title.text_frame.text.strip():
            text = " ".join(title.text_frame.text.split())
            yield Block(BlockKind.HEADING, text, page=number, level=1 if number == 1 else 2)
        shapes = [shape for shape in slide.shapes if title is None or shape != title]
        for shape in order_shapes(shapes):
            yield from self._shape(shape, number, 0)
        if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
            notes = slide.notes_slide.notes_text_frame.text.strip()
            if notes:
                yield Block(BlockKind.NOTE, notes.replace("\v", "\n"), page=number)

    def _shape(self, shape: Any, number: int, depth: int) -> Iterator[Block]:  # noqa: ANN401 - untyped library
        if shape._element.xpath(".//p:cNvPr[@hidden='1' or @hidden='true']"):
            self.hidden += len("".join(shape._element.itertext()).strip())
        elif shape.shape_type == MSO_SHAPE_TYPE.GROUP and depth < _MOST_NESTED:
            for inner in order_shapes(list(shape.shapes)):
                yield from self._shape(inner, number, depth + 1)
        elif getattr(shape, "has_table", False):
            rows = [[" ".join(c.text.split()) for c in row.cells] for row in shape.table.rows]
            text = "\n".join("\t".join(row) for row in rows if any(row))
            if text:
                yield Block(BlockKind.TABLE, text, page=number)
        elif getattr(shape, "has_chart", False):
            yield from self._chart(shape.chart, number)
        elif shape.has_text_frame:
            yield from self._text(shape.text_frame, number)
        elif shape.shape_type is None or shape.shape_type == MSO_SHAPE_TYPE.DIAGRAM:
            yield from self._diagram(shape, number)

    def _diagram(self, shape: Any, number: int) -> Iterator[Block]:  # noqa: ANN401 - untyped library
        """Yields the words of a SmartArt diagram, which lie in a part of their own."""
        for reference in shape._element.iter(f"{_DIAGRAM}relIds"):
            data = shape.part.related_part(reference.get(f"{_RELATION}dm")).blob
            parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
            points = etree.fromstring(data, parser).iter(f"{_DIAGRAM}t")
            lines = ["".join(point.itertext()).strip() for point in points]
            text = "\n".join(f"- {line}" for line in lines if line)
            if text:
                yield Block(BlockKind.LIST, text, page=number)

    def _text(self, frame: Any, number: int) -> Iterator[Block]:  # noqa: ANN401 - untyped library
        lines = []
        for paragraph in frame.paragraphs:
            text = self._visible(paragraph)
            if text:
                lines.append("  " * paragraph.level + text)
        if lines:
            kind = BlockKind.LIST if len(lines) > 1 else BlockKind.PARAGRAPH
            yield Block(kind, "\n".join(lines), page=number)

    def _visible(self, paragraph: Any) -> str:  # noqa: ANN401 - untyped library
        tiny = [run for run in paragraph.runs if _is_tiny(run)]
        self.hidden += sum(len(run.text) for run in tiny)
        text = "".join(run.text for run in paragraph.runs if not _is_tiny(run))
        if not tiny:
            text = paragraph.text  # with fields and line breaks
        return text.replace("\v", "\n").strip()

    def _chart(self, chart: Any, number: int) -> Iterator[Block]:  # noqa: ANN401 - untyped library
        try:
            rows = [[series.name or "", *map(str, series.values)] for series in chart.series]
            names = ["", *map(str, chart.plots[0].categories)] if rows else []
        except (ValueError, KeyError, IndexError, AttributeError, TypeError):
            return
        if rows:
            lines = "\n".join("\t".join(row) for row in [names, *rows])
            yield Block(BlockKind.TABLE, lines, page=number)


def _is_tiny(run: Any) -> bool:  # noqa: ANN401 - untyped library
    facts = run._r.rPr
    size = facts.get("sz") if facts is not None else None
    return size is not None and size.isdigit() and int(size) <= _TINY
