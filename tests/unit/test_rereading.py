"""A closer look at the first passages."""

from datetime import UTC, datetime

import pytest

from retrieval.lexical.glossary import Concept
from retrieval.lexical.tokenizing import terms
from retrieval.model import Access, Chunk, Document, DocumentStatus, Metadata, Passage
from retrieval.rereading import CLOSENESS, Wanted, reread

NOW = datetime(2024, 1, 1, tzinfo=UTC)


def passage(text: str, context: str = "", language: str = "ja", score: float = 0.4) -> Passage:
    document = Document(
        id=text,
        source_id="source",
        source_name="source",
        external_id=text,
        metadata=Metadata(context, language=language),
        status=DocumentStatus.CURRENT,
        reason="",
        version=1,
        size=1,
        content_hash="",
        ingested_at=NOW,
        acl_id=1,
        access=Access(),
    )
    return Passage(Chunk(text, text, 0, text, context=context), document, score, {"lexical": score})


def wanted(question: str, language: str, *concepts: Concept) -> Wanted:
    weights = dict.fromkeys(terms(question), 1.0)
    return Wanted.of(question, weights, concepts, language, lambda _: 1.0)


def order(question: str, language: str, *passages: Passage) -> list[str]:
    return [each.chunk.text for each in reread(passages, wanted(question, language))]


def test_what_one_sentence_says_comes_before_what_is_said_here_and_there() -> None:
    apart = "出張は年に三回あります。電車の旅費。食事の上限は千円です。"
    close = "出張の旅費の上限は一日に千円です。電車。食事は年に三回あります。"
    assert order("出張旅費の上限", "ja", passage(apart), passage(close)) == [close, apart]


def test_title_and_headings_belong_to_every_sentence() -> None:
    named = passage("上限は千円です。", context="出張旅費規程")
    other = passage("上限は千円です。食事。", context="食堂のご案内")
    first, second = reread([other, named], wanted("出張旅費の上限", "ja"))
    assert first.scores[CLOSENESS] == pytest.approx(1.0)
    assert second.scores[CLOSENESS] < 0.5


def test_the_questions_own_turns_of_phrase_count_in_japanese() -> None:
    own = "日本で梅雨がないのは北海道です。"
    turned = "北海道には梅雨がない、日本では。"
    assert (
        order("日本で梅雨がないのは北海道とどこか", "ja", passage(turned), passage(own))[0] == own
    )


def test_english_words_are_found_in_every_form_and_not_inside_others() -> None:
    forms = passage("Policies on leaving early apply.", language="en")
    inside = passage("Start the party with art.", language="en")
    (found,) = reread([forms], wanted("policy", "en"))
    assert found.scores[CLOSENESS] == pytest.approx(1.0)
    (missed,) = reread([inside], wanted("tart", "en"))
    assert CLOSENESS not in missed.scores


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("organization", "They organised it."),
        ("analyzing", "We analyse it."),
        ("colour", "Any color will do."),
        ("Müller", "Mr Muller decides."),
        ("cafe", "The Café is open."),
    ],
)
def test_neither_an_accent_nor_an_ending_hides_a_word(question: str, text: str) -> None:
    (read,) = reread([passage(text, language="en")], wanted(question, "en"))
    assert read.scores[CLOSENESS] == pytest.approx(1.0)


def test_half_a_hyphenated_word_is_not_the_word() -> None:
    half, whole = (
        reread([passage(text, language="en")], wanted("lipid-rich", "en"))[0].scores[CLOSENESS]
        for text in ("Lipid layers.", "Lipid-rich layers.")
    )
    assert half < whole == pytest.approx(1.0)


def test_a_closer_look_counts_as_much_as_words_do_for_the_passage() -> None:
    ours, theirs = passage("旅費は千円です。"), passage("旅費 is paid.", language="en")
    shares = {"ja": 1.0, "en": 0.0}
    asked = Wanted.of("旅費", {"旅費": 1.0}, (), "ja", shares.__getitem__)
    first, second = reread([theirs, ours], asked)
    assert first.chunk.text == ours.chunk.text
    assert first.score > ours.score
    assert second.score == pytest.approx(theirs.score)


def test_a_synonym_counts_less_than_the_word_and_more_than_nothing() -> None:
    leave = Concept(("有休",), (("年次", "有給", "休暇"),))
    texts = ("有休は十日です。", "年次有給休暇は十日です。", "祝日は十日です。")
    (own, other, none) = (
        reread([passage(text)], wanted("有休", "ja", leave))[0].scores.get(CLOSENESS, 0.0)
        for text in texts
    )
    assert own == pytest.approx(1.0)
    assert 0 < other < own
    assert none == 0


def test_a_passage_in_another_language_is_read_in_the_glossarys_words() -> None:
    leave = Concept(("paid", "leav"), (("有給", "休暇"),))
    japanese = passage("有給休暇は十日です。", language="ja")
    (read,) = reread([japanese], wanted("paid leave", "en", leave))
    assert read.scores[CLOSENESS] == pytest.approx(1.0)


def test_scores_stay_in_their_range_and_equal_ones_in_the_order_of_their_ids() -> None:
    texts = ("b 旅費。", "a 旅費。", "c 旅費。")
    read = reread([passage(text, score=0.999999) for text in texts], wanted("旅費", "ja"))
    assert [each.chunk.text[0] for each in read] == ["a", "b", "c"]
    assert all(0 <= each.score <= 1 for each in read)


def test_nothing_is_changed_where_nothing_can_be_looked_for() -> None:
    passages = [passage("b", score=0.1), passage("a", score=0.2)]
    assert reread(passages, Wanted()) == passages


@pytest.mark.parametrize("text", ["", "。。。", "...", "\n\n", "a" * 10_000, "1.5.2. 3"])
def test_texts_of_any_shape_are_read(text: str) -> None:
    (read,) = reread([passage(text)], wanted("旅費 a", "ja"))
    assert 0 <= read.score <= 1
