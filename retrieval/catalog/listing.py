"""Going through the documents that a caller may read."""

from collections import Counter
from collections.abc import Collection

from sqlalchemy import ColumnElement, Connection, and_, func, select, true, tuple_

from retrieval.catalog.rows import document_of, whole_documents
from retrieval.catalog.schema import documents
from retrieval.catalog.selecting import asked, readable, within
from retrieval.errors import Invalid
from retrieval.model import Document, DocumentStatus, Scope

Statuses = Collection[DocumentStatus]

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
    searchable = (DocumentStatus.CURRENT, DocumentStatus.STALE)
    chosen = _in_scope(scope, searchable)
    columns = tuple(_FACETS.values())
    query = select(*columns, func.count()).where(chosen).group_by(*columns)
    counts: dict[str, Counter[str]] = {name: Counter() for name in _FACETS}
    for *values, number in connection.execute(query):
        for name, value in zip(_FACETS, values, strict=True):
            counts[name][value] += number
    counts["years"] = _count_years(connection, chosen)
    each = func.json_each(documents.c.tags).table_valued("value")
    tags = (
        select(each.c.value, func.count(func.distinct(documents.c.id)).label("number"))
        .select_from(documents)
        .join(each, true())
        .where(chosen)
        .group_by(each.c.value)
    )
    counts["tags"] = Counter({row.value: row.number for row in connection.execute(tags)})
    return {name: _ranked(values) for name, values in counts.items()}


def _count_years(connection: Connection, chosen: ColumnElement[bool]) -> Counter[str]:
    """Returns how many were modified in each year, UTC, like the filters of the time."""
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
