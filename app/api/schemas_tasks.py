"""The shapes of summaries, comparisons and drafts."""

from typing import Literal

from pydantic import Field

from app.api.schemas_answers import CitationView, NoticeView, SentenceView
from app.api.showing import View
from app.tasking.model import Comparison, Draft, Summary

Spoken = Literal["ja", "en"]


class NamedDocumentView(View):
    """A document a task is about."""

    id: str
    title: str


class EditionView(NamedDocumentView):
    """Another edition of a document."""

    date: str = Field(description="Since when it holds (ISO 8601); empty when unknown.")
    older: bool = Field(description="Whether it is older than the document asked about.")


class SummarySectionView(View):
    """Sentences on one part; a model's summary has one part without a heading."""

    document_id: str
    heading: list[str]
    sentences: list[SentenceView]


class CoverageView(View):
    """How many sections there are, were read, and are spoken of."""

    total: int
    read: int
    quoted: int


class SummaryView(View):
    """A whole summary."""

    kind: Literal["generated", "extractive"]
    language: Spoken = Field(description="Of the sentences.")
    documents: list[NamedDocumentView]
    sections: list[SummarySectionView]
    citations: list[CitationView]
    notices: list[NoticeView]
    model: str
    coverage: CoverageView
    milliseconds: int


class FigureView(View):
    """A figure that is another one now, as written; empty where there is none."""

    kind: Literal["date", "amount", "number"]
    before: str
    after: str


class WordsView(View):
    """A run of words of a changed sentence."""

    fate: Literal["same", "removed", "added"]
    text: str


class CellView(View):
    """A changed cell of a row, under its column's name."""

    column: str
    before: str
    after: str


class ChangeView(View):
    """One difference; `row` names the row of a table by its first cell."""

    kind: Literal["changed", "added", "removed", "moved"]
    heading: list[str]
    row: str
    before: str
    after: str
    before_citation: int | None
    after_citation: int | None
    words: list[WordsView]
    figures: list[FigureView]
    cells: list[CellView]


class OverviewView(View):
    """How many differences of which kind there are, in both languages."""

    ja: str
    en: str


class ComparisonView(View):
    """All differences between two documents, changed figures first."""

    language: Spoken
    before: NamedDocumentView
    after: NamedDocumentView
    overview: OverviewView
    sentences: list[SentenceView] = Field(description="What a chat model says of them, checked.")
    changes: list[ChangeView]
    unchanged: int = Field(description="Sentences, headings and rows that are the same.")
    citations: list[CitationView]
    notices: list[NoticeView]
    model: str
    milliseconds: int


class FieldView(View):
    """A field of a draft; `no-evidence` ones are empty, `entered` ones are yours."""

    name: str
    label: str
    value: str
    verdict: Literal["supported", "weak", "quoted", "entered", "no-evidence"]
    citations: list[int]


class DraftView(View):
    """A form filled in."""

    form: str
    title: str
    language: Spoken
    fields: list[FieldView]
    markdown: str = Field(description="The form as text, with numbered sources below.")
    citations: list[CitationView]
    notices: list[NoticeView]
    model: str
    milliseconds: int


TaskView = SummaryView | ComparisonView | DraftView


def show_result(result: Summary | Comparison | Draft) -> TaskView:
    """Returns a task's result as it is sent."""
    match result:
        case Summary():
            return SummaryView.of(result)
        case Comparison():
            return ComparisonView.of(result)
        case Draft():
            return DraftView.of(result)
