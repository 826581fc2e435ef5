"""`kura ask`: a question typed into a terminal."""

from contextlib import closing
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.choosing import ADMIN
from app.cli.speaking import LANGUAGE, Json, emit, say, tell, warn
from app.registering import check_principals
from app.settings import load_settings
from retrieval.model import EVERYONE, Principals, Scope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.answering.model import Answer, Event

QuestionArgument = Annotated[str, typer.Argument(help=say("The question.", "質問。"))]
AsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--as",
        metavar="PRINCIPAL",
        help=say(
            "Act with these rights instead: user:NAME, group:NAME or everyone. May be repeated.",
            "代わりの権限: user:名前、group:名前、everyone。繰り返し指定できます。",
        ),
    ),
]


def ask(question: QuestionArgument, *, as_: AsOption = None, as_json: Json = False) -> None:
    """Prints an answer as it is written, then its sources."""
    from app.answering.model import Question
    from app.bootstrap import build_answerer, build_chat_model, open_searcher, open_store

    asked = Question(text=question, scope=Scope(choose_principals(as_)))
    settings = load_settings()
    with (
        open_store(settings) as catalog,
        open_searcher(settings, catalog) as searcher,
        closing(build_chat_model(settings)) as chat_model,
    ):
        answerer = build_answerer(settings, searcher, chat_model)
        if as_json:
            answer = answerer.answer(asked)
            emit({**asdict(answer), "text": answer.text})
        else:
            _show(answerer.stream(asked))


def choose_principals(names: list[str] | None) -> Principals:
    """Returns whom to act as: the local admin, or those named, who are also everyone.

    Raises:
        Invalid: A name is not a principal.
    """
    return check_principals("--as", names) | {EVERYONE} if names else ADMIN


def _show(events: "Iterator[Event]") -> None:
    """Prints sentences as they come, then the sources."""
    from app.answering.model import Finished, NoticeRaised, SentenceReady

    for event in events:
        match event:
            case SentenceReady(sentence=sentence):
                marks = "".join(f"[{number}]" for number in sentence.citations)
                tell(f"{sentence.show(LANGUAGE)} {marks}".rstrip())
            case NoticeRaised(notice=notice):
                warn(notice.message)
            case Finished(answer=answer):
                _show_sources(answer)


def _show_sources(answer: "Answer") -> None:
    tell()
    for citation in answer.citations:
        place = name_place(citation.page, citation.sheet)
        tell(f"[{citation.number}] {citation.title}{place}")
    if answer.nearest:
        tell(say("Nearest documents:", "近い文書:"))
    for near in answer.nearest:
        owner = " / ".join(part for part in (near.department, near.owner) if part)
        tell(f"- {near.title}{f' ({owner})' if owner else ''}")


def name_place(page: int | None, sheet: str | None) -> str:
    """Returns where in its document something stands, for behind a title; may be empty."""
    if sheet:
        return f" [{sheet}]"
    if page is None:
        return ""
    return f" ({page} ページ)" if LANGUAGE == "ja" else f" (page {page})"
