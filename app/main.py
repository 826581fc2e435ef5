"""The HTTP application: everything it is made of, in one visible order."""

from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from fastapi import APIRouter, FastAPI
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from app.api import (
    asking,
    conversations,
    documents,
    feedback,
    health,
    jobs,
    keys,
    models,
    searching,
    session,
    sources,
    tasking,
    tracing,
)
from app.api.deps import ACT_AS_HEADER
from app.api.description import DescribedApp, describe_problems
from app.api.errors import answer_errors
from app.api.headers import ProtectiveHeaders
from app.api.hosts import TrustedHosts
from app.api.pages import serve_pages
from app.api.receiving import MOST_FILES
from app.api.sizes import BodyLimit
from app.api.streams import Streams
from app.services import Services

if TYPE_CHECKING:
    from fastapi.telemetry import TelemetryConfig

API = "/api/v1"
MOST_PLAIN_BYTES = 1024 * 1024
UPLOAD_FILES_AT_LIMIT = 10
"""How many files of the largest size one upload may bring at most."""

DESCRIPTION = (
    "Answers from a company's own documents, with proof. Every answer names the passages it rests "
    "on; a document that the caller may not read is in no way different from one that does not "
    "exist.\n\n社内文書だけを根拠に、出典付きで答えます。読めない文書は、存在しないのと同じです。"
)
TAGS = [
    {"name": "questions", "description": "Ask and search / 質問と検索"},
    {"name": "conversations", "description": "What the caller asked before / 自分の会話"},
    {"name": "feedback", "description": "What answers were worth / 回答の評価"},
    {"name": "tasks", "description": "Summaries, comparisons, drafts / 要約・比較・下書き"},
    {"name": "documents", "description": "Documents, their text and originals / 文書"},
    {"name": "sources", "description": "Where documents come from (admins) / 取り込み元"},
    {"name": "jobs", "description": "Long work and its progress / ジョブ"},
    {"name": "keys", "description": "Keys and widget tokens / キーとトークン"},
    {"name": "session", "description": "Who is calling / サインイン"},
    {"name": "models", "description": "The chat model / 言語モデル"},
    {"name": "health", "description": "For supervision / 監視用"},
]
QUIET: "TelemetryConfig" = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "auto_configure": False,
}
"""Nothing is reported to anybody, whatever the environment says."""


def create_app(services: Services) -> FastAPI:
    """Returns the application made of these parts; it owns none of them and closes none."""
    app = DescribedApp(
        title="Kura",
        version=_find_version(),
        description=DESCRIPTION,
        openapi_url=f"{API}/openapi.json",
        openapi_tags=TAGS,
        docs_url=None,  # the framework's pages load scripts from elsewhere
        redoc_url=None,
        middleware=_guard(services),
        telemetry=QUIET,
    )
    app.state.services = services
    app.state.streams = Streams(services.heartbeat_s)
    answer_errors(app)
    app.include_router(_gather_resources(), prefix=API)
    app.include_router(health.router, include_in_schema=False)
    app.include_router(session.pages, responses=describe_problems(_422="Not a link."))
    serve_pages(app, services.static)
    return app


def _guard(services: Services) -> list[Middleware]:
    """Returns what every request passes, the outermost first."""
    upload_bytes = services.max_upload_bytes * UPLOAD_FILES_AT_LIMIT + MOST_FILES * 4096
    guards = [
        Middleware(ProtectiveHeaders),
        Middleware(TrustedHosts, names=services.trusted_hosts),
        Middleware(BodyLimit, plain_bytes=MOST_PLAIN_BYTES, upload_bytes=upload_bytes),
    ]
    if services.allowed_origins:
        sharing = Middleware(
            CORSMiddleware,
            allow_origins=list(services.allowed_origins),
            allow_credentials=False,
            allow_methods=["GET", "POST", "PATCH", "DELETE"],
            allow_headers=["Authorization", "Content-Type", ACT_AS_HEADER],
            expose_headers=["Content-Disposition", "Kura-Trace"],
            max_age=600,
        )
        guards.insert(2, sharing)
    return guards


def _gather_resources() -> APIRouter:
    """Returns all resources under one router, each with the errors any of them may answer."""
    router = APIRouter(
        responses=describe_problems(
            _401="Not signed in.",
            _403="Not allowed.",
            _404="Not there, or not readable.",
            _422="Some values need correction.",
        )
    )
    resources = (
        asking,
        conversations,
        feedback,
        searching,
        tracing,
        tasking,
        documents,
        sources,
        jobs,
        keys,
        session,
        models,
        health,
    )
    for resource in resources:
        router.include_router(resource.router)
    return router


def _find_version() -> str:
    try:
        return version("kura")
    except PackageNotFoundError:
        return "0"
