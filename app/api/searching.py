"""`POST /search` and `GET /facets`: passages, and what there is to narrow a search to."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from app.answering.errors import check_length
from app.answering.notices import about_search
from app.api.deps import Parts, Reader, Speaking
from app.api.schemas_answers import NoticeView
from app.api.schemas_filters import FilterRequest, read_filters
from app.api.schemas_search import (
    PassageView,
    SearchRequest,
    SearchResponse,
    SuggestionView,
)

router = APIRouter(tags=["questions"])

Counts = dict[str, int]


class FacetsResponse(BaseModel):
    """How many readable documents carry each value."""

    departments: Counts
    languages: Counts
    media_types: Counts
    sources: Counts = Field(description="By name, which filters take as well.")
    tags: Counts = Field(description="All tags.")
    types: Counts = Field(description="The tags that begin with `type:`.")
    statuses: Counts = Field(description="The tags that begin with `status:`.")
    confidentiality: Counts = Field(description="The tags that begin with `confidentiality:`.")
    years: Counts = Field(description="Of the last modification, UTC.")


@router.post(
    "/search",
    summary="Find passages / 文章を探す",
    description=(
        "Passages of readable documents, best first, found by words and by meaning. / "
        "読める文書から、言葉と意味の両方で探します。"
    ),
)
def search(body: SearchRequest, parts: Parts, reader: Reader, language: Speaking) -> SearchResponse:
    """Finds passages."""
    check_length(body.query)
    scope = body.filters.scope_for(reader)
    found = parts.searcher.search(body.query, scope, body.limit)
    marked = parts.guide.mark(body.query, [each.chunk.text for each in found.passages])
    suggested = parts.guide.suggest(body.query, scope) if body.suggest else ()
    return SearchResponse(
        passages=[PassageView.of(*pair) for pair in zip(found.passages, marked, strict=True)],
        suggestions=[SuggestionView.of(each, language) for each in suggested],
        degraded=list(found.degraded),
        notices=[NoticeView.of(each) for each in about_search(found, language)],
    )


@router.get(
    "/facets",
    summary="Count documents by department, language and so on / 部署・言語などの件数",
    description=(
        "Counts readable documents only, of those that the filters leave. / "
        "絞り込みに合う、読める文書だけを数えます。"
    ),
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
        tags=_without(facets["tags"], "thread:"),
        types=_choose(facets["tags"], "type:"),
        statuses=_choose(facets["tags"], "status:"),
        confidentiality=_choose(facets["tags"], "confidentiality:"),
        years=facets["years"],
    )


def _without(tags: Counts, category: str) -> Counts:
    """Returns the tags but those that are as many as there are conversations."""
    return {tag: count for tag, count in tags.items() if not tag.startswith(category)}


def _choose(tags: Counts, category: str) -> Counts:
    return {tag: count for tag, count in tags.items() if tag.startswith(category)}
