"""Answers only for this server's own names, against DNS rebinding."""

from collections.abc import Iterable

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.errors import describe_error
from app.api.languages import choose_language
from app.api.problems import answer_problem
from app.api.refusals import HostUnknown

LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})


class TrustedHosts:
    """Refuses requests whose Host header is not one of the given names."""

    def __init__(self, app: ASGIApp, names: Iterable[str]) -> None:
        """Wraps the application; loopback names are always answered."""
        self.app = app
        self.names = LOOPBACK | {strip_port(name) for name in names}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on, or refuses it."""
        host = Headers(scope=scope).get("host", "") if scope["type"] == "http" else "localhost"
        if strip_port(host) in self.names:
            await self.app(scope, receive, send)
            return
        language = choose_language(scope)
        problem = describe_error(HostUnknown(host=host[:255]), scope, language)
        await answer_problem(problem, language)(scope, receive, send)


def strip_port(host: str) -> str:
    """Returns the name of a Host header in lower case, without its port and final dot."""
    name = host.strip().lower()
    if name.startswith("["):
        return name.partition("]")[0] + "]"
    return name.partition(":")[0].removesuffix(".")
