"""What people set of documents, kept apart from what was derived and laid over it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import Row

from retrieval.catalog.rows import metadata_columns, metadata_of, origins_of, read_edits
from retrieval.model import Edits, Metadata, TagOrigin

PERSON = "person"
"""The origin of what somebody set."""

Changes = Mapping[str, str | Sequence[str] | None]
"""What somebody asks for: ``title``, ``department``, ``owner`` and ``tags``, all of which may be
``None``, which gives the field back to what is derived."""

_FACTS = ("title", "department", "owner")
_COVERED = (*_FACTS, "tags", "tag_origins", "fact_origins")
_NOBODY = Edits()


def lay_over(derived: Metadata, edits: Edits) -> Metadata:
    """Returns the metadata with what a person set in place of what was derived.

    A derived tag also gives way to one of the same category (what stands before its colon) that
    a person added: of two dates on which a document takes effect, theirs is right.
    """
    if edits == _NOBODY:
        return derived
    facts = {name: getattr(edits, name) for name in _FACTS if getattr(edits, name) is not None}
    found = {origin.tag for origin in derived.tag_origins}
    settled = {_category(tag) for tag in edits.added} - {""}
    kept = [
        tag
        for tag in derived.tags
        if tag not in edits.removed and not (tag in found and _category(tag) in settled)
    ]
    tags = tuple(dict.fromkeys([*kept, *edits.added]))
    return replace(
        derived,
        **facts,
        tags=tags,
        tag_origins=_settle(derived.tag_origins, edits.added, keep=frozenset(tags)),
        fact_origins=_settle(derived.fact_origins, facts),
    )


def fact_columns(derived: Metadata, edits: Edits) -> dict[str, Any]:
    """Returns the columns of ``documents`` that keep the metadata, the derived under the edits."""
    columns = metadata_columns(derived)
    if edits == _NOBODY:
        return {**columns, "derived": None}
    covered = {name: columns[name] for name in _COVERED}
    return {**metadata_columns(lay_over(derived, edits)), "derived": covered}


def edit_columns(edits: Edits) -> dict[str, Any]:
    """Returns the column of ``documents`` that keeps the edits."""
    kept = {name: value for name, value in asdict(edits).items() if value not in (None, ())}
    return {"edits": kept or None}


def derived_of(row: Row[Any]) -> Metadata:
    """Returns what was derived of the document in a row, without what a person set."""
    return uncover(metadata_of(row), row.derived)


def uncover(shown: Metadata, covered: Mapping[str, Any] | None) -> Metadata:
    """Returns the metadata as derived; ``covered`` is what :func:`fact_columns` kept."""
    if not covered:
        return shown
    facts: dict[str, Any] = {name: covered[name] for name in _FACTS}
    facts |= {name: origins_of(covered[name]) for name in ("tag_origins", "fact_origins")}
    return replace(shown, **facts, tags=tuple(covered["tags"]))


def apply_changes(row: Row[Any], changes: Changes) -> Edits:
    """Returns the edits of a document once somebody changed it.

    ``tags`` are all that it is to have. Those of a category to which one was added are taken for
    decided, all of them.
    """
    edits, derived = read_edits(row.edits), derived_of(row)
    facts: dict[str, Any] = {name: changes[name] for name in _FACTS if name in changes}
    if "tags" not in changes:
        return replace(edits, **facts)
    wanted = changes["tags"]
    if wanted is None:
        return replace(edits, **facts, added=(), removed=())
    fresh = {_category(tag) for tag in wanted if tag not in derived.tags} - {""}
    found = {origin.tag for origin in derived.tag_origins}
    added = tuple(
        dict.fromkeys(
            tag
            for tag in wanted
            if tag not in derived.tags
            or tag in edits.added
            or (tag in found and _category(tag) in fresh)
        )
    )
    gone = dict.fromkeys([*edits.removed, *derived.tags])
    removed = tuple(tag for tag in gone if tag not in wanted)
    return replace(edits, **facts, added=added, removed=removed)


def _settle(
    origins: Sequence[TagOrigin], names: Iterable[str], keep: frozenset[str] | None = None
) -> tuple[TagOrigin, ...]:
    """Returns the origins with a person's for these names, without those of what is not kept."""
    mine = dict.fromkeys(names)
    others = [each for each in origins if each.tag not in mine]
    if keep is not None:
        others = [each for each in others if each.tag in keep]
    return (*others, *(TagOrigin(name, PERSON, 1.0) for name in mine))


def _category(tag: str) -> str:
    category, colon, _ = tag.partition(":")
    return category if colon else ""
