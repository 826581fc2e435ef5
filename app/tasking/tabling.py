"""Tables of two documents, compared row by row under what names each row."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from app.tasking.model import CellChange
from app.tasking.units import Table, Unit, fold

_SAME_TABLE = 0.3
"""Share of the smaller table's rows, or of its columns, that make two tables one."""
Row = tuple[Unit, tuple[str, ...]]
_ASIDE = re.compile(r"[(（\[［].*?[)）\]］]|[\s・:：]")


@dataclass(frozen=True, slots=True)
class RowPair:
    """A row of one table and the same row of the other; None where there is none."""

    key: str
    before: Unit | None
    after: Unit | None
    cells: tuple[CellChange, ...] = ()


@dataclass(frozen=True, slots=True)
class TableChanges:
    """What became of all tables: rows that differ, headers that differ, and how many are same."""

    rows: tuple[RowPair, ...]
    headers: tuple[RowPair, ...]
    unchanged: int


def compare_tables(before: Sequence[Table], after: Sequence[Table]) -> TableChanges:
    """Returns the rows that differ; each table is compared with the one most like it."""
    rows: list[RowPair] = []
    headers: list[RowPair] = []
    unchanged = 0
    for mine, theirs in _match(before, after):
        if mine is None or theirs is None:
            rows += _alone(mine, theirs)
            continue
        columns = _match_columns(mine.columns, theirs.columns)
        headers += _compare_headers(mine, theirs, columns)
        found, same = _compare_rows(mine, theirs, columns)
        rows += found
        unchanged += same
    return TableChanges(tuple(rows), tuple(headers), unchanged)


def _match(
    before: Sequence[Table], after: Sequence[Table]
) -> list[tuple[Table | None, Table | None]]:
    scored = sorted(
        (
            (-_liken(mine, theirs), row, column)
            for row, mine in enumerate(before)
            for column, theirs in enumerate(after)
        ),
    )
    partner: dict[int, int] = {}
    for score, row, column in scored:
        if -score >= _SAME_TABLE and row not in partner and column not in partner.values():
            partner[row] = column
    pairs: list[tuple[Table | None, Table | None]] = [
        (mine, after[partner[row]] if row in partner else None) for row, mine in enumerate(before)
    ]
    used = set(partner.values())
    return pairs + [(None, each) for column, each in enumerate(after) if column not in used]


def _liken(mine: Table, theirs: Table) -> float:
    keys = set(mine.keys), set(theirs.keys)
    names = {_bare(name) for name in mine.columns}, {_bare(name) for name in theirs.columns}
    shared = len(keys[0] & keys[1]) / max(1, min(map(len, keys)))
    alike = len(names[0] & names[1]) / max(1, min(map(len, names)))
    return (2 * shared + alike) / 3 if shared else alike / 3


def _alone(mine: Table | None, theirs: Table | None) -> list[RowPair]:
    if mine is not None:
        return [RowPair(cells[0], row, None) for row, cells in mine.rows]
    return [RowPair(cells[0], None, row) for row, cells in theirs.rows] if theirs else []


def _match_columns(mine: Sequence[str], theirs: Sequence[str]) -> dict[int, int]:
    """Returns which column of the other table each is: by name, else without what is in brackets.

    The first column names the rows of both.
    """
    matched = {0: 0}
    for name_of in (fold, _bare):
        for place, name in enumerate(mine):
            free = [
                other
                for other, theirs_name in enumerate(theirs)
                if other not in matched.values() and name_of(theirs_name) == name_of(name)
            ]
            if place not in matched and name and free:
                matched[place] = free[0]
    return matched


def _compare_headers(mine: Table, theirs: Table, columns: dict[int, int]) -> list[RowPair]:
    """Returns columns that are new, gone or called otherwise, as one change of the header."""
    cells = [
        CellChange(theirs.columns[other], name, theirs.columns[other])
        for place, name in enumerate(mine.columns)
        if (other := columns.get(place)) is not None and fold(name) != fold(theirs.columns[other])
    ]
    cells += [
        CellChange(name, name, "")
        for place, name in enumerate(mine.columns)
        if place not in columns and name
    ]
    cells += [
        CellChange(name, "", name)
        for place, name in enumerate(theirs.columns)
        if place not in columns.values() and name
    ]
    return [RowPair("", mine.header, theirs.header, tuple(cells))] if cells else []


def _compare_rows(mine: Table, theirs: Table, columns: dict[int, int]) -> tuple[list[RowPair], int]:
    """Returns the rows that differ, and how many do not; rows of one name are paired in order."""
    waiting: dict[str, list[Row]] = {}
    for key, entry in zip(theirs.keys, theirs.rows, strict=True):
        waiting.setdefault(key, []).append(entry)
    found: list[RowPair] = []
    same = 0
    for key, (row, cells) in zip(mine.keys, mine.rows, strict=True):
        others = waiting.get(key)
        if not others:
            found.append(RowPair(cells[0], row, None))
            continue
        exact = [each for each in others if fold(each[0].text) == row.key]
        partner = exact[0] if exact else others[0]
        others.remove(partner)
        changes = _compare_cells((mine, cells), (theirs, partner[1]), columns)
        same += not changes
        found += [RowPair(cells[0], row, partner[0], changes)] if changes else []
    found += [RowPair(left[1][0], None, left[0]) for rows in waiting.values() for left in rows]
    return found, same


def _compare_cells(
    mine: tuple[Table, tuple[str, ...]],
    theirs: tuple[Table, tuple[str, ...]],
    columns: dict[int, int],
) -> tuple[CellChange, ...]:
    changes: list[CellChange] = []
    for place, other in columns.items():
        before = mine[1][place] if place < len(mine[1]) else ""
        after = theirs[1][other] if other < len(theirs[1]) else ""
        if fold(before) != fold(after):
            changes.append(CellChange(theirs[0].columns[other], before, after))
    return tuple(changes)


def _bare(name: str) -> str:
    plain = unicodedata.normalize("NFKC", name).casefold()
    return _ASIDE.sub("", plain) or plain
