"""Reads plain text: paragraphs, headings by numbering, lists."""

import re
from dataclasses import replace
from pathlib import Path

from ingestion.model import Limits, Parsed
from ingestion.reading.decoding import Decoded, decode
from retrieval.model import Block, BlockKind

_CHAPTER = re.compile(
    r"^\s*第\s*[0-9０-９一二三四五六七八九十百]+\s*(編|章|節|款|条)(の[0-9０-９一二三四五六七八九十]+)?"
)
_LEVELS = {"編": 1, "章": 1, "節": 2, "款": 3, "条": 3}
_NUMBERED = re.compile(r"^\s*([0-9０-９]{1,2}([.．][0-9０-９]{1,2}){0,3})[.．]?[\s　]+\S")
_MARKED = re.compile(r"^\s*([■●◆▼□◇【＜≪《]|#{1,6}\s)")
_RULE = re.compile(r"^[\s　]*([-=＝ー_*─━～~])\1{3,}[\s　]*$")
_ITEM = re.compile(
    r"^\s*([・•◦*\-–—●○]|[0-9０-９]{1,2}[.)．）]|[(（][0-9０-９a-zア-ン]{1,2}[)）]|[①-⑳])\s*\S"
)
_SENTENCE_END = re.compile(r"[。．.!?！？、,;:：]$")
_LONGEST_HEADING = 60


def read(path: Path, _limits: Limits) -> Parsed:
    """Returns the text's paragraphs; blank lines part them."""
    decoded = decode(path.read_bytes())
    blocks = _raise_title(split_text(decoded.text))
    return Parsed(blocks=tuple(blocks), warnings=note_losses(decoded))


def _raise_title(blocks: list[Block]) -> list[Block]:
    """Returns the blocks with a short first line, standing alone, as the title."""
    if len(blocks) < 2 or blocks[0].kind is not BlockKind.PARAGRAPH:
        return blocks
    line = blocks[0].text
    if "\n" in line or len(line) > _LONGEST_HEADING or _SENTENCE_END.search(line):
        return blocks
    return [replace(blocks[0], kind=BlockKind.HEADING, level=1), *blocks[1:]]


def note_losses(decoded: Decoded) -> tuple[str, ...]:
    """Returns the warnings that decoding gives rise to."""
    return ("replaced-characters",) if decoded.replaced else ()


def split_text(text: str, page: int | None = None) -> list[Block]:
    """Returns headings, lists and paragraphs found in unmarked text."""
    blocks: list[Block] = []
    for paragraph in re.split(r"\n[ \t　]*\n|\f", text.replace("\r\n", "\n").replace("\r", "\n")):
        lines = [line.rstrip() for line in paragraph.split("\n") if line.strip()]
        lines = [line for line in lines if not _RULE.match(line)]
        blocks += _divide(lines, page)
    return blocks


def judge_heading(line: str) -> int:
    """Returns the level that a line's numbering or mark gives it as a heading, 0 for none."""
    text = line.strip()
    if not text or len(text) > _LONGEST_HEADING or _SENTENCE_END.search(text):
        return 0
    chapter = _CHAPTER.match(text)
    if chapter:
        rest = text[chapter.end() :]
        titled = not rest or (rest[0] in " 　（(" and len(rest) <= 30)
        return _LEVELS[chapter[1]] if titled else 0
    numbered = _NUMBERED.match(text)
    if numbered and len(text) <= 40:
        return min(2 + numbered[1].count(".") + numbered[1].count("．"), 6)
    return 2 if _MARKED.match(text) else 0


def is_item(line: str) -> bool:
    """Returns whether a line begins like an item of a list."""
    return bool(_ITEM.match(line))


def _divide(lines: list[str], page: int | None) -> list[Block]:
    """Returns the blocks of the lines between two blank lines."""
    blocks: list[Block] = []
    body: list[str] = []
    for position, line in enumerate(lines):
        listed = is_item(line) and len(lines) > 1 and _has_items_near(lines, position)
        level = 0 if listed and not _CHAPTER.match(line) else judge_heading(line)
        if level:
            blocks += _close(body, page)
            body = []
            blocks.append(Block(BlockKind.HEADING, line.strip("\t 　#"), page, level=level))
        else:
            body.append(line)
    return blocks + _close(body, page)


def _has_items_near(lines: list[str], position: int) -> bool:
    around = lines[max(0, position - 1) : position] + lines[position + 1 : position + 2]
    return any(is_item(line) for line in around)


def _close(body: list[str], page: int | None) -> list[Block]:
    if not body:
        return []
    items = sum(is_item(line) for line in body)
    kind = BlockKind.LIST if items >= 2 and items * 2 >= len(body) else BlockKind.PARAGRAPH
    return [Block(kind, "\n".join(line.strip() for line in body), page)]
