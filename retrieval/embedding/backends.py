"""How a model of the hub is run: by torch or from its ONNX file, and how finely it calculates."""

import platform
from enum import StrEnum
from typing import Any

LARGEST_ONNX = 2 * 10**9
"""Bytes of weights that one ONNX file can hold."""

PARTS = "Constant_*"
"""Files beside an ONNX file over 2 GB that hold numbers of it, as older exporters name them."""


class Backend(StrEnum):
    """What runs a model. Vectors of two backends are never taken for each other's."""

    TORCH = "torch"
    TORCH_BFLOAT16 = "torch-bfloat16"
    TORCH_FLOAT16 = "torch-float16"
    ONNX = "onnx"
    ONNX_INT8 = "onnx-int8"

    @property
    def is_onnx(self) -> bool:
        """Whether it needs an ONNX file, and no torch."""
        return self in {Backend.ONNX, Backend.ONNX_INT8}

    @property
    def files(self) -> tuple[str, ...]:
        """ONNX files that serve, the best first, as paths within a model's folder.

        The names are those that `kura models export`, sentence-transformers and transformers.js
        give. Files made for instructions that not every CPU has come last.
        """
        if not self.is_onnx:
            return ()
        if self is Backend.ONNX:
            return ("onnx/model.onnx",)
        arm = platform.machine().lower() in {"arm64", "aarch64"}
        x86 = ("quint8_avx2", "qint8_avx2", "qint8_avx512", "qint8_avx512_vnni")
        made_for = ("qint8_arm64",) if arm else x86
        return tuple(f"onnx/model_{name}.onnx" for name in ("int8", "quantized", *made_for))


def set_precision(model: Any, backend: Backend) -> Any:  # noqa: ANN401 - untyped library
    """Returns a model of torch that calculates as finely as wanted.

    Left to itself, a CPU calculates in 32 bits, since not all can do it in 16; accelerators keep
    what the model came with.
    """
    if backend is Backend.TORCH_BFLOAT16:
        return model.bfloat16()
    if backend is Backend.TORCH_FLOAT16:
        return model.half()
    return model.float() if model.device.type == "cpu" else model
