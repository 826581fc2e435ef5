"""Kept originals go once no document needs them, and never before."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from app.bootstrap import build_worker, open_store
from app.role import hold_role
from app.settings import Settings, load_settings
from app.tidying import sweep_originals
from retrieval.catalog import Catalog
from retrieval.originals import OriginalStore
from tests.integration.test_worker import fill, order, register, work_until

HOURS_AGO = time.time() - 7200


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(home=tmp_path / "home", readers=1)


@pytest.fixture
def catalog(settings: Settings) -> Iterator[Catalog]:
    with open_store(settings) as opened:
        yield opened


def kept(settings: Settings) -> list[Path]:
    return [path for path in (settings.home / "originals").rglob("*") if path.is_file()]


def test_originals_of_a_removed_source_go_and_those_of_others_stay(
    settings: Settings, catalog: Catalog, tmp_path: Path
) -> None:
    first, second = (register(catalog, fill(tmp_path / name, 2)) for name in ("one", "two"))
    (tmp_path / "two" / "own.txt").write_text("二つ目だけにある文書です。", encoding="utf-8")
    for source in (first, second):
        work_until(settings, order(catalog, source))
    assert len(kept(settings)) == 3
    for path in kept(settings):
        os.utime(path, (HOURS_AGO, HOURS_AGO))
    catalog.sources.remove(second.id)
    with hold_role(settings.home), build_worker(settings) as worker:
        worker.run(Event(), until=order(catalog, first).id)
    assert len(kept(settings)) == 2


def test_what_came_within_the_hour_stays(catalog: Catalog, tmp_path: Path) -> None:
    store = OriginalStore(tmp_path / "originals")
    fresh, old = store.put_bytes(b"fresh"), store.put_bytes(b"old")
    os.utime(store.path(old), (HOURS_AGO, HOURS_AGO))
    sweep_originals(catalog, store)
    assert store.path(fresh).exists()
    assert not store.path(old).exists()


def test_the_hour_begins_anew_when_the_same_file_comes_again(
    catalog: Catalog, tmp_path: Path
) -> None:
    store = OriginalStore(tmp_path / "originals")
    again = store.put_bytes(b"again")
    os.utime(store.path(again), (HOURS_AGO, HOURS_AGO))
    store.put_bytes(b"again")
    sweep_originals(catalog, store)
    assert store.path(again).exists()
