"""Access rules: who may read what, one row for each distinct rule of a source."""

import json
from hashlib import sha256
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Row, delete, exists, insert, select, update

from retrieval.catalog.database import Database
from retrieval.catalog.rows import access_columns, access_of
from retrieval.catalog.schema import acls, documents, sources
from retrieval.catalog.selecting import permits
from retrieval.errors import NotFound
from retrieval.model import Access, Principals

DEFAULT = "default"
"""Fingerprint of the rule that is the source's own."""

_CALLERS_REMEMBERED = 1000


class Rules:
    """The rules, asked for by caller."""

    def __init__(self, database: Database) -> None:
        """Takes the open database."""
        self._database = database
        self._lock = Lock()
        self._version = -1
        self._known: dict[Principals, frozenset[int]] = {}

    def allowed(self, principals: Principals) -> frozenset[int]:
        """Returns the ids of the rules that let this caller read. Deny wins.

        A caller without principals reads nothing. Answers are remembered until the next commit by
        anyone.
        """
        # Asked before the rules are read: what is read is then never older than its number.
        version = self._database.data_version()
        with self._lock:
            if self._version == version and principals in self._known:
                return self._known[principals]
        with self._database.read() as connection:
            found = frozenset(connection.scalars(select(acls.c.id).where(permits(principals))))
        with self._lock:
            if self._version != version or len(self._known) >= _CALLERS_REMEMBERED:
                self._version, self._known = version, {}
            self._known[principals] = found
        return found

    def edit(self, acl_id: int, access: Access) -> None:
        """Replaces a rule; from the next query on it holds for every document under it.

        Raises:
            NotFound: There is no such rule.
        """
        with self._database.write() as connection:
            row = connection.execute(select(acls).where(acls.c.id == acl_id)).one_or_none()
            if row is None:
                raise NotFound(what="access rule", value=acl_id)
            if row.fingerprint == DEFAULT:
                edit_default(connection, row.source_id, access)
            else:
                _replace(connection, row, access)


def rule_for(
    connection: Connection, source_id: str, access: Access, current: int | None = None
) -> int:
    """Returns the id of the rule that says this, making it where the source has none.

    Args:
        connection: Inside a write transaction.
        source_id: Rules belong to one source.
        access: What the rule is to say.
        current: The rule the document is under; kept where it already says the same.

    Raises:
        NotFound: There is no such source.
    """
    fingerprint = _fingerprint(access)
    candidates = select(acls).where(
        acls.c.source_id == source_id,
        acls.c.fingerprint.in_([DEFAULT, fingerprint]) | (acls.c.id == current),
    )
    rows = connection.execute(candidates).all()
    if not any(row.fingerprint == DEFAULT for row in rows):
        raise NotFound(what="source", value=source_id)
    fitting = [row for row in rows if access_of(row) == access]
    # The document's own rule first, then the source's, then one that is there anyway.
    fitting.sort(key=lambda row: (row.id != current, row.fingerprint != DEFAULT))
    if fitting:
        return int(fitting[0].id)
    return _add(connection, source_id, fingerprint, access)


def put_default(connection: Connection, source_id: str, access: Access) -> None:
    """Makes the source's own rule, or changes it where there is one already."""
    known = select(acls.c.id).where(acls.c.source_id == source_id, acls.c.fingerprint == DEFAULT)
    if connection.execute(known).one_or_none() is None:
        _add(connection, source_id, DEFAULT, access)
    else:
        edit_default(connection, source_id, access)


def edit_default(connection: Connection, source_id: str, access: Access) -> None:
    """Changes the source's own rule, and with it every document that was given it."""
    columns = access_columns(access)
    own = (acls.c.source_id == source_id) & (acls.c.fingerprint == DEFAULT)
    connection.execute(update(acls).where(own).values(columns))
    connection.execute(update(sources).where(sources.c.id == source_id).values(columns))


def forget_unused(connection: Connection, source_id: str) -> None:
    """Drops the rules of a source that no document is under any more."""
    used = exists(select(1).where(documents.c.acl_id == acls.c.id))
    own = (acls.c.source_id == source_id) & (acls.c.fingerprint != DEFAULT)
    connection.execute(delete(acls).where(own, ~used))


def _add(connection: Connection, source_id: str, fingerprint: str, access: Access) -> int:
    values = {"source_id": source_id, "fingerprint": fingerprint, **access_columns(access)}
    return int(connection.execute(insert(acls).values(values).returning(acls.c.id)).scalar_one())


def _replace(connection: Connection, row: Row[Any], access: Access) -> None:
    fingerprint = _fingerprint(access)
    taken = select(acls.c.id).where(
        acls.c.source_id == row.source_id,
        acls.c.fingerprint == fingerprint,
        acls.c.id != row.id,
    )
    if connection.execute(taken).one_or_none() is not None:
        # Two rules now say the same. Both stay, so that no document has to be moved.
        fingerprint = f"{fingerprint}#{row.id}"
    values = {"fingerprint": fingerprint, **access_columns(access)}
    connection.execute(update(acls).where(acls.c.id == row.id).values(values))


def _fingerprint(access: Access) -> str:
    columns = access_columns(access)
    return sha256(json.dumps([columns["allow"], columns["deny"]]).encode()).hexdigest()
