"""Finding current documents that disagree on what an answer states."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.answering.quantities import Figures, read_figures
from app.answering.quoting import Piece, features, pieces
from retrieval.model import Passage

ALIKE = 0.7
"""Share of the shorter sentence's words that two sentences on the same matter have in common."""

_FEWEST_TERMS = 3


@dataclass(frozen=True, slots=True)
class Conflict:
    """Another document's words on the same matter, with another figure."""

    passage: Passage
    piece: Piece


def find_conflict(cited: Passage, quote: str, passages: Sequence[Passage]) -> Conflict | None:
    """Returns the first passage of another document that states another figure for the same.

    The same matter: most words in common, figures aside. Another figure: each states, in a unit
    both use, a value that the other lacks.
    """
    own, figures = _words(quote), read_figures(quote)
    if len(own) < _FEWEST_TERMS or not figures.quantities:
        return None
    for passage in passages:
        if passage.document.id == cited.document.id:
            continue
        for piece in pieces(passage.chunk):
            if piece.text != quote and _disagree(own, figures, piece.text):
                return Conflict(passage, piece)
    return None


def _disagree(own: frozenset[str], figures: Figures, text: str) -> bool:
    theirs = _words(text)
    smaller = min(len(own), len(theirs))
    if smaller < _FEWEST_TERMS or len(own & theirs) < ALIKE * smaller:
        return False
    other = read_figures(text)
    mine_only = {each.unit for each in figures.quantities - other.quantities}
    theirs_only = {each.unit for each in other.quantities - figures.quantities}
    return bool(mine_only & theirs_only)


def _words(text: str) -> frozenset[str]:
    return frozenset(term for term in features(text)[0] if not term[:1].isdigit())
