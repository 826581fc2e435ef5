"""Names in a text, found by form, and other names of the same form to put in their place."""

import random
import re
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from typing import Any

from sudachipy import Dictionary, SplitMode

_ENGLISH = re.compile(r"(?<=[a-z,;:] )[A-Z][a-z]{2,}(?: [A-Z][a-z]{2,})*\b")
_KATAKANA = re.compile(r"[ァ-ヴー・]{3,}")
_MONTHS = re.compile(
    r"January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday"
)


@cache
def _analyser() -> Any:  # noqa: ANN401 - Sudachi is untyped
    return Dictionary(dict="core").tokenizer(mode=SplitMode.C)


def find_names(text: str, language: str) -> list[tuple[str, str]]:
    """Returns (form, name) of the names in a text."""
    if language == "en":
        found = (match.group() for match in _ENGLISH.finditer(text))
        return [("english", name) for name in found if not _MONTHS.search(name)]
    names = [("katakana", match.group()) for match in _KATAKANA.finditer(text)]
    for morpheme in _analyser().tokenize(text):
        part = morpheme.part_of_speech()
        surface = morpheme.surface()
        if part[1] == "固有名詞" and re.fullmatch(r"[一-鿿々]{2,}", surface):
            names.append((part[2], surface))
    return [(form, name) for form, name in names if name not in {"令和", "平成", "昭和"}]


class NamePool:
    """Names of many documents, by form."""

    def __init__(self, texts: Iterable[tuple[str, str]]) -> None:
        """Collects the names of (text, language) pairs."""
        self._names: dict[str, set[str]] = defaultdict(set)
        for text, language in texts:
            for form, name in find_names(text, language):
                self._names[form].add(name)

    def another(self, form: str, unlike: str, chance: random.Random) -> str | None:
        """Returns a name of the same form that does not occur in the given text."""
        for name in chance.sample(sorted(self._names[form]), min(20, len(self._names[form]))):
            if name.casefold() not in unlike.casefold():
                return name
        return None
