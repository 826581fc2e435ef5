"""What a whole run over a folder holds in memory: worker, readers and indexes together."""

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

_EVERY_S = 0.05


@dataclass(frozen=True)
class WholeRun:
    """What a run took.

    Attributes:
        status: The exit status of the command.
        wall_s: Wall-clock seconds.
        peak: The most that all its processes held at one moment (resident, shared pages counted
            in each), in bytes.
    """

    status: int
    wall_s: float
    peak: int


def run_over(folder: Path) -> WholeRun:
    """Ingests a folder into an empty home with the command line, looking at it all the time."""
    with tempfile.TemporaryDirectory() as home:
        started = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "ingest", str(folder), "--allow", "everyone"],
            env={**os.environ, "KURA_HOME": home, "KURA_LANGUAGE": "en"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        peak = 0
        while process.poll() is None:
            peak = max(peak, _resident(process.pid))
            time.sleep(_EVERY_S)
        return WholeRun(process.returncode, time.monotonic() - started, peak)


def _resident(pid: int) -> int:
    total = 0
    try:
        parent = psutil.Process(pid)
        processes = [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0
    for process in processes:
        try:
            total += process.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total
