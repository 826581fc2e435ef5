"""What a queued job is asked to do: written by the API and the command line, read by the worker."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from retrieval.model import Access

INGEST = "ingest"
"""Kind of the job that reads a source again; its payload is ``{"source_id": id}``."""

REINDEX = "reindex"
"""Kind of the job that builds the indexes anew; its payload is empty."""

UPLOAD = "upload"
"""Kind of the job that reads files received over HTTP; its payload is an `UploadOrder`."""

UPLOAD_PRIORITY = 1
"""Uploads go before bulk work."""

INGEST_PRIORITY = 10


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
