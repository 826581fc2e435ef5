"""What is measured of passages, and what becomes of a question by it."""

from dataclasses import replace
from pathlib import Path

import pytest

from app.answering.answerer import Answerer, Options
from app.answering.foretelling import Foretelling, packaged
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
    bias=0.0, weights={"lead": (0.5, 0.1, 4.0)}, near_below=0.6, hopeless_below=0.1
)
SCOPE = Scope(frozenset({"everyone"}))
GOOD = Gauge(score=0.9, lead=0.5, above=0.5, agreed=1)
POOR = Gauge(score=0.15, lead=0.0, above=0.02, agreed=0)


def hit(name: str, score: float, **arms: float) -> Passage:
    passage = make_passage("来客用の駐車場は北門の横です。", name=name)
    return replace(passage, score=score, scores=arms)


def ask(foretelling: Foretelling, script: str | None = None) -> Answer:
    options = Options(foretelling=foretelling)
    model = ScriptedChat(script) if script is not None else None
    searcher = MemorySearcher([PARKING, CANTEEN])
    answerer = Answerer(searcher, model, options, embedder=HashEmbedder())
    return answerer.answer(Question(QUESTION, SCOPE))


def fixed(near_below: float, hopeless_below: float = 0.0) -> Foretelling:
    """Returns a regression for which every chance is a half."""
    return replace(CERTAIN, weights={}, near_below=near_below, hopeless_below=hopeless_below)


def test_what_is_measured_is_how_far_the_best_document_stands_out() -> None:
    passages = [
        hit("駐車場", 0.9, vector=0.6),
        hit("駐車場", 0.7, vector=0.4),
        hit("食堂", 0.4, vector=0.5),
    ]
    measured = gauge(passages)
    assert measured is not None
    assert measured.values() == pytest.approx(
        {"score": 0.9, "lead": 0.5, "above": 0.2, "agreed": 1.0}
    )


def test_another_document_nearer_in_meaning_does_not_agree() -> None:
    measured = gauge([hit("駐車場", 0.9, vector=0.3), hit("食堂", 0.8, vector=0.5)])
    assert measured is not None
    assert measured.agreed == 0.0


def test_a_search_without_meaning_foretells_nothing() -> None:
    assert gauge([hit("駐車場", 0.9, lexical=0.9)]) is None
    assert gauge([]) is None


def test_a_better_measure_gives_a_better_chance() -> None:
    chances = [CERTAIN.chance(replace(GOOD, lead=value)) for value in (0.4, 0.5, 0.6)]
    assert chances == sorted(chances)
    assert chances[1] == pytest.approx(0.5)


def test_without_hope_no_model_is_asked_and_the_nearest_document_is_named() -> None:
    found = ask(fixed(0.9, hopeless_below=0.9), "来客用の駐車場は6台分あります。[1]")
    assert found.kind is AnswerKind.REFUSAL
    assert found.nearest[0].title == "駐車場"


def test_some_chance_shows_near_passages_to_be_confirmed() -> None:
    found = ask(fixed(0.9))
    assert found.kind is AnswerKind.EXTRACTIVE
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
    found = ask(fixed(0.9), "来客用の駐車場は6台分あります。[1]")
    assert found.kind is AnswerKind.GENERATED


def test_the_packaged_weights_are_of_the_measures_taken() -> None:
    told = packaged()
    assert 0 < told.hopeless_below < told.near_below < 1
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
