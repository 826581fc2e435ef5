"""What a caller may narrow a question, a search or a listing to."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from app.identity import Identity
from retrieval.identity import source_id
from retrieval.model import Filters, Scope

MOST_VALUES = 200

Name = Annotated[str, Field(min_length=1, max_length=200)]


def _assume_utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


Moment = Annotated[datetime, AfterValidator(_assume_utc)]
"""A point in time; UTC where the caller names no zone."""

Names = Annotated[list[Name], Field(max_length=MOST_VALUES)]


class FilterRequest(BaseModel):
    """Only documents for which all of these hold. An empty list does not narrow."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"departments": ["人事"], "modified_after": "2024-04-01T00:00:00+09:00"}]
        },
    )

    departments: Names = Field(default=[], description="Any of these departments.")
    languages: Names = Field(default=[], description="Any of these: `ja`, `en`.")
    media_types: Names = Field(default=[], description="Any of these, e.g. `application/pdf`.")
    sources: Names = Field(default=[], description="Any of these sources, by name or id.")
    documents: Names = Field(default=[], description="Any of these documents, by id.")
    tags: Names = Field(default=[], description="Carrying any of these tags.")
    modified_after: Moment | None = Field(default=None, description="UTC where no zone is given.")
    modified_before: Moment | None = Field(default=None, description="UTC where no zone is given.")

    def scope_for(self, identity: Identity) -> Scope:
        """Returns what the caller may see and asked for."""
        return Scope(
            identity.principals,
            Filters(
                departments=frozenset(self.departments),
                languages=frozenset(self.languages),
                media_types=frozenset(self.media_types),
                source_ids=name_sources(self.sources),
                document_ids=frozenset(self.documents),
                tags=frozenset(self.tags),
                modified_after=self.modified_after,
                modified_before=self.modified_before,
            ),
        )


def name_sources(values: Iterable[str]) -> frozenset[str]:
    """Returns source ids for ids and names alike, without looking whether they exist."""
    return frozenset(value if _is_id(value) else source_id(value) for value in values)


def _is_id(value: str) -> bool:
    try:
        return str(UUID(value)) == value
    except ValueError:
        return False


def read_filters(  # noqa: PLR0913 - one query parameter each
    department: Annotated[Names, Query(description="Any of these departments.")] = [],  # noqa: B006
    language: Annotated[Names, Query(description="Any of `ja`, `en`.")] = [],  # noqa: B006
    media_type: Annotated[Names, Query(description="Any of these media types.")] = [],  # noqa: B006
    source: Annotated[Names, Query(description="Any of these, by name or id.")] = [],  # noqa: B006
    tag: Annotated[Names, Query(description="Carrying any of these tags.")] = [],  # noqa: B006
    modified_after: Annotated[Moment | None, Query()] = None,
    modified_before: Annotated[Moment | None, Query()] = None,
) -> FilterRequest:
    """Returns the filters of a listing, from its query parameters."""
    return FilterRequest(
        departments=department,
        languages=language,
        media_types=media_type,
        sources=source,
        tags=tag,
        modified_after=modified_after,
        modified_before=modified_before,
    )
