"""Reading: notes, text boxes, strict packages, locked files, scans, and what lies in others."""

import io
import shutil
import zipfile
from pathlib import Path

import docx
import openpyxl
import pptx
import pytest
from docx.oxml import parse_xml
from msoffcrypto.format.ooxml import OOXMLFile
from openpyxl.drawing.image import Image as SheetImage
from PIL import Image, ImageDraw
from pptx.util import Inches
from reportlab.pdfgen.canvas import Canvas

from ingestion.errors import NeedsRecognition, NoText, PasswordProtected
from ingestion.model import Limits, Parsed
from ingestion.reading.dispatch import read_file, unpack_file
from ingestion.reading.recognition import find_tesseract
from retrieval.model import BlockKind

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_TESSERACT = find_tesseract()


def _read(path: Path, limits: Limits | None = None) -> Parsed:
    return read_file(path, path.name, limits or Limits())


def _shape(parsed: Parsed) -> list[tuple[str, str]]:
    return [(block.kind.value, block.text) for block in parsed.blocks]


def _make_strict(path: Path) -> None:
    """Rewrites a package with the strict names."""
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    with zipfile.ZipFile(path, "w") as package:
        for name, data in parts.items():
            for kind in (b"officeDocument", b"wordprocessingml", b"presentationml", b"drawingml"):
                old = b"http://schemas.openxmlformats.org/" + kind + b"/2006/"
                data = data.replace(old, b"http://purl.oclc.org/ooxml/" + kind + b"/")
            package.writestr(name, data)


def test_a_strict_word_document_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    document = docx.Document()
    document.add_heading("総則", 1)
    document.add_paragraph("本文です。")
    document.save(str(path))
    _make_strict(path)
    assert _shape(_read(path)) == [("heading", "総則"), ("paragraph", "本文です。")]


def test_a_strict_presentation_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.pptx"
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.title.text = "方針"
    deck.save(str(path))
    _make_strict(path)
    assert _shape(_read(path)) == [("heading", "方針")]


