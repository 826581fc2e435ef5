"""`kura summarise` and `kura compare`: tasks beyond questions, with their sources."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from app.cli.asking import AsOption, choose_principals, name_place
from app.cli.speaking import LANGUAGE, Json, emit, say, tell, warn
from app.settings import load_settings

if TYPE_CHECKING:
    from app.answering.model import Citation, Notice, Sentence
    from app.tasking.desk import Desk
    from app.tasking.model import Change, Comparison, Summary, TaskEvent

_NAMED = say("A document: its id, path or title.", "文書の ID、パス、または題名。")
DocumentArgument = Annotated[str, typer.Argument(metavar="DOCUMENT", help=_NAMED)]
BeforeArgument = Annotated[
    str, typer.Argument(metavar="BEFORE", help=say("The older document.", "前の版の文書。"))
]
AfterArgument = Annotated[
    str, typer.Argument(metavar="AFTER", help=say("The newer document.", "後の版の文書。"))
]
ThreadOption = Annotated[
    bool,
    typer.Option(
        "--thread",
        help=say("All readable mails of its thread.", "同じスレッドの、読める全てのメール。"),
    ),
]
SentencesOption = Annotated[
    int, typer.Option(min=1, max=40, help=say("Sentences at most.", "文の最大数。"))
]
Result = TypeVar("Result")


def summarise(
    document: DocumentArgument,
    *,
    thread: ThreadOption = False,
    sentences: SentencesOption = 10,
    as_: AsOption = None,
    as_json: Json = False,
) -> None:
    """Prints a summary with its sources."""
    from app.tasking.model import Summary, SummaryOrder

    principals = choose_principals(as_)
    with open_desk() as desk:
        found = desk.finder.find(document, principals)
        order = SummaryOrder(found.id, principals, LANGUAGE, thread, sentences)
        result = follow(desk.summarise(order), Summary)
    if as_json:
        emit(asdict(result))
    else:
        _show_summary(result)


def compare(
    before: BeforeArgument, after: AfterArgument, *, as_: AsOption = None, as_json: Json = False
) -> None:
    """Prints what differs between two documents, changed figures first."""
    from app.tasking.model import Comparison, ComparisonOrder

    principals = choose_principals(as_)
    with open_desk() as desk:
        old, new = (desk.finder.find(named, principals).id for named in (before, after))
        order = ComparisonOrder(old, new, principals, LANGUAGE)
        result = follow(desk.compare(order), Comparison)
    if as_json:
        emit(asdict(result))
    else:
        _show_comparison(result)


@contextmanager
def open_desk() -> "Iterator[Desk]":
    """Opens all that tasks need, and closes it again."""
    from app.bootstrap import build_answerer, build_chat_model, open_searcher, open_store
    from app.equipping import build_desk

    settings = load_settings()
    with (
        open_store(settings) as catalog,
        open_searcher(settings, catalog) as searcher,
        closing(build_chat_model(settings)) as chat_model,
    ):
        answerer = build_answerer(settings, searcher, chat_model)
        yield build_desk(settings, catalog, searcher, answerer, chat_model)


def follow(events: "Iterator[TaskEvent]", kind: type[Result]) -> Result:
    """Tells how far long work is, and returns what it comes to."""
    from app.tasking.model import Done, Progress

    for event in events:
        match event:
            case Progress(done, total) if total > 1 and sys.stderr.isatty():
                warn(f"{done}/{total}")
            case Done(result) if isinstance(result, kind):
                return result
    raise AssertionError("a stream of events ends with Done")


def _show_summary(summary: "Summary") -> None:
    titles = {each.id: each.title for each in summary.documents}
    for section in summary.sections:
        heading = " › ".join(section.heading)
        tell(f"■ {titles.get(section.document_id, '')}{f' › {heading}' if heading else ''}")
        for sentence in section.sentences:
            tell(f"  {_mark(sentence)}")
    _show_sources(summary.citations)
    warn_of(summary.notices)


def _show_comparison(comparison: "Comparison") -> None:
    overview = comparison.overview
    tell(f"{comparison.before.title} → {comparison.after.title}")
    tell(say(overview.en, overview.ja))
    for sentence in comparison.sentences:
        tell(_mark(sentence))
    for change in comparison.changes:
        _show_change(change)
    _show_sources(comparison.citations)
    warn_of(comparison.notices)


def _show_change(change: "Change") -> None:
    figures = ", ".join(f"{each.before or '–'} → {each.after or '–'}" for each in change.figures)
    where = " › ".join((*change.heading[-1:], *([change.row] if change.row else [])))
    tell()
    shown = (_KINDS[change.kind], where, f"【{figures}】" if figures else "")
    tell("  ".join(filter(None, shown)))
    if change.cells:
        for cell in change.cells:
            tell(f"  {cell.column}: {cell.before or '–'} → {cell.after or '–'}")
    elif change.words:
        tell("  " + "".join(_FATES[each.fate].format(each.text) for each in change.words))
    else:
        tell(f"  {_one_line(change.after or change.before)}")
    numbers = (change.before_citation, change.after_citation)
    tell("  " + "".join(f"[{number}]" for number in numbers if number))


def _show_sources(citations: "Sequence[Citation]") -> None:
    tell()
    for citation in citations:
        place = name_place(citation.page, citation.sheet)
        tell(f"[{citation.number}] {citation.title}{place} {citation.start}-{citation.end}")


def _mark(sentence: "Sentence") -> str:
    marks = "".join(f"[{number}]" for number in sentence.citations)
    return f"{_one_line(sentence.show(LANGUAGE))} {marks}".rstrip()


def _one_line(text: str) -> str:
    return " ".join(text.replace("\t", " | ").split())


def warn_of(notices: "Sequence[Notice]") -> None:
    """Prints what must be known about a result."""
    for notice in notices:
        warn(notice.message)


_KINDS = {
    "changed": say("~ changed", "～ 変更"),
    "added": say("+ added", "＋ 追加"),
    "removed": say("- removed", "－ 削除"),
    "moved": say("> moved", "＞ 移動"),
}
_FATES = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
