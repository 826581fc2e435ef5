"""The rules of synchronisation, played at random against a scripted source.

A dictionary says what the source has. Files are written, edited, moved, locked and deleted; runs
see all of it, half of it, nothing, or an error; some are killed midway. Whatever happens: nobody
finds what no run could have seen, what was never listed as gone is kept, and a complete run ends
with exactly what the source has.
"""

import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from ingestion.errors import SourceUnavailable
from ingestion.model import Listing, Tell
from ingestion.pipeline import Pipeline
from ingestion.report import Report
from ingestion.sidecar import Sidecar
from ingestion.sources.folder import list_folder
from retrieval.catalog import Catalog, DocumentState, Source
from retrieval.embedding.cache import CachedEmbedder, EmbeddingCache
from retrieval.model import DocumentStatus
from retrieval.originals import OriginalStore
from tests.integration.ingestion_place import Place

NAMES = st.sampled_from([f"{folder}{name}.txt" for folder in ("", "a/", "b/") for name in "xyz"])
TEXTS = st.sampled_from(
    ["一つ目の本文です。", "二つ目の本文です。", "三つ目。\n@in.txt: 中身です。"]
)


class Killed(BaseException):
    """What ends a run midway; no handler of ours may catch it."""


class ScriptedSource:
    """Lists a folder wholly, in part, or fails after having begun."""

    def __init__(self) -> None:
        self.mood = "complete"

    def list(self, source: Source, _tell: Tell) -> tuple[Listing, Sidecar]:
        if self.mood == "raises":
            raise SourceUnavailable(path=source.location, reason="it went away")
        listing = list_folder(Path(source.location))
        if self.mood == "partial":
            return Listing(listing.items[::2], complete=False), Sidecar()
        if self.mood == "empty":
            return Listing(()), Sidecar()
        return listing, Sidecar()


class SyncRules(RuleBasedStateMachine):
    """Plays with one folder."""

    @initialize()
    def begin(self) -> None:
        self.home = Path(tempfile.mkdtemp())
        (self.home / "documents").mkdir()
        self.catalog = Catalog(self.home / "catalog.sqlite")
        self.place = Place(self.home, self.catalog)
        self.script = ScriptedSource()
        self.truth: dict[str, str] = {}
        self.written: dict[str, set[str]] = {}

    def teardown(self) -> None:
        if hasattr(self, "catalog"):
            self.catalog.close()
            shutil.rmtree(self.home)

    @rule(name=NAMES, text=TEXTS)
    def write(self, name: str, text: str) -> None:
        self.place.write(name, text)
        self.truth[name] = text
        self.written.setdefault(text, set()).add(name)

    @rule(name=NAMES)
    def lock(self, name: str) -> None:
        self.place.write(name, "LOCKED")
        self.truth[name] = ""

    @precondition(lambda self: self.truth)
    @rule(data=st.data(), place=NAMES)
    def move(self, data: st.DataObject, place: str) -> None:
        name = data.draw(st.sampled_from(sorted(self.truth)))
        (self.place.folder / place).parent.mkdir(exist_ok=True)
        (self.place.folder / name).rename(self.place.folder / place)
        self.truth[place] = self.truth.pop(name)

    @precondition(lambda self: self.truth)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.truth)))
        (self.place.folder / name).unlink()
        del self.truth[name]

    @rule(mood=st.sampled_from(["partial", "empty", "raises"]))
    def run_over_a_source_in_trouble(self, mood: str) -> None:
        before = self.states()
        self.script.mood = mood
        try:
            report = self.run_pipeline()
        except SourceUnavailable:
            assert mood == "raises"
            assert self.states() == before
        else:
            kept = {state.id for state in self.states().values()}
            lost = {state for state in before.values() if state.id not in kept}
            assert all(state.parent_id is not None for state in lost)
            assert report.removed == [] or mood == "partial"
        finally:
            self.script.mood = "complete"

    @rule(after=st.integers(0, 3))
    def run_and_be_killed(self, after: int) -> None:
        calls = iter(range(after, -1, -1))

        def pause() -> None:
            if next(calls, 0) == 0:
                raise Killed

        with suppress(Killed):
            self.run_pipeline(pause)

    @rule()
    def run_to_the_end(self) -> None:
        before = self.states()
        report = self.run_pipeline()
        held = set(report.held)
        readable = {name for name, text in self.truth.items() if text}
        states = self.states()
        whole = {name: state for name, state in states.items() if state.parent_id is None}
        assert set(whole) - held == set(self.truth)
        assert held <= set(before)
        texts = self.place.texts()
        for name in readable:
            assert states[name].status is DocumentStatus.CURRENT
            assert texts[name] == self.truth[name]
        inner = {f"{name}!/in.txt" for name in readable if "@in" in self.truth[name]}
        expected = inner | {name for name in states if name.partition("!/")[0] not in readable}
        assert {name for name, state in states.items() if state.parent_id} <= expected
        assert inner <= set(states)
        again = self.run_pipeline()
        assert (again.added, again.changed, again.removed, again.moved) == ([], [], [], [])
        assert (again.embedded, again.failed) == (0, [])

    @invariant()
    def what_is_found_was_once_written(self) -> None:
        if not hasattr(self, "catalog"):
            return
        for name, text in self.place.texts().items():
            assert text in self.written or (name.endswith("!/in.txt") and text == "中身です。")

    @invariant()
    def what_lies_in_another_has_its_access(self) -> None:
        states = self.states() if hasattr(self, "catalog") else {}
        by_id = {state.id: state for state in states.values()}
        for state in states.values():
            if state.parent_id is not None:
                assert state.access == by_id[state.parent_id].access

    def states(self) -> dict[str, DocumentState]:
        return self.place.states()

    def run_pipeline(self, pause=lambda: None) -> Report:  # noqa: ANN001 - a function of nothing
        cache = EmbeddingCache(self.home / "embeddings.sqlite")
        embedder = CachedEmbedder(self.place.model, cache)
        originals = OriginalStore(self.home / "originals")
        pipeline = Pipeline(
            self.catalog, originals, embedder, self.place.reader, lister=self.script.list
        )
        try:
            return pipeline.run(self.place.source(), lambda _: None, pause=pause)
        finally:
            cache.close()


def test_whatever_a_source_does_the_catalog_follows_it_safely() -> None:
    run_state_machine_as_test(
        SyncRules,
        settings=settings(
            max_examples=12,
            stateful_step_count=12,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
