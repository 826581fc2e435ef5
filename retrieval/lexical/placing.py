"""Where in a text its terms stand, in characters of that text as it is shown.

The terms are those of :mod:`retrieval.lexical.tokenizing`. (A test holds both equal.)
"""

import unicodedata
from dataclasses import dataclass

from retrieval.lexical.tokenizing import find_words, level, make_encodable

_HALF_WIDTH_MARKS = "ﾞﾟ"


@dataclass(frozen=True, slots=True)
class Placed:
    """A term and where it stands.

    Attributes:
        start: Offset of its first character.
        end: Offset after its last character.
    """

    term: str
    start: int
    end: int


def place_terms(text: str) -> list[Placed]:
    """Returns all terms of a text with their places, in reading order."""
    levelled, starts = _level(make_encodable(text))
    return [
        Placed(term, starts[begin], starts[end])
        for found, begin, end in find_words(levelled)
        for term in found
    ]


def _level(text: str) -> tuple[str, list[int]]:
    """Returns the levelled text, and for each of its characters where it begins in the original.

    The last number is the original's length. A character is taken together with the marks that
    follow it, because only then do they become one.
    """
    levelled: list[str] = []
    starts: list[int] = []
    place = 0
    while place < len(text):
        end = place + 1
        while end < len(text) and _is_mark(text[end]):
            end += 1
        part = level(text[place:end])
        levelled.append(part)
        starts += [place] * len(part)
        place = end
    return "".join(levelled), [*starts, len(text)]


def _is_mark(character: str) -> bool:
    return character in _HALF_WIDTH_MARKS or unicodedata.combining(character) != 0
