"""The same files read by our readers and by unstructured, one process each, both warm.

Only what both sides read counts. A side reads the first file of each media type once before it is
measured, so neither pays for imports; CPU seconds include those of programs it starts. Files go
to both sides in the same order, one at a time.
"""

import json
import os
import random
import select
import subprocess
import sys
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

SEED = 20_240_601
SIDES = ("kura", "unstructured")
_MOST_SECONDS = 60.0  # for one file


@dataclass
class Both:
    """What the files of one kind that both sides read took and gave."""

    files: int = 0
    kura: float = 0.0
    unstructured: float = 0.0
    kura_chars: int = 0
    other_chars: int = 0
    refused: int = 0

    @property
    def times(self) -> float:
        """How many times the files per CPU-second."""
        return self.unstructured / max(self.kura, 1e-6)


class Side:
    """A process that reads files for the comparison; replaced when it is too slow or dies."""

    def __init__(self, name: str, packages: Path | None) -> None:
        """Starts it; the packages are a folder of more libraries for unstructured alone."""
        self._name = name
        self._environment = dict(os.environ)
        if packages is not None and name == "unstructured":
            self._environment["KURA_BENCHMARK_PACKAGES"] = str(packages)
        self._start()

    def _start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.ingestion.side", self._name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=self._environment,
        )

    def read(self, path: Path) -> dict:
        """Returns what reading the file gave, an error where it took too long."""
        self._process.stdin.write(f"{path}\n")
        self._process.stdin.flush()
        ready, _, _ = select.select([self._process.stdout], [], [], _MOST_SECONDS)
        line = self._process.stdout.readline() if ready else ""
        if line:
            return json.loads(line)
        self.close()
        self._start()
        return {"characters": 0, "seconds": _MOST_SECONDS, "peak": 0, "error": "too slow or dead"}

    def close(self) -> None:
        """Ends the process."""
        self._process.kill()
        self._process.communicate()


def compare(
    folder: Path, manifest: list[dict], sample: int, seconds: float, packages: Path | None
) -> dict[str, Both]:
    """Returns by kind what both sides read of a seeded sample, within the seconds."""
    chosen: dict[str, list[str]] = defaultdict(list)
    for entry in manifest:
        chosen[entry["kind"]].append(entry["path"])
    paths = [
        (kind, path)
        for kind, names in sorted(chosen.items())
        for path in random.Random(SEED).sample(sorted(names), min(sample, len(names)))
    ]
    sides = {name: Side(name, packages) for name in SIDES}
    found: dict[str, Both] = defaultdict(Both)
    deadline = time.monotonic() + seconds
    for kind, path in paths:
        if time.monotonic() > deadline:
            break
        got = {name: side.read(folder / path) for name, side in sides.items()}
        _count(found[kind], got)
    for side in sides.values():
        side.close()
    return found


def _count(both: Both, got: dict[str, dict]) -> None:
    if not got["unstructured"]["characters"]:
        both.refused += bool(got["kura"]["characters"])
        return
    if got["kura"]["characters"]:
        both.files += 1
        both.kura += got["kura"]["seconds"]
        both.unstructured += got["unstructured"]["seconds"]
        both.kura_chars += got["kura"]["characters"]
        both.other_chars += got["unstructured"]["characters"]
