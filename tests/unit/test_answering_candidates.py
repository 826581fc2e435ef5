"""What may be quoted: rows with their headers, sentences with the heading they stand under."""

from app.answering.candidates import list_candidates
from app.answering.extracting import extract, weigh
from retrieval.model import BlockKind
from tests.fakes.searcher import make_passage

TRAVEL = make_passage(
    "第1条（定義）\n\n片道100km以上の移動を出張という。\n\n第2条（国内の日当）\n\n"
    "区分\t日当（円）\n一般社員\t2,200\n課長・部長\t2,800\n\n東京に泊まるときは2,000円を加える。",
    name="出張旅費規程",
)


def test_a_table_inside_a_paragraph_chunk_is_read_with_its_header() -> None:
    texts = [each.text for each in list_candidates([TRAVEL])]
    assert "区分: 課長・部長 / 日当（円）: 2,800" in texts
    assert "区分\t日当（円）" not in texts


def test_a_row_is_cited_as_it_stands_in_the_document() -> None:
    (row,) = [each for each in list_candidates([TRAVEL]) if "課長" in each.text]
    assert row.piece.text.strip() == "課長・部長\t2,800"
    found = TRAVEL.chunk.text[row.piece.start : row.piece.end]
    assert found == row.piece.text


def test_a_heading_is_not_quoted_but_tells_what_the_lines_below_are_about() -> None:
    candidates = list_candidates([TRAVEL])
    assert not any(each.text.startswith("第2条") for each in candidates)
    (sentence,) = [each for each in candidates if each.text.startswith("東京")]
    assert "国内の日当" in sentence.above
    assert "定義" not in sentence.above


def test_a_numbered_line_that_is_a_sentence_can_be_quoted() -> None:
    rules = make_passage(
        "第5条（試用期間） 試用期間は4か月とする。\n1か月を限度に延長することがある。", name="規則"
    )
    first, _ = [each.text for each in list_candidates([rules])]
    assert first == "第5条（試用期間） 試用期間は4か月とする。"


def test_the_number_of_a_question_belongs_to_it() -> None:
    answers = make_passage(
        "Q6. 生産が終わった製品の部品はありますか\n7年間は供給します。", name="FAQ"
    )
    (answer,) = list_candidates([answers])
    assert answer.text == "7年間は供給します。"
    assert "Q6. 生産が終わった" in answer.above


def test_the_row_asked_for_is_the_quotation() -> None:
    question = "課長の出張の日当はいくら?"
    best = max(extract(question, weigh(question, [TRAVEL])), key=lambda each: each.score)
    assert "2,800" in best.text


def test_lines_of_a_form_that_hold_figures_can_be_quoted() -> None:
    form = make_passage(
        "文書番号 AC-005\n施行日 令和5年4月1日\n主管 経理部 旅費担当です。", name="x"
    )
    assert "施行日 令和5年4月1日" in [each.text for each in list_candidates([form])]


def test_a_table_without_any_row_below_its_header_can_be_quoted() -> None:
    lone = make_passage("型番\t単価", name="表", kind=BlockKind.TABLE)
    assert [each.text for each in list_candidates([lone])] == ["型番\t単価"]
