"""`kura keys`: who may come in, and for how long."""

from typing import Annotated

import typer

from app.cli import describing
from app.cli.choosing import ADMIN_GROUPS
from app.cli.speaking import Exit, Json, emit, say, tell, warn
from app.settings import Settings, load_settings
from retrieval.catalog import Catalog, Key, NewKey
from retrieval.errors import Invalid, NotFound

SCOPES = ("ask", "write", "admin")
LINK_LIFETIME_S = 24 * 3600.0
DAY_S = 24 * 3600.0

UserOption = Annotated[str, typer.Option(help=say("User the key acts as.", "キーのユーザー。"))]
GroupOption = Annotated[
    list[str] | None,
    typer.Option(help=say("Group of the user. May be repeated.", "所属グループ。繰り返し可。")),
]
ScopeOption = Annotated[
    list[str] | None,
    typer.Option(
        help=say(
            "What the key may do: ask, write or admin. May be repeated; ask when left out.",
            "キーでできること: ask、write、admin。繰り返し可。省略時は ask。",
        )
    ),
]
DaysOption = Annotated[
    float | None,
    typer.Option(
        help=say("Days it is valid; for ever when left out.", "有効日数。省略時は無期限。")
    ),
]
LabelOption = Annotated[str, typer.Option(help=say("What it is for.", "用途の覚え書き。"))]
IdArgument = Annotated[str, typer.Argument(help=say("Id of the key.", "キーの ID。"))]

app = typer.Typer(no_args_is_help=True, help=describing.KEYS)


@app.command("create", help=describing.KEYS_CREATE)
def create(
    *,
    user: UserOption,
    group: GroupOption = None,
    scope: ScopeOption = None,
    days: DaysOption = None,
    label: LabelOption = "",
    as_json: Json = False,
) -> None:
    """Makes a key and shows its secret once."""
    from app.bootstrap import open_store

    for name in scope or ():
        if name not in SCOPES:
            raise Invalid(field="--scope", value=name, allowed=", ".join(SCOPES))
    if days is not None and days <= 0:
        raise Invalid(field="--days", value=days, allowed="> 0")
    wanted = NewKey(
        kind="key",
        user=user,
        groups=tuple(group or ()),
        scopes=tuple(scope or ("ask",)),
        label=label,
        lifetime_s=None if days is None else days * DAY_S,
    )
    with open_store(load_settings()) as catalog:
        key, secret = catalog.keys.create(wanted)
    if as_json:
        emit({**describe_key(key), "secret": secret})
        return
    tell(secret)
    warn(
        say(
            f"Key {key.id} for {user}. It is shown only this once; keep it safe.",
            f"{user} のキー {key.id} です。表示は今回限りです。大切に保管してください。",
        )
    )


@app.command("list", help=describing.KEYS_LIST)
def show(*, as_json: Json = False) -> None:
    """Lists the keys, without their secrets."""
    from app.bootstrap import open_store

    with open_store(load_settings()) as catalog:
        keys = catalog.keys.list()
    if as_json:
        emit({"keys": [describe_key(key) for key in keys]})
        return
    for key in keys:
        scopes, groups = ",".join(key.scopes), ",".join(key.groups)
        tell(f"{key.id}  {key.kind:<8} {key.user} [{groups}] {scopes}  {_state(key)} {key.label}")


@app.command("revoke", help=describing.KEYS_REVOKE)
def revoke(key_id: IdArgument, *, as_json: Json = False) -> None:
    """Revokes a key."""
    from app.bootstrap import open_store

    with open_store(load_settings()) as catalog:
        if not catalog.keys.revoke(key_id):
            raise NotFound(what=say("key", "キー"), value=key_id)
    if as_json:
        emit({"id": key_id, "revoked": True})
    else:
        tell(say(f"Key {key_id} is revoked.", f"キー {key_id} を失効させました。"))


@app.command("link", help=describing.KEYS_LINK)
def link(*, as_json: Json = False) -> None:
    """Makes and prints a one-time sign-in link."""
    from app.bootstrap import open_store

    settings = load_settings()
    with open_store(settings) as catalog:
        address = make_link(settings, catalog)
    if as_json:
        emit({"link": address})
    else:
        tell(address)
    raise typer.Exit(Exit.OK)


def make_link(settings: Settings, catalog: Catalog) -> str:
    """Returns an address that signs in the admin once, within 24 hours."""
    wanted = NewKey(
        kind="signin",
        user="admin",
        groups=ADMIN_GROUPS,
        scopes=SCOPES,
        label="sign-in link",
        lifetime_s=LINK_LIFETIME_S,
    )
    _, secret = catalog.keys.create(wanted)
    return f"{find_address(settings)}/signin?token={secret}"


def find_address(settings: Settings) -> str:
    """Returns the address a browser on this machine uses."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "::1": "[::1]"}.get(  # noqa: S104 - compared
        settings.host, settings.host
    )
    return f"http://{host}:{settings.port}"


def describe_key(key: Key) -> dict[str, object]:
    """Returns what may be told about a key."""
    return {
        "id": key.id,
        "kind": key.kind,
        "user": key.user,
        "groups": list(key.groups),
        "scopes": list(key.scopes),
        "label": key.label,
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "used_at": key.used_at,
        "revoked_at": key.revoked_at,
    }


def _state(key: Key) -> str:
    if key.revoked_at:
        return say("revoked", "失効")
    if key.expires_at:
        return say("until ", "期限 ") + f"{key.expires_at:%Y-%m-%d}"
    return say("no expiry", "無期限")
