"""Which HTTP status each error has: the only place that knows status codes of `KuraError`."""

import logging
from http import HTTPStatus

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Match, Mount
from starlette.types import Scope

from app.api.headers import protective_headers
from app.api.languages import choose_language
from app.api.problems import Problem, answer_problem, build_problem
from app.api.refusals import NotJson
from app.api.validation import explain
from retrieval.errors import KuraError, Language

logger = logging.getLogger(__name__)

METHODS = ("GET", "HEAD", "POST", "PATCH", "DELETE")

STATUSES: dict[str, int] = {
    "not-signed-in": 401,
    "scope-missing": 403,
    "cross-site": 403,
    "acting-refused": 403,
    "not-yours": 403,
    "folder-outside": 403,
    "allowance-refused": 403,
    "groups-refused": 403,
    "feedback-of-others": 403,
    "token-cannot-issue": 403,
    "host-unknown": 400,
    "not-found": 404,
    "too-large": 413,
    "not-json": 415,
    "invalid": 422,
    "form-wrong": 422,
    "too-many-requests": 429,
    "storage-full": 507,
    "catalog-unavailable": 503,
    "embedder-unavailable": 503,
    "index-unavailable": 503,
    "model-unavailable": 503,
}
"""An error whose own code is not here has the status of its nearest parent."""

UNAVAILABLE = (
    "いまは応答できません。しばらくしてからもう一度お試しください。続く場合は、"
    "トレース番号を添えて管理者に知らせてください。",
    "This cannot be answered now. Try again in a little while; if it goes on, tell an admin the "
    "trace number.",
)
UNEXPECTED = (
    "予期しない問題が起きました。トレース番号を添えて管理者に知らせてください。",
    "Something unexpected happened. Tell an admin the trace number.",
)
ROUTING: dict[int, tuple[str, str, str]] = {
    400: (
        "bad-request",
        "リクエストを読み取れません。UTF-8 の JSON で送ってください。",
        "The request cannot be read. Send JSON in UTF-8.",
    ),
    404: (
        "no-route",
        "このアドレスには何もありません。一覧は /api/v1/openapi.json にあります。",
        "There is nothing at this address. /api/v1/openapi.json lists what there is.",
    ),
    405: (
        "method-not-allowed",
        "このアドレスではその操作を受け付けません。使えるものは Allow ヘッダーにあります。",
        "This address does not take that method. The Allow header names those it takes.",
    ),
}


def find_status(error: KuraError) -> int:
    """Returns the status of an error: that of its code, or of its nearest parent's code."""
    for kind in type(error).__mro__:
        code = getattr(kind, "code", None)
        if code in STATUSES:
            return STATUSES[code]
    return 500


def describe_error(error: KuraError, scope: Scope, language: Language) -> Problem:
    """Returns the problem for one of our errors; inner details of a failure stay in the log."""
    status = find_status(error)
    detail = error.message(language)
    if status in {500, 503}:
        ja, en = UNAVAILABLE if status == 503 else UNEXPECTED
        detail = ja if language == "ja" else en
    problem = build_problem(scope, language, status, error.code, detail)
    if status >= 500:
        logger.error("trace %s: %s: %s", problem.trace, error.code, error)
    return problem


def answer_error(request: Request, error: Exception) -> JSONResponse:
    """Answers one of our own errors."""
    if not isinstance(error, KuraError):
        return answer_unexpected(request, error)
    language = choose_language(request.scope)
    problem = describe_error(error, request.scope, language)
    headers = {"WWW-Authenticate": 'Bearer realm="kura"'} if problem.status == 401 else None
    return answer_problem(problem, language, headers)


def answer_invalid(request: Request, error: Exception) -> JSONResponse:
    """Answers values that do not have the declared shape."""
    language = choose_language(request.scope)
    found = error.errors() if isinstance(error, RequestValidationError) else []
    if any(item["loc"] == ("body",) and isinstance(item.get("input"), bytes) for item in found):
        sent = request.headers.get("content-type", "")
        return answer_error(request, NotJson(value=sent))
    errors = explain(found, language)
    detail = "\n".join(f"{item.field}: {item.message}" for item in errors)
    problem = build_problem(request.scope, language, 422, "invalid", detail, errors)
    return answer_problem(problem, language)


def answer_routing(request: Request, error: Exception) -> JSONResponse:
    """Answers what the framework itself refuses: no such route, wrong method, broken body."""
    if isinstance(error.__cause__, KuraError):
        return answer_error(request, error.__cause__)
    status = error.status_code if isinstance(error, HTTPException) else 500
    language = choose_language(request.scope)
    phrase = HTTPStatus(status).phrase
    code, ja, en = ROUTING.get(status, (phrase.lower().replace(" ", "-"), phrase, phrase))
    detail = ja if language == "ja" else en
    problem = build_problem(request.scope, language, status, code, detail)
    headers = error.headers if isinstance(error, HTTPException) else None
    if status == 405 and (methods := _list_methods(request)):
        headers = {"Allow": methods}
    return answer_problem(problem, language, headers)


def _list_methods(request: Request) -> str:
    """Returns the methods this address takes; the framework names those of its first route only."""
    routes = [route for route in request.app.routes if not isinstance(route, Mount)]
    taken = (
        method
        for method in METHODS
        if any(r.matches({**request.scope, "method": method})[0] is Match.FULL for r in routes)
    )
    return ", ".join(taken)


def describe_unexpected(error: Exception, scope: Scope, language: Language) -> Problem:
    """Returns the problem for a fault of our own: a trace number and nothing of the inside."""
    detail = UNEXPECTED[0] if language == "ja" else UNEXPECTED[1]
    problem = build_problem(scope, language, 500, "unexpected", detail)
    logger.error("trace %s: unexpected %s", problem.trace, type(error).__name__, exc_info=error)
    return problem


def answer_gone(_request: Request, _error: Exception) -> Response:
    """Answers a client that went away while it was sending, which hears it no more."""
    return Response(status_code=400)


def answer_unexpected(request: Request, error: Exception) -> JSONResponse:
    """Answers a fault of our own. This runs outside all middleware, so it adds their headers."""
    language = choose_language(request.scope)
    problem = describe_unexpected(error, request.scope, language)
    return answer_problem(problem, language, protective_headers(request.scope))


def answer_errors(app: FastAPI) -> None:
    """Makes the application answer every error as a problem."""
    app.add_exception_handler(KuraError, answer_error)
    app.add_exception_handler(RequestValidationError, answer_invalid)
    app.add_exception_handler(HTTPException, answer_routing)
    app.add_exception_handler(ClientDisconnect, answer_gone)
    app.add_exception_handler(Exception, answer_unexpected)
