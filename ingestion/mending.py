"""Repairs text that was read in the wrong encoding, where that is certain; else says so."""

import re
from dataclasses import dataclass
from functools import partial

_KANA = re.compile(r"[ぁ-ゖァ-ヺ]")
_WIDE = re.compile(r"[ぁ-ゖァ-ヺ一-鿿]")
_FEWEST = 4
"""Signs of damage from which on what could not be repaired is told of."""


@dataclass(frozen=True, slots=True)
class _Mistake:
    """One way of reading bytes wrongly.

    Attributes:
        signs: What such text is full of and no other.
        read_as: The encoding it was read in.
        written_in: The encoding it was written in.
        proof: What the repaired text must hold.
        fewest: How many signs make it worth a try.
    """

    signs: re.Pattern[str]
    read_as: str
    written_in: str
    proof: re.Pattern[str]
    fewest: int = 2


# What Shift_JIS makes of the first two bytes of kana and kanji in UTF-8: rare kanji.
_RARE = "".join(
    bytes([lead, trail]).decode("cp932", "ignore")
    for lead in range(0xE3, 0xEA)
    for trail in range(0x80, 0xC0)
)
_UTF8_AS_CP932 = re.compile(rf"[{_RARE}]")
_PUNCTUATION = "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"  # what Windows-1252 has between 80 and 9F
_UTF8_AS_LATIN = re.compile(rf"[Â-ô][\x80-\xbf{_PUNCTUATION}]")
_CP932_AS_LATIN = re.compile(r"[\x80-\x9f]|[‚ƒ][\x80-\xff -~€-™]")
_EUC_AS_LATIN = re.compile(r"[¤¥][\xa1-\xfe]")
_ANY_LETTER = re.compile(r"[À-ɏぁ-ゖァ-ヺ一-鿿‘-”–—…€£©®°]")
_MISTAKES = (
    _Mistake(_UTF8_AS_CP932, "cp932", "utf-8", _WIDE),
    _Mistake(_UTF8_AS_LATIN, "cp1252", "utf-8", _ANY_LETTER, fewest=1),
    _Mistake(_UTF8_AS_LATIN, "latin-1", "utf-8", _ANY_LETTER, fewest=1),
    _Mistake(_CP932_AS_LATIN, "latin-1", "cp932", _KANA),
    _Mistake(_CP932_AS_LATIN, "cp1252", "cp932", _KANA),
    _Mistake(_EUC_AS_LATIN, "latin-1", "euc_jp", _KANA),
)
_SUSPECT = re.compile("|".join(dict.fromkeys(mistake.signs.pattern for mistake in _MISTAKES)))
_RUNS = re.compile(rf"[\u0080-\u024f{_PUNCTUATION}]+")
# Left over, these are no letters of any text that people write.
_BROKEN = re.compile(
    rf"[縺繧]|繝[^う]|[Ãâ][\x80-\xbf€™œ]|[Ã-ô][\x80-\xbf{_PUNCTUATION}]{{2}}|[\x80-\x9f]"
)


def mend(text: str) -> tuple[str, int]:
    """Returns the text with lines and words repaired, and how many signs of damage are left.

    A repair must lead back to the same bytes and be valid there, without one replacement, and give
    what the signs were of: letters. Whatever is not certain stays as it is.
    """
    if text.isascii() or not _SUSPECT.search(text):
        return text, 0
    mended = "\n".join(_mend_line(line) for line in text.split("\n"))
    return mended, len(_BROKEN.findall(mended))


def is_broken(signs: int) -> bool:
    """Returns whether so many signs are more than chance."""
    return signs >= _FEWEST


def _mend_line(line: str) -> str:
    if line.isascii():
        return line
    for mistake in _MISTAKES:
        repaired = _repair(line, mistake)
        if repaired is not None:
            return repaired
    latin = [mistake for mistake in _MISTAKES if mistake.signs is _UTF8_AS_LATIN]
    for mistake in latin:  # words of it may stand among sound ones
        line = _RUNS.sub(partial(_mend_run, mistake), line)
    return line


def _mend_run(mistake: _Mistake, run: re.Match[str]) -> str:
    return _repair(run.group(), mistake) or run.group()


def _repair(text: str, mistake: _Mistake) -> str | None:
    if len(mistake.signs.findall(text)) < mistake.fewest:
        return None
    try:
        repaired = _encode(text, mistake.read_as).decode(mistake.written_in)
    except UnicodeError:
        return None
    return repaired if mistake.proof.search(repaired) and "\x00" not in repaired else None


def _encode(text: str, encoding: str) -> bytes:
    """Returns the bytes; what Windows-1252 leaves undefined everybody reads as its number."""
    if encoding != "cp1252":
        return text.encode(encoding)
    return b"".join(c.encode("latin-1" if "\x80" <= c <= "\x9f" else encoding) for c in text)
