"""Serve any sentence-transformers model, from the local model cache or a folder."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from retrieval.embedding.backends import Backend, set_precision
from retrieval.errors import EmbedderUnavailable
from retrieval.ports import Vectors

_BATCH = 32


class HubEmbedder:
    """An embedder of the user's choice; implements the port ``Embedder``.

    Nothing is downloaded unless allowed, and code that comes with a model is never run.
    """

    def __init__(
        self,
        model_name_or_path: str,
        backend: Backend = Backend.TORCH,
        *,
        query_prompt: str | None = None,
        document_prompt: str | None = None,
        device: str | None = None,
        allow_download: bool = False,
    ) -> None:
        """Loads the model (and torch with it).

        Args:
            model_name_or_path: Name on the model hub, or a folder.
            backend: ``TORCH``, or torch in 16 bits.
            query_prompt: Put in front of every question, such as ``"query: "`` for E5. ``None``
                for what the model itself brings for questions, which may be nothing.
            document_prompt: The same for every document, such as ``"passage: "`` for E5.
            device: ``"cpu"``, ``"cuda"`` and so on; chosen by sentence-transformers when None.
            allow_download: Whether a model that is not on this machine may be fetched.

        Raises:
            EmbedderUnavailable: The model cannot be loaded.
        """
        model = load_torch(model_name_or_path, device, allow_download=allow_download)
        self._model = set_precision(model, backend)
        prompts = choose_prompts(self._model.prompts, query_prompt, document_prompt)
        self._query_prompt, self._document_prompt = prompts
        self._dimension = int(self._model.encode([""], show_progress_bar=False).shape[1])
        # 32 bits go without saying, as they did when there was nothing else.
        precision = () if backend is Backend.TORCH else (str(backend),)
        weights = _hash_model(self._model, *prompts, *precision)
        name = model_name_or_path.rstrip("/").rpartition("/")[2]
        self._fingerprint = f"hub-1-{name}-{weights}"

    @property
    def fingerprint(self) -> str:
        """Name and hash of weights, prompts, maximal length and precision."""
        return self._fingerprint

    @property
    def dimension(self) -> int:
        """Length of one vector."""
        return self._dimension

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Returns an (n, dimension) array of L2-normalised rows, in the order given.

        Text beyond the model's own maximal length does not count.
        """
        return self._encode(texts, self._document_prompt)

    def embed_query(self, text: str) -> Vectors:
        """Returns one L2-normalised (dimension,) vector."""
        row: Vectors = self._encode([text], self._query_prompt)[0]
        return row

    def _encode(self, texts: Sequence[str], prompt: str) -> Vectors:
        if not texts:
            return np.zeros((0, self._dimension), dtype=np.float32)
        rows = self._model.encode(
            [make_readable(text) for text in texts],
            prompt=prompt,  # an empty prompt also switches the model's own default prompt off
            batch_size=_BATCH,
            show_progress_bar=False,
            convert_to_numpy=True,
        )
        return normalise(np.array(rows, dtype=np.float32), texts)


def load_torch(name: str, device: str | None, *, allow_download: bool) -> Any:  # noqa: ANN401 - untyped library
    """Returns a model of sentence-transformers.

    Raises:
        EmbedderUnavailable: It is not there, or cannot be loaded.
    """
    try:
        # Imported here because it brings torch, which only users of hub models should pay for.
        from sentence_transformers import SentenceTransformer

        return SentenceTransformer(
            name, device=device, trust_remote_code=False, local_files_only=not allow_download
        )
    except (ImportError, OSError, ValueError, LookupError, RuntimeError) as error:
        reason = (
            f"{type(error).__name__}: {error}。"
            "モデル名を確かめるか、ダウンロードを許可してください / "
            "check the name, or allow the download"
        )
        raise EmbedderUnavailable(model=name, reason=reason) from error


def choose_prompts(
    brought: Mapping[str, str], query: str | None, document: str | None
) -> tuple[str, str]:
    """Returns what goes before a question and before a document.

    Args:
        brought: The model's own prompts, by name.
        query: Another one than the model's own, which may be nothing; ``None`` for its own.
        document: The same for documents.
    """
    own = brought.get("document") or brought.get("passage") or ""
    return (
        (brought.get("query") or "") if query is None else query,
        own if document is None else document,
    )


def make_readable(text: str) -> str:
    """Returns a text that tokenizers take: lone surrogates become question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")


def normalise(rows: Vectors, texts: Sequence[str]) -> Vectors:
    """Returns the rows with length 1, and zero where the text has neither letter nor digit.

    A transformer has a vector even for nothing; it would be as near to one question as to another.
    Where 16 bits overflowed it has none, and one row that is no number would spoil every search.
    """
    rows[[not any(map(str.isalnum, text)) for text in texts]] = 0
    rows[~np.isfinite(rows).all(axis=1)] = 0
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    np.divide(rows, norms, out=rows, where=norms > 0)
    return rows


def _hash_model(model: Any, *settings: str) -> str:  # noqa: ANN401 - untyped library
    digest = hashlib.sha256(repr((settings, model.max_seq_length)).encode())
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(f"{name}{tuple(tensor.shape)}".encode())
        digest.update(tensor.detach().cpu().float().contiguous().numpy().tobytes())
    return digest.hexdigest()[:16]
