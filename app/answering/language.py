"""In which of the two languages a question is asked."""

import re

from retrieval.errors import Language

_QUOTED = re.compile(r"「[^」]*」|『[^』]*』|“[^”]*”|\"[^\"]*\"")
_LATIN_WORD = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)?")
_JAPANESE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff66-\uff9f々]")
_FRAME = (
    "what when where who whom whose which why how is are was were do does did can could should "
    "may must will would the a an of to for in on mean means explain tell please and"
)
_ENGLISH_FRAME = frozenset(_FRAME.split())


def detect(text: str) -> Language:
    """Returns the language to answer in: Japanese by its script, else English.

    Words under discussion do not decide: quoted parts are left out, and two English function
    words make an English question whatever Japanese it asks about. Two Japanese characters weigh
    as one Latin word. Any third language is answered in English.
    """
    outside = _QUOTED.sub(" ", text)
    words = [word.casefold() for word in _LATIN_WORD.findall(outside)]
    japanese = len(_JAPANESE.findall(outside))
    if not words and not japanese:
        return "ja" if _JAPANESE.search(text) else "en"
    if sum(word in _ENGLISH_FRAME for word in words) >= 2:
        return "en"
    return "ja" if japanese and japanese / 2 >= len(words) else "en"
