"""Faithful paraphrases: other spellings and orders of the same truth."""

import random
import re
from collections.abc import Callable

from benchmarks.lies.collecting import Gold

Rewriter = Callable[[Gold, random.Random], str | None]

_ERAS = (("令和", 2018, 2100), ("平成", 1988, 2018), ("昭和", 1925, 1988))
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)年(?![代度])")
_ERA_YEAR = re.compile(r"(令和|平成|昭和)(元|\d{1,2})年")
_GROUPED = re.compile(r"(?<![\d.,])(\d{1,3}(?:,\d{3})+|\d{5,})(?![\d.,])")
_MAN = re.compile(r"(?<![\d.,億])(\d{1,4})万(?=[円人件台個年])")
_SMALL = re.compile(r"(?<![\d.,A-Za-z/-])(\d{1,2})(?=[日年人件回か月時分台個]|つの)(?![.,]\d)")
_NUMBER_WORDS = """
zero one two three four five six seven eight nine ten eleven twelve
"""
_WORDS = _NUMBER_WORDS.split()
_SMALL_EN = re.compile(r"(?<![\d.,A-Za-z$€£/-])(\d{1,2})(?= [a-z])")
_WORD_EN = re.compile(rf"(?<!-)\b({'|'.join(_WORDS[2:])})\b(?!-)")
_KANJI = "〇一二三四五六七八九"

_POLITE = (
    ("であった。", "でした。"), ("である。", "です。"), ("ではない。", "ではありません。"),
    ("できない。", "できません。"), ("できる。", "できます。"), ("していた。", "していました。"),
    ("ている。", "ています。"), ("ていない。", "ていません。"), ("された。", "されました。"),
    ("される。", "されます。"), ("した。", "しました。"), ("する。", "します。"),
    ("しない。", "しません。"), ("がある。", "があります。"), ("だった。", "でした。"),
    ("なかった。", "ませんでした。"), ("れる。", "れます。"), ("ない。", "ありません。"),
)  # fmt: skip
_UNSURE = ("なかった。", "ない。", "れる。")  # what stands before decides; left out


def respell_numbers(gold: Gold, chance: random.Random) -> str | None:  # noqa: ARG001
    """30,000円 as 3万円, 3万 as 30,000, 10日 as 十日 or １０日, "three" as 3."""
    text = gold.text
    if gold.language == "ja":
        for pattern, spell in ((_GROUPED, _to_man), (_MAN, _from_man), (_SMALL, _to_kanji)):
            changed = pattern.sub(spell, text)
            if changed != text:
                return changed
        wide = re.sub(r"\d", lambda match: chr(ord(match.group()) + 0xFEE0), text)
        return wide if wide != text else None
    words = _SMALL_EN.sub(
        lambda match: _WORDS[int(match[1])] if int(match[1]) < len(_WORDS) else match[1], text
    )
    if words != text:
        return words
    figures = _WORD_EN.sub(lambda match: str(_WORDS.index(match[1])), text)
    return figures if figures != text else None


def respell_years(gold: Gold, chance: random.Random) -> str | None:  # noqa: ARG001
    """2024年 as 令和6年 and back."""
    changed = _ERA_YEAR.sub(_to_western, gold.text)
    if changed == gold.text:
        changed = _YEAR.sub(_to_era, gold.text)
    return changed if changed != gold.text else None


def change_ending(gold: Gold, chance: random.Random) -> str | None:  # noqa: ARG001
    """である as です and back."""
    for plain, polite in _POLITE:
        if plain in _UNSURE:
            continue
        if gold.text.endswith(plain):
            return gold.text[: -len(plain)] + polite
        if gold.text.endswith(polite) and plain not in {"する。", "がある。"}:
            return gold.text[: -len(polite)] + plain
    return None


def reorder(gold: Gold, chance: random.Random) -> str | None:  # noqa: ARG001
    """The condition or time at the beginning, put behind."""
    if gold.language == "ja":
        match = re.fullmatch(
            r"([^、。]{4,30}(?:場合|とき|際|年|月|日|では|時))、([^。]+)。", gold.text
        )
        return f"{match[2]}（{match[1]}）。" if match else None
    match = re.fullmatch(
        r"((?:If|When|In|For|After|Before|During|With|While|At) [^,.]{4,60}), ([A-Za-z][^.]+)\.",
        gold.text,
    )
    if match is None:
        return None
    condition = match[1][0].lower() + match[1][1:]
    return f"{match[2][0].upper()}{match[2][1:]} {condition}."


def drop_aside(gold: Gold, chance: random.Random) -> str | None:  # noqa: ARG001
    """What stands in brackets left out."""
    changed = re.sub(r"\s?[（(][^（）()]*[）)]", "", gold.text)
    return changed if changed != gold.text and len(changed) > 15 else None


REWRITERS: dict[str, Rewriter] = {
    "number respelled": respell_numbers,
    "era and western year": respell_years,
    "ending": change_ending,
    "reordered": reorder,
    "aside dropped": drop_aside,
}


def _to_man(match: re.Match[str]) -> str:
    value = int(match[1].replace(",", ""))
    if value % 1000 or value >= 10**8:
        return match[1].replace(",", "") if "," in match[1] else f"{value:,}"
    return f"{value / 10_000:g}万" if value >= 10_000 else str(value)


def _from_man(match: re.Match[str]) -> str:
    return f"{int(match[1]) * 10_000:,}"


def _to_kanji(match: re.Match[str]) -> str:
    tens, ones = divmod(int(match[1]), 10)
    if not tens and not ones:
        return match[1]
    head = ("" if tens == 1 else _KANJI[tens]) + "十" if tens else ""
    return head + (_KANJI[ones] if ones else "")


def _to_western(match: re.Match[str]) -> str:
    first = {name: start for name, start, _ in _ERAS}[match[1]]
    return f"{first + (1 if match[2] == '元' else int(match[2]))}年"


def _to_era(match: re.Match[str]) -> str:
    year = int(match[1])
    for name, start, last in _ERAS:
        if start < year <= last:
            return f"{name}{year - start}年"
    return match.group()
