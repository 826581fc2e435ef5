"""Reads CSV and TSV, and makes tables of rows."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from ingestion.model import Limits, Parsed
from ingestion.reading.decoding import decode
from ingestion.reading.plain import note_losses
from retrieval.model import Block, BlockKind

_DELIMITERS = ",\t;|"
_SAMPLE_LINES = 50


def read(path: Path, limits: Limits) -> Parsed:
    """Returns the rows as one table; what stands above the header becomes paragraphs."""
    decoded = decode(path.read_bytes())
    csv.field_size_limit(limits.characters)
    text = decoded.text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=_find_delimiter(text))
    cells = [[" ".join(cell.split()) for cell in row] for row in rows]
    return Parsed(blocks=tuple(divide_table(cells, None)), warnings=note_losses(decoded))


def divide_table(rows: Sequence[Sequence[str]], sheet: str | None) -> list[Block]:
    """Returns a table of the rows, and titles or remarks outside it as paragraphs.

    Rows with a single filled cell above the first wider row, or after an empty row, are remarks.
    """
    blocks: list[Block] = []
    table: list[Sequence[str]] = []
    for row in rows:
        filled = [cell for cell in row if cell]
        if len(filled) == 1 and not table:
            blocks.append(Block(BlockKind.PARAGRAPH, filled[0], sheet=sheet))
        elif filled:
            table.append(row)
        elif table:
            blocks += _close(table, sheet)
            table = []
    return blocks + _close(table, sheet)


def _close(table: list[Sequence[str]], sheet: str | None) -> list[Block]:
    if not table:
        return []
    width = max(len(row) for row in table)
    wide = [[*row, *[""] * (width - len(row))] for row in table]
    kept = [column for column in range(width) if any(row[column] for row in wide)]
    text = "\n".join("\t".join(row[column] for column in kept) for row in wide)
    kind = BlockKind.TABLE if len(table) > 1 else BlockKind.PARAGRAPH
    return [Block(kind, text if kind is BlockKind.TABLE else text.replace("\t", " "), sheet=sheet)]


def _find_delimiter(text: str) -> str:
    """Returns the delimiter that parts most lines into the same number of cells."""
    lines = [line for line in text.split("\n")[:_SAMPLE_LINES] if line.strip()]
    best, best_score = ",", 0.0
    for delimiter in _DELIMITERS:
        counts = [line.count(delimiter) for line in lines]
        top = max(counts, default=0)
        usual = max(set(counts), key=counts.count) if top else 0
        score = usual * counts.count(usual) / max(len(counts), 1) if usual else 0.01 * top
        if score > best_score:
            best, best_score = delimiter, score
    return best
