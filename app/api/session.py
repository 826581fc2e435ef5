"""`/session`: who the caller is; and signing in to a browser with a one-time link."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Cookie, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, Field

from app.api.deps import SESSION_COOKIE, Caller, Parts, Speaking
from app.api.pages import show_spent_link
from app.api.showing import View
from app.identity import COOKIE_KINDS, SESSION_LIFETIME_S, identify, open_session

router = APIRouter(prefix="/session", tags=["session"])
pages = APIRouter(tags=["session"])


class PersonView(View):
    """Somebody of the sample company to ask as."""

    id: str
    name: str
    name_en: str
    groups: list[str]


class SessionResponse(BaseModel):
    """Who the caller is and what they may do."""

    user: str
    groups: list[str]
    scopes: list[str]
    people: list[PersonView] = Field(
        description="Whom an admin may name in `Kura-Act-As`; empty for others."
    )
    acting_as: str | None


@router.get(
    "",
    summary="Who am I? / 自分の情報",
    description=(
        "With `Kura-Act-As`, the person acted as. / `Kura-Act-As` を付けると、その人の情報です。"
    ),
)
def show_session(parts: Parts, caller: Caller) -> SessionResponse:
    """Shows who the caller is."""
    chooses = caller.is_admin or caller.acting_as is not None
    return SessionResponse(
        user=caller.user,
        groups=list(caller.groups),
        scopes=sorted(caller.scopes),
        people=[PersonView.of(person) for person in parts.people()] if chooses else [],
        acting_as=caller.acting_as,
    )


@router.post(
    "/end",
    status_code=204,
    summary="Sign out / サインアウト",
    description="Ends the browser session; API keys stay. / ブラウザーのセッションを終えます。",
)
def end_session(parts: Parts, caller: Caller) -> Response:
    """Ends the browser session."""
    if caller.kind == "session":
        parts.catalog.keys.revoke(caller.key_id)
    response = Response(status_code=204)
    response.delete_cookie(SESSION_COOKIE, httponly=True, samesite="strict")
    return response


@pages.get(
    "/signin",
    response_class=RedirectResponse,
    status_code=303,
    summary="Open a sign-in link / サインイン用リンクを開く",
    description=(
        "Uses up the link, starts a session of 12 hours and goes to the page. A used link takes "
        "whoever is signed in to the page. Make links with `kura keys link`. / "
        "リンクは一度だけ使えます。"
    ),
    responses={410: {"description": "The link was used before or has expired: an HTML page."}},
)
def sign_in(
    request: Request,
    parts: Parts,
    language: Speaking,
    cookie: Annotated[str, Cookie(alias=SESSION_COOKIE, include_in_schema=False)] = "",
    token: str = "",
) -> Response:
    """Signs a browser in."""
    keys = parts.catalog.keys
    secret = open_session(keys, token) if is_navigation(request) else None
    signed_in = identify(keys, cookie, COOKIE_KINDS) is not None
    if secret is None and signed_in:
        return RedirectResponse("/", 303, {"Cache-Control": "no-store"})
    if secret is None:
        return HTMLResponse(show_spent_link(language), 410, {"Cache-Control": "no-store"})
    response = RedirectResponse("/", 303, {"Cache-Control": "no-store"})
    response.set_cookie(
        SESSION_COOKIE,
        quote(secret),
        max_age=int(SESSION_LIFETIME_S),
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return response


def is_navigation(request: Request) -> bool:
    """Returns whether a person opens the link, not a browser that fetches it in advance."""
    purpose = (request.headers.get(name, "") for name in ("sec-purpose", "purpose", "x-moz"))
    mode = request.headers.get("sec-fetch-mode", "navigate")
    return mode == "navigate" and not any("prefetch" in value for value in purpose)
