"""What our readers make of every file of a folder: text or a reason, CPU and memory, by kind."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from ingestion.errors import ReadingFailed
from ingestion.model import Limits
from ingestion.reading.pool import ReadingPool

ENGINES = 3
"""So many other engines must have found text for a file without any to count against us."""


@dataclass
class Row:
    """What one kind of file gave."""

    files: int = 0
    text: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    peak: int = 0


class Children:
    """CPU and memory of this process's children, also of those that ended meanwhile."""

    def __init__(self) -> None:
        """Has looked at nothing yet."""
        self._seconds: dict[int, float] = {}
        self.peak = 0

    def look(self) -> float:
        """Returns the CPU seconds of all children so far."""
        for child in psutil.Process().children(recursive=True):
            try:
                times = child.cpu_times()
                self._seconds[child.pid] = times.user + times.system + times.children_user
                status = Path(f"/proc/{child.pid}/status").read_text(encoding="ascii")
            except (psutil.NoSuchProcess, OSError):
                continue
            held = [line for line in status.splitlines() if line.startswith("VmHWM")]
            self.peak = max(self.peak, int(held[0].split()[1]) * 1024 if held else 0)
        return sum(self._seconds.values())


def read_all(folder: Path, manifest: list[dict], limits: Limits) -> tuple[dict[str, Row], list]:
    """Returns the table, and the files that others read and we did not."""
    rows: dict[str, Row] = defaultdict(Row)
    empty: list[str] = []
    by_kind: dict[str, list[dict]] = defaultdict(list)
    for entry in manifest:
        by_kind[entry["kind"]].append(entry)
    for kind, entries in sorted(by_kind.items()):
        children = Children()
        with ReadingPool(1, limits) as pool:
            for entry in entries:
                path = folder / entry["path"]
                rows[kind].files += 1
                try:
                    pool.read(path, path.name)
                    rows[kind].text += 1
                except ReadingFailed as failure:
                    rows[kind].reasons[failure.code] += 1
                    if entry["expect"] == "ok" and entry["engines_with_text"] >= ENGINES:
                        empty.append(f"{entry['path']}: {failure.code}")
                rows[kind].seconds = children.look()
        rows[kind].peak = children.peak
    return rows, empty
