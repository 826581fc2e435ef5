"""The conditions that decide which rows a caller gets: readable, asked for, in a list of ids."""

import json
from collections.abc import Iterable

from sqlalchemy import BindParameter, ColumnElement, Select, and_, exists, func, select, true

from retrieval.catalog.schema import acls, documents
from retrieval.model import Filters, Principals

Listed = Iterable[str] | BindParameter[str]
"""Values, or the parameter that :func:`as_parameter` fills when a ready statement is run."""


def as_parameter(values: Iterable[str]) -> str:
    """Returns values as one parameter of SQL, so that there may be any number of them."""
    return json.dumps(sorted(values))


def within(column: ColumnElement[str], values: Listed) -> ColumnElement[bool]:
    """Returns a condition true where the column is one of the values."""
    return column.in_(_elements(values))


def permits(principals: Principals | BindParameter[str]) -> ColumnElement[bool]:
    """Returns a condition on a row of ``acls``: it lets these principals read.

    Deny wins, and a caller without principals reads nothing.
    """
    return and_(_names_any(acls.c.allow, principals), ~_names_any(acls.c.deny, principals))


def readable(principals: Principals) -> ColumnElement[bool]:
    """Returns a condition on a row of ``documents``: these principals may read it."""
    return documents.c.acl_id.in_(select(acls.c.id).where(permits(principals)))


def asked(filters: Filters) -> ColumnElement[bool]:
    """Returns a condition on a row of ``documents``: it is among what the filters leave.

    ``modified_after`` and ``modified_before`` both include the moment they name; a document
    without a date is outside of every range.
    """
    exact = (
        (documents.c.department, filters.departments),
        (documents.c.language, filters.languages),
        (documents.c.media_type, filters.media_types),
        (documents.c.source_id, filters.source_ids),
        (documents.c.id, filters.document_ids),
    )
    conditions = [within(column, values) for column, values in exact if values]
    if filters.tags:
        conditions.append(_names_any(documents.c.tags, filters.tags))
    if filters.modified_after is not None:
        conditions.append(documents.c.modified_at >= filters.modified_after.timestamp())
    if filters.modified_before is not None:
        conditions.append(documents.c.modified_at <= filters.modified_before.timestamp())
    return and_(true(), *conditions)


def _names_any(column: ColumnElement[object], values: Listed) -> ColumnElement[bool]:
    each = func.json_each(column).table_valued("value")
    return exists(select(1).select_from(each).where(each.c.value.in_(_elements(values))))


def _elements(values: Listed) -> Select[tuple[str]]:
    listing = values if isinstance(values, BindParameter) else as_parameter(values)
    listed = func.json_each(listing).table_valued("value")
    return select(listed.c.value)
