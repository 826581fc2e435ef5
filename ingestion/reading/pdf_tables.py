"""The slower means for PDF pages that need them: ruled tables and vertical Japanese."""

import re
import time
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from ingestion.reading.pdf_lines import Line, PageText
from ingestion.reading.pdf_rulings import Cell, find_grids

_FAULTS = (pdfium.PdfiumError, ValueError, KeyError, TypeError, IndexError)
_WIDE = re.compile(r"(?<=[^\x00-\xff])\n(?=[^\x00-\xff])")
_MOST_ROWS = 5_000

Letter = tuple[str, float, float]


@dataclass(frozen=True, slots=True)
class File:
    """A PDF and the password that opens it, "" for none."""

    path: Path
    password: str = ""


@dataclass(frozen=True, slots=True)
class PageTable:
    """A table on a page; places in points from the page's lower left corner."""

    text: str
    left: float
    bottom: float
    right: float
    top: float

    def covers(self, line: Line) -> bool:
        """Returns whether a line's middle lies in the table."""
        x, y = (line.left + line.right) / 2, (line.bottom + line.top) / 2
        return self.left - 2 <= x <= self.right + 2 and self.bottom - 1 <= y <= self.top + 1


@dataclass(frozen=True, slots=True)
class Tables:
    """Tables by page number, and whether time ran out before all pages were seen."""

    by_page: Mapping[int, tuple[PageTable, ...]]
    stopped: bool = False


def find_tables(document: pdfium.PdfDocument, pages: Sequence[PageText], deadline: float) -> Tables:
    """Returns the ruled tables of the given pages.

    Args:
        document: The open PDF.
        pages: Pages worth looking at.
        deadline: On the monotonic clock; no further page is begun after it.
    """
    found: dict[int, tuple[PageTable, ...]] = {}
    for text in pages:
        if time.monotonic() > deadline:
            return Tables(found, stopped=True)
        try:
            found[text.number] = _tables_on(document, text.number)
        except _FAULTS:
            return Tables(found, stopped=True)  # its text was read by other means
    return Tables(found)


def read_vertical(file: File, numbers: Sequence[int]) -> dict[int, str]:
    """Returns the text of pages written from top to bottom, columns from the right."""
    if not numbers:
        return {}
    from pdfminer.high_level import extract_text
    from pdfminer.layout import LAParams
    from pdfminer.pdfexceptions import PDFException

    layout = LAParams(detect_vertical=True)
    texts: dict[int, str] = {}
    for number in numbers:
        try:
            text = extract_text(
                file.path, file.password, page_numbers=[number - 1], laparams=layout
            )
        except (PDFException, *_FAULTS):
            continue
        if text.strip():
            texts[number] = text.replace("\f", "")
    return texts


def _tables_on(document: pdfium.PdfDocument, number: int) -> tuple[PageTable, ...]:
    with closing(document[number - 1]) as page:
        grids = [rows[:_MOST_ROWS] for rows in find_grids(page) if len(rows) > 1 < len(rows[0])]
        if not grids:
            return ()
        with closing(page.get_textpage()) as text_page:
            letters = list(_letters(text_page))
    found = []
    for grid in grids:
        texts = _fill(letters, [cell for row in grid for cell in row if cell])
        rows = [[_cell(texts.get(cell)) if cell else "" for cell in row] for row in grid]
        rows = _drop_empty(rows)
        if _is_table(rows):
            text = "\n".join("\t".join(row) for row in rows)
            lefts, tops, rights, bottoms = zip(*(c for row in grid for c in row if c), strict=True)
            box = (min(lefts), -max(bottoms), max(rights), -min(tops))
            found.append(PageTable(text, *box))
    return tuple(found)


def _fill(letters: Iterable[Letter], cells: Sequence[Cell]) -> dict[Cell, str]:
    """Returns the text of each cell: the letters whose middle lies in it, lines as lines."""
    places = sorted(cells, key=lambda cell: cell[0])
    lefts = [cell[0] for cell in places]
    parts: dict[Cell, list[str]] = {}
    last: Cell | None = None
    gap = ""
    for char, x, y in letters:
        if char.isspace():
            gap = "\n" if char in "\r\n" or gap == "\n" else " "
            continue
        near = reversed(places[: bisect_right(lefts, x)])
        cell = next((each for each in near if x < each[2] and each[1] <= -y < each[3]), None)
        if cell is not None:
            said = parts.setdefault(cell, [])
            said += [gap if cell == last else "\n", char] if said else [char]
        last, gap = cell, ""
    return {cell: "".join(said) for cell, said in parts.items()}


def _letters(letters: pdfium.PdfTextPage) -> Iterator[Letter]:
    """Yields each letter, or half of a surrogate pair, with the middle of its line's height."""
    box = raw.FS_RECTF()
    for index in range(letters.count_chars()):
        code = raw.FPDFText_GetUnicode(letters, index)
        if 0 < code < 0x110000:
            raw.FPDFText_GetLooseCharBox(letters, index, box)
            yield chr(code), (box.left + box.right) / 2, (box.bottom + box.top) / 2


def _cell(cell: str | None) -> str:
    text = (cell or "").encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return " ".join(_WIDE.sub("", text.strip()).split())


def _drop_empty(rows: list[list[str]]) -> list[list[str]]:
    """Returns the rows without rows and columns that are empty throughout."""
    rows = [row for row in rows if any(row)]
    if not rows:
        return []
    kept = [column for column in range(len(rows[0])) if any(row[column] for row in rows)]
    return [[row[column] for column in kept] for row in rows]


def _is_table(rows: Sequence[Sequence[str]]) -> bool:
    """Returns whether it is more than a frame around text."""
    if len(rows) < 2 or len(rows[0]) < 2:
        return False
    cells = [cell for row in rows for cell in row]
    return sum(1 for cell in cells if cell) >= 0.3 * len(cells)
