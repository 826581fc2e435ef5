"""When each source was ingested last, how that ended, and when it is ingested next."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfoNotFoundError

from tzlocal import get_localzone

from app.orders import INGEST
from app.scheduling import OFF, Standing, check_schedule, find_next_run, list_due
from ingestion.sources.kinds import UPLOAD
from retrieval.catalog import Catalog, Job, Source


@dataclass(frozen=True, slots=True)
class Outlook:
    """How a source stands in time.

    Attributes:
        last_run: The last ingestion that has ended, whatever came of it.
        next_run_at: In UTC; in the past when one was missed, ``None`` for never by itself.
    """

    last_run: Job | None
    next_run_at: datetime | None


class Timetable:
    """What the catalog says of its sources' runs, in the light of their schedules."""

    def __init__(self, catalog: Catalog, default: str) -> None:
        """Takes the schedule of sources without their own; all are meant in local time."""
        self._catalog = catalog
        self._default = default
        self._zone = find_local_zone()

    def outlook(self, now: datetime) -> dict[str, Outlook]:
        """Returns how every source stands, by its id."""
        runs = self._catalog.jobs.newest_by_source(INGEST)
        ended = self._catalog.jobs.newest_by_source(INGEST, ended=True)
        return {
            source.id: Outlook(
                ended.get(source.id),
                find_next_run(self._stand(source, runs), now, self._zone),
            )
            for source in self._catalog.sources.list()
        }

    def find_due(self, asked_at: datetime, now: datetime) -> list[str]:
        """Returns the ids of the sources to ingest now; this was asked last at ``asked_at``."""
        runs = self._catalog.jobs.newest_by_source(INGEST)
        waiting = {job.payload["source_id"] for job in self._catalog.jobs.unfinished(INGEST)}
        standings = [
            self._stand(source, runs, is_waiting=source.id in waiting)
            for source in self._catalog.sources.list()
        ]
        return list_due(standings, asked_at, now, self._zone)

    def _stand(
        self, source: Source, runs: Mapping[str, Job], *, is_waiting: bool = False
    ) -> Standing:
        run = runs.get(source.id)
        last = source.created_at if run is None else max(run.created_at, source.created_at)
        return Standing(source.id, self._choose(source), last, is_waiting)

    def _choose(self, source: Source) -> str:
        """Returns the schedule that holds; one that cannot be read harms no other source."""
        try:
            return (
                OFF if source.kind == UPLOAD else check_schedule(source.schedule or self._default)
            )
        except ValueError:
            return OFF


def find_local_zone() -> tzinfo:
    """Returns the time zone of this machine (``TZ`` or the system's), with its summer time."""
    try:
        return get_localzone()
    except (ZoneInfoNotFoundError, OSError, ValueError):
        fixed = datetime.now().astimezone().tzinfo
        assert fixed is not None  # noqa: S101 - an aware time has one
        return fixed


def describe_run(run: Job) -> dict[str, Any]:
    """Returns a run in short: how it ended, its counts, and the error when it failed."""
    return {
        "job_id": run.id,
        "state": run.state.value,
        "created_at": run.created_at,
        "finished_at": run.finished_at,
        "counts": dict(run.report.get("counts", {})),
        "error": run.report.get("error"),
    }
