"""Warm, killable processes that read files, so that one bad file costs one document."""

import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import Self

import ingestion
from ingestion.errors import (
    EmptyFile,
    ReaderCrashed,
    TooLarge,
    TooMuchMemory,
    TooSlow,
    Unreadable,
)
from ingestion.model import MEGABYTE, Limits, Member, Parsed
from ingestion.reading.wire import Request, decode_members, decode_reply, encode_request

OUT_OF_MEMORY_EXIT = 73
"""How a child ends that could not get memory."""

_BYTES_PER_CHARACTER = 16  # a character is at most 12 bytes of ASCII JSON; the rest is structure
_SIGXCPU = 24


class ReadingPool:
    """Reads files in up to ``workers`` child processes at once; safe to share between threads.

    Children start on first use, hold no secret of this process's environment, cannot reach the
    network, are replaced after a number of readings, and end when this process does.
    """

    def __init__(self, workers: int, limits: Limits | None = None) -> None:
        """Starts nothing yet.

        Args:
            workers: How many files are read at the same time, at least 1.
            limits: What one reading may use.
        """
        self.workers = max(1, workers)
        self._limits = limits or Limits()
        self._idle: queue.LifoQueue[_Child | None] = queue.LifoQueue()
        self._lock = threading.Lock()
        self._children: set[_Child] = set()
        self._closed = False
        for _ in range(self.workers):
            self._idle.put(None)

    @property
    def abilities(self) -> str:
        """What this machine has beside our own code: "tesseract" or nothing."""
        return "tesseract" if self._limits.tesseract else ""

    def read(self, path: Path, name: str, passwords: Sequence[str] = ()) -> Parsed:
        """Returns what the file holds, waiting for a free process.

        Raises:
            ReadingFailed: One of its subclasses says why there is no text.
        """
        return decode_reply(self._ask(Request(path, name, tuple(passwords))), name)

    def unpack(
        self, path: Path, name: str, into: Path, passwords: Sequence[str] = ()
    ) -> tuple[Member, ...]:
        """Puts the documents that lie in a file into a folder, waiting for a free process.

        Raises:
            ReadingFailed: One of its subclasses says why nothing could be taken out.
            OSError: The disk is full.
        """
        reply = self._ask(Request(path, name, tuple(passwords), into))
        return decode_members(reply, name, into)

    def _ask(self, request: Request) -> bytes:
        self._check(request.path, request.name)
        child = self._idle.get()
        try:
            if child is None or not child.is_fresh():
                self._drop(child)
                child = self._start()
            reply = child.ask(request)
        except BaseException:
            self._drop(child if child is not None and not child.is_healthy else None)
            self._idle.put(child if child is not None and child.is_healthy else None)
            raise
        self._idle.put(child)
        return reply

    def close(self) -> None:
        """Ends all children, also those in the middle of a file."""
        with self._lock:
            self._closed = True
            children = list(self._children)
        for child in children:
            self._drop(child)

    def __enter__(self) -> Self:
        """Returns the pool itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Ends all children."""
        self.close()

    def _check(self, path: Path, name: str) -> None:
        try:
            size = path.stat().st_size
            with path.open("rb"):
                pass
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise Unreadable(name=name, reason=reason or str(error)) from error
        if size == 0:
            raise EmptyFile(name=name)
        if size > self._limits.file_size:
            raise TooLarge(
                name=name,
                size=f"{size // MEGABYTE} MB",
                limit=f"{self._limits.file_size // MEGABYTE} MB",
            )

    def _start(self) -> "_Child":
        with self._lock:
            if self._closed:
                raise ReaderCrashed(name="", reason="the reading pool is closed")
            child = _Child(self._limits)
            self._children.add(child)
        return child

    def _drop(self, child: "_Child | None") -> None:
        if child is None:
            return
        child.end()
        with self._lock:
            self._children.discard(child)


class _Child:
    """One child process and the pipe to it."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._readings = 0
        self._late = False
        self.is_healthy = True
        self._pipe, theirs = Pipe(duplex=True)
        self._process = _spawn(theirs, limits)
        theirs.close()

    def is_fresh(self) -> bool:
        return (
            self.is_healthy
            and self._readings < self._limits.documents
            and self._process.poll() is None
        )

    def ask(self, request: Request) -> bytes:
        self._readings += 1
        self.is_healthy = False  # until a whole reply is here
        watch = threading.Timer(self._limits.seconds, self._stop_late)
        watch.daemon = True
        watch.start()
        try:
            self._pipe.send_bytes(encode_request(request))
            reply = self._pipe.recv_bytes(_largest_reply(self._limits))
        except (EOFError, OSError) as error:
            raise self._explain(request.name) from error
        finally:
            watch.cancel()
        self.is_healthy = True
        return reply

    def end(self) -> None:
        self._kill()
        self._process.wait()
        self._pipe.close()

    def _stop_late(self) -> None:
        self._late = True
        self._kill()

    def _kill(self) -> None:
        """Ends the child and the programs it runs: it leads a process group of its own."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def _explain(self, name: str) -> Exception:
        self._kill()  # it may live on after an over-long reply
        code = self._process.wait()
        if self._late:
            return TooSlow(name=name, limit=f"{self._limits.seconds:g}")
        if code == -_SIGXCPU:
            return TooSlow(name=name, limit=self._limits.cpu_seconds)
        if code == OUT_OF_MEMORY_EXIT:
            return TooMuchMemory(name=name, limit=self._limits.memory // MEGABYTE)
        return ReaderCrashed(name=name, reason=f"exit code {code}")


def _largest_reply(limits: Limits) -> int:
    return limits.characters * _BYTES_PER_CHARACTER + MEGABYTE


def _spawn(pipe: Connection, limits: Limits) -> subprocess.Popen[bytes]:
    """Starts a child with a clean environment: no keys, no tracking, one thread."""
    scratch = tempfile.gettempdir()
    environment = {
        "PATH": os.defpath,
        "PYTHONPATH": str(Path(ingestion.__file__).resolve().parent.parent),
        "HOME": scratch,
        "LANG": "C.UTF-8",
        "OMP_NUM_THREADS": "1",
        "DO_NOT_TRACK": "1",
    }
    values = json.dumps(asdict(replace(limits, passwords=())))  # others may see arguments
    arguments = [str(pipe.fileno()), str(os.getpid()), values]
    return subprocess.Popen(  # noqa: S603 - our own interpreter and module, no outside values
        [sys.executable, "-P", "-X", "utf8", "-m", "ingestion.reading.child", *arguments],
        pass_fds=(pipe.fileno(),),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment,
        cwd=scratch,
        start_new_session=True,  # Ctrl-C reaches the parent, which ends its children
    )
