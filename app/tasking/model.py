"""The words of tasks: what is asked for, what comes of it, and the events on the way."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from app.answering.model import (
    AnswerKind,
    Bilingual,
    Citation,
    Event,
    Notice,
    Sentence,
)
from retrieval.errors import Language
from retrieval.model import Principals


@dataclass(frozen=True, slots=True)
class NamedDocument:
    """A document a task is about."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class SummaryOrder:
    """A summary to be made.

    Attributes:
        document_id: The document, or any mail of the thread.
        thread: Whether all readable mails of its thread are meant.
        language: Language wanted; without a model the documents' own is kept.
        most: Sentences at most.
    """

    document_id: str
    principals: Principals
    language: Language
    thread: bool = False
    most: int = 10


@dataclass(frozen=True, slots=True)
class SummarySection:
    """Sentences on one part; a summary by a model has one part without a heading."""

    document_id: str
    heading: tuple[str, ...]
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many sections there are, were read, and are spoken of in the summary."""

    total: int
    read: int
    quoted: int


@dataclass(frozen=True, slots=True)
class Summary:
    """A whole summary.

    Attributes:
        kind: ``generated`` or ``extractive``.
        language: Of its sentences; the notices are in the asker's.
        model: Name of the chat model that wrote it, "" when none did.
    """

    kind: AnswerKind
    language: Language
    documents: tuple[NamedDocument, ...]
    sections: tuple[SummarySection, ...]
    citations: tuple[Citation, ...]
    notices: tuple[Notice, ...]
    model: str
    coverage: Coverage
    milliseconds: int


@dataclass(frozen=True, slots=True)
class ComparisonOrder:
    """Two documents to be compared."""

    before_id: str
    after_id: str
    principals: Principals
    language: Language


class ChangeKind(StrEnum):
    """What became of a sentence or of a table's row."""

    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"


class FigureKind(StrEnum):
    """What a figure measures."""

    DATE = "date"
    AMOUNT = "amount"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class FigureChange:
    """A figure that is another one now, each as written; "" where there is none any more or yet."""

    kind: FigureKind
    before: str
    after: str


class Fate(StrEnum):
    """What became of a few words."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Words:
    """A run of words of a changed sentence."""

    fate: Fate
    text: str


@dataclass(frozen=True, slots=True)
class CellChange:
    """A cell of a row, under its column's name."""

    column: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two documents.

    Attributes:
        heading: Where it stands now; where it stood, for what was removed.
        row: What names the row of a table (its first cell), "" outside of tables.
        before, after: The documents' own words; "" where there are none.
        before_citation, after_citation: Numbers of citations, None where there are no words.
        words: Of a changed sentence, run by run.
        figures: Which figures are others now.
        cells: Of a changed row.
    """

    kind: ChangeKind
    heading: tuple[str, ...]
    before: str = ""
    after: str = ""
    before_citation: int | None = None
    after_citation: int | None = None
    row: str = ""
    words: tuple[Words, ...] = ()
    figures: tuple[FigureChange, ...] = ()
    cells: tuple[CellChange, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """All differences between two documents, changed figures first.

    Attributes:
        overview: How many differences of which kind, and the changed figures.
        sentences: What a chat model says of them, checked; none without one.
        unchanged: How many sentences, headings and rows are the same.
    """

    language: Language
    before: NamedDocument
    after: NamedDocument
    overview: Bilingual
    sentences: tuple[Sentence, ...]
    changes: tuple[Change, ...]
    unchanged: int
    citations: tuple[Citation, ...]
    notices: tuple[Notice, ...]
    model: str
    milliseconds: int


@dataclass(frozen=True, slots=True)
class DraftOrder:
    """A form to be filled in.

    Attributes:
        form: Its id.
        about: What it is about, in the asker's words.
        document_ids: Documents to keep to; empty for all that are readable.
        values: What the asker enters, by field.
    """

    form: str
    principals: Principals
    language: Language
    about: str = ""
    document_ids: frozenset[str] = frozenset()
    values: Mapping[str, str] = field(default_factory=dict)


class FieldVerdict(StrEnum):
    """Where a field's value comes from, and how far that carries it."""

    SUPPORTED = "supported"  # written by the model, proved by its citations
    WEAK = "weak"  # written by the model, nothing speaks against it
    QUOTED = "quoted"  # the document's own words
    ENTERED = "entered"  # by hand
    NO_EVIDENCE = "no-evidence"  # left empty


@dataclass(frozen=True, slots=True)
class FilledField:
    """A field of a draft.

    Attributes:
        value: Its sentences without marks; what was entered; "" without evidence.
        citations: Numbers of the draft's citations.
    """

    name: str
    label: str
    value: str
    verdict: FieldVerdict
    citations: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A form filled in."""

    form: str
    title: str
    language: Language
    fields: tuple[FilledField, ...]
    markdown: str
    citations: tuple[Citation, ...]
    notices: tuple[Notice, ...]
    model: str
    milliseconds: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of the steps are done."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class SectionBegun:
    """The sentences that follow are on this part."""

    document_id: str
    heading: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FieldReady:
    """A field is filled in or stays empty; and those of its citations that are new."""

    field: FilledField
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """The last event: all of it."""

    result: Summary | Comparison | Draft


TaskEvent = Progress | SectionBegun | FieldReady | Done | Event
"""Of an answer's events all but the first and the last one may come: sentences, notices, waits."""
