"""Reads a few items ahead of the one that is being published."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_AHEAD = 4  # readings begun per worker before the first of them is published


def read_ahead(
    items: Sequence[Item], read: Callable[[Item], Result], workers: int
) -> Iterator[tuple[Item, Result]]:
    """Yields the items in order with what reading them gave; what it raises ends the rest."""
    waiting: deque[tuple[Item, Future[Result]]] = deque()
    executor = ThreadPoolExecutor(workers, thread_name_prefix="reading")
    with closing(_Ending(executor)):
        for item in items:
            waiting.append((item, executor.submit(read, item)))
            if len(waiting) >= workers * _AHEAD:
                first, future = waiting.popleft()
                yield first, future.result()
        while waiting:
            first, future = waiting.popleft()
            yield first, future.result()


class _Ending:
    """Ends an executor without waiting for what it is doing: an interrupted run stops at once."""

    def __init__(self, executor: ThreadPoolExecutor) -> None:
        self._executor = executor

    def close(self) -> None:
        self._executor.shutdown(wait=False, cancel_futures=True)
