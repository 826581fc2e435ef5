"""Which sentence of one document is which of the other, and what became of its words."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from app.tasking.model import Fate, Words
from app.tasking.units import Unit

ALIKE = 0.5
"""Share of two sentences' pairs of characters in common above which one is the other changed."""

_LABEL_BONUS = 0.3  # the same article
_PLACE_BONUS = 0.1  # between the same unchanged sentences
_HEADING_LOSS = 0.3  # a heading is no sentence
_MOST_COMPARED = 250_000  # pairs; takes about a second
_NEAREST = 10
_WORD = re.compile(
    r"\d[\d,]*(?:\.\d+)?|[A-Za-z]+(?:['’-][A-Za-z]+)*|[ァ-ヶー]+|[々〆一-鿿]{1,2}|\s+|.", re.DOTALL
)
_ISLAND = 2
"""Characters that stay the same between two changes and are shown as changed with them."""


@dataclass(frozen=True, slots=True)
class Alignment:
    """Pairs of changed and moved units, and those that have no counterpart."""

    changed: tuple[tuple[Unit, Unit], ...]
    moved: tuple[tuple[Unit, Unit], ...]
    removed: tuple[Unit, ...]
    added: tuple[Unit, ...]
    unchanged: int


def align(before: Sequence[Unit], after: Sequence[Unit]) -> Alignment:
    """Returns what became of every unit.

    The same units in the same order are unchanged. Of the others, the same one elsewhere has
    moved, one much alike has changed, and the rest was removed or added.
    """
    first_same, last_same = _measure_ends(before, after)
    unchanged = first_same + last_same
    before = before[first_same : len(before) - last_same]
    after = after[first_same : len(after) - last_same]
    matcher = SequenceMatcher(
        None, [unit.key for unit in before], [unit.key for unit in after], autojunk=False
    )
    old: list[_Left] = []
    new: list[_Left] = []
    for gap, (operation, start, end, first, last) in enumerate(matcher.get_opcodes()):
        if operation == "equal":
            unchanged += end - start
            continue
        old += [_Left(unit, gap) for unit in before[start:end]]
        new += [_Left(unit, gap) for unit in after[first:last]]
    moved = _take_moved(old, new)
    changed = _take_changed(old, new)
    return Alignment(
        changed=tuple(changed),
        moved=tuple(moved),
        removed=tuple(left.unit for left in old),
        added=tuple(left.unit for left in new),
        unchanged=unchanged,
    )


def _measure_ends(before: Sequence[Unit], after: Sequence[Unit]) -> tuple[int, int]:
    """Returns how many units are the same at the beginning, and of the rest at the end."""
    most = min(len(before), len(after))
    first = 0
    while first < most and before[first].key == after[first].key:
        first += 1
    last = 0
    while last < most - first and before[-1 - last].key == after[-1 - last].key:
        last += 1
    return first, last


@dataclass(frozen=True, slots=True)
class _Left:
    """A unit without its like at the same place; ``gap`` tells between which unchanged ones."""

    unit: Unit
    gap: int


Pairs = list[tuple[Unit, Unit]]


def _take_moved(old: list[_Left], new: list[_Left]) -> Pairs:
    """Takes out of both lists what stands elsewhere, word for word."""
    places: dict[str, list[int]] = defaultdict(list)
    for column in range(len(new) - 1, -1, -1):
        places[new[column].unit.key].append(column)
    pairs: list[tuple[int, int]] = []
    for row, left in enumerate(old):
        if places.get(left.unit.key):
            pairs.append((row, places[left.unit.key].pop()))
    return _take_out(old, new, pairs)


