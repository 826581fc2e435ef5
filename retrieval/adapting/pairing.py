"""What a corpus teaches by itself: which text stands below which heading, beside which other."""

import re
import unicodedata
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from retrieval.adapting.tokens import Places, TokenRows
from retrieval.catalog.records import IndexRow
from retrieval.scaling import language_of

LONGEST_QUERY, LONGEST_PASSAGE = 64, 256
"""Tokens that are read of a query and of a passage."""

_BESIDE = 200  # characters of a passage that stand for it when it asks for the next one
_SHORTEST, _LONGEST = 12, 200  # characters of a sentence that may ask for its passage
_SENTENCE_END = re.compile(r"(?<=[。．！？!?])\s*|(?<=[.])\s+|\n+")
_SEED = 7


class Accepted(NamedTuple):
    """A question that somebody asked, and a passage they accepted as its answer."""

    question: str
    chunk_id: str


def normalise(text: str) -> str:
    """Returns a text's letters and digits (NFKC, lower case), so that copies compare equal."""
    folded = unicodedata.normalize("NFKC", text).lower()
    return "".join(character for character in folded if character.isalnum())


def _number(text: str) -> int:
    """Returns a number that is equal for equal texts, in every process."""
    return zlib.crc32(text.encode("utf-8", "replace"))


def find_sentences(text: str) -> list[str]:
    """Returns the sentences and lines of a text that are neither very short nor very long."""
    pieces = (piece.strip() for piece in _SENTENCE_END.split(text))
    return [piece for piece in pieces if _SHORTEST <= len(piece) <= _LONGEST]


def is_reserved(row: IndexRow) -> bool:
    """Returns whether a section's heading is not learned from but judged by: one of eight is."""
    return bool(row.heading) and _number("\n".join((row.document_id, *row.heading))) % 8 == 0


class Evaluated:
    """The questions that models are judged by: none of them is ever learned from."""

    def __init__(self, questions: Iterable[str]) -> None:
        """Takes the questions."""
        self._texts = {normalise(question) for question in questions}

    def __contains__(self, text: str) -> bool:
        """Tells whether a text is one of them, whatever its punctuation, width and case."""
        return normalise(text) in self._texts

    def without(self, text: str) -> str:
        """Returns a text less its sentences and lines that are one of them."""
        if not self._texts:
            return text
        sentences = [each for each in _SENTENCE_END.split(text) if each and each in self]
        for sentence in sentences:
            text = text.replace(sentence, " ")
        return " " if text in self else text


@dataclass(frozen=True, slots=True)
class Material:
    """Everything to learn from, as tokens: pair ``n`` is query ``n`` and its right passage.

    Attributes:
        rights: The row of each query's right passage.
        texts: Equal numbers for passages that are copies of each other.
        documents: The document of each passage, as a number.
        departments: The same of departments.
        japanese: Whether a passage is in Japanese rather than English.
    """

    queries: TokenRows
    passages: TokenRows
    rights: Places
    texts: Places
    documents: Places
    departments: Places
    japanese: NDArray[np.bool_]

    @property
    def usable(self) -> Places:
        """The pairs of which neither side is empty."""
        filled = (self.queries.lengths > 0) & (self.passages.lengths[self.rights] > 0)
        return np.flatnonzero(filled)


@dataclass(slots=True)
class _Collection:
    """Pairs as they come, in numbers and short texts only."""

    evaluated: Evaluated
    accepted: dict[str, list[str]]
    chance: np.random.Generator = field(default_factory=lambda: np.random.default_rng(_SEED))
    queries: list[str] = field(default_factory=list)
    rights: list[int] = field(default_factory=list)
    texts: list[int] = field(default_factory=list)
    documents: list[int] = field(default_factory=list)
    departments: list[int] = field(default_factory=list)
    japanese: list[bool] = field(default_factory=list)

    def read(self, documents: Iterable[Sequence[IndexRow]]) -> Iterator[str]:
        """Gives the passages of all documents one by one, noting who asks for each."""
        for number, rows in enumerate(documents):
            before = ""
            for row in rows:
                body = self.evaluated.without(row.text)
                place = self._note(body, number, row.department)
                yield body
                for query in self._ask(row, before, first=row is rows[0]):
                    self._pair(query, place)
                yield from self._cut_out(body, number, row.department)
                before = body

    def _note(self, text: str, document: int, department: str) -> int:
        # The end of a text tells it apart also where a sentence was taken out of a copy of it.
        self.texts.append(_number(text[-120:]))
        self.documents.append(document)
        self.departments.append(_number(department))
        self.japanese.append(language_of(text) == "ja")
        return len(self.texts) - 1

    def _pair(self, query: str, place: int) -> None:
        if query not in self.evaluated:
            self.queries.append(query)
            self.rights.append(place)

    def _ask(self, row: IndexRow, before: str, *, first: bool) -> Iterator[str]:
        yield from self.accepted.get(row.chunk_id, ())
        path = [part for part in row.heading if part not in self.evaluated]
        if path and not is_reserved(row):
            above = path[-2] if len(path) > 1 else row.title
            alone = self.chance.random() < 0.5 or above in self.evaluated
            yield path[-1] if alone else f"{above} {path[-1]}"
        if first:
            yield row.title
        if before:
            yield before[:_BESIDE]

    def _cut_out(self, body: str, number: int, department: str) -> Iterator[str]:
        """Gives the passage less one of its sentences, which asks for the rest of it."""
        sentences = find_sentences(body)
        if len(sentences) < 2:
            return
        sentence = sentences[int(self.chance.integers(len(sentences)))]
        rest = body.replace(sentence, " ", 1)
        self._pair(sentence, self._note(rest, number, department))
        yield rest


def collect(
    documents: Iterable[Sequence[IndexRow]],
    tokenizer: Tokenizer,
    evaluated: Evaluated,
    accepted: Iterable[Accepted] = (),
) -> Material:
    """Pairs up a corpus: heading and text below it, title and beginning, a passage and the next.

    Also one sentence of each passage and the rest of it (inverse cloze, Lee et al. 2019).

    Args:
        documents: The chunks of each document in their order; read once.
        tokenizer: Of the model that is to learn.
        evaluated: Questions that are left out, wherever they stand.
        accepted: Questions that staff asked, with what they accepted.
    """
    asked: dict[str, list[str]] = {}
    for each in accepted:
        asked.setdefault(each.chunk_id, []).append(each.question)
    found = _Collection(evaluated, asked)
    passages = TokenRows.of(tokenizer, found.read(documents), LONGEST_PASSAGE)
    return Material(
        queries=TokenRows.of(tokenizer, found.queries, LONGEST_QUERY),
        passages=passages,
        rights=np.asarray(found.rights, dtype=np.int64),
        texts=np.asarray(found.texts, dtype=np.int64),
        documents=np.asarray(found.documents, dtype=np.int64),
        departments=np.asarray(found.departments, dtype=np.int64),
        japanese=np.asarray(found.japanese, dtype=np.bool_),
    )
