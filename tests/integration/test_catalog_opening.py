"""Opening the catalog: its tables, its refusals, and what a crash leaves."""

import re
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError

from retrieval.catalog import Catalog, CatalogTooNew, migrating, schema
from retrieval.catalog.database import Database
from retrieval.errors import CatalogUnavailable
from retrieval.model import Access
from tests.integration.catalog_samples import ANYONE, PUBLIC, add_source, failure, version

ROOT = Path(__file__).parents[2]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "蔵" / "catalog.sqlite"


@pytest.fixture
def catalog(path: Path) -> Iterator[Catalog]:
    with Catalog(path) as opened:
        yield opened


def tables_of(path: Path) -> dict[str, list[str]]:
    """Every table and index with the words of its definition, whose parts stand in any order."""
    query = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'alembic%'"
    with closing(sqlite3.connect(path)) as connection:
        return {name: sorted(re.findall(r"\w+", sql)) for name, sql in connection.execute(query)}


def test_the_migrations_make_exactly_the_tables_of_the_schema(
    catalog: Catalog, tmp_path: Path
) -> None:
    direct = tmp_path / "direct.sqlite"
    engine = create_engine(f"sqlite:///{direct}")
    schema.metadata.create_all(engine)
    engine.dispose()
    assert tables_of(catalog.database.path) == tables_of(direct)
    with catalog.database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), schema.metadata) == []


def test_the_revision_the_code_expects_is_the_newest_migration() -> None:
    scripts = ScriptDirectory(str(Path(migrating.__file__).parent / "migrations"))
    assert scripts.get_heads() == [migrating.REVISION]


def test_every_connection_is_durable_and_checks_foreign_keys(catalog: Catalog) -> None:
    for transaction in (catalog.database.read, catalog.database.write):
        with transaction() as connection:
            asked = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
            found = [connection.execute(text(f"PRAGMA {name}")).scalar() for name in asked]
        assert found == ["wal", 2, 1, 30_000]


def test_the_file_and_its_companions_are_private(catalog: Catalog) -> None:
    add_source(catalog)
    files = list(catalog.database.path.parent.glob("catalog.sqlite*"))
    assert {file.name for file in files} > {"catalog.sqlite", "catalog.sqlite-wal"}
    assert all(file.stat().st_mode & 0o077 == 0 for file in files if "lock" not in file.name)


def test_what_was_written_is_there_after_opening_again(path: Path) -> None:
    with Catalog(path) as catalog:
        source = add_source(catalog)
        seq = catalog.documents.publish(version(source)).seq
    with Catalog(path) as catalog:
        assert catalog.sources.list() == [source]
        assert catalog.changes.head() == seq == 2


def test_a_catalog_of_a_newer_release_is_refused_by_name_and_left_alone(path: Path) -> None:
    Catalog(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    with pytest.raises(
        CatalogTooNew, match=f"revision 9999; this one knows up to {migrating.REVISION}"
    ) as caught:
        Catalog(path)
    assert isinstance(caught.value, CatalogUnavailable)
    assert "9999" in caught.value.message("ja")


def test_a_file_that_is_no_database_is_refused(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"%PDF-1.7 this is something else entirely" * 100)
    with pytest.raises(CatalogUnavailable, match="file is not a database"):
        Catalog(path)


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CatalogUnavailable, match="file"):
        Catalog(tmp_path / "file" / "catalog.sqlite")


def test_damage_found_while_reading_is_named(path: Path) -> None:
    with Catalog(path) as catalog:
        source = add_source(catalog)
        for number in range(50):
            catalog.documents.publish(version(source, f"{number}.txt", ["本文" * 500]))
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (path.stat().st_size - 4096))
    with pytest.raises(CatalogUnavailable, match="malformed"), Catalog(path) as catalog:
        catalog.documents.states(source.id)


def test_a_full_disk_is_named_and_nothing_is_kept(catalog: Catalog) -> None:
    source = add_source(catalog)
    with catalog.database.write() as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
        connection.execute(text(f"PRAGMA max_page_count = {pages + 2}"))
    with pytest.raises(CatalogUnavailable, match="full"):
        catalog.documents.publish(version(source, texts=["本文" * 50_000]))
    assert catalog.documents.states(source.id) == {}
    assert catalog.changes.head() == 0


def test_a_lock_that_stays_is_named_and_readers_go_on_meanwhile(path: Path) -> None:
    Catalog(path).close()
    database = Database(path, busy_timeout_s=0.2)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with database.read() as connection:
            assert connection.execute(text("SELECT count(*) FROM sources")).scalar() == 0
        with pytest.raises(CatalogUnavailable, match="database is locked"), database.write():
            pass
    with database.write() as connection:
        assert connection.execute(text("SELECT count(*) FROM sources")).scalar() == 0
    database.close()


