"""Texts of known content, and how much of one a reader gave back."""

import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from data.sample.markup import parse_blocks

_SAMPLE = Path(__file__).parents[2] / "data" / "sample" / "texts"
_READ = (".md.text", ".txt.text", ".docx.text", ".html.text", ".pdf.text", ".pptx.text")
_SHOWN = frozenset({"heading", "paragraph", "item", "table"})


@dataclass(frozen=True)
class Piece:
    """A piece of a text: a heading, paragraph or item with its text, or a table with its rows."""

    kind: str
    text: str = ""
    rows: tuple[tuple[str, ...], ...] = ()

    @property
    def words(self) -> str:
        """All that the piece says."""
        return self.text + "".join(cell for row in self.rows for cell in row)


@dataclass(frozen=True)
class KnownText:
    """A text whose every character is known."""

    name: str
    pieces: tuple[Piece, ...]

    @property
    def title(self) -> str:
        """Its first words."""
        return next(piece.words for piece in self.pieces if piece.words)

    def limited_to(self, encoding: str) -> "KnownText":
        """Returns the text with only the characters that an encoding has."""

        def keep(text: str) -> str:
            return text.encode(encoding, "ignore").decode(encoding)

        pieces = (
            replace(
                piece,
                text=keep(piece.text),
                rows=tuple(tuple(keep(cell) for cell in row) for row in piece.rows),
            )
            for piece in self.pieces
        )
        return KnownText(self.name, tuple(pieces))


@dataclass(frozen=True)
class Share:
    """How much of the truth came back, and how much of what came back is true; 0 to 1."""

    recall: float
    precision: float


def load_texts(folder: Path | None = None) -> list[KnownText]:
    """Returns the sample company's texts, and those of a folder's ``.txt`` and ``.md`` files."""
    files = [path for path in sorted(_SAMPLE.rglob("*.text")) if path.name.endswith(_READ)]
    if folder is not None:
        files += [path for path in sorted(folder.rglob("*")) if path.suffix in {".txt", ".md"}]
    texts = [_load(path) for path in files]
    return [text for text in texts if any(piece.words for piece in text.pieces)]


def _load(path: Path) -> KnownText:
    blocks = parse_blocks(path.read_text(encoding="utf-8"))
    pieces = (Piece(block.kind, block.text, block.rows) for block in blocks if block.kind in _SHOWN)
    return KnownText(path.name.removesuffix(".text"), tuple(pieces))


def compare_texts(truth: KnownText, found: Iterable[str]) -> Share:
    """Returns recall and precision of character pairs (NFKC, white space dropped), as multisets.

    Pairs do not reach over the borders of pieces, so that no order of pieces is asked for.
    """
    wanted = _pairs(word for piece in truth.pieces for word in _words(piece))
    got = _pairs(found)
    common = (wanted & got).total()
    return Share(common / max(1, wanted.total()), common / max(1, got.total()))


def _words(piece: Piece) -> list[str]:
    return [piece.text] if piece.text else [cell for row in piece.rows for cell in row]


def _pairs(texts: Iterable[str]) -> Counter[str]:
    pairs: Counter[str] = Counter()
    for text in texts:
        plain = "".join(unicodedata.normalize("NFKC", text).split())
        pairs.update(plain[at : at + 2] for at in range(len(plain) - 1))
    return pairs
