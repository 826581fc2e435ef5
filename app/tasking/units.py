"""What two documents are compared by: headings, sentences, and the rows of tables."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from app.answering.model import Citation
from app.answering.numbers import expand
from app.answering.sentences import split
from app.tasking.sectioning import follow_headings
from retrieval.model import Block, BlockKind, Chunk, Document, DocumentText, Passage

_LABEL = re.compile(
    r"^\s*(第\s*[0-9一二三四五六七八九十百]+\s*[条章節](?:の\s*[0-9一二三四五六七八九十]+)?|\d+(?:\.\d+)+|[0-9]+[.)])"
)


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence, a heading or a row of one document, and where it stands.

    Attributes:
        key: Its text without differences of width, case and blanks: the same key is the same.
        label: The number it begins with (第20条, 3.1), "" without one.
    """

    document: Document
    text: str
    key: str
    label: str
    start: int
    end: int
    heading: tuple[str, ...]
    block: Block

    @property
    def is_heading(self) -> bool:
        """Whether it names what follows."""
        return self.block.kind is BlockKind.HEADING

    def cite(self, number: int) -> Citation:
        """Returns its place."""
        return Citation(
            number=number,
            document_id=self.document.id,
            title=self.document.metadata.title,
            chunk_id=f"{self.document.id}:{self.start}",
            page=self.block.page,
            sheet=self.block.sheet,
            heading=self.heading,
            start=self.start,
            end=self.end,
            quote=self.text,
        )

    def as_passage(self) -> Passage:
        """Returns it as a passage that a prompt and a check can take."""
        chunk = Chunk(
            id=f"{self.document.id}:{self.start}",
            document_id=self.document.id,
            ordinal=self.start,
            text=self.text,
            heading=self.heading,
            page=self.block.page,
            sheet=self.block.sheet,
            start=self.start,
            end=self.end,
        )
        return Passage(chunk, self.document, 1.0, {})


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its columns' names and its rows, cells by column."""

    columns: tuple[str, ...]
    header: Unit
    rows: tuple[tuple[Unit, tuple[str, ...]], ...]

    @property
    def keys(self) -> list[str]:
        """What names each row: its first cell."""
        return [fold(cells[0]) if cells else "" for _, cells in self.rows]


@dataclass(frozen=True, slots=True)
class Parts:
    """A document as it is compared."""

    sentences: tuple[Unit, ...]
    tables: tuple[Table, ...]


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """Returns the text without differences of width, case, blanks and ways of writing numbers."""
    return "".join(expand(unicodedata.normalize("NFKC", text)).split())


def take_apart(document: Document, text: DocumentText) -> Parts:
    """Returns what a document is compared by, in order."""
    sentences: list[Unit] = []
    tables: list[Table] = []
    for heading, block in follow_headings(text.blocks):
        rows = list(_lines(document, text.text, block, heading))
        if block.kind is BlockKind.TABLE and len(rows) > 1:
            tables.append(_read_table(rows))
        elif block.kind in {BlockKind.HEADING, BlockKind.TABLE, BlockKind.CODE}:
            sentences += _whole(rows) if block.kind is BlockKind.HEADING else rows
        else:
            sentences += _sentences(document, text.text, block, heading)
    return Parts(tuple(sentences), tuple(tables))


def _sentences(
    document: Document, text: str, block: Block, heading: tuple[str, ...]
) -> Iterator[Unit]:
    whole = text[block.start : block.end]
    for start, end in split(whole):
        yield _unit(document, whole[start:end], block, heading, block.start + start)


def _lines(document: Document, text: str, block: Block, heading: tuple[str, ...]) -> Iterator[Unit]:
    place = block.start
    for line in text[block.start : block.end].split("\n"):
        if line.strip():
            yield _unit(document, line, block, heading, place)
        place += len(line) + 1


def _whole(lines: list[Unit]) -> list[Unit]:
    """Returns a heading of several lines as one unit."""
    if len(lines) < 2:
        return lines
    first, text = lines[0], "\n".join(line.text for line in lines)
    return [replace(first, text=text, key=fold(text), end=lines[-1].end)]


def _unit(
    document: Document, text: str, block: Block, heading: tuple[str, ...], start: int
) -> Unit:
    found = _LABEL.match(unicodedata.normalize("NFKC", text))
    label = "".join(found[1].split()) if found else ""
    return Unit(document, text, fold(text), label, start, start + len(text), heading, block)


def _read_table(rows: list[Unit]) -> Table:
    cells = [tuple(cell.strip() for cell in row.text.split("\t")) for row in rows]
    return Table(cells[0], rows[0], tuple(zip(rows[1:], cells[1:], strict=True)))
