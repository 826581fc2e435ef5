"""`kura ask`: a question typed into a terminal."""

import shlex
from contextlib import closing
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.choosing import ADMIN, ADMIN_GROUPS, ADMIN_USER
from app.cli.speaking import LANGUAGE, Json, emit, say, tell, warn
from app.registering import check_principals
from app.settings import load_settings
from retrieval.errors import Invalid
from retrieval.model import EVERYONE, Principals, Scope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.answering.model import Answer, Event, Finished
    from app.conversing.history import History

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


ContinueOption = Annotated[
    bool,
    typer.Option(
        "--continue",
        help=say(
            "Go on with the conversation used last, here or in the page.",
            "最後の会話（端末または画面）の続きとして質問します。",
        ),
    ),
]
ConversationOption = Annotated[
    str | None,
    typer.Option(
        metavar="ID", help=say("Go on with this conversation.", "この会話の続きとして質問します。")
    ),
]
ReportOption = Annotated[
    bool,
    typer.Option(
        "--report",
        help=say(
            "If the documents do not say, report that this is missing.",
            "文書に答えがなければ、資料がないことを知らせます。",
        ),
    ),
]


class AsSomebody(Invalid):
    """Something was to be kept in one's own name while acting with other rights."""

    ja = "--as と {option} は一緒に使えません。他の人の権限での質問は、会話にも評価にも残りません。"
    en = (
        "--as cannot be combined with {option}: what is asked with other rights is kept neither "
        "in conversations nor in feedback."
    )


def ask(
    question: QuestionArgument,
    *,
    as_: AsOption = None,
    go_on: ContinueOption = False,
    conversation: ConversationOption = None,
    report: ReportOption = False,
    as_json: Json = False,
) -> None:
    """Prints an answer as it is written, then its sources."""
    from app.answering.model import Question
    from app.bootstrap import build_answerer, build_chat_model, open_searcher, open_store
    from app.conversing.history import History, Reader
    from app.conversing.recording import NEW, converse
    from app.evaluating.gaps import report_gap

    going_on = go_on or conversation is not None
    if as_ and (going_on or report):
        raise AsSomebody(option="--continue / --conversation" if going_on else "--report")
    asked = Question(question, Scope(choose_principals(as_)), reader=LANGUAGE)
    settings = load_settings()
    with (
        open_store(settings) as catalog,
        open_searcher(settings, catalog) as searcher,
        closing(build_chat_model(settings)) as chat_model,
    ):
        answerer = build_answerer(settings, searcher, chat_model)
        history = History(catalog, Reader(ADMIN_USER, ADMIN), settings.keep_conversations_days)
        place = NEW if history.is_kept and not (as_ or as_json) else None
        if going_on:
            place = _find_place(history, conversation)
        kept = place and converse(answerer.stream, asked, history, place)
        last = _read(kept or answerer.stream(asked), quietly=as_json)
        reported = report and last.answer.leaves_gap
        if reported:
            report_gap(catalog, last.answer, ADMIN_USER, ADMIN_GROUPS)
    if as_json:
        told = {"text": last.answer.text, "conversation": last.conversation, "reported": reported}
        emit({**asdict(last.answer), **told})
    elif last.answer.leaves_gap and not as_:
        _tell_gap(last.answer, reported=reported)


def _find_place(history: "History", named: str | None) -> str:
    """Returns the id of the named conversation, or tells and returns the one used last.

    Raises:
        ConversationsOff: None are kept.
        NothingToContinue: There is none yet.
    """
    from app.conversing.errors import ConversationsOff, NothingToContinue

    if not history.is_kept:
        raise ConversationsOff
    if named is not None:
        return named
    for last in history.list(1):
        warn(say(f"Going on with “{last.title}”.", f"「{last.title}」の続きです。"))
        return last.id
    raise NothingToContinue


def choose_principals(names: list[str] | None) -> Principals:
    """Returns whom to act as: the local admin, or those named, who are also everyone.

    Raises:
        Invalid: A name is not a principal.
    """
    return check_principals("--as", names) | {EVERYONE} if names else ADMIN


def _read(events: "Iterator[Event]", *, quietly: bool) -> "Finished":
    """Returns the last event; unless quietly, prints sentences as they come, then the sources."""
    from app.answering.model import Finished

    for event in events:
        if not quietly:
            _show(event)
        if isinstance(event, Finished):
            return event
    raise AssertionError("a stream of events ends with Finished")


def _show(event: "Event") -> None:
    from app.answering.model import Finished, NoticeRaised, SentenceReady

    match event:
        case SentenceReady(sentence=sentence):
            marks = "".join(f"[{number}]" for number in sentence.citations)
            tell(f"{sentence.show(LANGUAGE)} {marks}".rstrip())
        case NoticeRaised(notice=notice):
            warn(notice.message)
        case Finished(answer=answer):
            _show_sources(answer)


def _tell_gap(answer: "Answer", *, reported: bool) -> None:
    tell()
    if reported:
        tell(say("Reported that this is missing.", "資料がないことを知らせました。"))
        return
    command = f"kura ask --report {shlex.quote(answer.question)}"
    tell(say(f"To report that this is missing: {command}", f"資料がないことを知らせる: {command}"))


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
