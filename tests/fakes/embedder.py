"""A small true embedder: a bag of hashed character bigrams; similar texts are near each other."""

import unicodedata
import zlib
from collections.abc import Sequence

import numpy as np

from retrieval.ports import Vectors


class HashEmbedder:
    """Counts character bigrams in hashed places; deterministic, instant, and needs no files.

    Attributes:
        embedded: Texts embedded so far, so that tests can see what was not embedded again.
    """

    def __init__(self, dimension: int = 64) -> None:
        """Makes vectors of the given length."""
        self._dimension = dimension
        self.embedded: list[str] = []

    @property
    def fingerprint(self) -> str:
        """Name and dimension decide the vectors here."""
        return f"hash-bigrams-{self._dimension}"

    @property
    def dimension(self) -> int:
        """Length of one vector."""
        return self._dimension

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Returns one normalised row per text; a text without letters or digits gives zeros."""
        self.embedded.extend(texts)
        rows = np.zeros((len(texts), self._dimension), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for bigram in _list_bigrams(text):
                place = zlib.crc32(bigram.encode("utf-8", "replace"))
                # Signs keep unrelated bigrams that share a place from adding up.
                row[place % self._dimension] += 1 if place & 0x10000 else -1
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        np.divide(rows, norms, out=rows, where=norms > 0)
        return rows

    def embed_query(self, text: str) -> Vectors:
        """Returns one normalised vector."""
        row: Vectors = self.embed_documents([text])[0]
        return row


def _list_bigrams(text: str) -> list[str]:
    folded = unicodedata.normalize("NFKC", text).lower()
    letters = "".join(character for character in folded if character.isalnum())
    return [letters[place : place + 2] for place in range(len(letters))]
