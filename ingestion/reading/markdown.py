"""Reads Markdown: headings, lists, tables and code as written."""

import re
from collections.abc import Sequence
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from ingestion.model import Limits, Parsed
from ingestion.reading.decoding import decode
from ingestion.reading.html import read_markup
from ingestion.reading.plain import note_losses
from retrieval.model import Block, BlockKind

_FRONT_MATTER = re.compile(r"\A---\r?\n(.*?)\r?\n---\r?\n", re.DOTALL)
_FIELD = re.compile(r"^(title|author|date)\s*:\s*[\"']?(.+?)[\"']?\s*$", re.MULTILINE)


def read(path: Path, _limits: Limits) -> Parsed:
    """Returns the blocks of a Markdown file; its front matter gives title, author and date."""
    decoded = decode(path.read_bytes())
    text = decoded.text
    matter = _FRONT_MATTER.match(text)
    properties = dict(_FIELD.findall(matter[1])) if matter else {}
    walker = _Walker(
        MarkdownIt("commonmark").enable("table").parse(text[matter.end() :] if matter else text)
    )
    blocks = walker.blocks()
    return Parsed(
        blocks=tuple(blocks),
        title=properties.pop("title", ""),
        properties=properties,
        warnings=note_losses(decoded),
        hidden_characters=walker.hidden,
    )


class _Walker:
    """Turns the flat token stream into blocks."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self.hidden = 0

    def blocks(self) -> list[Block]:
        blocks: list[Block] = []
        position = 0
        while position < len(self._tokens):
            token = self._tokens[position]
            end = self._closing(position)
            inside = self._tokens[position : end + 1]
            blocks += self._read(token, inside)
            position = end + 1
        return blocks

    def _closing(self, position: int) -> int:
        token = self._tokens[position]
        if token.nesting != 1 or token.type == "blockquote_open":
            return position
        depth = 0
        for index in range(position, len(self._tokens)):
            depth += self._tokens[index].nesting
            if depth == 0:
                return index
        return len(self._tokens) - 1

    def _read(self, token: Token, inside: Sequence[Token]) -> list[Block]:
        if token.type == "heading_open":
            text = self._inline(inside).replace("\n", " ")
            return [Block(BlockKind.HEADING, text, level=int(token.tag[1]))] if text else []
        if token.type == "table_open":
            return [Block(BlockKind.TABLE, self._table(inside))]
        if token.type in {"bullet_list_open", "ordered_list_open"}:
            return [Block(BlockKind.LIST, self._list(inside))]
        if token.type in {"fence", "code_block"}:
            code = token.content.rstrip("\n")
            return [Block(BlockKind.CODE, code)] if code.strip() else []
        if token.type == "html_block":
            markup = read_markup(token.content)
            self.hidden += markup.hidden_characters
            return list(markup.blocks)
        text = self._inline(inside) if token.type == "paragraph_open" else ""
        return [Block(BlockKind.PARAGRAPH, text)] if text else []

    def _inline(self, tokens: Sequence[Token]) -> str:
        return "".join(_flatten(token) for token in tokens if token.type == "inline").strip()

    def _table(self, tokens: Sequence[Token]) -> str:
        rows: list[list[str]] = []
        for token in tokens:
            if token.type == "tr_open":
                rows.append([])
            elif token.type == "inline":
                rows[-1].append(" ".join(_flatten(token).split()))
        return "\n".join("\t".join(row) for row in rows)

    def _list(self, tokens: Sequence[Token]) -> str:
        lines: list[str] = []
        depth, mark = 0, ""
        for token in tokens:
            if token.type.endswith("list_open"):
                depth += 1
            elif token.type.endswith("list_close"):
                depth -= 1
            elif token.type == "list_item_open":
                mark = f"{token.info}." if token.info else "-"
            elif token.type in {"inline", "fence", "code_block"}:
                text = _flatten(token) if token.type == "inline" else token.content.rstrip()
                lines.append("  " * (depth - 1) + (f"{mark} {text}" if mark else f"  {text}"))
                mark = ""
        return "\n".join(lines)


def _flatten(token: Token) -> str:
    """Returns what a reader sees of inline markup: no link targets, no remote images, no tags."""
    parts: list[str] = []
    for child in token.children or ():
        if child.type in {"text", "code_inline"}:
            parts.append(child.content)
        elif child.type in {"softbreak", "hardbreak"}:
            parts.append("\n")
        elif child.type == "image":
            parts.append(child.content)
        elif child.type == "html_inline" and re.match(r"<br\s*/?>", child.content):
            parts.append("\n")
    return "".join(parts)
