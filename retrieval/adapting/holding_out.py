"""Headings that ask for the sections below them, and were kept from learning.

Those of whole documents that were, which tells how the model does on what it never saw; and some
of the documents that were learned from, which tells how it does on what it serves.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

import numpy as np

from retrieval.adapting.judging import DEPTH, Trial, measure_gain
from retrieval.adapting.pairing import normalise
from retrieval.catalog.records import IndexRow
from retrieval.ports import Embedder, Vectors
from retrieval.scaling import language_of

UNSEEN, LEARNED = "held-out documents", "held-out headings"
"""Names of the trials: on documents that were kept from learning, and on those that were not."""

MOST_QUESTIONS = 300
MOST_PASSAGES = 5_000

_SHARE = 0.2  # of the documents, while they are few
_MOST_DOCUMENTS = 200


def choose(documents: Sequence[str]) -> frozenset[str]:
    """Returns the ids of the documents to hold out: a fifth, at most 200, always the same ones."""
    ordered = sorted(documents, key=lambda each: sha256(each.encode()).digest())
    return frozenset(ordered[: min(_MOST_DOCUMENTS, int(_SHARE * len(ordered)))])


@dataclass(slots=True)
class HeldOut:
    """Questions that a corpus asks itself, and the passages among which the answers are.

    Passages are without title and headings: these are what is asked by.
    """

    passages: list[str] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    relevant: list[frozenset[int]] = field(default_factory=list)

    @classmethod
    def of(
        cls,
        documents: Iterable[Sequence[IndexRow]],
        asks: Callable[[IndexRow], bool] = lambda _: True,
    ) -> "HeldOut":
        """Takes sections by their headings; a document of one section is asked for by its title.

        Args:
            documents: Read until there are enough passages.
            asks: Tells whether a section is asked for, from its first chunk.
        """
        made = cls()
        for rows in documents:
            if len(made.passages) >= MOST_PASSAGES:
                break
            made._add(rows, asks)
        return made

    def _add(self, rows: Sequence[IndexRow], asks: Callable[[IndexRow], bool]) -> None:
        sections: dict[tuple[str, ...], list[int]] = {}
        asked = {row.heading for row in rows if asks(row)}
        for row in rows:
            sections.setdefault(row.heading, []).append(len(self.passages))
            self.passages.append(row.text)
        for heading, places in sections.items():
            question = _ask(rows[0].title, heading, alone=len(sections) == 1)
            if heading not in asked:
                continue
            if len(normalise(question)) > 1 and len(self.questions) < MOST_QUESTIONS:
                self.questions.append(question)
                self.relevant.append(frozenset(places))

    def measure(self, embedder: Embedder) -> list[float]:
        """Returns nDCG@10 of each question, by nearness of meaning alone."""
        passages = embedder.embed_documents(self.passages)
        asked = [embedder.embed_query(question) for question in self.questions]
        return [
            measure_gain(_rank(passages @ question), relevant)
            for question, relevant in zip(asked, self.relevant, strict=True)
        ]

    def try_both(self, name: str, before: Embedder, after: Embedder) -> Trial:
        """Returns how two models do, under the trial's name."""
        languages = tuple(language_of(question) for question in self.questions)
        first, then = self.measure(before), self.measure(after)
        return Trial(name, languages, tuple(first), tuple(then))


def _ask(title: str, heading: Sequence[str], *, alone: bool) -> str:
    if heading:
        return heading[-1]
    return title if alone else ""


def _rank(scores: Vectors) -> list[int]:
    count = min(DEPTH, len(scores))
    near = np.argpartition(-scores, count - 1)[:count]
    return [int(place) for place in near[np.argsort(-scores[near], kind="stable")]]


def split(
    documents: Iterable[Sequence[IndexRow]], held: frozenset[str], into: list[Sequence[IndexRow]]
) -> Iterator[Sequence[IndexRow]]:
    """Gives the documents to learn from, putting those held out into a list."""
    for rows in documents:
        if rows[0].document_id in held:
            into.append(rows)
        else:
            yield rows
