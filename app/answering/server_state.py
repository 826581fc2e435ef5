"""What is known of a model server, remembered for a few seconds."""

import threading
import time
from collections.abc import Callable

from app.answering.errors import ModelUnavailable
from app.answering.model import Bilingual, ModelState

ANSWER_S = 5.0
"""Seconds a server may take to tell of itself; a busy one still takes milliseconds."""

_GOOD_STATE_S = 10.0
_BAD_STATE_S = 3.0  # a server that was just started is noticed within this time


class RememberedState:
    """A state that is looked up anew every few seconds. Safe to share between threads."""

    def __init__(self, look: Callable[[], ModelState]) -> None:
        """Keeps how to look; that must not raise."""
        self._look = look
        self._lock = threading.Lock()
        self._state: ModelState | None = None
        self._until = 0.0

    def get(self) -> ModelState:
        """Returns the state, at most ten seconds old; three when it was bad."""
        with self._lock:
            if self._state is None or time.monotonic() >= self._until:
                self._state = self._look()
                kept = _GOOD_STATE_S if self._state.usable else _BAD_STATE_S
                self._until = time.monotonic() + kept
            return self._state


def tell_unusable(error: ModelUnavailable, *, connected: bool) -> ModelState:
    """Returns the state in which a model cannot be used, for the reason the error gives."""
    remedy = Bilingual(ja=error.message("ja"), en=error.message("en"))
    return ModelState(connected, False, 0, error.code, remedy)
