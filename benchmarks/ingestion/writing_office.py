"""Writes a known text as office documents, books and PDF."""

import io
import zipfile
from html import escape
from itertools import groupby
from typing import Any

import docx
import openpyxl
import pptx
from pptx.util import Inches
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Paragraph, SimpleDocTemplate, Table

from benchmarks.ingestion.known_texts import KnownText, Piece
from benchmarks.ingestion.writing_plain import write_html

_OPEN = "urn:oasis:names:tc:opendocument:xmlns"
_NAMES = " ".join(
    f'xmlns:{short}="{_OPEN}:{name}:1.0"'
    for short, name in (
        ("office", "office"), ("text", "text"), ("table", "table"), ("draw", "drawing"),
    )
)  # fmt: skip


def write_docx(text: KnownText) -> bytes:
    """Returns a Word document."""
    document = docx.Document()
    for piece in text.pieces:
        if piece.kind == "heading":
            document.add_heading(piece.text, 1)
        elif piece.text:
            style = "List Bullet" if piece.kind == "item" else None
            document.add_paragraph(piece.text, style=style)
        else:
            _fill(document.add_table(len(piece.rows), _width(piece)), piece)
    return _save(document)


def write_strict_docx(text: KnownText) -> bytes:
    """Returns a Word document with the names of the strict standard."""
    source, target = io.BytesIO(write_docx(text)), io.BytesIO()
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            for kind in (b"officeDocument", b"wordprocessingml", b"drawingml"):
                before = b"http://schemas.openxmlformats.org/" + kind + b"/2006/"
                data = data.replace(before, b"http://purl.oclc.org/ooxml/" + kind + b"/")
            new.writestr(name, data)
    return target.getvalue()


def write_pptx(text: KnownText) -> bytes:
    """Returns slides, one for each heading."""
    deck = pptx.Presentation()
    slide: Any = None
    for is_heading, run in groupby(text.pieces, lambda piece: piece.kind == "heading"):
        pieces = list(run)
        for piece in pieces if is_heading else ():
            slide = deck.slides.add_slide(deck.slide_layouts[1])
            slide.shapes.title.text = piece.text
        if is_heading:
            continue
        if slide is None:
            slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.placeholders[1].text = "\n".join(piece.text for piece in pieces if piece.text)
        for piece in pieces:
            if piece.rows:
                size = (Inches(1), Inches(5), Inches(8), Inches(2))
                _fill(slide.shapes.add_table(len(piece.rows), _width(piece), *size).table, piece)
    return _save(deck)


def write_xlsx(text: KnownText) -> bytes:
    """Returns a workbook of one sheet."""
    book = openpyxl.Workbook()
    for piece in text.pieces:
        for row in piece.rows or ((piece.text,),):
            book.active.append([f"'{cell}" if cell[:1] == "=" else cell for cell in row])
    return _save(book)


def _fill(table: Any, piece: Piece) -> None:  # noqa: ANN401 - of either library
    for row, cells in enumerate(piece.rows):
        for column, cell in enumerate(cells[: _width(piece)]):
            table.cell(row, column).text = cell


def _width(piece: Piece) -> int:
    return max(len(row) for row in piece.rows)


def _save(document: Any) -> bytes:  # noqa: ANN401 - of any library
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def write_odt(text: KnownText) -> bytes:
    """Returns an OpenDocument text."""
    return _open_document("text", "".join(map(_open_piece, text.pieces)))


def write_ods(text: KnownText) -> bytes:
    """Returns an OpenDocument workbook of one sheet."""
    rows = [row for piece in text.pieces for row in piece.rows or ((piece.text,),)]
    return _open_document("spreadsheet", _open_table(rows))


def write_odp(text: KnownText) -> bytes:
    """Returns an OpenDocument presentation of one slide."""
    body = "".join(map(_open_piece, text.pieces))
    frame = f"<draw:frame><draw:text-box>{body}</draw:text-box></draw:frame>"
    return _open_document("presentation", f'<draw:page draw:name="1">{frame}</draw:page>')


def _open_piece(piece: Piece) -> str:
    said = escape(piece.text)
    if piece.kind == "heading":
        return f'<text:h text:outline-level="1">{said}</text:h>'
    if piece.kind == "item":
        return f"<text:list><text:list-item><text:p>{said}</text:p></text:list-item></text:list>"
    return f"<text:p>{said}</text:p>" if said else _open_table(piece.rows)


def _open_table(rows: Any) -> str:  # noqa: ANN401 - any nesting of sequences
    shown = "".join(f"<table:table-row>{_open_cells(row)}</table:table-row>" for row in rows)
    return f'<table:table table:name="1">{shown}</table:table>'


def _open_cells(row: tuple[str, ...]) -> str:
    start = '<table:table-cell office:value-type="string"><text:p>'
    return "".join(f"{start}{escape(cell)}</text:p></table:table-cell>" for cell in row)


def _open_document(kind: str, body: str) -> bytes:
    media_type = f"application/vnd.oasis.opendocument.{kind}"
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {_NAMES} '
        f'office:version="1.2"><office:body><office:{kind}>{body}</office:{kind}></office:body>'
        "</office:document-content>"
    )
    manifest = (
        f'<manifest:manifest xmlns:manifest="{_OPEN}:manifest:1.0"><manifest:file-entry '
        f'manifest:full-path="/" manifest:media-type="{media_type}"/></manifest:manifest>'
    )
    return _zip({"mimetype": media_type, "content.xml": content, "META-INF/manifest.xml": manifest})


def write_epub(text: KnownText) -> bytes:
    """Returns a book of one chapter."""
    page = write_html(text).replace("<html>", '<html xmlns="http://www.w3.org/1999/xhtml">')
    container = (
        '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0">'
        '<rootfiles><rootfile full-path="b.opf" media-type="application/oebps-package+xml"/>'
        "</rootfiles></container>"
    )
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata>'
        f'<title xmlns="http://purl.org/dc/elements/1.1/">{escape(text.title)}</title></metadata>'
        '<manifest><item id="a" href="a.xhtml" media-type="application/xhtml+xml"/></manifest>'
        '<spine><itemref idref="a"/></spine></package>'
    )
    parts = {"mimetype": "application/epub+zip", "META-INF/container.xml": container}
    return _zip({**parts, "b.opf": package, "a.xhtml": page.replace("<!DOCTYPE html>", "")})


def _zip(parts: dict[str, str]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def write_pdf(text: KnownText) -> bytes:
    """Returns a PDF in a Japanese font that is named, not embedded; tables have ruling lines."""
    pdfmetrics.registerFont(UnicodeCIDFont("HeiseiMin-W3"))
    file = io.BytesIO()
    flow: list[Any] = []
    for piece in text.pieces:
        size = 14 if piece.kind == "heading" else 10
        style = ParagraphStyle(
            "known", fontName="HeiseiMin-W3", fontSize=size, leading=size * 1.6, wordWrap="CJK"
        )
        if piece.text:
            flow.append(Paragraph(escape(piece.text), style))
            continue
        cells = [[Paragraph(escape(cell), style) for cell in row] for row in piece.rows]
        flow.append(Table(cells, style=[("GRID", (0, 0), (-1, -1), 0.5, "#000000")]))
    SimpleDocTemplate(file, invariant=1).build(flow)
    return file.getvalue()
