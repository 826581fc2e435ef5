"""Names and words from outside are data: never a path, never a control code."""

import re
import unicodedata
from pathlib import PurePosixPath
from typing import NamedTuple

from pydantic_core import PydanticCustomError

LONGEST_NAME_BYTES = 255

_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,10}")
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


class CleanName(NamedTuple):
    """A cleaned name, and whether a file may be called so."""

    text: str
    usable: bool


def clean_name(raw: bytes) -> CleanName:
    """Returns the last part of a sent name, with invisible characters made visible.

    Older Japanese Windows clients send Shift_JIS; what is not UTF-8 is read as that.
    """
    try:
        decoded = raw.decode("utf-8")
    except UnicodeDecodeError:
        decoded = raw.decode("cp932", "replace")
    last = re.split(r"[/\\]", decoded)[-1].strip()
    text = "".join(_show(character) for character in unicodedata.normalize("NFC", last))
    usable = bool(text.strip(".")) and len(text.encode()) <= LONGEST_NAME_BYTES
    return CleanName(text, usable)


def disk_name(number: int, name: str) -> str:
    """Returns the name a received file lies under: its number, and a harmless suffix."""
    suffix = PurePosixPath(name).suffix
    return f"{number:04}{suffix.lower() if _SUFFIX.fullmatch(suffix) else ''}"


def check_line(text: str) -> str:
    """Returns a text that others will see in lists, pages and terminals, when it is one line.

    Raises:
        PydanticCustomError: It has line breaks, control or direction characters.
    """
    if any(unicodedata.category(character) in _INVISIBLE for character in text):
        raise PydanticCustomError("not_a_line", "not a line of visible characters")
    return text


def _show(character: str) -> str:
    """Returns a control, direction or unassigned character as ``%`` escapes of its UTF-8."""
    if unicodedata.category(character) not in _INVISIBLE:
        return character
    return "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "replace"))
