"""Making a follow-up question stand alone, by rules."""

import re
from collections.abc import Sequence
from itertools import groupby

from app.answering.language import detect
from app.answering.model import Turn
from app.answering.reading_time import read_time
from retrieval.lexical.placing import place_terms
from retrieval.lexical.tokenizing import QUESTION_WORDS, terms

_ANAPHORIC_JA = re.compile(
    r"^(それ|これ|あれ|その|この|あの|そこ|ここ|そちら|では|じゃあ?|だったら|なら|また|あと|"
    r"(ほか|他)(に|の|は)|同じ|上記|前述|続き|もっと|さらに|具体的|例えば|たとえば|逆に|"
    r"もう(一|ひと)つ)"
    r"|(それ|これ|その)(は|が|を|に|の|ら|で|とき|時|場合|後|前|ため)"
)
_ANAPHORIC_EN = re.compile(
    r"^(?:and|but|or|so|then|also|what about|how about|why(?: not)?\??$|what if|what else"
    r"|any other)\b"
    r"|\b(?:they|them|their|theirs|(?:that|this) one|these|those|the same"
    r"|the (?:former|latter|above))\b"
    r"|\b(?:does|is|was|do|about|of|for|after|before|to|with|than) (?:that|this)\b"
    r"|\b(?-i:[Ii]ts?)\b",  # "IT" is a department
    re.IGNORECASE,
)
_ELLIPTIC_JA = re.compile(
    r"((?<!と)は|なら|でも|だと|については?|の場合は?|(では|は|だと)どう[ぁ-ん]*)[?？]?$"
)
_FEW_TERMS = 3
_FRAME_JA = frozenset({"場合"})
_TURNS_LOOKED_BACK = 3

SEARCHED_CHARACTERS = 1_000
"""How much of a question is searched with: its end, where long ones ask."""


def searched(question: str, history: Sequence[Turn]) -> str:
    """Returns what is searched for: the question standing alone, of a long one the end."""
    return standalone(question, history)[-SEARCHED_CHARACTERS:]


def standalone(question: str, history: Sequence[Turn]) -> str:
    """Returns the question with what it silently refers to, for searching.

    A question that points back (それは, その場合, "what about ..."), breaks off after its topic
    (派遣社員の場合は？) or holds a single content word (返すのはいつ？) gets the content words of
    the question before it, and that one of its own
    predecessor when it points back as well, at most three turns. Any other question is returned
    as it is.
    """
    return _complete(question, history[-_TURNS_LOOKED_BACK:])


def _complete(question: str, history: Sequence[Turn]) -> str:
    if not history or not refers_back(question):
        return question
    before = _complete(history[-1].question, history[:-1])
    own = set(terms(question))
    given = {_shape(term) for term in own} - {""}
    carried: dict[str, None] = {}
    # As it was written, because the reader is shown what was understood.
    for (start, end), placed in groupby(place_terms(before), lambda each: (each.start, each.end)):
        whole = next(placed).term  # of a code, before its parts
        if whole not in own | QUESTION_WORDS and _shape(whole) not in given:
            carried[before[start:end]] = None
    return " ".join([*carried, question]) if carried else question


def _shape(term: str) -> str:
    """Returns what kind of code or figure a term is: G5 asked after G4 takes its place."""
    if not any(character.isdigit() for character in term):
        return ""
    return re.sub(r"\d", "0", term) if term.isdigit() else re.sub(r"\d+", "0", term)


def refers_back(question: str) -> bool:
    """Returns whether a question seems to mean something that was said before it."""
    text = question.strip()
    # 2023年は？ and 2023年4月時点では？ hold nothing but a time.
    content = set(terms(read_time(text).rest)) - QUESTION_WORDS - _FRAME_JA
    if len(content) <= 1:
        return True
    if detect(text) == "ja":
        elliptic = bool(_ELLIPTIC_JA.search(text)) and len(content) <= _FEW_TERMS
        return elliptic or bool(_ANAPHORIC_JA.search(text))
    return bool(_ANAPHORIC_EN.search(text))