def _take_changed(old: list[_Left], new: list[_Left]) -> Pairs:
    """Takes out of both lists what is much alike, the most alike first."""
    grams = {id(left): _grams(left.unit.key) for left in (*old, *new)}
    found: list[tuple[float, int, int]] = []
    for row, column in _list_pairs(old, new):
        left, other = old[row], new[column]
        score = _liken(left, other, grams[id(left)], grams[id(other)])
        if score >= ALIKE:
            found.append((score, row, column))
    rows: set[int] = set()
    columns: set[int] = set()
    pairs: list[tuple[int, int]] = []
    for _, row, column in sorted(found, key=lambda each: (-each[0], each[1], each[2])):
        if row not in rows and column not in columns:
            rows.add(row)
            columns.add(column)
            pairs.append((row, column))
    return _take_out(old, new, sorted(pairs))


def _list_pairs(old: Sequence[_Left], new: Sequence[_Left]) -> Iterator[tuple[int, int]]:
    """Yields which to compare: all with all, and in long documents only those about as far on."""
    if not old or not new:
        return
    width = max(_NEAREST, _MOST_COMPARED // len(old) // 2)
    for row in range(len(old)):
        middle = row * len(new) // len(old)
        for column in range(max(0, middle - width), min(len(new), middle + width + 1)):
            yield row, column


def _take_out(old: list[_Left], new: list[_Left], pairs: Sequence[tuple[int, int]]) -> Pairs:
    result = [(old[row].unit, new[column].unit) for row, column in pairs]
    rows, columns = {row for row, _ in pairs}, {column for _, column in pairs}
    old[:] = [left for row, left in enumerate(old) if row not in rows]
    new[:] = [left for column, left in enumerate(new) if column not in columns]
    return result


def _liken(one: _Left, other: _Left, mine: Counter[str], theirs: Counter[str]) -> float:
    total = sum(mine.values()) + sum(theirs.values())
    score = 2 * sum((mine & theirs).values()) / total if total else 0.0
    labels = one.unit.label, other.unit.label
    if labels[0] and labels[0] == labels[1]:
        score += _LABEL_BONUS
    elif all(labels):
        score -= _LABEL_BONUS if one.gap != other.gap else 0.0
    score += _PLACE_BONUS if one.gap == other.gap else 0.0
    return score - (_HEADING_LOSS if one.unit.is_heading != other.unit.is_heading else 0.0)


def _grams(key: str) -> Counter[str]:
    return Counter(key[at : at + 2] for at in range(max(1, len(key) - 1)))


def compare_words(before: str, after: str) -> tuple[Words, ...]:
    """Returns the words of both, run by run; all of each stands in its order."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    runs: list[Words] = []
    for operation, start, end, first, last in matcher.get_opcodes():
        if operation == "equal":
            runs.append(Words(Fate.SAME, "".join(old[start:end])))
            continue
        if start < end:
            runs.append(Words(Fate.REMOVED, "".join(old[start:end])))
        if first < last:
            runs.append(Words(Fate.ADDED, "".join(new[first:last])))
    return tuple(_flood(runs))


def _flood(runs: Sequence[Words]) -> list[Words]:
    """Joins changes that only an island of a character or two parts."""
    joined: list[Words] = []
    for place, run in enumerate(runs):
        inside = 0 < place < len(runs) - 1
        if run.fate is Fate.SAME and inside and len(run.text.strip()) < _ISLAND:
            joined += [Words(Fate.REMOVED, run.text), Words(Fate.ADDED, run.text)]
        else:
            joined.append(run)
    return list(_merge(joined))


def _merge(runs: Iterable[Words]) -> Iterable[Words]:
    """Yields the runs with each stretch of changes as one removal and one addition."""
    held: dict[Fate, str] = {}
    for run in runs:
        if run.fate is not Fate.SAME:
            held[run.fate] = held.get(run.fate, "") + run.text
            continue
        yield from _release(held)
        yield run
    yield from _release(held)


def _release(held: dict[Fate, str]) -> list[Words]:
    found = [Words(fate, held[fate]) for fate in (Fate.REMOVED, Fate.ADDED) if fate in held]
    held.clear()
    return found
