"""What is measured of passages, and what becomes of a question by it."""

from dataclasses import replace
from pathlib import Path

import pytest

from app.answering.answerer import Answerer, Options
from app.answering.foretelling import Foretelling, Outlook, packaged
from app.answering.gauging import Gauge, gauge
from app.answering.model import Answer, AnswerKind, Question
from app.answering.writing import Unproved
from retrieval.model import Passage, Scope
from tests.fakes.chat_model import ScriptedChat
from tests.fakes.embedder import HashEmbedder
from tests.fakes.searcher import MemorySearcher, make_passage

PARKING = make_passage(
    "来客用の駐車場は北門の横に6台分あります。予約は受付で行います。", name="駐車場"
)
CANTEEN = make_passage("食堂は11時に開きます。来客用の食券もあります。", name="食堂")
QUESTION = "来客用の駐車場は何台分ありますか"
CERTAIN = Foretelling(
    bias=0.0,
    weights={"above": (0.5, 0.1, 4.0)},
    near_below=0.6,
    refuse_below=0.3,
    hopeless_below=0.1,
)
SCOPE = Scope(frozenset({"everyone"}))
GOOD = Gauge(score=0.9, above=0.5, said=0.8, share=1)
POOR = Gauge(score=0.15, above=0.02, said=-0.2, share=0.1)


def hit(name: str, score: float, **arms: float) -> Passage:
    passage = make_passage("来客用の駐車場は北門の横です。", name=name)
    return replace(passage, score=score, scores=arms)


def ask(foretelling: Foretelling, script: str | None = None) -> Answer:
    options = Options(foretelling=foretelling)
    model = ScriptedChat(script) if script is not None else None
    searcher = MemorySearcher([PARKING, CANTEEN])
    answerer = Answerer(searcher, model, options, embedder=HashEmbedder())
    return answerer.answer(Question(QUESTION, SCOPE))


def fixed(near: float, refuse: float = 0.0, hopeless: float = 0.0) -> Foretelling:
    """Returns a regression for which every chance is a half."""
    limits = {"near_below": near, "refuse_below": refuse, "hopeless_below": hopeless}
    return replace(CERTAIN, weights={}, **limits)


def test_what_is_measured_is_how_far_the_best_document_stands_out() -> None:
    passages = [
        hit("駐車場", 0.9, vector=0.6),
        hit("駐車場", 0.7, vector=0.4),
        hit("食堂", 0.4, vector=0.5),
    ]
    own, other = passages[0].document.id, passages[2].document.id
    measured = gauge(passages, {own: 0.8, other: 0.3})
    assert measured is not None
    assert measured.values() == pytest.approx(
        {"score": 0.9, "above": 0.2, "said": 0.5, "share": 2 / 3}
    )


def test_another_document_with_a_better_sentence_speaks_against_the_best_one() -> None:
    passages = [hit("駐車場", 0.9, vector=0.3), hit("食堂", 0.8, vector=0.5)]
    own, other = (passage.document.id for passage in passages)
    measured = gauge(passages, {own: 0.4, other: 0.6})
    assert measured is not None
    assert measured.said == pytest.approx(-0.2)


def test_a_search_without_meaning_foretells_nothing() -> None:
    assert gauge([hit("駐車場", 0.9, lexical=0.9)], {}) is None
    assert gauge([], {}) is None


def test_a_better_measure_gives_a_better_chance() -> None:
    chances = [CERTAIN.chance(replace(GOOD, above=value)) for value in (0.4, 0.5, 0.6)]
    assert chances == sorted(chances)
    assert chances[1] == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("above", "outlook"),
    [(0.6, Outlook.GOOD), (0.5, Outlook.NEAR), (0.47, Outlook.POOR), (0.4, Outlook.NONE)],
)
def test_the_chance_says_what_to_expect(above: float, outlook: Outlook) -> None:
    assert CERTAIN.outlook(replace(GOOD, above=above)) is outlook


