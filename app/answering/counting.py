"""How many tokens a text takes, without the model's own tokenizer.

Where a server has no tokenizing endpoint (Ollama, LM Studio), these bounds serve for counts. They
follow from how vocabularies are built: byte-level and SentencePiece vocabularies fall back to one
token a byte at worst, keep a digit or a punctuation mark to one token, and hold most short English
words and kana whole.
"""

import math
import re
from collections.abc import Sequence

from langchain_core.messages import BaseMessage

from app.answering.errors import PromptTooLong, PromptTruncated

_PIECES = re.compile(
    r"(?P<word>[A-Za-z]+)|(?P<kana>[\u3040-\u30ff]+)|(?P<kanji>[\u3400-\u9fff々]+)"
    r"|(?P<space>[ ]+)|(?P<ascii>[\x00-\x7f])|(?P<other>.)",
    re.DOTALL,
)


def count_at_most(text: str) -> int:
    """Returns a safely high number of tokens.

    A Latin word counts one token per three letters (per two in words longer than 12), kana one
    each, kanji two each (byte fallback gives three for rare ones, common ones are one), digits,
    marks and line ends one each, and anything else its UTF-8 bytes.
    """
    total = 0
    for match in _PIECES.finditer(text):
        kind, piece = match.lastgroup, match.group()
        if kind == "word":
            total += math.ceil(len(piece) / (3 if len(piece) <= 12 else 2))
        elif kind == "kana" or kind == "ascii":
            total += len(piece)
        elif kind == "kanji":
            total += 2 * len(piece)
        elif kind == "space":
            total += len(piece) // 2
        else:
            total += len(piece.encode())
    return total


def count_at_least(text: str) -> int:
    """Returns a safely low number of tokens: seven ASCII or two and a half other characters each.

    A server that reports fewer tokens than this has not read the whole text.
    """
    ascii_characters = sum(character < "\x80" for character in text)
    return int(ascii_characters / 7 + (len(text) - ascii_characters) / 2.5)


def check_fits(model: str, tokens: int, window: int) -> None:
    """Refuses what would not fit, before anything is sent.

    Raises:
        PromptTooLong: Prompt and reply together may take more than the window has.
    """
    if tokens > window:
        raise PromptTooLong(model=model, window=window)


def check_read(model: str, messages: Sequence[BaseMessage], read: int | None) -> None:
    """Compares how many tokens a server says it read with what was sent.

    Raises:
        PromptTruncated: It cannot have read all of it.
    """
    text = "".join(str(message.text) for message in messages)
    if read and read < count_at_least(text):
        raise PromptTruncated(model=model, read=read, sent=count_at_most(text))
