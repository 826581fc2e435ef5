"""What is asked for: summaries, comparisons and drafts."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from app.api.schemas_tasks import Spoken

Id = Annotated[str, Field(min_length=1, max_length=200)]
_STREAM = Field(
    default=False, description="Answer as server-sent events; so does `Accept: text/event-stream`."
)
_LANGUAGE = Field(default=None, description="Language wanted; that of Accept-Language when absent.")


class SummaryRequest(BaseModel):
    """A document to be summarised, or with `thread` all readable mails of its thread."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"document": "7b0e2d0c-6f3b-5d0e-9d63-0d3a1f6c2b11", "sentences": 6}]
        },
    )

    document: Id
    thread: bool = False
    sentences: Annotated[int, Field(ge=1, le=40, description="Sentences at most.")] = 10
    language: Spoken | None = _LANGUAGE
    stream: bool = _STREAM


class ComparisonRequest(BaseModel):
    """Two documents to be compared; `before` is the older one."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "before": "29596724-89f4-5033-b817-a89637ae7f5f",
                    "after": "037483cb-83ca-5c24-bfaf-be41a238de11",
                }
            ]
        },
    )

    before: Id
    after: Id
    language: Spoken | None = _LANGUAGE
    stream: bool = _STREAM


class DraftRequest(BaseModel):
    """A form to be filled in."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "form": "出張報告書",
                    "about": "青葉重工 KS-4410-B の分納",
                    "values": {"reporter": "営業部 中村 大輔"},
                }
            ]
        },
    )

    form: Id
    about: Annotated[str, Field(max_length=1_000)] = ""
    documents: Annotated[list[Id], Field(max_length=50)] = Field(
        default=[], description="Documents to keep to; all readable ones when empty."
    )
    values: dict[str, Annotated[str, Field(max_length=5_000)]] = Field(
        default={}, description="What you enter yourself, by field.", max_length=60
    )
    language: Spoken | None = _LANGUAGE
    stream: bool = _STREAM
