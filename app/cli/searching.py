"""`kura search` and `kura why`: what is found, what by, and what became of what was expected."""

from contextlib import closing
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.asking import AsOption, QuestionArgument, choose_principals, name_place
from app.cli.speaking import LANGUAGE, Json, emit, say, tell, warn
from app.settings import load_settings
from app.standing_in import ABSENT
from retrieval.errors import GenerationMismatch
from retrieval.model import Filters, Passage, Scope

if TYPE_CHECKING:
    from app.answering.model import Notice
    from app.tracing.model import Inquiry
    from retrieval.highlighting import Highlight
    from retrieval.suggesting import Suggestion

QueryArgument = Annotated[str, typer.Argument(help=say("What to look for.", "探す言葉。"))]
DocumentArgument = Annotated[
    str,
    typer.Argument(
        metavar="DOCUMENT",
        help=say("The document: its id, path or title.", "文書の ID、パス、または題名。"),
    ),
]
CountOption = Annotated[
    int, typer.Option(min=1, max=100, help=say("Most passages shown.", "表示する最大件数。"))
]

SHOWN_CHARACTERS = 160
_BEFORE = 30  # characters shown before the first word that was found
_MOST_WORDS = 6
_NOTHING_HERE = say(
    "Nothing has been taken in yet: `kura ingest FOLDER`.",
    "まだ何も取り込まれていません。「kura ingest フォルダー」で取り込んでください。",
)
_NO_VECTORS = "search-degraded-vector"
_MARKS = {True: "✓", False: "✗", None: "・"}


def search(
    query: QueryArgument,
    *,
    count: CountOption = 5,
    as_: AsOption = None,
    as_json: Json = False,
) -> None:
    """Prints the passages found, best first, what found them, and how to narrow the search."""
    from app.answering.notices import about_search
    from app.bootstrap import build_guide, open_searcher, open_store

    settings = load_settings()
    scope = Scope(choose_principals(as_))
    with open_store(settings) as catalog, open_searcher(settings, catalog) as searcher:
        result, mismatch = searcher.search(query, scope, count), searcher.mismatch()
        guide = build_guide(settings, catalog)
        marked = guide.mark(query, [passage.chunk.text for passage in result.passages])
        suggested = guide.suggest(query, scope)
        empty = not catalog.changes.head()
    found = list(zip(result.passages, marked, strict=True))
    notices = about_search(result, LANGUAGE)
    if as_json:
        passages = [_describe(passage, marks) for passage, marks in found]
        suggestions = [_describe_suggestion(each) for each in suggested]
        emit(
            {
                "passages": passages,
                "suggestions": suggestions,
                "degraded": list(result.degraded),
                "notices": [asdict(each) for each in notices],
            }
        )
        return
    for notice in notices:
        warn(_word(notice, mismatch))
    if not result.passages:
        tell(_NOTHING_HERE if empty else say("Nothing was found.", "見つかりませんでした。"))
    for number, (passage, marks) in enumerate(found, 1):
        _show(number, passage, marks)
    for each in suggested:
        _suggest(each)


def why(
    question: QuestionArgument,
    document: DocumentArgument,
    *,
    as_: AsOption = None,
    as_json: Json = False,
) -> None:
    """Prints each step of a document's way from its ingestion to the answer."""
    from app.bootstrap import build_chat_model, build_inquiry, open_searcher, open_store
    from app.identity import carry_groups
    from app.sample import find_people
    from app.tracing.model import Expectation

    settings = load_settings()
    principals = choose_principals(as_)
    with (
        open_store(settings) as catalog,
        open_searcher(settings, catalog) as searcher,
        closing(build_chat_model(settings)) as chat_model,
    ):
        principals = carry_groups(principals, catalog.keys.list(), find_people(catalog))
        inquire = build_inquiry(settings, searcher, chat_model)
        found = inquire(Expectation(question, document, Scope(principals)))
    if as_json:
        emit(_describe_inquiry(found))
    else:
        _tell_inquiry(found)


