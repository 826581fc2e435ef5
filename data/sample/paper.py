"""Writes the PDF files of the sample company: plain, ruled tables, vertical and locked."""

from __future__ import annotations

import io
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Table

from sample.markup import Block, parse_blocks

LOCKED_PDF_PASSWORD = "kuramae-1963"  # noqa: S105 - the sample's locked file, known to all
_MINCHO, _GOTHIC, _LATIN = "HeiseiMin-W3", "HeiseiKakuGo-W5", "Helvetica"
_LINE_CHARS, _LINES_PER_PAGE, _GLYPH, _LEADING = 32, 16, 15, 27
_CLOSING = tuple("、。」』）")


def write_pdf(source: str, *, locked: bool = False) -> bytes:
    """Return a horizontal PDF; a locked one opens with `LOCKED_PDF_PASSWORD` only."""
    for name in (_MINCHO, _GOTHIC):
        pdfmetrics.registerFont(UnicodeCIDFont(name))
    buffer = io.BytesIO()
    lock = StandardEncryption(LOCKED_PDF_PASSWORD, strength=128) if locked else None
    blocks = parse_blocks(source)
    template = SimpleDocTemplate(
        buffer,
        pagesize=A4,
        title=blocks[0].text,
        author="Kuramae Seiki",
        invariant=1,
        encrypt=lock,
        pageCompression=0,
    )
    japanese = not source.isascii()
    template.build([_lay_out(block, japanese=japanese) for block in blocks])
    return buffer.getvalue()


def _style(*, japanese: bool, size: float, heading: bool = False) -> ParagraphStyle:
    font = (_GOTHIC if heading else _MINCHO) if japanese else _LATIN
    return ParagraphStyle(
        "sample",
        fontName="Helvetica-Bold" if heading and not japanese else font,
        fontSize=size,
        leading=size * 1.6,
        spaceAfter=4,
        spaceBefore=8 if heading else 0,
        wordWrap="CJK" if japanese else None,
    )


def _lay_out(block: Block, *, japanese: bool) -> Flowable:
    if block.kind == "table":
        return _lay_out_table(block, japanese=japanese)
    if block.kind == "heading":
        size = 15 if block.level == 1 else 12
        return Paragraph(escape(block.text), _style(japanese=japanese, size=size, heading=True))
    return Paragraph(escape(block.text), _style(japanese=japanese, size=10))


def _lay_out_table(block: Block, *, japanese: bool) -> Table:
    table = Table(block.rows, hAlign="LEFT", spaceBefore=6, spaceAfter=10)
    table.setStyle(
        [
            ("GRID", (0, 0), (-1, -1), 0.6, colors.black),
            ("BACKGROUND", (0, 0), (-1, 0), colors.lightgrey),
            ("FONT", (0, 0), (-1, -1), _MINCHO if japanese else _LATIN, 9.5),
        ]
    )
    return table


def write_vertical_pdf(source: str) -> bytes:
    """Return a PDF of Japanese set in columns from right to left, with a vertical encoding."""
    font = UnicodeCIDFont(_MINCHO, isVertical=True)
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=1, pageCompression=0)
    lines = [line for block in parse_blocks(source) for line in _break_column(block)]
    for start in range(0, len(lines), _LINES_PER_PAGE):
        _draw_columns(canvas, font, lines[start : start + _LINES_PER_PAGE])
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _draw_columns(canvas: Canvas, font: UnicodeCIDFont, lines: list[str]) -> None:
    # Horizontal and vertical fonts share one registered name, so the vertical one goes in last.
    pdfmetrics.registerFont(font)
    canvas.setFont(font.fontName, _GLYPH)
    for column, line in enumerate(lines):
        canvas.drawString(A4[0] - 70 - column * _LEADING, A4[1] - 90, line)


def _break_column(block: Block) -> list[str]:
    text = block.text.translate({ord(" "): "　"})
    rest = text if block.kind == "heading" else "　" + text
    columns = []
    while rest:
        # Closing marks never open a column: they hang below the one before.
        hanging = rest[_LINE_CHARS : _LINE_CHARS + 1] in _CLOSING
        length = _LINE_CHARS + 1 if hanging else _LINE_CHARS
        columns.append(rest[:length])
        rest = rest[length:]
    return columns
