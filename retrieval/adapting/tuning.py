"""From a corpus to a published generation of a tuned model, or to the reason why there is none."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from retrieval.adapting.errors import CorpusTooSmall, ModelNotStatic
from retrieval.adapting.holding_out import LEARNED, UNSEEN, HeldOut, choose, split
from retrieval.adapting.judging import DEPTH, LEAST_QUESTIONS, Trial, Verdict, judge, measure_gain
from retrieval.adapting.pairing import Accepted, Evaluated, Material, collect, is_reserved
from retrieval.adapting.training import Recipe, tune
from retrieval.adapting.writing import write_model
from retrieval.catalog.catalog import Catalog
from retrieval.catalog.records import GenerationRow, IndexRow
from retrieval.embedding.adapted import AdaptedModels, FollowingEmbedder, Note
from retrieval.embedding.static import StaticEmbedder
from retrieval.fusion import VECTOR
from retrieval.indexing import Indexer
from retrieval.model import Principals, Scope
from retrieval.ports import Embedder
from retrieval.search import Searcher

LEAST_DOCUMENTS, LEAST_PASSAGES = 40, 200
"""With fewer than either of these nothing is tuned."""

MOST_PASSAGES = 200_000
"""Of a larger corpus a part is learned from, whole documents chosen by chance."""

MEANING, JOINED = "golden, by meaning", "golden, as searched"
"""Names of the trials on golden questions."""

_FETCHED = 50  # chunks of one question, among which ten documents are counted

Tell = Callable[[str, int, int], None]
"""Told the stage, how much of it is done, and how much there is."""


@dataclass(frozen=True, slots=True)
class Question:
    """A golden question: who asks it, and which documents are right."""

    text: str
    language: str
    documents: frozenset[str]
    principals: Principals


@dataclass(frozen=True, slots=True)
class Order:
    """What to learn from, and what the outcome is judged by.

    Attributes:
        readable_by: Only documents that these may read are learned from.
        questions: Golden questions.
        evaluated: Texts that are never learned from, beside these questions.
        accepted: Questions that staff asked, with the passages they accepted.
    """

    readable_by: Principals
    questions: Sequence[Question] = ()
    evaluated: Sequence[str] = ()
    accepted: Sequence[Accepted] = ()


@dataclass(frozen=True, slots=True)
class Lesson:
    """What was learned: a model that nobody uses yet, and what to try it on.

    Attributes:
        held: What it was kept from, by the trial's name.
        documents, passages: That were learned from.
        seconds: Of learning.
    """

    model: StaticEmbedder
    held: Mapping[str, HeldOut]
    documents: int
    passages: int
    pairs: int
    steps: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it.

    Attributes:
        generation: The one that was published, ``None`` where the old one stays.
        seconds: Of everything.
    """

    verdict: Verdict
    lesson: Lesson
    generation: str | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Tuner:
    """Tunes the model that the settings name. Use it only under the worker's lock.

    Attributes:
        embedder: Follows the live generation; its configured model is the one to be tuned.
        glossary: As the search uses it.
    """

    catalog: Catalog
    home: Path
    indexer: Indexer
    embedder: FollowingEmbedder
    glossary: Path
    recipe: Recipe = field(default_factory=Recipe)

    def run(self, order: Order, pause: Callable[[], None], tell: Tell) -> Outcome:
        """Learns, tries, and publishes what is better.

        Args:
            order: What to learn from.
            pause: Called often; raises what ends the run, which then has changed nothing.
            tell: Told how far it is.

        Raises:
            CorpusTooSmall: There is too little to learn from.
            ModelNotStatic: The model is of another kind.
            IndexUnavailable: The new generation does not read back; the old one stays.
        """
        started = time.monotonic()
        try:
            lesson = self.learn(order, pause, tell)
            verdict, generation = self._try(lesson, order, tell)
        finally:
            self.indexer.clean_up()
        return Outcome(verdict, lesson, generation, round(time.monotonic() - started, 1))

    def learn(self, order: Order, pause: Callable[[], None], tell: Tell) -> Lesson:
        """Learns, and keeps the model until the indexer cleans up; as `run` otherwise."""
        base = self.embedder.configured
        if not isinstance(base, StaticEmbedder):
            raise ModelNotStatic(model=base.fingerprint)
        self.indexer.catch_up()
        self.indexer.publish_if_due()  # so that what is in force can be compared with
        names = self._choose_documents(order)
        held: list[Sequence[IndexRow]] = []
        material = self._collect(base, order, list(names), held)
        started = time.monotonic()

        def advance(done: int, total: int) -> None:
            pause()
            tell("learning", done, total)

        vectors = tune(base.vectors, material, self.recipe, advance)
        seconds = round(time.monotonic() - started, 1)
        moment = datetime.now(UTC).isoformat(timespec="seconds")
        kept = {rows[0].document_id for rows in held}
        left = [name for name in names if name not in kept]
        learned_from = (len(left), sum(names[name] for name in left))
        note = Note(base.fingerprint, moment, *learned_from, tuple(sorted(order.readable_by)))
        models = AdaptedModels(self.home)
        draft = models.start_draft()
        write_model(base.folder, vectors, note, draft)
        model, pairs = models.take_in(draft), len(material.usable)
        steps = self.recipe.count_steps(pairs)
        learned = self.catalog.chunks.of_documents(left)
        trials = {UNSEEN: HeldOut.of(held), LEARNED: HeldOut.of(learned, is_reserved)}
        return Lesson(model, trials, *learned_from, pairs, steps, seconds)

    def try_headings(self, lesson: Lesson) -> list[Trial]:
        """Returns how the model in force and the new one find sections by their headings."""
        return [
            held.try_both(name, self.embedder, lesson.model)
            for name, held in lesson.held.items()
            if len(held.questions) >= LEAST_QUESTIONS
        ]

    def drop(self) -> str | None:
        """Publishes a generation of the model that the settings name.

        Returns:
            Its id; ``None`` where that model is in force already.
        """
        configured = self.embedder.configured
        live = self.catalog.generations.live()
        if live is None or live.fingerprint == configured.fingerprint:
            return None
        generation = self.indexer.release(self.indexer.draft(configured))
        self.indexer.clean_up()
        return generation

    def _choose_documents(self, order: Order) -> dict[str, int]:
        """Returns what to learn from and to hold out, with the number of passages of each."""
        counts = self.catalog.chunks.counts(order.readable_by)
        documents, passages = len(counts), sum(counts.values())
        if documents < LEAST_DOCUMENTS or passages < LEAST_PASSAGES:
            raise CorpusTooSmall(
                readers=", ".join(sorted(order.readable_by)),
                documents=documents,
                passages=passages,
                least_documents=LEAST_DOCUMENTS,
                least_passages=LEAST_PASSAGES,
            )
        chosen, total = dict[str, int](), 0
        for name in sorted(counts, key=lambda each: sha256(each.encode()).digest()):
            if total + counts[name] <= MOST_PASSAGES:
                chosen[name] = counts[name]
                total += counts[name]
        return chosen

    def _collect(
        self,
        base: StaticEmbedder,
        order: Order,
        names: Sequence[str],
        held: list[Sequence[IndexRow]],
    ) -> Material:
        evaluated = Evaluated([*order.evaluated, *(each.text for each in order.questions)])
        documents = split(self.catalog.chunks.of_documents(names), choose(names), held)
        return collect(documents, base.tokenizer, evaluated, order.accepted)

    def _try(self, lesson: Lesson, order: Order, tell: Tell) -> tuple[Verdict, str | None]:
        """Returns the verdict, and the generation that it let through."""
        tuned, trials = lesson.model, self.try_headings(lesson)
        verdict = judge(trials)
        if verdict.reason == "worse":
            return verdict, None
        tell("indexing", 0, 0)
        drafted = self.indexer.draft(tuned, lambda done: tell("indexing", done, 0))
        trials += self._ask(tuned, drafted, order.questions, tell)
        verdict = judge(trials)
        return verdict, self.indexer.release(drafted) if verdict.passed else None

    def _ask(
        self, tuned: Embedder, drafted: GenerationRow, questions: Sequence[Question], tell: Tell
    ) -> list[Trial]:
        """Returns how the generation in force and the new one answer golden questions."""
        if len(questions) < LEAST_QUESTIONS:
            return []
        place = (self.catalog, self.home)
        now = Searcher(*place, self.embedder.configured, self.glossary)
        then = Searcher(*place, tuned, self.glossary, pinned=drafted)
        with closing(now), closing(then):
            found = []
            for done, question in enumerate(questions):
                tell("asking", done, len(questions))
                found.append([self._measure(each, question) for each in (now, then)])
        languages = tuple(question.language for question in questions)
        return [
            Trial(
                name,
                languages,
                tuple(before[way] for before, _ in found),
                tuple(after[way] for _, after in found),
            )
            for way, name in enumerate((MEANING, JOINED))
        ]

    def _measure(self, searcher: Searcher, question: Question) -> tuple[float, float]:
        """Returns nDCG@10 over distinct documents: by meaning alone, and as people search."""
        scope = Scope(question.principals)
        near = searcher.rank_alone(VECTOR, question.text, scope, _FETCHED)
        known = self.catalog.chunks.fetch(near, question.principals)
        found = searcher.search(question.text, scope, _FETCHED).passages
        by_meaning = (known[name][1].id for name in near if name in known)
        joined = (passage.document.id for passage in found)
        first, second = (_distinct(each) for each in (by_meaning, joined))
        right = question.documents
        return measure_gain(first, right), measure_gain(second, right)


def _distinct(documents: Iterator[str]) -> list[str]:
    return list(dict.fromkeys(documents))[:DEPTH]
