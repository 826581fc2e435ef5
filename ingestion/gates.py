"""Decides what a run has to do, without opening a file: what changed, what went, what may go."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from ingestion.model import DERIVED_TAGS, SourceItem
from ingestion.sidecar import Ruling
from retrieval.catalog.records import DocumentState
from retrieval.model import DocumentStatus

_FREE_REMOVALS = 20
_FREE_SHARE = 0.10


class Step(StrEnum):
    """What an item needs."""

    NOTHING = "nothing"
    RULE = "rule"  # other access, department, owner or tags; the file itself is as it was
    READ = "read"


@dataclass(frozen=True, slots=True)
class Signature:
    """What a document was last made from, kept in the catalog as one text.

    Attributes:
        recipe: How files are cut and cleaned; another recipe reads all files again.
        item: The source's own sign of change.
        ruling: Hash of what the rules said.
    """

    recipe: str
    item: str
    ruling: str

    def __str__(self) -> str:
        """Returns the text that the catalog keeps."""
        return f"{self.recipe}/{self.item}/{self.ruling}"

    @classmethod
    def parse(cls, text: str) -> "Signature":
        """Returns the signature a text stands for; an unknown text matches nothing."""
        parts = text.split("/")
        return cls(*parts) if len(parts) == 3 else cls("", "", "")


@dataclass(frozen=True, slots=True)
class Task:
    """An item with what holds for it and what the catalog knows of it."""

    item: SourceItem
    ruling: Ruling
    now: Signature
    state: DocumentState | None


def hash_ruling(ruling: Ruling) -> str:
    """Returns what changes whenever the rules say something else about an item."""
    facts = [
        sorted(ruling.access.allow),
        sorted(ruling.access.deny),
        ruling.department,
        ruling.owner,
        list(ruling.tags),
    ]
    return hashlib.sha256(json.dumps(facts, ensure_ascii=True).encode()).hexdigest()[:16]


def choose_step(state: DocumentState | None, now: Signature) -> Step:
    """Returns what an item needs: the first gate, which looks at signatures only."""
    if state is None:
        return Step.READ
    before = Signature.parse(state.signature)
    if (before.recipe, before.item) != (now.recipe, now.item):
        return Step.READ
    if before.ruling == now.ruling:
        return Step.NOTHING
    return Step.RULE if state.status is DocumentStatus.CURRENT else Step.READ


def has_same_bytes(state: DocumentState | None, now: Signature, content_hash: str) -> bool:
    """Returns whether the stored version was made from these bytes: the second gate."""
    if state is None or not state.text_hash or state.content_hash != content_hash:
        return False
    return Signature.parse(state.signature).recipe == now.recipe


def hold_back(known: int, missing: int, listed: int) -> bool:
    """Returns whether so many items are missing that a person should look first.

    Args:
        known: Documents that the catalog has of the source.
        missing: How many of them the listing does not have.
        listed: How many items the listing has.
    """
    if not missing:
        return False
    return listed == 0 or missing > max(_FREE_REMOVALS, _FREE_SHARE * known)


def list_missing(
    states: Mapping[str, DocumentState], items: Sequence[SourceItem]
) -> dict[str, DocumentState]:
    """Returns the documents that the listing does not have, by external id."""
    listed = {item.external_id for item in items}
    return {name: state for name, state in states.items() if name not in listed}


def keep_edits(state: DocumentState | None, now: Signature, ruling: Ruling) -> Ruling:
    """Returns the ruling, with what a person edited in the catalog since the rules last changed.

    As long as the rules say about an item what they said before, the catalog's access and facts
    stand, for somebody may have narrowed them by hand.
    """
    if state is None or Signature.parse(state.signature).ruling != now.ruling:
        return ruling
    if state.status is DocumentStatus.FAILED:
        return replace(ruling, access=state.access)  # it has no other facts yet
    return Ruling(
        access=state.access,
        department=state.metadata.department,
        owner=state.metadata.owner,
        tags=tuple(tag for tag in state.metadata.tags if not tag.startswith(DERIVED_TAGS)),
    )
