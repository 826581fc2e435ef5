"""Where in a text its terms stand, in characters of that text as it is shown.

The terms are those of :mod:`retrieval.lexical.tokenizing`, found by the same steps; here each one
keeps its place. (A test holds both equal.)
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from retrieval.lexical import tokenizing

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
    normal, starts = _normalise(text.encode("utf-8", "replace").decode("utf-8"))
    normal = tokenizing._HYPHENS.sub("-", normal)
    placed: list[Placed] = []
    position = 0
    for word in tokenizing._WORD.finditer(normal):
        placed += _place_japanese(normal, (position, word.start()), starts)
        begin, end = starts[word.start()], starts[word.end()]
        placed += [Placed(term, begin, end) for term in tokenizing._latin_terms(word.group())]
        position = word.end()
    return [*placed, *_place_japanese(normal, (position, len(normal)), starts)]


def _place_japanese(normal: str, span: tuple[int, int], starts: list[int]) -> Iterator[Placed]:
    """Yields the terms of a stretch without Latin letters."""
    stretch = normal[span[0] : span[1]]
    if not stretch or stretch.isspace():
        return
    drop, step = tokenizing._dropped(), tokenizing.SEGMENT_CHARACTERS
    for offset in range(0, len(stretch), step):
        begin = span[0] + offset
        for morpheme in tokenizing._analyser().tokenize(stretch[offset : offset + step]):
            if drop(morpheme):
                continue
            first, last = starts[begin + morpheme.begin()], starts[begin + morpheme.end()]
            for term in tokenizing._japanese_terms(morpheme.normalized_form()):
                yield Placed(term, first, last)


def _normalise(text: str) -> tuple[str, list[int]]:
    """Returns the text in NFKC, and for each of its characters where it begins in the original.

    The last number is the original's length. A character is taken together with the marks that
    follow it, because only then do they become one.
    """
    normal: list[str] = []
    starts: list[int] = []
    place = 0
    while place < len(text):
        end = place + 1
        while end < len(text) and _is_mark(text[end]):
            end += 1
        part = unicodedata.normalize("NFKC", text[place:end])
        normal.append(part)
        starts += [place] * len(part)
        place = end
    return "".join(normal), [*starts, len(text)]


def _is_mark(character: str) -> bool:
    return character in _HALF_WIDTH_MARKS or unicodedata.combining(character) != 0
