"""Serve any CrossEncoder of sentence-transformers as a reranker, from the cache or a folder."""

from collections.abc import Sequence
from threading import Lock
from typing import Any

from retrieval.errors import RerankerUnavailable

_BATCH = 8
_LONGEST = 1_024  # tokens of question and passage together; passages are shorter than that


class CrossEncoderReranker:
    """Implements the port ``Reranker``; the model, and torch with it, is loaded when first used.

    Nothing is downloaded unless allowed, and code that comes with a model is never run. While one
    thread loads the model, others are turned away at once.
    """

    def __init__(
        self, model_name_or_path: str, *, device: str | None = None, allow_download: bool = False
    ) -> None:
        """Keeps what to load.

        Args:
            model_name_or_path: Name on the model hub, or a folder.
            device: ``"cpu"``, ``"cuda"`` and so on; chosen by sentence-transformers when None.
            allow_download: Whether a model that is not on this machine may be fetched.
        """
        self._name, self._device, self._allow = model_name_or_path, device, allow_download
        self._model: Any = None
        self._lock = Lock()

    @property
    def name(self) -> str:
        """The model's name, or its folder."""
        return self._name

    def score(self, query: str, texts: Sequence[str]) -> list[float]:
        """Returns one score in 0..1 a text, in the order given; more is better.

        Raises:
            RerankerUnavailable: The model cannot be loaded, or another thread is loading it.
        """
        # Loading takes seconds: whoever comes meanwhile goes on without. Reading is waited for.
        if not self._lock.acquire(blocking=self._model is not None):
            raise RerankerUnavailable(
                model=self._name, loading=True, reason="読み込み中です / it is being loaded"
            )
        try:
            if self._model is None:
                self._model = _load(self._name, self._device, allow_download=self._allow)
            return self._predict(query, texts)
        finally:
            self._lock.release()

    def _predict(self, query: str, texts: Sequence[str]) -> list[float]:
        if not texts:
            return []
        readable = [text.encode("utf-8", "replace").decode("utf-8") for text in (query, *texts)]
        from torch.nn import Sigmoid

        scores = self._model.predict(
            [(readable[0], text) for text in readable[1:]],
            batch_size=_BATCH,
            show_progress_bar=False,
            activation_fn=Sigmoid(),  # whatever the model's own default, the port promises 0..1
            convert_to_numpy=True,
        )
        return [float(score) for score in scores]


def _load(name: str, device: str | None, *, allow_download: bool) -> Any:  # noqa: ANN401 - untyped library
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
    return model.float() if model.device.type == "cpu" else model
