"""A whole measurement: what is asked, how it goes on after an interruption, what it reports."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from app.evaluating import keeping
from app.evaluating.comparing import compare
from app.evaluating.drawing_up import draw_up
from app.evaluating.errors import NothingToAsk, NothingToResume
from app.evaluating.examining import Examiner, KnownDocuments, set_aside
from app.evaluating.gating import Bar, check_bars
from app.evaluating.keeping import Run
from app.evaluating.model import Golden, Outcome, QuestionSet, Skipped
from app.evaluating.summarising import count_kinds, count_notices, count_verdicts, summarise

SCHEMA = "kura-evaluation/1"

Progress = Callable[[int, int], None]
"""Told how many questions are done, and how many there are."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be asked.

    Attributes:
        model: Name of the chat model that may write, "" for none.
        state: What else the outcome depends on: documents, search model, asker.
    """

    sets: tuple[QuestionSet, ...]
    questions: tuple[Golden, ...]
    skipped: tuple[Skipped, ...]
    model: str
    state: str

    @property
    def fingerprint(self) -> str:
        """The same for two runs exactly when one may go on with the other."""
        parts = [*(each.fingerprint for each in self.sets), self.model, self.state]
        parts += [question.id for question in self.questions]
        return sha256("\n".join(parts).encode()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """Returns it as plain values."""
        return {
            "schema": SCHEMA,
            "fingerprint": self.fingerprint,
            "started_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "model": self.model,
            "state": self.state,
            "sets": [
                {"name": each.name, "questions": len(each.questions), "sha256": each.fingerprint}
                for each in self.sets
            ],
            "skipped": [
                {"id": each.id, "documents": list(each.documents)} for each in self.skipped
            ],
        }


def plan(sets: Sequence[QuestionSet], known: KnownDocuments, *, model: str, state: str) -> Plan:
    """Returns what can be asked of these sets here.

    An id that two sets use is told apart by the set's name.

    Raises:
        NothingToAsk: No question is left.
    """
    seen: set[str] = set()
    questions: list[Golden] = []
    for each in sets:
        for golden in each.questions:
            name = golden.id
            while name in seen:
                name = f"{each.name}/{name}"
            seen.add(name)
            questions.append(_rename(golden, name))
    asked, skipped = set_aside(questions, known)
    if not asked:
        raise NothingToAsk(skipped=len(skipped))
    return Plan(tuple(sets), tuple(asked), tuple(skipped), model, state)


def _rename(golden: Golden, name: str) -> Golden:
    return golden if golden.id == name else replace(golden, id=name)


def open_run(home: Path, wanted: Plan, *, resume: bool) -> Run:
    """Returns a new run, or the interrupted one that set out to do the same.

    Raises:
        NothingToResume: There is no such run.
    """
    if not resume:
        return keeping.begin(home, wanted.to_json())
    run = keeping.find_interrupted(home, wanted.fingerprint)
    if run is None:
        raise NothingToResume
    return run


def ask_all(wanted: Plan, run: Run, examiner: Examiner, progress: Progress) -> list[Outcome]:
    """Asks what the run has not asked yet, keeping each outcome, and returns all of them."""
    outcomes = run.outcomes()
    done = {outcome.id for outcome in outcomes}
    for golden in wanted.questions:
        progress(len(outcomes), len(wanted.questions))
        if golden.id not in done:
            outcome = examiner.ask(golden)
            run.add(outcome)
            outcomes.append(outcome)
    progress(len(outcomes), len(wanted.questions))
    return outcomes


def report(
    run: Run, outcomes: Sequence[Outcome], bars: Sequence[Bar], against: Run | None
) -> dict[str, Any]:
    """Returns the report of a run, and keeps it as JSON and as a page."""
    groups = summarise(outcomes)
    leaking = [outcome.id for outcome in outcomes if outcome.leaks]
    comparison = None
    if against is not None:
        comparison = {"against": against.name, **compare(against.outcomes(), outcomes)}
    made = {
        **run.plan(),
        "run": run.name,
        "finished_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "questions_asked": len(outcomes),
        "answers": count_kinds(outcomes),
        "verdicts": count_verdicts(outcomes),
        "notices": count_notices(outcomes),
        "leaks": leaking,
        "groups": groups,
        "gates": [each.to_json() for each in check_bars(bars, groups, len(leaking))],
        "comparison": comparison,
        "questions": [outcome.to_json() for outcome in outcomes],
    }
    plain: dict[str, Any] = json.loads(json.dumps(made, ensure_ascii=False))  # as it is kept
    run.finish(plain, draw_up(plain))
    return plain
