"""Lists what a document loader yields, run in a process of its own."""

import json
import os
import selectors
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import IO, Any

import ingestion
from ingestion.errors import SourceUnavailable
from ingestion.model import Listing, SourceItem, Tell
from ingestion.sources.fields import read_secret
from ingestion.sources.keeping import FileShelf
from ingestion.sources.loader.options import MARKDOWN, LoaderOptions, read_options
from retrieval.catalog import Source

EMPTY, FAILED = "no-text", "loader-failed"

Reason = tuple[str, str]
"""Why a loader did not come to its end, in Japanese and English."""

_POLL_SECONDS = 0.5
_TOLD_EVERY = 50
_LONGEST_NAME = 900
_PIECE = 1 << 16
_CHILD = "ingestion.sources.loader.child"
_SILENT = {
    "DO_NOT_TRACK": "1",
    "ANONYMIZED_TELEMETRY": "false",
    "SCARF_NO_ANALYTICS": "true",
    "HF_HUB_OFFLINE": "1",
    "LANGCHAIN_TRACING_V2": "false",
    "LANGSMITH_TRACING": "false",
}


def list_items(source: Source, mirror: Path, tell: Tell) -> Listing:
    """Returns the documents that a loader yields, written into the mirror as texts.

    A loader that fails after its first document gives a listing that is not complete.

    Raises:
        SourceInvalid: A setting cannot be used.
        SourceUnavailable: The loader is not installed, or fails before its first document.
    """
    options = read_options(source.location, source.settings)
    shelf = FileShelf(mirror / "texts")
    found = _Found(shelf, ".md" if options.format == MARKDOWN else ".txt")
    try:
        with _start(options, mirror) as process:
            failure = _listen(process, found, options, tell)
    except OSError as error:
        raise SourceUnavailable(path=options.name, reason=error.strerror or str(error)) from error
    if failure and not found.items:
        raise SourceUnavailable(path=options.name, reason=failure)
    if failure:
        found.skipped[options.name] = f"{FAILED}: {failure[1]}"
    else:
        shelf.keep_only(found.keys)
    tell(len(found.items))
    items = tuple(found.items[name] for name in sorted(found.items))
    return Listing(items, not failure, dict(sorted(found.skipped.items())))


class _Found:
    """The documents told of so far."""

    def __init__(self, shelf: FileShelf, suffix: str) -> None:
        self._shelf = shelf
        self._suffix = suffix
        self.items: dict[str, SourceItem] = {}
        self.keys: set[str] = set()
        self.skipped: dict[str, str] = {}

    def add(self, told: Mapping[str, Any]) -> None:
        """Takes one document in; of several with the same name, the later ones are numbered."""
        name = str(told["id"]).strip("/")[:_LONGEST_NAME]
        if "key" not in told:
            self.skipped[name] = EMPTY
            return
        key, size = str(told["key"]), int(told["size"])
        path = self._shelf.path(key)
        seconds = path.stat().st_mtime if told["modified"] is None else float(told["modified"])
        external_id, number = f"{name}{self._suffix}", 1
        while external_id in self.items:
            number += 1
            external_id = f"{name} ({number}){self._suffix}"
        self.keys.add(key)
        self.items[external_id] = SourceItem(
            external_id, path, size, _date(seconds), f"{size}:{key}"
        )


def _date(seconds: float) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)


def _listen(
    process: subprocess.Popen[bytes], found: _Found, options: LoaderOptions, tell: Tell
) -> Reason | None:
    """Takes in what the process tells; returns why that is not all, ``None`` when it is."""
    end = monotonic() + options.seconds
    for line in _read_lines(process, end):
        if line is None:
            tell(len(found.items))
            continue
        told = json.loads(line)
        if "done" in told:
            return None
        if "failed" in told:
            ja, en = told["failed"]
            return str(ja), str(en)
        found.add(told)
        if len(found.items) % _TOLD_EVERY == 0:
            tell(len(found.items))
    if monotonic() >= end:
        seconds = options.seconds
        return (
            f"ローダーを {seconds} 秒で中止しました",
            f"the loader was stopped after {seconds} s",
        )
    code = process.wait()
    return (
        f"ローダーのプロセスが途中で終わりました（終了コード {code}）",
        f"the loader's process ended early (exit code {code})",
    )


def _read_lines(process: subprocess.Popen[bytes], end: float) -> Iterator[bytes | None]:
    """Yields whole lines, and ``None`` while there is none, until the process or its time ends."""
    pipe = process.stdout
    if pipe is None:
        return
    rest = b""
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while monotonic() < end:
            if not selector.select(_POLL_SECONDS):
                yield None
                continue
            piece = os.read(pipe.fileno(), _PIECE)
            if not piece:
                return
            *lines, rest = (rest + piece).split(b"\n")
            yield from lines


@contextmanager
def _start(options: LoaderOptions, mirror: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Starts the process and hands its order over; ends it with all it started at the end."""
    scratch = mirror / "scratch"
    scratch.mkdir(exist_ok=True)
    order = json.dumps({**asdict(options), "environment": {}, "folder": str(mirror / "texts")})
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-P", "-X", "utf8", "-m", _CHILD, str(os.getpid())],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_environment(options, scratch),
        cwd=scratch,
        start_new_session=True,
    )
    try:
        _hand_over(process.stdin, order.encode())
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()


def _hand_over(pipe: IO[bytes] | None, order: bytes) -> None:
    if pipe is not None:
        with suppress(BrokenPipeError), pipe:
            pipe.write(order)


def _environment(options: LoaderOptions, scratch: Path) -> dict[str, str]:
    """Returns all that the loader finds in its environment: nothing of this process's own."""
    given = {
        name: read_secret(Path(value["file"])) if isinstance(value, Mapping) else str(value)
        for name, value in options.environment.items()
    }
    ours = str(Path(ingestion.__file__).resolve().parent.parent)
    paths = [ours, *filter(None, [given.pop("PYTHONPATH", "")])]
    return {
        "PATH": os.defpath,
        "HOME": str(scratch),
        "LANG": "C.UTF-8",
        **_SILENT,
        **given,
        "PYTHONPATH": os.pathsep.join(paths),
    }
