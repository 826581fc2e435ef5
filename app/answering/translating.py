"""A sentence beside evidence in the other language: which of its words the evidence has.

A word is matched by the same letters, by its sound (ミラー and Miller, 田中 and Tanaka) or by the
embedder's vectors of single words (経費 and expenses). What must be matched are names; the rest
says which part of the evidence speaks of the same, and that part must not say the opposite.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from app.answering.analysing import Word, is_japanese, latin_names, words
from app.answering.polarity import count_denials, denied
from app.answering.sounding import begin_alike, sound_alike
from retrieval.errors import EmbedderUnavailable
from retrieval.lexical.tokenizing import ENGLISH_FUNCTION_WORDS, QUESTION_WORDS, read_aloud
from retrieval.ports import Embedder, Vectors

_NEAR_MEANING = 0.30
"""Cosine of two single words from which one may be the other's translation.

Of the words in katakana of true sentences about translated pages 96 % reach it or sound like a
word of the page, of those about other pages 44 %; unrelated words have 0.1 to 0.2.
"""

_AS_NEAR = 0.12
"""Parts whose nearness is this close to the best one's may as well be the one meant."""

_MEANT = 2  # parts at most, for each passage
_UNNAMED = ("not",)
_SURELY_MEANT = 0.6
"""Nearness, cosine and shared words together, from which a part is surely what is spoken of.

Below it only what no part at all denies counts as opposed.
"""

_MOST_JOINED = 3  # ワークスペース may be "work space"
_KATAKANA = re.compile(r"[ァ-ヴー]{3,}")
_KANA = re.compile(r"[ァ-ヴー]+")
_LATIN = re.compile(r"[A-Za-z][A-Za-z'’]*[A-Za-z]")
_CONTENT = frozenset({"名詞", "動詞", "形容詞", "形状詞", "副詞", "代名詞"})
_NAMED = frozenset({"人名", "地名"})
_KANJI = re.compile("[一-鿿]")
_TITLES = frozenset("氏様君部課係社専常取会支本店工営事")
_EXONYMS = frozenset({"日本", "中国", "韓国", "米国", "英国", "台湾", "欧州", "太平洋", "大西洋"})
_PRESUMED = ENGLISH_FUNCTION_WORDS | QUESTION_WORDS


@dataclass(frozen=True, slots=True)
class Crossing:
    """What is known of a sentence against evidence in the other language.

    Attributes:
        near: The parts that speak of the same, the nearest first.
        names: Names, and words in katakana, that the frames and those parts have in no form; none
            without an embedder, because they may be translated.
        opposed: What the sentence denies and those parts do not.
        meaning: Best cosine between the sentence and a part, or all; None without an embedder.
        shared: Nearness of the sentence's words to those of one of those parts, 0..1.
    """

    near: tuple[str, ...]
    names: tuple[str, ...]
    opposed: tuple[str, ...]
    meaning: float | None
    shared: float


def cross(
    text: str, frames: Sequence[str], parts: Sequence[str], embedder: Embedder | None
) -> Crossing:
    """Returns how a sentence fares against passages.

    Args:
        text: The sentence.
        frames: What stands around the text of each passage (title, headings).
        parts: The sentences and table rows of all passages.
        embedder: Tells which words mean the same; without one only letters and sounds do.
    """
    alignment = Alignment(text, [*frames, *parts], embedder)
    cosines = liken(text, parts, embedder)
    nearness = np.array([alignment.cover(len(frames) + place) for place in range(len(parts))])
    if cosines is not None:
        nearness = nearness + cosines[:-1]
    order = [int(place) for place in nearness.argsort()[::-1][: _MEANT * len(frames)]]
    named = [*range(len(frames)), *(len(frames) + place for place in order)]
    sure = bool(order) and float(nearness[order[0]]) >= _SURELY_MEANT
    close = [parts[place] for place in order if nearness[place] >= nearness[order[0]] - _AS_NEAR]
    return Crossing(
        near=tuple(parts[place] for place in order),
        names=alignment.absent_names(named) if cosines is not None else (),
        opposed=_find_denied(text, close if sure else [*frames, *parts]),
        meaning=float(cosines.max()) if cosines is not None else None,
        shared=max((alignment.cover(len(frames) + place) for place in order), default=0.0),
    )


def liken(text: str, parts: Sequence[str], embedder: Embedder | None) -> Vectors | None:
    """Returns the cosines of the sentence with each part, and with all of them last."""
    if embedder is None or not parts:
        return None
    try:
        rows = embedder.embed_documents([text, *parts, " ".join(parts)])
    except EmbedderUnavailable:
        return None
    return np.asarray(rows[1:] @ rows[0])


