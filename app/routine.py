"""What the worker does by itself between two jobs: the sources file, the schedule, what is old."""

import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from app.declaring import read_sources, register_declared
from app.orders import SCHEDULE_OWNER, order_ingestion
from app.tidying import sweep_conversations, sweep_feedback, sweep_mirrors
from app.timetable import Timetable
from retrieval.catalog import Catalog
from retrieval.errors import KuraError

logger = logging.getLogger(__name__)

ROUTINE_S = 10.0
"""How often the worker looks after what is due, in seconds."""


def read_clock() -> datetime:
    """Returns the present moment."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Household:
    """What the routine looks after.

    Attributes:
        sources: The sources file, which need not be there.
        mirrors: Where sources that are not on this machine are mirrored.
        schedule: Of sources that have none of their own.
        keep_conversations_days: How long conversations that nobody goes on with are kept.
    """

    sources: Path
    mirrors: Path
    schedule: str
    keep_conversations_days: int = 90


class Routine:
    """Looks now and then at the sources file and the clock; what fails is logged, no more."""

    def __init__(
        self,
        catalog: Catalog,
        household: Household,
        clock: Callable[[], datetime] = read_clock,
        every: float = ROUTINE_S,
    ) -> None:
        """Keeps its parts, and how often it looks; nothing is looked at before ``attend``."""
        self._catalog = catalog
        self._household = household
        self._clock = clock
        self._timetable = Timetable(catalog, household.schedule)
        self._asked_at = clock()
        self._every = every
        self._attended_at = -math.inf
        self._seen: tuple[int, ...] | None = None

    def attend(self) -> None:
        """Does what is due; nothing where it was done a short while ago."""
        if time.monotonic() - self._attended_at < self._every:
            return
        self.attend_now()
        self._attended_at = time.monotonic()

    def attend_now(self) -> None:
        """Applies a changed sources file, orders ingestions that are due, sweeps what is old."""
        self._do(self._follow_file, self._order_due, self._sweep, self._forget)

    def watch(self) -> None:
        """Applies a changed sources file in the middle of a job, which may take hours.

        What is narrowed in it must not wait for that. A worker that never attends leaves it alone.
        """
        if math.isinf(self._attended_at) or time.monotonic() - self._attended_at < self._every:
            return
        self._do(self._follow_file)
        self._attended_at = time.monotonic()

    def _do(self, *duties: Callable[[], None]) -> None:
        for duty in duties:
            try:
                duty()
            except (KuraError, OSError) as error:
                logger.warning("%s", error)

    def _follow_file(self) -> None:
        seen = _identify(self._household.sources)
        if seen == self._seen:
            return
        self._seen = seen  # a file that cannot be used is named once, not at every look
        if seen is None:
            return
        declared = read_sources(self._household.sources)
        self._seen = None
        difference = register_declared(self._catalog, declared)
        self._seen = seen
        logger.info(
            "sources file applied: %d new, %d changed", len(difference.add), len(difference.change)
        )

    def _order_due(self) -> None:
        now = self._clock()
        for source_id in self._timetable.find_due(self._asked_at, now):
            order_ingestion(self._catalog, source_id, owner=SCHEDULE_OWNER)
        self._asked_at = now

    def _sweep(self) -> None:
        sweep_mirrors(self._catalog, self._household.mirrors)

    def _forget(self) -> None:
        days, now = self._household.keep_conversations_days, self._clock()
        sweep_conversations(self._catalog, days, now)
        sweep_feedback(self._catalog, days, now)


def _identify(path: Path) -> tuple[int, ...] | None:
    """Returns what changes whenever a file does, ``None`` while there is none."""
    try:
        facts = path.stat()
    except FileNotFoundError:
        return None
    return (facts.st_mtime_ns, facts.st_size, facts.st_ino)
