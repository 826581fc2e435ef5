"""Serve any sentence-transformers model, from the local model cache or a folder."""

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np

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
        *,
        query_prompt: str | None = None,
        document_prompt: str | None = None,
        device: str | None = None,
        allow_download: bool = False,
    ) -> None:
        """Loads the model (and torch with it).

        Args:
            model_name_or_path: Name on the model hub, or a folder.
            query_prompt: Put in front of every question, such as ``"query: "`` for E5. ``None``
                for what the model itself brings for questions, which may be nothing.
            document_prompt: The same for every document, such as ``"passage: "`` for E5.
            device: ``"cpu"``, ``"cuda"`` and so on; chosen by sentence-transformers when None.
            allow_download: Whether a model that is not on this machine may be fetched.

        Raises:
            EmbedderUnavailable: The model cannot be loaded.
        """
        self._model = _load(model_name_or_path, device, allow_download=allow_download)
        brought = self._model.prompts
        self._query_prompt = brought.get("query") or "" if query_prompt is None else query_prompt
        if document_prompt is None:
            document_prompt = brought.get("document") or brought.get("passage") or ""
        self._document_prompt = document_prompt
        self._dimension = int(self._model.encode([""], show_progress_bar=False).shape[1])
        weights = _hash_model(self._model, self._query_prompt, self._document_prompt)
        name = model_name_or_path.rstrip("/").rpartition("/")[2]
        self._fingerprint = f"hub-1-{name}-{weights}"

    @property
    def fingerprint(self) -> str:
        """Name and hash of weights, prompts and maximal length."""
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
        readable = [text.encode("utf-8", "replace").decode("utf-8") for text in texts]
        rows = self._model.encode(
            readable,
            prompt=prompt,  # an empty prompt also switches the model's own default prompt off
            batch_size=_BATCH,
            show_progress_bar=False,
            convert_to_numpy=True,
        )
        vectors: Vectors = np.array(rows, dtype=np.float32)
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        np.divide(vectors, norms, out=vectors, where=norms > 0)
        return vectors


def _load(name: str, device: str | None, *, allow_download: bool) -> Any:  # noqa: ANN401 - untyped library
    try:
        # Imported here because it brings torch, which only users of hub models should pay for.
        from sentence_transformers import SentenceTransformer

        model = SentenceTransformer(
            name, device=device, trust_remote_code=False, local_files_only=not allow_download
        )
    except (ImportError, OSError, ValueError, LookupError, RuntimeError) as error:
        reason = (
            f"{type(error).__name__}: {error}。"
            "モデル名を確かめるか、ダウンロードを許可してください / "
            "check the name, or allow the download"
        )
        raise EmbedderUnavailable(model=name, reason=reason) from error
    # Half precision is slower and coarser on a CPU; accelerators keep what the model came with.
    return model.float() if model.device.type == "cpu" else model


def _hash_model(model: Any, *settings: str) -> str:  # noqa: ANN401 - untyped library
    digest = hashlib.sha256(repr((settings, model.max_seq_length)).encode())
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(f"{name}{tuple(tensor.shape)}".encode())
        digest.update(tensor.detach().cpu().float().contiguous().numpy().tobytes())
    return digest.hexdigest()[:16]
