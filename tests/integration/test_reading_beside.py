"""Reading: what stands beside the body: comments, charts, edges of pages; XML of any kind."""

import zipfile
from pathlib import Path

import docx
import openpyxl
import pptx
import pytest
from docx.oxml import parse_xml
from openpyxl.comments import Comment
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from ingestion.errors import Damaged
from ingestion.model import Limits, Parsed
from ingestion.reading.dispatch import read_file
from ingestion.reading.outlook_rich import decompress

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_M = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
_COMPRESSED = (  # the example of [MS-OXRTFCP] 3.1.1
    "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af3"
    "2068656c090020627705b06c647d0a800fa0"
)


def _read(path: Path) -> Parsed:
    return read_file(path, path.name, Limits())


def _shape(parsed: Parsed) -> list[tuple[str, str]]:
    return [(block.kind.value, block.text) for block in parsed.blocks]


def _xml(tmp_path: Path, source: str, encoding: str = "utf-8") -> list[tuple[str, str]]:
    path = tmp_path / "a.xml"
    path.write_bytes(source.encode(encoding))
    return _shape(_read(path))


def test_comments_of_word_are_notes_after_the_text(tmp_path: Path) -> None:
    document = docx.Document()
    run = document.add_paragraph("上限は3万円です。").add_run("要確認")
    document.add_comment(runs=run, text="4月に改定予定です。", author="中村")
    document.save(str(tmp_path / "a.docx"))
    assert _shape(_read(tmp_path / "a.docx")) == [
        ("paragraph", "上限は3万円です。要確認"),
        ("note", "Comment / コメント — 中村: 4月に改定予定です。"),
    ]


def test_rows_in_a_content_control_and_formulas_are_read(tmp_path: Path) -> None:
    document = docx.Document()
    table = document.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "品番", "価格"
    cells = "".join(f"<w:tc><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>" for text in "AB")
    row = f"<w:sdt {_W}><w:sdtContent><w:tr>{cells}</w:tr></w:sdtContent></w:sdt>"
    table._tbl.append(parse_xml(row))
    formula = f"<m:oMath {_W} {_M}><m:r><m:t>E=mc</m:t></m:r></m:oMath>"
    document.add_paragraph("式: ")._p.append(parse_xml(formula))
    document.save(str(tmp_path / "a.docx"))
    assert _shape(_read(tmp_path / "a.docx")) == [
        ("table", "品番\t価格\nA\tB"),
        ("paragraph", "式: E=mc"),
    ]


def test_a_main_part_may_have_any_name(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("本文です。")
    document.save(str(tmp_path / "a.docx"))
    with (
        zipfile.ZipFile(tmp_path / "a.docx") as old,
        zipfile.ZipFile(tmp_path / "b.docx", "w") as new,
    ):
        for name in old.namelist():
            data = old.read(name).replace(b"word/document.xml", b"word/document2.xml")
            new.writestr(name.replace("document.xml", "document2.xml"), data)
    assert _shape(_read(tmp_path / "b.docx")) == [("paragraph", "本文です。")]


def test_a_package_without_a_main_part_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.docx", "w") as package:
        package.writestr("word/document.xml", "<a/>")
        package.writestr("_rels/.rels", "<Relationships/>")
    with pytest.raises(Damaged):
        _read(tmp_path / "a.docx")


def test_comments_of_a_sheet_name_their_cell(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["品番", "価格"])
    book.active.append(["A", 100])
    book.active["B2"].comment = Comment("税抜です。", "中村")
    book.save(tmp_path / "a.xlsx")
    assert _shape(_read(tmp_path / "a.xlsx"))[1:] == [
        ("note", "Comment / コメント B2 — 税抜です。")
    ]


def test_columns_of_a_layout_are_read_in_the_order_of_its_places(tmp_path: Path) -> None:
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[3])  # two contents beside each other
    slide.shapes.title.text = "比較"
    slide.placeholders[1].text, slide.placeholders[2].text = "左です", "右です"
    box = slide.shapes.add_textbox(Inches(1), Inches(6.9), Inches(8), Inches(0.4))
    box.text_frame.text = "下です"
    tree = slide.shapes._spTree
    tree.insert(2, box._element)  # drawn first, read last
    deck.save(str(tmp_path / "a.pptx"))
    assert [text for _, text in _shape(_read(tmp_path / "a.pptx"))] == [
        "比較",
        "左です",
        "右です",
        "下です",
    ]


