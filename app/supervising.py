"""Keeps a worker process running beside the server, and takes it along when the server ends."""

import logging
import os
import subprocess
import sys
import time
from pathlib import Path
from threading import Event, Thread

from app.tidying import cut_log

logger = logging.getLogger(__name__)

FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 60.0
STEADY_S = 60.0
"""A worker that lived this long ended for a new reason: waiting starts over."""

STOP_S = 20.0
"""How long a worker may take to reach a safe point before it is killed, in seconds."""


class Supervisor:
    """Starts ``command`` and starts it again, after growing waits, whenever it ends by itself.

    The child's standard input is a pipe nobody writes to. It closes when this process ends in
    whatever way, even by ``kill -9``, and that is how the child knows to stop.
    """

    def __init__(self, command: list[str], log: Path) -> None:
        """Keeps the command; output of the child goes to ``log``."""
        self._command = command
        self._log = log
        self._ending = Event()
        self._child: subprocess.Popen[bytes] | None = None
        self._thread = Thread(target=self._keep_running, name="supervisor", daemon=True)

    def start(self) -> None:
        """Starts the child and watches over it from a thread."""
        self._thread.start()

    def stop(self) -> None:
        """Ends the child: asks first, waits for a safe point, then kills."""
        self._ending.set()
        child = self._child
        if child is not None and child.poll() is None:
            child.terminate()
            try:
                child.wait(STOP_S)
            except subprocess.TimeoutExpired:
                child.kill()
        if self._thread.ident is not None:
            self._thread.join(STOP_S)

    @property
    def pid(self) -> int | None:
        """The process id of the child, None between two of them."""
        child = self._child
        return child.pid if child is not None and child.poll() is None else None

    def _keep_running(self) -> None:
        wait = FIRST_WAIT_S
        while not self._ending.is_set():
            started = time.monotonic()
            status = self._run_once()
            if self._ending.is_set():
                return
            steady = time.monotonic() - started >= STEADY_S
            wait = FIRST_WAIT_S if steady else min(wait * 2, LONGEST_WAIT_S)
            logger.warning(
                "the worker ended with status %s; starting it again in %.0f s (see %s)",
                status,
                wait,
                self._log,
            )
            self._ending.wait(wait)

    def _run_once(self) -> int:
        cut_log(self._log)
        with self._log.open("ab") as log:
            # A session of its own: Ctrl-C reaches the server alone, which then ends the worker.
            child = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                self._command,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        with child:
            self._child = child
            if self._ending.is_set():
                child.terminate()
            return child.wait()


def worker_command() -> list[str]:
    """Returns how this installation starts a worker that ends with its parent."""
    return [sys.executable, "-m", "app.cli", "work", "--supervised"]


def watch_parent(stop: Event) -> None:
    """Sets ``stop`` once the parent's end of standard input is closed."""

    def wait_for_end() -> None:
        # Not through sys.stdin: a thread blocked in its buffer would hinder the interpreter's end.
        while os.read(0, 1):
            pass
        stop.set()

    Thread(target=wait_for_end, name="parent-watch", daemon=True).start()
