"""Brings what was fetched into the catalog, a transaction for each document."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

from ingestion.errors import (
    NeedsRecognition,
    NoText,
    PasswordProtected,
    ReadingFailed,
    Shrunk,
)
from ingestion.fetching import Content, Fetched
from ingestion.gates import SHRUNK, Signature, Task, has_shrunk
from ingestion.model import WARNING_TAG, Parsed, SourceItem
from ingestion.moving import Move
from ingestion.report import Failure, Report
from retrieval.catalog import Catalog, DocumentState, Failed, Source
from retrieval.catalog.records import Moved, SourceText
from retrieval.embedding.cache import CachedEmbedder
from retrieval.errors import EmbedderUnavailable, NotFound
from retrieval.model import Basis, DocumentStatus, Metadata, NewVersion

Prepare = Callable[[Task, Parsed, str, str], NewVersion]
"""Cleans, checks, tags and cuts what was read of an item: task, reading, content hash, id."""

Describe = Callable[[Task, SourceText], Metadata]
"""Tags a stored text for the place and the rules of a task."""

_BATCH_CHUNKS = 256
_BATCH_DOCUMENTS = 16
_MENDABLE = (PasswordProtected, NeedsRecognition, NoText)


@dataclass(frozen=True, slots=True)
class Steps:
    """What happens to a document before it is written."""

    prepare: Prepare
    describe: Describe


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run writes."""

    catalog: Catalog
    embedder: CachedEmbedder
    source: Source


