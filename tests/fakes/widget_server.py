"""A small true HTTP server for the page and the widget: the real files, scripted answers.

It serves ``app/static`` under the addresses and headers of the real application and speaks the part
of the REST interface that a browser uses (session, ask as server-sent events, a document's text and
original, state of the chat model). It searches nothing and checks no rights: what it answers is
written in advance by a test, which also decides when a stream goes on and how it breaks.
"""

import asyncio
import json
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import (
    FileResponse,
    HTMLResponse,
    JSONResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.patience import PATIENCE_S

STATIC = Path(__file__).parents[2] / "app" / "static"
POLICY = (
    "default-src 'self'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)
JsonObject = dict[str, Any]
VERBS = ["GET", "PATCH", "DELETE"]


@dataclass(frozen=True)
class Event:
    """One event of a stream."""

    name: str
    data: JsonObject


class Gate(threading.Event):
    """Holds a stream where it stands until the test opens it with ``set()``."""


class Break:
    """Breaks the connection in the middle of the stream, as a crash or a proxy does."""


Step = Event | Gate | Break


@dataclass(frozen=True)
class Asked:
    """One question as the server received it."""

    question: str
    history: list[JsonObject]
    act_as: str | None
    authorization: str | None
    language: str
    conversation: str | None = None


@dataclass
class Script:
    """What the server is to say.

    Attributes:
        answers: The steps of the stream for each question; an unknown question gets a 404 problem.
        documents: Body of ``/documents/{id}/text`` for each document id.
        session: Body of ``/session``; None means not signed in: everything answers 401.
        token: The bearer token that is needed when set, in place of the session.
        disposition: Header that names the original file.
        conversations: Bodies of ``/conversations/{id}``, the last used first.
        kept_days: How long they are kept.
        editions: Body of ``/documents/{id}/editions`` for every document.
        tasks: Bodies of ``/tasks/summary`` and ``/tasks/comparison``.
        rating_problem: Answer to what readers say, when it is not kept.
    """

    answers: dict[str, list[Step]] = field(default_factory=dict)
    documents: dict[str, JsonObject] = field(default_factory=dict)
    session: JsonObject | None = field(default_factory=lambda: {"user": "admin", "people": []})
    model: JsonObject = field(default_factory=lambda: {"connected": True, "remedy": ""})
    token: str | None = None
    disposition: str = 'attachment; filename="rules.txt"'
    conversations: list[JsonObject] = field(default_factory=list)
    kept_days: int = 90
    rating_problem: Response | None = None
    editions: list[JsonObject] = field(default_factory=list)
    tasks: dict[str, JsonObject] = field(default_factory=dict)


class Serving:
    """Runs an ASGI application on a free port of 127.0.0.1, in a thread, until closed."""

    def __init__(self, app: ASGIApp) -> None:
        """Starts the server and returns once it answers."""
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(app, log_level="critical", lifespan="off", ws="none")
        config.timeout_graceful_shutdown = 1
        self._server = uvicorn.Server(config)
        sockets = {"sockets": [self._socket]}
        self._thread = threading.Thread(target=self._server.run, kwargs=sockets, daemon=True)
        self._thread.start()
        while not self._server.started:
            time.sleep(0.005)

    def __enter__(self) -> Self:
        """Returns itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stops the server."""
        self.close()

    def close(self) -> None:
        """Stops the server and frees its port; the second time does nothing."""
        with closing(self._socket):
            self._server.should_exit = True
            self._thread.join(timeout=PATIENCE_S)


class WidgetServer(Serving):
    """The scripted Kura.

    Attributes:
        script: What to say; tests change it at will.
        asked: The questions received, oldest first.
        rated: What readers said of answers, oldest first.
        abandoned: Set once a reader left in the middle of a stream.
        paths: Paths of all requests.
    """

    def __init__(self) -> None:
        """Starts with an empty script."""
        self.script = Script()
        self.asked: list[Asked] = []
        self.rated: list[JsonObject] = []
        self.abandoned = threading.Event()
        self.paths: list[str] = []
        super().__init__(self._watch(Starlette(routes=self._routes())))

    def _routes(self) -> list[BaseRoute]:
        return [
            Route("/", self._page),
            Route("/kura-chat.js", self._widget),
            Mount("/static", StaticFiles(directory=STATIC)),
            Route("/api/v1/session", self._session),
            Route("/api/v1/models/state", self._model),
            Route("/api/v1/ask", self._ask, methods=["POST"]),
            Route("/api/v1/feedback", self._rate, methods=["POST"]),
            Route("/api/v1/documents/{id}/text", self._text),
            Route("/api/v1/documents/{id}/original", self._original),
            Route("/api/v1/documents/{id}/editions", self._editions),
            Route("/api/v1/tasks/{task}", self._task, methods=["POST"]),
            Route("/api/v1/conversations", self._conversations, methods=["GET", "DELETE"]),
            Route("/api/v1/conversations/{id}/export", self._export),
            Route("/api/v1/conversations/{id}", self._conversation, methods=VERBS),
        ]

    def _watch(self, app: ASGIApp) -> ASGIApp:
        """Notes every path, and shares everything with pages of other origins."""
        headers = [
            (b"access-control-allow-origin", b"*"),
            (b"access-control-allow-headers", b"authorization, content-type, kura-act-as"),
            (b"access-control-allow-methods", b"GET, POST, PATCH, DELETE"),
        ]

        async def pass_on(scope: Scope, receive: Receive, send: Send) -> None:
            async def send_shared(message: Message) -> None:
                if message["type"] == "http.response.start":
                    message["headers"] = [*message["headers"], *headers]
                await send(message)

            self.paths.append(scope["path"])
            if scope["method"] == "OPTIONS":
                await Response()(scope, receive, send_shared)
            else:
                await app(scope, receive, send_shared)

        return pass_on

    async def _page(self, _request: Request) -> Response:
        return FileResponse(STATIC / "index.html", headers={"Content-Security-Policy": POLICY})

    async def _widget(self, _request: Request) -> Response:
        return FileResponse(STATIC / "kura-chat.js")

    async def _session(self, request: Request) -> Response:
        return self._refuse(request) or JSONResponse(self.script.session)

    async def _model(self, request: Request) -> Response:
        return self._refuse(request) or JSONResponse(self.script.model)

    async def _text(self, request: Request) -> Response:
        document = self.script.documents.get(request.path_params["id"])
        return self._refuse(request) or (JSONResponse(document) if document else _problem(404))

    async def _editions(self, request: Request) -> Response:
        return self._refuse(request) or JSONResponse(self.script.editions)

    async def _task(self, request: Request) -> Response:
        found = self.script.tasks.get(request.path_params["task"])
        return self._refuse(request) or (JSONResponse(found) if found else _problem(404))

    async def _original(self, request: Request) -> Response:
        if request.path_params["id"] not in self.script.documents:
            return _problem(404)
        headers = {"Content-Disposition": self.script.disposition}
        return Response(b"original", headers=headers)

    async def _conversations(self, request: Request) -> Response:
        if refusal := self._refuse(request):
            return refusal
        kept = self.script.conversations
        if request.method == "DELETE":
            self.script.conversations = []
            return JSONResponse({"removed": len(kept)})
        limit, after = int(request.query_params["limit"]), request.query_params.get("after")
        first = next((n for n, each in enumerate(kept, 1) if each["id"] == after), 0)
        page = kept[first : first + limit]
        more = page[-1]["id"] if len(kept) > first + limit else None
        days = self.script.kept_days
        return JSONResponse({"conversations": page, "next": more, "kept_days": days})

    async def _conversation(self, request: Request) -> Response:
        kept = self.script.conversations
        found = next((each for each in kept if each["id"] == request.path_params["id"]), None)
        if found is None:
            return self._refuse(request) or _problem(404)
        if request.method == "DELETE":
            kept.remove(found)
            return Response(status_code=204)
        if request.method == "PATCH":
            found.update(await request.json())
        return JSONResponse(found)

    async def _export(self, request: Request) -> Response:
        form = request.query_params["format"]
        headers = {"Content-Disposition": f'attachment; filename="conversation.{form}"'}
        return Response(f"{request.path_params['id']} as {form}", headers=headers)

    async def _ask(self, request: Request) -> Response:
        body = await request.json()
        headers = request.headers
        self.asked.append(
            Asked(
                question=body["question"],
                history=body["history"],
                act_as=headers.get("kura-act-as"),
                authorization=headers.get("authorization"),
                language=headers.get("accept-language", ""),
                conversation=body.get("conversation"),
            )
        )
        steps = self.script.answers.get(body["question"])
        if refusal := self._refuse(request):
            return refusal
        if steps is None:
            return _problem(404)
        return StreamingResponse(self._stream(steps), media_type="text/event-stream")

    async def _rate(self, request: Request) -> Response:
        if refusal := self._refuse(request) or self.script.rating_problem:
            return refusal
        self.rated.append(await request.json())
        return JSONResponse({"id": f"r{len(self.rated)}"}, 201)

    async def _stream(self, steps: Iterable[Step]) -> AsyncIterator[str]:
        try:
            for step in steps:
                if isinstance(step, Break):
                    raise ConnectionAbortedError
                if isinstance(step, Event):
                    text = json.dumps(step.data, ensure_ascii=False)
                    yield f"event: {step.name}\r\ndata: {text}\r\n\r\n"
                    continue
                yield ": still here\r\n\r\n"
                while not step.is_set():
                    await asyncio.sleep(0.02)
        except asyncio.CancelledError:  # the framework's way to say that the reader has left
            self.abandoned.set()
            raise

    def _refuse(self, request: Request) -> Response | None:
        if self.script.token is not None:
            known = request.headers.get("authorization") == f"Bearer {self.script.token}"
        else:
            known = self.script.session is not None
        return None if known else _problem(401)


class HostPage(Serving):
    """A page of another site, which embeds the widget, and that site's token address.

    Attributes:
        tokens: Given out one after the other, the last one again and again.
        token_requests: How many times the address was asked.
    """

    def __init__(self, html: str, tokens: Iterable[str]) -> None:
        """Serves the page at / and tokens at /token."""
        self.tokens = list(tokens)
        self.token_requests = 0
        routes = [
            Route("/", lambda _request: HTMLResponse(html)),
            Route("/token", self._token),
        ]
        super().__init__(Starlette(routes=routes))

    def _token(self, _request: Request) -> Response:
        self.token_requests += 1
        return JSONResponse({"token": self.tokens[min(self.token_requests, len(self.tokens)) - 1]})


def _problem(status: int) -> Response:
    detail = {401: "サインインしてください。", 404: "見つかりません。"}[status]
    problem = {"status": status, "title": "problem", "detail": detail}
    return JSONResponse(problem, status, media_type="application/problem+json")
