"""Turning a streamed reply into sentences with the source numbers they name."""

import re
from dataclasses import dataclass

from app.answering.sentences import MARK, find_end

_NUMBER = re.compile(r"\d{1,3}")
_LIST_NUMBER = re.compile(r"^\s*\d{1,2}[.)）．]\s+")
_BLANKS_BEFORE_STOP = re.compile(r"\s+(?=[。．.、，,!?！？](?:\s|$))")
_BROKEN_MARK = re.compile(r"\s*[\[［【]\s*\d{0,3}\s*$")
_IMAGE_OR_LINK = re.compile(r"!?\[([^\]\n]*)\]\([^)\n]*\)")
_DRESS = re.compile(
    r"(?<![*\d])\*\*(?!\*)|(?<!\*)\*\*(?![*\d])"  # bold; 2**3 is none
    r"|</?(?:b|i|u|em|strong|p|span|div|code)\s*/?>",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A sentence as the model wrote it, not yet checked.

    Attributes:
        text: Without citation marks and markup, links reduced to their words.
        marks: Source numbers as written, in order, each once; they may name no source.
        starts_line: Whether it stood at the beginning of a line.
    """

    text: str
    marks: tuple[int, ...]
    starts_line: bool = False


class ReplyParser:
    """Cuts a reply that arrives in pieces into drafts, each as soon as its end is certain."""

    def __init__(self) -> None:
        """Begins with nothing read."""
        self._buffer = ""
        self._at_line_start = True

    def feed(self, piece: str) -> list[Draft]:
        """Returns the sentences that this piece completed."""
        self._buffer += piece
        return self._take(final=False)

    def close(self) -> list[Draft]:
        """Returns what was left when the reply ended by itself."""
        return self._take(final=True)

    @property
    def pending(self) -> str:
        """The unfinished sentence, to be dropped when the reply was cut."""
        return self._buffer.strip()

    def _take(self, *, final: bool) -> list[Draft]:
        drafts: list[Draft] = []
        position = 0
        while (end := find_end(self._buffer, position, final=final)) is not None:
            raw = self._buffer[position:end]
            draft = read_draft(raw, starts_line=self._starts_line(raw))
            if draft is not None:
                drafts.append(draft)
            self._at_line_start = raw.endswith("\n")
            position = end
        self._buffer = self._buffer[position:]
        return drafts

    def _starts_line(self, raw: str) -> bool:
        leading = raw[: len(raw) - len(raw.lstrip())]
        return self._at_line_start or "\n" in leading


def read_draft(raw: str, *, starts_line: bool) -> Draft | None:
    """Returns the sentence and its marks, or None when nothing is left beside marks and signs."""
    marks: list[int] = []
    for mark in MARK.finditer(raw):
        marks.extend(int(number) for number in _NUMBER.findall(mark.group("numbers")))
    text = _BROKEN_MARK.sub("", MARK.sub("", _IMAGE_OR_LINK.sub(r"\1", raw)))
    text = _BLANKS_BEFORE_STOP.sub("", _DRESS.sub("", text)).strip()
    if text.startswith("|"):
        text = text.strip("| ")  # a row of a table
    if text.endswith("。。"):
        text = text[:-1]
    if not any(character.isalnum() for character in text):
        return None
    return Draft(text, tuple(dict.fromkeys(marks)), starts_line)


def without_list_number(text: str) -> str:
    """Returns the text without the "1." that begins a list item, which is no fact to check."""
    return _LIST_NUMBER.sub("", text)
