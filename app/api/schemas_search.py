"""The shapes of searches and of what they find."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.api.schemas_answers import NoticeView
from app.api.schemas_documents import DocumentView
from app.api.schemas_filters import FilterRequest
from app.api.showing import View
from retrieval.errors import Language
from retrieval.model import Filters, Passage

if TYPE_CHECKING:
    from retrieval.highlighting import Highlight
    from retrieval.suggesting import Suggestion

ARMS = ("lexical", "vector")

SHOWN_DIGITS = 2
"""Finer scores would tell how many documents hold a word, also those the caller may not read."""


class SearchRequest(BaseModel):
    """Words or a question to find passages for."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"query": "出張 日当", "limit": 5}]},
    )

    query: str = Field(min_length=1)
    filters: FilterRequest = FilterRequest()
    limit: int = Field(default=10, ge=1, le=50, description="How many passages at most.")
    suggest: bool = Field(default=True, description="Whether filters are to be suggested.")


class HighlightView(View):
    """A stretch of a passage's text that answers to a word of the question."""

    start: int = Field(description="Offset in the passage's `text`, in Unicode characters.")
    end: int
    kind: Literal["asked", "synonym"] = Field(
        description="A word of the question, or what the glossary calls it."
    )


class PassageView(BaseModel):
    """A passage found, its document, and why it ranks where it does."""

    document: DocumentView
    chunk_id: str
    text: str
    heading: list[str]
    page: int | None
    sheet: str | None
    start: int
    end: int
    score: float = Field(description="0 to 1, higher is better.")
    found_by: list[str] = Field(description="`lexical` (words), `vector` (meaning), or both.")
    scores: dict[str, float] = Field(
        description="What the score is made of: that of each search that found it, and factors "
        "such as `lifecycle` (a newer version exists) and `reranker`."
    )
    highlights: list[HighlightView]

    @classmethod
    def of(cls, passage: Passage, marked: "Sequence[Highlight]") -> "PassageView":
        """Returns the passage as it is sent."""
        chunk = passage.chunk
        return cls(
            document=DocumentView.of(passage.document),
            chunk_id=chunk.id,
            text=chunk.text,
            heading=list(chunk.heading),
            page=chunk.page,
            sheet=chunk.sheet,
            start=chunk.start,
            end=chunk.end,
            score=round(passage.score, SHOWN_DIGITS),
            found_by=[arm for arm in ARMS if passage.scores.get(arm, 0.0) > 0],
            highlights=[HighlightView.of(each) for each in marked],
            scores={name: round(score, SHOWN_DIGITS) for name, score in passage.scores.items()},
        )


class SuggestionView(BaseModel):
    """A filter that the question names, and what it would leave."""

    kind: Literal["department", "tag", "language", "media_type", "year", "document", "title"]
    value: str
    label: str = Field(description="How to show it, in the caller's language.")
    field: str = Field(description="What to type behind the question for it; may be empty.")
    filters: dict[str, Any] = Field(description="To be given as `filters` of the next search.")
    count: int = Field(description="How many readable documents it leaves.")

    @classmethod
    def of(cls, found: "Suggestion", language: Language) -> "SuggestionView":
        """Returns the suggestion as it is sent."""
        return cls.model_validate(
            {
                "kind": found.kind,
                "value": found.value,
                "label": found.ja if language == "ja" else found.en,
                "field": found.field,
                "filters": _write_filters(found.filters),
                "count": found.count,
            }
        )


class SearchResponse(BaseModel):
    """Passages, best first."""

    passages: list[PassageView]
    suggestions: list[SuggestionView] = Field(
        description="Filters that the question names, the narrowest first."
    )
    degraded: list[str] = Field(
        description="What could not take part: `lexical`, `vector`, `reranker`."
    )
    notices: list[NoticeView] = Field(
        description="What to tell the reader: what could not take part, and how fields and "
        "quotations were read (`field-unread`, `field-unknown`, `field-meant`, `nothing-left`, "
        "`phrase-absent`)."
    )


def _write_filters(filters: Filters) -> dict[str, object]:
    """Returns filters as a request takes them, without the empty ones."""
    named = {
        "departments": sorted(filters.departments),
        "languages": sorted(filters.languages),
        "media_types": sorted(filters.media_types),
        "documents": sorted(filters.document_ids),
        "tags": sorted(filters.tags),
        "modified_after": filters.modified_after and filters.modified_after.isoformat(),
        "modified_before": filters.modified_before and filters.modified_before.isoformat(),
    }
    return {name: value for name, value in named.items() if value}
