"""Whether something stands in the place where the evidence has something else.

"Tanaka approves travel" beside "Suzuki approves travel. Tanaka books it." holds only words of its
evidence, and figures likewise; what gives it away is who stands between the same neighbours.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache

from app.answering.analysing import Word, words
from app.answering.numbers import expand
from retrieval.lexical.tokenizing import DROPPED_PARTS, ENGLISH_FUNCTION_WORDS

_JAPANESE = re.compile(r"[ぁ-んァ-ヶ一-鿿]")
_TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9'’.,-]*[A-Za-z0-9]|\w|[^\w\s]")
_KATAKANA = re.compile(r"[ァ-ヴー]{2,}")
_LONGEST_NAME = 3
_SOUGHT = frozenset({"name", "figure"})


@lru_cache(maxsize=2048)
def read_tokens(text: str) -> tuple[tuple[str, str], ...]:
    """Returns (token, sort) in order.

    The sort is "name", "figure", "link" (particles, marks, little words) or "" for the rest.
    """
    text = unicodedata.normalize("NFKC", text)
    if not _JAPANESE.search(text):
        found = list(_TOKEN.finditer(text))
        return tuple((match.group(), _sort_latin(match, text)) for match in found)
    return tuple(
        (word.surface, _sort_japanese(word)) for word in words(text) if word.surface.strip()
    )


def _sort_latin(match: re.Match[str], text: str) -> str:
    token = match.group()
    if token[0].isdigit():
        return "figure"
    if not token[0].isalnum() or token in ENGLISH_FUNCTION_WORDS:
        return "link"
    return "name" if token[0].isupper() and text[: match.start()].rstrip()[-1:] not in ".!?" else ""


def _sort_japanese(word: Word) -> str:
    if word.surface.isascii() and word.surface[0].isdigit():
        return "figure"  # numbers in kanji are left to those who can read them
    if word.part in DROPPED_PARTS:
        return "link"
    if word.detail == "固有名詞" or _KATAKANA.fullmatch(word.surface) or word.surface[0].isupper():
        return "name"
    return ""


def find_substituted(sentence: str, evidence: Sequence[str]) -> tuple[str, ...]:
    """Returns the names and figures in whose place a part of the evidence has another one.

    The place is the same when three neighbours are: two before and one after, or one and two.
    Where the evidence also has the name itself in such company, nothing is said.
    """
    own = read_tokens(sentence)
    parts = [read_tokens(part) for part in evidence]
    swapped: list[str] = []
    index = 0
    while index < len(own):
        end = _end_of_run(own, index)
        if own[index][1] in _SOUGHT and index > 0 and end < len(own):
            place = _Place(own, index, end)
            if not any(place.holds(part) for part in parts) and any(
                place.holds_another(part) for part in parts
            ):
                swapped.append(" ".join(token for token, _ in own[index:end]))
        index = end
    return tuple(swapped)


def _end_of_run(tokens: Sequence[tuple[str, str]], start: int) -> int:
    """Returns where the name that begins at a token ends; anything else is one token long."""
    end = start + 1
    while tokens[start][1] == "name" and end < len(tokens) and tokens[end][1] == "name":
        end += 1
    return end


class _Place:
    """Where a name or a figure stands in its sentence."""

    def __init__(self, own: Sequence[tuple[str, str]], start: int, end: int) -> None:
        self._tokens = [token for token, _ in own[start:end]]
        self._sort = own[start][1]
        self._before = own[max(0, start - 2) : start]
        self._after = own[end : end + 2]

    def holds(self, part: tuple[tuple[str, str], ...]) -> bool:
        """Returns whether the part has it beside one of its neighbours that mean something.

        Particles and units stand beside everything, so they only count on both sides.
        """
        length = len(self._tokens)
        for at in _positions(part).get(self._tokens[0], ()):
            if [token for token, _ in part[at : at + length]] != self._tokens:
                continue
            before = at > 0 and part[at - 1] == self._before[-1]
            after = at + length < len(part) and part[at + length] == self._after[0]
            telling = (before and self._before[-1][1] != "link") or (
                after and self._after[0][1] != "link" and self._sort == "name"
            )
            if telling or (before and after):
                return True
        return False

    def holds_another(self, part: tuple[tuple[str, str], ...]) -> bool:
        """Returns whether the part has another of the sort between the same neighbours."""
        for left in _positions(part).get(self._before[-1][0], ()):
            end = left + 1
            while end < len(part) and part[end][1] == self._sort and end - left <= _LONGEST_NAME:
                end += 1
            between = part[left + 1 : end]
            if (
                between
                and end < len(part)
                and part[end] == self._after[0]
                and self._differs(between)
                and self._matches_third(part, left, end)
            ):
                return True
        return False

    def _differs(self, between: Sequence[tuple[str, str]]) -> bool:
        if self._sort == "figure":
            return expand(self._tokens[0]) not in {expand(token) for token, _ in between}
        theirs = {token.casefold() for token, _ in between}
        own = {token.casefold() for token in self._tokens}
        return not (own <= theirs or theirs <= own)  # "Stone" for "Alice Stone" is no other

    def _matches_third(self, part: Sequence[tuple[str, str]], left: int, end: int) -> bool:
        second_before = len(self._before) == 2 and left > 0 and part[left - 1] == self._before[0]
        second_after = (
            len(self._after) == 2 and end + 1 < len(part) and part[end + 1] == self._after[1]
        )
        return bool(second_before or second_after)


@lru_cache(maxsize=2048)
def _positions(part: tuple[tuple[str, str], ...]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for index, (token, _) in enumerate(part):
        found[token].append(index)
    return found
