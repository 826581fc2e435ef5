"""What a queued job is asked to do: written by the API and the command line, read by the worker."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from retrieval.catalog import Catalog, Job, JobState
from retrieval.model import EVERYONE, Access, Principals

INGEST = "ingest"
"""Kind of the job that reads a source again; its payload is ``{"source_id": id}``."""

REINDEX = "reindex"
"""Kind of the job that builds the indexes anew; its payload is empty."""

ADAPT = "adapt"
"""Kind of the job that tunes the static model on the documents; its payload is an `AdaptOrder`."""

UPLOAD = "upload"
"""Kind of the job that reads files received over HTTP; its payload is an `UploadOrder`."""

UPLOAD_PRIORITY = 1
"""Uploads go before bulk work."""

INGEST_PRIORITY = 10

STAFF: Principals = frozenset({EVERYONE, "group:staff"})
"""Whose documents a model learns from where the order names nobody."""

ADAPT_PRIORITY = 20
"""Documents go before what is learned from them."""

SCHEDULE_OWNER = "kura:schedule"
"""Who asks for the ingestions that the schedule brings; no user's name has a colon."""


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """One received file.

    Attributes:
        path: Where it waits, relative to the uploads folder; the worker deletes it after reading.
        external_id: What the document is called within its source.
        name: Its file name as the sender gave it, cleaned.
        size: Bytes.
    """

    path: str
    external_id: str
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class UploadOrder:
    """Files to take into one source, and what holds for all of them."""

    source_id: str
    files: tuple[UploadedFile, ...]
    access: Access
    owner: str
    department: str = ""
    tags: tuple[str, ...] = ()

    def to_payload(self) -> dict[str, Any]:
        """Returns the order as JSON-able values."""
        return {
            "source_id": self.source_id,
            "files": [asdict(file) for file in self.files],
            "allow": sorted(self.access.allow),
            "deny": sorted(self.access.deny),
            "owner": self.owner,
            "department": self.department,
            "tags": list(self.tags),
        }

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any]) -> "UploadOrder":
        """Returns the order a job's payload holds."""
        return cls(
            source_id=payload["source_id"],
            files=tuple(UploadedFile(**file) for file in payload["files"]),
            access=Access(frozenset(payload["allow"]), frozenset(payload["deny"])),
            owner=payload["owner"],
            department=payload["department"],
            tags=tuple(payload["tags"]),
        )

    def discard(self, uploads: Path) -> None:
        """Removes the files, which nobody needs any more, and the trays they came in."""
        for file in self.files:
            path = uploads / file.path
            path.unlink(missing_ok=True)
            if path.parent != uploads:
                with suppress(OSError):  # other files of the same tray are still there
                    path.parent.rmdir()


@dataclass(frozen=True, slots=True)
class AdaptOrder:
    """How to tune the model, or that the tuned one is to go.

    Attributes:
        readable_by: Only documents that these may read are learned from.
        sets: Files of golden questions to judge by, beside those that are always asked.
        drop: Go back to the model that the settings name; nothing else then counts.
    """

    readable_by: Principals
    sets: tuple[str, ...] = ()
    drop: bool = False

    def to_payload(self) -> dict[str, Any]:
        """Returns the order as JSON-able values."""
        return {
            "readable_by": sorted(self.readable_by),
            "sets": list(self.sets),
            "drop": self.drop,
        }

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any]) -> "AdaptOrder":
        """Returns the order a job's payload holds."""
        readable_by = frozenset(payload["readable_by"])
        return cls(readable_by, tuple(payload["sets"]), bool(payload["drop"]))


def order_ingestion(
    catalog: Catalog, source_id: str, *, owner: str, allow_removals: bool = False
) -> Job:
    """Puts the ingestion of a source into the queue.

    Returns:
        The job; one that is queued already for the same is returned instead of a second.
    """
    payload = {"source_id": source_id, "allow_removals": allow_removals}
    for job in catalog.jobs.unfinished(INGEST):
        if job.state is JobState.QUEUED and dict(job.payload) == payload:
            return job
    return catalog.jobs.enqueue(INGEST, payload, owner=owner, priority=INGEST_PRIORITY)
