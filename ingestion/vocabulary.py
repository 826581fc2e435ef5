"""The controlled vocabulary: the tags a document may get by its words, and the words themselves."""

import hashlib
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from ingestion.errors import VocabularyInvalid
from retrieval.model import TagOrigin

VOCABULARY = Path(__file__).resolve().parents[1] / "data" / "vocabulary.toml"
"""The one that comes with the program."""

_CONFIDENCE = {"title": 0.9, "path": 0.7, "owner": 0.6, "text": 0.5}
_FOLDERS_FIRST = {"folder": 0.8, **_CONFIDENCE}
# Where a document lies says more of its department than what its title is about; and a title's
# last word says what a document is: 「契約書の管理の手順」 is a procedure.
_OF_DEPARTMENT, _BY_LAST_WORD = "department", "type"
_TEXTS, _FLAGS = ("id", "ja", "en"), ("mark",)
_NO_LETTER_BEFORE = "(?<![一-龯々ぁ-ゖァ-ヺー])"
_NO_LETTER_AFTER = "(?![一-龯々ぁ-ゖァ-ヺー])"
_NO_SUBJECT_AFTER = r"(?!\s+(?:information|data|matters?|documents?|agreement))"


@dataclass(frozen=True, slots=True)
class Term:
    """One entry.

    Attributes:
        category: What stands before the colon of the tag, e.g. "type" or "confidentiality".
        words: Matches any of its words in folded text.
        mark: Whether it is stamped on a document: found only where no letter stands beside it,
            and also in the first and last lines and in page headers.
    """

    category: str
    id: str
    ja: str
    en: str
    words: re.Pattern[str]
    mark: bool = False


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All terms, earlier ones first, and a hash that changes whenever they do."""

    terms: tuple[Term, ...] = ()
    fingerprint: str = ""


def read_vocabulary(path: Path = VOCABULARY) -> Vocabulary:
    """Returns the terms of the file in their order.

    Raises:
        VocabularyInvalid: The file is not there, or something in it cannot be understood.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise VocabularyInvalid(path=path, field="file", value=reason) from error
    return _parse(path, data)


@lru_cache(maxsize=4)
def _parse(path: Path, data: bytes) -> Vocabulary:
    try:
        table = tomllib.loads(data.decode("utf-8-sig"))
    except ValueError as error:  # also where it is not UTF-8
        raise VocabularyInvalid(path=path, field="TOML", value=str(error)) from error
    terms = tuple(
        _term(path, f"{category}[{number}]", category, entry)
        for category, entries in table.items()
        for number, entry in enumerate(_entries(path, category, entries), 1)
    )
    return Vocabulary(terms, hashlib.sha256(data).hexdigest()[:16])


def find_terms(terms: Iterable[Term], places: Mapping[str, str]) -> Iterator[TagOrigin]:
    """Yields one tag of each category at most: the surest place decides, then the file's order.

    Args:
        terms: The vocabulary's.
        places: The document's "title", "folder", "path", "owner" and the "text" that may bear
            marks.
    """
    folded = {place: _fold(text) for place, text in places.items()}
    by_category: dict[str, list[Term]] = {}
    for term in terms:
        by_category.setdefault(term.category, []).append(term)
    for among in by_category.values():
        found = next(_search(among, folded), None)
        if found is not None:
            yield found


def _search(terms: list[Term], folded: Mapping[str, str]) -> Iterator[TagOrigin]:
    category = terms[0].category
    places = _FOLDERS_FIRST if category == _OF_DEPARTMENT else _CONFIDENCE
    for place, confidence in places.items():
        text = folded.get(place, "")
        among = [term for term in terms if term.mark or place != "text"] if text else []
        ends = [(term, end) for term in among if (end := _last_end(term, text)) >= 0]
        if category == _BY_LAST_WORD:
            ends.sort(key=lambda each: -each[1])
        for term, _ in ends:
            source = "path" if place == "folder" else place
            yield TagOrigin(f"{term.category}:{term.id}", source, confidence)


def _last_end(term: Term, text: str) -> int:
    """Returns where the last of a term's words in the text ends, -1 where it has none."""
    return max((found.end() for found in term.words.finditer(text)), default=-1)


def _entries(path: Path, category: str, entries: object) -> list[dict[str, Any]]:
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise VocabularyInvalid(path=path, field=category, value=repr(entries)[:80])
    return entries


def _term(path: Path, where: str, category: str, entry: Mapping[str, Any]) -> Term:
    words = entry.get("words")
    texts = [entry.get(name) for name in _TEXTS]
    flags = [entry.get(name, False) for name in _FLAGS]
    wrong = [name for name in entry if name not in {*_TEXTS, *_FLAGS, "words"}]
    wrong += [n for n, text in zip(_TEXTS, texts, strict=True) if not isinstance(text, str)]
    wrong += [n for n, flag in zip(_FLAGS, flags, strict=True) if not isinstance(flag, bool)]
    if not isinstance(words, list) or not words or not all(_is_word(word) for word in words):
        wrong.append("words")
    if wrong or not isinstance(words, list) or not re.fullmatch(r"\S+", str(entry.get("id"))):
        name = wrong[0] if wrong else "id"
        raise VocabularyInvalid(path=path, field=f"{where}.{name}", value=repr(entry.get(name)))
    mark = bool(entry.get("mark", False))
    pattern = re.compile("|".join(_pattern(word, mark=mark) for word in words))
    return Term(category, entry["id"], entry["ja"], entry["en"], pattern, mark)


def _is_word(word: object) -> bool:
    return isinstance(word, str) and bool(word.strip())


def _pattern(word: str, *, mark: bool) -> str:
    folded = re.escape(_fold(word))
    if word.isascii():
        end = "s?(?![a-z0-9])" if word[-1].isalnum() else ""
        return rf"(?<![a-z0-9]){folded}{end}{_NO_SUBJECT_AFTER if mark else ''}"
    if not mark:
        return folded
    before = _NO_LETTER_BEFORE if word[0].isalnum() else ""
    after = _NO_LETTER_AFTER if word[-1].isalnum() else ""
    return rf"{before}{folded}{after}|(?<=[はを、]){folded}(?:です|とし|とする|である|扱い|につき)"


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
