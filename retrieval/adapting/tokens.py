"""Texts as token ids, end to end in one array, so that a hundred thousand of them stay small."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

Ids = NDArray[np.int32]
Places = NDArray[np.int64]

_TOKENIZED_AT_ONCE = 1_024


@dataclass(frozen=True, slots=True)
class TokenRows:
    """Token ids of many texts.

    Attributes:
        ids: Of all texts, one text behind the other.
        starts: Where each text begins.
        lengths: Tokens of each text.
    """

    ids: Ids
    starts: Places
    lengths: Places

    @classmethod
    def of(
        cls, tokenizer: Tokenizer, texts: Iterable[str], longest: int | None = None
    ) -> "TokenRows":
        """Tokenizes the texts.

        Args:
            tokenizer: Of the model.
            texts: Read once, a thousand at a time.
            longest: Tokens of one text that are kept; all by default.
        """
        parts = [
            np.asarray(encoding.ids[:longest], dtype=np.int32)
            for some in _cut(texts)
            for encoding in tokenizer.encode_batch_fast(some, add_special_tokens=False)
        ]
        lengths = np.asarray([len(part) for part in parts], dtype=np.int64)
        starts = np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(np.int64)
        return cls(np.concatenate([np.empty(0, np.int32), *parts]), starts, lengths)

    def gather(
        self, rows: Places, keep: float, chance: np.random.Generator
    ) -> tuple[Places, Places]:
        """Returns (ids, offsets) of some rows for an ``EmbeddingBag``, each token kept at `keep`.

        The first token of a row is always kept. Rows without any token are not to be asked for.
        """
        lengths = self.lengths[rows]
        offsets = np.concatenate([[0], np.cumsum(lengths)[:-1]])
        within = np.arange(lengths.sum()) - np.repeat(offsets, lengths)
        ids = self.ids[np.repeat(self.starts[rows], lengths) + within].astype(np.int64)
        if keep < 1:
            kept = chance.random(len(ids)) < keep
            kept[offsets] = True
            counts = np.add.reduceat(kept.astype(np.int64), offsets)
            ids, offsets = ids[kept], np.concatenate([[0], np.cumsum(counts)[:-1]])
        return ids, offsets

    def count_texts(self, vocabulary: int) -> Places:
        """Returns for each token of the vocabulary in how many of the texts it occurs."""
        counts = np.zeros(vocabulary, dtype=np.int64)
        for start, length in zip(self.starts, self.lengths, strict=True):
            counts[np.unique(self.ids[start : start + length])] += 1
        return counts


def _cut(texts: Iterable[str]) -> Iterator[list[str]]:
    # Lone surrogates cannot reach the tokenizer.
    readable = (text.encode("utf-8", "replace").decode("utf-8") for text in texts)
    while some := list(islice(readable, _TOKENIZED_AT_ONCE)):
        yield some
