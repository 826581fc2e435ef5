"""Reads OpenDocument text and presentations from their XML."""

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree

from ingestion.errors import Damaged, PasswordProtected
from ingestion.model import Limits, Parsed
from retrieval.model import Block, BlockKind

_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_PRESENTATION = "{urn:oasis:names:tc:opendocument:xmlns:presentation:1.0}"
_DUBLIN = "{http://purl.org/dc/elements/1.1/}"
_DROPPED = frozenset({f"{_OFFICE}annotation", f"{_TEXT}tracked-changes", f"{_TEXT}note-citation"})
_PARAGRAPH = f"{_TEXT}p"
_EDGES = tuple(f"{_STYLE}{name}" for name in ("header", "header-first", "footer", "footer-first"))
_MOST_REPEATED = 50

Element = Any


def read(path: Path, limits: Limits) -> Parsed:
    """Returns headings, paragraphs, lists and tables in order; a slide is a page.

    Raises:
        PasswordProtected: Its content is encrypted.
        Damaged: It is not an OpenDocument package.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            manifest = _member(archive, "META-INF/manifest.xml", names, limits)
            if b"encryption-data" in manifest:
                raise PasswordProtected(name=path.name)
            content = _member(archive, "content.xml", names, limits)
            facts = _member(archive, "meta.xml", names, limits)
            styles = _member(archive, "styles.xml", names, limits)
        root = _parse(content)
    except (zipfile.BadZipFile, KeyError, RuntimeError, etree.XMLSyntaxError) as error:
        raise Damaged(name=path.name, reason=str(error)) from error
    walker = _Walker(root)
    blocks = (*walker.blocks(root), *walker.comments(root), *walker.edges(styles))
    title = _parse(facts).findtext(f".//{_DUBLIN}title") if facts else ""
    return Parsed(blocks, title=title or "", hidden_characters=walker.hidden, pages=walker.pages)


def _member(archive: zipfile.ZipFile, name: str, names: set[str], limits: Limits) -> bytes:
    if name not in names:
        return b""
    if archive.getinfo(name).file_size > limits.file_size:
        raise Damaged(name=name, reason="large-part")
    return archive.read(name)


def _parse(data: bytes) -> Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    return etree.fromstring(data, parser)


class _Walker:
    def __init__(self, root: Element) -> None:
        self.hidden = 0
        self.pages: int | None = None
        self._invisible = {
            style.get(f"{_STYLE}name")
            for style in root.iter(f"{_STYLE}style")
            if any(
                facts.get(f"{_TEXT}display") == "none"
                for facts in style.iter(f"{_STYLE}text-properties")
            )
        }

    def blocks(self, root: Element) -> Iterator[Block]:
        body = root.find(f"{_OFFICE}body")
        if body is None:
            return
        stack = [body]
        while stack:
            node = stack.pop()
            if node.tag in _DROPPED or not isinstance(node.tag, str):
                continue
            if node.tag == f"{_DRAW}page":
                self.pages = (self.pages or 0) + 1
            block = self._block(node)
            if block is None:
                stack.extend(reversed(node))
            elif block.text.strip():
                yield block

    def comments(self, root: Element) -> Iterator[Block]:
        """Yields one note for each comment, headed by its author."""
        for comment in root.iter(f"{_OFFICE}annotation"):
            said = "\n".join(filter(None, map(self._text, comment.iter(f"{_TEXT}p"))))
            author = (comment.findtext(f"{_DUBLIN}creator") or "").strip()
            head = f"{author}: " if author else ""
            if said:
                yield Block(BlockKind.NOTE, f"Comment / コメント — {head}{said}")

    def edges(self, styles: bytes) -> Iterator[Block]:
        """Yields the headers and footers of a text's pages as notes, each text once."""
        pages = _parse(styles).iter(f"{_STYLE}master-page") if styles else ()
        edges = (edge for page in pages for edge in page.iterchildren(*_EDGES))
        said = ("\n".join(filter(None, map(self._text, edge.iter(_PARAGRAPH)))) for edge in edges)
        for text in dict.fromkeys(said):
            if text:
                yield Block(BlockKind.NOTE, text)

    def _block(self, node: Element) -> Block | None:
        if node.tag == f"{_TEXT}h":
            level = int(node.get(f"{_TEXT}outline-level") or 1)
            return Block(BlockKind.HEADING, self._text(node), self.pages, level=level)
        if node.tag == f"{_TEXT}p":
            return Block(BlockKind.PARAGRAPH, self._text(node), self.pages)
        if node.tag == f"{_TEXT}list":
            items = [self._text(item) for item in node.iter(f"{_TEXT}p", f"{_TEXT}h")]
            lines = "\n".join(f"- {item}" for item in items if item)
            return Block(BlockKind.LIST, lines, self.pages)
        if node.tag == f"{_TABLE}table":
            rows = [self._row(row) for row in node.iter(f"{_TABLE}table-row")]
            lines = "\n".join("\t".join(row) for row in rows if any(row))
            return Block(BlockKind.TABLE, lines, self.pages)
        if node.tag == f"{_PRESENTATION}notes":
            text = "\n".join(filter(None, (self._text(p) for p in node.iter(f"{_TEXT}p"))))
            return Block(BlockKind.NOTE, text, self.pages)
        return None

    def _row(self, row: Element) -> list[str]:
        cells: list[str] = []
        for cell in row.findall(f"{_TABLE}table-cell"):
            text = " ".join(filter(None, (self._text(p) for p in cell.iter(f"{_TEXT}p"))))
            count = int(cell.get(f"{_TABLE}number-columns-repeated") or 1)
            cells += [text] * min(count, _MOST_REPEATED if text else 1)
        return cells

    def _text(self, node: Element) -> str:
        if node.get(f"{_TEXT}style-name") in self._invisible:
            self.hidden += len("".join(node.itertext()))
            return ""
        parts = [node.text or ""]
        for child in node:
            if child.tag == f"{_TEXT}s":
                parts.append(" " * min(int(child.get(f"{_TEXT}c") or 1), _MOST_REPEATED))
            elif child.tag in {f"{_TEXT}tab", f"{_TEXT}line-break"}:
                parts.append(" ")
            elif child.tag not in _DROPPED and isinstance(child.tag, str):
                parts.append(self._text(child))
            parts.append(child.tail or "")
        return " ".join("".join(parts).split())
