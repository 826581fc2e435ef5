"""Two documents, or editions of one, side by side: every difference with its place in both."""

import time
from collections import Counter
from collections.abc import Generator, Iterable
from dataclasses import dataclass, field, replace

from app.answering.composing import Composition
from app.answering.instructing import blank_instructions, blank_passage
from app.answering.model import Bilingual, Citation
from app.tasking import telling
from app.tasking.aligning import Alignment, align, compare_words
from app.tasking.errors import SameDocument
from app.tasking.figures import MONEY, compare_figures, list_figures
from app.tasking.finding import Finder
from app.tasking.model import (
    CellChange,
    Change,
    ChangeKind,
    Comparison,
    ComparisonOrder,
    Done,
    FigureChange,
    FigureKind,
    NamedDocument,
    Progress,
    TaskEvent,
)
from app.tasking.tabling import RowPair, TableChanges, compare_tables
from app.tasking.units import Parts, Unit, take_apart
from app.tasking.writing import TaskWriter
from retrieval.editions import effective_date
from retrieval.model import Document, DocumentText, Passage

MOST_FIGURES_NAMED = 8
_LITTLE = 0.1  # share of units that are the same or alike, below which a word of warning comes
_MOST_TOLD = 40  # pairs that a model is shown at most
_ORDER = (ChangeKind.CHANGED, ChangeKind.ADDED, ChangeKind.REMOVED, ChangeKind.MOVED)
_ASKED = Bilingual(
    ja=(
        "資料は「{before}」（変更前）と「{after}」（変更後）の異なる箇所です。"
        "何がどう変わったかを、数値と日付の変更を優先して 8 文以内で説明してください。"
    ),
    en=(
        "The sources are where “{before}” (before) and “{after}” (after) differ. Explain what "
        "changed and how, figures and dates first, in at most 8 sentences."
    ),
)


class Comparer:
    """Compares what an asker may read. Safe to share between threads."""

    def __init__(self, finder: Finder) -> None:
        """Takes what finds documents."""
        self._finder = finder

    def begin(self, order: ComparisonOrder, writer: TaskWriter) -> Generator[TaskEvent]:
        """Returns the events of a comparison; the last one brings all of it.

        Raises:
            SameDocument: At once; both are one document.
            DocumentUnknown: At once; there is none that may be read.
            TextAbsent: At once; one has no text.
        """
        started = time.monotonic()
        before = self._finder.read(order.before_id, order.principals)
        after = self._finder.read(order.after_id, order.principals)
        if before[0].id == after[0].id:
            raise SameDocument(value=before[0].metadata.title)
        return self._run(order, (before, after), writer, started)

    def _run(
        self,
        order: ComparisonOrder,
        texts: tuple[tuple[Document, DocumentText], tuple[Document, DocumentText]],
        writer: TaskWriter,
        started: float,
    ) -> Generator[TaskEvent]:
        before, after = texts[0][0], texts[1][0]
        composition = Composition(order.language, started, ())
        yield Progress(0, 1)
        found = compare_parts(take_apart(*texts[0]), take_apart(*texts[1]))
        yield Progress(1, 1)
        dates = effective_date(before), effective_date(after)
        if dates[0] and dates[1] and dates[0] > dates[1]:
            yield composition.add_notice(telling.newer_first(order.language))
        if found.is_little_alike:
            yield composition.add_notice(telling.little_alike(order.language))
        if any(blank_instructions(each.after) != each.after for each in found.changes):
            yield composition.add_notice(telling.speaks_to_machines(order.language))
        composition.citations = list(found.citations)
        if writer.usable and found.changes:
            yield from writer.introduce(composition)
            yield from _explain(order, (before, after), found, writer, composition)
        yield Done(
            Comparison(
                language=order.language,
                before=NamedDocument(before.id, before.metadata.title),
                after=NamedDocument(after.id, after.metadata.title),
                overview=give_overview(found.changes),
                sentences=tuple(composition.sentences),
                changes=found.changes,
                unchanged=found.unchanged,
                citations=tuple(composition.citations),
                notices=tuple(composition.notices),
                model=composition.model if composition.sentences else "",
                milliseconds=round(1_000 * (time.monotonic() - started)),
            )
        )


