"""`kura doctor`: looks at everything the installation needs and says what to do about faults."""

import platform
import shlex
import shutil
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from app import sample
from app.cli.adapting import describe_adapted
from app.cli.choosing import ADMIN
from app.cli.examining_models import check_model, check_presets
from app.cli.examining_sources import check_sources
from app.cli.examining_words import check_glossary
from app.cli.findings import Check, Finding
from app.cli.speaking import LANGUAGE, Exit, Json, emit, say, tell
from app.role import find_worker, is_alive
from app.settings import (
    EMBEDDED_MODEL,
    PROJECT,
    SAMPLE_FOLDER,
    HomeUnusable,
    Settings,
    load_settings,
)
from app.standing_in import ABSENT
from retrieval.catalog import Catalog
from retrieval.errors import KuraError
from retrieval.model import Scope

PROBE = "点検 check"
LOWEST_FREE_MB = 1024
LOWEST_PYTHON = (3, 11)


OnlyOption = Annotated[
    Check | None,
    typer.Option(
        "--only",
        help=say(
            "Do this check alone; anything but ok then counts as broken.",
            "この点検だけを行います。ok 以外は壊れているとみなします。",
        ),
    ),
]


def doctor(*, only: OnlyOption = None, as_json: Json = False) -> None:
    """Prints every finding; the exit status is 1 when anything is broken."""
    findings = [item for item in _examine(load_settings(), only) if only in {None, item.name}]
    if as_json:
        emit({"findings": [asdict(finding) for finding in findings]})
    else:
        for finding in findings:
            tell(f"{finding.status:<4}  {finding.name}: {finding.message}")
            if finding.remedy:
                tell(f"      → {finding.remedy}")
    accepted = {"ok", "warn"} if only is None else {"ok"}
    broken = any(finding.status not in accepted for finding in findings)
    raise typer.Exit(Exit.FAILED if broken else Exit.OK)


def _examine(settings: Settings, only: Check | None) -> Iterator[Finding]:
    """Yields the findings; what ``only`` does not need and takes time is left out."""
    yield _check_python()
    home = _check_home(settings.home)
    yield home
    if home.status != "fail":
        yield _check_disk(settings.home)
        yield from _examine_catalog(settings, only)
    if only in {None, Check.EMBEDDER}:
        yield _check_embedder(settings)
    if only in {None, Check.MODEL}:
        yield check_model(settings)
    if only in {None, Check.PRESETS}:
        yield check_presets(settings)
    yield check_glossary(settings)
    yield _check_sample()


def _check_python() -> Finding:
    found = f"{platform.python_version()} ({sys.executable})"
    if sys.version_info[:2] >= LOWEST_PYTHON:
        return Finding("python", "ok", found)
    return Finding(
        "python", "fail", found, say("Install Python 3.11.", "Python 3.11 以降が必要です。")
    )


def _check_home(home: Path) -> Finding:
    from app.bootstrap import prepare_home

    try:
        prepare_home(home)
    except HomeUnusable as error:
        remedy = say(
            "Set KURA_HOME to a folder you may write.", "書き込める KURA_HOME を指定してください。"
        )
        return Finding("home", "fail", f"{home}: {error.details['reason']}", remedy)
    return Finding("home", "ok", str(home))


def _check_disk(home: Path) -> Finding:
    free = shutil.disk_usage(home).free // 2**20
    message = say(f"{free} MB free", f"空き {free} MB")
    if free >= LOWEST_FREE_MB:
        return Finding("disk", "ok", message)
    return Finding("disk", "warn", message, say("Free some space.", "空きを増やしてください。"))


def _examine_catalog(settings: Settings, only: Check | None) -> Iterator[Finding]:
    from app.bootstrap import open_store

    try:
        with open_store(settings) as catalog:
            if only in {None, Check.CATALOG}:
                yield _check_catalog(settings, catalog)
            yield _check_worker(settings, catalog)
            yield check_sources(settings, catalog)
            if only in {None, Check.INDEXES}:
                yield _check_indexes(settings, catalog)
    except KuraError as error:
        yield _describe_lost_catalog(settings, error.message(LANGUAGE))


def _describe_lost_catalog(settings: Settings, fault: str) -> Finding:
    remedy = say(
        f"Stop Kura and put a backup of {settings.home} back; without one, `kura reset`, then"
        " `kura ingest FOLDER` for each folder (keys and uploads are lost).",
        f"Kura を止めて {settings.home} のバックアップを戻してください。なければ"
        "「kura reset」の後、フォルダーごとに「kura ingest フォルダー」を実行します"
        "（キーとアップロードは失われます）。",
    )
    return Finding("catalog", "fail", fault, remedy)


