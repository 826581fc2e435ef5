"""The shapes of summaries, comparisons and drafts."""

from typing import Literal

from pydantic import BaseModel, Field

from app.api.schemas_answers import CitationView, NoticeView, SentenceView
from app.tasking.model import (
    Change,
    Comparison,
    Draft,
    FilledField,
    NamedDocument,
    Summary,
)

Spoken = Literal["ja", "en"]


class NamedDocumentView(BaseModel):
    """A document a task is about."""

    id: str
    title: str

    @classmethod
    def of(cls, document: NamedDocument) -> "NamedDocumentView":
        """Returns the document as it is sent."""
        return cls(id=document.id, title=document.title)


class EditionView(NamedDocumentView):
    """Another edition of a document."""

    date: str = Field(description="Since when it holds (ISO 8601); empty when unknown.")
    older: bool = Field(description="Whether it is older than the document asked about.")


class SummarySectionView(BaseModel):
    """Sentences on one part; a model's summary has one part without a heading."""

    document_id: str
    heading: list[str]
    sentences: list[SentenceView]


class CoverageView(BaseModel):
    """How many sections there are, were read, and are spoken of."""

    total: int
    read: int
    quoted: int


class SummaryView(BaseModel):
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

    @classmethod
    def of(cls, summary: Summary) -> "SummaryView":
        """Returns the summary as it is sent."""
        return cls(
            kind="generated" if summary.kind == "generated" else "extractive",
            language=summary.language,
            documents=[NamedDocumentView.of(each) for each in summary.documents],
            sections=[
                SummarySectionView(
                    document_id=each.document_id,
                    heading=list(each.heading),
                    sentences=[SentenceView.of(sentence) for sentence in each.sentences],
                )
                for each in summary.sections
            ],
            citations=[CitationView.of(each) for each in summary.citations],
            notices=[NoticeView.of(each) for each in summary.notices],
            model=summary.model,
            coverage=CoverageView(
                total=summary.coverage.total,
                read=summary.coverage.read,
                quoted=summary.coverage.quoted,
            ),
            milliseconds=summary.milliseconds,
        )


class FigureView(BaseModel):
    """A figure that is another one now, as written; empty where there is none."""

    kind: Literal["date", "amount", "number"]
    before: str
    after: str


class WordsView(BaseModel):
    """A run of words of a changed sentence."""

    fate: Literal["same", "removed", "added"]
    text: str


class CellView(BaseModel):
    """A changed cell of a row, under its column's name."""

    column: str
    before: str
    after: str


class ChangeView(BaseModel):
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

    @classmethod
    def of(cls, change: Change) -> "ChangeView":
        """Returns the difference as it is sent."""
        return cls(
            kind=change.kind.value,
            heading=list(change.heading),
            row=change.row,
            before=change.before,
            after=change.after,
            before_citation=change.before_citation,
            after_citation=change.after_citation,
            words=[WordsView(fate=each.fate.value, text=each.text) for each in change.words],
            figures=[
                FigureView(kind=each.kind.value, before=each.before, after=each.after)
                for each in change.figures
            ],
            cells=[
                CellView(column=each.column, before=each.before, after=each.after)
                for each in change.cells
            ],
        )


class OverviewView(BaseModel):
    """How many differences of which kind there are, in both languages."""

    ja: str
    en: str


class ComparisonView(BaseModel):
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

    @classmethod
    def of(cls, comparison: Comparison) -> "ComparisonView":
        """Returns the comparison as it is sent."""
        return cls(
            language=comparison.language,
            before=NamedDocumentView.of(comparison.before),
            after=NamedDocumentView.of(comparison.after),
            overview=OverviewView(ja=comparison.overview.ja, en=comparison.overview.en),
            sentences=[SentenceView.of(each) for each in comparison.sentences],
            changes=[ChangeView.of(each) for each in comparison.changes],
            unchanged=comparison.unchanged,
            citations=[CitationView.of(each) for each in comparison.citations],
            notices=[NoticeView.of(each) for each in comparison.notices],
            model=comparison.model,
            milliseconds=comparison.milliseconds,
        )


class FieldView(BaseModel):
    """A field of a draft; `no-evidence` ones are empty, `entered` ones are yours."""

    name: str
    label: str
    value: str
    verdict: Literal["supported", "weak", "quoted", "entered", "no-evidence"]
    citations: list[int]

    @classmethod
    def of(cls, filled: FilledField) -> "FieldView":
        """Returns the field as it is sent."""
        return cls(
            name=filled.name,
            label=filled.label,
            value=filled.value,
            verdict=filled.verdict.value,
            citations=list(filled.citations),
        )


class DraftView(BaseModel):
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

    @classmethod
    def of(cls, draft: Draft) -> "DraftView":
        """Returns the draft as it is sent."""
        return cls(
            form=draft.form,
            title=draft.title,
            language=draft.language,
            fields=[FieldView.of(each) for each in draft.fields],
            markdown=draft.markdown,
            citations=[CitationView.of(each) for each in draft.citations],
            notices=[NoticeView.of(each) for each in draft.notices],
            model=draft.model,
            milliseconds=draft.milliseconds,
        )


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
