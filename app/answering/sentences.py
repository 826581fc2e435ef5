"""Where sentences end, in Japanese and English, in stored text and in a growing reply."""

import re

_SOURCE = r"(?:sources?|出典|資料|ソース)"
_PARTED = rf"(?:[,、，;；]|[\]］】]\s*[\[［【])\s*(?:{_SOURCE}\s*)?"
MARK = re.compile(
    rf"(?:(?P<round>[(（])(?=\s*{_SOURCE})|[\[［【])\s*(?:{_SOURCE}\s*[:：]?\s*)?"
    rf"(?(round)[\[［【]?)[\^#]?(?P<numbers>\d{{1,3}}(?:\s*{_PARTED}\d{{1,3}})*)\s*"
    r"(?(round)[\]］】]?\s*[)）]|[\]］】])",
    re.IGNORECASE,
)
"""A citation mark: [1], [1, 2], [1][2], ［１］, 【1】, [出典1], [Source 1], （出典: 1）."""

BULLET = re.compile(r"[ \t]*(?:[-*+•・●○◆■]\s*|\(?\d{1,2}[.)）．]\s+|[①-⑳]\s*|#{1,6}\s+)")
"""What begins a list item or a Markdown heading."""

LONGEST = 1_000
"""Characters after which a sentence is ended even without a full stop."""

_STOP = re.compile(r"[。！？!?．]+|\.+|…{2,}|\n+")
_CLOSERS = "」』）)】］]\"'”’*_`"
_PAIRS = {"「": "」", "『": "』", "（": "）"}
_OPEN_MARK = re.compile(r"[ \t]*[\[［【(（][^\]］】)）\n]{0,20}$")
_SHORTENED = (
    "mr mrs ms dr prof st no nos vs etc e.g i.e inc ltd co corp dept fig al approx a.m p.m u.s u.k "
    "jan feb mar apr jun jul aug sep sept oct nov dec art sec ch vol pp para rev est ext"
)
_ABBREVIATIONS = frozenset(_SHORTENED.split())
_NUMBER = re.compile(r"[A-Za-z]?\d+")
_LAST_WORD = re.compile(r"[A-Za-z](?:[A-Za-z]|\.(?=[A-Za-z]))*$")


def find_end(text: str, start: int, *, final: bool) -> int | None:
    """Returns the offset after the sentence that begins at ``start``.

    Closing quotes and citation marks right after the full stop belong to the sentence, and so does
    one line end. A full stop inside 「」 or （） ends nothing.

    Args:
        text: All the text known so far.
        start: Where the sentence begins.
        final: Whether more text can follow. While it can, an end is only given when what follows
            cannot change it.

    Returns:
        The offset, or None when the sentence is not known to have ended.
    """
    for stop in _STOP.finditer(text, start):
        if not text[start : stop.start()].strip():
            continue
        if stop.start() - start < LONGEST and not _ends(text, start, stop, final=final):
            continue
        end = _after_closers_and_marks(text, stop.end())
        following = _skip_blanks(text, end)
        if not final and (following == len(text) or _OPEN_MARK.match(text, following)):
            return None
        return end
    if final and text[start:].strip():
        return len(text)
    return None


def _ends(text: str, start: int, stop: re.Match[str], *, final: bool) -> bool:
    found = stop.group()
    if found[0] == "\n":
        return True
    if _inside_quotes(text, start, stop.start()):
        return False
    if found[0] in "。！？．…":
        return True
    return _ends_in_latin(text, start, stop, final=final)


def _inside_quotes(text: str, start: int, position: int) -> bool:
    """Tells whether the position is inside a pair that is closed on the same line or still open."""
    line_end = text.find("\n", position)
    ahead = text[position : line_end if line_end >= 0 else len(text)]
    for opener, closer in _PAIRS.items():
        behind = text[start:position]
        if behind.count(opener) > behind.count(closer) and (closer in ahead or line_end < 0):
            return True
    return False


def _ends_in_latin(text: str, start: int, stop: re.Match[str], *, final: bool) -> bool:
    after = text[stop.end() : stop.end() + 1]
    if after and not (after.isspace() or after in _CLOSERS or after in "[［【" or after > "\u2e7f"):
        return False  # 3.5, example.com, file.txt
    if after == "[" and stop.group()[-1] == "!" and not MARK.match(text, stop.end()):
        return _OPEN_MARK.match(text, stop.end()) is not None and not final  # an image: ![...](...)
    if not after and not final:
        return True  # find_end waits for what follows
    if stop.group() != ".":
        return True
    word = _LAST_WORD.search(text, start, stop.start())
    before = text[start : stop.start()]
    if _NUMBER.fullmatch(before.strip()):
        return False  # the number of a list item, or of a question
    following = text[stop.end() :].lstrip(" ")[:1]
    if word is None:
        return True
    name = word.group().casefold()
    if len(name) == 1 and word.group().isupper():
        return False  # an initial
    return not (name in _ABBREVIATIONS and following not in {"", "\n"})


def _after_closers_and_marks(text: str, end: int) -> int:
    while True:
        mark = MARK.match(text, _skip_blanks(text, end))
        if mark:
            end = mark.end()
        elif text[end : end + 1] and text[end] in _CLOSERS:
            end += 1
        elif text[end : end + 1] in {"。", "．"} or (text[end : end + 1] == "." and end > 0):
            end += 1  # "...です[1]。" written twice: "。[1]。"
        else:
            return end


def _skip_blanks(text: str, position: int) -> int:
    while text[position : position + 1] in {" ", "\t", "\u3000"}:
        position += 1
    return position


def split(text: str) -> list[tuple[int, int]]:
    """Returns the (start, end) offsets of each sentence of a stored text, blanks trimmed.

    A line break inside a running sentence, as hard-wrapped text has it, does not end one: the line
    before is long and has no full stop, and the next one is no list item.
    """
    soft = _soften(text)
    spans: list[tuple[int, int]] = []
    position = 0
    while (end := find_end(soft, position, final=True)) is not None:
        piece = text[position:end]
        start = position + len(piece) - len(piece.lstrip())
        spans.append((start, position + len(piece.rstrip())))
        position = end
    return spans


_WRAPPED = re.compile(r"(?<=[^\s。．.!?！？:：」）)\n])\n(?=[^\s\n])")


def _soften(text: str) -> str:
    """Replaces the line breaks of hard-wrapped sentences by blanks, keeping every offset."""

    def soften(match: re.Match[str]) -> str:
        line_start = text.rfind("\n", 0, match.start()) + 1
        next_line = text[match.end() : match.end() + 40]
        wrapped = match.start() - line_start >= 36 and "\t" not in text[line_start : match.start()]
        return " " if wrapped and not BULLET.match(next_line) else "\n"

    return _WRAPPED.sub(soften, text)
