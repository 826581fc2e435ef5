"""A document's way from its source into the catalog; only this module knows the order of steps."""

import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from time import monotonic

from ingestion import chunking, cleaning, gates, quality, tagging
from ingestion.chunking import ChunkSettings
from ingestion.fetching import Fetched, Fetcher
from ingestion.gates import Task
from ingestion.model import EFFECTIVE_TAG, Listing, Parsed, SourceItem, Upload
from ingestion.ports import DocumentReader
from ingestion.publishing import Publisher
from ingestion.report import Progress, Report
from ingestion.sidecar import Ruling, read_sidecar
from ingestion.sources.folder import list_folder, safe_name
from retrieval.catalog import Catalog, DocumentState, Source
from retrieval.embedding.cache import CachedEmbedder
from retrieval.identity import document_id, text_hash
from retrieval.model import Block, Metadata, NewVersion
from retrieval.originals import OriginalStore

Tell = Callable[[Progress], None]
Pause = Callable[[], None]

RECIPE = "r1"
"""Changes whenever reading, cleaning or tagging would make something else of the same file."""

_AHEAD = 4  # readings begun per worker before the first of them is published


class Pipeline:
    """Brings a source's documents into the catalog. One run at a time, by the worker alone.

    Each document is published in a transaction of its own: wherever a run is interrupted, the
    catalog is consistent and the next run completes it.
    """

    def __init__(
        self,
        catalog: Catalog,
        originals: OriginalStore,
        embedder: CachedEmbedder,
        reader: DocumentReader,
        *,
        settings: ChunkSettings | None = None,
        workers: int = 2,
    ) -> None:
        """Takes its parts.

        Args:
            catalog: Where documents go.
            originals: Where the files themselves are kept.
            embedder: Fills the embedding cache, so that indexing finds every vector.
            reader: Turns files into blocks.
            settings: How large chunks are.
            workers: How many files are read at once.
        """
        self._catalog = catalog
        self._originals = originals
        self._embedder = embedder
        self._fetcher = Fetcher(originals, reader)
        self._settings = settings or ChunkSettings()
        self._workers = workers

    def run(
        self, source: Source, progress: Tell, *, pause: Pause, allow_removals: bool = False
    ) -> Report:
        """Makes the catalog follow a folder: adds, changes and removes what did.

        Args:
            source: A source of kind "folder".
            progress: Told after every document.
            pause: Called between documents; what it raises ends the run cleanly.
            allow_removals: Whether a removal of unusually many documents is confirmed.

        Raises:
            SidecarInvalid: The access rules cannot be understood; nothing was changed.
            SourceUnavailable: The folder cannot be listed; nothing was changed.
        """
        started = monotonic()
        progress(Progress("listing"))
        root = Path(source.location)
        listing = list_folder(root)
        sidecar = read_sidecar(root)
        states = self._catalog.documents.states(source.id)
        default = Ruling(source.access, source.department)
        tasks = [
            self._task(item, sidecar.rule_on(item.external_id, default), states)
            for item in listing.items
        ]
        report = Report(source.name)
        self._bring(source, tasks, report, progress, pause)
        self._remove(listing, states, report, allow_removals=allow_removals)
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
        tasks = [self._upload_task(upload, source, states) for upload in uploads]
        report = Report(source.name)
        self._bring(source, tasks, report, progress, pause)
        return self._close(report, started, progress)

    def _task(self, item: SourceItem, ruling: Ruling, states: dict[str, DocumentState]) -> Task:
        if not ruling.department:
            ruling = replace(ruling, department=_first_folder(item.external_id))
        recipe = f"{RECIPE}-{self._settings.fingerprint}"
        state = states.get(item.external_id)
        now = gates.Signature(recipe, item.signature, gates.hash_ruling(ruling))
        return Task(item, gates.keep_edits(state, now, ruling), now, state)

    def _upload_task(
        self, upload: Upload, source: Source, states: dict[str, DocumentState]
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
        task = self._task(item, ruling, states)
        return replace(task, ruling=ruling)  # who uploads again says again who may read

    def _bring(
        self, source: Source, tasks: list[Task], report: Report, progress: Tell, pause: Pause
    ) -> None:
        prepare = partial(_prepare, source.id, self._settings)
        publisher = Publisher(self._catalog, self._embedder, source, report, prepare)
        pending: list[Task] = []
        for task in tasks:
            step = gates.choose_step(task.state, task.now)
            if step is gates.Step.READ:
                pending.append(task)
            elif step is gates.Step.RULE:
                publisher.retag(task)
            else:
                publisher.skip(task)
        progress(Progress("reading", 0, len(pending)))
        for done, (task, fetched) in enumerate(self._fetch(pending), 1):
            publisher.take(task, fetched)
            name = task.item.external_id
            progress(Progress("reading", done, len(pending), len(report.failed), name))
            pause()
        publisher.flush()

    def _fetch(self, tasks: list[Task]) -> Iterator[tuple[Task, Fetched]]:
        """Yields the tasks in order with what was fetched, reading a few ahead."""
        waiting: deque[tuple[Task, Future[Fetched]]] = deque()
        executor = ThreadPoolExecutor(self._workers, thread_name_prefix="reading")
        with closing(_Ending(executor)):
            for task in tasks:
                known = partial(gates.has_same_bytes, task.state, task.now)
                waiting.append((task, executor.submit(self._fetcher.fetch, task.item, known)))
                if len(waiting) >= self._workers * _AHEAD:
                    first, future = waiting.popleft()
                    yield first, future.result()
            while waiting:
                first, future = waiting.popleft()
                yield first, future.result()

    def _remove(
        self,
        listing: Listing,
        states: dict[str, DocumentState],
        report: Report,
        *,
        allow_removals: bool,
    ) -> None:
        """Removes what the source no longer has, unless that is so much that it looks wrong."""
        missing = gates.list_missing(states, listing.items)
        held = gates.hold_back(len(states), len(missing), len(listing.items))
        if not missing or not listing.complete or (held and not allow_removals):
            report.held = sorted(missing)
            return
        ids = [state.id for state in missing.values()]
        self._catalog.documents.remove(ids, "no longer in the source")
        report.removed = sorted(missing)

    def _close(self, report: Report, started: float, progress: Tell) -> Report:
        report.seconds = monotonic() - started
        finished = len(report.added) + len(report.changed) + len(report.failed)
        progress(Progress("done", finished, finished, len(report.failed)))
        return report


class _Ending:
    """Ends an executor without waiting for what it is doing: an interrupted run stops at once."""

    def __init__(self, executor: ThreadPoolExecutor) -> None:
        self._executor = executor

    def close(self) -> None:
        self._executor.shutdown(wait=False, cancel_futures=True)


def _prepare(
    source_id: str, settings: ChunkSettings, task: Task, parsed: Parsed, content_hash: str
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
    metadata = tagging.describe(
        tagging.Known(
            external_id=item.external_id,
            media_type=parsed.media_type,
            modified_at=item.modified_at,
            department=task.ruling.department,
            owner=task.ruling.owner,
            tags=task.ruling.tags,
            declared_title=cleaning.strip_invisible(parsed.title),
            date=parsed.properties.get("date", ""),
            pages=parsed.pages,
            warnings=warnings,
        ),
        cleaned.blocks,
        cleaned.text,
    )
    identity = document_id(source_id, item.external_id)
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
    )


def _hash_blocks(blocks: tuple[Block, ...]) -> str:
    """Returns the hash of what is read and where, whatever bytes it came from."""
    facts = [[b.kind, b.text, b.page, b.sheet, b.level] for b in blocks]
    return text_hash(json.dumps(facts, ensure_ascii=False))


def _context(metadata: Metadata) -> str:
    dates = [tag for tag in metadata.tags if tag.startswith(EFFECTIVE_TAG)]
    effective = f" ({dates[0].removeprefix(EFFECTIVE_TAG)})" if dates else ""
    return metadata.title + effective


def _first_folder(external_id: str) -> str:
    first, slash, _ = external_id.partition("/")
    return first if slash else ""
