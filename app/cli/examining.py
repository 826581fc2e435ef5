"""`kura doctor`: looks at everything the installation needs and says what to do about faults."""

import platform
import shutil
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryFile

import typer

from app import sample
from app.cli.speaking import LANGUAGE, Exit, Json, emit, say, tell
from app.role import find_worker, is_alive
from app.settings import SAMPLE_FOLDER, Settings, load_settings
from retrieval.catalog import Catalog
from retrieval.errors import KuraError

LOWEST_FREE_MB = 1024
LOWEST_PYTHON = (3, 11)


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found.

    Attributes:
        status: "ok", "warn" (Kura works, with less) or "fail" (it does not).
        remedy: What to do, "" when nothing is.
    """

    name: str
    status: str
    message: str
    remedy: str = ""


def doctor(*, as_json: Json = False) -> None:
    """Prints every finding; the exit status is 1 when anything is broken."""
    findings = list(_examine(load_settings()))
    if as_json:
        emit({"findings": [asdict(finding) for finding in findings]})
    else:
        for finding in findings:
            tell(f"{finding.status:<4}  {finding.name}: {finding.message}")
            if finding.remedy:
                tell(f"      → {finding.remedy}")
    broken = any(finding.status == "fail" for finding in findings)
    raise typer.Exit(Exit.FAILED if broken else Exit.OK)


def _examine(settings: Settings) -> Iterator[Finding]:
    yield _check_python()
    home = _check_home(settings.home)
    yield home
    if home.status != "fail":
        yield _check_disk(settings.home)
        yield from _examine_catalog(settings)
    yield _check_embedder(settings)
    yield _check_model(settings)
    yield _check_sample()


def _check_python() -> Finding:
    found = f"{platform.python_version()} ({sys.executable})"
    if sys.version_info[:2] >= LOWEST_PYTHON:
        return Finding("python", "ok", found)
    return Finding(
        "python", "fail", found, say("Install Python 3.11.", "Python 3.11 以降が必要です。")
    )


def _check_home(home: Path) -> Finding:
    try:
        home.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=home):
            pass
    except OSError as error:
        remedy = say(
            "Set KURA_HOME to a folder you may write.", "書き込める KURA_HOME を指定してください。"
        )
        return Finding("home", "fail", f"{home}: {error.strerror}", remedy)
    return Finding("home", "ok", str(home))


def _check_disk(home: Path) -> Finding:
    free = shutil.disk_usage(home).free // 2**20
    message = say(f"{free} MB free", f"空き {free} MB")
    if free >= LOWEST_FREE_MB:
        return Finding("disk", "ok", message)
    return Finding("disk", "warn", message, say("Free some space.", "空きを増やしてください。"))


def _examine_catalog(settings: Settings) -> Iterator[Finding]:
    from app.bootstrap import open_store

    try:
        with open_store(settings) as catalog:
            yield _check_catalog(catalog)
            yield _check_worker(settings, catalog)
            yield _check_indexes(settings, catalog)
    except KuraError as error:
        yield Finding("catalog", "fail", error.message(LANGUAGE))


def _check_catalog(catalog: Catalog) -> Finding:
    with catalog.database.read() as connection:
        fault = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
    if fault != "ok":
        remedy = say("Restore a backup, or `kura reset`.", "バックアップを戻すか「kura reset」。")
        return Finding("catalog", "fail", str(fault), remedy)
    count = sum(len(catalog.documents.states(item.id)) for item in catalog.sources.list())
    return Finding("catalog", "ok", say(f"{count} documents", f"文書 {count} 件"))


def _check_worker(settings: Settings, catalog: Catalog) -> Finding:
    if is_alive(settings.home):
        pid = find_worker(settings.home)
        return Finding("worker", "ok", say(f"running (pid {pid})", f"動作中（pid {pid}）"))
    waiting = sum(job.state == "queued" for job in catalog.jobs.list(limit=1000))
    message = say(f"not running, {waiting} jobs queued", f"停止中、待ち {waiting} 件")
    remedy = say(
        "`kura serve` or `kura work` starts one.", "「kura serve」か「kura work」で起動します。"
    )
    return Finding("worker", "warn" if waiting else "ok", message, remedy if waiting else "")


def _check_indexes(settings: Settings, catalog: Catalog) -> Finding:
    from app.bootstrap import open_searcher

    head, live = catalog.changes.head(), catalog.generations.live()
    built = live.seq if live else 0
    remedy = say("Run `kura reindex`.", "「kura reindex」を実行してください。")
    try:
        with open_searcher(settings, catalog) as searcher:
            applied = searcher.applied()
    except KuraError as error:
        return Finding("indexes", "fail", error.message(LANGUAGE), remedy)
    message = say(
        f"{applied} of {head} changes applied, vector generation at {built}",
        f"変更 {head} 件中 {applied} 件を反映、ベクトル世代は {built}",
    )
    return Finding("indexes", "ok" if applied >= head else "warn", message)


def _check_embedder(settings: Settings) -> Finding:
    from app.bootstrap import build_embedder

    try:
        embedder = build_embedder(settings)
        embedder.embed_query("点検 check")
    except KuraError as error:
        remedy = say(
            "Check KURA_EMBEDDING_MODEL; KURA_ALLOW_DOWNLOADS=true lets a model be fetched.",
            "KURA_EMBEDDING_MODEL を確認してください。KURA_ALLOW_DOWNLOADS=true で取得できます。",
        )
        return Finding("embedder", "fail", error.message(LANGUAGE), remedy)
    message = f"{settings.embedding_model} ({embedder.dimension})"
    return Finding("embedder", "ok", message)


def _check_model(settings: Settings) -> Finding:
    from app.bootstrap import build_chat_model

    with closing(build_chat_model(settings)) as model:
        state = model.state()
    if state.usable:
        name = f"{model.name} ({settings.ollama_url}), {state.window} tokens"
        return Finding("model", "ok", name)
    remedy = state.remedy.text(LANGUAGE) if state.remedy else ""
    return Finding("model", "warn", f"{settings.ollama_url}: {state.reason_code}", remedy)


def _check_sample() -> Finding:
    if sample.is_here():
        return Finding("sample", "ok", str(SAMPLE_FOLDER))
    return Finding("sample", "warn", say("not installed", "ありません"))
