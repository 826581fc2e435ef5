"""Writes the Word, PowerPoint and Excel files of the sample company."""

from __future__ import annotations

import io
import re

import docx
import openpyxl
from docx.shared import RGBColor
from openpyxl.styles import Font
from pptx import Presentation
from pptx.util import Inches

from sample.archive import MOMENT, freeze_archive
from sample.markup import Block, Row, parse_blocks, split_sections

_AUTHOR = "Kuramae Seiki (fictional)"
_NUMBER = re.compile(r"^\d+(\.\d+)?$")


def write_docx(source: str) -> bytes:
    """Return a Word file; `%vanish` lines become hidden runs and `%white` lines white ones."""
    document = docx.Document()
    document.core_properties.author = _AUTHOR
    document.core_properties.created = MOMENT
    for block in parse_blocks(source):
        _add_to_docx(document, block)
    return _save(document)


def _add_to_docx(document: docx.document.Document, block: Block) -> None:
    if block.kind == "heading":
        document.add_heading(block.text, level=block.level)
    elif block.kind == "table":
        table = document.add_table(len(block.rows), len(block.rows[0]), style="Table Grid")
        for cells, row in zip(table.rows, block.rows, strict=True):
            for cell, value in zip(cells.cells, row, strict=True):
                cell.text = value
    else:
        style = "List Bullet" if block.kind == "item" else None
        run = document.add_paragraph(style=style).add_run(block.text)
        if block.kind == "vanish":
            run.font.hidden = True
        elif block.kind == "white":
            run.font.color.rgb = RGBColor(255, 255, 255)


def write_pptx(source: str) -> bytes:
    """Return slides, one for each first-level heading; `%note` lines become speaker notes."""
    deck = Presentation()
    deck.core_properties.author = _AUTHOR
    for heading, blocks in split_sections(parse_blocks(source)):
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text = heading.text
        items = [block.text for block in blocks if block.kind == "item"]
        slide.placeholders[1].text = "\n".join(items)
        notes = [block.text for block in blocks if block.kind == "note"]
        slide.notes_slide.notes_text_frame.text = "\n".join(notes)
        for table in (block for block in blocks if block.kind == "table"):
            frame = slide.shapes.add_table(
                len(table.rows), len(table.rows[0]), Inches(0.6), Inches(2), Inches(8.8), Inches(3)
            )
            for row, values in enumerate(table.rows):
                for column, value in enumerate(values):
                    frame.table.cell(row, column).text = value
    return _save(deck)


def write_xlsx(source: str) -> bytes:
    """Return a workbook, one sheet for each first-level heading; numbers are stored as numbers."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    book.properties.creator = _AUTHOR
    for heading, blocks in split_sections(parse_blocks(source)):
        sheet = book.create_sheet(heading.text)
        sheet.sheet_state = "hidden" if heading.hidden else "visible"
        for row in blocks[0].rows:
            sheet.append(_to_cells(row))
        for cell in sheet[1]:
            cell.font = Font(bold=True)
    return _save(book)


def _to_cells(row: Row) -> list[str | int | float]:
    return [_to_cell(value) for value in row]


def _to_cell(value: str) -> str | int | float:
    if not _NUMBER.match(value):
        return value
    return float(value) if "." in value else int(value)


def _save(document: object) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)  # type: ignore[attr-defined]
    return freeze_archive(buffer.getvalue())
