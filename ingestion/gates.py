"""Decides what a run has to do, without opening a file: what changed, what went, what may go."""

import hashlib
import json
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache

from ingestion.model import SourceItem
from ingestion.sidecar import Ruling
from retrieval.catalog.records import DocumentState
from retrieval.catalog.returning import Past
from retrieval.model import EVERYONE, Access, Edits

_FREE_REMOVALS = 20
_FREE_SHARE = 0.10
_FEWEST_CHARACTERS = 400
_SHRUNK_SHARE = 0.20

SHRUNK = "shrunk"
"""What a version is signed with that was held for its shrinking."""


class Step(StrEnum):
    """What an item needs."""

    NOTHING = "nothing"
    RULE = "rule"  # other access, department, owner or tags; the file itself is as it was
    READ = "read"


@dataclass(frozen=True, slots=True)
class Signature:
    """What a document was last made from, kept in the catalog as one text.

    Attributes:
        recipe: How files are read, cleaned and cut; another recipe reads all files again.
        item: The source's own sign of change.
        ruling: Hashes of what the rules said of access, and of what else decides the tags.
        means: What reading it had at hand, where with other means it may give another result.
    """

    recipe: str
    item: str
    ruling: str
    means: str = ""

    @property
    def access(self) -> str:
        """What changes whenever the rules say something else of who may read."""
        return self.ruling.partition(".")[0]

    @property
    def facts(self) -> str:
        """What changes whenever the rules or tagging may say something else of the rest."""
        return self.ruling.partition(".")[2]

    def __str__(self) -> str:
        """Returns the text that the catalog keeps."""
        text = f"{self.recipe}/{self.item}/{self.ruling}"
        return f"{text}/{self.means}" if self.means else text

    @classmethod
    def parse(cls, text: str) -> "Signature":
        """Returns the signature a text stands for; an unknown text matches nothing."""
        parts = text.split("/")
        return cls(*parts) if len(parts) in {3, 4} else cls("", "", "")


@dataclass(frozen=True, slots=True)
class Task:
    """An item with what holds for it and what the catalog knows of it.

    Attributes:
        means: What a failure is signed with that other means, such as a password, may mend.
        parent_id: The document it lies in.
        contents: What the catalog knows of the documents that lie in it, by external id.
        past: What it kept of those that the source once had and did not list again, the same way.
    """

    item: SourceItem
    ruling: Ruling
    now: Signature
    state: DocumentState | None
    means: str = ""
    parent_id: str | None = None
    contents: Mapping[str, DocumentState] = field(default_factory=dict)
    past: Mapping[str, Past] = field(default_factory=dict)

    @property
    def known(self) -> DocumentState | Past | None:
        """What the catalog knows of the item's document, be it one that was removed."""
        return self.state or self.past.get(self.item.external_id)


@lru_cache(maxsize=4096)
def hash_ruling(ruling: Ruling, tagging: str = "") -> str:
    """Returns what changes whenever the rules, or how is tagged, say something else of an item."""
    facts = [ruling.department, ruling.owner, list(ruling.tags), tagging]
    return f"{_hash_access(ruling.access)}.{_hash(facts)}"


def hash_means(passwords: Sequence[str], abilities: str) -> str:
    """Returns what changes whenever a file that could not be read may be readable now."""
    return _hash([list(passwords), abilities])


def choose_step(
    state: DocumentState | None, now: Signature, means: Container[str] = frozenset()
) -> Step:
    """Returns what an item needs: the first gate, which looks at signatures only.

    Args:
        state: What the catalog knows of it.
        now: What it is made from now.
        means: With these nothing has changed for a document that is signed with one of them.
    """
    if state is None:
        return Step.READ
    before = Signature.parse(state.signature)
    if (before.recipe, before.item) != (now.recipe, now.item):
        return Step.READ
    if before.means and before.means not in means:
        return Step.READ
    return Step.NOTHING if before.ruling == now.ruling else Step.RULE


def is_of_another_recipe(state: DocumentState | None, now: Signature) -> bool:
    """Returns whether a document was read in another way than it would be now."""
    return state is None or Signature.parse(state.signature).recipe != now.recipe


def has_same_bytes(state: DocumentState | None, now: Signature, content_hash: str) -> bool:
    """Returns whether the stored version was made from these bytes: the second gate."""
    if state is None or not state.text_hash or state.content_hash != content_hash:
        return False
    before = Signature.parse(state.signature)
    to_be_tried_again = not before.item or bool(before.means)  # perhaps for what lies in it
    return before.recipe == now.recipe and not to_be_tried_again


def has_shrunk(before: int, after: int) -> bool:
    """Returns whether a version of so many characters lost so much that a person should look."""
    return before >= _FEWEST_CHARACTERS and after <= _SHRUNK_SHARE * before


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
    """Returns the documents that the listing does not have, by external id.

    What lies in another document is never missing by itself: it goes with what it lies in.
    """
    listed = {item.external_id for item in items}
    return {
        name: state
        for name, state in states.items()
        if name not in listed and state.parent_id is None
    }


def keep_edits(state: DocumentState | None, now: Signature, ruling: Ruling) -> Ruling:
    """Returns the ruling, with the access a person edited since the rules last changed it.

    As long as the rules say who may read what they said before, the catalog's access stands, for
    somebody may have narrowed it by hand. What else people set, the catalog keeps by itself.
    """
    if state is None or not _says_the_same(state.signature, now, ruling):
        return ruling
    return replace(ruling, access=state.access)


def keep_narrowing(past: Past | None, now: Signature, ruling: Ruling) -> Ruling:
    """Returns the ruling for a document that is back, as narrow as a person had made it.

    As for a living one, that holds as long as the rules say what they said; but what was opened by
    hand stays closed, for nobody has seen what came back.
    """
    if past is None or not _says_the_same(past.signature, now, ruling):
        return ruling
    ruled, stood = ruling.access, past.access
    # Who was named in place of somebody whom the rules name may well belong to those.
    is_wider = EVERYONE in stood.allow or ruled.allow <= stood.allow
    allow = ruled.allow if is_wider else stood.allow
    return replace(ruling, access=Access(allow, ruled.deny | stood.deny))


def is_as_ruled(past: Past) -> bool:
    """Returns whether a document that comes back without its past is the same as with it."""
    before = Signature.parse(past.signature).access
    return past.edits == Edits() and before == _hash_access(past.access)


def _says_the_same(signature: str, now: Signature, ruling: Ruling) -> bool:
    """Returns whether the rules say who may read what they said when this was signed."""
    before = Signature.parse(signature)
    # A catalog from before access had a hash of its own has one of the whole ruling.
    return before.access == now.access or (not before.facts and _names_all(before, ruling))


def _names_all(before: Signature, ruling: Ruling) -> bool:
    access = [sorted(ruling.access.allow), sorted(ruling.access.deny)]
    return before.ruling == _hash([*access, ruling.department, ruling.owner, list(ruling.tags)])


def _hash_access(access: Access) -> str:
    return _hash([sorted(access.allow), sorted(access.deny)])


def _hash(facts: object) -> str:
    return hashlib.sha256(json.dumps(facts, ensure_ascii=True).encode()).hexdigest()[:16]
