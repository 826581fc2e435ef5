"""The shapes of searches and of what they find."""

from pydantic import BaseModel, ConfigDict, Field

from app.api.schemas_documents import DocumentView
from app.api.schemas_filters import FilterRequest
from retrieval.model import Passage, SearchResult

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
    scores: dict[str, float] = Field(description="Of each search that found it.")

    @classmethod
    def of(cls, passage: Passage) -> "PassageView":
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
            scores={name: round(score, SHOWN_DIGITS) for name, score in passage.scores.items()},
        )


class SearchResponse(BaseModel):
    """Passages, best first."""

    passages: list[PassageView]
    degraded: list[str] = Field(description="Searches that could not take part.")

    @classmethod
    def of(cls, result: SearchResult) -> "SearchResponse":
        """Returns the result as it is sent."""
        return cls(
            passages=[PassageView.of(passage) for passage in result.passages],
            degraded=list(result.degraded),
        )