def test_a_reader_cannot_write(catalog: Catalog) -> None:
    with (
        pytest.raises(CatalogUnavailable, match="readonly"),
        catalog.database.read() as connection,
    ):
        connection.execute(text("DELETE FROM sources"))


def test_an_error_inside_a_transaction_leaves_nothing(catalog: Catalog) -> None:
    source = add_source(catalog)

    def remove_and_stumble() -> None:
        with catalog.database.write() as connection:
            connection.execute(schema.sources.delete())
            connection.execute(text("INSERT INTO tombstones DEFAULT VALUES"))

    with pytest.raises(IntegrityError):
        remove_and_stumble()
    assert catalog.sources.list() == [source]


def test_the_data_version_changes_with_every_commit_by_anyone(catalog: Catalog) -> None:
    seen = [catalog.data_version()]
    add_source(catalog)
    seen.append(catalog.data_version())
    thread = threading.Thread(target=add_source, args=(catalog, "b"))
    thread.start()
    thread.join()
    seen.append(catalog.data_version())
    with Catalog(catalog.database.path) as other:
        add_source(other, "c")
    seen.append(catalog.data_version())
    assert len(set(seen)) == 4


def test_the_data_version_stays_while_nobody_commits(catalog: Catalog) -> None:
    add_source(catalog)
    before = catalog.data_version()
    assert catalog.jobs.claim() is None
    catalog.documents.get("nothing", ANYONE)
    assert catalog.data_version() == before


HALF_WRITTEN = """
    import sys
    from pathlib import Path
    from retrieval.catalog import Catalog
    from retrieval.catalog.publishing import publish_version
    from tests.integration.catalog_samples import version

    catalog = Catalog(Path(sys.argv[1]))
    source = catalog.sources.find("規程集")
    with catalog.database.write() as connection:
        # Enough to spill uncommitted pages into the log of the file.
        for number in range(300):
            publish_version(connection, version(source, f"half-{number}.txt", ["本文" * 3000]))
        print("written", flush=True)
        sys.stdin.read()
"""


def test_a_process_killed_inside_a_transaction_leaves_nothing_half_visible(path: Path) -> None:
    with Catalog(path) as catalog:
        source = add_source(catalog)
        head = catalog.documents.publish(version(source)).seq
        with subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(HALF_WRITTEN), str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "written\n"
            assert list(catalog.documents.states(source.id)) == ["rules.txt"]
            process.send_signal(signal.SIGKILL)
        assert process.returncode == -signal.SIGKILL
        assert list(catalog.documents.states(source.id)) == ["rules.txt"]
        assert catalog.changes.head() == head
        # The lock went with the process.
        assert catalog.documents.publish(version(source, "next.txt")).seq == head + 2
    with Catalog(path) as catalog, catalog.database.read() as connection:
        assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
        assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
        assert connection.execute(text("SELECT count(*) FROM documents")).scalar() == 2


PUBLISHER = """
    import sys
    from pathlib import Path
    from retrieval.catalog import Catalog
    from tests.integration.catalog_samples import add_source, version

    with Catalog(Path(sys.argv[1])) as catalog:
        source = add_source(catalog)
        for number in range(40):
            catalog.documents.publish(version(source, f"{sys.argv[2]}-{number}.txt"))
"""


def test_processes_that_open_and_write_at_once_lose_nothing(path: Path) -> None:
    script = textwrap.dedent(PUBLISHER)
    processes = [
        subprocess.Popen([sys.executable, "-c", script, str(path), name], cwd=ROOT)
        for name in ("a", "b", "c")
    ]
    assert [process.wait(timeout=120) for process in processes] == [0, 0, 0]
    with Catalog(path) as catalog:
        states = catalog.documents.states(catalog.sources.list()[0].id)
        changes = catalog.changes.since(0)
        assert len(states) == 120
        assert len(changes) == len({change.chunk_id for change in changes}) == 240
        assert [change.seq for change in changes] == list(range(1, 241))


def test_threads_that_write_at_once_lose_nothing(catalog: Catalog) -> None:
    source = add_source(catalog)

    def publish(name: str) -> None:
        for number in range(15):
            catalog.documents.publish(version(source, f"{name}-{number}.txt"))
            catalog.documents.fail(failure(source, f"bad-{name}-{number}.txt", Access()))

    threads = [threading.Thread(target=publish, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(catalog.documents.states(source.id)) == 120
    assert catalog.changes.head() == 120
    assert catalog.rules.allowed(ANYONE) != frozenset()
    assert source.access == PUBLIC
