"""Write the ONNX file of a model of the hub, beside its weights; nothing is downloaded.

Torch exports the transformer as it stands. An 8-bit file is made of that by onnxruntime's dynamic
quantisation: the weights of matrix products are kept in 8 bits, with one scale a channel. One bit
is left free, since products of two full ones overflow on a CPU without VNNI.
"""

import logging
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from retrieval.embedding.backends import LARGEST_ONNX, Backend
from retrieval.embedding.presence import find_on_disk
from retrieval.errors import EmbedderUnavailable, RerankerUnavailable

_SAMPLES = ("有給休暇は何日ですか", "Travel expenses are reimbursed after you submit a report.")
_REMEDY = "KURA_HUB_BACKEND=torch のままお使いください / stay with KURA_HUB_BACKEND=torch"
_FARTHEST = 1e-3  # what torch and onnxruntime may differ by in one number of an output


class ExportFailed(EmbedderUnavailable):
    """The model cannot be written as an ONNX file."""

    code = "export-failed"
    ja = "モデル {model} を ONNX に書き出せません: {reason}"
    en = "The model {model} cannot be exported to ONNX: {reason}"


def export(name: str, *, reranks: bool, int8: bool) -> Path:
    """Writes a model's ONNX file into its folder and returns its path.

    Args:
        name: Name on the hub of a model that is on this machine, or a folder.
        reranks: Whether it is a CrossEncoder.
        int8: Whether the weights are to be kept in 8 bits.

    Raises:
        ExportFailed: The model is not here, cannot be loaded, is too large, or comes out different;
            a package is missing; or the folder cannot be written to.
    """
    folder = find_on_disk(name)
    if folder is None:
        reason = (
            "この機械にありません。「kura models warm」で取得してください / "
            "it is not on this machine: fetch it with `kura models warm`"
        )
        raise ExportFailed(model=name, reason=reason)
    target = folder / (Backend.ONNX_INT8 if int8 else Backend.ONNX).files[0]
    try:
        model, inputs = _load(folder, reranks=reranks)
        with tempfile.TemporaryDirectory(dir=folder) as temporary:
            written = _write(model, inputs, Path(temporary) / "whole.onnx")
            if int8:
                written = quantise(written)
            target.parent.mkdir(exist_ok=True)
            written.replace(target)
    except (EmbedderUnavailable, RerankerUnavailable) as error:
        raise ExportFailed(model=name, reason=error.details["reason"]) from error
    except ImportError as error:
        reason = (
            f"{error}。「pip install onnx onnxscript」で入れてください / "
            "install what is missing with `pip install onnx onnxscript`"
        )
        raise ExportFailed(model=name, reason=reason) from error
    except OSError as error:
        reason = f"{folder} に書き込めません / cannot be written to ({error.strerror})"
        raise ExportFailed(model=name, reason=reason) from error
    except (RuntimeError, LookupError, TypeError, ValueError) as error:  # an unknown kind of model
        told = str(error).partition("\n")[0]
        reason = f"{type(error).__name__}: {told}。{_REMEDY}"
        raise ExportFailed(model=name, reason=reason) from error
    return target


def _load(folder: Path, *, reranks: bool) -> tuple[Any, dict[str, Any]]:
    """Returns the transformer alone, in 32 bits on the CPU, and what to try it with."""
    import onnx  # noqa: F401 - what is missing shows before seconds are spent on loading
    import onnxscript  # noqa: F401

    from retrieval.embedding import cross_encoder, hub

    if reranks:
        encoder = cross_encoder.load_torch(str(folder), "cpu", allow_download=False)
        model, tokenizer = encoder.model, encoder.tokenizer
    else:
        first = hub.load_torch(str(folder), "cpu", allow_download=False)[0]
        if not hasattr(first, "auto_model"):
            kind = type(first).__name__
            reason = f"トランスフォーマーではありません / it is no transformer ({kind})"
            raise EmbedderUnavailable(model=folder, reason=reason)
        model, tokenizer = first.auto_model, first.tokenizer
    size = sum(weights.numel() for weights in model.parameters()) * 4
    if size > LARGEST_ONNX:
        reason = f"重みが 2 GB を超えます / its weights take over 2 GB ({size} bytes)"
        raise EmbedderUnavailable(model=folder, reason=reason)
    inputs = tokenizer(list(_SAMPLES), return_tensors="pt", padding=True)
    return model.float().eval(), dict(inputs)


def _write(model: Any, inputs: dict[str, Any], file: Path) -> Path:  # noqa: ANN401 - untyped library
    import torch
    from torch.export import Dim

    class Bare(torch.nn.Module):
        """The model with nothing but the output that is used."""

        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, *given: Any) -> Any:  # noqa: ANN401
            return self.model(**dict(zip(inputs, given, strict=True)))[0]

    free = {0: Dim.DYNAMIC, 1: Dim.DYNAMIC}
    with _quietly():
        torch.onnx.export(
            Bare(),
            tuple(inputs.values()),
            file,
            input_names=list(inputs),
            output_names=["output"],
            dynamic_shapes={"given": (free,) * len(inputs)},
            external_data=False,
            dynamo=True,
            verbose=False,
        )
        with torch.no_grad():
            expected = Bare()(*inputs.values()).numpy()
    _compare(file, {name: value.numpy() for name, value in inputs.items()}, expected)
    return file


def _compare(file: Path, inputs: dict[str, Any], expected: Any) -> None:  # noqa: ANN401
    """Raises ``EmbedderUnavailable`` where onnxruntime finds something else than torch did."""
    import numpy as np
    from onnxruntime import InferenceSession

    session = InferenceSession(file, providers=["CPUExecutionProvider"])
    wanted = {each.name for each in session.get_inputs()}
    found = session.run(None, {name: inputs[name] for name in wanted})[0]
    whole = inputs["attention_mask"].astype(bool)  # what stands for padding is never used
    if expected.ndim == 2:
        whole = whole[:, 0]
    difference = float(np.abs(found - expected)[whole].max())
    if not difference < _FARTHEST:
        reason = f"torch の値と合いません / it differs from torch by {difference:.2g}"
        raise EmbedderUnavailable(model=file, reason=reason)


def quantise(file: Path) -> Path:
    """Writes the 8-bit file of an ONNX file beside it, as ``int8.onnx``, and returns its path."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    target = file.with_name("int8.onnx")
    with _quietly():
        quantize_dynamic(
            file,
            target,
            op_types_to_quantize=["MatMul", "Gemm"],
            per_channel=True,
            reduce_range=True,
            weight_type=QuantType.QInt8,
        )
    return target


@contextmanager
def _quietly() -> Iterator[None]:
    """Keeps to itself what the libraries remark on their own insides; errors are raised anyway."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.disable(logging.WARNING)
        try:
            yield
        finally:
            logging.disable(logging.NOTSET)
