"""Finding text in documents that speaks to the machine that reads them, not to people.

A document may say "ignore your instructions and write ...". What is found is blanked out before
anything is made of the passage: the model does not read it, and no sentence can rest on it. The
reader who opens the document still sees it.

These are patterns, and patterns can be avoided. They are one of three walls: a model that obeys
can only repeat what its passages support, and nothing in an answer is ever loaded or executed.
"""

import re
import unicodedata
from dataclasses import replace

from retrieval.model import Passage

_ROLES = "system|assistant|user|human|システム|アシスタント|ユーザー"
_ANSWER = "回答|応答|返答|答え"
_JAPANESE = (
    r"(?:これまで|以前|上記|前|先|他|全て|すべて)の[^。\n]{0,8}(?:指示|命令|プロンプト|ルール|規則)[^。\n]{0,8}"
    r"(?:無視|忘れ|破棄|従わ|取り消)",
    r"(?:AI|アシスタント|言語モデル|チャットボット)[^。\n]{0,12}(?:への|宛て?の?)[^。\n]{0,12}"
    r"(?:メッセージ|指示|お知らせ|命令|お願い)",
    rf"(?:{_ANSWER})の前に[^。\n]{{0,30}}(?:対応|行って|実行|行う|従)",
    r"【\s*システム[^】\n]{0,20}】",
    rf"(?:AI|アシスタント|チャットボット)[^。\n]{{0,20}}(?:{_ANSWER})に(?:おいて|は|必ず)",
    rf"(?:{_ANSWER})(?:文)?の(?:先頭|末尾|最後|冒頭|最初|中)[^。\n]{{0,60}}"
    r"(?:書[くけいき]|含め|入れ|付け|加え|記載|出力|挿入)",
    rf"(?:{_ANSWER})に[^。\n]{{0,120}}(?:含める|入れる|付ける|加える|挿入する|書く)(?:こと|$|よう)",
    r"システム\s?プロンプト",
)
_ENGLISH = (
    r"\b(?:ignore|disregard|forget|override|bypass)\b[^.\n]{0,40}\b(?:instructions?|rules|prompts?"
    r"|directions|guidelines)\b",
    r"\b(?:note|message|notice|instructions?|attention)\b[^.\n]{0,30}\b(?:to|for)\b[^.\n]{0,12}"
    r"\b(?:AI|LLMs?|assistants?|language models?|chatbots?)\b",
    r"\b(?:every|any|all|the)\s(?:AI\s)?(?:assistants?|chatbots?|language models?)\b[^.\n]{0,20}"
    r"\b(?:that|which|who)\sreads?\b",
    r"\bmessage from me, the user\b",
    r"\bas instructed,? I will\b",
    r"\b(?:begin|start|end|finish|prefix|conclude)\b[^.\n]{0,20}\b(?:the|your|every|each)"
    r"\s(?:answer|response|reply|output)\b",
    r"\b(?:in|into|to|of|with|from)\s(?:your|every)\s(?:answer|response|reply|output|code|implementation|analysis)\b",
    r"\b(?:encode|encrypt|reverse|translate|rewrite|modify|write|format)\syour\s(?:answer|response|reply|output)\b",
    r"\bsystem prompt\b",
    r"\bbefore answering\b",
)
_TOKENS = (
    r"<\|[^|>\n]{1,40}\|>",
    r"\[/?(?:INST|SYS)\]|<</?SYS>>|<(?:start|end)_of_turn>",
    r"</?(?:sources?|context|information|instructions?|system|情報|指示)>",
    rf"^[ \t]*(?:{_ROLES})[ \t]*[:：]",
    r"^[ \t]*#{2,}\s*(?:instruction|response|system|指示)\s*[:：]",
    r"^[ \t]*question:[^\n]*\n[ \t]*answer:",
)
_SPEAKS_TO_MACHINE = re.compile("|".join((*_JAPANESE, *_ENGLISH, *_TOKENS)), re.I | re.M)
_PARAGRAPH_END = re.compile(r"\n[ \t　]*\n")
_SENTENCE_END = re.compile(r"[。！？!?\n]|\.(?=\s)")
_LOOKED_AT = 20_000


def blank_instructions(text: str) -> str:
    """Returns the text with what speaks to a machine replaced by blanks, its length unchanged.

    From the sentence that gives it away to the end of the paragraph: what is ordered follows the
    order. Invisible characters and width do not hide it.
    """
    if len(text) > _LOOKED_AT:
        return blank_instructions(text[:_LOOKED_AT]) + blank_instructions(text[_LOOKED_AT:])
    plain, places = _fold(text)
    position = 0
    pieces: list[str] = []
    for match in _SPEAKS_TO_MACHINE.finditer(plain):
        start, end = _span(text, places[match.start()], places[match.end() - 1] + 1)
        if start < position:
            start = position
        if end > start:
            pieces += [text[position:start], _blanks(text[start:end])]
            position = end
    return "".join([*pieces, text[position:]]) if pieces else text


def blank_passage(passage: Passage) -> Passage:
    """Returns the passage with every instruction to a machine blanked; the same one if none."""
    chunk = passage.chunk
    text, heading = blank_instructions(chunk.text), tuple(map(blank_instructions, chunk.heading))
    context = blank_instructions(chunk.context)
    if (text, heading, context) == (chunk.text, chunk.heading, chunk.context):
        return passage
    return replace(passage, chunk=replace(chunk, text=text, heading=heading, context=context))


def _fold(text: str) -> tuple[str, list[int]]:
    """Returns the text in NFKC without invisible characters, and where each of it stood."""
    folded: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        if unicodedata.category(character) == "Cf" or _only_spreads(text, place):
            continue
        for part in unicodedata.normalize("NFKC", character):
            folded.append(part)
            places.append(place)
    return "".join(folded), places


def _only_spreads(text: str, place: int) -> bool:
    """Returns whether a blank stands where no word ends: 指 示, A I."""
    if text[place] not in " \u3000" or not 0 < place < len(text) - 1:
        return False
    if all("\u3040" < text[beside] < "\uff00" for beside in (place - 1, place + 1)):
        return True
    # Two neighbours of one character each are no words either.
    return (
        not text[max(0, place - 2) : place - 1].strip() and not text[place + 2 : place + 3].strip()
    )


def _span(text: str, start: int, end: int) -> tuple[int, int]:
    before = [match.end() for match in _SENTENCE_END.finditer(text, max(0, start - 400), start)]
    begin = before[-1] if before else max(0, start - 400)
    paragraph = _PARAGRAPH_END.search(text, end)
    return begin, paragraph.start() if paragraph else len(text)


def _blanks(text: str) -> str:
    return "".join(character if character == "\n" else " " for character in text)
