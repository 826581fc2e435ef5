"""Which row of a table a question asks for, so that its neighbours are not quoted beside it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.answering.candidates import Candidate
from app.answering.numbers import expand
from app.answering.quantities import read_figures
from app.answering.quoting import features
from retrieval.lexical.tokenizing import QUESTION_WORDS, terms

_NUMBER = r"(?:[¥$€]\s?)?(\d+(?:\.\d+)?)\s?(?:[^\d\s、,/〜~-]{0,4}?)"
_FROM = re.compile(
    rf"{_NUMBER}(以上|超|を超え|より)|\b(over|above|more than|from|at least)\s{_NUMBER}"
)
_TO = re.compile(
    rf"{_NUMBER}(未満|以下|まで|以内)|\b(up to|under|below|less than|at most|within)\s{_NUMBER}"
)
_BETWEEN = re.compile(rf"{_NUMBER}\s?(?:〜|~|～|-|–|から|\bto\b|\band\b)\s?{_NUMBER}")
_OPEN_BELOW = frozenset({"超", "を超え", "より", "over", "above", "more than"})
_OPEN_ABOVE = frozenset({"未満", "under", "below", "less than"})


@dataclass(frozen=True, slots=True)
class _Range:
    """From where to where a row holds; None where it has no end."""

    low: Decimal | None
    high: Decimal | None
    low_open: bool = False
    high_open: bool = False

    def holds(self, value: Decimal) -> bool:
        """Tells whether a value lies in it."""
        if self.low is not None and (value < self.low or (self.low_open and value == self.low)):
            return False
        above = self.high is not None and (
            value > self.high or (self.high_open and value == self.high)
        )
        return not above


def choose_rows(question: str, candidates: Sequence[Candidate], chosen: Sequence[int]) -> list[int]:
    """Returns what to quote: of each table the asked row alone, where it can be told.

    A row is asked for when its range holds the figure of the question (12 km: "10 km or more, less
    than 15 km"), else when it holds a word of the question that others chosen of its table lack.

    Args:
        question: As it is searched for.
        candidates: All that may be quoted.
        chosen: Places of those that would be, best first.
    """
    kept: list[int] = []
    done: set[int] = set()
    for place in chosen:
        one = candidates[place]
        if not one.is_row:
            kept.append(place)
        elif one.rank not in done:
            done.add(one.rank)
            siblings = [
                index for index, each in enumerate(candidates)
                if each.is_row and each.rank == one.rank
            ]  # fmt: skip
            mine = [index for index in chosen if index in siblings]
            kept += _by_range(question, candidates, siblings) or _by_word(
                question, candidates, mine
            )
    return kept


def _by_range(question: str, candidates: Sequence[Candidate], rows: Sequence[int]) -> list[int]:
    """Returns the one row whose range holds a figure asked about, of a table made of ranges."""
    plain = expand(question)
    if _FROM.search(plain) or _TO.search(plain):
        return []  # it asks of a range itself: "more than ten years"
    asked = {(each.unit, each.value) for each in read_figures(question).quantities if each.unit}
    ranged = {index: _read_range(candidates[index].text) for index in rows}
    held = [
        index
        for index, (unit, found) in ranged.items()
        if found and any(unit == own and found.holds(Decimal(value)) for own, value in asked)
    ]
    several = sum(found is not None for _, found in ranged.values()) > 1
    return held if several and len(held) == 1 else []


def _read_range(row: str) -> tuple[str, _Range | None]:
    """Returns the unit and the range of the first cell of a row that has one."""
    for cell in row.split(" / "):
        label, _, value = cell.partition(": ")
        plain = expand(value or label)
        found = _find_range(plain)
        if found is not None:
            units = [each.unit for each in read_figures(plain).quantities if each.unit]
            units += sorted(read_figures(label).units)
            return (units[0] if units else ""), found
    return "", None


def _find_range(plain: str) -> _Range | None:
    low, high = _FROM.search(plain), _TO.search(plain)
    if low is None and high is None:
        between = _BETWEEN.search(plain)
        return _Range(Decimal(between[1]), Decimal(between[2])) if between else None
    return _Range(
        Decimal(low[1] or low[4]) if low else None,
        Decimal(high[1] or high[4]) if high else None,
        low_open=low is not None and (low[2] or low[3]) in _OPEN_BELOW,
        high_open=high is not None and (high[2] or high[3]) in _OPEN_ABOVE,
    )


def _by_word(question: str, candidates: Sequence[Candidate], rows: Sequence[int]) -> list[int]:
    """Returns the rows with a word of the question that not all of them hold, all if none has."""
    if len(rows) < 2:
        return list(rows)
    wanted = frozenset(terms(question)) - QUESTION_WORDS
    held = [wanted & features(candidates[index].text)[0] for index in rows]
    shared = frozenset.intersection(*held)
    telling = [len(each - shared) for each in held]
    asked = [index for index, count in zip(rows, telling, strict=True) if count]
    return asked or list(rows)
