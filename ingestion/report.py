"""What a run did and how far it is, as values that become JSON."""

from dataclasses import asdict, dataclass, field
from typing import Any

from retrieval.errors import KuraError

LISTING_INCOMPLETE = "listing-incomplete"
"""Notice of a run whose source could only be listed in part, so that nothing was removed."""

_MOST_NAMES = 1_000


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is.

    Attributes:
        stage: "listing", "reading", "removing" or "done".
        done: Items finished, of those that need work.
        total: Items that need work.
        failed: Items that could not be read so far.
        current: The item finished last.
    """

    stage: str
    done: int = 0
    total: int = 0
    failed: int = 0
    current: str = ""

    def as_json(self) -> dict[str, Any]:
        """Returns the values by name."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Failure:
    """A document that could not be read, and why, in both languages."""

    external_id: str
    code: str
    ja: str
    en: str

    @classmethod
    def of(cls, external_id: str, error: KuraError) -> "Failure":
        """Returns the failure an error means for an item."""
        return cls(external_id, error.code, error.message("ja"), error.message("en"))


@dataclass(slots=True)
class Report:
    """What a run did.

    Attributes:
        unchanged: Documents that needed nothing.
        still_failed: Of those, documents whose last reading failed and whose file is the same.
        moved: Documents found again in another place, as "old -> new"; nothing was read.
        duplicates: Names of documents that hold the same bytes, by group.
        retagged: Documents of which only access or facts changed.
        held: Documents missing from the source that were kept, because so many at once need
            confirmation.
        skipped: What the source has but was not listed on purpose, e.g. links that lead out of
            the folder, each with the code of why.
        warnings: Warning codes by document.
        embedded: Chunks that the model had to embed; the others were known.
        notices: Codes of what concerned the whole run, e.g. ``embedder-unavailable``.
    """

    source: str
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)
    retagged: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    warnings: dict[str, list[str]] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)
    duplicates: list[list[str]] = field(default_factory=list)
    unchanged: int = 0
    still_failed: int = 0
    hidden_characters: int = 0
    chunks: int = 0
    embedded: int = 0
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """Returns the values by name; long lists are cut, and ``counts`` has their true lengths."""
        values = asdict(self)
        counts = {name: len(value) for name, value in values.items() if isinstance(value, list)}
        cut = {
            name: value[:_MOST_NAMES] if isinstance(value, list) else value
            for name, value in values.items()
        }
        counts["skipped"] = len(self.skipped)
        for name in ("warnings", "skipped"):
            cut[name] = dict(list(values[name].items())[:_MOST_NAMES])
        return {**cut, "counts": counts, "seconds": round(self.seconds, 3)}
