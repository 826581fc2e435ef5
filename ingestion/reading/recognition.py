"""Recognises text in images with tesseract, where it is installed (jpn+eng, else eng)."""

import re
import shutil
import subprocess

from ingestion.model import Limits
from ingestion.reading.plain import split_text
from retrieval.model import Block

_LANGUAGES = ("jpn+eng", "eng")
_LONGEST_S = 60.0
_WIDE = "\u3000-\u30ff\u3400-\u9fff\uff01-\uff60"
_BETWEEN_WIDE = re.compile(f"(?<=[{_WIDE}]) +(?=[{_WIDE}])")


def find_tesseract() -> str:
    """Returns the path of the installed program, "" where there is none."""
    return shutil.which("tesseract") or ""


def recognize(picture: bytes, limits: Limits, page: int | None = None) -> list[Block]:
    """Returns the text blocks seen in a picture, none where nothing is recognised.

    Args:
        picture: A PNG file's bytes.
        limits: Which program to use.
        page: Where the picture is.
    """
    for languages in _LANGUAGES:
        text = _run(picture, limits.tesseract, languages)
        if text is not None:
            return split_text(_BETWEEN_WIDE.sub("", text), page)
    return []


def _run(picture: bytes, program: str, languages: str) -> str | None:
    """Returns what the program printed, ``None`` when it failed, as without the language."""
    command = [program, "stdin", "stdout", "-l", languages]
    try:
        done = subprocess.run(  # noqa: S603 - the program was found by us; the picture is its input
            command, input=picture, capture_output=True, timeout=_LONGEST_S, check=False
        )
    except (subprocess.TimeoutExpired, OSError):
        return None
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None
