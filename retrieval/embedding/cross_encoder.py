"""Serve any CrossEncoder of sentence-transformers as a reranker, from the cache or a folder."""

from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any

import numpy as np

from retrieval.embedding.backends import Backend, set_precision
from retrieval.embedding.hub import make_readable
from retrieval.errors import EmbedderUnavailable, RerankerUnavailable

Pairs = list[tuple[str, str]]

_BATCH = 8
_LONGEST = 1_024  # tokens of question and passage together; passages are shorter than that


class CrossEncoderReranker:
    """Implements the port ``Reranker``; the model, and what runs it, is loaded when first used.

    Nothing is downloaded unless allowed, and code that comes with a model is never run. While one
    thread loads the model, others are turned away at once.
    """

    def __init__(
        self,
        model_name_or_path: str,
        backend: Backend = Backend.TORCH,
        *,
        device: str | None = None,
        allow_download: bool = False,
    ) -> None:
        """Keeps what to load.

        Args:
            model_name_or_path: Name on the model hub, or a folder.
            backend: What runs it.
            device: ``"cpu"``, ``"cuda"`` and so on; chosen by sentence-transformers when None.
                ONNX files run on the CPU.
            allow_download: Whether a model that is not on this machine may be fetched.
        """
        self._name, self._backend = model_name_or_path, backend
        self._device, self._allow = device, allow_download
        self._model: Callable[[Pairs], list[float]] | None = None
        self._lock = Lock()

    @property
    def name(self) -> str:
        """The model's name, or its folder."""
        return self._name

    def score(self, query: str, texts: Sequence[str]) -> list[float]:
        """Returns one score in 0..1 a text, in the order given; more is better.

        Raises:
            RerankerUnavailable: The model cannot be loaded or run, or another thread is loading it.
        """
        # Loading takes seconds: whoever comes meanwhile goes on without. Reading is waited for.
        if not self._lock.acquire(blocking=self._model is not None):
            raise RerankerUnavailable(
                model=self._name, loading=True, reason="読み込み中です / it is being loaded"
            )
        try:
            if self._model is None:
                self._model = self._load()
            question = make_readable(query)
            return self._model([(question, make_readable(text)) for text in texts])
        except EmbedderUnavailable as error:
            raise RerankerUnavailable(**error.details) from error
        finally:
            self._lock.release()

    def _load(self) -> Callable[[Pairs], list[float]]:
        if self._backend.is_onnx:
            return _load_onnx(self._name, self._backend, allow_download=self._allow)
        model = set_precision(
            load_torch(self._name, self._device, allow_download=self._allow), self._backend
        )
        from torch.nn import Sigmoid

        def score(pairs: Pairs) -> list[float]:
            scores = model.predict(
                pairs,
                batch_size=_BATCH,
                show_progress_bar=False,
                activation_fn=Sigmoid(),  # whatever the model's own, the port promises 0..1
                convert_to_numpy=True,
            )
            return [float(each) for each in scores]

        return score


def _load_onnx(
    name: str, backend: Backend, *, allow_download: bool
) -> Callable[[Pairs], list[float]]:
    from retrieval.embedding.onnx_running import OnnxModel

    model = OnnxModel(name, backend, longest=_LONGEST, allow_download=allow_download)
    if next(model.run([("a", "a")])).shape != (1,):
        raise model.refuse("リランカーではありません / this is not a reranker")

    def score(pairs: Pairs) -> list[float]:
        # The sigmoid, written so that no exponent overflows.
        return [float(0.5 + 0.5 * np.tanh(logits[0] / 2)) for logits in model.run(pairs)]

    return score


def load_torch(name: str, device: str | None, *, allow_download: bool) -> Any:  # noqa: ANN401 - untyped library
    """Returns a CrossEncoder of sentence-transformers that gives one score a pair.

    Raises:
        RerankerUnavailable: It is not there, cannot be loaded, or gives something else.
    """
    try:
        # Imported here because it brings torch, which only users of a reranker should pay for.
        from sentence_transformers import CrossEncoder

        model = CrossEncoder(
            name,
            device=device,
            trust_remote_code=False,
            local_files_only=not allow_download,
        )
    except (ImportError, OSError, ValueError, LookupError, RuntimeError) as error:
        reason = (
            f"{type(error).__name__}: {error}。"
            "モデル名を確かめるか、ダウンロードを許可してください / "
            "check the name, or allow the download"
        )
        raise RerankerUnavailable(model=name, reason=reason) from error
    if model.num_labels != 1:
        reason = f"{model.num_labels} labels。リランカーではありません / this is not a reranker"
        raise RerankerUnavailable(model=name, reason=reason)
    model.max_seq_length = min(model.max_seq_length or _LONGEST, _LONGEST)
    return model
