"""The copies of a site that lie on this machine, each with what a server needs to say "unchanged".

Every address has a record (JSON) and, where it gave a body, a file; both are written under another
name and renamed, the file first. Whatever is interrupted, a record never names a file that is not
whole, and what no record names is swept away later.
"""

import hashlib
import json
import os
from collections.abc import Container, Iterator
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ingestion.model import SourceItem
from retrieval.identity import file_hash

_FORM = 1
"""Changes whenever a record means something else; one of another form is asked for afresh."""


@dataclass(frozen=True, slots=True)
class Copy:
    """What is kept of one address.

    Attributes:
        address: Tidy.
        file: Name of the body's file in the mirror.
        digest: SHA-256 of that file.
        size: Of that file, in bytes.
        modified_at: When it changed: as the server says, else when that was seen; ISO, in UTC.
        etag: The server's mark of this version, "" for none.
        last_modified: The server's time of this version, as it wrote it, "" for none.
        links: Where the page leads, as tidy addresses.
        canonical: What the page names as its own address, "" for none.
        is_noindex: Whether it asks not to be kept as a document.
        is_page: Whether it is to be a document at all, unlike robots.txt and sitemaps.
    """

    address: str
    file: str
    digest: str
    size: int
    modified_at: str
    etag: str = ""
    last_modified: str = ""
    links: tuple[str, ...] = ()
    canonical: str = ""
    is_noindex: bool = False
    is_page: bool = True

    @property
    def validators(self) -> dict[str, str]:
        """Returns the headers that ask for a body only if it changed."""
        headers = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in headers.items() if value}


class Mirror:
    """A folder with the copies of one site."""

    def __init__(self, folder: Path) -> None:
        """Takes the folder; what an interrupted run left half-written in it goes."""
        self._folder = folder / "pages"
        self._folder.mkdir(exist_ok=True)
        for left in self._folder.glob("*/*.part"):
            left.unlink(missing_ok=True)
        self.incoming = folder / "incoming.part"

    def find(self, address: str) -> Copy | None:
        """Returns the copy of an address, None where there is no whole one."""
        copy = _read(self._record(address))
        if copy is None or copy.address != address:
            return None
        try:
            is_whole = self.path(copy).stat().st_size == copy.size
        except OSError:
            return None
        return copy if is_whole else None

    def all(self) -> Iterator[Copy]:
        """Yields all copies, in no order."""
        for record in self._folder.glob("*/*.json"):
            copy = _read(record)
            if copy is not None:
                yield copy

    def path(self, copy: Copy) -> Path:
        """Returns where a copy's body is."""
        return self._folder / copy.file[:2] / copy.file

    def keep(self, copy: Copy, body: Path, extension: str) -> Copy:
        """Takes a body over and returns its copy, with file, size and digest set.

        Args:
            copy: What is known of the address; its modified_at stands where the bytes are new.
            body: A file inside the mirror; it is moved.
            extension: How the file's name ends, e.g. ".html".
        """
        digest = file_hash(body)
        key = _key(copy.address)
        name = f"{key}.{digest[:16]}{extension}"
        kept = replace(copy, file=name, digest=digest, size=body.stat().st_size)
        target = self.path(kept)
        target.parent.mkdir(exist_ok=True)
        before = _read(self._record(copy.address))
        if before is not None and before.digest == digest and not copy.last_modified:
            kept = replace(kept, modified_at=before.modified_at)
        body.replace(target)
        self.note(kept)
        if before is not None and before.file != name:
            self.path(before).unlink(missing_ok=True)
        return kept

    def note(self, copy: Copy) -> None:
        """Writes a copy's record anew."""
        record = self._record(copy.address)
        record.parent.mkdir(exist_ok=True)
        part = record.with_suffix(".part")
        text = json.dumps({"form": _FORM, **asdict(copy)}, ensure_ascii=False)
        part.write_text(text, encoding="utf-8")
        part.replace(record)

    def sweep(self, kept: Container[str]) -> None:
        """Removes every copy whose address is not among those given, and files without a record."""
        named: set[str] = set()
        for copy in list(self.all()):
            if copy.address in kept:
                named |= {copy.file, self._record(copy.address).name}
        for folder in self._folder.iterdir():
            for path in folder.iterdir():
                if path.name not in named:
                    path.unlink(missing_ok=True)

    def describe(self, copy: Copy, external_id: str) -> SourceItem:
        """Returns the item that a copy is."""
        return SourceItem(
            external_id=external_id,
            path=self.path(copy),
            size=copy.size,
            modified_at=datetime.fromisoformat(copy.modified_at).astimezone(UTC),
            signature=copy.digest,
        )

    def _record(self, address: str) -> Path:
        key = _key(address)
        return self._folder / key[:2] / f"{key}.json"


def _key(address: str) -> str:
    return hashlib.sha256(address.encode()).hexdigest()[:32]


def _read(record: Path) -> Copy | None:
    """Returns what a record says, None where it is missing, damaged or of another form."""
    try:
        facts: Any = json.loads(record.read_text(encoding="utf-8"))
        if not isinstance(facts, dict) or facts.pop("form", None) != _FORM:
            return None
        facts["links"] = tuple(facts["links"])
        known = {each.name for each in fields(Copy)}
        copy = Copy(**{name: value for name, value in facts.items() if name in known})
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return copy if os.sep not in copy.file and copy.file else None
