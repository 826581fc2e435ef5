"""The files as they came, kept by the hash of their bytes."""

import hashlib
import os
import shutil
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory
from typing import IO

_PIECE = 1 << 20
_GRACE_S = 3600.0
_TRAYS = "unpacking"


class OriginalStore:
    """Files below one folder, in fan-out folders named by the first two digits of their hash.

    Any number of threads and processes may put the same content at once.
    """

    def __init__(self, root: Path) -> None:
        """Takes the folder, which is made when the first file comes."""
        self._root = root

    def put(self, path: Path) -> str:
        """Keeps a copy of a file and returns its content hash (SHA-256, hexadecimal).

        Raises:
            OSError: The file cannot be read, or the store cannot be written.
        """
        digest = hashlib.sha256()
        incoming = self._root / "incoming"
        incoming.mkdir(parents=True, exist_ok=True)
        with path.open("rb") as source, NamedTemporaryFile(dir=incoming, delete=False) as copy:
            try:
                while piece := source.read(_PIECE):
                    digest.update(piece)
                    copy.write(piece)
                name = digest.hexdigest()
                if self._touch(name):
                    Path(copy.name).unlink()
                else:
                    self._settle(copy, name)
            except OSError:
                Path(copy.name).unlink(missing_ok=True)
                raise
        return name

    def path(self, content_hash: str) -> Path:
        """Returns where the content with this hash lies, or would lie.

        Raises:
            ValueError: It is not a hash.
        """
        if len(content_hash) != 64 or not set(content_hash) <= set("0123456789abcdef"):
            raise ValueError(f"not a SHA-256: {content_hash!r}")
        return self._root / content_hash[:2] / content_hash[2:]

    @contextmanager
    def open_tray(self) -> Iterator[Path]:
        """Yields an empty folder for files on their way into the store; it goes at the end.

        What a killed process leaves of one goes with the next ``remove_unreferenced``.

        Raises:
            OSError: The store cannot be written.
        """
        trays = self._root / _TRAYS
        trays.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=trays) as tray:
            yield Path(tray)

    def remove_unreferenced(self, hashes: Collection[str]) -> int:
        """Removes what is not among the hashes in use; returns how many files went.

        What came within the last hour stays: its document may not be in the catalog yet. Trays
        go at once, so that nothing may be on its way into the store meanwhile.
        """
        shutil.rmtree(self._root / _TRAYS, ignore_errors=True)
        used, newest = frozenset(hashes), time.time() - _GRACE_S
        removed = 0
        for path in list(self._root.glob("*/*")):
            known = path.parent.name + path.name in used
            if not known and path.stat().st_mtime < newest:
                path.unlink(missing_ok=True)
                removed += 1
        return removed

    def _touch(self, name: str) -> bool:
        """Returns whether the content is there, and starts its hour of grace again."""
        try:
            os.utime(self.path(name))
        except FileNotFoundError:
            return False
        return True

    def _settle(self, copy: IO[bytes], name: str) -> None:
        """Makes a whole file appear under its name, durably."""
        copy.flush()
        os.fsync(copy.fileno())
        target = self.path(name)
        target.parent.mkdir(exist_ok=True)
        Path(copy.name).replace(target)
        descriptor = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
