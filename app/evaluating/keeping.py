"""Where runs are kept: one folder each, begun with a plan, filled question by question.

A run that was interrupted has no report yet and can be gone on with; the order of questions is
that of the plan, so its outcomes are the first ones.
"""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.evaluating.errors import RunMissing
from app.evaluating.model import Outcome

FOLDER = "evaluations"
_PLAN, _OUTCOMES, _REPORT, _PAGE = "run.json", "outcomes.jsonl", "report.json", "report.html"
_NAME = "%Y%m%dT%H%M%SZ"

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Run:
    """One measurement's folder."""

    folder: Path

    @property
    def name(self) -> str:
        """What it is called: when it began, UTC."""
        return self.folder.name

    @property
    def page(self) -> Path:
        """The report for people."""
        return self.folder / _PAGE

    @property
    def report(self) -> Path:
        """The report for programs; there once the run has ended."""
        return self.folder / _REPORT

    def plan(self) -> dict[str, Any]:
        """Returns what it set out to do."""
        found: dict[str, Any] = json.loads((self.folder / _PLAN).read_text(encoding="utf-8"))
        return found

    def add(self, outcome: Outcome) -> None:
        """Keeps one outcome, which an interruption does not take away."""
        line = json.dumps(outcome.to_json(), ensure_ascii=False)
        with (self.folder / _OUTCOMES).open("a", encoding="utf-8") as stream:
            stream.write(f"{line}\n")

    def outcomes(self) -> list[Outcome]:
        """Returns what was kept; a last line that was not finished is cut off."""
        file = self.folder / _OUTCOMES
        if not file.is_file():
            return []
        whole, _, torn = file.read_text(encoding="utf-8", errors="replace").rpartition("\n")
        if torn:
            file.write_text(f"{whole}\n" if whole else "", encoding="utf-8")
        return [Outcome.from_json(json.loads(line)) for line in whole.split("\n") if line]

    def finish(self, report: Json, page: str) -> None:
        """Writes both reports; the run has ended once the one for programs is there."""
        self.page.write_text(page, encoding="utf-8")
        _write(self.report, report)


def _write(file: Path, value: Json) -> None:
    draft = file.with_suffix(".tmp")
    draft.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    os.replace(draft, file)  # noqa: PTH105 - the one call that is atomic and may overwrite


def begin(home: Path, plan: Json) -> Run:
    """Makes the folder of a new run and returns it."""
    place = home / FOLDER
    place.mkdir(mode=0o700, exist_ok=True)  # reports quote documents
    name = datetime.now(UTC).strftime(_NAME)
    names = (name, *(f"{name}-{number}" for number in range(2, 100)))
    run = Run(next(place / each for each in names if not (place / each).exists()))
    run.folder.mkdir()
    _write(run.folder / _PLAN, plan)
    return run


def list_runs(home: Path) -> Iterator[Run]:
    """Gives all runs, the newest first."""
    place = home / FOLDER
    if place.is_dir():
        for folder in sorted(place.iterdir(), reverse=True):
            if (folder / _PLAN).is_file():
                yield Run(folder)


def find_interrupted(home: Path, fingerprint: str) -> Run | None:
    """Returns the newest run that set out to do the same and has not ended."""
    for run in list_runs(home):
        if not run.report.is_file() and run.plan().get("fingerprint") == fingerprint:
            return run
    return None


def find_last(home: Path, ids: frozenset[str]) -> Run | None:
    """Returns the newest finished run that asked any of these questions."""
    for run in list_runs(home):
        if run.report.is_file() and ids & {each.id for each in run.outcomes()}:
            return run
    return None


def find_run(home: Path, name: str) -> Run:
    """Returns the finished run of this name.

    Raises:
        RunMissing: There is none.
    """
    for run in list_runs(home):
        if run.name == name and run.report.is_file():
            return run
    raise RunMissing(value=name)
