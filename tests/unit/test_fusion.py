"""How two arms become one order."""

from collections.abc import Sequence
from hashlib import sha256

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.fusion import Scale, fuse, language_of, measure_scales
from retrieval.ports import Vectors
from tests.fakes.embedder import HashEmbedder

scores = st.dictionaries(st.sampled_from("abcdefgh"), st.floats(0, 1), max_size=8)


class BlindEmbedder(HashEmbedder):
    """Gives every text nearly the same vector, as a model does with a language it never saw."""

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        rows = super().embed_documents([sha256(text.encode()).hexdigest() for text in texts]) * 0.1
        rows[:, 0] += 1
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


class JapaneseEmbedder(BlindEmbedder):
    """Knows which Japanese texts belong together, and nothing of English."""

    topics = (
        *("休暇", "出張|泊まる", "パスワード|暗証", "火", "支払"),
        *("勤務", "製品|修理", "会議|打ち合わせ", "診", "個人|氏名"),
    )

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        rows = super().embed_documents(texts)
        for row, text in zip(rows, texts, strict=True):
            for place, topic in enumerate(self.topics):
                if any(word in text for word in topic.split("|")):
                    row[:] = 0
                    row[place + 1] = 1
        return rows


@given(scores, scores, st.floats(0, 1))
def test_every_chunk_of_either_arm_comes_once_with_a_score_between_0_and_1(
    lexical: dict[str, float], vector: dict[str, float], weight: float
) -> None:
    fused = fuse(lexical, vector, weight)
    assert sorted(each.chunk_id for each in fused) == sorted({**lexical, **vector})
    assert all(0 <= each.score <= 1 for each in fused)
    assert [each.score for each in fused] == sorted((e.score for e in fused), reverse=True)


def test_weight_0_and_1_give_the_order_of_one_arm() -> None:
    lexical, vector = {"a": 0.9, "b": 0.5}, {"a": 0.1, "b": 0.8}
    assert [each.chunk_id for each in fuse(lexical, vector, 0.0)] == ["a", "b"]
    assert [each.chunk_id for each in fuse(lexical, vector, 1.0)] == ["b", "a"]


def test_equal_scores_come_in_the_order_of_their_ids_whichever_arm_found_them_first() -> None:
    assert [e.chunk_id for e in fuse({"b": 0.5, "a": 0.5}, {}, 0.0)] == ["a", "b"]
    assert [e.chunk_id for e in fuse({"a": 0.5, "b": 0.5}, {}, 0.0)] == ["a", "b"]


def test_only_arms_that_gave_something_are_named() -> None:
    (only,) = fuse({"a": 0.4}, {"a": 0.0}, 0.4)
    assert only.scores == {"lexical": 0.4}


def test_a_sure_arm_is_not_overruled_by_a_flat_one() -> None:
    lexical = {"right": 0.8, **{f"other{n}": 0.2 for n in range(20)}}
    vector = {"right": 0.30, **{f"other{n}": 0.31 for n in range(20)}}
    assert fuse(lexical, vector, 0.4)[0].chunk_id == "right"


def test_an_embedder_that_cannot_tell_texts_apart_is_not_trusted() -> None:
    assert all(scale.trust < 0.2 for scale in measure_scales(BlindEmbedder()).values())


def test_an_embedder_that_brings_questions_to_their_answers_is_trusted() -> None:
    scales = measure_scales(JapaneseEmbedder())
    assert scales["ja"].trust > 0.9
    assert scales["en"].trust < 0.2


def test_a_scale_keeps_the_order_above_its_floor() -> None:
    scale = Scale(floor=0.2, top=0.6, trust=1.0)
    read = [scale.score(cosine) for cosine in (-1.0, 0.2, 0.3, 0.6, 1.0)]
    assert read[0] == read[1] == 0.0
    assert read == sorted(read)
    assert read[3] == pytest.approx(0.632, abs=0.001)


@pytest.mark.parametrize(
    ("text", "language"),
    [("休暇", "ja"), ("VPNとは", "ja"), ("ｶﾀｶﾅ", "ja"), ("leave policy", "en"), ("", "en")],
)
def test_the_language_of_a_question_is_told_by_its_letters(text: str, language: str) -> None:
    assert language_of(text) == language
