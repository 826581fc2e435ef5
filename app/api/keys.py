"""`/keys` and `/tokens`: who may call, and short-lived tokens for embedded widgets."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from app.api.deps import Admin, Parts, Reader
from app.api.refusals import GroupsRefused, KeyMissing, NameHidden, TokenCannotIssue
from app.api.showing import View
from app.identity import ASK, Identity
from retrieval.catalog import NewKey

router = APIRouter(tags=["keys"])

LONGEST_TOKEN_S = 3600
LONGEST_KEY_S = 10 * 366 * 86_400


def check_visible(name: str) -> str:
    """Returns a name in which nothing is hidden, such as a change of writing direction.

    Raises:
        NameHidden: It holds a character that cannot be seen.
    """
    if not name.isprintable():
        raise NameHidden(value=name)
    return name


PersonName = Annotated[
    str, Field(pattern=r"^[^\s:,/]+$", max_length=200), AfterValidator(check_visible)
]
"""No separator of ours, and nothing that cannot be seen."""

Groups = Annotated[list[PersonName], Field(max_length=200)]


class KeyRequest(BaseModel):
    """A key to make."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "user": "hanako",
                    "groups": ["hr"],
                    "scopes": ["ask", "write"],
                    "label": "花子さんのノートPC",
                    "lifetime_s": 7776000,
                }
            ]
        },
    )

    user: PersonName
    groups: Groups = []
    scopes: Annotated[list[Literal["ask", "write", "admin"]], Field(min_length=1, max_length=3)]
    label: Annotated[str, Field(max_length=200)] = ""
    lifetime_s: Annotated[int, Field(ge=60, le=LONGEST_KEY_S)] | None = Field(
        default=None, description="Seconds until it expires; never when absent."
    )


class KeyView(View):
    """A key without its secret, which is kept nowhere."""

    id: str
    kind: str
    user: str
    groups: list[str]
    scopes: list[str]
    label: str
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None
    revoked_at: datetime | None


class KeyList(BaseModel):
    """All keys, the newest first."""

    keys: list[KeyView]


class NewKeyResponse(BaseModel):
    """A key and its secret, which is shown this once."""

    key: KeyView
    secret: str


class TokenRequest(BaseModel):
    """A token for a widget in another page."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"user": "hanako", "groups": ["hr"], "lifetime_s": 900}]},
    )

    user: PersonName = Field(description="The reader. Only admins name anybody but themselves.")
    groups: Groups = Field(default=[], description="Some of the caller's own; for admins any.")
    lifetime_s: int = Field(default=900, ge=30, le=LONGEST_TOKEN_S)


class TokenResponse(BaseModel):
    """A token that may only ask."""

    token: str
    expires_at: datetime | None


@router.get(
    "/keys",
    summary="List keys / キーの一覧",
    description="Without their secrets. For admins. / 秘密の値は含みません。",
)
def list_keys(parts: Parts, _admin: Admin) -> KeyList:
    """Lists all keys."""
    return KeyList(keys=[KeyView.of(key) for key in parts.catalog.keys.list()])


@router.post(
    "/keys",
    status_code=201,
    summary="Make a key / キーを発行する",
    description="The secret is shown once; only its hash is kept. / 秘密の値は一度だけ表示します。",
)
def create_key(body: KeyRequest, parts: Parts, _admin: Admin) -> NewKeyResponse:
    """Makes a key."""
    key, secret = parts.catalog.keys.create(
        NewKey(
            kind="key",
            user=body.user,
            groups=tuple(body.groups),
            scopes=tuple(dict.fromkeys(body.scopes)),
            label=body.label,
            lifetime_s=body.lifetime_s,
        )
    )
    return NewKeyResponse(key=KeyView.of(key), secret=secret)


@router.delete(
    "/keys/{key_id}",
    status_code=204,
    summary="Revoke a key / キーを失効させる",
    description="At once. Sessions and tokens are keys too. / すぐに使えなくなります。",
)
def revoke_key(key_id: str, parts: Parts, _admin: Admin) -> Response:
    """Revokes a key."""
    if not parts.catalog.keys.revoke(key_id):
        raise KeyMissing(value=key_id)
    return Response(status_code=204)


@router.post(
    "/tokens",
    status_code=201,
    summary="Make a widget token / ウィジェット用トークンを発行する",
    description=(
        "For a page of another system: its server asks for a token with its own key, for the "
        "person it knows, and gives it to the page. It lives an hour at most and may only ask. / "
        "別のシステムのページに埋め込むための、短命で質問専用のトークンです。"
    ),
)
def create_token(body: TokenRequest, parts: Parts, reader: Reader) -> TokenResponse:
    """Makes a token for a widget."""
    check_issue(reader, body)
    key, secret = parts.catalog.keys.create(
        NewKey(
            kind="embed",
            user=body.user,
            groups=tuple(body.groups),
            scopes=(ASK,),
            label=f"by {reader.user}",
            lifetime_s=body.lifetime_s,
        )
    )
    return TokenResponse(token=secret, expires_at=key.expires_at)


def check_issue(identity: Identity, body: TokenRequest) -> None:
    """Checks that a token gives its bearer nothing that the caller does not have.

    Raises:
        TokenCannotIssue: The caller's own secret is an embed token.
        GroupsRefused: It names somebody else, or a group that the caller is not in.
    """
    if identity.kind == "embed":
        raise TokenCannotIssue
    if identity.is_admin:
        return
    foreign = [group for group in body.groups if group not in identity.groups]
    if body.user != identity.user or foreign:
        raise GroupsRefused(value=foreign[0] if foreign else body.user)
