"""Who is calling: resolved from an API key, an embed token or a browser session."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from app.services import Person
from retrieval.catalog import Key, NewKey
from retrieval.catalog.keys import Keys
from retrieval.errors import KuraError
from retrieval.model import EVERYONE, Principals

ASK, WRITE, ADMIN = "ask", "write", "admin"
SCOPES = (ASK, WRITE, ADMIN)

BEARER_KINDS = frozenset({"key", "embed"})
COOKIE_KINDS = frozenset({"session"})
SESSION_LIFETIME_S = 12 * 3600.0


class ActingRefused(KuraError):
    """The caller may not act as this person, or the person is not one of the sample's."""

    code = "acting-refused"
    ja = (
        "「{person}」として操作することはできません。admin スコープのキーで、"
        "サンプル文書に登録された人だけを指定できます。"
    )
    en = (
        "You cannot act as {person!r}. It takes a key with the admin scope, and a person declared "
        "by the sample documents."
    )


@dataclass(frozen=True, slots=True)
class Identity:
    """One caller.

    Attributes:
        principals: What access rules see of the caller.
        scopes: What the caller may do: any of "ask", "write" and "admin".
        kind: How the caller signed in: "key", "embed" or "session".
        key_id: The catalog row of that key, token or session.
        acting_as: Id of the person acted as, None for oneself.
    """

    user: str
    groups: tuple[str, ...]
    principals: Principals
    scopes: frozenset[str]
    kind: str
    key_id: str
    acting_as: str | None = None

    @property
    def is_admin(self) -> bool:
        """Whether the caller may do everything the API offers."""
        return ADMIN in self.scopes


def name_principals(user: str, groups: Iterable[str]) -> Principals:
    """Returns the principals a person with these groups carries."""
    return frozenset({EVERYONE, f"user:{user}", *(f"group:{group}" for group in groups)})


def carry_groups(
    principals: Principals, keys: Iterable[Key], people: Iterable[Person]
) -> Principals:
    """Returns the principals with the groups that their users are known to have.

    Known from the keys they hold, and from the people of the sample company.
    """
    groups = {f"user:{person.id}": person.groups for person in people}
    for key in keys:
        if key.revoked_at is None:
            own = f"user:{key.user}"
            groups[own] = (*groups.get(own, ()), *key.groups)
    carried = (group for name in principals for group in groups.get(name, ()))
    return principals | {f"group:{group}" for group in carried}


def identify(keys: Keys, secret: str, kinds: frozenset[str]) -> Identity | None:
    """Returns whose secret this is; None when unknown, expired, revoked or of another kind."""
    key = keys.verify(secret, kinds)
    if key is None:
        return None
    return Identity(
        user=key.user,
        groups=tuple(key.groups),
        principals=key.principals,
        scopes=frozenset(key.scopes),
        kind=key.kind,
        key_id=key.id,
    )


def act_as(identity: Identity, person_id: str, people: Iterable[Person]) -> Identity:
    """Returns the identity of another person, who may ask and nothing else.

    Raises:
        ActingRefused: The caller is no admin, or nobody of that id is declared.
    """
    person = next((person for person in people if person.id == person_id), None)
    if not identity.is_admin or person is None:
        raise ActingRefused(person=person_id)
    return replace(
        identity,
        user=person.id,
        groups=person.groups,
        principals=name_principals(person.id, person.groups),
        scopes=frozenset({ASK}),
        acting_as=person.id,
    )


def open_session(keys: Keys, link_token: str) -> str | None:
    """Uses up a one-time sign-in token; returns the session's secret, None for a spent token."""
    link = keys.redeem(link_token)
    if link is None:
        return None
    return _start_session(keys, link)


def _start_session(keys: Keys, link: Key) -> str:
    _, secret = keys.create(
        NewKey(
            kind="session",
            user=link.user,
            groups=link.groups,
            scopes=link.scopes,
            label=link.label,
            lifetime_s=SESSION_LIFETIME_S,
        )
    )
    return secret
