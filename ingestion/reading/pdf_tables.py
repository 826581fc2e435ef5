"""The slower means for PDF pages that need them: ruled tables and vertical Japanese."""

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pdfplumber
from pdfminer.high_level import extract_text
from pdfminer.layout import LAParams
from pdfminer.pdfexceptions import PDFException
from pdfplumber.page import Page
from pdfplumber.pdf import PDF
from pdfplumber.utils.exceptions import PdfminerException

from ingestion.reading.pdf_lines import Line, PageText

_FAULTS = (PDFException, PdfminerException, ValueError, KeyError, TypeError, IndexError)
_WIDE = re.compile(r"(?<=[^\x00-\xff])\n(?=[^\x00-\xff])")
_MOST_ROWS = 5_000


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


def find_tables(file: File, pages: Sequence[PageText], deadline: float) -> Tables:
    """Returns the ruled tables of the given pages.

    Args:
        file: The PDF.
        pages: Pages worth looking at.
        deadline: On the monotonic clock; no further page is begun after it.
    """
    if not pages:
        return Tables({})
    found: dict[int, tuple[PageTable, ...]] = {}
    try:
        with _open(file, pages) as document:
            for page, text in zip(document.pages, pages, strict=False):
                if time.monotonic() > deadline:
                    return Tables(found, stopped=True)
                found[text.number] = _tables_on(page, text.height)
                page.close()
    except _FAULTS:
        return Tables(found, stopped=True)  # its text was read by other means
    return Tables(found)


def read_vertical(file: File, numbers: Sequence[int]) -> dict[int, str]:
    """Returns the text of pages written from top to bottom, columns from the right."""
    layout = LAParams(detect_vertical=True)
    texts: dict[int, str] = {}
    for number in numbers:
        try:
            text = extract_text(
                file.path, file.password, page_numbers=[number - 1], laparams=layout
            )
        except _FAULTS:
            continue
        if text.strip():
            texts[number] = text.replace("\f", "")
    return texts


def _open(file: File, pages: Sequence[PageText]) -> PDF:
    numbers = [page.number for page in pages]
    return pdfplumber.open(file.path, pages=numbers, password=file.password or None)


def _tables_on(page: Page, height: float) -> tuple[PageTable, ...]:
    tables = page.find_tables({"vertical_strategy": "lines", "horizontal_strategy": "lines"})
    found = []
    for table in tables:
        rows = [[_cell(cell) for cell in row] for row in table.extract()[:_MOST_ROWS]]
        rows = _drop_empty(rows)
        if _is_table(rows):
            left, top, right, bottom = table.bbox
            text = "\n".join("\t".join(row) for row in rows)
            found.append(PageTable(text, left, height - bottom, right, height - top))
    return tuple(found)


def _cell(cell: str | None) -> str:
    return " ".join(_WIDE.sub("", (cell or "").strip()).split())


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
