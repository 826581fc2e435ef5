"""A document's way from its source into the catalog; only this module knows the order of steps."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from time import monotonic

from ingestion import chunking, cleaning, gates, quality, tagging
from ingestion.chunking import ChunkSettings
from ingestion.fetching import Fetched, Fetcher
from ingestion.gates import Task
from ingestion.model import EFFECTIVE_TAG, Parsed, SourceItem, Upload
from ingestion.naming import safe_name
from ingestion.planning import (
    Occasion,
    Plan,
    Survey,
    building_much,
    group_contents,
    make_plan,
    make_task,
    survey_source,
)
from ingestion.ports import DocumentReader
from ingestion.publishing import Place, Publisher
from ingestion.reading_ahead import read_ahead
from ingestion.report import Progress, Report
from ingestion.sidecar import Ruling
from ingestion.sources.listing import Lister, list_source
from retrieval.catalog import Catalog, DocumentState, Source
from retrieval.embedding.cache import CachedEmbedder
from retrieval.identity import text_hash
from retrieval.model import Block, Metadata, NewVersion
from retrieval.originals import OriginalStore

Tell = Callable[[Progress], None]
Pause = Callable[[], None]

RECIPE = "r2"
"""Changes whenever reading, cleaning or tagging would make something else of the same file."""


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
        settings: ChunkSettings | None = None,
        workers: int = 2,
        lister: Lister = list_source,
    ) -> None:
        """Takes its parts.

        Args:
            catalog: Where documents go.
            originals: Where the files themselves are kept.
            embedder: Fills the embedding cache, so that indexing finds every vector.
            reader: Turns files into blocks.
            settings: How large chunks are.
            workers: How many files are read at once.
            lister: Lists what a source has, with the rules beside it.
        """
        self._catalog = catalog
        self._originals = originals
        self._embedder = embedder
        self._fetcher = Fetcher(originals, reader)
        self._settings = settings or ChunkSettings()
        self._occasion = partial(describe_occasion, self._settings, reader.abilities)
        self._workers = workers
        self._list = lister

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
            SourceUnavailable: The source cannot be listed; nothing was changed.
        """
        started = monotonic()
        progress(Progress("listing"))
        with building_much():
            listing, sidecar = self._list(source)
            occasion = self._occasion(sidecar.passwords, confirmed=allow_removals)
            states = self._catalog.documents.states(source.id)
            survey = survey_source(source, listing, sidecar, states, occasion)
        report = Report(source.name)
        publisher = self._publisher(source, report, accepts_shrunk=allow_removals)
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
        replaces what somebody else uploaded. Nothing is ever removed.
        """
        started = monotonic()
        states = self._catalog.documents.states(source.id)
        occasion = self._occasion((), confirmed=True)
        tasks = [self._upload_task(upload, source, states, occasion) for upload in uploads]
        steps = [(gates.choose_step(task.state, task.now), task) for task in tasks]
        report = Report(source.name)
        publisher = self._publisher(source, report, accepts_shrunk=True)
        self._bring(steps, publisher, (), progress, pause)
        return self._close(report, started, progress)

    def _publisher(self, source: Source, report: Report, *, accepts_shrunk: bool) -> Publisher:
        prepare = partial(_prepare, source.id, self._settings)
        place = Place(self._catalog, self._embedder, source)
        return Publisher(place, report, prepare, accepts_shrunk=accepts_shrunk)

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


def describe_occasion(
    settings: ChunkSettings, abilities: str, passwords: Sequence[str], *, confirmed: bool
) -> Occasion:
    """Returns what holds for a whole run and for a plan of it."""
    recipe = f"{RECIPE}-{settings.fingerprint}"
    return Occasion(recipe, gates.hash_means(passwords, abilities), confirmed)


def plan_run(
    catalog: Catalog, source: Source, abilities: str, *, allow_removals: bool = False
) -> Plan:
    """Returns what a run would do, without reading or changing anything.

    It raises what :meth:`Pipeline.run` does before it begins; ``abilities`` are the reader's.
    """
    listing, sidecar = list_source(source)
    passwords = sidecar.passwords
    occasion = describe_occasion(ChunkSettings(), abilities, passwords, confirmed=allow_removals)
    states = catalog.documents.states(source.id)
    return make_plan(source, survey_source(source, listing, sidecar, states, occasion))


def _is_known(task: Task, external_id: str, content_hash: str) -> bool:
    """Returns whether an item, or what lies in it, was last made from these bytes."""
    is_whole = external_id == task.item.external_id
    state = task.state if is_whole else task.contents.get(external_id)
    return gates.has_same_bytes(state, task.now, content_hash)


def _prepare(
    source_id: str,
    settings: ChunkSettings,
    task: Task,
    parsed: Parsed,
    content_hash: str,
    identity: str,
) -> NewVersion:
    """Returns the version a reading makes: cleaned, checked, tagged and cut.

    Raises:
        NoText: After cleaning nothing is left.
    """
    item = task.item
    cleaned = cleaning.clean(parsed)
    found = quality.check_quality(cleaned.text, item.external_id, parsed.pages)
    warnings = quality.list_warnings(
        [*parsed.warnings, *found], parsed.hidden_characters, cleaned.invisible
    )
    known = _gather(task, parsed, warnings)
    metadata = tagging.describe(known, cleaned.blocks, cleaned.text)
    context = _context(metadata)
    return NewVersion(
        source_id=source_id,
        external_id=item.external_id,
        metadata=metadata,
        access=task.ruling.access,
        text=cleaned.text,
        blocks=cleaned.blocks,
        chunks=chunking.cut(identity, cleaned.text, cleaned.blocks, context, settings),
        content_hash=content_hash,
        text_hash=_hash_blocks(cleaned.blocks),
        signature=str(task.now),
        size=item.size,
        parent_id=task.parent_id,
    )


def _gather(task: Task, parsed: Parsed, warnings: tuple[str, ...]) -> tagging.Known:
    return tagging.Known(
        external_id=task.item.external_id,
        media_type=parsed.media_type,
        modified_at=task.item.modified_at,
        department=task.ruling.department,
        owner=task.ruling.owner,
        tags=task.ruling.tags,
        declared_title=cleaning.strip_invisible(parsed.title),
        date=parsed.properties.get("date", ""),
        pages=parsed.pages,
        warnings=warnings,
    )


def _hash_blocks(blocks: tuple[Block, ...]) -> str:
    """Returns the hash of what is read and where, whatever bytes it came from."""
    facts = [[b.kind, b.text, b.page, b.sheet, b.level] for b in blocks]
    return text_hash(json.dumps(facts, ensure_ascii=False))


def _context(metadata: Metadata) -> str:
    dates = [tag for tag in metadata.tags if tag.startswith(EFFECTIVE_TAG)]
    effective = f" ({dates[0].removeprefix(EFFECTIVE_TAG)})" if dates else ""
    return metadata.title + effective
