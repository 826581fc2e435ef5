"""`/health`: whether the server runs, and whether it can answer. Without signing in."""

from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from app.api.deps import Parts
from app.services import Services
from retrieval.errors import CatalogUnavailable

router = APIRouter(prefix="/health", tags=["health"])


class LiveResponse(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"


class ReadyResponse(BaseModel):
    """Whether questions and uploads are served, part by part."""

    status: Literal["ready", "not-ready"]
    catalog: bool = Field(description="The catalog can be read.")
    worker: bool = Field(description="A worker takes uploads and keeps the indexes fresh.")
    model_resting_s: int = Field(
        default=0, description="Seconds until a chat model that kept failing is asked again."
    )


@router.head("/live", include_in_schema=False)
@router.get(
    "/live",
    summary="Is the server running? / 動いているか",
    description="No key needed. / キーは不要です。",
)
async def check_live() -> LiveResponse:
    """Answers while the process runs."""
    return LiveResponse()


@router.head("/ready", include_in_schema=False)
@router.get(
    "/ready",
    summary="Can the server answer? / 応答できるか",
    description=(
        "503 while the catalog cannot be read. Without a worker questions are still answered, from "
        "what was ingested before. No key needed. / カタログを読めない間は 503 を返します。"
    ),
    responses={503: {"model": ReadyResponse, "description": "Not yet, or no more."}},
)
def check_ready(parts: Parts, response: Response) -> ReadyResponse:
    """Answers whether the parts a question needs are there."""
    catalog = can_read(parts)
    response.status_code = 200 if catalog else 503
    return ReadyResponse(
        status="ready" if catalog else "not-ready",
        catalog=catalog,
        worker=parts.worker_alive(),
        model_resting_s=parts.model_rest(),
    )


def can_read(parts: Services) -> bool:
    """Returns whether the catalog answers."""
    try:
        parts.catalog.changes.head()
    except CatalogUnavailable:
        return False
    return True
