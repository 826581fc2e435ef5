"""Mutators: each makes a true sentence wrong in one way, or gives None when it cannot."""

import random
import re
from collections.abc import Callable, Sequence

from benchmarks.lies.collecting import Gold
from benchmarks.lies.names import NamePool, find_names

Mutator = Callable[[Gold, random.Random], str | None]

_DATE_PARTS = re.compile(
    r"(?P<year>(?:1[5-9]|20)\d\d)(?=年|\b)|(?:令和|平成|昭和|大正|明治)(?P<era>\d{1,2})(?=年)"
    r"|(?<![\d.])(?P<month>1[0-2]|[1-9])(?=月)|(?<=月)(?P<day>[12]?\d|3[01])(?=日)"
)
_MONTH_NAME = re.compile(
    r"\b(January|February|March|April|June|July|August|September|October|November|December)\b"
)
_MONTH_WORDS = """
January February March April June July August September October November December
"""
_MONTHS = _MONTH_WORDS.split()
_NUMBER = re.compile(r"(?<![\d.,/A-Za-z-])\d[\d,]*(?:\.\d+)?(?![\d/A-Za-z-])")
_IN_A_DATE = re.compile(r"(?:\d{4}|月\d+|[和成正治]\d+)$")
_NOT_A_COUNT = re.compile(r"年|月|日(?!間)")
_NUMBER_WORDS = """
two three four five six seven eight nine ten twelve fifteen twenty
"""
_WORD_NUMBERS = _NUMBER_WORDS.split()
_NUMBER_WORD = re.compile(rf"\b({'|'.join(_WORD_NUMBERS)})\b")
_UNITS = {
    "ja": ("年", "か月", "日", "時間", "分", "円", "ドル", "%", "人", "件", "回", "km", "メートル",
           "世紀", "歳", "位", "倍", "隻", "頭", "kg", "トン", "週間", "度", "枚"),
    "en": ("years", "months", "weeks", "days", "hours", "minutes", "percent", "%", "dollars",
           "people", "employees", "times", "mg", "kg", "ml", "patients", "mice", "pages", "USD"),
}  # fmt: skip
_UNIT = {
    language: re.compile(r"(?<=\d)(\s?)(" + "|".join(units) + r")(?![a-zA-Z間前後])")
    for language, units in _UNITS.items()
}

# Each pair turns one into the other; tried in order, the first that fits is used.
_NEGATED = {
    "ja": (
        ("できません。", "できます。"), ("できます。", "できません。"), ("できない。", "できる。"),
        ("できる。", "できない。"), ("ありません。", "あります。"), ("必要です。", "不要です。"),
        ("必要がある。", "必要はない。"), ("ではない。", "である。"),
        ("ではなかった。", "であった。"),
        ("である。", "ではない。"), ("であった。", "ではなかった。"),
        ("でした。", "ではありませんでした。"),
        ("です。", "ではありません。"), ("ません。", "ます。"), ("しました。", "しませんでした。"),
        ("ました。", "ませんでした。"), ("ます。", "ません。"), ("していた。", "していなかった。"),
        ("されていない。", "されている。"), ("ている。", "ていない。"), ("されない。", "される。"),
        ("された。", "されなかった。"), ("される。", "されない。"), ("しない。", "する。"),
        ("なかった。", "た。"), ("した。", "しなかった。"), ("する。", "しない。"),
        ("れている。", "れていない。"), ("がある。", "はない。"), ("だった。", "ではなかった。"),
    ),
    "en": (
        ("must not ", "must "), (" must ", " must not "), ("cannot ", "can "),
        (" can ", " cannot "),
        ("should not ", "should "), (" should ", " should not "), (" will not ", " will "),
        (" will ", " will not "), ("is not ", "is "), ("are not ", "are "), ("do not ", ""),
        ("does not ", ""), (" is ", " is not "), (" are ", " are not "), (" was ", " was not "),
        (" were ", " were not "), (" may ", " may not "), (" has ", " has not "),
        (" allowed ", " prohibited "), (" required ", " optional "),
    ),
}  # fmt: skip


def change_number(gold: Gold, chance: random.Random) -> str | None:
    """Another figure; one time in four it is a figure that stands elsewhere in the passage."""
    spots = [
        match for match in _NUMBER.finditer(gold.text)
        if not _NOT_A_COUNT.match(gold.text[match.end() : match.end() + 2])
        and not re.fullmatch(r"(?:19|20)\d\d", match.group())
    ]  # fmt: skip
    if not spots:
        return _change_number_word(gold.text, chance)
    spot = chance.choice(spots)
    return _put(gold.text, spot.span(), _another_figure(spot.group(), gold.passage.text, chance))


