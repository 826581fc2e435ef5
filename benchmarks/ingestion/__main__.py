"""What reading a folder of real files gives and costs, beside unstructured.

    python -m benchmarks.ingestion --corpus FOLDER [--sample N] [--seconds S]

FOLDER has a ``manifest.jsonl`` (path, kind, expect, engines_with_text). Every file goes through
the reading pool: the table says how many gave text or which reason, CPU and peak memory. Then a
seeded sample of each kind is read by both sides in processes of their own; the ratio counts only
files that both sides read. Fails where a file that others read comes back empty.
"""

import argparse
import json
import random
import select
import subprocess
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from benchmarks.machine import describe_machine
from ingestion.errors import ReadingFailed
from ingestion.model import Limits
from ingestion.reading.pool import ReadingPool
from ingestion.reading.recognition import find_tesseract

SEED = 20_240_601
MEGABYTE = 2**20
ENGINES = 3


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


class Side:
    """A process that reads files for the comparison; replaced when it is too slow or dies."""

    def __init__(self, name: str, seconds: float) -> None:
        """Starts it; a file that takes more than the seconds is given up."""
        self._name, self._limit = name, seconds
        self._start()

    def _start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.ingestion.side", self._name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def read(self, path: Path) -> dict:
        """Returns what reading the file gave, an error where it took too long."""
        self._process.stdin.write(f"{path}\n")
        self._process.stdin.flush()
        ready, _, _ = select.select([self._process.stdout], [], [], self._limit)
        line = self._process.stdout.readline() if ready else ""
        if line:
            return json.loads(line)
        self.close()
        self._start()
        return {"characters": 0, "seconds": self._limit, "peak": 0, "error": "too slow or dead"}

    def close(self) -> None:
        """Ends the process."""
        self._process.kill()
        self._process.communicate()


def compare(folder: Path, manifest: list[dict], sample: int, seconds: float) -> dict[str, dict]:
    """Returns per kind how many files both sides read, and the CPU seconds each took for them."""
    chosen: dict[str, list[str]] = defaultdict(list)
    for entry in manifest:
        chosen[entry["kind"]].append(entry["path"])
    sides = {name: Side(name, 60.0) for name in ("kura", "unstructured")}
    found: dict[str, dict] = {}
    deadline = time.monotonic() + seconds
    for kind, paths in sorted(chosen.items()):
        both = {"files": 0, "kura": 0.0, "unstructured": 0.0, "kura_chars": 0, "other_chars": 0}
        both["peak"] = 0
        for path in random.Random(SEED).sample(sorted(paths), min(sample, len(paths))):
            if time.monotonic() > deadline:
                break
            got = {name: side.read(folder / path) for name, side in sides.items()}
            both["peak"] = max(both["peak"], got["unstructured"]["peak"])
            if all(each["characters"] for each in got.values()):
                both["files"] += 1
                for name, each in got.items():
                    both[name] += each["seconds"]
                both["kura_chars"] += got["kura"]["characters"]
                both["other_chars"] += got["unstructured"]["characters"]
        found[kind] = both
    for side in sides.values():
        side.close()
    return found


def show(rows: dict[str, Row], found: dict[str, dict]) -> None:
    """Prints the table."""
    print(f"{'kind':7s}{'files':>6s}{'text':>6s}{'CPU s':>8s}{'MB':>6s}{'both':>6s}", end="")
    print(f"{'files/CPU s':>13s}{'unstructured':>14s}{'times':>8s}  reasons")
    for kind, row in sorted(rows.items()):
        print(f"{kind:7s}{row.files:6d}{row.text:6d}{row.seconds:8.2f}", end="")
        both = found.get(kind, {})
        count = both.get("files", 0)
        print(f"{row.peak // MEGABYTE:6d}{count:6d}", end="")
        if count:
            ours, theirs = count / max(both["kura"], 1e-4), count / both["unstructured"]
            print(f"{ours:13.1f}{theirs:14.1f}{ours / theirs:8.1f}", end="")
        else:
            print(f"{'':35s}", end="")
        print("  " + ", ".join(f"{name} {n}" for name, n in row.reasons.most_common()))


def main() -> None:
    """Prints the table and the JSON line; the exit status says whether a file came back empty."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--sample", type=int, default=12, help="files of each kind to compare")
    parser.add_argument("--seconds", type=float, default=400, help="most time for the comparison")
    parser.add_argument("--ocr", action="store_true", help="use tesseract where installed")
    options = parser.parse_args()
    lines = (options.corpus / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    manifest = [json.loads(line) for line in lines]
    limits = Limits(tesseract=find_tesseract() if options.ocr else "")
    started = time.monotonic()
    rows, empty = read_all(options.corpus, manifest, limits)
    reading = time.monotonic() - started
    found = compare(options.corpus, manifest, options.sample, options.seconds)
    show(rows, found)
    for line in empty:
        print(f"EMPTY although others read it: {line}")
    both = {key: sum(kind[key] for kind in found.values()) for key in ("files", "kura")}
    theirs = sum(kind["unstructured"] for kind in found.values())
    figures = {
        "files": sum(row.files for row in rows.values()),
        "with_text": sum(row.text for row in rows.values()),
        "with_reason": sum(sum(row.reasons.values()) for row in rows.values()),
        "empty_although_others_read": len(empty),
        "wall_s": round(reading, 1),
        "cpu_s": round(sum(row.seconds for row in rows.values()), 1),
        "peak_mb": max(row.peak for row in rows.values()) // MEGABYTE,
        "compared": both["files"],
        "times_unstructured": round(theirs / both["kura"], 1) if both["kura"] else None,
        "characters_times": round(
            sum(kind["kura_chars"] for kind in found.values())
            / max(1, sum(kind["other_chars"] for kind in found.values())),
            3,
        ),
        "ocr": bool(limits.tesseract),
    }
    print(json.dumps({"benchmark": "ingestion", **figures, **describe_machine()}))
    sys.exit(1 if empty else 0)


if __name__ == "__main__":
    main()
