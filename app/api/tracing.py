"""`POST /search/why`: what became of a document that somebody expected to be found."""

from typing import TYPE_CHECKING

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from app.answering.errors import check_length
from app.api.deps import Admin, Parts, Speaking
from app.api.schemas_documents import PrincipalNames
from app.api.schemas_filters import FilterRequest
from app.api.showing import View
from app.identity import carry_groups
from app.tracing.model import Expectation, Inquiry, Step
from retrieval.errors import Language
from retrieval.model import EVERYONE, Scope

if TYPE_CHECKING:
    pass

router = APIRouter(tags=["questions"])


class WhyRequest(BaseModel):
    """A question, and the document that was expected."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"query": "出張の日当", "document": "旅費規程", "as": ["user:taro"]}]
        },
    )

    query: str = Field(min_length=1)
    document: str = Field(min_length=1, max_length=1000, description="Id, external id or title.")
    principals: PrincipalNames = Field(
        default=[],
        alias="as",
        description="Whose question it is; their known groups are added. Empty for the caller's.",
    )
    filters: FilterRequest = FilterRequest()


class PlaceView(View):
    """Where the best passage of the document stands."""

    rank: int | None = Field(description="From 1; null beyond the passages looked at.")
    score: float
    chunk_id: str


class StepView(BaseModel):
    """One step of its way."""

    name: str = Field(
        description="ingested, text, readable, filters, lexical, vector, fused, ordered, shown, "
        "answer"
    )
    passed: bool | None = Field(description="Null for a step that decides nothing by itself.")
    told: str
    remedy: str = Field(description="What to do; empty where nothing is to be done.")

    @classmethod
    def of(cls, step: Step, language: Language) -> "StepView":
        """Returns the step as it is sent."""
        told, remedy = step.told.text(language), step.remedy.text(language)
        return cls(name=step.name, passed=step.passed, told=told, remedy=remedy)


class WhyResponse(BaseModel):
    """What became of the document."""

    verdict: str = Field(
        description="ambiguous, removed, unknown, unread, forbidden, filtered, unlike, outranked, "
        "cut or shown."
    )
    document_id: str | None = Field(description="Null where no single document goes by that name.")
    candidates: list[str] = Field(description="The ids of those that do, where there are several.")
    principals: list[str]
    steps: list[StepView]
    places: dict[str, PlaceView] = Field(description="lexical, vector, fused, ordered.")
    shown: int | None = Field(description="Its place in the result, from 1.")

    @classmethod
    def of(cls, inquiry: Inquiry, language: Language) -> "WhyResponse":
        """Returns what was found as it is sent."""
        trace = inquiry.trace
        named = {
            "lexical": trace.lexical,
            "vector": trace.vector,
            "fused": trace.fused,
            "ordered": trace.ordered,
        }
        return cls(
            verdict=inquiry.verdict,
            document_id=trace.known.id if trace.known else None,
            candidates=[each.id for each in trace.rivals],
            principals=sorted(inquiry.principals),
            steps=[StepView.of(step, language) for step in inquiry.steps],
            places={name: PlaceView.of(place) for name, place in named.items() if place},
            shown=trace.shown,
        )


@router.post(
    "/search/why",
    summary="Why was a document not found? / なぜ見つからないか",
    description=(
        "Traces a document from its ingestion to the answer, and says what to do. For admins: it "
        "tells of documents that the person may not read. / 管理者向けです。取り込みから回答までの"
        "どこで外れたかと、対処を示します。"
    ),
)
def explain_absence(
    body: WhyRequest, parts: Parts, admin: Admin, language: Speaking
) -> WhyResponse:
    """Traces one document."""
    check_length(body.query)
    principals = admin.principals
    if body.principals:
        named = frozenset(body.principals) | {EVERYONE}
        principals = carry_groups(named, parts.catalog.keys.list(), parts.people())
    scope = Scope(principals, body.filters.scope_for(admin).filters)
    return WhyResponse.of(parts.inquire(Expectation(body.query, body.document, scope)), language)
