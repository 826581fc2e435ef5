"""Sentences against the passages they cite."""

import pytest

from app.answering.checking import SentenceChecker, find_unnamed_source, says_nothing_found
from app.answering.citing import Draft
from app.answering.model import Verdict
from app.answering.quoting import cite, pieces, support, whole
from retrieval.model import BlockKind
from tests.fakes.searcher import make_passage

LEAVE = make_passage(
    "有給休暇は入社日に10日付与します。申請は2024年4月1日から勤怠システムで行います。",
    name="就業規則",
    offset=100,
)
PRICE = make_passage("KP-1000の単価は3万円です。", name="価格表")
CHECKER = SentenceChecker()


@pytest.mark.parametrize(
    "text",
    [
        "有給休暇は10日です。",
        "申請は令和6年4月1日からです。",
        "You get 10 days.",
        "1. 申請します。",
    ],
)
def test_what_the_passage_states_is_not_withheld(text: str) -> None:
    assert CHECKER.check(Draft(text, (1,)), [LEAVE]).verdict is not Verdict.UNSUPPORTED


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("有給休暇は12日です。", "12"),
        ("申請は令和5年4月1日からです。", "2023"),
        ("KP-2000を使います。", "kp-2000"),
        ("You get 15 days.", "15"),
    ],
)
def test_a_number_or_code_the_passage_lacks_is_named(text: str, missing: str) -> None:
    check = CHECKER.check(Draft(text, (1,)), [LEAVE])
    assert check.verdict is Verdict.UNSUPPORTED
    assert missing in check.missing


def test_two_passages_prove_a_sentence_together() -> None:
    draft = Draft("10日後にKP-1000は30,000円です。", (1, 2))
    assert CHECKER.check(draft, [LEAVE, PRICE]).verdict is Verdict.SUPPORTED
    assert CHECKER.check(draft, [LEAVE]).verdict is Verdict.UNSUPPORTED


def test_a_sentence_without_marks_finds_its_passage_or_none() -> None:
    assert (
        find_unnamed_source(Draft("KP-1000の単価は3万円です。", ()), [LEAVE, PRICE], CHECKER) == 1
    )
    assert (
        find_unnamed_source(Draft("KP-1000の単価は4万円です。", ()), [LEAVE, PRICE], CHECKER)
        is None
    )
    assert find_unnamed_source(Draft("社長は犬が好きです。", ()), [LEAVE, PRICE], CHECKER) is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("資料には記載がありません。", True),
        ("その情報は資料から見つかりませんでした。", True),
        ("The sources do not mention this.", True),
        ("There is no information about pets.", True),
        ("有給休暇は10日です。", False),
        ("You get ten days.", False),
    ],
)
def test_a_sentence_that_only_says_nothing_was_found_is_recognised(text: str, says: bool) -> None:
    assert says_nothing_found(Draft(text, ())) is says


def test_a_citation_points_at_the_supporting_sentence_in_the_document() -> None:
    document = "あ" * 100 + LEAVE.chunk.text
    found = support("申請は勤怠システムです。", [PRICE, LEAVE])
    assert found is not None
    citation = cite(found[0], found[1], 1)
    assert citation.document_id == LEAVE.document.id
    assert citation.quote == "申請は2024年4月1日から勤怠システムで行います。"
    assert document[citation.start : citation.end] == citation.quote
    everything = whole(LEAVE, 1)
    assert document[everything.start : everything.end] == LEAVE.chunk.text


def test_a_row_after_repeated_headers_is_placed_in_the_document() -> None:
    document = "型番\t単価\nA-1\t100\nA-2\t200\nA-3\t300"
    passage = make_passage("型番\t単価\nA-2\t200\nA-3\t300", kind=BlockKind.TABLE)
    start = document.index("A-2")
    chunk = type(passage.chunk)(
        id="part", document_id="d", ordinal=1, text=passage.chunk.text, kind=BlockKind.TABLE,
        start=start, end=len(document),
    )  # fmt: skip
    part = type(passage)(chunk, passage.document, 1.0, {})
    header, _, row = pieces(chunk)
    citation = cite(part, row, 1)
    assert document[citation.start : citation.end] == citation.quote == "A-3\t300"
    # The repeated header stands nowhere in the span, so the whole span is named instead.
    assert (cite(part, header, 1).start, cite(part, header, 1).end) == (start, len(document))
