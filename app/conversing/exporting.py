"""A conversation as a Markdown file: questions, answers, and the words they rest on."""

import re
from collections.abc import Iterator, Sequence

from app.answering.model import Bilingual, Citation
from app.conversing.model import ShownTurn, drop_steering
from retrieval.catalog import Conversation
from retrieval.errors import Language

# Escaped, so that whatever a document or a person wrote reads as it was written and loads nothing.
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#!|~&])")
_LINE_MARKUP = re.compile(r"^(\s*\d*)([-+=.)])", re.MULTILINE)

_QUESTION = Bilingual("質問", "Question")
_SOURCES = Bilingual("出典", "Sources")


def write_markdown(
    conversation: Conversation, turns: Sequence[ShownTurn], language: Language
) -> str:
    """Returns the conversation as Markdown, with headings in the given language.

    Times are UTC.
    """
    lines = [
        f"# {_escape(_join(conversation.title))}",
        "",
        f"{conversation.created_at:%Y-%m-%d %H:%M} UTC",
    ]
    for number, turn in enumerate(turns, start=1):
        lines += ["", *_write_turn(number, turn, language)]
    return "\n".join(lines) + "\n"


def _write_turn(number: int, turn: ShownTurn, language: Language) -> Iterator[str]:
    answer = turn.answer
    yield f"## {_QUESTION.text(language)} {number} ({turn.asked_at:%Y-%m-%d %H:%M} UTC)"
    yield ""
    yield _quote(turn.question)
    yield ""
    if answer.text:
        yield _keep_lines(answer.text)
        yield ""
    for notice in answer.notices:
        yield f"*{_escape(_join(notice.message))}*"
        yield ""
    if answer.citations:
        yield f"### {_SOURCES.text(language)}"
        yield ""
    for citation in answer.citations:
        yield f"\\[{citation.number}\\] {_escape(_place(citation, language))}"
        yield ""
        yield _quote(citation.quote)
        yield ""


def _place(citation: Citation, language: Language) -> str:
    page = "" if citation.page is None else str(citation.page)
    where = citation.sheet or (page and Bilingual(f"{page} ページ", f"page {page}").text(language))
    span = f"{citation.document_id} {citation.start}–{citation.end}"
    parts = (citation.title, where or "", *citation.heading, span)
    return _join(" · ".join(dict.fromkeys(part for part in parts if part)))


def _join(text: str) -> str:
    return " ".join(text.split())


def _quote(text: str) -> str:
    return "\n".join(f"> {line}" for line in _escape(text).split("\n"))


def _keep_lines(text: str) -> str:
    return "  \n".join(_escape(text).split("\n"))


def _escape(text: str) -> str:
    return _LINE_MARKUP.sub(r"\1\\\2", _MARKUP.sub(r"\\\1", drop_steering(text)))
