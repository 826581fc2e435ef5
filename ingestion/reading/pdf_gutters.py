"""Finds the tables a PDF page draws without ruling lines, by the gutters between their columns."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ingestion.reading.pdf_lines import Line

_LEADER = re.compile(r"[.．·・…‥_]{4}|(?:[.．·・…] ){3}")
_MARKER = re.compile(r"[\W_]{0,2}(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,4}|[①-⑳]|[ア-ン])?[.．)）、:：\]]?")
_PAGE_WORD = re.compile(r"p\.?|pages?|頁|ページ|頁数", re.IGNORECASE)
_SIGNS = frozenset("$¥￥€£円")
_GUTTER = 0.4  # line heights that stay free between two columns
_FARTHEST = 2.6  # line heights from one row to the next
_ALIGNED = 0.5  # line heights that aligned edges may differ by
_FEWEST_ROWS = 3
_MOST_ROWS = 500
_MOST_COLUMNS = 20
_MOST_ALONE = 3  # headings and broken lines that may stand between two rows
_LONG = 30  # half widths; such cells are sentences rather than entries
_LONGEST = 60
_SHORT = 16


@dataclass(frozen=True, slots=True)
class Stretch:
    """Lines that follow each other, and their rows where they are a table, "" where not."""

    lines: tuple[Line, ...]
    table: str = ""


@dataclass(frozen=True, slots=True)
class _Cell:
    text: str
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class _Row:
    lines: tuple[Line, ...]
    cells: tuple[_Cell, ...]

    @property
    def size(self) -> float:
        return self.lines[0].size

    @property
    def bottom(self) -> float:
        return self.lines[0].bottom


Span = tuple[float, float]
Grid = list[list[_Cell | None]]


def split_tables(lines: Sequence[Line]) -> Iterator[Stretch]:
    """Yields all the lines in their order, those of borderless tables with the table's rows.

    A table is a run of rows whose words keep to columns: the gutters between them stay free, edges
    are aligned, and entries are short and partly numbers. In doubt the lines are text.
    """
    if not any(line.gaps for line in lines):
        yield Stretch(tuple(lines))
        return
    rows = list(_rows(lines))
    plain: list[Line] = []
    start = 0
    while start < len(rows):
        count, columns = _run(rows, start)
        run = rows[start : start + count]
        table = _write(run, columns) if count >= _FEWEST_ROWS else ""
        own = tuple(line for row in run for line in row.lines)
        if table:
            if plain:
                yield Stretch(tuple(plain))
            plain = []
            yield Stretch(own, table)
        elif count >= _FEWEST_ROWS:
            plain += own
        else:
            plain += rows[start].lines
            count = 1
        start += count
    if plain:
        yield Stretch(tuple(plain))


def _rows(lines: Iterable[Line]) -> Iterator[_Row]:
    """Yields the lines, those that continue another to its right joined with it."""
    joined: list[Line] = []
    for line in lines:
        if joined and not _continues(joined[-1], line):
            yield _row(joined)
            joined = []
        joined.append(line)
    if joined:
        yield _row(joined)


def _continues(before: Line, line: Line) -> bool:
    height = max(min(before.size, line.size), 1.0)
    return abs(before.bottom - line.bottom) < 0.3 * height < line.left - before.right


def _row(lines: Sequence[Line]) -> _Row:
    return _Row(tuple(lines), tuple(cell for line in lines for cell in _cells(line)))


def _cells(line: Line) -> Iterator[_Cell]:
    start, left = 0, line.left
    for gap in line.gaps:
        yield _Cell(" ".join(line.text[start : gap.start].split()), left, gap.left)
        start, left = gap.end, gap.right
    yield _Cell(" ".join(line.text[start:].split()), left, line.right)


def _run(rows: Sequence[_Row], start: int) -> tuple[int, list[Span]]:
    """Returns how many rows from the start share columns, and the columns."""
    columns: list[Span] = []
    count, fitting = 0, columns
    if not 2 <= len(rows[start].cells) <= _MOST_COLUMNS:
        return 0, []
    for end in range(start, min(len(rows), start + _MOST_ROWS)):
        row = rows[end]
        if end > start and not _follows(rows[end - 1], row):
            break
        if end - start - count > _MOST_ALONE or len(row.cells) > _MOST_COLUMNS:
            break
        wider = _fit(rows[start:end], columns, row)
        if wider is None:
            break
        columns = wider
        if len(row.cells) > 1:  # what stands alone at the end belongs to the text below
            count, fitting = end - start + 1, columns
    return count, fitting


def _follows(before: _Row, row: _Row) -> bool:
    height = max(min(before.size, row.size), 1.0)
    alike = abs(before.size - row.size) <= 0.25 * height
    return alike and 0.5 * height < before.bottom - row.bottom < _FARTHEST * height


def _fit(rows: Sequence[_Row], columns: Sequence[Span], row: _Row) -> list[Span] | None:
    """Returns the columns with one more row in them, ``None`` where it runs across them."""
    free = _GUTTER * row.size
    spans = list(columns)
    for cell in row.cells:
        near = [s for s in spans if cell.left < s[1] + free and cell.right > s[0] - free]
        lefts, rights = [s[0] for s in near], [s[1] for s in near]
        span = (min([cell.left, *lefts]), max([cell.right, *rights]))
        if len(near) > 1 and any(_within(span, each) > 1 for each in rows):
            return None
        spans = [s for s in spans if s not in near] + [span]
    spans.sort()
    if any(two[0] - one[1] < free for one, two in pairwise(spans)):
        return None
    return spans if all(_within(span, row) <= 1 for span in spans) else None


def _within(span: Span, row: _Row) -> int:
    return sum(1 for cell in row.cells if cell.left < span[1] and cell.right > span[0])


def _write(rows: Sequence[_Row], columns: Sequence[Span]) -> str:
    """Returns the rows as a table's text, "" where they are none."""
    grid: Grid = []
    for row in rows:
        middles = [((cell.left + cell.right) / 2, cell) for cell in row.cells]
        places = [[cell for middle, cell in middles if c[0] <= middle <= c[1]] for c in columns]
        if sum(map(len, places)) != len(row.cells) or any(len(place) > 1 for place in places):
            return ""
        grid.append([place[0] if place else None for place in places])
    if not _is_table(grid, rows[0].size):
        return ""
    return "\n".join("\t".join(cell.text if cell else "" for cell in row) for row in grid)


