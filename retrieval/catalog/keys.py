"""Secrets that say who a caller is. Only their hashes are kept."""

import secrets
import time
from collections.abc import Collection
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, insert, or_, select, update

from retrieval.catalog.database import Database
from retrieval.catalog.records import Key, NewKey
from retrieval.catalog.rows import record_of
from retrieval.catalog.schema import keys
from retrieval.errors import Invalid
from retrieval.identity import text_hash

KeyList = list[Key]

KINDS = ("key", "signin", "session", "embed")
_ONE_TIME = "signin"
_MADE_BY_MACHINE = ("signin", "session", "embed")  # many, so they are swept away once expired
_SWEPT_AFTER_S = 86_400.0
_SECRET_BYTES = 32


class Keys:
    """The keys that were given out."""

    def __init__(self, database: Database) -> None:
        """Takes the open database."""
        self._database = database

    def create(self, new: NewKey) -> tuple[Key, str]:
        """Makes a secret.

        Returns:
            The key, and its secret, which cannot be had again.

        Raises:
            Invalid: The kind is unknown, or no user is named.
        """
        if new.kind not in KINDS:
            raise Invalid(field="kind", value=new.kind, allowed=", ".join(KINDS))
        if not new.user.strip():
            raise Invalid(field="user", value=new.user, allowed="a name")
        secret = f"kura_{secrets.token_urlsafe(_SECRET_BYTES)}"
        now = time.time()
        values = {
            "id": str(uuid4()),
            "kind": new.kind,
            "secret_hash": text_hash(secret),
            "label": new.label,
            "user": new.user,
            "groups": list(new.groups),
            "scopes": list(new.scopes),
            "created_at": now,
            "expires_at": None if new.lifetime_s is None else now + new.lifetime_s,
        }
        with self._database.write() as connection:
            _sweep(connection, now)
            row = connection.execute(insert(keys).values(values).returning(keys)).one()
        return _key_of(row), secret

    def verify(self, secret: str, kinds: Collection[str]) -> Key | None:
        """Returns the key of a secret, or ``None`` where it gives no entry.

        That is: unknown, of another kind, expired, revoked, or one-time and already used.
        """
        usable = and_(
            _opens(secret),
            keys.c.kind.in_(sorted(kinds)),
            or_(keys.c.kind != _ONE_TIME, keys.c.used_at.is_(None)),
        )
        with self._database.read() as connection:
            row = connection.execute(select(keys).where(usable)).one_or_none()
        return None if row is None else _key_of(row)

    def redeem(self, secret: str) -> Key | None:
        """Uses up a one-time secret of kind "signin".

        Returns:
            Its key for exactly one of all callers that ever try, ``None`` for the others.
        """
        unused = and_(_opens(secret), keys.c.kind == _ONE_TIME, keys.c.used_at.is_(None))
        statement = update(keys).where(unused).values(used_at=time.time()).returning(keys)
        with self._database.write() as connection:
            row = connection.execute(statement).one_or_none()
        return None if row is None else _key_of(row)

    def list(self) -> KeyList:
        """Returns all keys, also revoked and recently expired ones, newest first."""
        query = select(keys).order_by(keys.c.created_at.desc(), keys.c.id)
        with self._database.read() as connection:
            return [_key_of(row) for row in connection.execute(query)]

    def revoke(self, key_id: str) -> bool:
        """Makes a key worthless from now on; returns whether it was not already."""
        standing = and_(keys.c.id == key_id, keys.c.revoked_at.is_(None))
        with self._database.write() as connection:
            done = connection.execute(update(keys).where(standing).values(revoked_at=time.time()))
            return done.rowcount == 1


def _opens(secret: str) -> ColumnElement[bool]:
    # Looking up a hash of 256 random bits leaks nothing by its timing.
    return and_(
        keys.c.secret_hash == text_hash(secret),
        keys.c.revoked_at.is_(None),
        or_(keys.c.expires_at.is_(None), keys.c.expires_at > time.time()),
    )


def _sweep(connection: Connection, now: float) -> None:
    over = and_(keys.c.kind.in_(_MADE_BY_MACHINE), keys.c.expires_at < now - _SWEPT_AFTER_S)
    connection.execute(delete(keys).where(over))


def _key_of(row: Row[Any]) -> Key:
    return record_of(Key, row)
