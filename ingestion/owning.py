"""Finds who answers for a document, by what it says of itself."""

import re
import unicodedata
from collections.abc import Sequence
from email.utils import parseaddr

from retrieval.model import Block, BlockKind, TagOrigin

OWNER = "owner"
_LABELS = (
    "担当部署|担当部門|主管部署|主管部門|所管部署|所管部門|主管課|主管|所管|管理責任者|文書責任者|"
    "責任者|議事録作成者|[一-龯]{0,8}管理者|起案者|作成者|作成部署|発行部署|発行元|発行責任者"
)
_STATED = re.compile(
    rf"(?:^|[\s|])(?:{_LABELS})\s*(?:[:\t]|は、?| )\s*(\S[^\n\t]{{1,60}})", re.MULTILINE
)
_ENGLISH = re.compile(
    r"(?:^|[\s|.])(?:document owner|policy owner|owned by|owner|author|prepared by|maintained by)"
    r"\s*:\s*(\S[^\n\t]{1,60})",
    re.IGNORECASE | re.MULTILINE,
)
_ENDS = re.compile(
    r"[(;|、。]|\.(?:\s|$)|\s+(?:文書番号|施行日?|制定|改[定訂]|発効|適用|第\s*\d+\s*版|版数|内線|電話|"
    r"問い合わせ|ext\b|effective|version|rev\b)|\s*(?:令和|平成|昭和)\s*[\d元]|"
    r"\s*(?:19|20)\d\d\s*[年/.-]|(?:です|とする|である)"
)
_UNIT = re.compile(
    r"([^\s、。:]{1,15}?(?:本部|部門|部|課|室|センター|事務局|委員会)長?)(?=[\s・(]|$)"
    r"((?: [^\s(]{1,12}(?:部|課|室|係|担当|グループ|チーム))?"
    r"(?:(?: (?:部|課|室|係)長)?(?: [一-龯々]{1,3}){2}(?=[\s(]|$))?)"
)
_UNIT_AT_END = re.compile(
    r"(?:^|\s)([^\s、。:]{1,12}(?:部|課|室|センター))((?: [一-龯々]{1,3}){2})$"
)
_NAMELESS = re.compile(
    r"(admin\w*|user\w*|owner|author|unknown|anonymous|\(?unspecified\)?|root|pc\d*|guest|test|"
    r"microsoft.*|python-docx|openpyxl|libreoffice.*|apache.*|adobe.*|reportlab.*|.*@.*|管理者|ユーザー|"
    r"作成者|名称未設定|\W*)",
    re.IGNORECASE,
)
_HEAD_BLOCKS, _HEAD, _TAIL = 6, 600, 300
_UNIT_BLOCKS = 3
_LONGEST, _SHORTEST = 40, 2
_LISTED = re.compile(r"^\s*(?:[-*・●■•]|\d+[.)．])")


def find_owner(
    blocks: Sequence[Block], author: str = "", sender: str = ""
) -> tuple[str, TagOrigin] | None:
    """Returns the owner a document states, with its origin; ``None`` where it states none.

    A mail belongs to who sent it. In other documents a label (主管, 責任者, Owner) near the
    beginning or the end is surest, then a department that stands alone below the title, then the
    author that the file's properties name.

    Args:
        blocks: The document's blocks.
        author: The author in the file's properties, "" for none.
        sender: The ``From`` of a mail, "" for none.
    """
    if name := _sender(sender):
        return name, TagOrigin(OWNER, "mail", 0.9)
    head, tail = _edges(blocks)
    for text, confidence in ((head, 0.9), (tail, 0.7)):
        for rule in (_STATED, _ENGLISH):
            for found in rule.finditer(text):
                if name := _name(found.group(1)):
                    return name, TagOrigin(OWNER, "text", confidence)
    if name := _standing_unit(blocks):
        return name, TagOrigin(OWNER, "text", 0.5)
    name = " ".join(author.split())
    if name and not _NAMELESS.fullmatch(name) and len(name) <= _LONGEST:
        return name, TagOrigin(OWNER, "file", 0.4)
    return None


def _sender(header: str) -> str:
    name, address = parseaddr(header)
    return " ".join(name.split()) or address


def _edges(blocks: Sequence[Block]) -> tuple[str, str]:
    """Returns the lines near the beginning and the end that may say whose the document is."""
    listed = {BlockKind.LIST, BlockKind.TABLE}
    top = [b for b in blocks[:_UNIT_BLOCKS] if b.kind is not BlockKind.TABLE]  # slides have lists
    first = top + [b for b in blocks[_UNIT_BLOCKS:_HEAD_BLOCKS] if b.kind not in listed]
    head = _fold("\n".join(_unlisted(block.text) for block in first)[:_HEAD])
    last = [block for block in blocks[_HEAD_BLOCKS:] if block.kind is not BlockKind.LIST][-2:]
    return head, _fold("\n".join(_unlisted(block.text) for block in last)[-_TAIL:])


def _unlisted(text: str) -> str:
    return "\n".join(line for line in text.split("\n") if not _LISTED.match(line))


def _standing_unit(blocks: Sequence[Block]) -> str:
    """Returns the department that one of the first lines begins with, "" for none."""
    for block in blocks[1:_UNIT_BLOCKS]:
        if block.kind in {BlockKind.TABLE, BlockKind.CODE}:
            continue
        line = _fold(block.text.split("\n", 1)[0])
        if len(line) > 2 * _LONGEST:
            continue
        found = _UNIT.match(line) or _UNIT_AT_END.search(line)
        if found is not None:
            return " ".join("".join(part or "" for part in found.groups()).split())
    return ""


def _name(stated: str) -> str:
    """Returns the name at the beginning of what stands behind a label, "" where there is none."""
    end = _ENDS.search(stated)
    name = (stated[: end.start()] if end else stated).strip(" :：,、・-")
    if not _SHORTEST <= len(name) <= _LONGEST or not name[0].isalpha() or name[0].islower():
        return ""
    return name


def _fold(text: str) -> str:
    """Returns the text with letters of one width; wide spaces stay, for they part facts."""
    return unicodedata.normalize("NFKC", text.replace("\u3000", "\t"))
