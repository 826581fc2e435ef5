"""What `kura doctor` checks, and what it tells of each check."""

from dataclasses import dataclass
from enum import StrEnum


class Check(StrEnum):
    """The checks there are."""

    PYTHON = "python"
    HOME = "home"
    DISK = "disk"
    CATALOG = "catalog"
    WORKER = "worker"
    INDEXES = "indexes"
    EMBEDDER = "embedder"
    MODEL = "model"
    PRESETS = "presets"
    SAMPLE = "sample"
    GLOSSARY = "glossary"
    SOURCES = "sources"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found.

    Attributes:
        status: "ok", "warn" (Kura works, with less) or "fail" (it does not).
        remedy: What to do, "" when nothing is.
    """

    name: str
    status: str
    message: str
    remedy: str = ""
