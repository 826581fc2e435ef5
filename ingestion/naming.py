"""What names of files say: whether they are documents, and how they are kept and shown."""

import os
import unicodedata
from pathlib import PurePosixPath
from urllib.parse import unquote

_TEMPORARY_PREFIXES = (".", "~$", "~WRL")
_TEMPORARY_SUFFIXES = (".tmp", ".temp", ".part", ".crdownload", ".swp", "~", ".pyc", ".pyo")
_SYSTEM_NAMES = frozenset(
    {
        *("thumbs.db", "ehthumbs.db", "desktop.ini"),
        *("__macosx", "$recycle.bin", "system volume information", "lost+found", "@eadir"),
        *("__pycache__", "node_modules"),
    }
)

MEMBER_MARK = "!/"
"""Stands between a document's name and that of one which lies in it: ``mail.eml!/price.xlsx``."""


def is_document_name(name: str) -> bool:
    """Returns whether a file of this name may be a document.

    What is hidden (``.git``, ``.DS_Store``), temporary (``~$plan.docx``), made by a system or by
    a program for itself is none.
    """
    lowered = name.lower()
    return not (
        lowered.startswith(_TEMPORARY_PREFIXES)
        or lowered.endswith(_TEMPORARY_SUFFIXES)
        or lowered in _SYSTEM_NAMES
    )


def safe_name(name: str) -> str:
    r"""Returns the name as valid UTF-8: bytes that are no text become ``\xNN``."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def display_name(name: str) -> str:
    """Returns a name without line breaks, control and direction marks, for titles and messages."""
    kept = (" " if char in "\r\n\t" else char for char in name)
    return "".join(char for char in kept if unicodedata.category(char) not in {"Cc", "Cf"}).strip()


def title_of(external_id: str) -> str:
    """Returns what a document's name says, without folders and extension."""
    stem = PurePosixPath(external_id).stem or external_id
    shown = (char for char in stem if unicodedata.category(char) not in {"Cc", "Cf", "Cs"})
    return " ".join("".join(shown).split())


def readable_name(external_id: str) -> str:
    """Returns a name as people read it: of a web address its host and path, without escapes."""
    if not external_id.startswith(("http://", "https://")):
        return external_id
    return unquote(external_id.partition("://")[2].partition("?")[0])


def member_path(name: str) -> str:
    """Returns the name of an archive's member as a relative path that leads nowhere else."""
    parts = [display_name(part) for part in name.replace("\\", "/").split("/")]
    return "/".join(part for part in parts if part not in {"", ".", ".."} and part[1:] != ":")
