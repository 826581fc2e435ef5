"""What is kept of an answer, and what of it is shown again.

Kept are references into documents, never the documents' words: a quotation is its place and a
hash, a title and a heading are not kept at all. What a chat model wrote is kept as it is.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel

from app.answering.model import Answer, AnswerKind, Notice, Verdict
from retrieval.errors import Language

# Controls but the line feed, which a Markdown reader could take for an end of line, and marks that
# turn round what follows them, also in the line of somebody else.
_STEERING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def drop_steering(text: str) -> str:
    """Returns text with blanks for characters that are not seen and change how others are."""
    return _STEERING.sub(" ", text)


def tidy_title(text: str) -> str:
    """Returns a conversation's title on one line, "" when nothing of it can be seen."""
    return " ".join(drop_steering(text).split())


class KeptCitation(BaseModel):
    """Where words came from, without the words.

    Attributes:
        at: Where they stood in the chunk's text, -1 when they could not be found there.
        length: Their number of characters.
        words: SHA-256 of them.
        chunk_start: Where the chunk stood in the document.
        start: Where they stood in the document.
        end: Where they ended.
        version: The document's version that was cited.
    """

    number: int
    document_id: str
    version: int
    chunk_id: str
    chunk_start: int
    at: int
    length: int
    words: str
    start: int
    end: int


class KeptSentence(BaseModel):
    """One sentence.

    Attributes:
        text: What was written; ``None`` when it is a quotation, or named documents.
        quotes: Number of the citation whose words it is, a table row's with their headers.
    """

    text: str | None
    quotes: int | None
    citations: tuple[int, ...]
    starts_line: bool
    verdict: Verdict


class KeptAnswer(BaseModel):
    """An answer as it is stored.

    Attributes:
        read: Ids of all documents whose text the search handed over, or that the conversation
            before it may speak of.
        nearest: Ids of the documents that came near.
        notices: As they were said; each may name any document that was read.
    """

    id: str
    kind: AnswerKind
    language: Language
    sentences: tuple[KeptSentence, ...]
    citations: tuple[KeptCitation, ...]
    read: tuple[str, ...]
    nearest: tuple[str, ...]
    notices: tuple[Notice, ...]
    model: str
    found: int
    used: int
    milliseconds: int


@dataclass(frozen=True, slots=True)
class ShownTurn:
    """One turn as its owner sees it now.

    Attributes:
        answer: What is left of it; a notice says what is not.
    """

    question: str
    asked_at: datetime
    answer: Answer
