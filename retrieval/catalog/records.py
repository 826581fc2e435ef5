"""What goes into the catalog's tables and comes out of them, beside documents and chunks.

All times are aware datetimes in UTC, except :attr:`IndexRow.modified_at`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from retrieval.model import (
    EVERYONE,
    Access,
    Basis,
    Block,
    DocumentStatus,
    Edits,
    Metadata,
    Principals,
)


@dataclass(frozen=True, slots=True)
class NewSource:
    """A place documents come from, as an administrator describes it.

    Attributes:
        kind: "folder", "upload", or one of the kinds of ``ingestion.sources.kinds``.
        location: The folder, the start address, the repository's or the mailbox's address.
        access: Who may read its documents where nothing nearer to them says otherwise; the same
            goes for ``department``, ``owner`` and ``tags``.
        settings: What only its kind knows; JSON-able, and never a secret.
        schedule: "" for the default one, "off" for never by itself, else a cron line.
    """

    name: str
    kind: str
    location: str
    department: str = ""
    access: Access = field(default_factory=Access)
    settings: Mapping[str, Any] = field(default_factory=dict)
    owner: str = ""
    tags: tuple[str, ...] = ()
    schedule: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """A place documents come from, as stored."""

    id: str
    name: str
    kind: str
    location: str
    department: str
    access: Access
    settings: Mapping[str, Any]
    created_at: datetime
    owner: str = ""
    tags: tuple[str, ...] = ()
    schedule: str = ""


@dataclass(frozen=True, slots=True)
class Published:
    """What publishing one version did.

    Attributes:
        added: Chunks that are new or whose indexed text changed.
        removed: Chunks of the version before that are gone.
        kept: Chunks that need no new vector.
        seq: The log's head once it was done; an index that has applied it shows the version.
    """

    document_id: str
    version: int
    added: int
    removed: int
    kept: int
    seq: int


@dataclass(frozen=True, slots=True)
class Failed:
    """A document that could not be read.

    Attributes:
        reason: Code of the error.
        details: The values that the error's message names; JSON-able.
        basis: What its access was decided from; ``None`` where it holds whatever changed since.
    """

    source_id: str
    external_id: str
    reason: str
    details: Mapping[str, Any]
    signature: str
    content_hash: str
    size: int
    access: Access
    media_type: str = ""
    parent_id: str | None = None
    basis: Basis | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """A document that its source now has in another place, with what holds for it there."""

    document_id: str
    external_id: str
    signature: str
    access: Access
    metadata: Metadata | None = None
    basis: Basis | None = None


@dataclass(frozen=True, slots=True)
class SourceText:
    """What a document is tagged from: its text, its blocks, and what the file says of itself."""

    text: str
    blocks: tuple[Block, ...]
    declared: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DocumentState:
    """What the change gates and the access gate of an ingest compare.

    Attributes:
        metadata: As derived, without what people set; keywords and origins of facts are left out.
        edits: What people set.
        signature: Of the last attempt, even one that failed.
        content_hash: Of the bytes of the last good version; of the attempt when there is none.
        text_hash: Of the last good version, "" when there is none.
        reason: Code of the last failure, "" when current.
        parent_id: The document it lies in.
    """

    id: str
    signature: str
    content_hash: str
    text_hash: str
    status: DocumentStatus
    access: Access
    metadata: Metadata
    reason: str = ""
    parent_id: str | None = None
    edits: Edits = field(default_factory=Edits)


@dataclass(frozen=True, slots=True)
class IndexRow:
    """All that a derived index needs to know of one chunk.

    Attributes:
        modified_at: Seconds since the epoch, UTC; ``None`` when unknown.
        indexed_hash: SHA-256 of context and text: the same hash has the same vector.
    """

    chunk_id: str
    document_id: str
    acl_id: int
    source_id: str
    department: str
    language: str
    media_type: str
    tags: tuple[str, ...]
    modified_at: float | None
    title: str
    heading: tuple[str, ...]
    context: str
    text: str
    indexed_hash: str


class Operation(StrEnum):
    """What happened to a chunk."""

    ADD = "add"  # new, or its indexed text changed: needs a vector
    REMOVE = "remove"
    ACCESS = "access"  # its rule or another fact of its document changed; its vector did not


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the log that derived indexes follow."""

    seq: int
    chunk_id: str
    operation: Operation


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


FINISHED = (JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED)


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of long work.

    Attributes:
        kind: "ingest", "upload", "delete" or "reindex".
        priority: Smaller goes first.
        owner: The user who asked for it.
        cancel_requested: Somebody wants it to stop at its next pause.
    """

    id: str
    kind: str
    state: JobState
    priority: int
    payload: Mapping[str, Any]
    progress: Mapping[str, Any]
    report: Mapping[str, Any]
    owner: str
    cancel_requested: bool
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    heartbeat_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewKey:
    """A secret to be made for somebody.

    Attributes:
        kind: "key", "signin", "session" or "embed".
        lifetime_s: Seconds until it expires; ``None`` for never.
    """

    kind: str
    user: str
    groups: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    label: str = ""
    lifetime_s: float | None = None


@dataclass(frozen=True, slots=True)
class Key:
    """What is known about a secret; the secret itself is not kept."""

    id: str
    kind: str
    user: str
    groups: tuple[str, ...]
    scopes: tuple[str, ...]
    label: str
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None
    revoked_at: datetime | None

    @property
    def principals(self) -> Principals:
        """Who its bearer is, in the words access rules use."""
        return frozenset(
            {EVERYONE, f"user:{self.user}", *(f"group:{group}" for group in self.groups)}
        )


@dataclass(frozen=True, slots=True)
class GenerationRow:
    """A published vector index. Only the first four values are given, the rest are stored.

    Attributes:
        id: Also the name of its folder.
        fingerprint: Of the embedder that made its vectors.
        seq: The log's line up to which it is complete.
        size: Number of rows.
    """

    id: str
    fingerprint: str
    seq: int
    size: int
    state: str = "published"
    live: bool = False
    published_at: datetime | None = None
