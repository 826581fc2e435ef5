"""A question and its answer as one statement, by rules (Japanese)."""

import re

_ASKING = re.compile(
    r"何年何月何日|何[年月日人名個件回円歳階]|何(?:パーセント|メートル|キロ|時間|か月|カ月|ヶ月)"
    r"|どこの国|いつ|誰|だれ|どこ|何(?:という)?|なん|いくつ|いくら"
)
_NOT_ONE_WORD = re.compile(
    r"なぜ|何故|どうして|どのよう|どんな|どういう|どう|どれ|どちら|どの|理由"
)
_NOUN = re.compile("[ァ-ヴ]")
_ENDINGS = (
    (r"(?:なの|なん)(?:です)?か?[?？。]*$", "です。"),
    (r"でしょうか?[?？。]*$", "です。"),
    (r"(ました|ます|ません|です|でした)か[?？。]*$", r"\1。"),
    (r"(だった|であった|した|った|いる|れた|れる|する|ある|いた|なる)か?[?？。]+$", r"\1。"),
    (r"(?<=[^か])か[?？。]*$", "です。"),
    (r"[はが]?[?？]+$", "です。"),
)


def make_statement(question: str, answer: str) -> str | None:
    """Returns the question with the answer in place of what it asks for, or None if unsure."""
    asked = _ASKING.search(question)
    if asked is None or _NOT_ONE_WORD.search(question) or "\n" in answer or len(answer) > 30:
        return None
    rest = question[: asked.start()] + question[asked.end() :]
    if _ASKING.search(rest) or not rest.startswith(question[: asked.start()]):
        return None
    before, after = question[: asked.start()], question[asked.end() :]
    if before[-1:] == answer[:1] or _meets(answer, after):
        return None  # the answer repeats what the question says already, or hangs in the air
    if before.endswith("を") and not after.rstrip("?？。か"):
        return None  # 「〜を何という？」 has lost its verb
    statement = before + answer + after
    for pattern, ending in _ENDINGS:
        changed, count = re.subn(pattern, ending, statement)
        if count and not _asks(changed):
            return changed if 18 <= len(changed) <= 160 else None
    return None


def _meets(answer: str, after: str) -> bool:
    """Returns whether what follows repeats the answer's end (186cm, cm) or its unit is missing."""
    repeats = any(after.startswith(answer[start:]) for start in range(len(answer)))
    return repeats or (answer[-1:].isdigit() and bool(_NOUN.match(after)))


def _asks(text: str) -> bool:
    return "?" in text or "？" in text or text.endswith("か。")
