"""Headers every answer carries: what a browser may do with it, and its trace number."""

from uuid import uuid4

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

API_PREFIX = "/api/"

PAGE_POLICY = (
    "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
"""Pages run only this server's own files, no inline script, and are never framed."""

DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"
"""An API answer is data: opened as a page, it may load nothing."""


def protective_headers(scope: Scope) -> dict[str, str]:
    """Returns the headers for an answer to this request."""
    api = str(scope.get("path", "")).startswith(API_PREFIX)
    return {
        "Content-Security-Policy": DATA_POLICY if api else PAGE_POLICY,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Kura-Trace": str(scope.get("state", {}).get("trace", "")),
        # Files of the page are asked for again each time, so that an upgrade is seen at once.
        "Cache-Control": "no-store" if api else "no-cache",
    }


class ProtectiveHeaders:
    """Gives each request a trace number and each answer the headers it lacks."""

    def __init__(self, app: ASGIApp) -> None:
        """Wraps the application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope.setdefault("state", {})["trace"] = uuid4().hex[:16]

        async def send_protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in protective_headers(scope).items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_protected)
