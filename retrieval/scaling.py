"""How an embedder's cosines are to be read, measured for each pair of languages."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from retrieval.ports import Embedder, Vectors
from retrieval.probes import PROBES, Probe

# Mean reciprocal rank among the probes: what luck may reach (0.19 on average), and what a model
# reaches that knows both languages.
_BY_CHANCE, _CLEARLY = 0.3, 0.8

# Within a language: enough to put in order what the words leave equal.
_LEAST_TRUST = 0.05

_HIGHEST_FLOOR, _SMALLEST_SPAN = 0.9, 0.1

_JAPANESE = re.compile("[\u3041-\u9fff\uff66-\uff9f]")  # kana, kanji, half-width kana
_ENGLISH = re.compile(r"(?<![A-Za-z0-9_.@#/-])[a-z]{3,}")
_LATIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.#/-]*")
_CODE = re.compile(r"(?<![A-Za-z0-9])[A-Z0-9][A-Z0-9_.#/-]+(?![a-z])")


@dataclass(frozen=True, slots=True)
class Scale:
    """How cosines of questions in one language and passages in one are to be read.

    Attributes:
        floor: What unrelated texts get.
        top: What a question and its answer get.
        trust: From 0, the embedder cannot tell them apart, to 1, it does so clearly.
    """

    floor: float
    top: float
    trust: float

    def score(self, cosine: float) -> float:
        """Maps a cosine similarity to 0..1, keeping the order above the floor."""
        share = max(0.0, cosine - self.floor) / max(self.top - self.floor, 1e-6)
        return 1 - math.exp(-share)


Scales = Mapping[tuple[str, str], Scale]
"""By the language of the question and that of the passage."""


def language_of(text: str) -> str:
    """Returns "ja" for a text with kana or kanji, else "en"."""
    return "ja" if _JAPANESE.search(text) else "en"


def asked_in(question: str) -> str:
    """Returns "ja" or "en"; "" for what belongs to no language, such as a lonely code or name."""
    if _JAPANESE.search(question):
        return "ja"
    return "en" if _ENGLISH.search(question) else ""


def is_foreign(asked: str, language: str) -> bool:
    """Returns whether a passage is in another language than it is asked for; unknown is not."""
    return bool(asked and language) and asked != language


def names_in(question: str) -> str:
    """Returns the words of a question that every language writes alike: codes, and Latin in kanji.

    A word of an English sentence is one of them where it has digits or is all capitals.
    """
    kind = _LATIN if _JAPANESE.search(question) else _CODE
    return " ".join(kind.findall(question))


def measure_scales(embedder: Embedder) -> Scales:
    """Returns the scale of each pair of languages, measured on a few questions and answers.

    An embedder that does not know a language puts all its texts close together or at random. Its
    matching and other pairs then look alike, and its trust there is small. One that knows two
    languages need not have them side by side: that is another pair, with a trust of its own.

    Raises:
        EmbedderUnavailable: The model cannot be used.
    """
    languages = tuple(PROBES)
    asked = {name: _embed_questions(embedder, PROBES[name]) for name in languages}
    said = {
        name: embedder.embed_documents([each.passage for each in PROBES[name]])
        for name in languages
    }
    within = {name: _measure(asked[name], said[name]) for name in languages}
    scales = {
        (name, name): replace(scale, trust=max(_LEAST_TRUST, scale.trust))
        for name, scale in within.items()
    }
    for one in languages:
        for other in languages:
            if one != other:
                across = _measure(asked[one], said[other])
                # Where few probes meet, how near they come says little: a match across languages
                # is held to what a match within the passage's language is.
                top = max(within[other].top, across.floor + _SMALLEST_SPAN)
                scales[one, other] = Scale(across.floor, top, across.trust)
    return scales


def _embed_questions(embedder: Embedder, probes: tuple[Probe, ...]) -> Vectors:
    return np.stack([embedder.embed_query(each.question) for each in probes])


def _measure(questions: Vectors, passages: Vectors) -> Scale:
    cosines: Any = questions @ passages.T
    matching = np.diagonal(cosines)
    others = cosines[~np.eye(len(cosines), dtype=bool)]
    floor = min(float(others.mean() + others.std()), _HIGHEST_FLOOR)
    top = max(float(np.quantile(matching, 0.9)), floor + _SMALLEST_SPAN)
    # Mean reciprocal rank of the own passage; equal ones count as ahead of it.
    ranks = np.maximum(1, (cosines >= matching[:, None]).sum(axis=1))
    found = float((1 / ranks).mean())
    trust = (found - _BY_CHANCE) / (_CLEARLY - _BY_CHANCE)
    return Scale(floor, top, min(1.0, max(0.0, trust)))
