"""Placing a quotation: from words inside a chunk to offsets in the document."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from app.answering.model import Citation
from app.answering.numbers import supported
from app.answering.sentences import split
from retrieval.lexical.tokenizing import terms
from retrieval.model import BlockKind, Chunk, Passage


@dataclass(frozen=True, slots=True)
class Piece:
    """A sentence or a table row of a chunk; ``start`` and ``end`` count inside the chunk's text."""

    text: str
    start: int
    end: int


def pieces(chunk: Chunk) -> list[Piece]:
    """Returns the sentences of a chunk, or the rows of a table, in order."""
    if chunk.kind is not BlockKind.TABLE:
        return [Piece(chunk.text[start:end], start, end) for start, end in split(chunk.text)]
    rows: list[Piece] = []
    position = 0
    for line in chunk.text.split("\n"):
        if line.strip():
            rows.append(Piece(line, position, position + len(line)))
        position += len(line) + 1
    return rows


def cite(passage: Passage, piece: Piece, number: int) -> Citation:
    """Returns the citation of a piece of a passage, with offsets in the document's text."""
    chunk = passage.chunk
    start, end = _place(chunk, piece)
    return Citation(
        number=number,
        document_id=passage.document.id,
        title=passage.document.metadata.title,
        chunk_id=chunk.id,
        page=chunk.page,
        sheet=chunk.sheet,
        heading=chunk.heading,
        start=start,
        end=end,
        quote=piece.text,
    )


def whole(passage: Passage, number: int) -> Citation:
    """Returns the citation of a passage's whole text."""
    text = passage.chunk.text
    return cite(passage, Piece(text, 0, len(text)), number)


def _place(chunk: Chunk, piece: Piece) -> tuple[int, int]:
    """Returns document offsets.

    The text of a later table part begins with repeated header rows that its span does not cover,
    so positions count from the end of those. What cannot be placed gets the chunk's span.
    """
    repeated = len(chunk.text) - (chunk.end - chunk.start)
    if repeated == 0 or (chunk.kind is BlockKind.TABLE and 0 < repeated <= piece.start):
        return chunk.start + piece.start - repeated, chunk.start + piece.end - repeated
    return chunk.start, chunk.end


def support(sentence: str, passages: Sequence[Passage]) -> tuple[Passage, Piece, float] | None:
    """Returns the piece that supports a sentence best, with its support in 0..1.

    Support is how much of the sentence's terms and numbers the piece shares, numbers counting
    double. Between languages no term may be shared; then numbers decide, and the first piece of
    the first passage stands in.

    Returns:
        None when no passage has any text.
    """
    wanted = frozenset(terms(sentence)), supported(sentence)
    best: tuple[float, Passage, Piece] | None = None
    for passage in passages:
        for piece in pieces(passage.chunk):
            score = _overlap(wanted, features(piece.text))
            if best is None or score > best[0]:
                best = score, passage, piece
    return (best[1], best[2], best[0]) if best else None


def _overlap(
    wanted: tuple[frozenset[str], frozenset[str]], offered: tuple[frozenset[str], frozenset[str]]
) -> float:
    shared_terms = len(wanted[0] & offered[0])
    shared_numbers = len(wanted[1] & offered[1])
    whole_weight = len(wanted[0]) + 2 * len(wanted[1])
    if not whole_weight:
        return 0.0
    # Of two pieces that share the same, the shorter one says it more directly.
    brevity = 1 / (1 + 0.002 * (len(offered[0]) + len(offered[1])))
    return brevity * (shared_terms + 2 * shared_numbers) / whole_weight


@lru_cache(maxsize=1024)
def features(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """Returns the terms and the numbers of a text."""
    return frozenset(terms(text)), supported(text)


def fold(text: str) -> str:
    """Returns the text without differences of width, case and blanks."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
