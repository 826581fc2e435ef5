"""How two arms become one order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.fusion import FOREIGN_WORDS, evidence, fuse, to_score, weigh_vector

scores = st.dictionaries(st.sampled_from("abcdefgh"), st.floats(0, 1), max_size=8)


def ids(lexical: dict[str, float], vector: dict[str, float], weight: float) -> list[str]:
    return [each.chunk_id for each in fuse(lexical, vector, lambda _: weight)]


@given(scores, scores, st.floats(0, 1))
def test_every_chunk_of_either_arm_comes_once_with_a_score_between_0_and_1(
    lexical: dict[str, float], vector: dict[str, float], weight: float
) -> None:
    fused = fuse(lexical, vector, lambda _: weight)
    assert sorted(each.chunk_id for each in fused) == sorted({**lexical, **vector})
    assert all(0 <= each.score <= 1 for each in fused)
    assert [each.score for each in fused] == sorted((e.score for e in fused), reverse=True)


def test_weight_0_and_1_give_the_order_of_one_arm() -> None:
    lexical, vector = {"a": 0.9, "b": 0.5}, {"a": 0.1, "b": 0.8}
    assert ids(lexical, vector, 0.0) == ["a", "b"]
    assert ids(lexical, vector, 1.0) == ["b", "a"]


def test_equal_scores_come_in_the_order_of_their_ids_whichever_arm_found_them_first() -> None:
    assert ids({"b": 0.5, "a": 0.5}, {}, 0.0) == ["a", "b"]
    assert ids({"a": 0.5, "b": 0.5}, {}, 0.0) == ["a", "b"]


def test_only_arms_that_gave_something_are_named() -> None:
    (only,) = fuse({"a": 0.4}, {"a": 0.0}, lambda _: 0.4)
    assert only.scores == {"lexical": 0.4}


def test_a_sure_arm_is_not_overruled_by_a_flat_one() -> None:
    lexical = {"right": 0.8, **{f"other{n}": 0.2 for n in range(20)}}
    vector = {"right": 0.30, **{f"other{n}": 0.31 for n in range(20)}}
    assert ids(lexical, vector, 0.4)[0] == "right"


def test_saying_every_word_outweighs_being_a_little_nearer() -> None:
    # On the bent scale .78 and .70 are as far apart as .30 and .22; as evidence they are not.
    assert ids({"says all": 0.78, "says most": 0.70}, {"says most": 0.25}, 0.3)[0] == "says all"
    assert ids({"says some": 0.30, "says less": 0.22}, {"says less": 0.25}, 0.3)[0] == "says less"


def test_each_passage_is_weighed_by_its_own_weight() -> None:
    weights = {"home": 0.0, "abroad": 1.0}
    fused = fuse({"home": 0.5, "abroad": 0.1}, {"home": 0.9, "abroad": 0.6}, weights.__getitem__)
    assert [each.chunk_id for each in fused] == ["abroad", "home"]
    assert [each.score for each in fused] == pytest.approx([0.6, 0.5])


@given(st.floats(0, 0.999))
def test_a_score_is_its_evidence_written_otherwise(score: float) -> None:
    assert to_score(evidence(score)) == pytest.approx(score, abs=1e-9)


def test_words_of_another_language_leave_most_of_the_score_to_the_vectors() -> None:
    assert weigh_vector(trust=1.0, words=1.0) < 0.4
    assert weigh_vector(trust=0.5, words=FOREIGN_WORDS) > 0.9


def test_an_embedder_that_is_not_trusted_leaves_the_order_to_the_words() -> None:
    assert weigh_vector(trust=0.0, words=FOREIGN_WORDS) == 0.0
    assert weigh_vector(trust=0.05, words=1.0) < 0.05
