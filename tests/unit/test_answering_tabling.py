"""Of a table the row that is asked for stands alone."""

import pytest

from app.answering.extracting import extract, weigh
from retrieval.model import BlockKind
from tests.fakes.searcher import make_passage

PARKING = make_passage(
    "駐車時間\t料金（円）\n30分以上60分未満\t400\n60分以上120分未満\t700\n120分以上\t1,500",
    name="駐車料金",
    kind=BlockKind.TABLE,
)
GIFTS = make_passage(
    "Gift value\tApproval\nUp to $50\tNone\n$51 to $200\tTeam lead\nOver $200\tBoard",
    name="Gift approval",
    kind=BlockKind.TABLE,
)
TOOLS = make_passage(
    "工具\t点検の周期\nボール盤\t3か月\n旋盤\t6か月\nプレス機\t1か月",
    name="工具の点検",
    kind=BlockKind.TABLE,
)


@pytest.mark.parametrize(
    ("question", "table", "row"),
    [
        ("90分の駐車時間の料金はいくらですか", PARKING, "60分以上120分未満"),
        ("60分の駐車時間の料金はいくらですか", PARKING, "60分以上120分未満"),
        ("3時間ではなく150分の駐車料金は", PARKING, "120分以上"),
        ("What approval does a gift value of $120 need?", GIFTS, "$51 to $200"),
        ("What approval does a gift value of $200 need?", GIFTS, "$51 to $200"),
        ("What approval does a gift value of $900 need?", GIFTS, "Over $200"),
        ("旋盤の点検の周期は何か月ですか", TOOLS, "旋盤"),
    ],
)
def test_the_asked_row_stands_alone(question: str, table: object, row: str) -> None:
    found = extract(question, weigh(question, [table]))  # type: ignore[list-item]
    assert len(found) == 1
    assert row in found[0].text


def test_a_question_about_the_whole_table_gets_its_rows() -> None:
    question = "工具の点検の周期の一覧"
    assert len(extract(question, weigh(question, [TOOLS]))) > 1