def _is_table(grid: Grid, size: float) -> bool:
    """Returns whether rows in columns are entries: not prose, a list, a form or contents."""
    if not 2 <= len(grid[0]) <= _MOST_COLUMNS:
        return False
    cells = [cell for row in grid for cell in row if cell]
    full = [row for row in grid if sum(1 for cell in row if cell) > 1]
    if len(full) < max(_FEWEST_ROWS, 0.6 * len(grid)):
        return False
    if len(cells) < 0.5 * len(grid) * len(grid[0]):
        return False
    if any(_LEADER.search(cell.text) for cell in cells) or _is_contents(grid):
        return False
    if sum(char.isalpha() for cell in cells for char in cell.text) < len(grid):
        return False  # numbers alone are the axis of a chart or a formula
    body = [[row[index] for row in grid[1:]] for index in range(len(grid[0]))]
    columns = [[cell for cell in column if cell] for column in body]
    return _is_aligned(columns, size) and _has_entries(columns, grid)


def _is_aligned(columns: Sequence[Sequence[_Cell]], size: float) -> bool:
    first = _aligned_share(columns[0], size) >= 0.4  # entries may be indented below each other
    return first and all(_aligned_share(column, size) >= 0.7 for column in columns[1:])


def _aligned_share(column: Sequence[_Cell], size: float) -> float:
    """Returns the largest share of cells with the same left edge, right edge or middle."""
    if len(column) < 2:
        return 1.0
    edges = (
        [cell.left for cell in column],
        [cell.right for cell in column],
        [(cell.left + cell.right) / 2 for cell in column],
    )
    most = max(_largest_group(sorted(places), _ALIGNED * size) for places in edges)
    return most / len(column)


def _largest_group(places: Sequence[float], width: float) -> int:
    most = start = 0
    for end, place in enumerate(places):
        while place - places[start] > width:
            start += 1
        most = max(most, end - start + 1)
    return most


def _has_entries(columns: Sequence[Sequence[_Cell]], grid: Grid) -> bool:
    means = [_mean_width(column) for column in columns]
    if max(means) > _LONGEST or sum(mean > _LONG for mean in means) * 2 > len(means):
        return False
    if any(mean > _SHORT and _runs_on(c) for mean, c in zip(means, columns, strict=True)):
        return False
    if columns[-1] and all(cell.text in _SIGNS for cell in columns[-1]):
        return False  # a form's blanks for amounts
    numbers = [_is_numeric(column) for column in columns[1:]]
    if len(columns) == 2:
        return numbers[0] and _are_pairs(columns[0], grid)
    entries = len(grid) > _FEWEST_ROWS and sum(means) <= _SHORT * len(means)
    filled = sum(map(len, columns)) >= 0.8 * (len(grid) - 1) * len(columns)
    return any(numbers) or (entries and filled)


def _are_pairs(names: Sequence[_Cell], grid: Grid) -> bool:
    """Returns whether two columns are names and numbers rather than marks or a form's labels."""
    labels = sum(cell.text.endswith((":", "：")) for cell in names)
    marks = sum(bool(_MARKER.fullmatch(cell.text)) for cell in names)
    values = [_is_number(row[1].text) for row in grid if row[1]]
    is_series = not values[0] or (all(values) and len(grid) > _FEWEST_ROWS + 1)
    most = sum(values[1:]) >= 0.8 * len(values[1:])
    return 2 * max(labels, marks) < len(names) and is_series and most


def _runs_on(column: Sequence[_Cell]) -> bool:
    """Returns whether texts are the lines of a paragraph, that go on or end at the same edge."""
    lowered = sum(cell.text[:1].islower() for cell in column[1:])
    if lowered * 2 > len(column):
        return True
    width = max(cell.right for cell in column) - min(cell.left for cell in column)
    full = sum(cell.right - cell.left >= 0.9 * width for cell in column)
    return _mean_width(column) > _LONG and full * 2 > len(column)


def _is_numeric(column: Sequence[_Cell]) -> bool:
    return len(column) > 1 and sum(_is_number(c.text) for c in column) >= 0.7 * len(column)


def _is_number(text: str) -> bool:
    digits = sum(char.isdigit() for char in text)
    letters = sum(char.isalpha() for char in text)
    if text[:1].isascii() and text[:1].isalpha():  # a code or a date in words
        return False
    return letters <= min(digits, 3) if digits else text.strip("-‐–—―－ー") == ""


def _mean_width(column: Sequence[_Cell]) -> float:
    """Returns the mean length of texts, a wide letter counted as two."""
    lengths = [len(cell.text.encode("cp932", "replace")) for cell in column]
    return sum(lengths) / len(lengths) if lengths else 0.0


def _is_contents(grid: Grid) -> bool:
    """Returns whether the last column goes up in page numbers."""
    last = [row[-1].text for row in grid if row[-1]]
    if last and _PAGE_WORD.fullmatch(last[0]):
        return True
    if len(last) < _FEWEST_ROWS or not all(re.fullmatch(r"\d{1,4}", text) for text in last):
        return False
    return all(int(one) <= int(two) for one, two in pairwise(last))
