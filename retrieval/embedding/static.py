"""Serve a static embedding model with ``tokenizers`` and numpy, without torch.

A static model holds one vector per token; a text is the mean over its tokens. Model folders are in
sentence-transformers' own format (``StaticEmbedding``), and both give the same vectors.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from retrieval.errors import EmbedderUnavailable
from retrieval.ports import Vectors

LONGEST_TEXT = 1_000_000
"""Characters of one text that are read; what follows does not change its vector any more."""

_PIECE = 20_000
"""Characters tokenized in one go, so that one huge text does not hold gigabytes of tokens.

Only a single word longer than half of this is ever cut apart, and then differs from
sentence-transformers' vector in the tokens beside the cut.
"""

_BATCH = 256
"""Texts tokenized in one go."""

_BREAKS = frozenset(" \t\r\n。、．，.,;:!?！？()（）「」|")
_REMEDY = (
    "配布物から戻すか、「python -m benchmarks.embedder.train」で作り直してください / "
    "restore it from the distribution or rebuild it with `python -m benchmarks.embedder.train`"
)


class StaticEmbedder:
    """The embedded default embedder; implements the port ``Embedder``. Safe to share by threads.

    Attributes:
        folder: Where it was read from.
    """

    def __init__(self, folder: Path) -> None:
        """Loads the model once into memory.

        Args:
            folder: A sentence-transformers model whose first module is a ``StaticEmbedding``.

        Raises:
            EmbedderUnavailable: A file is missing or damaged, or the model is not a static one.
        """
        self.folder = folder
        home = _find_static_module(folder)
        tokenizer_file, weights_file = home / "tokenizer.json", home / "model.safetensors"
        self._tokenizer = read_tokenizer(folder, tokenizer_file)
        self._vectors = _read_vectors(folder, weights_file)
        known = self._tokenizer.get_vocab_size()
        if known > len(self._vectors):
            reason = f"{known} tokens > {len(self._vectors)} vectors"
            raise _refuse(folder, f"語彙と重みが一致しません / they do not match: {reason}")
        # The leading number stands for the algorithm (pooling, length limit) beside the files.
        self._fingerprint = f"static-1-{_hash_files(tokenizer_file, weights_file)}"

    @property
    def fingerprint(self) -> str:
        """Name and hash of tokenizer and weights."""
        return self._fingerprint

    @property
    def dimension(self) -> int:
        """Length of one vector."""
        return int(self._vectors.shape[1])

    @property
    def tokenizer(self) -> Tokenizer:
        """What cuts texts into tokens."""
        return self._tokenizer

    @property
    def vectors(self) -> Vectors:
        """One row a token, of any length; not to be written to."""
        return self._vectors

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Returns an (n, dimension) array of L2-normalised rows, in the order given.

        A text without any known token gives a zero row. Of each text the first ``LONGEST_TEXT``
        characters count.
        """
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for start in range(0, len(texts), _BATCH):
            for place, total in self._sum_tokens(texts[start : start + _BATCH]):
                rows[start + place] += total
        # The mean and the sum of a text's tokens point the same way, so the length cancels out.
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        np.divide(rows, norms, out=rows, where=norms > 0)
        return rows

    def embed_query(self, text: str) -> Vectors:
        """Returns one L2-normalised (dimension,) vector."""
        row: Vectors = self.embed_documents([text])[0]
        return row

    def _sum_tokens(self, texts: Sequence[str]) -> Iterator[tuple[int, Vectors]]:
        """Yields (place in ``texts``, sum of token vectors) for every piece of every text."""
        pieces = [(place, piece) for place, text in enumerate(texts) for piece in _cut(text)]
        encodings = self._tokenizer.encode_batch_fast(
            [piece for _, piece in pieces], add_special_tokens=False
        )
        for (place, _), encoding in zip(pieces, encodings, strict=True):
            yield place, self._vectors[encoding.ids].sum(axis=0, dtype=np.float32)


def _cut(text: str) -> Iterator[str]:
    """Cuts a text into pieces of at most ``_PIECE`` characters, at a break where there is one."""
    # Lone surrogates cannot reach the tokenizer; as punctuation they carry no meaning anyway.
    text = text[:LONGEST_TEXT].encode("utf-8", "replace").decode("utf-8")
    start = 0
    while len(text) - start > _PIECE:
        end = start + _PIECE
        while end > start + _PIECE // 2 and text[end - 1] not in _BREAKS:
            end -= 1
        if text[end - 1] not in _BREAKS:
            end = start + _PIECE
        yield text[start:end]
        start = end
    yield text[start:]


def _refuse(folder: Path, reason: str, remedy: str = _REMEDY) -> EmbedderUnavailable:
    return EmbedderUnavailable(model=folder, reason=f"{reason}。{remedy}")


def _find_static_module(folder: Path) -> Path:
    """Returns the folder of the StaticEmbedding module named by ``modules.json``."""
    file = folder / "modules.json"
    try:
        modules = json.loads(file.read_text(encoding="utf-8"))
        first = (str(modules[0]["type"]), str(modules[0]["path"]))
    except OSError as error:
        raise _refuse(folder, f"{file} を読めません / cannot be read ({error.strerror})") from error
    except (ValueError, LookupError, TypeError) as error:
        raise _refuse(folder, f"{file} が壊れています / is damaged ({error})") from error
    kind, path = first
    if kind.rpartition(".")[2] != "StaticEmbedding":
        raise _refuse(folder, f"静的モデルではありません / this is not a static model ({kind})")
    return folder / path


def read_tokenizer(folder: Path, file: Path, remedy: str = _REMEDY) -> Tokenizer:
    """Returns the tokenizer in a file of a model's folder; it neither pads nor truncates.

    Raises:
        EmbedderUnavailable: The file is missing or damaged.
    """
    try:
        tokenizer = Tokenizer.from_str(file.read_text(encoding="utf-8"))
    except OSError as error:
        reason = f"{file} を読めません / cannot be read ({error.strerror})"
        raise _refuse(folder, reason, remedy) from error
    # The Rust parser raises plain Exception, nothing narrower, for a damaged file.
    except Exception as error:
        reason = f"{file} が壊れています / is damaged ({error})"
        raise _refuse(folder, reason, remedy) from error
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def _read_vectors(folder: Path, file: Path) -> Vectors:
    try:
        weights = load_file(file)["embedding.weight"]
    except OSError as error:
        raise _refuse(folder, f"{file} を読めません / cannot be read ({error})") from error
    except (SafetensorError, KeyError, ValueError) as error:
        raise _refuse(folder, f"{file} が壊れています / is damaged ({error})") from error
    vectors: Vectors = np.ascontiguousarray(weights, dtype=np.float32)
    if vectors.ndim != 2 or not np.isfinite(vectors).all():
        raise _refuse(folder, f"{file} が壊れています / is damaged (shape {vectors.shape})")
    return vectors


def _hash_files(*files: Path) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]
