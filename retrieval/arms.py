"""One question put to both arms: what each finds, and what the other says of that."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from retrieval.fusion import VECTOR_WEIGHT, Fused, Scale, fuse
from retrieval.lexical.asking import LexicalQuestion
from retrieval.ports import Mask, Vectors
from retrieval.snapshot import View


@dataclass(frozen=True, slots=True)
class VectorQuestion:
    """One question against one state of the vectors."""

    view: View
    query: Vectors
    mask: Mask
    scale: Scale

    def best(self, count: int) -> dict[str, float]:
        """Returns the nearest chunks and their scores, best first."""
        return self._read(self.view.search(self.query, self.mask, count))

    def scores_of(self, chunk_ids: Sequence[str]) -> dict[str, float]:
        """Returns the scores of given chunks."""
        return self._read(self.view.similarities(self.query, chunk_ids).items())

    def _read(self, found: Iterable[tuple[str, float]]) -> dict[str, float]:
        return {chunk_id: self.scale.score(cosine) for chunk_id, cosine in found}


@dataclass(frozen=True, slots=True)
class Arms:
    """One question put to every arm that can take part.

    Attributes:
        degraded: The arms that could not.
        demanding: It asks for a phrase, which only words can look for.
    """

    lexical: LexicalQuestion | None
    vector: VectorQuestion | None
    degraded: tuple[str, ...]
    demanding: bool = False

    def weigh_vector(self, best_lexical: float) -> float:
        """Returns how much the vector arm counts, from 0 to 1.

        Args:
            best_lexical: The score of the passage that fits the question's words best.
        """
        if self.vector is None:
            return 0.0
        if self.lexical is None or self.lexical.is_empty:
            return 1.0
        return VECTOR_WEIGHT * (1 - best_lexical) * self.vector.scale.trust

    def candidates(self, depth: int) -> tuple[list[Fused], bool]:
        """Returns what the arms find at this depth, best first, and whether that is all."""
        hits = self.lexical.best(depth) if self.lexical else []
        lexical = {hit.chunk_id: hit.score for hit in hits}
        nearby = self.vector is not None and not (self.demanding and self.lexical)
        vector = self.vector.best(depth) if self.vector and nearby else {}
        everything = len(lexical) < depth and len(vector) < depth
        # What one arm found is scored by the other too: absent is not the same as unrelated.
        if self.lexical:
            lexical |= self.lexical.scores_of([name for name in vector if name not in lexical])
        if self.vector:
            vector |= self.vector.scores_of([name for name in lexical if name not in vector])
        weight = self.weigh_vector(max(lexical.values(), default=0.0))
        return fuse(lexical, vector, weight), everything
