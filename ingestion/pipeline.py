"""A document's way from its source into the catalog; only this module knows the order of steps."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from time import monotonic

from ingestion import gates, tagging
from ingestion.chunking import ChunkSettings
from ingestion.collecting import building_much
from ingestion.fetching import Fetched, Fetcher
from ingestion.gates import Task
from ingestion.model import SourceItem, Upload
from ingestion.naming import safe_name
from ingestion.planning import (
    Occasion,
    Survey,
    group_contents,
    list_outdated,
    make_task,
    survey_source,
)
from ingestion.ports import DocumentReader
from ingestion.preparing import Preparer
from ingestion.publishing import Place, Publisher, Steps
from ingestion.reading_ahead import read_ahead
from ingestion.report import LISTING_INCOMPLETE, Progress, Report
from ingestion.sidecar import Ruling
from ingestion.sources.listing import Lister, list_local
from ingestion.vocabulary import VOCABULARY, Vocabulary, read_vocabulary
from retrieval.catalog import Catalog, DocumentState, Source
from retrieval.embedding.cache import CachedEmbedder
from retrieval.originals import OriginalStore

Tell = Callable[[Progress], None]
Pause = Callable[[], None]

RECIPE = "r3"
"""Changes whenever reading or cleaning would make something else of the same file.

