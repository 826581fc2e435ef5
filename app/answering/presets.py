"""Local chat models that are known to write Japanese, and the memory each one takes.

Memory is computed, not measured: weights + KV cache + buffers, where

- weights = parameters x bits per weight / 8. FP16 has 16 bits; a block of Q8_0 is 32 weights in 34
  bytes, so 8.5 bits; Q4_K_M mixes types and comes to 4.9 bits for an 8B Llama (the table in
  llama.cpp's ``tools/quantize/README.md``);
- KV cache = 2 (keys and values) x layers x KV heads x head dimension x 2 bytes (FP16) x window. For
  Gemma, whose layers mostly look at a short stretch, this is an upper bound;
- buffers = 0.5 GiB, a rule of thumb for what the server needs beside.

Parameters, layers and heads are meant to be those of each model's own ``config.json``; they were
written down without it at hand, so look there before a figure decides a purchase.
"""

from dataclasses import dataclass
from enum import StrEnum

GIB = 2**30
_BUFFERS = GIB // 2
_KEYS_AND_VALUES, _CACHE_BYTES = 2, 2


class Precision(StrEnum):
    """How finely weights are kept."""

    FP16 = "FP16"
    Q8 = "Q8"
    Q4 = "Q4"


_BITS = {Precision.FP16: 16.0, Precision.Q8: 8.5, Precision.Q4: 4.9}


@dataclass(frozen=True, slots=True)
class Preset:
    """One model.

    Attributes:
        name: What Ollama pulls, at Q4.
        title: What people call it.
        parameters: Billions of weights, of all experts together.
        layers: Layers that keep keys and values.
        kv_heads: Key and value heads of a layer.
        head_size: Dimension of one head.
        window: Tokens that the model was made for.
        licence: Under which its weights may be used.
        remark: What to know before choosing it.
    """

    name: str
    title: str
    parameters: float
    layers: int
    kv_heads: int
    head_size: int
    window: int
    licence: str
    remark: str = ""

    def weigh(self, precision: Precision, window: int) -> int:
        """Returns the bytes it takes with a window of so many tokens, at most its own."""
        weights = self.parameters * 1e9 * _BITS[precision] / 8
        per_token = _KEYS_AND_VALUES * self.layers * self.kv_heads * self.head_size * _CACHE_BYTES
        return round(weights) + per_token * min(window, self.window) + _BUFFERS


APACHE, GEMMA = "Apache-2.0", "Gemma Terms of Use"
LLAMA3, LLAMA31 = "Llama 3 Community", "Llama 3.1 Community"
_ELYZA = "hf.co/elyza/Llama-3-ELYZA-JP-8B-GGUF"
_SWALLOW = "hf.co/mmnga/tokyotech-llm-Llama-3.1-Swallow-8B-Instruct-v0.3-gguf:Q4_K_M"
_NEMO = "hf.co/mmnga/cyberagent-Mistral-Nemo-Japanese-Instruct-2408-gguf:Q4_K_M"
_GEMMA_JPN = "hf.co/QuantFactory/gemma-2-2b-jpn-it-GGUF:Q4_K_M"
_THINKS = "The tag without -instruct only thinks: it is slow and what it thinks is thrown away."

_UNTRIED = "The repository was found; pulling this name was not tried."

# name, title, parameters, layers, KV heads, head size, window, licence
PRESETS = (
    Preset("qwen3:4b-instruct", "Qwen3 4B", 4.02, 36, 8, 128, 262_144, APACHE, remark=_THINKS),
    Preset("qwen3:8b", "Qwen3 8B", 8.19, 36, 8, 128, 40_960, APACHE),
    Preset("qwen3:14b", "Qwen3 14B", 14.77, 40, 8, 128, 40_960, APACHE),
    Preset(
        "qwen3:30b-a3b-instruct-2507-q4_K_M",
        "Qwen3 30B-A3B",
        30.53,
        48,
        4,
        128,
        262_144,
        APACHE,
        remark="Fast for its size: 3.3B of its weights work on a token. " + _THINKS,
    ),
    Preset("qwen2.5:7b", "Qwen2.5 7B", 7.62, 28, 4, 128, 32_768, APACHE),
    Preset("qwen2.5:14b", "Qwen2.5 14B", 14.77, 48, 8, 128, 32_768, APACHE),
    Preset(_ELYZA, "Llama-3-ELYZA-JP-8B", 8.03, 32, 8, 128, 8_192, LLAMA3),
    Preset(
        _SWALLOW,
        "Llama-3.1-Swallow-8B-Instruct-v0.3",
        8.03,
        32,
        8,
        128,
        131_072,
        f"{LLAMA31} + {GEMMA}",
    ),
    Preset(
        _GEMMA_JPN,
        "Gemma-2-2b-jpn-it",
        2.61,
        26,
        4,
        256,
        8_192,
        GEMMA,
        remark=_UNTRIED,
    ),
    Preset("gemma3:4b", "Gemma 3 4B", 4.3, 34, 4, 256, 131_072, GEMMA),
    Preset("gemma3:12b", "Gemma 3 12B", 12.19, 48, 8, 256, 131_072, GEMMA),
    Preset(
        _NEMO,
        "Mistral-Nemo-Japanese-Instruct-2408",
        12.25,
        40,
        8,
        128,
        131_072,
        APACHE,
        remark=_UNTRIED,
    ),
    Preset("llama3.1:8b", "Llama 3.1 8B", 8.03, 32, 8, 128, 131_072, LLAMA31),
    Preset(
        "gpt-oss:20b",
        "gpt-oss 20B",
        20.91,
        24,
        8,
        64,
        131_072,
        APACHE,
        remark="Always thinks before it answers. Its weights exist at about 4 bits only.",
    ),
)

SUGGESTED = PRESETS[0].name
"""What a machine without any model is told to pull: the smallest of the latest generation."""


def find_preset(name: str) -> Preset | None:
    """Returns the preset a server's model name stands for, None when it is not in the table.

    Tags that only name a precision, and ``:latest``, do not matter.
    """
    wanted = _reduce(name)
    return next((preset for preset in PRESETS if _reduce(preset.name) == wanted), None)


def _reduce(name: str) -> str:
    family, _, tag = name.lower().rpartition(":") if ":" in name else (name.lower(), "", "")
    kept = tag.partition("-q")[0].removesuffix("-2507")
    return family if kept in {"latest", "q4_k_m", "q8_0", ""} else f"{family}:{kept}"