def _explain(
    order: ComparisonOrder,
    documents: tuple[Document, Document],
    found: "Differences",
    writer: TaskWriter,
    composition: Composition,
) -> Generator[TaskEvent]:
    """Lets the model tell the differences; each sentence is held against both documents."""
    asked = _ASKED.text(order.language).format(
        before=documents[0].metadata.title, after=documents[1].metadata.title
    )
    passages = [blank_passage(each) for each in found.passages[: 2 * _MOST_TOLD]]
    while len(passages) > 1 and not writer.takes_all(asked, passages, order.language):
        passages = passages[: len(passages) // 2]
    yield from writer.write(asked, passages, composition, order.language)


@dataclass
class Differences:
    """All differences, those with other figures first, and their places.

    Attributes:
        passages: The words that differ, in the order of the changes.
    """

    changes: tuple[Change, ...] = ()
    unchanged: int = 0
    citations: list[Citation] = field(default_factory=list)
    passages: list[Passage] = field(default_factory=list)

    @property
    def is_little_alike(self) -> bool:
        """Whether hardly anything is the same or at least alike."""
        kinds = Counter(each.kind for each in self.changes)
        alike = self.unchanged + kinds[ChangeKind.CHANGED] + kinds[ChangeKind.MOVED]
        apart = kinds[ChangeKind.ADDED] + kinds[ChangeKind.REMOVED]
        return alike < _LITTLE * (alike + apart)


Found = tuple[Change, Unit | None, Unit | None]


def compare_parts(before: Parts, after: Parts) -> Differences:
    """Returns all differences between two documents."""
    sentences = align(before.sentences, after.sentences)
    tables = compare_tables(before.tables, after.tables)
    found = [*_list_sentences(sentences), *_list_rows(tables)]
    found.sort(key=_place)
    result = Differences(unchanged=sentences.unchanged + tables.unchanged)
    result.changes = tuple(
        replace(
            change,
            before_citation=_cite(result, old),
            after_citation=_cite(result, new),
        )
        for change, old, new in found
    )
    return result


def _cite(result: Differences, unit: Unit | None) -> int | None:
    if unit is None:
        return None
    number = len(result.citations) + 1
    result.citations.append(unit.cite(number))
    result.passages.append(unit.as_passage())
    return number


def _place(found: Found) -> tuple[bool, int, int]:
    change, old, new = found
    unit = new or old
    return not change.figures, _ORDER.index(change.kind), unit.start if unit else 0


def _list_sentences(alignment: Alignment) -> Iterable[Found]:
    for old, new in alignment.changed:
        yield (
            Change(
                ChangeKind.CHANGED,
                new.heading,
                old.text,
                new.text,
                words=compare_words(old.text, new.text),
                figures=compare_figures(old.text, new.text),
            ),
            old,
            new,
        )
    for old, new in alignment.moved:
        yield Change(ChangeKind.MOVED, new.heading, old.text, new.text), old, new
    for unit in alignment.removed:
        yield Change(ChangeKind.REMOVED, unit.heading, before=unit.text), unit, None
    for unit in alignment.added:
        yield Change(ChangeKind.ADDED, unit.heading, after=unit.text), None, unit


def _list_rows(tables: TableChanges) -> Iterable[Found]:
    for row in (*tables.headers, *tables.rows):
        yield _describe_row(row), row.before, row.after


def _describe_row(row: RowPair) -> Change:
    kind = ChangeKind.CHANGED
    if row.before is None or row.after is None:
        kind = ChangeKind.ADDED if row.before is None else ChangeKind.REMOVED
    unit = row.after or row.before
    return Change(
        kind,
        unit.heading if unit else (),
        before=row.before.text if row.before else "",
        after=row.after.text if row.after else "",
        row=row.key,
        cells=row.cells,
        figures=tuple(change for cell in row.cells if row.key for change in _compare_cell(cell)),
    )


def _compare_cell(cell: CellChange) -> tuple[FigureChange, ...]:
    """Returns a cell that only holds another figure as that, with the column's measure."""
    old, new = list_figures(cell.before), list_figures(cell.after)
    if len(old) == len(new) == 1 and MONEY.search(cell.column):
        return (FigureChange(FigureKind.AMOUNT, cell.before, cell.after),)
    return compare_figures(cell.before, cell.after)


def give_overview(changes: Iterable[Change]) -> Bilingual:
    """Returns how many differences of which kind there are, and the figures that changed."""
    changes = tuple(changes)
    if not changes:
        return Bilingual("違いはありません。", "There are no differences.")
    kinds = Counter(each.kind for each in changes)
    figures = [(change.row, each) for change in changes for each in change.figures]
    counts = [kinds[kind] for kind in _ORDER]
    ja = "変更 {} 件、追加 {} 件、削除 {} 件、移動 {} 件です。".format(*counts)
    en = "{} changed, {} added, {} removed, {} moved.".format(*counts)
    if figures:
        shown = [
            f"{row} {each.before or '–'} → {each.after or '–'}".strip() for row, each in figures
        ]
        more = len(shown) - MOST_FIGURES_NAMED
        shown = shown[:MOST_FIGURES_NAMED]
        ja += f"数値・日付の変更 {len(figures)} 件: {'、'.join(shown)}" + (
            f" ほか {more} 件" if more > 0 else ""
        )
        en += f" Changed figures ({len(figures)}): {', '.join(shown)}" + (
            f" and {more} more" if more > 0 else ""
        )
    return Bilingual(ja, en)
