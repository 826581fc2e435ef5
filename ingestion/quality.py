"""Judges whether what was read is text at all, and says where it is doubtful."""

import re
from collections.abc import Sequence

from ingestion.errors import NoText

_LETTER = re.compile(r"[^\W_]")
_DOUBTFUL = re.compile("[\ufffd\ue000-\uf8ff]|\\(cid:\\d+\\)")
# UTF-8 read as Shift_JIS, as Latin-1, and Shift_JIS or EUC-JP read as Latin-1.
_GARBLED = re.compile(r"[縺繧繝譁蛹]|[ÃâÂ][\x80-\xbf€™œ]|[\x80-\x9fƒ‚]|[¤¥][\xa0-\xff]")
_DOUBTFUL_SHARE = 0.05
_GARBLED_SHARE = 0.10


def check_quality(text: str, name: str, pages: int | None) -> tuple[str, ...]:
    """Returns warning codes: ``garbled`` where much of the text cannot be what was written.

    Args:
        text: The clean text of the whole document.
        name: The document's name, for the error.
        pages: Its number of pages, for the error.

    Raises:
        NoText: There is not one letter or digit.
    """
    if not _LETTER.search(text):
        raise NoText(name=name, pages=pages or 1)
    return ("garbled",) if is_garbled(text) else ()


def is_garbled(text: str) -> bool:
    """Returns whether replacement characters or typical misreadings make up much of the text."""
    size = max(1, len(text) - text.count(" "))
    doubtful = sum(len(found) for found in _DOUBTFUL.findall(text))
    garbled = sum(len(found) for found in _GARBLED.findall(text))
    return doubtful > _DOUBTFUL_SHARE * size or garbled > _GARBLED_SHARE * size


def list_warnings(found: Sequence[str], hidden: int, invisible: int) -> tuple[str, ...]:
    """Returns all warning codes of a document, each once.

    Args:
        found: Codes that reading and checking gave.
        hidden: Characters that were marked as hidden in the file.
        invisible: Characters that show nothing, as zero-width and tag characters.
    """
    codes = [*found]
    if hidden:
        codes.append("hidden-text")
    if invisible:
        codes.append("invisible-characters")
    return tuple(dict.fromkeys(codes))
