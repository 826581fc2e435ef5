"""What a document that was removed takes up again when its source has it back."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, Select, delete, select, update

from retrieval.catalog.records import Failed
from retrieval.catalog.rows import access_of, read_edits
from retrieval.catalog.schema import sources, tombstones
from retrieval.catalog.selecting import within
from retrieval.model import Access, Edits, NewVersion

_DROPPED_AT_ONCE = 1000

Item = TypeVar("Item", NewVersion, Failed)

_pasts: Select[Any] = select(
    tombstones,
    sources.c.allow.label("source_allow"),
    sources.c.deny.label("source_deny"),
).join(sources, sources.c.id == tombstones.c.source_id, isouter=True)

_kept = _pasts.where(tombstones.c.signature.is_not(None), sources.c.id.is_not(None)).order_by(
    tombstones.c.removed_at
)


@dataclass(frozen=True, slots=True)
class Past:
    """What is known of a document that was removed, for the case that its source has it back.

    Attributes:
        signature: Of its last attempt.
        access: The rule it was under; where that was its source's own, what that says now.
        edits: What people had set.
    """

    signature: str
    access: Access
    edits: Edits = field(default_factory=Edits)


def read_past(connection: Connection, source_id: str) -> dict[str, Past]:
    """Returns what is kept of a source's removed documents by external id, the last of each."""
    rows = connection.execute(_kept.where(tombstones.c.source_id == source_id))
    return {row.external_id: _past_of(row) for row in rows}


def list_spent(
    connection: Connection, before: float, is_spent: Callable[[Past], bool]
) -> list[str]:
    """Returns documents that were removed before a moment and have nothing to take up again.

    Those are the ones that came by upload or whose source is gone, and those whose past is spent.

    Args:
        connection: In which to read.
        before: Seconds since the epoch.
        is_spent: Whether nothing is lost with a document's past.

    Returns:
        The oldest, at most a thousand.
    """
    old = _pasts.where(tombstones.c.removed_at < before).order_by(tombstones.c.removed_at)
    rows = connection.execute(old)
    spent = (
        row.document_id
        for row in rows
        if row.signature is None or row.source_allow is None or is_spent(_past_of(row))
    )
    return list(islice(spent, _DROPPED_AT_ONCE))


def drop_stones(connection: Connection, ids: Iterable[str], before: float) -> None:
    """Drops tombstones of documents that were removed before a moment and not again since."""
    old = within(tombstones.c.document_id, ids) & (tombstones.c.removed_at < before)
    connection.execute(delete(tombstones).where(old))


def _find_past(connection: Connection, source_id: str, external_id: str) -> Past | None:
    named = (tombstones.c.source_id == source_id) & (tombstones.c.external_id == external_id)
    rows = connection.execute(_kept.where(named)).all()
    return _past_of(rows[-1]) if rows else None


def take_up(connection: Connection, item: Item, before: Row[Any] | None) -> tuple[Item, Edits]:
    """Returns an item with what people set of its document, also of one that was removed.

    What was removed counts only where the access was decided with knowledge of it; a rule that
    was changed after that narrows the item's.

    Args:
        connection: Inside a write transaction.
        item: What is about to be written.
        before: The document as the catalog has it, ``None`` where it has none.
    """
    if before is not None:
        return item, read_edits(before.edits)
    if item.basis is None or item.basis.document is None:
        return item, Edits()
    past = _find_past(connection, item.source_id, item.external_id)
    if past is None:
        return item, Edits()
    if past.access != item.basis.document:
        item = replace(item, access=item.access.within(past.access))
    return item, past.edits


def forget_name(connection: Connection, source_id: str, external_id: str) -> None:
    """Drops the tombstones of a document that is there again."""
    own = (tombstones.c.source_id == source_id) & (tombstones.c.external_id == external_id)
    connection.execute(delete(tombstones).where(own))


def forget_past(connection: Connection, source_id: str) -> None:
    """Leaves of a source's removed documents only that they were there, and why they went."""
    nothing = dict.fromkeys(("signature", "allow", "deny", "edits"))
    own = tombstones.c.source_id == source_id
    connection.execute(update(tombstones).where(own).values(nothing))


def _past_of(row: Row[Any]) -> Past:
    if row.allow is None:
        access = Access(frozenset(row.source_allow), frozenset(row.source_deny))
    else:
        access = access_of(row)
    return Past(row.signature, access, read_edits(row.edits))