class Alignment:
    """The words of a sentence and those of its evidence, each with how near they are."""

    def __init__(self, text: str, evidence: Sequence[str], embedder: Embedder | None) -> None:
        """Reads and compares all words."""
        self._text = unicodedata.normalize("NFKC", text)
        self._own = list(content_words(text))
        held = [content_words(part) for part in evidence]
        self._theirs = list(dict.fromkeys(word for part in held for word in part))
        places = {word: place for place, word in enumerate(self._theirs)}
        self._parts = [[places[word] for word in part] for part in held]
        self._evidence = evidence
        self._scores = self._score(embedder)

    def _score(self, embedder: Embedder | None) -> Vectors:
        scores = _compare_meanings(self._own, self._theirs, embedder)
        folded = {word.casefold(): place for place, word in enumerate(self._theirs)}
        for row, word in enumerate(self._own):
            same = folded.get(word.casefold())
            if same is not None:
                scores[row, same] = 1.0
            elif not scores.shape[1] or scores[row].max() < _NEAR_MEANING:
                for place in self._find_alike(word):
                    scores[row, place] = 1.0
        return scores

    def cover(self, part: int) -> float:
        """Returns the mean nearness of the sentence's words to those of a part, 0..1."""
        columns = self._parts[part]
        if not columns or not self._own:
            return 0.0
        return float(self._scores[:, columns].max(axis=1).clip(0.0).mean())

    def absent_names(self, places: Sequence[int]) -> tuple[str, ...]:
        """Returns the names that some parts have in no form."""
        columns = sorted({column for place in places for column in self._parts[place]})
        if not columns:
            return ()
        best = self._scores[:, columns].max(axis=1)
        lacking = {
            word for word, score in zip(self._own, best, strict=True) if score < _NEAR_MEANING
        }
        if not is_japanese(self._text):
            return tuple(sorted(latin_names(self._text) & lacking))
        runs = {
            word.surface
            for run in _KATAKANA.findall(self._text)
            for word in words(run)
            if word.surface in lacking and len(word.surface) > 2 and not self._is_heard(run, places)
        }
        return tuple(sorted(runs | _kanji_names(self._text) & lacking))

    def _is_heard(self, run: str, places: Sequence[int]) -> bool:
        """Returns whether Latin words, or neighbours as one, sound like a run of katakana."""
        return any(
            sound_alike(run, each) for place in places for each in _join(self._evidence[place], run)
        )

    def _find_alike(self, word: str) -> list[int]:
        latin = word.isascii()
        return [
            place for place, other in enumerate(self._theirs)
            if other.isascii() != latin and sound_alike(_spell(word), _spell(other))
        ]  # fmt: skip


@lru_cache(maxsize=2048)
def content_words(text: str) -> tuple[str, ...]:
    """Returns the words of a text that mean something, as written, each once."""
    plain = unicodedata.normalize("NFKC", text)
    if is_japanese(plain):
        found = [word.surface for word in words(plain) if _means_something(word)]
        found += _KATAKANA.findall(plain)
    else:
        found = [word for word in _LATIN.findall(plain) if word.casefold() not in _PRESUMED]
    return tuple(dict.fromkeys(found))


def _means_something(word: Word) -> bool:
    if word.part not in _CONTENT or word.detail in {"数詞", "非自立可能"}:
        return False
    return any(character.isalpha() for character in word.surface)


@lru_cache(maxsize=4096)
def _spell(word: str) -> str:
    """Returns a name in kanji as it sounds, other words as they are."""
    kanji = not word.isascii() and any(each.kind in _NAMED for each in words(word))
    return read_aloud(word) if kanji and not _KANA.fullmatch(word) else word


@lru_cache(maxsize=2048)
def _kanji_names(text: str) -> frozenset[str]:
    """Returns the names of people and places in kanji that are no part of a longer word."""
    listed, found = words(text), set()
    for place, word in enumerate(listed):
        before = listed[place - 1].surface[-1:] if place else ""
        after = listed[place + 1].surface[:1] if place + 1 < len(listed) else ""
        alone = not (_KANJI.match(before) or (_KANJI.match(after) and after not in _TITLES))
        if word.kind in _NAMED and alone and _KANJI.match(word.surface):
            found.add(word.surface)
    return frozenset(found - _EXONYMS)


def _join(text: str, run: str) -> Iterator[str]:
    """Yields the words, and each two and three neighbours as one, that begin like a run."""
    listed = _LATIN.findall(text)
    for start, word in enumerate(listed):
        if begin_alike(run, word):
            for length in range(1, min(_MOST_JOINED, len(listed) - start) + 1):
                yield "".join(listed[start : start + length])


def _compare_meanings(
    own: Sequence[str], theirs: Sequence[str], embedder: Embedder | None
) -> Vectors:
    if embedder is not None and own and theirs:
        try:
            rows = embedder.embed_documents([*own, *theirs])
            return np.asarray(rows[: len(own)] @ rows[len(own) :].T)
        except EmbedderUnavailable:
            pass
    return np.zeros((len(own), len(theirs)), dtype=np.float32)


def _find_denied(text: str, evidence: Sequence[str]) -> tuple[str, ...]:
    """Returns what a sentence denies that says "not" more often than any part of its evidence."""
    own = count_denials(text)
    if not own or own <= max((count_denials(part, hinted=True) for part in evidence), default=0):
        return ()
    return denied(text) or _UNNAMED
