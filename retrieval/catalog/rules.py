"""Access rules: who may read what, one row for each distinct rule of a source."""

import json
from hashlib import sha256
from threading import Lock

from sqlalchemy import Connection, delete, exists, insert, select, update

from retrieval.catalog.changes import log_all
from retrieval.catalog.database import Database
from retrieval.catalog.records import Failed, Operation
from retrieval.catalog.rows import access_columns, access_of
from retrieval.catalog.schema import acls, chunks, documents, sources
from retrieval.catalog.selecting import permits
from retrieval.errors import NotFound
from retrieval.model import Access, Basis, NewVersion, Principals

DEFAULT = "default"
"""Fingerprint of the rule that is the source's own."""

FORMER = "former"
"""Fingerprint of the rule of documents that a source had at another place."""

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


def rule_for(
    connection: Connection,
    source_id: str,
    access: Access,
    current: int | None = None,
    basis: Basis | None = None,
) -> int:
    """Returns the id of the rule that says this, making it where the source has none.

    Args:
        connection: Inside a write transaction.
        source_id: Rules belong to one source.
        access: What the rule is to say.
        current: The rule the document is under; kept where it already says the same.
        basis: What ``access`` was decided from; what was changed since holds instead.

    Raises:
        NotFound: There is no such source.
    """
    if basis is not None:
        access = _follow(connection, source_id, access, current, basis)
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


def rule_for_item(connection: Connection, item: NewVersion | Failed, current: int | None) -> int:
    """Returns the id of the rule an item's document is to be under.

    What lies in another document is under that one's rule, also where that was changed just now.

    Raises:
        NotFound: There is no such source.
    """
    if item.parent_id is not None:
        outer = select(documents.c.acl_id).where(documents.c.id == item.parent_id)
        if (rule := connection.scalar(outer)) is not None:
            return int(rule)
    return rule_for(connection, item.source_id, item.access, current, item.basis)


def _follow(
    connection: Connection, source_id: str, access: Access, current: int | None, basis: Basis
) -> Access:
    """Returns the access as it was decided, but for what somebody changed since then.

    A source that was opened meanwhile opens nothing here: it may point to another place by now.
    """
    known = (acls.c.fingerprint == DEFAULT) | (acls.c.id == current)
    rows = connection.execute(select(acls).where(acls.c.source_id == source_id, known)).all()
    stands = next((access_of(row) for row in rows if row.id == current), None)
    if stands is not None and basis.document is not None and stands != basis.document:
        return stands if access == basis.document else access.within(stands)
    own = next((access_of(row) for row in rows if row.fingerprint == DEFAULT), access)
    return access.within(own) if access == basis.source else access


def put_default(connection: Connection, source_id: str, access: Access) -> None:
    """Makes the source's own rule, or changes it where there is one already."""
    known = select(acls.c.id).where(acls.c.source_id == source_id, acls.c.fingerprint == DEFAULT)
    if connection.execute(known).one_or_none() is None:
        _add(connection, source_id, DEFAULT, access)
    else:
        edit_default(connection, source_id, access)


def leave_behind(connection: Connection, source_id: str, before: Access, after: Access) -> None:
    """Keeps what follows the source's own rule from being opened by a rule for another place.

    Whoever points a source to another place means what is there. What it had till then is opened
    no further; the next listing decides on each document that is found there too.
    """
    own = (acls.c.source_id == source_id) & (acls.c.fingerprint == DEFAULT)
    narrow = before.within(after)
    if narrow == after:
        return
    edit_former(connection, source_id, narrow)
    former = (acls.c.source_id == source_id) & (acls.c.fingerprint == FORMER)
    rule = connection.scalar(select(acls.c.id).where(former))
    rule = _add(connection, source_id, FORMER, narrow) if rule is None else int(rule)
    follows = documents.c.acl_id.in_(select(acls.c.id).where(own))
    moved = select(chunks.c.id).join(documents, documents.c.id == chunks.c.document_id)
    log_all(connection, Operation.ACCESS, moved.where(follows))
    connection.execute(update(documents).where(follows).values(acl_id=rule))
    forget_unused(connection, source_id)


def edit_former(connection: Connection, source_id: str, access: Access) -> None:
    """Narrows the rule of what the source had elsewhere to what the access lets read, too."""
    former = (acls.c.source_id == source_id) & (acls.c.fingerprint == FORMER)
    row = connection.execute(select(acls).where(former)).one_or_none()
    if row is not None:
        columns = access_columns(access_of(row).within(access))
        connection.execute(update(acls).where(acls.c.id == row.id).values(columns))


def edit_default(connection: Connection, source_id: str, access: Access) -> None:
    """Changes the source's own rule, and with it every document that was given it."""
    edit_former(connection, source_id, access)
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


def _fingerprint(access: Access) -> str:
    columns = access_columns(access)
    return sha256(json.dumps([columns["allow"], columns["deny"]]).encode()).hexdigest()
