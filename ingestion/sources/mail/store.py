"""Keeps the mails of a source in its mirror, each by a key, with what names it."""

import hashlib
import os
from collections.abc import Container
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from ingestion.model import SourceItem
from ingestion.sources.keeping import FileShelf, read_notes, write_notes
from ingestion.sources.mail.naming import read_heading

_SAVED_EVERY = 2_000


@dataclass(frozen=True, slots=True)
class Kept:
    """A mail that is here.

    Attributes:
        name: Its path inside its folder.
        digest: Of its bytes.
        sent_at: In seconds since the epoch; when it was put here, where it says no date.
        is_dated: Whether it says a date.
    """

    name: str
    size: int
    digest: str
    sent_at: float
    is_dated: bool


def make_key(*facts: str) -> str:
    """Returns the key of a mail that these facts identify."""
    return hashlib.sha256("\0".join(facts).encode("utf-8", "surrogateescape")).hexdigest()[:40]


class MailStore:
    """The mails of one source. What is noted of them is only saved now and then.

    A mail that is here without a note, because a run was ended, is noted again from its bytes.
    """

    def __init__(self, mirror: Path) -> None:
        """Reads what was noted."""
        self._shelf = FileShelf(mirror / "mails")
        self._place = mirror / "mails.json"
        self._notes = _read(self._place)
        self._unsaved = 0

    def find(self, key: str) -> Kept | None:
        """Returns the mail of a key, ``None`` where it is not, or not wholly, here."""
        kept = self._notes.get(key)
        if kept is not None:
            return kept if self._shelf.has(key, kept.size) else None
        with suppress(OSError):
            if mail := self._shelf.path(key).read_bytes():
                return self._note(key, mail)
        return None

    def put(self, key: str, mail: bytes) -> Kept:
        """Keeps a mail."""
        self._shelf.put(key, [mail])
        return self._note(key, mail)

    def adopt(self, key: str, path: Path) -> Kept:
        """Keeps a file of another folder, by a link where that is possible.

        Raises:
            OSError: It cannot be read.
        """
        mail = path.read_bytes()
        target = self._shelf.path(key)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        try:
            os.link(path, target)
        except OSError:
            self._shelf.put(key, [mail])
        return self._note(key, mail)

    def describe(self, key: str, folder: str, kept: Kept) -> SourceItem:
        """Returns a mail as an item of its folder."""
        return SourceItem(
            external_id=f"{folder}/{kept.name}",
            path=self._shelf.path(key),
            size=kept.size,
            modified_at=datetime.fromtimestamp(kept.sent_at, UTC),
            signature=f"{kept.size}:{kept.digest}",
        )

    def save(self) -> None:
        """Saves what was noted since the last time."""
        if self._unsaved:
            write_notes(self._place, {key: asdict(kept) for key, kept in self._notes.items()})
            self._unsaved = 0

    def keep_only(self, keys: Container[str]) -> None:
        """Forgets all other mails."""
        gone = [key for key in self._notes if key not in keys]
        for key in gone:
            del self._notes[key]
        self._unsaved += len(gone)
        self.save()
        self._shelf.keep_only(keys)

    def _note(self, key: str, mail: bytes) -> Kept:
        digest = hashlib.sha256(mail).hexdigest()[:40]
        heading = read_heading(mail, digest)
        here_since = self._shelf.path(key).stat().st_mtime
        sent_at = here_since if heading.sent_at is None else heading.sent_at
        kept = Kept(heading.name, len(mail), digest, sent_at, heading.sent_at is not None)
        self._notes[key] = kept
        self._unsaved += 1
        if self._unsaved >= max(_SAVED_EVERY, len(self._notes) // 5):
            self.save()
        return kept


def _read(path: Path) -> dict[str, Kept]:
    notes = read_notes(path)
    try:
        return {str(key): Kept(**facts) for key, facts in notes.items()}
    except (AttributeError, TypeError):
        return {}
