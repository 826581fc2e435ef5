"""RFC 9457 problem details: how every refusal and failure looks, in the caller's language."""

from collections.abc import Mapping
from typing import Any

from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.types import Scope

from retrieval.errors import Language

MEDIA_TYPE = "application/problem+json"

TITLES: dict[int, tuple[str, str]] = {
    400: ("リクエストが正しくありません", "Bad request"),
    401: ("サインインが必要です", "Sign in first"),
    403: ("許可されていません", "Not allowed"),
    404: ("見つかりません", "Not found"),
    405: ("この操作はできません", "Method not allowed"),
    409: ("いまの状態ではできません", "Conflict"),
    413: ("大きすぎます", "Too large"),
    415: ("この形式は受け付けません", "Unsupported media type"),
    422: ("値を直してください", "Some values need correction"),
    500: ("予期しない問題が起きました", "Something unexpected happened"),
    503: ("一時的に使えません", "Temporarily unavailable"),
    507: ("保存する空きがありません", "No space left"),
}


class FieldProblem(BaseModel):
    """One value that is not acceptable."""

    field: str = Field(description="Path of the value, such as `body.question`.")
    code: str = Field(description="Stable identifier of the rule.")
    message: str = Field(description="What is wrong, in the caller's language.")


class Problem(BaseModel):
    """What every error answers (`application/problem+json`)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:kura:problem:not-found",
                    "title": "Not found",
                    "status": 404,
                    "detail": "There is no document '7b0e'.",
                    "code": "not-found",
                    "instance": "/api/v1/documents/7b0e",
                    "trace": "3f9a1c0de4b24c7f",
                }
            ]
        }
    )

    type: str = Field(description="URN of the code.")
    title: str = Field(description="The kind of problem, in the caller's language.")
    status: int
    detail: str = Field(description="What failed, on which value, and what to do.")
    code: str = Field(description="Stable identifier for programs, in kebab-case.")
    instance: str = Field(description="Path of the request.")
    trace: str = Field(description="Also in the `Kura-Trace` header and in the server's log.")
    errors: list[FieldProblem] | None = Field(
        default=None, description="Only for values that need correction."
    )


def build_problem(
    scope: Scope,
    language: Language,
    status: int,
    code: str,
    detail: str,
    errors: list[FieldProblem] | None = None,
) -> Problem:
    """Returns the problem for the request that `scope` describes."""
    ja, en = TITLES.get(status, TITLES[500] if status >= 500 else TITLES[400])
    return Problem(
        type=f"urn:kura:problem:{code}",
        title=ja if language == "ja" else en,
        status=status,
        detail=detail,
        code=code,
        instance=str(scope.get("path", "")),
        trace=str(scope.get("state", {}).get("trace", "")),
        errors=errors,
    )


def answer_problem(
    problem: Problem, language: Language, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """Returns the problem as an HTTP answer."""
    content: dict[str, Any] = problem.model_dump(exclude_none=True)
    return JSONResponse(
        content,
        status_code=problem.status,
        media_type=MEDIA_TYPE,
        headers={"Content-Language": language, "Vary": "Accept-Language", **(headers or {})},
    )