def _change_number_word(text: str, chance: random.Random) -> str | None:
    spots = list(_NUMBER_WORD.finditer(text))
    if not spots:
        return None
    spot = chance.choice(spots)
    other = chance.choice([word for word in _WORD_NUMBERS if word != spot.group()])
    return _put(text, spot.span(), other)


def _another_figure(figure: str, passage: str, chance: random.Random) -> str:
    near = [each for each in _NUMBER.findall(passage) if each.replace(",", "") != figure]
    if near and chance.random() < 0.25:
        return str(chance.choice(near))
    if "." in figure:
        whole, _, part = figure.partition(".")
        return f"{whole}.{(int(part[0]) + chance.randint(1, 8)) % 10}{part[1:]}"
    value = int(figure.replace(",", ""))
    changed = chance.choice([value + 1, value + chance.randint(2, 9), value * 10, value * 2 + 1])
    return f"{changed:,}" if "," in figure else str(changed)


def change_date(gold: Gold, chance: random.Random) -> str | None:
    """Another year, month or day."""
    spots = [*_DATE_PARTS.finditer(gold.text), *_MONTH_NAME.finditer(gold.text)]
    if not spots:
        return None
    spot = chance.choice(spots)
    if spot.re is _MONTH_NAME:
        other = chance.choice([month for month in _MONTHS if month != spot.group()])
        return _put(gold.text, spot.span(), other)
    kind = spot.lastgroup or ""
    value, limit = int(spot[kind]), {"month": 12, "day": 28, "era": 30}.get(kind, 9999)
    shifted = value + chance.choice([-2, -1, 1, 2, 3])
    if not 1 <= shifted <= limit:
        shifted = value + 1 if value < limit else value - 1
    return _put(gold.text, spot.span(kind), str(shifted))


def change_unit(gold: Gold, chance: random.Random) -> str | None:
    """The same figure in another unit."""
    spots = [
        spot for spot in _UNIT[gold.language].finditer(gold.text)
        if not (spot[2] in {"年", "日"} and _IN_A_DATE.search(gold.text[: spot.start()]))
    ]  # fmt: skip
    if not spots:
        return None
    spot = chance.choice(spots)
    others = [unit for unit in _UNITS[gold.language] if unit not in {spot[2], "%", "percent"}]
    return _put(gold.text, spot.span(2), chance.choice(others))


def change_name(pool: NamePool) -> Mutator:
    """Returns a mutator that puts another document's name of the same form in a name's place.

    One time in four it is another name of the same passage, where there is one.
    """

    def change(gold: Gold, chance: random.Random) -> str | None:
        names = find_names(gold.text, gold.language)
        if not names:
            return None
        form, name = chance.choice(names)
        near = [
            other for kind, other in find_names(gold.passage.text, gold.language)
            if kind == form and other not in gold.text and other not in name
        ]  # fmt: skip
        other: str | None
        if near and chance.random() < 0.25:
            other = chance.choice(near)
        else:
            other = pool.another(form, gold.passage.text + gold.passage.title, chance)
        return gold.text.replace(name, other, 1) if other else None

    return change


def negate(gold: Gold, chance: random.Random) -> str | None:  # noqa: ARG001 - one signature
    """The opposite: できる and できない, must and must not, 必要 and 不要."""
    text = gold.text
    if gold.language == "ja":
        for old, new in _NEGATED["ja"]:
            if text.endswith(old):
                return text[: -len(old)] + new
        return None
    for old, new in _NEGATED["en"]:
        if old in text:
            return text.replace(old, new, 1)
    return None


def invent(others: Sequence[Gold]) -> Mutator:
    """Returns a mutator that lets the sentence's subject do what another document tells."""

    def change(gold: Gold, chance: random.Random) -> str | None:
        cut = "は" if gold.language == "ja" else " "
        subject, _, rest = gold.text.partition(cut)
        if not rest or len(subject) > 30:
            return None
        for other in chance.sample(others, min(30, len(others))):
            tail = other.text.partition(cut)[2]
            apart = other.passage.document != gold.passage.document
            if apart and other.language == gold.language and len(tail) > 15:
                return subject + cut + tail
        return None

    return change


def _put(text: str, span: tuple[int, int], new: str) -> str:
    return text[: span[0]] + new + text[span[1] :]
