"""A model of the truth: whatever happens, search equals a dictionary.

Random uploads, edits, access changes, deletions, re-indexes and worker kills run against a plain
dictionary of what each document says and who may read it. At every moment nobody finds what they
may not read or what is no longer so; once a worker has finished a pass, the lexical arm, the
vector arm and the search that joins them each find exactly what the dictionary says, for each of
three callers.
"""

import json
import multiprocessing
import shutil
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

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

from ingestion.model import Upload
from retrieval.catalog import Catalog
from retrieval.lexical.asking import Demands
from retrieval.lexical.index import LexicalIndex
from retrieval.lexical.writing import lexical_folder
from retrieval.model import EVERYONE, Access, Filters, Principals, Scope
from retrieval.originals import OriginalStore
from retrieval.search import Searcher
from retrieval.snapshot import Snapshot
from tests.fakes.embedder import HashEmbedder
from tests.fakes.keeping import keep
from tests.integration.truth_worker import Orders, add_sources, open_catalog, work_once

CALLERS: Mapping[str, Principals] = {
    "hanako": frozenset({EVERYONE, "user:hanako", "group:hr", "group:staff"}),
    "james": frozenset({EVERYONE, "user:james", "group:sales", "group:staff"}),
    "visitor": frozenset({EVERYONE}),
}
NAMES = st.sampled_from([f"{name}.txt" for name in ("a", "b", "c", "d", "e")])
PRINCIPALS = st.sampled_from(["everyone", "group:staff", "group:hr", "group:sales", "user:james"])
ACCESS = st.builds(
    Access, st.frozensets(PRINCIPALS, max_size=2), st.frozensets(PRINCIPALS, max_size=1)
)
SHARED_WORDS = "在庫の記録 stock record"
MANY = 1_000
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.integration.truth_worker"])


class Entry(NamedTuple):
    """What the dictionary says of one document."""

    text: str
    access: Access


