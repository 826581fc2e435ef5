"""Which of the known models fit this machine's memory."""

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

import psutil

from app.answering.presets import PRESETS, SUGGESTED, Precision, Preset

_KEPT_FREE = 0.25  # of main memory, for the system, Kura itself and file caches
_QUERY = ("--query-gpu=memory.total", "--format=csv,noheader,nounits")
_ASKING_S = 5.0


@dataclass(frozen=True, slots=True)
class Machine:
    """What there is room in, in bytes; ``gpu`` is 0 without an NVIDIA GPU."""

    memory: int
    gpu: int

    @property
    def room(self) -> int:
        """Bytes a model may take: the GPU's when there is one, else three quarters of memory."""
        return self.gpu or round(self.memory * (1 - _KEPT_FREE))


@dataclass(frozen=True, slots=True)
class Fit:
    """A model that fits, at the finest precision that does, and the bytes it takes then."""

    preset: Preset
    precision: Precision
    size: int


def look_at_machine() -> Machine:
    """Returns this machine's memory and that of its NVIDIA GPUs together."""
    return Machine(psutil.virtual_memory().total, _measure_gpus())


def find_fitting(machine: Machine, window: int) -> list[Fit]:
    """Returns the models that fit with this window, those with the most parameters first."""
    found = []
    for preset in sorted(PRESETS, key=lambda each: -each.parameters):
        for precision in Precision:
            size = preset.weigh(precision, window)
            if size <= machine.room:
                found.append(Fit(preset, precision, size))
                break
    return found


def suggest_model(fitting: Sequence[Fit], machine: Machine) -> str:
    """Returns the name of the largest model that fits a GPU, else of the small one.

    Without a GPU what is large is slow: the small one is the better beginning.
    """
    return fitting[0].preset.name if machine.gpu and fitting else SUGGESTED


def _measure_gpus() -> int:
    program = shutil.which("nvidia-smi")
    if program is None:
        return 0
    try:
        told = subprocess.run(  # noqa: S603 - a fixed command
            [program, *_QUERY], capture_output=True, text=True, timeout=_ASKING_S, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return 0
    return sum(int(line) * 2**20 for line in told.split() if line.isdigit())
