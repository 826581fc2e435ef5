"""Brings a catalog's tables up to date before anything else looks at them."""

import sqlite3
from contextlib import closing
from pathlib import Path

from filelock import FileLock
from filelock import Timeout as LockTimeout

from retrieval.catalog.database import BUSY_TIMEOUT_S, naming_failures
from retrieval.catalog.errors import CatalogTooNew
from retrieval.errors import CatalogUnavailable

REVISION = "0007"
"""The newest revision in ``migrations/versions``; a test compares them."""

_SCRIPTS = Path(__file__).parent / "migrations"
_LOCK_TIMEOUT_S = 120


def prepare(path: Path) -> None:
    """Makes the file where it is missing and applies the migrations it lacks, all or none.

    Processes that open the same catalog at the same time wait for each other here.

    Raises:
        CatalogUnavailable: It cannot be opened, locked or written.
        CatalogTooNew: Its revision is none that this release knows.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_name(f"{path.name}.lock"), timeout=_LOCK_TIMEOUT_S):
            path.touch(mode=0o600)  # SQLite gives the files beside it the same permissions
            with naming_failures(path):
                _bring_up_to_date(path)
    except LockTimeout as error:
        reason = f"another process has been opening it for {_LOCK_TIMEOUT_S} s"
        raise CatalogUnavailable(path=path, reason=reason) from error
    except OSError as error:
        raise CatalogUnavailable(path=path, reason=str(error)) from error


def _bring_up_to_date(path: Path) -> None:
    found = _revision(path)
    if found != REVISION:
        _migrate(path, found)


def _revision(path: Path) -> str | None:
    with closing(sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")  # stays with the file
        known = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'alembic_version'"
        if connection.execute(known).fetchone() is None:
            return None
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return None if row is None else str(row[0])


def _migrate(path: Path, found: str | None) -> None:
    # Paid only when there is something to do: Alembic takes a while to import.
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory
    from sqlalchemy import URL, create_engine, event

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise CatalogTooNew(path=path, found=found, known=REVISION)
    url = URL.create("sqlite+pysqlite", database=str(path))
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_S})

    @event.listens_for(engine, "connect")
    def _configure(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # so that DDL is inside our transaction

    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()
    finally:
        engine.dispose()
