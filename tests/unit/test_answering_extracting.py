"""Answers without a model: the right sentences, word for word."""

from collections.abc import Sequence

import pytest

from app.answering.extracting import MOST_SENTENCES, Extract, extract, weigh
from retrieval.errors import EmbedderUnavailable
from retrieval.model import BlockKind, Passage
from retrieval.ports import Embedder, Vectors
from tests.fakes.embedder import HashEmbedder
from tests.fakes.searcher import make_passage

RULES = make_passage(
    "本規程は全社員に適用する。国内出張の日当は1日3,000円とする。宿泊費は1泊12,000円を上限とする。"
    "申請は出発の3日前までに上長へ行う。費用が上限を超えるのは繁忙期のためである。",
    name="旅費規程",
)
LEAVE = make_passage(
    "Employees receive ten days of annual leave. Apply at least three days before. "
    "Unused leave carries over for one year.",
    name="Leave policy",
)


def quote(
    question: str,
    passages: Sequence[Passage],
    embedder: Embedder | None = None,
    documents: int = 1,
) -> list[Extract]:
    return extract(question, weigh(question, passages, embedder), documents)


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("出張の日当はいくらですか", "国内出張の日当は1日3,000円とする。"),
        ("宿泊費の上限はいくらですか", "宿泊費は1泊12,000円を上限とする。"),
        ("申請はいつまでにしますか", "申請は出発の3日前までに上長へ行う。"),
        ("How many days of leave do I get?", "Employees receive ten days of annual leave."),
        ("Does unused leave carry over?", "Unused leave carries over for one year."),
    ],
)  # fmt: skip
def test_the_sentence_that_answers_is_quoted_word_for_word(question: str, sentence: str) -> None:
    found = quote(question, [RULES, LEAVE])
    best = max(found, key=lambda each: each.score)
    assert best.text == sentence
    assert best.passage.chunk.text[best.piece.start : best.piece.end] == sentence
    assert 1 <= len(found) <= MOST_SENTENCES


def test_a_question_in_the_text_is_not_taken_for_its_answer() -> None:
    faq = make_passage("Q. 制服の貸与は何着ですか？\nA. 2着まで貸与します。", name="FAQ")
    best = max(quote("制服の貸与は何着ですか", [faq]), key=lambda each: each.score)
    assert "2着" in best.text


def test_a_table_row_is_shown_with_its_headers_and_cited_as_it_stands() -> None:
    table = make_passage(
        "型番\t単価\t納期\nKS-1\t100円\t5日\nKS-2\t200円\t\nKS-3\t300円\t7日",
        name="価格表",
        kind=BlockKind.TABLE,
    )
    (row,) = quote("KS-2の単価はいくらですか", [table])
    assert row.text == "型番: KS-2 / 単価: 200円"
    assert row.piece.text == "KS-2\t200円\t"


def test_a_heading_helps_the_sentences_below_it() -> None:
    other = make_passage("申請は1年前までに行う。", name="別", heading=("社用車",))
    right = make_passage("申請は3日前までに行う。", name="別", heading=("有給休暇",), offset=99)
    best = max(quote("有給休暇の申請はいつまで", [other, right]), key=lambda each: each.score)
    assert best.passage is right


def test_the_same_sentence_in_two_documents_is_quoted_once() -> None:
    copies = [make_passage("日当は3,000円です。", name=name) for name in ("新", "旧")]
    assert len(quote("日当はいくらですか", copies)) == 1


def test_only_the_best_document_is_quoted() -> None:
    near = make_passage("海外出張の日当は1日5,000円とする。", name="海外出張")
    for passages in ([RULES, near], [near, RULES]):
        found = quote("出張の日当はいくらですか", passages)
        assert {each.passage.document.id for each in found} == {passages[0].document.id}


def test_a_document_with_the_part_number_asked_for_goes_before_a_better_one() -> None:
    other = make_passage("KS-1の単価は100円です。", name="旧製品")
    named = make_passage("KS-2の単価は200円です。", name="新製品")
    (found,) = quote("KS-2の単価はいくらですか", [other, named])
    assert "200円" in found.text


def test_as_many_documents_are_quoted_as_are_asked_about() -> None:
    editions = [make_passage(f"日当は{yen}円です。", name=yen) for yen in ("2,000", "3,000")]
    found = quote("日当は2022年と2024年でいくら違いますか", editions, documents=2)
    assert len({each.passage.document.id for each in found}) == 2


def test_nothing_in_common_gives_nothing() -> None:
    assert quote("zzzz", [make_passage("日当は3,000円です。")]) == []
    assert quote("日当", []) == []


def test_with_an_embedder_a_sentence_without_shared_words_can_be_found() -> None:
    passage = make_passage("Lodging is reimbursed. Snacks are free of charge.", name="x")
    assert quote("lodge", [passage], HashEmbedder())
    best = max(quote("reimburse", [passage], HashEmbedder()), key=lambda each: each.score)
    assert best.text == "Lodging is reimbursed."


class BrokenEmbedder(HashEmbedder):
    """An embedder whose model went away."""

    def embed_query(self, text: str) -> Vectors:
        raise EmbedderUnavailable(model="hash", reason=text)


def test_without_its_embedder_the_words_still_decide() -> None:
    question = "出張の日当はいくらですか"
    assert quote(question, [RULES], BrokenEmbedder()) == quote(question, [RULES])


def test_each_document_has_the_score_of_its_best_sentence() -> None:
    question = "出張の日当はいくらですか"
    both, alone = (weigh(question, passages) for passages in ([RULES, LEAVE], [RULES]))
    best = both.best_sentences()
    assert set(best) == {RULES.document.id, LEAVE.document.id}
    assert best[RULES.document.id] == max(both.scores) > best[LEAVE.document.id]
    assert set(alone.best_sentences()) == {RULES.document.id}
