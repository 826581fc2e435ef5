"""The yardstick: plain BM25 over title and text, nothing weighted, nothing expanded."""

from collections import Counter

import numpy as np
from scipy.sparse import csr_matrix

from retrieval.adapting.judging import DEPTH
from retrieval.lexical.tokenizing import terms

K1, B = 1.2, 0.75


class Baseline:
    """BM25 (Robertson and Zaragoza 2009) over Sudachi A terms and English stems, exactly."""

    def __init__(self, texts: dict[str, str]) -> None:
        """Counts the terms of every text, by key."""
        self._keys = list(texts)
        self._terms: dict[str, int] = {}
        rows, columns, counts, lengths = [], [], [], []
        for row, text in enumerate(texts.values()):
            found = Counter(terms(text))
            lengths.append(sum(found.values()))
            for term, count in found.items():
                rows.append(row)
                columns.append(self._terms.setdefault(term, len(self._terms)))
                counts.append(count)
        length = np.asarray(lengths, dtype=np.float64)
        shape = (len(texts), len(self._terms))
        known = np.bincount(columns, minlength=shape[1])
        idf = np.log1p((shape[0] - known + 0.5) / (known + 0.5))
        often = np.asarray(counts, dtype=np.float64)
        room = K1 * (1 - B + B * length[rows] / length.mean())
        weights = idf[columns] * often * (K1 + 1) / (often + room)
        self._weights = csr_matrix((weights, (rows, columns)), shape=shape).tocsc()

    def rank(self, question: str) -> list[str]:
        """Returns the keys of the best texts, best first."""
        found = Counter(terms(question))
        columns = [self._terms[term] for term in found if term in self._terms]
        if not columns:
            return []
        counts = np.asarray([found[term] for term in found if term in self._terms])
        scores = np.asarray(self._weights[:, columns] @ counts)
        near = np.argsort(-scores, kind="stable")[:DEPTH]
        return [self._keys[place] for place in near if scores[place] > 0]
