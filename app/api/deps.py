"""What handlers ask for, as annotated types, so that a handler's signature reads as a sentence."""

from collections.abc import Callable
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Header, Request, Security
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer

from app.api.languages import choose_language
from app.api.refusals import CrossSite, NotSignedIn, ScopeMissing
from app.identity import (
    ADMIN,
    ASK,
    BEARER_KINDS,
    COOKIE_KINDS,
    WRITE,
    Identity,
    act_as,
    identify,
)
from app.services import Services
from retrieval.errors import Language

SESSION_COOKIE = "kura_session"
ACT_AS_HEADER = "Kura-Act-As"
READING = frozenset({"GET", "HEAD", "OPTIONS"})

_bearer = HTTPBearer(
    auto_error=False,
    scheme_name="key",
    description="An API key or an embed token: `Authorization: Bearer kura_...`",
)
_cookie = APIKeyCookie(
    name=SESSION_COOKIE,
    auto_error=False,
    scheme_name="session",
    description="Set by opening a sign-in link; writes must come from the same origin.",
)


async def get_services(request: Request) -> Services:
    """Returns the parts the application was made with."""
    services: Services = request.app.state.services
    return services


async def get_language(request: Request) -> Language:
    """Returns the language the caller reads."""
    return choose_language(request.scope)


Parts = Annotated[Services, Depends(get_services)]
Speaking = Annotated[Language, Depends(get_language)]


def identify_caller(
    request: Request,
    parts: Parts,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
    cookie: Annotated[str | None, Security(_cookie)],
    person: Annotated[
        str | None,
        Header(
            alias=ACT_AS_HEADER,
            description="Admins only: id of a person of the sample documents to ask as.",
            max_length=200,
        ),
    ] = None,
) -> Identity:
    """Returns who is calling. A bearer secret, when there is one, is the only one looked at.

    Raises:
        NotSignedIn: Nothing valid was sent.
        CrossSite: A cookie came with a write from elsewhere.
        ActingRefused: The caller may not act as that person.
    """
    identity = _identify(request, parts, bearer, cookie)
    if identity is None:
        raise NotSignedIn
    return identity if person is None else act_as(identity, person, parts.people())


def _identify(
    request: Request,
    parts: Services,
    bearer: HTTPAuthorizationCredentials | None,
    cookie: str | None,
) -> Identity | None:
    if "authorization" in request.headers:
        secret = bearer.credentials if bearer else ""
        return identify(parts.catalog.keys, secret, BEARER_KINDS)
    identity = identify(parts.catalog.keys, cookie, COOKIE_KINDS) if cookie else None
    if identity and request.method not in READING and not is_same_origin(request):
        raise CrossSite
    return identity


def is_same_origin(request: Request) -> bool:
    """Returns whether a browser says that the request comes from one of our own pages.

    Browsers send ``Sec-Fetch-Site``; older ones at least ``Origin``. Neither means no.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin", "")
    return bool(origin) and urlsplit(origin).netloc == request.headers.get("host")


def stand_by(
    request: Request,
    parts: Parts,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
    cookie: Annotated[str | None, Security(_cookie)],
) -> Callable[[], None]:
    """Returns what a long answer calls between its pieces; it raises once the key is revoked."""

    def check_standing() -> None:
        if _identify(request, parts, bearer, cookie) is None:
            raise NotSignedIn

    return check_standing


def require(*scopes: str) -> Callable[[Identity], Identity]:
    """Returns the dependency that lets only callers with one of these scopes through."""

    def check_scope(identity: Annotated[Identity, Depends(identify_caller)]) -> Identity:
        if identity.scopes.isdisjoint(scopes):
            raise ScopeMissing(scope=scopes[0])
        return identity

    return check_scope


Caller = Annotated[Identity, Depends(identify_caller)]
Reader = Annotated[Identity, Depends(require(ASK))]
Writer = Annotated[Identity, Depends(require(WRITE))]
Admin = Annotated[Identity, Depends(require(ADMIN))]
Follower = Annotated[Identity, Depends(require(WRITE, ADMIN))]
"""Who may have jobs: uploaders and admins, so no widget token and nobody acted as."""
Standing = Annotated[Callable[[], None], Depends(stand_by)]
