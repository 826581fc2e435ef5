"""Reading PDF: tables without ruling lines, and what only looks like them."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate, Table, TableStyle

from ingestion.model import Limits
from ingestion.reading.dispatch import read_file

_FONT = "HeiseiKakuGo-W5"
_PRICES = [
    ["品目", "単価", "数量"],
    ["防錆剤 KS-1", "1,200円", "30"],
    ["潤滑油", "980円", "5"],
    ["交換用フィルター", "12,400円", "120"],
]


def _read(path: Path) -> list[tuple[str, str, int | None]]:
    blocks = read_file(path, path.name, Limits()).blocks
    return [(block.kind.value, block.text, block.page) for block in blocks]


def _draw(path: Path, rows: Sequence[Sequence[tuple[float, str]]]) -> Path:
    """Writes a page of rows of texts, each at its place from the left, or from the right if < 0."""
    pdfmetrics.registerFont(UnicodeCIDFont(_FONT))
    canvas = Canvas(str(path), pagesize=A4)
    canvas.setFont(_FONT, 10)
    for number, row in enumerate(rows):
        for x, text in row:
            write = canvas.drawString if x >= 0 else canvas.drawRightString
            write(abs(x), 780 - 16 * number, text)
    canvas.save()
    return path


def _kinds(path: Path) -> set[str]:
    return {kind for kind, _, _ in _read(path)}


def _tabbed(rows: Sequence[Sequence[str]]) -> str:
    return "\n".join("\t".join(row) for row in rows)


def test_a_borderless_price_list_is_a_table_between_its_paragraphs(tmp_path: Path) -> None:
    rows = [[(72.0, "次の価格表は四月一日から適用いたします。")], []]
    for name, price, count in _PRICES:
        rows.append([(72.0, name), (-300.0, price), (-380.0, count)])
    rows += [[], [(72.0, "価格は予告なく変更されることがございます。")]]
    assert _read(_draw(tmp_path / "a.pdf", rows)) == [
        ("paragraph", "次の価格表は四月一日から適用いたします。", 1),
        ("table", _tabbed(_PRICES), 1),
        ("paragraph", "価格は予告なく変更されることがございます。", 1),
    ]


@pytest.mark.parametrize("side", ["LEFT", "RIGHT", "CENTER"])
def test_numbers_may_stand_at_either_edge_or_in_the_middle(tmp_path: Path, side: str) -> None:
    rows = [["Item", "Price"], ["KS-1", "1,000"], ["KS-22 long", "22,000"], ["Bolt", "3"]]
    table = Table(rows, colWidths=[150, 80])
    table.setStyle(TableStyle([("ALIGN", (1, 0), (1, -1), side)]))
    SimpleDocTemplate(str(tmp_path / "a.pdf")).build([table])
    assert _read(tmp_path / "a.pdf") == [("table", _tabbed(rows), 1)]


def test_a_balance_sheet_keeps_its_headings_and_empty_cells(tmp_path: Path) -> None:
    rows = [
        [(72.0, "科目"), (-300.0, "前期"), (-400.0, "当期")],
        [(72.0, "流動資産")],
        [(82.0, "現金及び預金"), (-300.0, "1,234"), (-400.0, "△2,345")],
        [(82.0, "売掛金"), (-300.0, "567"), (-400.0, "678")],
        [(72.0, "固定資産")],
        [(82.0, "建物"), (-300.0, "8,900")],
        [(72.0, "資産合計"), (-300.0, "10,701"), (-400.0, "3,023")],
    ]
    assert _read(_draw(tmp_path / "a.pdf", rows)) == [
        (
            "table",
            "科目\t前期\t当期\n流動資産\t\t\n現金及び預金\t1,234\t△2,345\n売掛金\t567\t678\n"
            "固定資産\t\t\n建物\t8,900\t\n資産合計\t10,701\t3,023",
            1,
        )
    ]


def test_a_schedule_of_short_entries_is_a_table(tmp_path: Path) -> None:
    rows = [
        [(72.0, "Day"), (160.0, "Morning"), (260.0, "Afternoon")],
        [(72.0, "Monday"), (160.0, "Welding"), (260.0, "Inspection")],
        [(72.0, "Tuesday"), (160.0, "Painting"), (260.0, "Packing")],
        [(72.0, "Friday"), (160.0, "Cleaning"), (260.0, "Closed")],
    ]
    expected = _tabbed([[text for _, text in row] for row in rows])
    assert _read(_draw(tmp_path / "a.pdf", rows)) == [("table", expected, 1)]


_LEFT = "The company pays the cost of travel"
_RIGHT = "by rail, and by air where the way is"
_NO_TABLES = {
    "two columns of English prose": [[(72.0, _LEFT), (320.0, _RIGHT)] for _ in range(8)],
    "two columns of Japanese prose": [
        [
            (72.0, "従業員の出張に要する旅費の支給につい"),
            (320.0, "て必要な事項を定めることを目的とする"),
        ]
        for _ in range(8)
    ],
    "a numbered list": [[(72.0, f"{n}."), (100.0, f"Step {n} of the work")] for n in range(1, 8)],
    "a list of points": [[(72.0, "・"), (100.0, f"{n}月の実績 2,000円")] for n in range(1, 8)],
    "contents with leaders": [
        [(72.0, f"第{n}章 総則"), (160.0, "." * 40), (-450.0, str(3 * n))] for n in range(1, 8)
    ],
    "contents without leaders": [
        [(72.0, f"Chapter {n} of the rules"), (-450.0, str(3 * n))] for n in range(1, 8)
    ],
    "an address": [
        [(72.0, "青葉重工株式会社"), (350.0, "2024年4月1日")],
        [(72.0, "総務部 御中"), (350.0, "風見精機株式会社")],
        [(350.0, "東京都千代田区一番町1-2")],
        [(350.0, "電話 03-1234-5678")],
    ],
    "a form": [
        [(72.0, "Name:"), (200.0, "Hanako Aoba")],
        [(72.0, "Employee number:"), (200.0, "12345")],
        [(72.0, "Telephone:"), (200.0, "03-1234-5678")],
        [(72.0, "Starting date:"), (200.0, "2024-04-01")],
    ],
    "a form's blanks for amounts": [
        [(72.0, f"Over {n},000 yen"), (250.0, f"{n}0%"), (350.0, "¥")] for n in range(1, 6)
    ],
    "numbers of a chart": [[(72.0 + 40 * n, str(n)) for n in range(6)] for _ in range(4)],
}


@pytest.mark.parametrize("name", _NO_TABLES)
def test_what_only_looks_like_columns_stays_text(tmp_path: Path, name: str) -> None:
    assert "table" not in _kinds(_draw(tmp_path / "a.pdf", _NO_TABLES[name]))


def test_a_justified_letter_stays_text(tmp_path: Path) -> None:
    style = getSampleStyleSheet()["BodyText"]
    style.alignment = 4
    sentence = "In 2024 an extraordinarily long consideration of 1,200 yen was acknowledged. "
    paragraph = Paragraph(sentence * 12, style)
    SimpleDocTemplate(str(tmp_path / "a.pdf"), leftMargin=180, rightMargin=180).build([paragraph])
    assert "table" not in _kinds(tmp_path / "a.pdf")
