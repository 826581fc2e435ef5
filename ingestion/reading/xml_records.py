"""Reads XML of any vocabulary: text in document order, titles, paragraphs, lists, records."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from lxml import etree

from ingestion.errors import Damaged, TooLarge
from ingestion.model import Limits, Parsed
from ingestion.reading.decoding import decode
from ingestion.reading.html import read_markup
from ingestion.reading.plain import judge_heading, note_losses
from retrieval.model import Block, BlockKind

_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_ENCODING = re.compile(rb"^[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._\-]+)", re.DOTALL)
_MARKUP = re.compile(r"<(?:p|br|div|span|a|ul|ol|li|table|b|strong|em|i|h[1-6])\b[^>]*>", re.I)
_TITLES = frozenset({"title", "head", "heading", "h", "h1", "h2", "h3", "h4", "h5", "h6"})
_PARAGRAPHS = frozenset({"p", "para", "paragraph"})
_ITEMS = frozenset({"item", "li", "listitem", "list-item"})
_MOST_PER_CHARACTER = 4  # characters of markup for each that may be kept of the text

Element = Any


def read(path: Path, limits: Limits) -> Parsed:
    """Returns the text between the tags; like records make a table with their tags as header.

    Entities are not expanded, and nothing outside the file is looked at. Where a document has no
    text at all, the attributes of its records are its table.

    Raises:
        Damaged: It is not XML.
        TooLarge: It is far longer than any text that would be kept.
    """
    data = path.read_bytes()
    declared = _ENCODING.match(data[:300])
    decoded = decode(data, declared[1].decode("ascii") if declared else "")
    if len(decoded.text) > limits.characters * _MOST_PER_CHARACTER:
        size, most = len(decoded.text), limits.characters * _MOST_PER_CHARACTER
        raise TooLarge(name=path.name, size=f"{size:,} chars", limit=f"{most:,} chars")
    root = _parse(decoded.text.lstrip("\ufeff"), path.name)
    blocks = tuple(_walk(root)) or tuple(_list_attributes(root))
    return Parsed(blocks, title=_find_title(root), warnings=note_losses(decoded))


def _parse(text: str, name: str) -> Element:
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        recover=True,
        remove_comments=True,
        remove_pis=True,
    )
    source = _DECLARATION.sub("", text).replace("\0", "").strip()
    try:
        root = etree.fromstring(source.encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Damaged(name=name, reason=str(error)) from error
    if root is None:
        raise Damaged(name=name, reason="other-content")
    return root


def _walk(root: Element) -> Iterator[Block]:
    """Yields the blocks of a tree with a stack of its own: hostile trees are deep."""
    stack: list[tuple[Element, int]] = [(root, 0)]
    while stack:
        node, depth = stack.pop()
        block = _whole(node, depth)
        if block is not None:
            yield from _unfold(block)
        else:
            stack.extend((child, depth + 1) for child in reversed(node))


def _whole(node: Element, depth: int) -> Block | None:
    """Returns the block that an element makes as a whole, ``None`` where its children do."""
    if not isinstance(node.tag, str):
        return Block(BlockKind.PARAGRAPH, "")
    name = _name(node)
    if name in _TITLES:
        return Block(BlockKind.HEADING, _text(node), level=min(max(depth, 1), 6))
    if not len(node) or name in _PARAGRAPHS or _is_mixed(node):
        return Block(BlockKind.PARAGRAPH, _text(node))
    if all(_name(child) in _ITEMS and not _has_parts(child) for child in node):
        lines = [f"- {text}" for child in node if (text := _text(child))]
        return Block(BlockKind.LIST, "\n".join(lines))
    rows = _rows(node)
    return Block(BlockKind.TABLE, "\n".join("\t".join(row) for row in rows)) if rows else None


def _unfold(block: Block) -> Iterator[Block]:
    """Yields a block, or what the page in its text holds: feeds carry HTML as text."""
    if not block.text:
        return
    if block.kind is BlockKind.PARAGRAPH and _MARKUP.search(block.text):
        yield from read_markup(block.text).blocks
    elif block.kind is BlockKind.PARAGRAPH and (level := judge_heading(block.text)):
        yield Block(BlockKind.HEADING, block.text, level=level)
    else:
        yield block


def _rows(node: Element) -> list[list[str]]:
    """Returns the rows of an element that holds like records, with their tags as header."""
    if len(node) < 2 or len({child.tag for child in node}) > 1:
        return []
    if not all(len(child) >= 2 and all(map(_is_simple, child)) for child in node):
        return []
    names = list(dict.fromkeys(_name(cell) for record in node for cell in record))
    if len(names) == 1:  # rows of cells, all called the same
        return [[_text(cell) for cell in record] for record in node]
    rows = []
    for record in node:
        cells: dict[str, str] = {}
        for cell in record:
            key = _name(cell)
            cells[key] = " ".join(filter(None, (cells.get(key), _text(cell))))
        rows.append([cells.get(key, "") for key in names])
    return [names, *rows] if any(any(row) for row in rows) else []


def _list_attributes(root: Element) -> Iterator[Block]:
    """Yields a table for each run of like elements that hold nothing but attributes."""
    for parent in root.iter(etree.Element):
        records = [child for child in parent if not len(child) and child.attrib]
        if len(records) < 2 or len({child.tag for child in records}) > 1:
            continue
        names = list(dict.fromkeys(str(key) for child in records for key in child.attrib))
        rows = [[" ".join((child.get(key) or "").split()) for key in names] for child in records]
        heads = [etree.QName(key).localname for key in names]
        yield Block(BlockKind.TABLE, "\n".join("\t".join(row) for row in [heads, *rows]))


def _find_title(root: Element) -> str:
    found: Sequence[Element] = [child for child in root if _name(child) == "title"]
    return _text(found[0]) if found else ""


def _is_mixed(node: Element) -> bool:
    """Returns whether words stand beside the elements in it."""
    return bool((node.text or "").strip()) or any((child.tail or "").strip() for child in node)


def _has_parts(node: Element) -> bool:
    """Returns whether an element is made of several elements rather than words."""
    return len(node) > 1 and not _is_mixed(node)


def _is_simple(node: Element) -> bool:
    """Returns whether an element holds one value, however deep."""
    while len(node) == 1 and not _is_mixed(node):
        node = node[0]
    return not len(node) or _is_mixed(node) or _name(node) in _PARAGRAPHS


def _name(node: Element) -> str:
    return etree.QName(node).localname.lower() if isinstance(node.tag, str) else ""


def _text(node: Element) -> str:
    return " ".join("".join(node.itertext()).split())
