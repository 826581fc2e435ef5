"""Reads Excel and OpenDocument workbooks: every visible sheet as a table."""

import re
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from ingestion.errors import Damaged, PasswordProtected
from ingestion.model import Limits, Parsed
from ingestion.reading.delimited import divide_table
from ingestion.reading.ooxml import open_transitional
from ingestion.reading.sheet_drawings import find_beside_cells
from retrieval.model import Block, BlockKind

_MOST_COLUMNS = 500
_UNNAMED = re.compile(r"(sheet|シート|foglio|tabelle|feuil|hoja)\s*\d*", re.IGNORECASE)


def read(path: Path, limits: Limits) -> Parsed:
    """Returns the cells' values as shown; formulas are neither run nor kept.

    Raises:
        PasswordProtected: The workbook is encrypted.
        Damaged: It is not a workbook.
    """
    try:
        package = open_transitional(path, limits) if zipfile.is_zipfile(path) else path
        workbook = _open(package)
    except PasswordError as error:
        raise PasswordProtected(name=path.name) from error
    except (CalamineError, OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise Damaged(name=path.name, reason=str(error)) from error
    beside = find_beside_cells(package, limits)
    blocks: list[Block] = []
    warnings: set[str] = set()
    hidden = characters = 0
    for sheet in workbook.sheets_metadata:
        if sheet.typ != SheetTypeEnum.WorkSheet:
            continue
        try:
            rows = _rows(workbook.get_sheet_by_name(sheet.name).to_python())
        except (CalamineError, ValueError):
            warnings.add("unreadable-sheets")
            continue
        size = sum(len(cell) for row in rows for cell in row)
        if sheet.visible != SheetVisibleEnum.Visible:
            hidden += size
            continue
        characters += size
        if characters > limits.characters:
            warnings.add("cut-at-limit")
            break
        blocks += divide_table(rows, sheet.name) + beside.get(sheet.name, [])
    if not blocks:
        blocks = _name_sheets(workbook)
    return Parsed(
        blocks=tuple(blocks),
        warnings=tuple(sorted(warnings)),
        hidden_characters=hidden,
        pages=len(workbook.sheet_names),
    )


def _open(package: Path | BytesIO) -> CalamineWorkbook:
    if isinstance(package, Path):
        return CalamineWorkbook.from_path(package)
    return CalamineWorkbook.from_filelike(package)


def _name_sheets(workbook: CalamineWorkbook) -> list[Block]:
    """Returns the names somebody gave to the visible sheets of a workbook without any cell."""
    sheets = (sheet for sheet in workbook.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet)
    names = [sheet.name for sheet in sheets if sheet.visible == SheetVisibleEnum.Visible]
    return [
        Block(BlockKind.HEADING, name, sheet=name, level=2)
        for name in names
        if not _UNNAMED.fullmatch(name)
    ]


def _rows(cells: Sequence[Sequence[Any]]) -> list[list[str]]:
    return [[_show(cell) for cell in row[:_MOST_COLUMNS]] for row in cells]


def _show(cell: Any) -> str:  # noqa: ANN401 - a cell may hold any of these types
    """Returns a cell's value as a person would write it."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else f"{cell:.10g}"
    if isinstance(cell, datetime):
        midnight = cell.time() == time(0)
        return cell.date().isoformat() if midnight else cell.isoformat(" ", "minutes")
    if isinstance(cell, date | time | timedelta):
        return str(cell)
    return " ".join(str(cell).split())
