"""One spelling for what is written in several: accents, Greek, old kanji, British and American."""

import re
import unicodedata

_LATIN = (range(0xC0, 0x250), range(0x1E00, 0x1F00))
_GREEK = range(0x391, 0x3CA)
_OWN_LETTERS = {"ß": "ss", "æ": "ae", "ø": "o", "œ": "oe", "đ": "d", "ð": "d", "þ": "th", "ł": "l"}

# Kanji of names that most people type in their common form: first the form, then the others.
_KANJI = """
高髙 崎﨑碕嵜 辺邊邉 斎齋 斉齊 浜濱濵 徳德 広廣 沢澤 国國 瀬瀨 島嶋嶌 富冨 曽曾 柳栁 橋槗 吉𠮷
恵惠 真眞 桜櫻 条條 蔵藏 弥彌 児兒 寿壽 宝寶 実實 栄榮 万萬 学學 応應 黒黑 静靜 浅淺 関關 沖冲
館舘 峰峯 巌巖
"""

# What follows the spellings below in every form of a word.
_VERB = "(?:e|ed|es|er|ers|ing|able)"
_VARIANTS = (
    (rf"(?<=[a-z]{{3}})iz(?={_VERB}$|ation)", "is"),  # organize, organization
    (rf"(?<=[a-z]l)yz(?={_VERB}$)", "ys"),  # analyze
    (r"(?<=[a-z]{3})our(?=(?:s|ed|ing|al|able|ite|ites|ful|er|ers|y)?$)", "or"),  # colour
    (r"(?<=[a-z]{2}[bt])re(?=s?$)", "er"),  # centre
    (r"(?<=[a-z]{2}og)ue(?=s?$)", ""),  # catalogue
    (r"(?<=^program)me(?=s?$)", ""),
    (r"(?<=dg)e(?=ments?$)", ""),  # judgement
    (r"(?<=l)l(?=ments?$)", ""),  # enrollment
    (r"(?<=^defen|^licen|^offen)c(?=e|ing$)", "s"),
)
_COMPILED = tuple((re.compile(pattern), other) for pattern, other in _VARIANTS)


def _name_letters() -> dict[str, str]:
    """Returns what stands for each letter that no keyboard of an office has."""
    plain = {}
    for code in (each for letters in _LATIN for each in letters):
        first = unicodedata.normalize("NFKD", chr(code))[0]
        if first.isascii() and first.isalpha():
            plain[chr(code)] = first
    for letter, written in _OWN_LETTERS.items():
        plain |= {each: written for each in {letter, letter.upper()} if len(each) == 1}
    for code in _GREEK:
        # "GREEK SMALL LETTER ALPHA WITH TONOS"
        _, _, name = unicodedata.name(chr(code), "").partition(" LETTER ")
        if name:
            plain[chr(code)] = name.split(" WITH ")[0].split()[-1].lower()
    for forms in _KANJI.split():
        plain |= dict.fromkeys(forms[1:], forms[0])
    return plain | {"μ": "u"}  # mostly the prefix of a unit


_PLAIN = _name_letters()
_ODD = re.compile(f"[{''.join(_PLAIN)}]")


def write_plainly(text: str) -> str:
    """Returns a text in NFKC with its letters as they are typed.

    That is cafe for café, TNF-alpha for α, 高橋 for 髙橋.
    """
    return _ODD.sub(lambda letter: _PLAIN[letter.group()], text)


def unify_variants(word: str) -> str:
    """Returns the one spelling of an English word in small letters that has two."""
    for pattern, other in _COMPILED:
        word = pattern.sub(other, word)
    return word