Tagging has a recipe of its own, and the vocabulary a fingerprint: with another one, stored texts
are tagged again and no file is read.
"""


class Pipeline:
    """Brings a source's documents into the catalog. One run at a time, by the worker alone.

    Each document is published in a transaction of its own: wherever a run is interrupted, the
    catalog is consistent and the next run completes it.
    """

    def __init__(  # noqa: PLR0913 - one parameter for each part
        self,
        catalog: Catalog,
        originals: OriginalStore,
        embedder: CachedEmbedder,
        reader: DocumentReader,
        *,
        workers: int = 2,
        lister: Lister = list_local,
        vocabulary: Path = VOCABULARY,
    ) -> None:
        """Takes its parts.

        Args:
            catalog: Where documents go.
            originals: Where the files themselves are kept.
            embedder: Fills the embedding cache, so that indexing finds every vector.
            reader: Turns files into blocks.
            vocabulary: The file of tags that documents may get by their words.
            workers: How many files are read at once.
            lister: Lists what a source has, with the rules beside it.
        """
        self._catalog = catalog
        self._originals = originals
        self._embedder = embedder
        self._fetcher = Fetcher(originals, reader)
        self._settings = ChunkSettings()
        self._occasion = partial(describe_occasion, self._settings, reader.abilities)
        self._workers = workers
        self._list = lister
        self._vocabulary = vocabulary

    def run(
        self, source: Source, progress: Tell, *, pause: Pause, allow_removals: bool = False
    ) -> Report:
        """Makes the catalog follow a source: adds, changes, moves and removes what did.

        Args:
            source: What to bring up to date.
            progress: Told after every document.
            pause: Called between documents; what it raises ends the run cleanly.
            allow_removals: Whether a removal of unusually many documents, or versions that lost
                nearly all of their text, are confirmed.

        Raises:
            SidecarInvalid: The access rules cannot be understood; nothing was changed.
            VocabularyInvalid: The vocabulary cannot be understood; nothing was changed.
            SourceUnavailable: The source cannot be listed; nothing was changed.
        """
        started = monotonic()
        vocabulary = read_vocabulary(self._vocabulary)
        progress(Progress("listing"))
        listing, sidecar = self._list(source, partial(_tell_found, progress, pause))
        with building_much():
            occasion = self._occasion(vocabulary, sidecar.passwords, confirmed=allow_removals)
            states = self._catalog.documents.states(source.id)
            past = self._catalog.documents.past(source.id)
            survey = survey_source(source, listing, sidecar, states, occasion, past)
        report = Report(source.name, skipped=dict(listing.skipped))
        if not listing.complete:
            report.notices.append(LISTING_INCOMPLETE)
        publisher = self._publisher(source, report, vocabulary, accepts_shrunk=allow_removals)
        tasks = {task.item.external_id: task for _, task in survey.tasks}
        for move in survey.moves:
            publisher.move(move, tasks[move.item.external_id])
        self._bring(survey.tasks, publisher, sidecar.passwords, progress, pause)
        self._remove(survey, report)
        report.duplicates = self._catalog.documents.copies(source.id)
        return self._close(report, started, progress)

    def ingest_upload(
        self, source: Source, uploads: Iterable[Upload], progress: Tell, *, pause: Pause
    ) -> Report:
        """Brings uploaded files, whose originals are kept already, into the catalog.

        A file's external id is its owner and its name: uploading it again replaces it, and nobody
        replaces what somebody else uploaded. Nothing is ever removed. What was uploaded before
        is tagged again where the vocabulary has changed since.
        """
        started = monotonic()
        vocabulary = read_vocabulary(self._vocabulary)
        states = self._catalog.documents.states(source.id)
        occasion = self._occasion(vocabulary, (), confirmed=True)
        tasks = [self._upload_task(upload, source, states, occasion) for upload in uploads]
        steps = [(gates.choose_step(task.state, task.now), task) for task in tasks]
        uploaded = {task.item.external_id for task in tasks}
        steps += [(gates.Step.RULE, task) for task in list_outdated(states, uploaded, occasion)]
        report = Report(source.name)
        publisher = self._publisher(source, report, vocabulary, accepts_shrunk=True)
        self._bring(steps, publisher, (), progress, pause)
        return self._close(report, started, progress)

    def _publisher(
        self, source: Source, report: Report, vocabulary: Vocabulary, *, accepts_shrunk: bool
    ) -> Publisher:
        preparer = Preparer(source.id, self._settings, vocabulary)
        place = Place(self._catalog, self._embedder, source)
        steps = Steps(preparer.prepare, preparer.describe)
        return Publisher(place, report, steps, accepts_shrunk=accepts_shrunk)

    def _upload_task(
        self, upload: Upload, source: Source, states: Mapping[str, DocumentState], on: Occasion
    ) -> Task:
        path = self._originals.path(upload.content_hash)
        name = safe_name(upload.name) or upload.content_hash[:12]
        item = SourceItem(
            external_id=f"{upload.owner}/{name}" if upload.owner else name,
            path=path,
            size=path.stat().st_size if path.exists() else 0,
            modified_at=datetime.now(UTC),
            signature=upload.content_hash,
        )
        department = upload.department or source.department
        ruling = Ruling(upload.access, department, upload.owner, upload.tags)
        state = states.get(item.external_id)
        task = make_task(item, ruling, state, on)
        contents = group_contents(states).get(state.id, {}) if state is not None else {}
        # Who uploads again says again who may read.
        return replace(task, ruling=ruling, contents=contents)

    def _bring(
        self,
        steps: Sequence[tuple[gates.Step, Task]],
        publisher: Publisher,
        passwords: Sequence[str],
        progress: Tell,
        pause: Pause,
    ) -> None:
        pending: list[Task] = []
        for step, task in steps:
            if step is gates.Step.READ:
                pending.append(task)
            elif step is gates.Step.RULE:
                publisher.retag(task)
            else:
                publisher.skip(task)
        listed = {task.item.external_id for _, task in steps}
        progress(Progress("reading", 0, len(pending)))
        fetched_tasks = read_ahead(pending, partial(self._fetch, passwords), self._workers)
        for done, (task, fetched) in enumerate(fetched_tasks, 1):
            contents = tuple(each for each in fetched.contents if each.external_id not in listed)
            publisher.take(task, replace(fetched, contents=contents))
            name = task.item.external_id
            progress(Progress("reading", done, len(pending), publisher.failures, name))
            pause()
        publisher.flush()

    def _fetch(self, passwords: Sequence[str], task: Task) -> Fetched:
        return self._fetcher.fetch(task.item, partial(_is_known, task), passwords)

    def _remove(self, survey: Survey, report: Report) -> None:
        """Removes what the source no longer has, unless that is so much that it looks wrong."""
        if survey.held:
            report.held = sorted(survey.missing)
        elif survey.missing:
            ids = [state.id for state in survey.missing.values()]
            self._catalog.documents.remove(ids, "no longer in the source")
            report.removed += sorted(survey.missing)

    def _close(self, report: Report, started: float, progress: Tell) -> Report:
        report.seconds = monotonic() - started
        finished = len(report.added) + len(report.changed) + len(report.failed)
        progress(Progress("done", finished, finished, len(report.failed)))
        return report


def _tell_found(progress: Tell, pause: Pause, count: int) -> None:
    progress(Progress("listing", done=count))
    pause()


def describe_occasion(
    settings: ChunkSettings,
    abilities: str,
    vocabulary: Vocabulary,
    passwords: Sequence[str],
    *,
    confirmed: bool,
) -> Occasion:
    """Returns what holds for a whole run and for a plan of it."""
    recipe = f"{RECIPE}-{settings.fingerprint}"
    means = gates.hash_means(passwords, abilities)
    return Occasion(recipe, means, confirmed, tagging.fingerprint(vocabulary))


def _is_known(task: Task, external_id: str, content_hash: str) -> bool:
    """Returns whether an item, or what lies in it, was last made from these bytes."""
    is_whole = external_id == task.item.external_id
    state = task.state if is_whole else task.contents.get(external_id)
    return gates.has_same_bytes(state, task.now, content_hash)
