"""Which characters of a passage answer to the words of the question."""

from collections.abc import Iterable
from dataclasses import dataclass

from retrieval.lexical.glossary import Glossary
from retrieval.lexical.placing import Placed, place_terms
from retrieval.lexical.tokenizing import QUESTION_WORDS, tokenize

ASKED, SYNONYM = "asked", "synonym"

_READ_CHARACTERS = 20_000


@dataclass(frozen=True, slots=True)
class Highlight:
    """A stretch of a text.

    Attributes:
        start: Offset of its first character in the text given.
        end: Offset after its last character.
        kind: "asked" for a word of the question, "synonym" for what the glossary calls it.
    """

    start: int
    end: int
    kind: str = ASKED


class Highlighter:
    """Marks the words of one question in any number of texts."""

    def __init__(self, question: str, glossary: Glossary) -> None:
        """Analyses the question.

        Args:
            question: What is searched for, without its fields and exclusions.
            glossary: What else its words are called.
        """
        sentences = tokenize(glossary.write_out(question))
        found = {term for sentence in sentences for term in sentence}
        self._asked = frozenset(found - QUESTION_WORDS) or frozenset(found)
        concepts = [each for sentence in sentences for each in glossary.concepts(sentence)]
        ways = {way for concept in concepts for way in concept.others}
        self._ways = sorted(ways, key=lambda way: -len(way))

    def mark(self, text: str) -> tuple[Highlight, ...]:
        """Returns the stretches, in reading order; none overlaps another."""
        placed = place_terms(text[:_READ_CHARACTERS])
        asked = [Highlight(each.start, each.end) for each in placed if each.term in self._asked]
        others = [
            Highlight(start, end, SYNONYM)
            for way in self._ways
            for start, end in _find_way(placed, way)
        ]
        return _join([*asked, *others], text)


def _find_way(placed: list[Placed], way: tuple[str, ...]) -> Iterable[tuple[int, int]]:
    """Yields where all terms of a way to say something follow each other."""
    terms = [each.term for each in placed]
    for place in range(len(terms) - len(way) + 1):
        if terms[place] == way[0] and tuple(terms[place : place + len(way)]) == way:
            yield placed[place].start, placed[place + len(way) - 1].end


def _join(found: list[Highlight], text: str) -> tuple[Highlight, ...]:
    """Returns the stretches without overlaps; neighbours of one kind become one."""
    joined: list[Highlight] = []
    for each in sorted(found, key=lambda one: (one.start, -one.end, one.kind)):
        last = joined[-1] if joined else None
        if last is not None and each.start < last.end:
            each = Highlight(last.end, each.end, each.kind)  # only what is new
        if each.end <= each.start:
            continue
        gap = text[last.end : each.start] if last else ""
        if last is not None and last.kind == each.kind and not gap.strip():
            joined[-1] = Highlight(last.start, each.end, each.kind)
        else:
            joined.append(each)
    return tuple(joined)
