"""Find passages that a model takes for the answer although another one is."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from retrieval.adapting.pairing import Material
from retrieval.adapting.tokens import Places, TokenRows
from retrieval.ports import Vectors

NEGATIVES = 2
"""Wrong passages that each query is shown beside those of its batch."""

_CANDIDATES = 5_000  # passages of one department that are looked at
_NEAREST = 10  # those nearest to a query, of which the wrong ones are drawn
_AT_ONCE = 256
_NEVER = -9.0

Pause = Callable[[], None]


def embed(rows: TokenRows, vectors: Vectors) -> Vectors:
    """Returns the L2-normalised sum of token vectors of each text, zero for an empty one."""
    out = np.zeros((len(rows.lengths), vectors.shape[1]), dtype=np.float32)
    for place, (start, length) in enumerate(zip(rows.starts, rows.lengths, strict=True)):
        out[place] = vectors[rows.ids[start : start + length]].sum(axis=0)
    norms = np.linalg.norm(out, axis=1, keepdims=True)
    np.divide(out, norms, out=out, where=norms > 0)
    return out


def mine(material: Material, vectors: Vectors, pause: Pause, seed: int) -> NDArray[np.int64]:
    """Returns hard negatives: for each query, rows of wrong passages near it, -1 for none.

    They come from the right passage's department, so that what is learned is to tell apart what
    one department writes. What is nearer to the query than its right passage is left out: it may
    well be another answer. So are copies of the right passage.

    Args:
        material: What is learned from.
        vectors: One row a token.
        pause: Called now and then; raises what ends the run.
        seed: Of what is drawn.
    """
    chance = np.random.default_rng(seed)
    queries, passages = embed(material.queries, vectors), embed(material.passages, vectors)
    found = np.full((len(material.rights), NEGATIVES), -1, dtype=np.int64)
    usable = material.usable
    asked_in = material.departments[material.rights[usable]]
    filled = material.passages.lengths > 0
    for department in np.unique(asked_in):
        here = np.flatnonzero((material.departments == department) & filled)
        if len(here) > _CANDIDATES:
            here = np.sort(chance.choice(here, _CANDIDATES, replace=False))
        asking = usable[asked_in == department]
        for start in range(0, len(asking), _AT_ONCE):
            pause()
            some = asking[start : start + _AT_ONCE]
            rights = material.rights[some]
            scores = queries[some] @ passages[here].T
            near = np.sum(queries[some] * passages[rights], axis=1, keepdims=True)
            copies = material.texts[here][None, :] == material.texts[rights][:, None]
            scores[copies | (scores >= near)] = _NEVER
            found[some] = _draw(scores, here, chance)
    return found


def _draw(scores: Vectors, here: Places, chance: np.random.Generator) -> NDArray[np.int64]:
    """Returns `NEGATIVES` of the nearest rows of each query, by chance."""
    count = min(_NEAREST, scores.shape[1])
    nearest = np.argpartition(-scores, count - 1, axis=1)[:, :count]
    drawn = chance.integers(0, count, (len(scores), NEGATIVES))
    columns = np.take_along_axis(nearest, drawn, axis=1)
    usable = np.take_along_axis(scores, columns, axis=1) > _NEVER
    return np.where(usable, here[columns], -1)
