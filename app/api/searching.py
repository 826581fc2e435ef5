"""`POST /search` and `GET /facets`: passages, and what there is to narrow a search to."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from app.answering.errors import QuestionTooLong
from app.api.deps import Parts, Reader
from app.api.schemas_filters import FilterRequest, read_filters
from app.api.schemas_search import SearchRequest, SearchResponse

router = APIRouter(tags=["questions"])

Counts = dict[str, int]


class FacetsResponse(BaseModel):
    """How many readable documents carry each value."""

    departments: Counts
    languages: Counts
    media_types: Counts
    sources: Counts = Field(description="By name, which filters take as well.")
    tags: Counts


@router.post(
    "/search",
    summary="Find passages / 文章を探す",
    description=(
        "Passages of readable documents, best first, found by words and by meaning. / "
        "読める文書から、言葉と意味の両方で探します。"
    ),
)
def search(body: SearchRequest, parts: Parts, reader: Reader) -> SearchResponse:
    """Finds passages."""
    limit = parts.max_question_characters
    if len(body.query) > limit:
        raise QuestionTooLong(length=len(body.query), limit=limit)
    found = parts.searcher.search(body.query, body.filters.scope_for(reader), body.limit)
    return SearchResponse.of(found)


@router.get(
    "/facets",
    summary="Count documents by department, language and so on / 部署・言語などの件数",
    description="Counts readable documents only. / 読める文書だけを数えます。",
)
def count_facets(
    parts: Parts, reader: Reader, filters: Annotated[FilterRequest, Depends(read_filters)]
) -> FacetsResponse:
    """Counts the values of each facet."""
    facets = parts.catalog.documents.facets(filters.scope_for(reader))
    names = {source.id: source.name for source in parts.catalog.sources.list()}
    return FacetsResponse(
        departments=facets["departments"],
        languages=facets["languages"],
        media_types=facets["media_types"],
        sources={names[key]: count for key, count in facets["source_ids"].items() if key in names},
        tags=facets["tags"],
    )
