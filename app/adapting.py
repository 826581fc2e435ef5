"""The worker's side of `kura adapt`: from the order to a report."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.answering.following_up import standalone
from app.evaluating.accepting import read_pairs
from app.evaluating.examining import KnownDocuments
from app.evaluating.finding import name_evaluated
from app.evaluating.model import QuestionSet
from app.evaluating.reading import read_set
from app.orders import STAFF, AdaptOrder
from retrieval.adapting.pairing import Accepted
from retrieval.adapting.tuning import Order, Outcome, Question, Tuner
from retrieval.catalog import Catalog, Job

MODEL_KEPT = "model-kept"
"""What a report notices where the new model was not better."""

_REPORTED_EVERY_S = 0.5

Pause = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Adapting:
    """Does the jobs that `kura adapt` orders.

    Attributes:
        sets: Returns the golden questions that are always asked.
    """

    catalog: Catalog
    tuner: Tuner
    sets: Callable[[], Sequence[QuestionSet]]

    def work(self, job: Job, pause: Pause) -> dict[str, Any]:
        """Does one job and returns its report.

        Raises:
            KuraError: A set cannot be read, or nothing can be learned.
        """
        order = AdaptOrder.from_payload(job.payload)
        if order.drop:
            generation = self.tuner.drop()
            return {"dropped": generation is not None, "generation": generation}
        sets = [*self.sets(), *(read_set(Path(file)) for file in order.sets)]
        questions = tuple(_questions(sets, KnownDocuments(self.catalog)))
        accepted = tuple(self._accepted(name_evaluated(sets)))
        wanted = Order(order.readable_by, questions, tuple(_texts(sets)), accepted)
        return _report(self.tuner.run(wanted, pause, self._tell(job)))

    def _accepted(self, evaluated: frozenset[str]) -> Iterator[Accepted]:
        """Gives the questions of staff with each passage of a right document that was cited."""
        for pair in read_pairs(self.catalog, evaluated):
            for row in self.catalog.chunks.index_rows(pair.chunks):
                if row.document_id in pair.documents:
                    yield Accepted(pair.question, row.chunk_id)

    def _tell(self, job: Job) -> Callable[[str, int, int], None]:
        told_at = 0.0

        def tell(stage: str, done: int, total: int) -> None:
            nonlocal told_at
            if time.monotonic() - told_at >= _REPORTED_EVERY_S:
                told_at = time.monotonic()
                progress = {"stage": stage, "done": done, "total": total}
                self.catalog.jobs.report_progress(job.id, progress)

        return tell


def _texts(sets: Sequence[QuestionSet]) -> Iterator[str]:
    """Gives every text that models are judged by, earlier turns too."""
    for each in sets:
        for golden in each.questions:
            yield golden.question
            yield from (turn.question for turn in golden.history)


def _questions(sets: Sequence[QuestionSet], known: KnownDocuments) -> Iterator[Question]:
    """Gives the golden questions that have a right document here; staff ask what nobody asks."""
    for each in sets:
        for golden in each.questions:
            right = frozenset(document.id for document in known.find(golden.documents))
            if golden.expect == "answer" and right:
                text = standalone(golden.question, golden.history)
                yield Question(text, golden.language, right, golden.principals or STAFF)


def _report(outcome: Outcome) -> dict[str, Any]:
    lesson, published = outcome.lesson, outcome.generation is not None
    return {
        "adapted": published,
        "reason": outcome.verdict.reason,
        "model": lesson.model.fingerprint,
        "generation": outcome.generation,
        "comparisons": [each.as_json() for each in outcome.verdict.comparisons],
        "documents": lesson.documents,
        "passages": lesson.passages,
        "pairs": lesson.pairs,
        "steps": lesson.steps,
        "seconds_learning": lesson.seconds,
        "seconds": outcome.seconds,
        "notices": [] if published else [MODEL_KEPT],
    }