def test_a_chart_is_a_table_under_its_title(tmp_path: Path) -> None:
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    data = CategoryChartData()
    data.categories = ["4月", "5月"]
    data.add_series("売上", (1200, None))
    place = (Inches(1), Inches(1), Inches(6), Inches(4))
    chart = slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *place, data).chart
    chart.has_title = True
    chart.chart_title.text_frame.text = "月別売上"
    deck.save(str(tmp_path / "a.pptx"))
    assert _shape(_read(tmp_path / "a.pptx")) == [("table", "月別売上\t4月\t5月\n売上\t1200")]


def test_edges_and_comments_of_an_opendocument_text_are_notes(tmp_path: Path) -> None:
    path = tmp_path / "a.odt"
    names = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"'
        for short in ("office", "text", "style")
    )
    comment = (
        '<office:annotation><dc:creator xmlns:dc="http://purl.org/dc/elements/1.1/">中村'
        "</dc:creator><text:p>要確認です。</text:p></office:annotation>"
    )
    edge = "<text:p>社外秘</text:p>"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr(
            "content.xml",
            f"<office:document-content {names}><office:body><office:text>"
            f"<text:p>本文です。{comment}</text:p></office:text></office:body>"
            "</office:document-content>",
        )
        archive.writestr(
            "styles.xml",
            f"<office:document-styles {names}><office:master-styles><style:master-page>"
            f"<style:header>{edge}</style:header><style:footer>{edge}</style:footer>"
            "</style:master-page></office:master-styles></office:document-styles>",
        )
    assert _shape(_read(path)) == [
        ("paragraph", "本文です。"),
        ("note", "Comment / コメント — 中村: 要確認です。"),
        ("note", "社外秘"),
    ]


def test_xml_records_are_a_table_and_texts_are_in_order(tmp_path: Path) -> None:
    source = (
        '<?xml version="1.0" encoding="Shift_JIS"?><doc><title>価格表</title><para>一般の'
        "<b>お客様</b>向けです。</para><list><item>甲</item><item>乙</item></list><rows>"
        "<row><品番>A</品番><価格>100</価格></row><row><品番>B</品番></row></rows><end>以上</end></doc>"
    )
    source = source.replace("<row><品番>B</品番></row>", "<row><品番>B</品番><備考>新</備考></row>")
    assert _xml(tmp_path, source, "cp932") == [
        ("heading", "価格表"),
        ("paragraph", "一般のお客様向けです。"),
        ("list", "- 甲\n- 乙"),
        ("table", "品番\t価格\t備考\nA\t100\t\nB\t\t新"),
        ("paragraph", "以上"),
    ]


def test_a_feed_shows_the_page_in_its_text(tmp_path: Path) -> None:
    source = (
        "<rss><channel><item><title>休業</title><description>&lt;p&gt;8月13日から"
        "&lt;script&gt;x()&lt;/script&gt;休みます。&lt;/p&gt;</description></item></channel></rss>"
    )
    assert _xml(tmp_path, source) == [("heading", "休業"), ("paragraph", "8月13日から休みます。")]


def test_words_of_a_paragraph_are_not_torn_apart(tmp_path: Path) -> None:
    source = f"<w:p {_W}><w:r><w:t>こん</w:t></w:r><w:r><w:t>にちは</w:t></w:r></w:p>"
    assert _xml(tmp_path, f"<body>{source}</body>") == [("paragraph", "こんにちは")]


def test_records_of_attributes_alone_are_a_table(tmp_path: Path) -> None:
    source = '<items><item code="KS-1" price="100"/><item code="KS-2" price="200"/></items>'
    assert _xml(tmp_path, source) == [("table", "code\tprice\nKS-1\t100\nKS-2\t200")]


def test_entities_of_xml_are_neither_expanded_nor_fetched(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("秘密", encoding="utf-8")
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    source = (
        f'<!DOCTYPE a [<!ENTITY e0 "boom"><!ENTITY s SYSTEM "{tmp_path}/secret.txt">{entities}]>'
        "<a><p>本文です。</p><p>&e11;</p><p>&s;</p></a>"
    )
    assert _xml(tmp_path, source) == [("paragraph", "本文です。")]


def test_broken_xml_gives_what_can_be_read_and_other_content_is_refused(tmp_path: Path) -> None:
    assert _xml(tmp_path, "<a><p>本文です。</p><p>続き") == [
        ("paragraph", "本文です。"),
        ("paragraph", "続き"),
    ]
    with pytest.raises(Damaged):
        _xml(tmp_path, "これは XML ではありません。")


def test_rich_text_of_outlook_is_decompressed() -> None:
    data = bytes.fromhex(_COMPRESSED)
    assert decompress(data) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
    assert decompress(b"\0\0\0\0\x03\0\0\0MELA\0\0\0\0{a}") == b"{a}"
    with pytest.raises(ValueError, match="unknown kind"):
        decompress(bytes(16))
