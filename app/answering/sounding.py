"""Whether a word in katakana and one in Latin letters are the same by sound: ミラー and Miller.

Both become their consonants in one rough spelling. Vowels, voicing and endings, which katakana
render freely, are left out, so this tells that two words may be the same, not that they are.
"""

import re
import unicodedata
from functools import lru_cache

_LEAST = 2  # consonants; what has fewer sounds like too many others
_KATAKANA = re.compile(r"[ァ-ヴー]+")
_SOUNDS = {
    "k": "カキクケコガギグゲゴ", "s": "サシスセソザジズゼゾ", "t": "タチツテトダヂヅデド",
    "n": "ナニヌネノン", "h": "ハヒフヘホ", "p": "バビブベボパピプペポヴ", "m": "マミムメモ",
    "r": "ラリルレロ", "w": "ワ",
}  # fmt: skip
_CONSONANTS = {kana: sound for sound, several in _SOUNDS.items() for kana in several}
_W = re.compile("ウ[ァィェォ]|(?<=ク)[ァィェォアイエオ]")
_SPELLINGS = (
    (r"[st]ion", "sn"), (r"[ct]ial", "sr"), (r"[ct]ious", "ss"), (r"ture", "tr"), (r"tch", "t"),
    (r"sch", "sk"), (r"sh", "s"), (r"ph", "h"), (r"th", "s"), (r"gh(?=t)", ""), (r"ck", "k"),
    (r"qu", "kw"), (r"^x", "s"), (r"x", "ks"), (r"c(?=[eiy])", "s"), (r"dg", "s"), (r"j", "s"),
    (r"^kn", "n"), (r"gn(?=s?$)", "n"), (r"^wr", "r"), (r"wh", "w"), (r"w(?![aeiou])", ""),
    (r"(?<=[aeiouy])r(?![aeiouy])", ""), (r"mb$", "m"), (r"(?<=[aeiou])h(?![aeiou])", ""),
)  # fmt: skip
_SPELT = tuple((re.compile(pattern), sound) for pattern, sound in _SPELLINGS)
_LETTERS = str.maketrans("cqgzdbvfl", "kkkstpphr")
_TWICE = re.compile(r"([a-z])\1")
_VOWELS = re.compile("[aeiouy]")
_NOT_LETTERS = re.compile("[^a-z]")
_ENDINGS = re.compile(r"(?:ings?|e?s|e?d|ly|e?rs?)$")


@lru_cache(maxsize=8192)
def skeletons(word: str) -> frozenset[str]:
    """Returns the consonants of a katakana or Latin word, in each way it may be read.

    Nothing for a word in other letters, or with fewer than two consonants.
    """
    plain = unicodedata.normalize("NFKC", word)
    if _KATAKANA.fullmatch(plain):
        found = {_read_katakana(plain)}
    else:
        latin = _NOT_LETTERS.sub("", plain.casefold())
        stem = _ENDINGS.sub("", latin) if len(latin) > 4 else latin
        found = {
            _read_latin(variant)
            for form in (latin, stem)
            for variant in (form, re.sub("g(?=[eiy])", "j", form), form.replace("ch", "k"),
                            form.replace("ch", "t"))
        }  # fmt: skip
    return frozenset(each for each in found if len(each) >= _LEAST)


@lru_cache(maxsize=65536)
def sound_alike(one: str, other: str) -> bool:
    """Returns whether two words, one in katakana and one in Latin letters, may be the same."""
    mine, theirs = skeletons(one), skeletons(other)
    if not mine or not theirs:
        return False
    return not mine.isdisjoint(theirs) or any(
        _nearly(left, right) for left in mine for right in theirs
    )


def begin_alike(one: str, other: str) -> bool:
    """Returns whether two words begin with the same sound."""
    return not {each[0] for each in skeletons(one)}.isdisjoint(each[0] for each in skeletons(other))


def _read_katakana(word: str) -> str:
    sounds = "".join(_CONSONANTS.get(kana, "") for kana in _W.sub("ワ", word))
    return _level(sounds)


def _read_latin(word: str) -> str:
    for pattern, sound in _SPELT:
        word = pattern.sub(sound, word)
    return _level(_VOWELS.sub("", _TWICE.sub(r"\1", word)).translate(_LETTERS))


def _level(sounds: str) -> str:
    return sounds.replace("np", "mp").replace("ts", "s")


def _nearly(one: str, other: str) -> bool:
    """Returns whether at most a quarter of the sounds, rounded down, differ."""
    allowed = max(len(one), len(other)) // 4
    if not allowed or abs(len(one) - len(other)) > allowed:
        return False
    row = list(range(len(other) + 1))
    for place, sound in enumerate(one, start=1):
        above, row = row, [place]
        for index, their in enumerate(other, start=1):
            step = above[index - 1] + (sound != their)
            row.append(min(above[index] + 1, row[-1] + 1, step))
    return row[-1] <= allowed