def test_a_text_box_comes_after_its_paragraph_and_only_once(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    document = docx.Document()
    paragraph = document.add_paragraph("本文です。")
    box = "<w:txbxContent><w:p><w:r><w:t>囲みです。</w:t></w:r></w:p></w:txbxContent>"
    paragraph._p.append(
        parse_xml(
            f'<w:r {_W} xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
            f"<mc:AlternateContent><mc:Choice Requires='wps'>{box}</mc:Choice>"
            f"<mc:Fallback>{box}</mc:Fallback></mc:AlternateContent></w:r>"
        )
    )
    document.save(str(path))
    assert _shape(_read(path)) == [("paragraph", "本文です。"), ("paragraph", "囲みです。")]


def test_a_reading_aid_is_not_part_of_the_word(tmp_path: Path) -> None:
    page = tmp_path / "a.html"
    page.write_text("<p><ruby>規程<rp>(</rp><rt>きてい</rt><rp>)</rp></ruby>です。</p>", "utf-8")
    assert _shape(_read(page)) == [("paragraph", "規程です。")]
    path = tmp_path / "a.docx"
    document = docx.Document()
    ruby = (
        f"<w:r {_W}><w:ruby><w:rt><w:r><w:t>きてい</w:t></w:r></w:rt>"
        "<w:rubyBase><w:r><w:t>規程</w:t></w:r></w:rubyBase></w:ruby></w:r>"
    )
    document.add_paragraph()._p.append(parse_xml(ruby))
    document.save(str(path))
    assert _shape(_read(path)) == [("paragraph", "規程")]


def test_footnotes_headers_and_footers_are_notes(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    document = docx.Document()
    document.add_paragraph("本文です。")
    document.sections[0].footer.paragraphs[0].text = "株式会社くら"
    document.save(str(path))
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
    note = (
        f"<w:footnotes {_W}><w:footnote w:type='separator' w:id='0'/>"
        "<w:footnote w:id='1'><w:p><w:r><w:t>脚注です。</w:t></w:r></w:p></w:footnote>"
        "</w:footnotes>"
    )
    with zipfile.ZipFile(path) as package:
        parts = {
            name: package.read(name).decode("utf-8", "surrogateescape")
            for name in package.namelist()
        }
    relations = "word/_rels/document.xml.rels"
    entry = f'<Relationship Id="rId99" Type="{kind}" Target="footnotes.xml"/></Relationships>'
    parts[relations] = parts[relations].replace("</Relationships>", entry)
    parts["word/footnotes.xml"] = note
    with zipfile.ZipFile(path, "w") as package:
        for name, text in parts.items():
            package.writestr(name, text.encode("utf-8", "surrogateescape"))
    assert _shape(_read(path)) == [
        ("paragraph", "本文です。"),
        ("note", "脚注です。"),
        ("note", "株式会社くら"),
    ]


def test_two_columns_of_a_slide_are_read_one_after_the_other(tmp_path: Path) -> None:
    path = tmp_path / "a.pptx"
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    places = {"左の上": (0, 1.0), "右の上": (5, 1.5), "左の下": (0, 3.0), "右の下": (5, 3.5)}
    for text, (left, top) in places.items():
        box = slide.shapes.add_textbox(Inches(left), Inches(top), Inches(4), Inches(1.8))
        box.text_frame.text = text
    deck.save(str(path))
    assert [text for _, text in _shape(_read(path))] == ["左の上", "左の下", "右の上", "右の下"]


def test_the_page_header_of_a_sheet_is_a_note(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    book.active.append(["品番", "価格"])
    book.active.append(["A", 100])
    book.active.oddHeader.center.text = "社外秘 &[Page]"
    book.save(path)
    assert _shape(_read(path)) == [("table", "品番\t価格\nA\t100"), ("note", "社外秘")]


def test_a_workbook_without_cells_tells_the_names_of_its_sheets(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    book.active.title = "月次決算"
    book.save(path)
    assert _shape(_read(path)) == [("heading", "月次決算")]
    book.active.title = "Sheet1"
    book.save(path)
    with pytest.raises(NoText):
        _read(path)


def test_a_text_box_on_a_sheet_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    book.active.append(["品番", "価格"])
    book.active.append(["A", 100])
    picture = io.BytesIO()
    _draw("x").save(picture, "PNG")
    book.active.add_image(SheetImage(picture), "D4")
    book.save(path)
    box = (
        '<a:p xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">'
        "<a:r><a:t>注意事項です。</a:t></a:r></a:p>"
    )
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    drawing = "xl/drawings/drawing1.xml"
    shape = f"<xdr:txBody xmlns:xdr='x'>{box}</xdr:txBody>".encode()
    end = parts[drawing].rindex(b"</")
    parts[drawing] = parts[drawing][:end] + shape + parts[drawing][end:]
    with zipfile.ZipFile(path, "w") as package:
        for name, data in parts.items():
            package.writestr(name, data)
    assert _shape(_read(path))[-1] == ("paragraph", "注意事項です。")


def test_a_saved_web_page_is_read_in_its_encoding(tmp_path: Path) -> None:
    path = tmp_path / "a.mhtml"
    page = "<html><title>案内</title><body><p>本文です。</p></body></html>".encode("cp932")
    path.write_bytes(
        b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=x\n\n--x\n"
        b"Content-Type: text/html; charset=Shift_JIS\nContent-Transfer-Encoding: 8bit\n\n"
        + page
        + b"\n--x\nContent-Type: image/png\n\nxx\n--x--\n"
    )
    parsed = _read(path)
    assert (parsed.title, _shape(parsed)) == ("案内", [("paragraph", "本文です。")])


def test_what_a_mail_quotes_is_apart_from_what_it_says(tmp_path: Path) -> None:
    path = tmp_path / "a.eml"
    path.write_text("Subject: x\n\n了解しました。\n\n> 明日でよいですか。\n>> はい。\n", "utf-8")
    assert _shape(_read(path))[1:] == [
        ("paragraph", "了解しました。"),
        ("note", "明日でよいですか。\nはい。"),
    ]


def test_locked_office_and_pdf_files_open_with_a_listed_password(tmp_path: Path) -> None:
    plain = io.BytesIO()
    document = docx.Document()
    document.add_paragraph("給与の表です。")
    document.save(plain)
    office = tmp_path / "a.docx"
    with office.open("wb") as file:
        OOXMLFile(plain).encrypt("秘密", file)
    pdf = tmp_path / "a.pdf"
    canvas = Canvas(str(pdf), encrypt="secret")
    canvas.drawString(100, 700, "Salary table")
    canvas.save()
    for path in (office, pdf):
        with pytest.raises(PasswordProtected):
            _read(path)
        with pytest.raises(PasswordProtected):
            _read(path, Limits(passwords=("wrong",)))
    known = Limits(passwords=("wrong", "秘密", "secret"))
    assert _shape(_read(office, known)) == [("paragraph", "給与の表です。")]
    assert _shape(_read(pdf, known)) == [("paragraph", "Salary table")]


def test_names_in_an_archive_lead_nowhere_and_are_decoded(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../etc/AAAA.txt", "本文です。")
        archive.writestr("C:\\x\\b.txt", "本文です。")
    path.write_bytes(path.read_bytes().replace(b"AAAA", "規程".encode("cp932")))
    into = tmp_path / "into"
    into.mkdir()
    members = unpack_file(path, "a.zip", into, Limits())
    assert all(member.path.parent == into for member in members if member.path)
    assert not any(".." in member.name.split("/") for member in members)
    assert [member.name for member in members] == ["etc/規程.txt", "x/b.txt"]


def test_an_archive_is_unpacked_no_further_than_allowed(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.txt", bytes(20_000_000))
        archive.writestr("late.txt", "本文です。")
    into = tmp_path / "into"
    into.mkdir()
    members = unpack_file(path, "a.zip", into, Limits(unpacked=1_000_000))
    assert [(member.name, member.failure) for member in members] == [("bomb.txt", "too-large")]
    assert sum(file.stat().st_size for file in into.iterdir()) == 0


def _draw(text: str) -> Image.Image:
    picture = Image.new("RGB", (900, 200), "white")
    ImageDraw.Draw(picture).text((40, 60), text, fill="black", font_size=60)
    return picture


def test_an_image_without_tesseract_says_what_to_install(tmp_path: Path) -> None:
    _draw("INVOICE 2026").save(tmp_path / "a.png")
    with pytest.raises(NeedsRecognition, match="tesseract"):
        _read(tmp_path / "a.png")


def test_a_program_in_the_place_of_tesseract_is_given_the_picture(tmp_path: Path) -> None:
    program = tmp_path / "tesseract"
    program.write_text("#!/bin/sh\nhead -c 4 | tail -c 3\necho ' 請 求 書 です。'\n", "utf-8")
    program.chmod(0o755)
    _draw("INVOICE 2026").save(tmp_path / "a.png")
    parsed = _read(tmp_path / "a.png", Limits(tesseract=str(program)))
    assert _shape(parsed) == [("paragraph", "PNG 請求書です。")]
    assert parsed.warnings == ("recognized-text",)


@pytest.mark.skipif(not _TESSERACT, reason="tesseract is not installed")
def test_a_scanned_page_is_recognised(tmp_path: Path) -> None:
    _draw("INVOICE 2026").save(tmp_path / "a.png")
    canvas = Canvas(str(tmp_path / "a.pdf"))
    canvas.drawImage(str(tmp_path / "a.png"), 50, 500, 450, 100)
    canvas.save()
    shutil.copy(tmp_path / "a.pdf", tmp_path / "b.pdf")
    with pytest.raises(NoText):
        _read(tmp_path / "a.pdf")
    parsed = _read(tmp_path / "b.pdf", Limits(tesseract=_TESSERACT))
    assert "INVOICE 2026" in parsed.blocks[0].text
    assert parsed.blocks[0].page == 1
    assert parsed.blocks[0].kind in {BlockKind.HEADING, BlockKind.PARAGRAPH}