def test_without_hope_no_model_is_asked_and_the_nearest_document_is_named() -> None:
    found = ask(fixed(0.9, hopeless=0.9), "来客用の駐車場は6台分あります。[1]")
    assert found.kind is AnswerKind.REFUSAL
    assert found.nearest[0].title == "駐車場"


def test_some_chance_shows_near_passages_to_be_confirmed() -> None:
    found = ask(fixed(0.9))
    assert found.kind is AnswerKind.EXTRACTIVE
    assert "near-passages" in [notice.code for notice in found.notices]


def test_a_poor_chance_is_a_refusal_that_quotes_what_comes_nearest() -> None:
    found = ask(fixed(0.9, refuse=0.9))
    assert found.kind is AnswerKind.REFUSAL
    assert "near-passages" in [notice.code for notice in found.notices]
    refusal, *quoted = found.sentences
    assert "見つかりませんでした" in refusal.text
    assert "駐車場" in refusal.text
    assert not refusal.citations
    assert any("6台" in sentence.text for sentence in quoted)
    assert all(sentence.citations for sentence in quoted)
    assert found.nearest[0].title == "駐車場"


def test_what_holds_the_part_number_asked_for_is_shown_to_be_confirmed() -> None:
    passage = make_passage("洗浄剤K-21が目に入ったときは、流水で15分以上洗う。", name="安全")
    options = Options(foretelling=fixed(0.9, refuse=0.9))
    answerer = Answerer(MemorySearcher([passage, CANTEEN]), None, options)
    for code, kind in (("K-21", AnswerKind.EXTRACTIVE), ("洗浄剤", AnswerKind.REFUSAL)):
        found = answerer.answer(Question(f"{code}が目に入ったら何分洗いますか", SCOPE))
        assert found.kind is kind
        assert "near-passages" in [notice.code for notice in found.notices]


def test_one_document_is_quoted_and_the_other_one_named_as_near() -> None:
    found = ask(fixed(0.0))
    assert {citation.title for citation in found.citations} == {"駐車場"}
    assert [near.title for near in found.nearest] == ["食堂"]


def test_a_good_chance_says_nothing_of_it() -> None:
    found = ask(fixed(0.0))
    assert found.kind is AnswerKind.EXTRACTIVE
    assert "near-passages" not in [notice.code for notice in found.notices]


def test_what_is_only_doubtful_is_put_to_the_model() -> None:
    found = ask(fixed(0.9, refuse=0.9), "来客用の駐車場は6台分あります。[1]")
    assert found.kind is AnswerKind.GENERATED


def test_the_packaged_weights_are_of_the_measures_taken() -> None:
    told = packaged()
    assert 0 < told.hopeless_below < told.refuse_below < told.near_below < 1
    assert told.chance(POOR) < told.near_below < told.chance(GOOD)


def test_weights_of_other_measures_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "refusal.json"
    file.write_text('{"bias": 0, "measures": {"luck": {"mean": 0, "spread": 1, "weight": 1}}}')
    with pytest.raises(ValueError, match="make it anew"):
        Foretelling.read(file)


def test_marked_sentences_of_which_none_is_supported_are_a_refusal_too() -> None:
    options = Options(unproved=Unproved.MARK)
    model = ScriptedChat("来客用の駐車場は60台分あります。[1]")
    searcher = MemorySearcher([PARKING])
    found = Answerer(searcher, model, options).answer(Question(QUESTION, SCOPE))
    assert found.kind is AnswerKind.REFUSAL
    assert "60" not in found.text
    assert not found.citations


def test_a_marked_sentence_carries_its_warning_wherever_the_answer_goes_as_text() -> None:
    model = ScriptedChat("来客用の駐車場は6台分あります。[1]来客用の駐車場は60台分あります。[1]")
    searcher = MemorySearcher([PARKING])
    options = Options(unproved=Unproved.MARK)
    found = Answerer(searcher, model, options).answer(Question(QUESTION, SCOPE))
    assert found.kind is AnswerKind.GENERATED
    assert "60台分あります。（資料で確認できません）" in found.text
    assert found.text.count("確認できません") == 1