def _check_catalog(settings: Settings, catalog: Catalog) -> Finding:
    with catalog.database.read() as connection:
        fault = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
    if fault != "ok":
        return _describe_lost_catalog(settings, str(fault))
    count = sum(len(catalog.documents.states(item.id)) for item in catalog.sources.list())
    return Finding("catalog", "ok", say(f"{count} documents", f"文書 {count} 件"))


def _check_worker(settings: Settings, catalog: Catalog) -> Finding:
    if is_alive(settings.home):
        pid = find_worker(settings.home)
        return Finding("worker", "ok", say(f"running (pid {pid})", f"動作中（pid {pid}）"))
    waiting = len(catalog.jobs.unfinished())
    message = say(f"not running, {waiting} jobs queued", f"停止中、待ち {waiting} 件")
    remedy = say(
        "`kura serve` or `kura work` starts one.", "「kura serve」か「kura work」で起動します。"
    )
    return Finding("worker", "warn", message, remedy)


def _check_indexes(settings: Settings, catalog: Catalog) -> Finding:
    from app.bootstrap import open_searcher

    head, live = catalog.changes.head(), catalog.generations.live()
    built = live.seq if live else 0
    remedy = say("Run `kura reindex`.", "「kura reindex」を実行してください。")
    try:
        with open_searcher(settings, catalog) as searcher:
            applied = searcher.applied()
            broken = searcher.search(PROBE, Scope(ADMIN), 1).degraded if head else ()
            mismatch = searcher.mismatch()
    except (KuraError, OSError, ValueError) as error:
        fault = error.message(LANGUAGE) if isinstance(error, KuraError) else str(error)
        return Finding("indexes", "fail", fault, remedy)
    if broken == ("reranker",):
        message = say("the reranker cannot be used", "リランカーを使えません")
        command = f"kura models check {shlex.quote(settings.reranker)}"
        remedy = say(f"`{command}` says why.", f"「{command}」で理由を確かめてください。")
        return Finding("indexes", "warn", message, remedy)
    if broken:
        names = ", ".join(broken)
        message = say(f"not usable: {names}", f"使えない索引: {names}")
        if mismatch is not None and mismatch.details["wanted"] != ABSENT:
            message = mismatch.message(LANGUAGE)
        return Finding("indexes", "fail", message, remedy)
    message = say(
        f"{applied} of {head} changes applied, vector generation at {built}",
        f"変更 {head} 件中 {applied} 件を反映、ベクトル世代は {built}",
    )
    if applied >= head:
        return Finding("indexes", "ok", message)
    remedy = say("`kura serve` or `kura work` catches up.", "「kura work」が追い付きます。")
    return Finding("indexes", "warn", message, remedy)


def _check_embedder(settings: Settings) -> Finding:
    from app.equipping import build_embedder

    try:
        embedder = build_embedder(settings)
        embedder.embed_query(PROBE)
    except KuraError as error:
        remedy = say(
            "Remove KURA_EMBEDDING_MODEL to use the embedded model, or run"
            " `KURA_ALLOW_DOWNLOADS=true kura reindex` to fetch the one it names.",
            "KURA_EMBEDDING_MODEL を外すと内蔵モデルを使います。指定したモデルを取得するには"
            "「KURA_ALLOW_DOWNLOADS=true kura reindex」を実行してください。",
        )
        if settings.embedding_model == str(EMBEDDED_MODEL):
            folder = EMBEDDED_MODEL.relative_to(PROJECT)
            command = f"git checkout {folder}"
            remedy = say(f"Run `{command}`.", f"「{command}」を実行してください。")
        return Finding("embedder", "fail", error.message(LANGUAGE), remedy)
    message = f"{settings.embedding_model} ({embedder.dimension})"
    try:
        adapted = describe_adapted(settings)
    except KuraError:  # no catalog, which another check tells
        adapted = ""
    return Finding("embedder", "ok", f"{message}: {adapted}" if adapted else message)


def _check_sample() -> Finding:
    if sample.is_here():
        return Finding("sample", "ok", str(SAMPLE_FOLDER))
    return Finding("sample", "warn", say("not installed", "ありません"))
