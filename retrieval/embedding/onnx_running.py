"""Run a model of the hub from its ONNX file, with ``onnxruntime`` and ``tokenizers``, not torch.

Each text goes through the model alone and on one core, several at a time. Nothing is padded then,
so that this is also the fastest way on a CPU, and a vector does not depend on what else was
embedded with it, which 8-bit models would otherwise let it do.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding
from tokenizers.normalizers import Lowercase
from tokenizers.normalizers import Sequence as InTurn

from retrieval.embedding.backends import PARTS, Backend
from retrieval.embedding.hub import choose_prompts, make_readable, normalise
from retrieval.embedding.presence import find_or_fetch, require_onnx
from retrieval.embedding.static import read_tokenizer
from retrieval.errors import EmbedderUnavailable
from retrieval.ports import Vectors

_LONGEST = 2_048
"""Tokens of one text that are read at most; chunks are far shorter. Memory grows by its square."""

_POOLINGS = ("cls", "mean", "lasttoken")
_MODULES = ("Transformer", "Pooling", "Normalize")
_INPUTS = ("input_ids", "attention_mask", "token_type_ids")
_OUTPUTS = ("last_hidden_state", "token_embeddings")  # where a file has several
_REMEDY = "KURA_HUB_BACKEND=torch なら使えるかもしれません / KURA_HUB_BACKEND=torch may serve"

Output = NDArray[np.float32]
Input = str | tuple[str, str]


class OnnxModel:
    """A model's ONNX file and tokenizer. Safe to share by threads.

    Attributes:
        folder: Where the model is.
        file: The ONNX file in use.
        config: What the model says of itself, from its folder's files.
        output: Name of the output in use.
    """

    def __init__(
        self,
        name: str,
        backend: Backend,
        *,
        longest: int = _LONGEST,
        allow_download: bool = False,
    ) -> None:
        """Loads the model.

        Args:
            name: Name on the model hub, or a folder.
            backend: ``ONNX`` or ``ONNX_INT8``.
            longest: Tokens of one text that are read at most, where the model could read more.
            allow_download: Whether a model that is not on this machine may be fetched.

        Raises:
            EmbedderUnavailable: The model, its ONNX file or its tokenizer is missing or damaged.
        """
        self._name = name
        self.folder = find_or_fetch(name, backend, allow_download=allow_download)
        self.file = require_onnx(self.folder, backend, name)
        self.modules = _read_modules(self.folder / "modules.json")
        home = self.folder / self.modules.get("Transformer", "")
        self.config = _read_json(home / "sentence_bert_config.json", {})
        self.longest = min(longest, _read_longest(home, self.config))
        self._tokenizer = read_tokenizer(home, home / "tokenizer.json", _REMEDY)
        self._tokenizer.enable_truncation(self.longest)
        if self.config.get("do_lower_case"):
            own = self._tokenizer.normalizer
            self._tokenizer.normalizer = InTurn([Lowercase(), *([own] if own else [])])
        self._session = _open_session(name, self.file)
        self._wanted = [each.name for each in self._session.get_inputs()]
        unknown = sorted(set(self._wanted) - set(_INPUTS))
        if unknown:
            raise self.refuse(f"{self.file.name}: 未知の入力 / unknown inputs: {unknown}")
        outputs = [each.name for each in self._session.get_outputs()]
        self.output = next((name for name in _OUTPUTS if name in outputs), outputs[0])

    def refuse(self, reason: str) -> EmbedderUnavailable:
        """Returns the error that says why this model cannot be used from its ONNX file."""
        return EmbedderUnavailable(model=self._name, reason=f"{reason}。{_REMEDY}")

    def run(self, texts: Sequence[Input]) -> Iterator[Output]:
        """Yields the output for each text or pair of texts, without the batch's axis.

        Raises:
            EmbedderUnavailable: The file cannot calculate it, as where it takes one length only.
        """
        encodings = self._tokenizer.encode_batch(list(texts))
        if len(encodings) < 2:
            yield from map(self._run_one, encodings)
            return
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            yield from pool.map(self._run_one, encodings)

    def hash_files(self, *settings: object) -> str:
        """Returns a hash of all that decides the outputs, and of settings given."""
        digest = hashlib.sha256(repr((settings, self.longest, self.config)).encode())
        near = self.file.parent  # weights of large files are in files beside them
        weights = sorted(path for part in (f"{self.file.name}*", PARTS) for path in near.glob(part))
        tokenizer = self.folder / self.modules.get("Transformer", "") / "tokenizer.json"
        for path in (tokenizer, *weights):
            with path.open("rb") as stream:
                digest.update(hashlib.file_digest(stream, "sha256").digest())
        return digest.hexdigest()[:16]

    def _run_one(self, encoding: Encoding) -> Output:
        given = {
            "input_ids": encoding.ids,
            "attention_mask": encoding.attention_mask,
            "token_type_ids": encoding.type_ids,
        }
        feed = {name: np.array([given[name]], dtype=np.int64) for name in self._wanted}
        try:
            found: Output = self._session.run([self.output], feed)[0][0]
        except _list_failures() as error:
            raise self.refuse(f"{self.file.name}: {error}") from error
        return found


class OnnxEmbedder:
    """An embedder of the user's choice, run without torch; implements the port ``Embedder``."""

    def __init__(
        self,
        model_name_or_path: str,
        backend: Backend = Backend.ONNX,
        *,
        query_prompt: str | None = None,
        document_prompt: str | None = None,
        allow_download: bool = False,
    ) -> None:
        """Loads the model.

        Args:
            model_name_or_path: Name on the model hub, or a folder.
            backend: ``ONNX`` or ``ONNX_INT8``.
            query_prompt: As for ``HubEmbedder``.
            document_prompt: The same.
            allow_download: Whether a model that is not on this machine may be fetched.

        Raises:
            EmbedderUnavailable: The model cannot be loaded, or its vectors are made in a way that
                only torch can.
        """
        model = OnnxModel(model_name_or_path, backend, allow_download=allow_download)
        own = _read_json(model.folder / "config_sentence_transformers.json", {})
        prompts = choose_prompts(own.get("prompts") or {}, query_prompt, document_prompt)
        self._query_prompt, self._document_prompt = prompts
        self._pooling = _read_pooling(model)
        self._model = model
        self._dimension = int(self._embed(["a"]).shape[1])
        name = model_name_or_path.rstrip("/").rpartition("/")[2]
        self._fingerprint = f"{backend}-1-{name}-{model.hash_files(prompts, self._pooling)}"

    @property
    def fingerprint(self) -> str:
        """Backend, name, and hash of the ONNX file, tokenizer, prompts and maximal length."""
        return self._fingerprint

    @property
    def dimension(self) -> int:
        """Length of one vector."""
        return self._dimension

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Returns an (n, dimension) array of L2-normalised rows, in the order given.

        Text beyond the model's own maximal length, or 2,048 tokens, does not count.
        """
        if not texts:
            return np.zeros((0, self._dimension), dtype=np.float32)
        return normalise(self._embed([self._document_prompt + text for text in texts]), texts)

    def embed_query(self, text: str) -> Vectors:
        """Returns one L2-normalised (dimension,) vector."""
        row: Vectors = normalise(self._embed([self._query_prompt + text]), [text])[0]
        return row

    def _embed(self, texts: Sequence[str]) -> Vectors:
        outputs = self._model.run([make_readable(text) for text in texts])
        return np.stack([self._pool(tokens) for tokens in outputs])

    def _pool(self, tokens: Output) -> Vectors:
        if tokens.ndim != 2 or self._model.output == "logits":
            output = f"{self._model.output} {tokens.shape}"
            raise self._model.refuse(f"{self._model.file.name}: 出力 / output: {output}")
        if self._pooling == "mean":
            mean: Vectors = tokens.mean(axis=0, dtype=np.float32)
            return mean
        row: Vectors = tokens[0 if self._pooling == "cls" else -1].astype(np.float32)
        return row


def _open_session(name: str, file: Path) -> Any:  # noqa: ANN401 - untyped library
    # Imported here because only users of ONNX files need it.
    from onnxruntime import InferenceSession, SessionOptions

    options = SessionOptions()
    options.intra_op_num_threads = 1  # the cores are shared among texts instead
    try:
        return InferenceSession(file, options, providers=["CPUExecutionProvider"])
    except _list_failures() as error:
        reason = (
            f"{file} を読めません（{error}）。取り直すか、書き出し直してください / "
            "it cannot be read: fetch or export it again"
        )
        raise EmbedderUnavailable(model=name, reason=reason) from error


def _list_failures() -> tuple[type[Exception], ...]:
    """Returns what onnxruntime raises; its errors have no class in common."""
    from onnxruntime.capi import onnxruntime_pybind11_state as raised

    return (
        raised.Fail,
        raised.InvalidArgument,
        raised.InvalidGraph,
        raised.InvalidProtobuf,
        raised.NoSuchFile,
        raised.NotImplemented,
        raised.RuntimeException,
    )


def _read_modules(file: Path) -> dict[str, str]:
    """Returns the folder of each of a model's modules, by its kind."""
    try:
        modules = _read_json(file, [])
        return {str(each["type"]).rpartition(".")[2]: str(each["path"]) for each in modules}
    except (LookupError, TypeError) as error:
        raise _tell_damage(file, error) from error


