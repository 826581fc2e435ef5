"""Chooses how a source is listed, by its kind."""

import shutil
from collections.abc import Callable
from pathlib import Path
from time import sleep

from filelock import FileLock, Timeout

from ingestion.errors import SourceUnavailable
from ingestion.model import Listing
from ingestion.model import Tell as Tell
from ingestion.sidecar import Sidecar, read_sidecar
from ingestion.sources.folder import list_folder
from ingestion.sources.kinds import FOLDER, MIRRORED, find_kind
from retrieval.catalog import Source

Lister = Callable[[Source, Tell], tuple[Listing, Sidecar]]
"""Lists all items of a source, with the access rules that lie beside them.

A listing that is not complete says so; nothing is ever removed on its account. One that cannot be
made at all raises SourceUnavailable, rules that cannot be understood SidecarInvalid.
"""

_WAIT_S = 0.5


class SourceLister:
    """Lists sources of every kind; what is not on this machine is mirrored below one folder."""

    def __init__(self, mirrors: Path) -> None:
        """Takes the folder in which every mirrored source has one of its own."""
        self._mirrors = mirrors

    def __call__(self, source: Source, tell: Tell) -> tuple[Listing, Sidecar]:
        """Returns what a source has and the rules beside it, which only folders have.

        Two processes never list into the same mirror: the second waits, telling 0.

        Raises:
            SourceUnavailable: It cannot be listed, or is of a kind that cannot be.
            SourceInvalid: Its settings cannot be used.
            SidecarInvalid: Its rules cannot be understood.
        """
        if source.kind not in MIRRORED:
            return list_local(source, tell)
        try:
            return self._list_mirrored(source, tell)
        except OSError as error:
            if error.errno is None:  # no system's: who is told may stop a listing by any error
                raise
            reason = f"{error.filename or self._mirrors}: {error.strerror or error}"
            raise SourceUnavailable(path=source.location, reason=reason) from error

    def _list_mirrored(self, source: Source, tell: Tell) -> tuple[Listing, Sidecar]:
        self._mirrors.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = FileLock(self._mirrors / f"{source.id}.lock")
        _acquire(lock, tell)
        try:
            mirror = self._prepare(source)
            return find_kind(source.kind).list_items(source, mirror, tell), Sidecar()
        finally:
            lock.release()

    def _prepare(self, source: Source) -> Path:
        """Returns the source's mirror, emptied when it mirrors another place."""
        mirror, note = self._mirrors / source.id, self._mirrors / f"{source.id}.place"
        place = f"{source.kind}\n{source.location}\n"
        if not note.is_file() or note.read_text(encoding="utf-8") != place:
            note.unlink(missing_ok=True)
            shutil.rmtree(mirror, ignore_errors=True)
            note.write_text(place, encoding="utf-8")
        mirror.mkdir(mode=0o700, exist_ok=True)
        return mirror


def list_local(source: Source, tell: Tell) -> tuple[Listing, Sidecar]:
    """Returns what a folder has and the rules beside it.

    Raises:
        SourceUnavailable: It cannot be listed, or is no folder of this machine.
        SidecarInvalid: Its rules cannot be understood.
    """
    if source.kind != FOLDER:
        reason = (
            f"種類 {source.kind} の取り込み元は一覧できません",
            f"sources of kind {source.kind!r} are not listed",
        )
        raise SourceUnavailable(path=source.location or source.name, reason=reason)
    root = Path(source.location)
    return list_folder(root, tell), read_sidecar(root)


def _acquire(lock: FileLock, tell: Tell) -> None:
    while True:
        try:
            lock.acquire(timeout=0)
        except Timeout:
            tell(0)
            sleep(_WAIT_S)
        else:
            return