class ModelOfTruth(RuleBasedStateMachine):
    """Drives the real catalog, pipeline and indexes beside two dictionaries."""

    @initialize()
    def begin(self) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="kura-truth-"))
        self.home, self.folder = self.root / "home", self.root / "folder"
        self.home.mkdir()
        self.folder.mkdir()
        self.files: dict[str, Entry] = {}
        self.uploads: dict[str, Entry] = {}
        self.waiting: list[Upload] = []
        self.edits = 0
        self.settled = True
        self.catalog: Catalog = open_catalog(self.home)
        add_sources(self.catalog, self.folder)
        self.originals = OriginalStore(self.home / "originals")
        self.searcher = Searcher(self.catalog, self.home, HashEmbedder())
        self.snapshot = Snapshot(self.catalog, self.home, HashEmbedder())

    # What people do.

    @rule(name=NAMES, access=ACCESS)
    def write_a_file(self, name: str, access: Access) -> None:
        self.files[name] = Entry(self._next_text(name), access)
        (self.folder / name).write_text(self.files[name].text, encoding="utf-8")
        self._write_sidecar()

    @precondition(lambda self: self.files)
    @rule(data=st.data(), access=ACCESS)
    def change_who_may_read_a_file(self, data: st.DataObject, access: Access) -> None:
        name = data.draw(st.sampled_from(sorted(self.files)))
        self.files[name] = self.files[name]._replace(access=access)
        self._write_sidecar()

    @precondition(lambda self: self.files)
    @rule(data=st.data())
    def delete_a_file(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.files)))
        del self.files[name]
        (self.folder / name).unlink()
        self._write_sidecar()

    @rule(name=NAMES, access=ACCESS)
    def upload(self, name: str, access: Access) -> None:
        entry = Entry(self._next_text(f"upload {name}"), access)
        self.uploads[name] = entry
        content = keep(self.originals, entry.text.encode())
        self.waiting = [each for each in self.waiting if each.name != name]
        self.waiting.append(Upload(name=name, content_hash=content, access=access))
        self.settled = False

    @precondition(lambda self: self.settled and self.uploads)
    @rule(data=st.data(), access=ACCESS)
    def change_who_may_read_an_upload(self, data: st.DataObject, access: Access) -> None:
        """Holds from the next search for what it forbids; the index follows for what it allows."""
        name = data.draw(st.sampled_from(sorted(self.uploads)))
        self.uploads[name] = self.uploads[name]._replace(access=access)
        self.catalog.documents.update(self._upload_id(name), access=access)
        self.settled = False

    @precondition(lambda self: self.settled and self.uploads)
    @rule(data=st.data())
    def delete_an_upload(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.uploads)))
        del self.uploads[name]
        self.catalog.documents.remove([self._upload_id(name)], "deleted")
        self.settled = False

    # What the worker does.

    @rule(reindex=st.booleans())
    def let_the_worker_finish(self, reindex: bool) -> None:
        worker = self._start_worker(reindex)
        worker.join(60)
        assert worker.exitcode == 0
        self.waiting.clear()
        self.settled = True

    @rule(milliseconds=st.integers(0, 400), reindex=st.booleans())
    def kill_the_worker(self, milliseconds: int, reindex: bool) -> None:
        worker = self._start_worker(reindex)
        time.sleep(milliseconds / 1000)
        worker.kill()
        worker.join(60)
        self.settled = False

    # What must hold.

    @invariant()
    def nobody_finds_what_they_may_not_read(self) -> None:
        if not hasattr(self, "catalog"):
            return
        for caller, principals in CALLERS.items():
            found = self.searcher.search(SHARED_WORDS, Scope(principals), MANY).passages
            for passage in found:
                assert passage.document.access.permits(principals), (caller, passage)
            if self.settled:
                assert {passage.chunk.text for passage in found} == self._readable(principals)

    @precondition(lambda self: self.settled)
    @invariant()
    def each_arm_finds_exactly_what_the_dictionary_says(self) -> None:
        for principals in CALLERS.values():
            expected = self._readable(principals)
            allowed = self.catalog.rules.allowed(principals)
            assert self._texts(self._ask_words(allowed), principals) == expected
            assert self._texts(self._ask_vectors(allowed), principals) == expected

    def teardown(self) -> None:
        if hasattr(self, "catalog"):
            self.snapshot.close()
            self.searcher.close()
            self.catalog.close()
            shutil.rmtree(self.root)

    def _next_text(self, name: str) -> str:
        self.edits += 1
        return f"{SHARED_WORDS} {name} 第{self.edits}版"

    def _write_sidecar(self) -> None:
        rules = [
            f'[[rule]]\npath = "{name}"\nallow = {json.dumps(sorted(entry.access.allow))}\n'
            f"deny = {json.dumps(sorted(entry.access.deny))}\n"
            for name, entry in self.files.items()
        ]
        (self.folder / ".kura.toml").write_text("\n".join(rules), encoding="utf-8")
        self.settled = False

    def _start_worker(self, reindex: bool) -> multiprocessing.process.BaseProcess:
        orders = Orders(self.home, self.folder, tuple(self.waiting), reindex)
        worker = PROCESSES.Process(target=work_once, args=(orders,))
        worker.start()
        return worker

    def _readable(self, principals: Principals) -> set[str]:
        entries = [*self.files.values(), *self.uploads.values()]
        return {entry.text for entry in entries if entry.access.permits(principals)}

    def _upload_id(self, name: str) -> str:
        source = self.catalog.sources.find("uploads")
        assert source is not None
        return self.catalog.documents.states(source.id)[name].id

    def _ask_words(self, allowed: frozenset[int]) -> list[str]:
        if not self.catalog.changes.head():
            return []
        index = LexicalIndex(lexical_folder(self.home))
        return [
            hit.chunk_id for hit in index.ask(SHARED_WORDS, Demands(allowed, Filters())).best(MANY)
        ]

    def _ask_vectors(self, allowed: frozenset[int]) -> list[str]:
        query = HashEmbedder().embed_query(SHARED_WORDS)
        with self.snapshot.view() as view:
            if view is None:
                return []
            return [name for name, _ in view.search(query, view.mask(allowed, Filters()), MANY)]

    def _texts(self, found: list[str], principals: Principals) -> set[str]:
        """The texts of what an arm found; that the catalog knows each is part of the claim."""
        known = self.catalog.chunks.fetch(found, principals)
        assert set(known) == set(found)
        return {chunk.text for chunk, _ in known.values()}


def test_search_equals_a_dictionary_whatever_happens() -> None:
    run_state_machine_as_test(
        ModelOfTruth,
        settings=settings(
            max_examples=12,
            stateful_step_count=14,
            deadline=None,
            derandomize=True,
            print_blob=True,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
