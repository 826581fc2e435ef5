"""In which of the two languages a question is asked."""

import re

from retrieval.errors import Language

_QUOTED = re.compile(r"「[^」]*」|『[^』]*』|“[^”]*”|\"[^\"]*\"")
_LATIN_WORD = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)?")
_JAPANESE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff66-\uff9f々]")
_JAPANESE_END = re.compile(r"[\u3041-\u3096][\s?？。!！]*$")
_FRAME = (
    "what when where who whom whose which why how is are was were do does did can could should "
    "may must will would the a an of to for in on mean means explain tell please and"
)
_ENGLISH_FRAME = frozenset(_FRAME.split())

_OTHER_SCRIPT = re.compile(
    r"[\u0370-\u03ff\u0400-\u04ff\u0590-\u06ff\u0900-\u0eff\u1100-\u11ff\uac00-\ud7af]"
)
_KANA = re.compile(r"[\u3041-\u3096\u30a1-\u30fa]")
_CHINESE = re.compile(
    r"[吗嗎呢么麼们們您你这這哪怎给没让还请谁几甚报销员费规时间问题办话网络发东门见书长开关专业务产权质标应该动]"
    r"|多少[天个個钱錢]|[幾][天個]|什[么麼]"
)
_WORD = re.compile(r"[^\W\d_]+")
_OTHER = (
    "wie wieviel viele ist der das und ich für nicht mein wann "
    "combien quel quelle est les dans mon pour ai jours "
    "cuántos cuántas cuantos cómo qué los las una para tengo días "
    "quantos quais são uma meu tenho dias quanti quale gli sono quanto giorni come "
    "hoeveel het een voor mijn berapa apa bagaimana saya yang untuk "
    "bao nhiêu của tôi ngày"
)
_OTHER_FRAME = frozenset(_OTHER.split())
_FRAME_WORDS = 2
_SPOKEN = re.compile(rf"{_JAPANESE.pattern}|[a-z]{{2}}")
"""Beside it there are only figures, codes and signs: "KS-4410-B", "VPN"."""


def choose(text: str, reader: Language) -> Language:
    """Returns the language to answer in: the question's, the reader's where it is in neither."""
    return detect(text) if _SPOKEN.search(text) and not is_other(text) else reader


def detect(text: str) -> Language:
    """Returns the language to answer in: Japanese by its script, else English.

    Words under discussion do not decide: quoted parts are left out, and two English function
    words make an English question whatever Japanese it asks about. What ends in hiragana
    (KS-4410は？) is Japanese; else two Japanese characters weigh as one Latin word. Any third
    language is answered in English.
    """
    outside = _QUOTED.sub(" ", text)
    words = [word.casefold() for word in _LATIN_WORD.findall(outside)]
    japanese = len(_JAPANESE.findall(outside))
    if not words and not japanese:
        return "ja" if _JAPANESE.search(text) else "en"
    if sum(word in _ENGLISH_FRAME for word in words) >= 2:
        return "en"
    if _JAPANESE_END.search(outside):
        return "ja"
    return "ja" if japanese and japanese / 2 >= len(words) else "en"


def is_other(text: str) -> bool:
    """Returns whether a question seems to be in neither Japanese nor English.

    By script, by characters only Chinese uses, or by two function words of another language with
    fewer of English. Unclear ones count as one of ours.
    """
    outside = _QUOTED.sub(" ", text)
    if _KANA.search(outside):
        return False
    words = [word.casefold() for word in _WORD.findall(outside)]
    if sum(word in _ENGLISH_FRAME for word in words) >= _FRAME_WORDS:
        return False
    others = len(_OTHER_SCRIPT.findall(outside))
    if others * 2 > sum(map(len, words)) or _CHINESE.search(outside):
        return True
    return sum(word in _OTHER_FRAME for word in words) >= _FRAME_WORDS
