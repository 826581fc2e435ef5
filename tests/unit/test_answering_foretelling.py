"""What is measured of passages, and what becomes of a question by it."""

from dataclasses import replace
from pathlib import Path

import pytest

from app.answering.answerer import Answerer, Options
from app.answering.extracting import extract
from app.answering.foretelling import Band, Foretelling, packaged
from app.answering.gauging import Gauge, gauge, list_words
from app.answering.model import Answer, AnswerKind, Question
from app.answering.writing import Unproved
from retrieval.model import Scope
from tests.fakes.chat_model import ScriptedChat
from tests.fakes.embedder import HashEmbedder
from tests.fakes.searcher import MemorySearcher, make_passage

PARKING = make_passage(
    "来客用の駐車場は北門の横に6台分あります。予約は受付で行います。", name="駐車場"
)
CANTEEN = make_passage("食堂は11時に開きます。予約はいりません。", name="食堂")
QUESTION = "来客用の駐車場は何台分ありますか"
CERTAIN = Foretelling(
    bias=0.0, weights={"close": (0.5, 0.1, 4.0)}, refuse_below=0.3, near_below=0.6, ask_from=0.1
)


def measure(question: str) -> Gauge:
    passages = MemorySearcher([PARKING, CANTEEN]).search(question, SCOPE).passages
    return gauge(question, passages, extract(question, passages), HashEmbedder(), None)


SCOPE = Scope(frozenset({"everyone"}))


def ask(foretelling: Foretelling, script: str | None = None) -> Answer:
    options = Options(foretelling=foretelling)
    model = ScriptedChat(script) if script is not None else None
    searcher = MemorySearcher([PARKING, CANTEEN])
    answerer = Answerer(searcher, model, options, embedder=HashEmbedder())
    return answerer.answer(Question(QUESTION, SCOPE))


def fixed(chance_below: str) -> Foretelling:
    """Returns a regression for which every chance is a half, and one band that holds it."""
    bands = {"refuse_below": 0.0, "near_below": 0.0, "ask_from": 0.0, chance_below: 0.9}
    return replace(CERTAIN, weights={}, **bands)


def test_a_question_whose_things_are_all_named_is_covered_wholly() -> None:
    found = measure(QUESTION)
    assert found.close > 0.9
    assert found.worst >= 0.8


def test_a_thing_that_nobody_names_lowers_what_is_covered() -> None:
    asked, other = measure(QUESTION), measure("来客用のヘリポートは何台分ありますか")
    assert other.anywhere < asked.anywhere
    assert other.worst < asked.worst


def test_a_name_that_no_passage_holds_is_counted() -> None:
    assert measure("札幌の駐車場は何台分ありますか").names == 0.5
    assert measure(QUESTION).names == 0.0


def test_words_without_content_are_passed_over() -> None:
    assert list_words("Wi-Fi の設定をする場合") == ["Wi-Fi", "設定", "する"]


def test_a_better_measure_gives_a_better_chance_and_another_band() -> None:
    found = measure(QUESTION)
    chances = [CERTAIN.chance(replace(found, close=value)) for value in (0.4, 0.5, 0.6)]
    assert chances == sorted(chances)
    assert chances[1] == pytest.approx(0.5)
    assert [CERTAIN.band(chance) for chance in chances] == [Band.REFUSE, Band.NEAR, Band.ANSWER]


def test_little_chance_is_a_refusal_that_names_the_nearest_document() -> None:
    found = ask(fixed("refuse_below"))
    assert found.kind is AnswerKind.REFUSAL
    assert found.nearest[0].title == "駐車場"


def test_some_chance_shows_near_passages_to_be_confirmed() -> None:
    found = ask(fixed("near_below"))
    assert found.kind is AnswerKind.EXTRACTIVE
    assert "near-passages" in [notice.code for notice in found.notices]


def test_a_good_chance_says_nothing_of_it() -> None:
    found = ask(fixed("ask_from"))
    assert found.kind is AnswerKind.EXTRACTIVE
    assert "near-passages" not in [notice.code for notice in found.notices]


def test_without_hope_no_model_is_asked() -> None:
    script = "来客用の駐車場は6台分あります。[1]"
    assert ask(fixed("ask_from"), script).kind is AnswerKind.REFUSAL
    assert ask(fixed("near_below"), script).kind is AnswerKind.GENERATED


def test_the_packaged_weights_are_of_the_measures_taken() -> None:
    told = packaged()
    assert 0 < told.ask_from <= told.refuse_below <= told.near_below < 1
    good = Gauge(0.9, 0.5, 0.5, 0.9, 0.8, 1, 1, 1, 0, 2, 1.8, 0)
    poor = Gauge(0.15, 0.0, 0.02, 0.2, 0.2, 0.1, 0.2, 0.1, 1, 0.3, 1.8, 0)
    assert told.band(told.chance(good)) is Band.ANSWER
    assert told.band(told.chance(poor)) is Band.REFUSE


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
