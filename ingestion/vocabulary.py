"""The controlled vocabulary: the tags a document may get by its words, and the words themselves."""

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from retrieval.model import TagOrigin

VOCABULARY = Path(__file__).resolve().parents[1] / "data" / "vocabulary.toml"
_CONFIDENCE = {"title": 0.9, "path": 0.7, "text": 0.5}


@dataclass(frozen=True, slots=True)
class Term:
    """One entry.

    Attributes:
        category: "type", "department", "confidentiality" or "status".
        words: Matches any of its words in folded text.
        in_text: Whether the first lines of the text may tell it, not only title and path.
    """

    category: str
    id: str
    ja: str
    en: str
    words: re.Pattern[str]
    in_text: bool = False


@cache
def read_vocabulary(path: Path = VOCABULARY) -> tuple[Term, ...]:
    """Returns the terms of the file in their order, none where there is no such file."""
    if not path.is_file():
        return ()
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return tuple(
        Term(
            category=category,
            id=entry["id"],
            ja=entry["ja"],
            en=entry["en"],
            words=re.compile("|".join(map(_pattern, entry["words"]))),
            in_text=bool(entry.get("in_text", False)),
        )
        for category, entries in table.items()
        for entry in entries
    )


def find_terms(vocabulary: tuple[Term, ...], places: Mapping[str, str]) -> Iterator[TagOrigin]:
    """Yields one tag of each category at most: the surest place decides, then the file's order.

    Args:
        vocabulary: The terms.
        places: The document's "title", "path" and the beginning of its "text".
    """
    folded = {place: _fold(text) for place, text in places.items()}
    for category in dict.fromkeys(term.category for term in vocabulary):
        terms = [term for term in vocabulary if term.category == category]
        found = next(_search(terms, folded), None)
        if found is not None:
            yield found


def _search(terms: list[Term], folded: Mapping[str, str]) -> Iterator[TagOrigin]:
    for place, confidence in _CONFIDENCE.items():
        for term in terms:
            if (term.in_text or place != "text") and term.words.search(folded.get(place, "")):
                yield TagOrigin(f"{term.category}:{term.id}", place, confidence)


def _pattern(word: str) -> str:
    folded = re.escape(_fold(word))
    if not word.isascii():
        return folded
    end = r"(?![a-z0-9])" if len(word) <= 3 else ""
    return rf"(?<![a-z0-9]){folded}{end}"


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
