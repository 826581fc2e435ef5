"""`kura search` and `kura ask`: questions typed into a terminal."""

from contextlib import closing
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.choosing import ADMIN, parse_principals
from app.cli.speaking import LANGUAGE, Json, emit, say, tell, warn
from app.settings import load_settings
from retrieval.model import EVERYONE, Passage, Principals, Scope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.answering.model import Answer, Event

QueryArgument = Annotated[str, typer.Argument(help=say("What to look for.", "探す言葉。"))]
QuestionArgument = Annotated[str, typer.Argument(help=say("The question.", "質問。"))]
CountOption = Annotated[
    int, typer.Option(min=1, max=100, help=say("Most passages shown.", "表示する最大件数。"))
]
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

SHOWN_CHARACTERS = 160


def search(
    query: QueryArgument,
    *,
    count: CountOption = 5,
    as_: AsOption = None,
    as_json: Json = False,
) -> None:
    """Prints the passages found, best first."""
    from app.bootstrap import open_searcher, open_store

    principals, settings = choose_principals(as_), load_settings()
    with open_store(settings) as catalog, open_searcher(settings, catalog) as searcher:
        result = searcher.search(query, Scope(principals), count)
    if as_json:
        passages = [_describe(passage) for passage in result.passages]
        emit({"passages": passages, "degraded": list(result.degraded)})
        return
    for arm in result.degraded:
        warn(say(f"The {arm} index could not take part.", f"{arm} 索引を使えませんでした。"))
    if not result.passages:
        tell(say("Nothing was found.", "見つかりませんでした。"))
    for number, passage in enumerate(result.passages, 1):
        tell(f"{number}. {passage.document.metadata.title}{_place(passage)}  {passage.score:.3f}")
        tell(f"   {' '.join(passage.chunk.text.split())[:SHOWN_CHARACTERS]}")


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
    return parse_principals("--as", tuple(names)) | {EVERYONE} if names else ADMIN


def _show(events: "Iterator[Event]") -> None:
    """Prints sentences as they come, then the sources."""
    from app.answering.model import Finished, NoticeRaised, SentenceReady

    for event in events:
        match event:
            case SentenceReady(sentence=sentence):
                marks = "".join(f"[{number}]" for number in sentence.citations)
                tell(f"{sentence.text} {marks}".rstrip())
            case NoticeRaised(notice=notice):
                warn(notice.message)
            case Finished(answer=answer):
                _show_sources(answer)


def _show_sources(answer: "Answer") -> None:
    tell()
    for citation in answer.citations:
        place = _name_place(citation.page, citation.sheet)
        tell(f"[{citation.number}] {citation.title}{place}")
    if answer.nearest:
        tell(say("Nearest documents:", "近い文書:"))
    for near in answer.nearest:
        owner = " / ".join(part for part in (near.department, near.owner) if part)
        tell(f"- {near.title}{f' ({owner})' if owner else ''}")


def _place(passage: Passage) -> str:
    heading = " › ".join(passage.chunk.heading)
    place = _name_place(passage.chunk.page, passage.chunk.sheet)
    return place + (f"  {heading}" if heading else "")


def _name_place(page: int | None, sheet: str | None) -> str:
    if sheet:
        return f" [{sheet}]"
    if page is None:
        return ""
    return f" ({page} ページ)" if LANGUAGE == "ja" else f" (page {page})"


def _describe(passage: Passage) -> dict[str, object]:
    document, chunk = passage.document, passage.chunk
    return {
        "document_id": document.id,
        "title": document.metadata.title,
        "source": document.source_name,
        "external_id": document.external_id,
        "chunk_id": chunk.id,
        "heading": list(chunk.heading),
        "page": chunk.page,
        "sheet": chunk.sheet,
        "start": chunk.start,
        "end": chunk.end,
        "text": chunk.text,
        "score": round(passage.score, 6),
        "scores": {arm: round(score, 6) for arm, score in passage.scores.items()},
    }
