"""When garbage is collected: not while much is built that holds none."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def building_much() -> Iterator[None]:
    """Holds the cycle collector back while a hundred thousand records without cycles are built.

    It would look through all of them again and again: nearly half the time of an unchanged run.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