def _show(number: int, passage: Passage, marks: "tuple[Highlight, ...]") -> None:
    from app.tracing.model import name_factor

    heading = " › ".join(passage.chunk.heading)
    place = name_place(passage.chunk.page, passage.chunk.sheet) + (
        f"  {heading}" if heading else ""
    )
    parts = [
        f"{name_factor(name).text(LANGUAGE)} {score:.2f}"
        for name, score in sorted(passage.scores.items())
    ]
    title = passage.document.metadata.title
    tell(f"{number}. {title}{place}  {passage.score:.3f} ({', '.join(parts)})")
    start = max(0, marks[0].start - _BEFORE) if marks else 0
    start = 0 if start + SHOWN_CHARACTERS < _BEFORE * 2 else start
    text = " ".join(passage.chunk.text[start:].split())[:SHOWN_CHARACTERS]
    tell(f"   {'…' if start else ''}{text}")
    words = {passage.chunk.text[each.start : each.end]: each.kind for each in marks}
    if words:
        named = [
            word if kind == "asked" else f"≈{word}" for word, kind in [*words.items()][:_MOST_WORDS]
        ]
        tell(f"   {say('matched', '一致')}: {' / '.join(' '.join(w.split()) for w in named)}")


def _word(notice: "Notice", mismatch: GenerationMismatch | None) -> str:
    """Returns a notice; where the vectors are another model's, both models and the remedy."""
    told = mismatch if mismatch is not None and mismatch.details["wanted"] != ABSENT else None
    return told.message(LANGUAGE) if told and notice.code == _NO_VECTORS else notice.message


def _suggest(suggestion: "Suggestion") -> None:
    label = suggestion.ja if LANGUAGE == "ja" else suggestion.en
    field = f"  → {suggestion.field}" if suggestion.field else ""
    tell(
        say(
            f"Narrow to {label} ({suggestion.count} documents){field}",
            f"絞り込み {label}（{suggestion.count} 件）{field}",
        )
    )


def _tell_inquiry(found: "Inquiry") -> None:
    tell(say(f"Asked as {_list(found)}", f"権限: {_list(found)}"))
    for step in found.steps:
        tell(f"{_MARKS[step.passed]} {_STEPS[step.name]}: {step.told.text(LANGUAGE)}")
    remedy = found.conclusion.remedy.text(LANGUAGE)
    verdict = _VERDICTS[found.verdict]
    tell(f"{say('Verdict', '結論')}: {verdict}")
    if remedy:
        tell(f"  → {remedy}")


def _list(found: "Inquiry") -> str:
    return ", ".join(sorted(found.principals))


_STEPS = {
    "ingested": say("Taken in", "取り込み"),
    "text": say("Text", "本文"),
    "readable": say("Readable", "閲覧権限"),
    "filters": say("Filters", "絞り込み"),
    "lexical": say("By words", "語句の検索"),
    "vector": say("By meaning", "意味の検索"),
    "fused": say("Joined", "両方を合わせて"),
    "ordered": say("After versions and variety", "版と多様性の調整後"),
    "shown": say("Shown", "表示"),
    "answer": say("Answer", "回答"),
}
_VERDICTS = {
    "ambiguous": say("several documents go by that name", "同じ名前の文書が複数あります"),
    "removed": say("it was removed", "削除されています"),
    "unknown": say("it was never taken in", "取り込まれていません"),
    "unread": say("no text could be read from it", "本文を読み取れていません"),
    "forbidden": say("this person may not read it", "この人には読む権限がありません"),
    "filtered": say("the question leaves it out", "質問の絞り込みで外れています"),
    "unlike": say("the search does not connect it", "質問と結び付いていません"),
    "outranked": say("others come before it", "ほかの文書が先に並びます"),
    "cut": say("found, but it does not reach the answer", "見つかりますが、回答に使われません"),
    "shown": say("it is found", "見つかります"),
}


def _describe_inquiry(found: "Inquiry") -> dict[str, object]:
    trace = found.trace
    places = ("lexical", "vector", "fused", "ordered")
    return {
        "verdict": found.verdict,
        "document_id": trace.known.id if trace.known else None,
        "candidates": [each.id for each in trace.rivals],
        "principals": sorted(found.principals),
        "places": {name: asdict(at) for name in places if (at := getattr(trace, name))},
        "shown": trace.shown,
        "steps": [
            {
                "name": step.name,
                "passed": step.passed,
                "told": asdict(step.told),
                "remedy": asdict(step.remedy),
            }
            for step in found.steps
        ],
    }


def _describe_suggestion(suggestion: "Suggestion") -> dict[str, object]:
    empty = Filters()
    filters = asdict(suggestion.filters)
    return {
        "kind": suggestion.kind,
        "value": suggestion.value,
        "field": suggestion.field,
        "filters": {name: each for name, each in filters.items() if each != getattr(empty, name)},
        "count": suggestion.count,
    }


def _describe(passage: Passage, marks: "tuple[Highlight, ...]") -> dict[str, object]:
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
        "highlights": [asdict(each) for each in marks],
        "scores": {arm: round(score, 6) for arm, score in passage.scores.items()},
    }
