"""A circuit breaker: a model that keeps failing is left alone, then tried with one question."""

import math
import threading
import time
from collections.abc import Callable

FAILURES = 3
"""Failures in a row after which the model is left alone."""

REST_S = 30.0
"""Seconds it is left alone before one question tries it again."""


class Breaker:
    """Counts failures in a row. Safe to share between threads.

    Every ``enter`` that returns True is followed by one of ``succeed``, ``fail`` and ``withdraw``.
    """

    def __init__(
        self,
        failures: int = FAILURES,
        rest_s: float = REST_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begins closed: everything passes."""
        self._most = failures
        self._rest_s = rest_s
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._open_until: float | None = None
        self._trying = False

    def rest(self) -> int:
        """Returns in how many seconds the model may be asked again, 0 when it may be now."""
        with self._lock:
            return self._rest()

    def enter(self) -> bool:
        """Returns whether the model may be asked now; after a rest only one asks at a time."""
        with self._lock:
            if self._rest():
                return False
            self._trying = self._open_until is not None
            return True

    def succeed(self) -> None:
        """Notes that the model answered."""
        with self._lock:
            self._failures, self._open_until, self._trying = 0, None, False

    def fail(self) -> None:
        """Notes that it did not."""
        with self._lock:
            self._failures += 1
            self._trying = False
            if self._failures >= self._most:
                self._open_until = self._clock() + self._rest_s

    def withdraw(self) -> None:
        """Notes that nothing was learnt."""
        with self._lock:
            self._trying = False

    def _rest(self) -> int:
        if self._open_until is None:
            return 0
        left = math.ceil(self._open_until - self._clock())
        return max(left, 1 if self._trying else 0)
