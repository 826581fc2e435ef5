"""Going through the documents that a caller may read."""

from collections import Counter
from collections.abc import Collection, Mapping
from threading import Lock

from sqlalchemy import ColumnElement, Connection, FromClause, and_, func, select, true, tuple_

from retrieval.catalog.database import Database
from retrieval.catalog.rows import document_of, whole_documents
from retrieval.catalog.schema import documents
from retrieval.catalog.selecting import asked, readable, within
from retrieval.errors import Invalid
from retrieval.model import Document, DocumentStatus, Principals, Scope

Statuses = Collection[DocumentStatus]

SEARCHABLE = (DocumentStatus.CURRENT, DocumentStatus.STALE)
THREAD = "thread:"
"""How tags begin that hold a mail thread together: nearly as many as mails, and named to nobody."""

_LISTS_REMEMBERED = 20

_FACETS = {
    "departments": documents.c.department,
    "languages": documents.c.language,
    "media_types": documents.c.media_type,
    "source_ids": documents.c.source_id,
}


def list_documents(
    connection: Connection,
    scope: Scope,
    *,
    limit: int,
    after: str | None = None,
    statuses: Statuses | None = None,
) -> list[Document]:
    """Returns one page of the documents in scope, by title and then id.

    Raises:
        Invalid: ``after`` is no document that the caller may read.
    """
    place = (documents.c.title, documents.c.id)
    chosen = _in_scope(scope, statuses)
    if after is not None:
        chosen &= tuple_(*place) > tuple_(*_place_of(connection, scope, after))
    # Only the short rows are sorted; the whole ones are read for one page.
    page = select(documents.c.id).where(chosen).order_by(*place).limit(limit).subquery()
    query = whole_documents.where(documents.c.id.in_(select(page.c.id))).order_by(*place)
    return [document_of(row) for row in connection.execute(query)]


def count_documents(connection: Connection, scope: Scope, statuses: Statuses | None) -> int:
    """Returns how many documents are in scope."""
    query = select(func.count()).select_from(documents).where(_in_scope(scope, statuses))
    return int(connection.execute(query).scalar_one())


def count_facets(connection: Connection, scope: Scope) -> dict[str, dict[str, int]]:
    """Returns how many searchable documents in scope carry each value of each facet."""
    chosen = _in_scope(scope, SEARCHABLE)
    columns = tuple(_FACETS.values())
    query = select(*columns, func.count()).where(chosen).group_by(*columns)
    counts: dict[str, Counter[str]] = {name: Counter() for name in _FACETS}
    for *values, number in connection.execute(query):
        for name, value in zip(_FACETS, values, strict=True):
            counts[name][value] += number
    counts["years"] = _count_years(connection, chosen)
    counts["tags"] = _count_tags(connection, chosen)
    return {name: _ranked(values) for name, values in counts.items()}


def has_any(connection: Connection, scope: Scope) -> bool:
    """Returns whether there is a searchable document in scope."""
    query = select(documents.c.id).where(_in_scope(scope, SEARCHABLE)).limit(1)
    return connection.execute(query).first() is not None


class Filed:
    """The values of one facet that readable, searchable documents carry."""

    def __init__(self, database: Database) -> None:
        """Takes the open database."""
        self._database = database
        self._lock = Lock()
        self._version = -1
        self._known: dict[tuple[Principals, str], Mapping[str, int]] = {}

    def among(self, principals: Principals, facet: str, values: Collection[str]) -> frozenset[str]:
        """Returns those of the values that some document carries."""
        chosen = _in_scope(Scope(principals), SEARCHABLE)
        column, carrying = _locate(facet)
        query = select(column).select_from(carrying).where(chosen, within(column, values))
        with self._database.read() as connection:
            # Ends with the last value found, which for values that are there is soon.
            return frozenset(connection.scalars(query.distinct().limit(len(values))))

    def count(self, principals: Principals, facet: str) -> Mapping[str, int]:
        """Returns how many documents carry each value, most first; threads are left out.

        Remembered until the next commit by anyone.
        """
        # Asked before the documents are read: what is read is then never older than its number.
        version = self._database.data_version()
        with self._lock:
            if self._version == version and (principals, facet) in self._known:
                return self._known[principals, facet]
        column, carrying = _locate(facet)
        chosen = _in_scope(Scope(principals), SEARCHABLE) & ~column.startswith(THREAD)
        query = select(column, func.count()).select_from(carrying).where(chosen).group_by(column)
        with self._database.read() as connection:
            found = _ranked(Counter({row[0]: row[1] for row in connection.execute(query)}))
        with self._lock:
            if self._version != version or len(self._known) >= _LISTS_REMEMBERED:
                self._version, self._known = version, {}
            self._known[principals, facet] = found
        return found


def _locate(facet: str) -> tuple[ColumnElement[str], FromClause]:
    """Returns the values of a facet, and the documents with them."""
    if facet != "tags":
        return _FACETS[facet], documents
    each = func.json_each(documents.c.tags).table_valued("value")
    return each.c.value, documents.join(each, true())


def _count_tags(connection: Connection, chosen: ColumnElement[bool]) -> Counter[str]:
    tag, carrying = _locate("tags")
    number = func.count(func.distinct(documents.c.id))
    query = select(tag, number).select_from(carrying).where(chosen).group_by(tag)
    return Counter({row[0]: row[1] for row in connection.execute(query)})


def _count_years(connection: Connection, chosen: ColumnElement[bool]) -> Counter[str]:
    """Returns how many were modified in each year, UTC, like times that the API is given."""
    year = func.strftime("%Y", documents.c.modified_at, "unixepoch")
    dated = chosen & documents.c.modified_at.is_not(None)
    query = select(year, func.count()).where(dated).group_by(year)
    return Counter({row[0]: row[1] for row in connection.execute(query)})


def _in_scope(scope: Scope, statuses: Statuses | None) -> ColumnElement[bool]:
    chosen = and_(readable(scope.principals), asked(scope.filters))
    return chosen if statuses is None else chosen & within(documents.c.status, statuses)


def _place_of(connection: Connection, scope: Scope, after: str) -> tuple[str, str]:
    # Restricted like everything else, or paging would tell where an unreadable title stands.
    known = and_(documents.c.id == after, readable(scope.principals))
    title = connection.execute(select(documents.c.title).where(known)).scalar_one_or_none()
    if title is None:
        raise Invalid(field="after", value=after, allowed="the id of a document in the list")
    return title, after


def _ranked(counts: Counter[str]) -> dict[str, int]:
    return {
        value: number
        for value, number in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        if value
    }
