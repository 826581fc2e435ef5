"""When a new model may take the place of the one in force, and what it may not have seen."""

import numpy as np
import pytest

from retrieval.adapting.holding_out import choose
from retrieval.adapting.judging import Trial, judge, measure_gain
from retrieval.adapting.pairing import Evaluated


def trial(gain: float, language: str = "ja", count: int = 60, spread: float = 0.1) -> Trial:
    before = np.full(count, 0.5)
    noise = np.random.default_rng(1).normal(0, spread, count)
    after = before + gain + noise - noise.mean()
    return Trial("set", (language,) * count, tuple(before), tuple(after))


def join(*parts: Trial) -> Trial:
    languages = tuple(each for part in parts for each in part.languages)
    before = tuple(each for part in parts for each in part.before)
    after = tuple(each for part in parts for each in part.after)
    return Trial("set", languages, before, after)


def test_a_gain_beyond_chance_passes() -> None:
    assert judge([trial(0.05)]).reason == "better"


def test_a_gain_that_may_be_chance_does_not() -> None:
    assert judge([trial(0.01)]).reason == "not-better"


def test_a_gain_in_one_trial_does_not_make_up_for_a_loss_in_another() -> None:
    assert judge([trial(0.2), trial(-0.02)]).reason == "worse"


def test_a_gain_in_one_language_does_not_make_up_for_a_loss_in_the_other() -> None:
    verdict = judge([join(trial(0.2), trial(-0.03, "en", 15))])
    assert verdict.reason == "worse"
    assert [each.language for each in verdict.comparisons if each.worse] == ["en"]


def test_a_small_loss_is_worse_where_it_is_beyond_chance() -> None:
    assert judge([trial(-0.005, spread=0.001)]).reason == "worse"
    assert judge([trial(-0.005)]).reason == "not-better"


def test_a_few_questions_of_a_language_say_nothing_by_themselves() -> None:
    verdict = judge([join(trial(0.2), trial(-0.1, "en", 5))])
    assert verdict.reason == "better"


def test_nothing_to_judge_by_is_no_success() -> None:
    assert judge([]).reason == "untested"


def test_gain_counts_the_first_ten_places() -> None:
    assert measure_gain(["a", "b"], frozenset({"a"})) == 1.0
    assert measure_gain(["b", "a"], frozenset({"a"})) == pytest.approx(1 / np.log2(3))
    assert measure_gain([*map(str, range(10)), "a"], frozenset({"a"})) == 0.0


def test_an_evaluated_question_is_known_in_any_spelling_and_taken_out_of_texts() -> None:
    evaluated = Evaluated(["有給は何日ですか？", "How many days off do I get?"])
    assert "有給は 何日ですか?" in evaluated
    assert "how many ｄａｙｓ off do I get" in evaluated
    assert "有給は何日" not in evaluated
    text = "よくある質問。有給は何日ですか？十二日です。\nHow many days off do I get?\nTwelve."
    left = evaluated.without(text)
    assert "有給は何日" not in left
    assert "How many" not in left
    assert "十二日です" in left
    assert "Twelve." in left


def test_the_same_documents_are_held_out_every_time_also_when_some_are_added() -> None:
    names = [f"document-{number}" for number in range(100)]
    held = choose(names)
    assert len(held) == 20
    assert choose(list(reversed(names))) == held
    assert len(held & choose([*names, "new"])) >= 19
    assert len(choose([str(number) for number in range(5_000)])) == 200
