"""What an embedder is believed, for each pair of languages."""

import csv
import json
import re
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from retrieval.fusion import FOREIGN_WORDS, weigh_vector
from retrieval.lexical.glossary import PACKAGED
from retrieval.lexical.tokenizing import terms
from retrieval.ports import Vectors
from retrieval.probes import PROBES
from retrieval.scaling import (
    Scale,
    asked_in,
    is_foreign,
    language_of,
    measure_scales,
    names_in,
)
from tests.fakes.embedder import HashEmbedder

PROJECT = Path(__file__).resolve().parents[2]


class BlindEmbedder(HashEmbedder):
    """Gives every text nearly the same vector, as a model does with a language it never saw."""

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        rows = super().embed_documents([sha256(text.encode()).hexdigest() for text in texts]) * 0.1
        rows[:, 0] += 1
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


class KnowingEmbedder(BlindEmbedder):
    """Knows what the probes of some languages are about, and nothing of others.

    ``together``: whether the same topic of two languages is one direction to it.
    """

    def __init__(self, languages: str, *, together: bool = False) -> None:
        super().__init__(dimension=64)
        self._topics: dict[str, int] = {}
        for number, language in enumerate(languages.split()):
            for place, probe in enumerate(PROBES[language]):
                topic = 1 + place + (0 if together else number * len(PROBES[language]))
                self._topics |= {probe.question: topic, probe.passage: topic}

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        rows = super().embed_documents(texts)
        for row, text in zip(rows, texts, strict=True):
            if text in self._topics:
                row[:] = 0
                row[self._topics[text]] = 1
        return rows


def test_an_embedder_that_cannot_tell_texts_apart_is_not_trusted() -> None:
    assert all(scale.trust < 0.2 for scale in measure_scales(BlindEmbedder()).values())


def test_an_embedder_is_trusted_in_the_language_it_knows() -> None:
    scales = measure_scales(KnowingEmbedder("ja"))
    trusted = {pair for pair, scale in scales.items() if scale.trust > 0.9}
    assert trusted == {("ja", "ja")}
    assert all(scale.trust < 0.2 for pair, scale in scales.items() if pair != ("ja", "ja"))


def test_knowing_two_languages_is_not_knowing_which_words_mean_the_same() -> None:
    apart = measure_scales(KnowingEmbedder("ja en"))
    together = measure_scales(KnowingEmbedder("ja en", together=True))
    assert apart["ja", "ja"].trust == apart["en", "en"].trust == 1.0
    assert apart["en", "ja"].trust < 0.2
    assert together["en", "ja"].trust == together["ja", "en"].trust == 1.0


def test_only_within_a_language_is_a_blind_embedder_left_a_say() -> None:
    scales = measure_scales(BlindEmbedder())
    assert all(scales[name, name].trust > 0 for name in PROBES)
    blind = measure_scales(KnowingEmbedder("ja"))
    assert weigh_vector(blind["ja", "en"].trust, FOREIGN_WORDS) == 0.0


def test_a_match_across_languages_is_held_to_one_within() -> None:
    scales = measure_scales(KnowingEmbedder("ja en"))
    assert scales["en", "ja"].top == scales["ja", "ja"].top


def test_a_scale_keeps_the_order_above_its_floor() -> None:
    scale = Scale(floor=0.2, top=0.6, trust=1.0)
    read = [scale.score(cosine) for cosine in (-1.0, 0.2, 0.3, 0.6, 1.0)]
    assert read[0] == read[1] == 0.0
    assert read == sorted(read)
    assert read[3] == pytest.approx(0.632, abs=0.001)


def test_the_probes_are_about_what_neither_the_glossary_nor_the_golden_questions_teach() -> None:
    """What ties a probe's question to its passage is no entry of the glossary, in either one."""
    with PACKAGED.open(encoding="utf-8-sig", newline="") as lines:
        entries = {
            tuple(terms(way))
            for row in csv.DictReader(lines)
            for name in ("japanese", "english")
            for way in row[name].split("|")
        }
    golden = (PROJECT / "data/evaluation/questions.jsonl").read_text(encoding="utf-8")
    asked = {json.loads(line)["question"] for line in golden.splitlines()}
    for probes in PROBES.values():
        assert not asked & {each.question for each in probes}
        for each in probes:
            tied = set(terms(each.question)) & set(terms(each.passage))
            assert not [word for word in tied if (word,) in entries], each


def test_the_probes_of_one_place_are_the_same_topic_in_both_languages() -> None:
    assert len(PROBES["ja"]) == len(PROBES["en"]) >= 16
    assert all(language_of(each.passage) == name for name in PROBES for each in PROBES[name])


@pytest.mark.parametrize(
    ("text", "language"),
    [("休暇", "ja"), ("VPNとは", "ja"), ("ｶﾀｶﾅ", "ja"), ("leave policy", "en"), ("", "en")],
)
def test_the_language_of_a_text_is_told_by_its_letters(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("有休は何日", "ja"),
        ("KS-4410-Bの公差", "ja"),
        ("expense report", "en"),
        ("What is the VPN?", "en"),
        ("KS-4410-B", ""),
        ("VPN", ""),
        ("2024", ""),
        ("Slack", ""),
    ],
)
def test_a_code_or_a_name_alone_is_asked_in_no_language(question: str, language: str) -> None:
    assert asked_in(question) == language


def test_no_passage_is_foreign_to_a_question_or_passage_of_unknown_language() -> None:
    assert is_foreign("en", "ja")
    assert not is_foreign("en", "en")
    assert not is_foreign("", "ja")
    assert not is_foreign("en", "")


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("What is the runout of the KS-4410-B shaft?", ["KS-4410-B"]),
        ("What do I do when my VPN shows E-691?", ["VPN", "E-691"]),
        ("Slackの通知をoffにするには", ["Slack", "off"]),
        ("How long is the trial period in Japan?", []),
    ],
)
def test_codes_are_words_of_every_language(question: str, names: list[str]) -> None:
    assert re.findall(r"\S+", names_in(question)) == names
