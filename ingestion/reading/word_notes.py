"""Finds what a Word document says beside its body: notes, comments, headers and footers."""

from collections.abc import Iterator
from typing import Any

from ingestion.reading.ooxml import Package

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_SEPARATORS = frozenset({"separator", "continuationSeparator", "continuationNotice"})
_NOTES = (f"{_W}footnote", f"{_W}endnote")

Element = Any


def find_notes(package: Package, part: str) -> Iterator[Element]:
    """Yields the document's footnotes, then its endnotes."""
    for _, root in package.related(part, "footnotes", "endnotes"):
        for note in root.iter(*_NOTES):
            if note.get(f"{_W}type") not in _SEPARATORS:
                yield note


def find_comments(package: Package, part: str) -> Iterator[tuple[str, Element]]:
    """Yields the author and the element of each comment."""
    for _, root in package.related(part, "comments"):
        for comment in root.iter(f"{_W}comment"):
            yield comment.get(f"{_W}author") or "", comment


def find_edges(package: Package, part: str) -> Iterator[Element]:
    """Yields the headers, then the footers."""
    for _, root in package.related(part, "header", "footer"):
        yield root
