"""Recognises documents that their source has in another place now."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ingestion.gates import Signature
from ingestion.model import SourceItem
from retrieval.catalog.records import DocumentState
from retrieval.model import DocumentStatus


@dataclass(frozen=True, slots=True)
class Move:
    """A document whose bytes are gone from one place and new at another."""

    item: SourceItem
    before: str
    state: DocumentState


def find_moves(
    fresh: Iterable[SourceItem],
    missing: Mapping[str, DocumentState],
    hash_item: Callable[[SourceItem], str],
) -> list[Move]:
    """Returns which new items are missing documents.

    An item with the same sign of change (size, time, inode) is the same file; else the bytes of
    items of the same size are compared by hash.

    Args:
        fresh: Items that the catalog does not know.
        missing: Documents that the listing does not have, by external id.
        hash_item: Returns the hash of an item's bytes, "" when it cannot be read.
    """
    waiting = {
        name: state
        for name, state in missing.items()
        if state.text_hash and state.status is DocumentStatus.CURRENT
    }
    if not waiting:
        return []
    moves: list[Move] = []
    rest: list[SourceItem] = []
    by_sign = {Signature.parse(state.signature).item: name for name, state in waiting.items()}
    for item in fresh:
        name = by_sign.pop(item.signature, None) if item.signature else None
        if name is None:
            rest.append(item)
        else:
            moves.append(Move(item, name, waiting.pop(name)))
    return moves + list(_match_bytes(rest, waiting, hash_item))


def _match_bytes(
    items: Iterable[SourceItem],
    waiting: Mapping[str, DocumentState],
    hash_item: Callable[[SourceItem], str],
) -> Iterable[Move]:
    sizes = {_size_of(state) for state in waiting.values()}
    by_hash: dict[str, list[str]] = defaultdict(list)
    for name, state in sorted(waiting.items(), reverse=True):
        by_hash[state.content_hash].append(name)
    for item in items:
        if str(item.size) not in sizes:
            continue
        names = by_hash.get(hash_item(item))
        if names:
            name = names.pop()
            yield Move(item, name, waiting[name])


def _size_of(state: DocumentState) -> str:
    """Returns the size that a folder's sign of change begins with."""
    return Signature.parse(state.signature).item.partition(":")[0]
