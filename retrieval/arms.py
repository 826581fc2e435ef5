"""One question put to both arms: what each finds, and what the other says of that."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from retrieval.fusion import FOREIGN_WORDS, Fused, fuse, weigh_vector
from retrieval.lexical.asking import LexicalQuestion
from retrieval.ports import Mask, Vectors
from retrieval.rereading import Wanted
from retrieval.scaling import Scale, Scales, asked_in, is_foreign, language_of, names_in
from retrieval.snapshot import View


@dataclass(frozen=True, slots=True)
class Tongue:
    """The language a question is asked in, and how to read what is found in each.

    Attributes:
        language: "ja" or "en"; "" for what belongs to none, which no passage is foreign to.
        own: The scale of the question's own language.
        scales: Those of the pairs of languages.
    """

    language: str
    own: Scale
    scales: Scales

    @classmethod
    def of(cls, question: str, scales: Scales) -> "Tongue":
        """Returns the tongue of a question."""
        own = language_of(question)
        return cls(asked_in(question), scales[own, own], scales)

    def scale(self, language: str) -> Scale:
        """Returns how to read the cosines of passages in a language."""
        return self.scales.get((self.language, language), self.own)


@dataclass(frozen=True, slots=True)
class VectorQuestion:
    """One question against one state of the vectors."""

    view: View
    query: Vectors
    mask: Mask
    tongue: Tongue

    def best(self, count: int) -> dict[str, float]:
        """Returns the nearest chunks and their scores, best first."""
        read = self._read(self.view.search(self.query, self.mask, count))
        return dict(sorted(read.items(), key=lambda each: -each[1]))

    def scores_of(self, chunk_ids: Sequence[str]) -> dict[str, float]:
        """Returns the scores of given chunks."""
        return self._read(self.view.similarities(self.query, chunk_ids).items())

    def _read(self, found: Iterable[tuple[str, float]]) -> dict[str, float]:
        language, scale = self.view.language, self.tongue.scale
        return {name: scale(language(name)).score(cosine) for name, cosine in found}


@dataclass(frozen=True, slots=True)
class Arms:
    """One question put to every arm that can take part.

    Attributes:
        question: As it is searched for.
        degraded: The arms that could not.
        demanding: It asks for a phrase, which only words can look for.
    """

    question: str
    lexical: LexicalQuestion | None
    vector: VectorQuestion | None
    degraded: tuple[str, ...]
    demanding: bool = False

    def weigh_vector(self, language: str) -> float:
        """Returns how much the vector arm counts for passages in a language, from 0 to 1."""
        if self.vector is None:
            return 0.0
        if self.lexical is None or self.lexical.is_empty:
            return 1.0
        tongue, words = self.vector.tongue, 1.0
        if is_foreign(tongue.language, language):
            shared = self.lexical.share_of(names_in(self.question))
            words = shared + (1 - shared) * FOREIGN_WORDS
        return weigh_vector(tongue.scale(language).trust, words)

    def wanted(self) -> Wanted:
        """Returns what to look for in the texts of what was found."""
        if self.lexical is None:
            return Wanted()
        asked, language = self.lexical, asked_in(self.question)
        return Wanted.of(
            asked.written,
            asked.weights,
            asked.concepts,
            language,
            cache(lambda found: 1 - self.weigh_vector(found)),
        )

    def candidates(self, depth: int) -> tuple[list[Fused], bool]:
        """Returns what the arms find at this depth, best first, and whether that is all."""
        nearby = self.vector is not None and not (self.demanding and self.lexical)
        vector = self.vector.best(depth) if self.vector and nearby else {}
        everything, lexical = len(vector) < depth, dict[str, float]()
        # What one arm found is scored by the other too: absent is not the same as unrelated.
        if self.lexical:
            lexical, every_word = self.lexical.best_with(depth, list(vector))
            everything = everything and every_word
        if self.vector:
            vector |= self.vector.scores_of([name for name in lexical if name not in vector])
        return fuse(lexical, vector, self._weights([*lexical, *vector]).__getitem__), everything

    def _weights(self, chunk_ids: Iterable[str]) -> Mapping[str, float]:
        if self.vector is None:
            return dict.fromkeys(chunk_ids, 0.0)
        languages = {name: self.vector.view.language(name) for name in chunk_ids}
        weights = {each: self.weigh_vector(each) for each in set(languages.values())}
        return {name: weights[language] for name, language in languages.items()}
