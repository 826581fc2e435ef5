"""What may be quoted of the passages found: their sentences and rows, each with what stands above.

A row of a table says nothing without its header, and a sentence under 第2条（日当） is about 日当
without saying so. Both are looked for inside a chunk too, because a small table or several short
sections share one.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.answering.quoting import Piece, pieces
from app.answering.sentences import BULLET
from retrieval.model import Passage

_NUMBERED = re.compile(
    r"^\s*(#{1,6}\s|第\s*[0-9０-９一二三四五六七八九十]+\s*[章節条]"
    r"|\d{1,2}(\.\d+)*[.)．]?\s|[A-Z]\d{1,2}[.)．]\s)"
)
_SENTENCE_END = tuple("。.!！:：）)")
_LONGEST_HEADING = 40
_LONGEST_LABEL = 60


@dataclass(frozen=True, slots=True)
class Candidate:
    """One thing that may be quoted.

    Attributes:
        rank: Of its passage, from 0.
        order: Among the pieces of its passage.
        text: What to show: the piece on one line, a table row with its headers.
        above: Title, heading path, and the heading inside the chunk it stands under.
    """

    rank: int
    order: int
    passage: Passage
    piece: Piece
    text: str
    above: str
    is_row: bool = False

    @property
    def is_label(self) -> bool:
        """Whether it is a date, a number of a form or a heading: short, and without an end."""
        text = self.text.rstrip()
        bare = not text.endswith(_SENTENCE_END) and len(text) < _LONGEST_LABEL
        return not self.is_row and bare and not BULLET.match(text) and "|" not in text


def list_candidates(passages: Sequence[Passage]) -> list[Candidate]:
    """Returns all that may be quoted, passage by passage, in reading order."""
    return [candidate for rank, passage in enumerate(passages) for candidate in _of(passage, rank)]


def _of(passage: Passage, rank: int) -> list[Candidate]:
    parts = [piece for piece in pieces(passage.chunk) if _says_something(piece.text)]
    headers = _find_headers(parts)
    path = "\n".join((passage.document.metadata.title, *passage.chunk.heading))
    above, found = path, []
    for order, piece in enumerate(parts):
        header = headers.get(order)
        if header == order:
            continue
        if header is None and _is_heading(parts, order):
            above = f"{path}\n{piece.text}"
            continue
        text = piece.text if header is None else _with_headers(parts[header].text, piece.text)
        is_row = header is not None
        found.append(Candidate(rank, order, passage, piece, _one_line(text), above, is_row))
    return found


def _says_something(text: str) -> bool:
    return any(character.isalnum() for character in text)


def _find_headers(parts: Sequence[Piece]) -> dict[int, int]:
    """Returns row -> its header row (the header itself -> itself), for each table of the chunk.

    A table is a run of lines with the same number of cells.
    """
    headers: dict[int, int] = {}
    for order in range(1, len(parts)):
        cells = parts[order].text.count("\t")
        if cells and parts[order - 1].text.count("\t") == cells:
            headers[order] = headers.setdefault(order - 1, order - 1)
    return headers


def _is_heading(parts: Sequence[Piece], order: int) -> bool:
    """Tells whether a line only names what the following lines are about."""
    text = parts[order].text.strip()
    if order + 1 == len(parts) or len(text) > _LONGEST_HEADING or "\t" in text:
        return False
    if text.endswith(("。", "！", "？")):
        return False  # a clause that is one sentence: 第5条 試用期間は4か月とする。
    if text.endswith((".", "!", "?", "）", ")")) and not _NUMBERED.match(text):
        return False
    follows = parts[order + 1].text.strip()
    followed = len(follows) > _LONGEST_LABEL or follows.endswith(("。", ".")) or "\t" in follows
    return followed and (bool(_NUMBERED.match(text)) or not any(map(str.isdigit, text)))


def _with_headers(header: str, row: str) -> str:
    """Returns "header: cell" pairs of a row, empty cells left out."""
    names = header.split("\t")
    cells = row.split("\t")
    return " / ".join(
        f"{name.strip()}: {cell.strip()}" if name.strip() else cell.strip()
        for name, cell in zip(names, cells, strict=True)
        if cell.strip()
    )


def _one_line(text: str) -> str:
    """Returns the text without line breaks; between Japanese characters without a blank either."""
    joined = ""
    for line in text.split("\n"):
        gap = " " if joined and (joined[-1] < "\u2e80" or line[:1] < "\u2e80") else ""
        joined += gap + line.strip()
    return joined
