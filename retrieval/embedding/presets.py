"""Models that are known to serve here, with all that using them takes: prompts, sizes, licences.

What their model cards say; only permissive licences, and only models that run without code of
their own. ``docs/retrieval.md`` says what was tried.
"""

from dataclasses import dataclass
from enum import StrEnum

from retrieval.embedding.backends import LARGEST_ONNX

_INSTRUCT = "Instruct: Given a web search query, retrieve relevant passages that answer the query\n"


class Task(StrEnum):
    """What a model does."""

    EMBED = "embed"
    RERANK = "rerank"


@dataclass(frozen=True, slots=True)
class Preset:
    """One model.

    Attributes:
        languages: Of "ja" and "en", those it was trained for; "100+" where there are many more.
        dimension: Length of one vector; 0 for a reranker.
        parameters: In millions.
        longest: Tokens of one text it reads.
        query_prompt: Put in front of a question.
        document_prompt: Put in front of a document.
    """

    name: str
    task: Task
    languages: tuple[str, ...]
    dimension: int
    parameters: int
    longest: int
    licence: str
    ja: str
    en: str
    query_prompt: str = ""
    document_prompt: str = ""

    @property
    def weights_mb(self) -> int:
        """Its weights on disk, in MB of 2**20 bytes, at four bytes a parameter."""
        return round(self.parameters * 4e6 / 2**20)

    @property
    def fits_onnx(self) -> bool:
        """Whether one ONNX file can hold its weights, so that ``kura models export`` serves."""
        return self.parameters * 4e6 <= LARGEST_ONNX

    @property
    def memory_mb(self) -> int:
        """Memory that using it takes, in MB: weights, torch, and one batch of texts.

        An estimate: 500 MB for torch, and half the weights again for what one batch makes.
        """
        return round(1.5 * self.weights_mb) + 500


def _ruri(size: str, dimension: int, parameters: int, ja: str, en: str) -> Preset:
    return Preset(
        f"cl-nagoya/ruri-v3-{size}",
        Task.EMBED,
        ("ja",),
        dimension,
        parameters,
        8192,
        "Apache-2.0",
        ja,
        en,
        "検索クエリ: ",
        "検索文書: ",
    )


def _e5(size: str, dimension: int, parameters: int, ja: str, en: str) -> Preset:
    return Preset(
        f"intfloat/multilingual-e5-{size}",
        Task.EMBED,
        ("ja", "en", "100+"),
        dimension,
        parameters,
        512,
        "MIT",
        ja,
        en,
        "query: ",
        "passage: ",
    )


def _japanese_reranker(size: str, parameters: int, ja: str, en: str) -> Preset:
    name = f"hotchpotch/japanese-reranker-{size}-v2"
    return Preset(name, Task.RERANK, ("ja",), 0, parameters, 8192, "MIT", ja, en)


_MANY = ("ja", "en", "100+")

PRESETS = (
    _ruri("30m", 256, 37, "日本語。CPU で実用的な最小の版", "Japanese; small enough for a CPU"),
    _ruri("70m", 384, 70, "日本語。速さと質の中間", "Japanese; between speed and quality"),
    _ruri("130m", 512, 132, "日本語。質を重視", "Japanese; rather for quality"),
    _ruri("310m", 768, 315, "日本語。この系列で最も高い質", "Japanese; the best of its family"),
    _e5("small", 384, 118, "日英。CPU で使える多言語の版", "Both languages; fits a CPU"),
    _e5("base", 768, 278, "日英。多言語の中間の版", "Both languages; the middle size"),
    _e5("large", 1024, 560, "日英。GPU 向け", "Both languages; for a GPU"),
    Preset(
        "intfloat/multilingual-e5-large-instruct",
        Task.EMBED,
        _MANY,
        1024,
        560,
        512,
        "MIT",
        "日英。質問に指示文を付ける版。GPU 向け",
        "Both languages; questions carry an instruction; for a GPU",
        f"{_INSTRUCT}Query: ",
    ),
    Preset(
        "BAAI/bge-m3",
        Task.EMBED,
        _MANY,
        1024,
        568,
        8192,
        "MIT",
        "日英。長い文書に強い。GPU 向け",
        "Both languages; reads long texts; for a GPU",
    ),
    Preset(
        "Snowflake/snowflake-arctic-embed-l-v2.0",
        Task.EMBED,
        _MANY,
        1024,
        568,
        8192,
        "Apache-2.0",
        "日英。検索に特化。GPU 向け",
        "Both languages; made for search; for a GPU",
        "query: ",
    ),
    Preset(
        "Qwen/Qwen3-Embedding-0.6B",
        Task.EMBED,
        _MANY,
        1024,
        596,
        32768,
        "Apache-2.0",
        "日英。質問に指示文を付ける版。GPU 向け",
        "Both languages; questions carry an instruction; for a GPU",
        f"{_INSTRUCT}Query:",
    ),
    _japanese_reranker("tiny", 29, "日本語の並べ直し。最小", "Reranks Japanese; the smallest"),
    _japanese_reranker("xsmall", 37, "日本語の並べ直し。CPU 向け", "Reranks Japanese; fits a CPU"),
    _japanese_reranker("small", 70, "日本語の並べ直し", "Reranks Japanese"),
    _japanese_reranker("base", 132, "日本語の並べ直し。GPU 向け", "Reranks Japanese; for a GPU"),
    Preset(
        "cl-nagoya/ruri-v3-reranker-310m",
        Task.RERANK,
        ("ja",),
        0,
        315,
        8192,
        "Apache-2.0",
        "日本語の並べ直し。GPU 向け",
        "Reranks Japanese; for a GPU",
    ),
    Preset(
        "BAAI/bge-reranker-v2-m3",
        Task.RERANK,
        _MANY,
        0,
        568,
        8192,
        "Apache-2.0",
        "日英の並べ直し。GPU 向け",
        "Reranks both languages; for a GPU",
    ),
)


def find_preset(name: str) -> Preset | None:
    """Returns the preset of a model, by its name on the hub or by a folder called like it."""
    wanted = name.rstrip("/").casefold()
    last = wanted.rpartition("/")[2]
    for preset in PRESETS:
        known = preset.name.casefold()
        if wanted == known or last == known.rpartition("/")[2]:
            return preset
    return None