def _tell_damage(file: Path, error: Exception) -> EmbedderUnavailable:
    reason = f"{file} が壊れています / is damaged ({error})"
    return EmbedderUnavailable(model=file.parent, reason=reason)


def _read_json(file: Path, absent: Any) -> Any:  # noqa: ANN401 - any JSON
    if not file.is_file():
        return absent
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _tell_damage(file, error) from error
    if not isinstance(found, type(absent)):
        raise _tell_damage(file, TypeError(type(found).__name__))
    return found


def _read_longest(home: Path, config: Mapping[str, object]) -> int:
    """Returns the tokens a model reads, as sentence-transformers finds it."""
    own = config.get("max_seq_length")
    if isinstance(own, int):
        return own
    told = (
        _read_json(home / "tokenizer_config.json", {}).get("model_max_length"),
        _read_json(home / "config.json", {}).get("max_position_embeddings"),
    )
    return int(min(number for number in (*told, _LONGEST) if isinstance(number, int | float)))


def _read_pooling(model: OnnxModel) -> str:
    """Returns how token vectors become one.

    Raises:
        EmbedderUnavailable: In a way that is not known here.
    """
    others = sorted(set(model.modules) - set(_MODULES))
    if others:
        raise model.refuse(f"モジュール / modules: {', '.join(others)}")
    config = _read_json(model.folder / model.modules.get("Pooling", "-") / "config.json", {})
    found = config.get("pooling_mode")
    if found is None:  # as older versions of sentence-transformers wrote it
        old = "pooling_mode_"
        active = [key.removeprefix(old) for key in config if key.startswith(old) and config[key]]
        found = [name.removesuffix("_tokens").removesuffix("_token") for name in active] or "mean"
    modes = [found] if isinstance(found, str) else list(found)
    if len(modes) != 1 or modes[0] not in _POOLINGS or config.get("include_prompt") is False:
        raise model.refuse(f"プーリング / pooling: {', '.join(modes)}")
    return str(modes[0])
