"""`kura summarise`, `kura compare` and `kura draft`: tasks beyond questions, with their sources."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from app.cli.asking import AsOption, choose_principals, name_place
from app.cli.speaking import LANGUAGE, Json, emit, say, tell, warn
from app.settings import load_settings
from retrieval.errors import Invalid

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
FormArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="FORM", help=say("The form; without it all are listed.", "書式。省くと一覧します。")
    ),
]
AboutOption = Annotated[str, typer.Option(help=say("What it is about.", "何についての下書きか。"))]
DocumentOption = Annotated[
    list[str] | None,
    typer.Option("--document", help=say("Keep to this document.", "この文書だけを根拠にします。")),
]
ValueOption = Annotated[
    list[str] | None,
    typer.Option(
        "--value", metavar="FIELD=TEXT", help=say("A value of your own.", "自分で入れる値。")
    ),
]
Result = TypeVar("Result")


class ValueUnreadable(Invalid):
    """A value was not given as FIELD=TEXT."""

    code = "value-unreadable"
    ja = "--value「{value}」を読めません。「項目名=値」の形で指定してください。"
    en = "--value {value!r} cannot be read. Write it as FIELD=TEXT."


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
    with _open_desk() as desk:
        found = desk.finder.find(document, principals)
        order = SummaryOrder(found.id, principals, LANGUAGE, thread, sentences)
        result = _follow(desk.summarise(order), Summary)
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
    with _open_desk() as desk:
        old, new = (desk.finder.find(named, principals).id for named in (before, after))
        order = ComparisonOrder(old, new, principals, LANGUAGE)
        result = _follow(desk.compare(order), Comparison)
    if as_json:
        emit(asdict(result))
    else:
        _show_comparison(result)


def draft(
    form: FormArgument = None,
    *,
    about: AboutOption = "",
    document: DocumentOption = None,
    value: ValueOption = None,
    as_: AsOption = None,
    as_json: Json = False,
) -> None:
    """Prints a form filled in from the documents, as Markdown; or the forms there are."""
    from app.tasking.model import Draft, DraftOrder

    principals, values = choose_principals(as_), _read_values(value or [])
    with _open_desk() as desk:
        if form is None:
            _show_forms(desk, as_json=as_json)
            return
        chosen = frozenset(desk.finder.find(named, principals).id for named in document or [])
        order = DraftOrder(form, principals, LANGUAGE, about, chosen, values)
        result = _follow(desk.draft(order), Draft)
    if as_json:
        emit(asdict(result))
    else:
        tell(result.markdown)
        _warn_of(result.notices)


@contextmanager
def _open_desk() -> "Iterator[Desk]":
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


def _follow(events: "Iterator[TaskEvent]", kind: type[Result]) -> Result:
    """Tells how far long work is, and returns what it comes to."""
    from app.tasking.model import Done, Progress

    for event in events:
        match event:
            case Progress(done, total) if total > 1 and sys.stderr.isatty():
                warn(f"{done}/{total}")
            case Done(result) if isinstance(result, kind):
                return result
    raise AssertionError("a stream of events ends with Done")


def _read_values(given: Sequence[str]) -> dict[str, str]:
    values: dict[str, str] = {}
    for each in given:
        name, sign, text = each.partition("=")
        if not sign:
            raise ValueUnreadable(value=each)
        values[name.strip()] = text
    return values


def _show_summary(summary: "Summary") -> None:
    titles = {each.id: each.title for each in summary.documents}
    for section in summary.sections:
        heading = " › ".join(section.heading)
        tell(f"■ {titles.get(section.document_id, '')}{f' › {heading}' if heading else ''}")
        for sentence in section.sentences:
            tell(f"  {_mark(sentence)}")
    _show_sources(summary.citations)
    _warn_of(summary.notices)


def _show_comparison(comparison: "Comparison") -> None:
    overview = comparison.overview
    tell(f"{comparison.before.title} → {comparison.after.title}")
    tell(say(overview.en, overview.ja))
    for sentence in comparison.sentences:
        tell(_mark(sentence))
    for change in comparison.changes:
        _show_change(change)
    _show_sources(comparison.citations)
    _warn_of(comparison.notices)


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


def _show_forms(desk: "Desk", *, as_json: bool) -> None:
    good, bad = desk.shelf.list()
    if as_json:
        emit(
            [
                asdict(form) | {"fields": [each.model_dump() for each in form.fields]}
                for form in good
            ]
        )
        return
    tell(say(f"Forms in {desk.shelf.folder}:", f"{desk.shelf.folder} の書式:"))
    for form in good:
        tell(f"- {form.id}: {form.title}  {form.description}")
        for each in form.fields:
            asked = each.question or say("(entered by hand)", "（手入力）")
            tell(f"    {each.name}  {each.label}: {asked}")
    for error in bad:
        warn(error.message(LANGUAGE))


def _mark(sentence: "Sentence") -> str:
    marks = "".join(f"[{number}]" for number in sentence.citations)
    return f"{_one_line(sentence.text)} {marks}".rstrip()


def _one_line(text: str) -> str:
    return " ".join(text.replace("\t", " | ").split())


def _warn_of(notices: "Sequence[Notice]") -> None:
    for notice in notices:
        warn(notice.message)


_KINDS = {
    "changed": say("~ changed", "～ 変更"),
    "added": say("+ added", "＋ 追加"),
    "removed": say("- removed", "－ 削除"),
    "moved": say("> moved", "＞ 移動"),
}
_FATES = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
