"""What a text affirms and what it denies: できる and できない, must and must not."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache

from app.answering.analysing import Word, words
from retrieval.lexical.tokenizing import terms

Polarities = Mapping[str, frozenset[bool]]
"""For each word, whether it is affirmed (True), denied (False) or both."""

_JAPANESE = re.compile(r"[ぁ-んァ-ヶ一-鿿]")
_IDIOMS = re.compile(
    r"(?:なければ|なけれ|なくては|なくちゃ|ないと)(?:いけ|なり|なら)(?:ない|ません|なかった|ませんでした)?"
    r"|(?:ざるを|やむを)得(?:ない|ません)|か(?:も)?しれ(?:ない|ません)|に違い(?:ない|ありません)"
    r"|(?:だけ|ばかり|のみ)(?:で|では)?(?:なく|ない)|に(?:ほか|他)なら(?:ない|ません)|のみならず"
    r"|とは限ら(?:ない|ず)|に(?:も)?かかわらず|少なからず|間もなく|まもなく|思わず|必ず|わずか|はず|まず"
)
_DENYING = frozenset({"ない", "ず", "ぬ", "まい", "無い"})
_OPPOSITES = {
    "不要": "必要", "不可": "可能", "不可能": "可能", "禁止": "許可", "禁ずる": "許可",
    "禁じる": "許可",
    "禁": "許可", "対象外": "対象", "無効": "有効", "免除": "必要", "不能": "可能", "拒否": "許可",
}  # fmt: skip
_SAME = {"出来る": "可能", "可": "可能", "認める": "許可", "許す": "許可", "必須": "必要"}
_MODAL = frozenset({"可能", "許可"})
"""What is said of the action before it: who may not apply does not apply."""

_LIGHT = frozenset({"見る", "至る", "及ぶ"})
"""Verbs that carry the noun before them: 成立を見ない is 成立しない."""

_PREFIXES = frozenset({"不", "非", "未", "無"})
_EMPTY = frozenset(
    {
        "こと",
        "もの",
        "ため",
        "とき",
        "為る",
        "有る",
        "居る",
        "成る",
        "事",
        "物",
        "為",
        "方",
        "下さる",
        "行く",
        "来る",
    }
)

_ENGLISH_IDIOMS = re.compile(
    r"\b(?:not only|no (?:later|more|less|fewer|earlier|longer) than|whether or not|not just"
    r"|no\.\s?\d+|nothing but)\b"
)
_ENGLISH_WORD = re.compile(r"[a-z]+n['’]t|[a-z]+|[.,;:!?]")
_NOT = frozenset({"not", "cannot", "never", "no", "without", "neither", "nor", "none", "unable"})
_ENGLISH_OPPOSITES = {
    "prohibited": "allow", "forbidden": "allow", "disallowed": "allow", "banned": "allow",
    "optional": "require", "unnecessary": "necessary", "impossible": "possible",
    "ineligible": "eligible", "unaffected": "affect", "unchanged": "change", "invalid": "valid",
}  # fmt: skip
_ENGLISH_SAME = {
    "permit": "allow",
    "permitted": "allow",
    "requir": "require",
    "mandatori": "require",
}
_LIMITING = re.compile(
    r"以外|のみ|だけ|限[りるっら]|除[いくき]|未満|欠|失|減"
    r"|\b(?:only|except|unless|until|lack|fail|rather than|instead of|exclud\w*|less|few)\b"
)
_NOT_MEANT = re.compile(
    r"(?:構|かま)(?:い|わ)(?:ません|ない)|(?:問題|差し支え)[はも]?(?:あり|ござい)?(?:ません|ない)"
    r"|(?:遠慮|躊躇)なく|欠か(?:せ|さ)(?:ない|ません)|しか[^。、]*?(?:ない|ません|なかった)"
)
"""What denies in Japanese and affirms in English: do feel free, only."""

_HINTS = re.compile(
    r"\b(?:un(?!til|it|ion|iqu|ivers|der|less)|non-?|in(?=evitab|accura|flexib|correct)"
    r"|im(?=possib)|ir(?=rel))[a-z]{3,}"
    r"|\b(?:instead of|rather than|avoid|prevent|unless|except|until|only|fail|lack|refus)"
    r"|[不非未]|避け|対象外|以外|ずに|なし|だめ|禁",
    re.IGNORECASE,
)
_SCOPE = 2
_FUNCTION_WORDS = """
be been being is are was were a an the to of in on at by for with any all only yet also
have has had do does did very more most as that this these those it its their there please
"""
_PASSED_OVER = frozenset(_FUNCTION_WORDS.split())


@lru_cache(maxsize=2048)
def read_polarities(text: str) -> Polarities:
    """Returns the words of one sentence with how it speaks of them."""
    found: dict[str, set[bool]] = defaultdict(set)
    if _JAPANESE.search(text):
        _read_japanese(_IDIOMS.sub("", text), found)
    else:
        _read_english(_ENGLISH_IDIOMS.sub(" ", text.casefold()), found)
    return {word: frozenset(values) for word, values in found.items()}


def denies(polarities: Polarities) -> bool:
    """Returns whether anything is denied."""
    return any(False in values for values in polarities.values())


def denied(text: str) -> tuple[str, ...]:
    """Returns the words that a text denies."""
    return tuple(sorted(word for word, said in read_polarities(text).items() if False in said))


def count_denials(text: str, *, hinted: bool = False) -> int:
    """Returns how often a text says "not" by a word of its own.

    Args:
        text: One sentence.
        hinted: Whether what another language may say by "not" counts too: 不要, unable, avoid.
    """
    hints = len(_HINTS.findall(text)) if hinted else 0
    if _JAPANESE.search(text):
        said = words(_NOT_MEANT.sub("", _IDIOMS.sub("", text)))
        return hints + sum(w.normal in _DENYING and w.part != "接頭辞" for w in said)
    plain: list[str] = _ENGLISH_WORD.findall(_ENGLISH_IDIOMS.sub(" ", text.casefold()))
    return hints + sum(word in _NOT or word.endswith(("n't", "n’t")) for word in plain)


def limits(text: str) -> bool:
    """Returns whether a text leaves something out without denying it: only, except, 以外, のみ."""
    return bool(_LIMITING.search(text.casefold()))


def find_opposed(sentence: str, evidence: Sequence[str]) -> tuple[str, ...]:
    """Returns the words that the sentence speaks of in the opposite way, "" of none.

    Args:
        sentence: One sentence.
        evidence: The parts that speak of the same, the nearest first.
    """
    own = read_polarities(sentence)
    theirs = [read_polarities(part) for part in evidence]
    opposed = {
        word
        for word, values in own.items()
        if (said := next((part[word] for part in theirs if word in part), None))
        and not values & said
    }
    if not any(denies(part) for part in theirs) and not any(limits(part) for part in evidence):
        opposed |= {word for word, values in own.items() if False in values}
    return tuple(sorted(opposed))


def _read_japanese(text: str, found: dict[str, set[bool]]) -> None:
    said: list[tuple[str, bool]] = []
    prefix = False
    for word in words(text):
        if word.part == "接頭辞" and word.surface in _PREFIXES:
            prefix = True
        elif word.normal in _DENYING and word.part in {"助動詞", "形容詞", "接尾辞"}:
            _deny_last(said)
        elif _has_content(word):
            normal = _SAME.get(word.normal, word.normal)
            opposite = _OPPOSITES.get(normal)
            said.append((opposite, False) if opposite else (normal, not prefix))
            if opposite in _MODAL and len(said) > 1:
                said[-2] = (said[-2][0], False)  # 持ち込み禁止
            prefix = False
    for name, affirmed in said:
        found[name].add(affirmed)


def _deny_last(said: list[tuple[str, bool]]) -> None:
    if said:
        name, affirmed = said[-1]
        said[-1] = (name, not affirmed)
        if name in _MODAL | _LIGHT and len(said) > 1:
            said[-2] = (said[-2][0], not affirmed)  # 申請できない


def _has_content(word: Word) -> bool:
    if word.normal in _EMPTY or not any(character.isalnum() for character in word.normal):
        return False
    return word.part in {"名詞", "動詞", "形容詞", "形状詞", "副詞"} and word.detail != "数詞"


def _read_english(text: str, found: dict[str, set[bool]]) -> None:
    left = 0
    for match in _ENGLISH_WORD.finditer(text):
        word = match.group()
        if not word[0].isalpha():
            left = 0
        elif word in _NOT or word.endswith(("n't", "n’t")):
            left = _SCOPE
        elif word in _ENGLISH_OPPOSITES:
            found[_ENGLISH_OPPOSITES[word]].add(left > 0)
            left = 0
        elif word not in _PASSED_OVER:
            stem = (terms(word) or [word])[0]
            found[_ENGLISH_SAME.get(stem, stem)].add(left == 0)
            if 0 < left < _SCOPE:
                found[_ENGLISH_SAME.get(stem, stem)].add(True)  # "not share keys" denies no keys
            left = max(0, left - 1)
