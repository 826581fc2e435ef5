"""Chooses what a document is called: what it declares, its first heading, or its file's name."""

import re
import unicodedata
from collections.abc import Sequence

from ingestion.naming import title_of
from retrieval.model import Block, BlockKind, TagOrigin

TITLE = "title"
_GENERIC_TITLE = re.compile(
    r"(untitled|無題|title|document|presentation|word document|powerpoint presentation|slide ?\d*"
    r"|スライド ?\d*|文書|book|sheet|ブック|プレゼンテーション|タイトルなし|\(?anonymous\)?|新規.*)"
    r"[\s\d_.\-]*",
    re.IGNORECASE,
)
_APPLICATION_TITLE = re.compile(
    r"^microsoft (word|excel|powerpoint) - |\.(docx?|xlsx?|pptx?|pdf|txt)$", re.IGNORECASE
)
_SECTION = re.compile(
    r"第\s*[0-9０-９一二三四五六七八九十]+\s*[章節条]|[0-9０-９]+[.．]\s|[■●◆▼□◇]"
)
_LONGEST_TITLE = 120
_TITLE_BLOCKS = 8


def choose_title(external_id: str, declared: str, blocks: Sequence[Block]) -> tuple[str, TagOrigin]:
    """Returns the declared title, else the first heading, else the file's name, with its origin.

    A file name that says the same and more (``就業規則_2024年版``) is preferred to a bare heading:
    it tells the editions apart.
    """
    stem = title_of(external_id)
    named = TagOrigin(TITLE, "path", 0.5)
    found = (("file", 0.9, _visible(declared)), ("text", 0.8, _first_heading(blocks)))
    for source, confidence, candidate in found:
        title = " ".join(candidate.split())
        if not _is_telling(title):
            continue
        if _folded(title) in _folded(stem) and _folded(title) != _folded(stem):
            return stem, named
        return title[:_LONGEST_TITLE], TagOrigin(TITLE, source, confidence)
    return stem, named


def _first_heading(blocks: Sequence[Block]) -> str:
    """Returns the first heading near the start, "" where that is a numbered or marked section."""
    headings = (block for block in blocks[:_TITLE_BLOCKS] if block.kind is BlockKind.HEADING)
    first = next((block for block in headings if block.level <= 2), None)
    return "" if first is None or _SECTION.match(first.text) else first.text


def _is_telling(title: str) -> bool:
    return (
        len(title) > 1
        and not _GENERIC_TITLE.fullmatch(title)
        and not _APPLICATION_TITLE.search(title)
        and "\ufffd" not in title
        and any(char.isalpha() for char in title)
    )


def _folded(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(char for char in folded if char.isalnum())


def _visible(text: str) -> str:
    return "".join(char for char in text if unicodedata.category(char) not in {"Cc", "Cf", "Cs"})
