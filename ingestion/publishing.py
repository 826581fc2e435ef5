"""Brings what was fetched into the catalog, a transaction for each document."""

from collections.abc import Callable
from dataclasses import replace

from ingestion.errors import ReadingFailed
from ingestion.fetching import Fetched
from ingestion.gates import Task
from ingestion.model import DERIVED_TAGS, WARNING_TAG, Parsed
from ingestion.report import Failure, Report
from retrieval.catalog import Catalog, DocumentState, Failed, Source
from retrieval.embedding.cache import CachedEmbedder
from retrieval.errors import EmbedderUnavailable
from retrieval.model import DocumentStatus, NewVersion

Prepare = Callable[[Task, Parsed, str], NewVersion]
"""Cleans, checks, tags and cuts what was read of an item with the given content hash."""

_BATCH_CHUNKS = 256
_BATCH_DOCUMENTS = 16


class Publisher:
    """Writes one run's documents and its report; embeds over several documents at once."""

    def __init__(
        self,
        catalog: Catalog,
        embedder: CachedEmbedder,
        source: Source,
        report: Report,
        prepare: Prepare,
    ) -> None:
        """Takes where to write, the run's source, the report to fill, and the steps before."""
        self._catalog = catalog
        self._embedder = embedder
        self._source = source
        self._report = report
        self._prepare_version = prepare
        self._ready: list[tuple[Task, NewVersion]] = []

    def skip(self, task: Task) -> None:
        """Counts an item that needs nothing."""
        self._report.unchanged += 1
        if task.state is not None and task.state.status is not DocumentStatus.CURRENT:
            self._report.still_failed += 1

    def retag(self, task: Task) -> None:
        """Follows the rules where only they changed; nothing is read or embedded."""
        state = task.state
        if state is None:
            return
        self._follow_rules(task, state)
        self._catalog.documents.touch(state.id, str(task.now))
        self._report.retagged.append(task.item.external_id)

    def take(self, task: Task, fetched: Fetched) -> None:
        """Takes over one fetched item; it is published with the next few."""
        if fetched.failure is not None:
            self._fail(task, fetched, fetched.failure)
        elif fetched.parsed is None:
            self._keep(task)
        else:
            self._prepare(task, fetched, fetched.parsed)
        chunks = sum(len(version.chunks) for _, version in self._ready)
        if chunks >= _BATCH_CHUNKS or len(self._ready) >= _BATCH_DOCUMENTS:
            self.flush()

    def flush(self) -> None:
        """Embeds and publishes what is ready."""
        ready, self._ready = self._ready, []
        fresh = [version for task, version in ready if not _is_same_text(task, version)]
        self._embed([chunk.indexed_text for version in fresh for chunk in version.chunks])
        for task, version in ready:
            self._catalog.documents.publish(version)
            self._report.chunks += len(version.chunks)
            self._note(task, version)

    def _prepare(self, task: Task, fetched: Fetched, parsed: Parsed) -> None:
        try:
            version = self._prepare_version(task, parsed, fetched.content_hash)
        except ReadingFailed as failure:
            self._fail(task, fetched, failure)
            return
        self._report.hidden_characters += parsed.hidden_characters
        self._ready.append((task, version))

    def _keep(self, task: Task) -> None:
        """Notes that an item's bytes are those of the stored version."""
        if task.state is not None:
            self._follow_rules(task, task.state)
            self._catalog.documents.touch(task.state.id, str(task.now))
        self._report.unchanged += 1

    def _follow_rules(self, task: Task, state: DocumentState) -> None:
        ruling = task.ruling
        found = [tag for tag in state.metadata.tags if tag.startswith(DERIVED_TAGS)]
        metadata = replace(
            state.metadata,
            department=ruling.department,
            owner=ruling.owner,
            tags=tuple(dict.fromkeys([*ruling.tags, *found])),
        )
        if metadata != state.metadata or ruling.access != state.access:
            self._catalog.documents.update(state.id, access=ruling.access, metadata=metadata)

    def _fail(self, task: Task, fetched: Fetched, failure: ReadingFailed) -> None:
        # Without the item's signature the next run reads it again.
        now = replace(task.now, item="") if failure.transient else task.now
        self._catalog.documents.fail(
            Failed(
                source_id=self._source.id,
                external_id=task.item.external_id,
                reason=failure.code,
                details={name: str(value) for name, value in failure.details.items()},
                signature=str(now),
                content_hash=fetched.content_hash,
                size=task.item.size,
                access=task.ruling.access,
            )
        )
        self._report.failed.append(Failure.of(task.item.external_id, failure))

    def _embed(self, texts: list[str]) -> None:
        """Fills the embedding cache; without the model, indexing does it later."""
        before = self._embedder.misses
        try:
            self._embedder.embed_documents(texts)
        except EmbedderUnavailable as error:
            if error.code not in self._report.notices:
                self._report.notices.append(error.code)
        self._report.embedded += self._embedder.misses - before

    def _note(self, task: Task, version: NewVersion) -> None:
        name = task.item.external_id
        if task.state is None or task.state.status is DocumentStatus.FAILED:
            self._report.added.append(name)
        elif _is_same_text(task, version):
            self._report.unchanged += 1
        else:
            self._report.changed.append(name)
        codes = [tag for tag in version.metadata.tags if tag.startswith(WARNING_TAG)]
        if codes:
            self._report.warnings[name] = [code.removeprefix(WARNING_TAG) for code in codes]


def _is_same_text(task: Task, version: NewVersion) -> bool:
    """Returns whether new bytes brought the same blocks: the third gate."""
    return task.state is not None and task.state.text_hash == version.text_hash
