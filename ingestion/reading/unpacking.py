"""Takes documents out of the files they lie in: bounded, and under names that lead nowhere."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from ingestion.model import Limits, Member
from ingestion.naming import member_path

_PIECE = 1 << 20
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
"""Numbers of the errors that say that nothing more can be written."""


class NoSpace(Exception):
    """The disk is full: no fault of the file, and the end of the run."""


class Tray:
    """Where a file's members are put, under numbers of their own."""

    def __init__(self, into: Path, limits: Limits) -> None:
        """Takes an existing empty folder and how much may be put into it."""
        self._into = into
        self._limits = limits
        self._left = limits.unpacked
        self._names: set[str] = set()
        self.members: list[Member] = []

    @property
    def is_full(self) -> bool:
        """Whether no further member is taken."""
        return self._left <= 0 or len(self.members) >= self._limits.members

    def put(self, name: str, data: IO[bytes]) -> None:
        """Takes a member's bytes, as far as the limits allow.

        Raises:
            NoSpace: The disk is full.
        """
        if self.is_full:
            return
        path = self._into / f"{len(self.members):05}"
        limit = min(self._limits.file_size, self._left)
        size = _copy(data, path, limit)
        if size > limit:
            path.unlink()
            self.refuse(name, "too-large")
        else:
            self.members.append(Member(self._free(name), path))
        self._left -= size

    def refuse(self, name: str, code: str) -> None:
        """Notes a member that cannot be taken, and why."""
        if not self.is_full:
            self.members.append(Member(self._free(name), None, code))

    def _free(self, name: str) -> str:
        """Returns the name made safe, with a number where another member has it already."""
        wanted = member_path(name) or f"{len(self.members) + 1:04}"
        stem, dot, extension = wanted.rpartition(".")
        free, number = wanted, 1
        while free in self._names:
            number += 1
            free = f"{stem} ({number}){dot}{extension}" if stem else f"{wanted} ({number})"
        self._names.add(free)
        return free


def _copy(data: IO[bytes], path: Path, limit: int) -> int:
    """Returns how many bytes were written: all, or a little more than the limit."""
    size = 0
    try:
        with path.open("wb") as file:
            while size <= limit and (piece := data.read(_PIECE)):
                file.write(piece)
                size += len(piece)
    except OSError as error:
        if error.errno in FULL:
            raise NoSpace(error.strerror) from error
        raise
    return size


@contextmanager
def refusing(tray: Tray, name: str, faults: tuple[type[Exception], ...]) -> Iterator[None]:
    """Notes a member as damaged when taking it out raises one of the faults."""
    try:
        yield
    except faults:
        tray.refuse(name, "damaged")
