"""Letting a chat model make a follow-up stand alone, for searching and nothing else.

It sees only what was said in the conversation, and what it writes counts only when it says no
more than that. Whatever goes wrong, the rules of ``following_up.py`` serve instead.
"""

import logging
import re
import time
from collections.abc import Generator, Sequence
from contextlib import closing

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from app.answering.errors import ModelUnavailable
from app.answering.instructing import blank_instructions
from app.answering.language import detect
from app.answering.model import Bilingual, Event, Turn, Waiting
from app.answering.neutralising import neutralise
from app.answering.numbers import codes, stated
from app.answering.ports import ChatModel, InLine
from app.answering.prompting import MESSAGE_OVERHEAD
from retrieval.errors import Language
from retrieval.lexical.tokenizing import QUESTION_WORDS, terms

PATIENCE_S = 15.0
"""How long the model may take; an answer is waited for anyway."""

_REPLY_TOKENS = 96
_LONGEST_REPLY = 200
_TURNS = 3
_TURN_CHARACTERS = 300
_NEW_WORDS = 2  # how a question is put ("get", 方法); what it is about must have been said before
_QUOTES = re.compile(r"^[「『\"“']+|[」』\"”']+$")

log = logging.getLogger(__name__)

_ORDER = Bilingual(
    ja=(
        "会話の最後の質問を、それだけ読んで意味が通る一つの質問に書き直します。"
        "「それ」「その場合」などが指す語を会話から補い、会話にない事柄は加えません。"
        "答えや説明は書かず、書き直した質問だけを日本語で一行に書きます。"
    ),
    en=(
        "Rewrite the last question of the conversation so that it can be understood by itself. "
        "Fill in what words like 'it' or 'that' refer to, from the conversation only; add nothing "
        "else. Write no answer and no explanation: only the rewritten question, in English, on "
        "one line."
    ),
)
_ASKED = Bilingual("質問", "Question")
_ANSWERED = Bilingual("回答", "Answer")
_LAST = Bilingual("最後の質問", "Last question")


def restate(
    model: ChatModel, question: str, history: Sequence[Turn], window: int
) -> Generator[Event, None, str]:
    """Yields while the model is silent; closing the generator closes its stream.

    Args:
        model: Who restates it.
        question: A follow-up.
        history: What it follows, the oldest first.
        window: Tokens that prompt and reply may take together.

    Returns:
        The question as it stands alone; "" when the model gave nothing that can be used.
    """
    turns = history[-_TURNS:]
    messages = _write_prompt(question, turns, detect(question))
    size = sum(model.count_tokens(str(each.text)) + MESSAGE_OVERHEAD for each in messages)
    if size + _REPLY_TOKENS > window:
        return ""
    until = time.monotonic() + PATIENCE_S
    reply = ""
    try:
        with closing(model.stream(messages, max_tokens=_REPLY_TOKENS)) as stream:
            for piece in stream:
                if (isinstance(piece, InLine) and piece.position) or time.monotonic() > until:
                    return ""  # others wait for it, or it is slow: the rules are quick
                if not piece:
                    yield Waiting()
                reply += piece
    except ModelUnavailable as error:
        log.info("a follow-up is read by rules: %s", error)
        return ""
    return _accept(reply, question, turns)


def _write_prompt(question: str, turns: Sequence[Turn], language: Language) -> list[BaseMessage]:
    lines = []
    for turn in turns:
        lines.append(f"{_ASKED.text(language)}: {_shorten(turn.question)}")
        lines.append(f"{_ANSWERED.text(language)}: {_shorten(turn.answer)}")
    lines.append(f"{_LAST.text(language)}: {_shorten(question)}")
    return [SystemMessage(_ORDER.text(language)), HumanMessage("\n".join(lines))]


def _shorten(text: str) -> str:
    return neutralise(" ".join(text.split())[:_TURN_CHARACTERS])


def _accept(reply: str, question: str, turns: Sequence[Turn]) -> str:
    """Returns the reply when it is the same question, made of what was said; else ""."""
    text = neutralise(_QUOTES.sub("", reply.strip())).strip()
    if not text or len(text) > _LONGEST_REPLY or "\n" in text:
        return ""
    if detect(text) != detect(question) or blank_instructions(text) != text:
        return ""
    said = "\n".join([question, *(f"{turn.question}\n{turn.answer}" for turn in turns)])
    known = set(terms(said)) | QUESTION_WORDS
    own = set(terms(question)) - QUESTION_WORDS
    meant = set(terms(text))
    invented = (stated(text) - stated(said)) | (codes(text) - codes(said))
    if invented or len(meant - known) > _NEW_WORDS or (own and not own & meant):
        return ""
    return text
