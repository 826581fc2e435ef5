"""Who the one worker of a state folder is: a file lock decides, freed when its holder ends."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from retrieval.errors import KuraError


class WorkerBusy(KuraError):
    """Another worker holds the lock of this state folder."""

    code = "worker-busy"
    ja = "{home} では別のワーカー（プロセス {pid}）が動いています。先に止めてください。"
    en = "Another worker (process {pid}) is at work in {home}. Stop it first."


PATIENCE_S = 0.5
"""How long the role is tried for: a look at the lock (`is_alive`) holds it for an instant."""


@contextmanager
def hold_role(home: Path) -> Iterator[None]:
    """Holds the worker's lock of a state folder; the process id is left beside it.

    Raises:
        WorkerBusy: Another process holds it.
    """
    lock = FileLock(home / "worker.lock", timeout=PATIENCE_S)
    note = home / "worker.pid"
    try:
        lock.acquire()
    except Timeout:
        raise WorkerBusy(home=home, pid=find_worker(home) or "?") from None
    try:
        with suppress(OSError):  # on a full disk, work goes on without the note
            note.write_text(str(os.getpid()), encoding="ascii")
        yield
    finally:
        note.unlink(missing_ok=True)
        lock.release()


def is_alive(home: Path) -> bool:
    """Returns whether a worker holds the lock of this state folder."""
    if not (home / "worker.lock").exists():
        return False
    lock = FileLock(home / "worker.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        return True
    lock.release()
    return False


def find_worker(home: Path) -> int | None:
    """Returns the process id the worker of this folder wrote down, if any."""
    try:
        return int((home / "worker.pid").read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
