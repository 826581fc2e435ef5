"""Keeps request bodies small, except where files are sent."""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.errors import describe_error
from app.api.languages import choose_language
from app.api.problems import answer_problem
from app.api.refusals import BodyTooLarge

UPLOAD_ROUTE = ("POST", "/api/v1/documents")


class BodyLimit:
    """Refuses bodies above a size, whether announced or only found while reading."""

    def __init__(self, app: ASGIApp, plain_bytes: int, upload_bytes: int) -> None:
        """Wraps the application; uploads have a limit of their own."""
        self.app = app
        self.plain_bytes = plain_bytes
        self.upload_bytes = upload_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on, or refuses it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        upload = (scope["method"], scope["path"]) == UPLOAD_ROUTE
        limit = self.upload_bytes if upload else self.plain_bytes
        announced = Headers(scope=scope).get("content-length", "")
        if announced.isdecimal() and int(announced) > limit:
            language = choose_language(scope)
            problem = describe_error(BodyTooLarge(limit=limit), scope, language)
            # The rest of the body is never read, so the connection cannot be used again.
            answer = answer_problem(problem, language, {"Connection": "close"})
            await answer(scope, receive, send)
            return
        await self.app(scope, count_body(receive, limit), send)


def count_body(receive: Receive, limit: int) -> Receive:
    """Returns a receiver that stops a body once it has grown above the limit."""
    total = 0

    async def receive_counted() -> Message:
        nonlocal total
        message = await receive()
        total += len(message.get("body", b""))
        if total > limit:
            # FastAPI turns anything but its own exception into a plain 400 while reading a body.
            raise HTTPException(413) from BodyTooLarge(limit=limit)
        return message

    return receive_counted
