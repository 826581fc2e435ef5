"""Finds what a Word document says beside its body: notes, headers and footers."""

from collections.abc import Iterator
from typing import Any

from docx.oxml.ns import qn
from docx.parts.document import DocumentPart
from lxml import etree

_NOTES = ("/footnotes", "/endnotes")
_EDGES = ("/header", "/footer")
_SEPARATORS = frozenset({"separator", "continuationSeparator", "continuationNotice"})

Element = Any


def find_notes(part: DocumentPart) -> Iterator[Element]:
    """Yields the document's footnotes, then its endnotes."""
    for root in _roots(part, _NOTES):
        for note in root.iter(qn("w:footnote"), qn("w:endnote")):
            if note.get(qn("w:type")) not in _SEPARATORS:
                yield note


def find_edges(part: DocumentPart) -> Iterator[Element]:
    """Yields the headers, then the footers."""
    yield from _roots(part, _EDGES)


def _roots(part: DocumentPart, kinds: tuple[str, ...]) -> Iterator[Element]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    for kind in kinds:
        for relation in part.rels.values():
            if not relation.is_external and relation.reltype.endswith(kind):
                yield etree.fromstring(relation.target_part.blob, parser)
