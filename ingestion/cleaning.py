"""Cleans blocks: page furniture, broken lines and characters nobody can see."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ingestion.mending import is_broken, mend
from ingestion.model import Parsed
from retrieval.model import Block, BlockKind

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069"
    "\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_SPACES = re.compile("[ \u00a0\u2000-\u200a\u202f\u205f]+")
_LEADERS = re.compile(r"([.．・…‥_])\1{4,}")
_PDF_HYPHEN = re.compile("[\ufffe\x02](\\s?)(?=(.?))")
_DASHES = r"[-‐‑–—―−─~〜～・\s]*"
_PAGE_NUMBER = re.compile(
    rf"{_DASHES}(p(age)?\.?\s*|ページ\s*|第\s*)?\d{{1,4}}(\s*(/|of|／|の)\s*\d{{1,4}})?"
    rf"\s*(ページ目?|頁|pages?)?{_DASHES}|全\s*\d{{1,4}}\s*(ページ|頁)中?\s*\d{{1,4}}\s*(ページ|頁)(目)?",
    re.IGNORECASE,
)
_EDGE_LINES = 3
_FEWEST_PAGES = 3


@dataclass(frozen=True, slots=True)
class Cleaned:
    """Clean blocks with their offsets, and the text they are offsets into.

    Attributes:
        invisible: How many characters were dropped because they show nothing.
        furniture: The lines that were dropped because pages repeat them, each once.
        warnings: Codes of what could not be cleaned.
    """

    blocks: tuple[Block, ...]
    text: str
    invisible: int = 0
    furniture: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def clean(parsed: Parsed) -> Cleaned:
    """Returns the blocks cleaned; the text is theirs, joined by empty lines.

    The width of letters is kept as written: text that is shown is never normalised.
    """
    blocks, warnings = _mend(parsed.blocks)
    furniture: tuple[str, ...] = ()
    if parsed.wrapped:
        blocks, furniture = _drop_furniture(blocks)
    cleaned: list[Block] = []
    invisible = 0
    for block in blocks:
        text, dropped = _clean_text(block.text, keep_space=block.kind is BlockKind.CODE)
        text = mend(text)[0] if dropped else text  # invisible characters may stand in between
        invisible += dropped
        if parsed.wrapped and block.kind is BlockKind.PARAGRAPH:
            text = join_lines(text.split("\n"))
        if block.kind is BlockKind.HEADING:
            text = " ".join(text.split("\n"))
        if text.strip():
            cleaned.append(replace(block, text=text))
    return replace(_assemble(cleaned, invisible), furniture=furniture, warnings=warnings)


def strip_invisible(text: str) -> str:
    """Returns one line of text, such as a title, without invisible and control characters."""
    return " ".join(_clean_text(text, keep_space=False)[0].split())


def join_lines(lines: Iterable[str]) -> str:
    """Returns the lines of a printed paragraph as one.

    Between Japanese letters nothing is put, between words a space; a word that was hyphenated at
    the line's end is made whole.
    """
    joined = ""
    for line in lines:
        text = line.strip()
        if not joined or not text or _is_wide(joined[-1]) or _is_wide(text[0]):
            joined += text
        elif joined.endswith("-") and joined[-2:-1].islower() and text[0].islower():
            joined = joined[:-1] + text
        else:
            joined += " " + text
    return joined


def _mend(blocks: Sequence[Block]) -> tuple[Sequence[Block], tuple[str, ...]]:
    """Returns the blocks without mojibake, and codes for what was mended and what was not."""
    mended: list[Block] = []
    left = 0
    is_changed = False
    for block in blocks:
        text, signs = mend(block.text)
        left += signs
        is_changed |= text != block.text
        mended.append(block if text == block.text else replace(block, text=text))
    codes = ("mojibake-mended",) if is_changed else ()
    return mended, (*codes, "mojibake") if is_broken(left) else codes


def _clean_text(text: str, *, keep_space: bool) -> tuple[str, int]:
    text = _PDF_HYPHEN.sub(lambda mark: "" if mark[2].islower() else "-", text)
    text = _BREAKS.sub("\n", text)
    text, invisible = _INVISIBLE.subn("", text)
    text, controls = _CONTROL.subn("", text)
    if not keep_space:
        lines = (_SPACES.sub(" ", _LEADERS.sub(r"\1\1\1", line)) for line in text.split("\n"))
        text = "\n".join(line.strip(" ") if "\t" in line else _trim(line) for line in lines)
        text = re.sub(r"\n{3,}", "\n\n", text).strip("\n")
    return text.rstrip(), invisible + controls


def _trim(line: str) -> str:
    """Returns the line without trailing space; leading space shows the depth of a list."""
    return line.rstrip(" \u3000")


def _is_wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in {"W", "F"}


def _drop_furniture(blocks: Sequence[Block]) -> tuple[list[Block], tuple[str, ...]]:
    """Returns the blocks without headers, footers and page numbers that pages repeat, and those."""
    pages: dict[int, list[str]] = defaultdict(list)
    for block in blocks:
        if block.page is not None and block.kind is not BlockKind.TABLE:
            pages[block.page] += block.text.split("\n")
    furniture = _find_furniture(pages)
    kept: list[Block] = []
    for block in blocks:
        dropped = furniture.get(block.page or 0, frozenset())
        if block.kind is BlockKind.TABLE or not dropped:
            kept.append(block)
            continue
        lines = [line for line in block.text.split("\n") if line not in dropped]
        if lines:
            kept.append(replace(block, text="\n".join(lines)))
    lines_dropped = [line for page in sorted(furniture) for line in sorted(furniture[page])]
    named = dict.fromkeys(line for line in lines_dropped if not _PAGE_NUMBER.fullmatch(line))
    return kept, tuple(named)


def _find_furniture(pages: Mapping[int, Sequence[str]]) -> dict[int, frozenset[str]]:
    """Returns each page's repeated lines; a page that has nothing else keeps them."""
    edges = {page: [*lines[:_EDGE_LINES], *lines[-_EDGE_LINES:]] for page, lines in pages.items()}
    counts = Counter(key for lines in edges.values() for key in {_shape(line) for line in lines})
    often = max(_FEWEST_PAGES, len(pages) // 2)
    furniture: dict[int, frozenset[str]] = {}
    for page, lines in edges.items():
        found = frozenset(
            line for line in lines if counts[_shape(line)] >= often or _PAGE_NUMBER.fullmatch(line)
        )
        furniture[page] = found if set(pages[page]) - found else frozenset()
    return furniture


def _shape(line: str) -> str:
    """Returns the line with numbers made alike, so that page numbers do not tell pages apart."""
    return re.sub(r"\d+", "#", " ".join(line.split()))


def _assemble(blocks: Iterable[Block], invisible: int) -> Cleaned:
    placed: list[Block] = []
    position = 0
    for block in blocks:
        end = position + len(block.text)
        placed.append(replace(block, start=position, end=end))
        position = end + 2
    return Cleaned(tuple(placed), "\n\n".join(block.text for block in placed), invisible)
