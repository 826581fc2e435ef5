"""Why a file could not be read, in the words of the error that stopped it."""

from collections.abc import Iterator, Mapping
from typing import Any

from app.answering.model import Bilingual
from ingestion import errors
from retrieval.errors import KuraError

_REMEDY = Bilingual(
    ja="ファイルを直して取り込み直してください（「kura ingest」）。",
    en="Correct the file and take it in again (`kura ingest`).",
)
_EMPTY = Bilingual(ja="読み取れる本文がありません。", en="It has no text that could be read.")


def explain_failure(code: str, details: Mapping[str, Any]) -> tuple[Bilingual, Bilingual]:
    """Returns what went wrong with a file and what to do; the code itself where it is unknown."""
    if not code:
        return _EMPTY, _REMEDY
    kinds = [each for each in _descend(KuraError) if _named(each, code)]
    kind = kinds[-1] if kinds else None  # a child comes behind its parent, and says more
    try:
        error = kind(**details) if kind else None
        told = Bilingual(error.message("ja"), error.message("en")) if error else None
    except (KeyError, IndexError):  # kept by an earlier release, with other values
        told = None
    return told or Bilingual(ja=f"読めませんでした: {code}", en=f"It failed: {code}"), _REMEDY


def _named(kind: type[KuraError], code: str) -> bool:
    return kind.__module__ == errors.__name__ and kind.code == code


def _descend(kind: type[KuraError]) -> Iterator[type[KuraError]]:
    for child in kind.__subclasses__():
        yield child
        yield from _descend(child)