class Publisher:
    """Writes one run's documents and its report; embeds over several documents at once."""

    def __init__(
        self, place: Place, report: Report, steps: Steps, *, accepts_shrunk: bool = False
    ) -> None:
        """Takes where to write, the report to fill, and the steps before.

        Args:
            place: The run's source, the catalog and the embedding cache.
            report: Filled as documents go in.
            steps: What happens between reading and writing.
            accepts_shrunk: Whether versions may go in that lost nearly all of their text.
        """
        self._documents = place.catalog.documents
        self._embedder = place.embedder
        self._source = place.source
        self._report = report
        self._steps = steps
        self._accepts_shrunk = accepts_shrunk
        self._ready: list[tuple[Task, NewVersion]] = []

    @property
    def failures(self) -> int:
        """How many documents could not be read so far."""
        return len(self._report.failed)

    def skip(self, task: Task) -> None:
        """Counts an item that needs nothing."""
        self._report.unchanged += 1
        if task.state is not None and task.state.status is not DocumentStatus.CURRENT:
            self._report.still_failed += 1

    def move(self, move: Move, task: Task) -> None:
        """Gives a document the name, the rules and the tags of its new place; nothing is read.

        What its old place alone gave rise to (a department, a mark in a folder's name) is gone.
        """
        name = task.item.external_id
        metadata = self._describe(task, move.state)
        recipe = Signature.parse(move.state.signature).recipe
        now = str(replace(task.now, recipe=recipe))
        moved = Moved(move.state.id, name, now, task.ruling.access, metadata, self._basis(task))
        with suppress(NotFound):  # somebody removed it while the run went on
            self._documents.move(moved)
        for inner, state in task.contents.items():
            placed = _stored_inside(task, name + inner.removeprefix(move.before), state)
            with suppress(NotFound):
                self._documents.update(state.id, metadata=self._describe(placed, state))
        self._report.moved.append(f"{move.before} -> {name}")

    def retag(self, task: Task) -> None:
        """Follows the rules, the vocabulary or the way of tagging where only they changed.

        Nothing is read or embedded: tags come from the stored text. A document that is stale or
        failed stays so.
        """
        if task.state is None:
            return
        self._follow_rules(task)
        before = Signature.parse(task.state.signature)
        self._documents.sign(task.state.id, str(replace(before, ruling=task.now.ruling)))
        self._report.retagged.append(task.item.external_id)

    def take(self, task: Task, fetched: Fetched) -> None:
        """Takes over one fetched item and what lies in it; published with the next few."""
        signed = replace(task, now=_sign(task, fetched))
        self._take_one(signed, fetched)
        if fetched.parsed is not None:
            self._take_contents(signed, fetched)

    def flush(self) -> None:
        """Embeds and publishes what is ready."""
        ready, self._ready = self._ready, []
        fresh = [version for task, version in ready if not _is_same_text(task, version)]
        self._embed([chunk.indexed_text for version in fresh for chunk in version.chunks])
        for task, version in ready:
            self._documents.publish(version)
            self._report.chunks += len(version.chunks)
            self._note(task, version)

    def _take_one(self, task: Task, fetched: Fetched) -> None:
        if fetched.failure is not None:
            self._fail(task, fetched, fetched.failure)
        elif fetched.parsed is None:
            self._keep_as_ruled(task)
            self._report.unchanged += 1
        else:
            self._prepare(task, fetched, fetched.parsed)
        chunks = sum(len(version.chunks) for _, version in self._ready)
        if chunks >= _BATCH_CHUNKS or len(self._ready) >= _BATCH_DOCUMENTS:
            self.flush()

    def _take_contents(self, task: Task, fetched: Fetched) -> None:
        """Takes over what lies in an item, and drops what no longer does."""
        parent_id = self._documents.identify(self._source.id, task.item.external_id)
        for content in fetched.contents:
            self._take_one(_inner_task(task, content, parent_id), content.fetched)
        names = {content.external_id for content in fetched.contents}
        gone = {name: state for name, state in task.contents.items() if name not in names}
        if gone:
            self._documents.remove([state.id for state in gone.values()], "no longer in its parent")
            self._report.removed += sorted(gone)

    def _prepare(self, task: Task, fetched: Fetched, parsed: Parsed) -> None:
        identity = self._documents.identify(self._source.id, task.item.external_id)
        try:
            version = self._steps.prepare(task, parsed, fetched.content_hash, identity)
            self._check_length(task, version)
        except ReadingFailed as failure:
            self._fail(task, fetched, failure)
            return
        self._report.hidden_characters += parsed.hidden_characters
        self._ready.append((task, replace(version, basis=self._basis(task))))

    def _check_length(self, task: Task, version: NewVersion) -> None:
        if self._accepts_shrunk or task.state is None or _is_same_text(task, version):
            return
        before = self._documents.length(task.state.id)
        if has_shrunk(before, len(version.text)):
            name = task.item.external_id
            raise Shrunk(name=name, before=before, after=len(version.text))

    def _keep_as_ruled(self, task: Task) -> None:
        """Notes that an item's bytes are those of the stored version."""
        if task.state is not None:
            self._follow_rules(task)
            self._documents.touch(task.state.id, str(task.now))

    def _follow_rules(self, task: Task) -> None:
        """Brings a document, and what lies in it, under the rules; what lies in it first."""
        if task.state is None:
            return
        otherwise = Signature.parse(task.state.signature).facts != task.now.facts
        inner = [_stored_inside(task, name, state) for name, state in task.contents.items()]
        for each, state in [*((each, each.state) for each in inner), (task, task.state)]:
            if state is None:
                continue
            metadata = self._describe(each, state) if otherwise else None
            if metadata is not None or task.ruling.access != state.access:
                access, basis = task.ruling.access, self._basis(each)
                with suppress(NotFound):  # somebody removed it while the run went on
                    self._documents.update(state.id, access=access, metadata=metadata, basis=basis)

    def _basis(self, task: Task) -> Basis:
        """Returns what an item's access was decided from, at the beginning of the run."""
        return Basis(self._source.access, task.known.access if task.known else None)

    def _describe(self, task: Task, state: DocumentState) -> Metadata | None:
        """Returns what is known of a stored document at its place, ``None`` without a text."""
        stored = self._documents.source_text(state.id)
        return None if stored is None else self._steps.describe(task, stored)

    def _fail(self, task: Task, fetched: Fetched, failure: ReadingFailed) -> None:
        now = task.now
        if failure.transient:
            now = replace(now, item="")  # without the item's signature the next run reads it again
        elif isinstance(failure, Shrunk):
            now = replace(now, means=SHRUNK)
        elif isinstance(failure, _MENDABLE):
            now = replace(now, means=task.means)
        self._documents.fail(
            Failed(
                source_id=self._source.id,
                external_id=task.item.external_id,
                reason=failure.code,
                details={name: str(value) for name, value in failure.details.items()},
                signature=str(now),
                content_hash=fetched.content_hash,
                size=task.item.size,
                access=task.ruling.access,
                parent_id=task.parent_id,
                basis=self._basis(task),
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


def _sign(task: Task, fetched: Fetched) -> Signature:
    """Returns the signature an item gets: one that is read again when its contents may be."""
    failures = list(_failures(fetched))
    if any(failure.transient for failure in failures):
        return replace(task.now, item="")
    if any(isinstance(failure, _MENDABLE) for failure in failures):
        return replace(task.now, means=task.means)
    return task.now


def _failures(fetched: Fetched) -> Iterator[ReadingFailed]:
    for content in fetched.contents:
        if content.fetched.failure is not None:
            yield content.fetched.failure


def _stored_inside(task: Task, external_id: str, state: DocumentState) -> Task:
    """Returns the task of a stored document that lies in an item: under the same rules."""
    item = replace(task.item, external_id=external_id)
    return replace(task, item=item, state=state, contents={})


def _inner_task(task: Task, content: Content, parent_id: str) -> Task:
    """Returns the task of a document that lies in an item: under the same rules."""
    item = SourceItem(
        external_id=content.external_id,
        path=task.item.path,
        size=content.size,
        modified_at=task.item.modified_at,
        signature=content.fetched.content_hash,
    )
    now = replace(task.now, item=item.signature, means="")
    state = task.contents.get(content.external_id)
    return Task(item, task.ruling, now, state, task.means, parent_id, past=task.past)
