"""When sources are ingested by themselves: cron lines, local time, and what is due.

Nothing here looks at a clock, and nothing is remembered: who asks says what time it is.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from cronsim import CronSim, CronSimError

OFF = "off"
"""The schedule of what is never ingested by itself."""

NIGHTLY = "0 2 * * *"
"""The default: every night at two, local time."""

_FIELDS = 5
_LONGEST = 100  # characters of a cron line
_FUTURE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a source when the schedule is looked at.

    Attributes:
        schedule: A cron line of five fields, or "off".
        last: When its last ingestion was asked for, or when it was registered.
        is_waiting: Whether an ingestion of it is queued or running.
    """

    source_id: str
    schedule: str
    last: datetime
    is_waiting: bool = False


def check_schedule(schedule: str) -> str:
    """Returns the schedule with single spaces, "off" in small letters.

    Raises:
        ValueError: It is neither "off" nor a cron line of five fields that ever comes true.
    """
    line = " ".join(schedule.split())
    if line.lower() == OFF:
        return OFF
    if len(line) > _LONGEST or len(line.split()) != _FIELDS:
        raise ValueError(f"not a schedule: {schedule!r}")
    if find_next(line, datetime(2024, 1, 1, tzinfo=UTC), UTC) is None:
        raise ValueError(f"not a schedule: {schedule!r}")
    return line


def find_next(schedule: str, after: datetime, zone: tzinfo) -> datetime | None:
    """Returns the first moment later than ``after``, in UTC, ``None`` when there is none.

    A time that the start of summer time skips comes right after it; one that its end repeats
    comes once.

    Raises:
        ValueError: The schedule is not a cron line.
    """
    if schedule == OFF:
        return None
    try:
        moments = CronSim(schedule, after.astimezone(zone))
    except CronSimError as error:
        raise ValueError(f"not a schedule: {schedule!r}") from error
    after = after.astimezone(UTC)  # two times of one zone compare without their fold
    return next((found for each in moments if (found := each.astimezone(UTC)) > after), None)


def find_next_run(standing: Standing, now: datetime, zone: tzinfo) -> datetime | None:
    """Returns when a source is due, in UTC: in the past when a run was missed, ``None`` for never.

    A last run that seems to lie more than a day ahead was written by a clock that was wrong, and
    does not count.
    """
    last = standing.last if standing.last <= now + _FUTURE else now
    return find_next(standing.schedule, last, zone)


def list_due(
    standings: Iterable[Standing], asked_at: datetime, now: datetime, zone: tzinfo
) -> list[str]:
    """Returns the ids of the sources to ingest now.

    A run that was missed is due once, however many were; while one waits, none is.

    Args:
        standings: The sources.
        asked_at: When this was asked the last time; it stands in for the last run of a source
            whose own lies far ahead.
        now: The present moment.
        zone: In which the schedules are meant.
    """
    due = []
    for standing in standings:
        if standing.is_waiting:
            continue
        last = standing.last if standing.last <= now + _FUTURE else min(asked_at, now)
        moment = find_next(standing.schedule, last, zone)
        if moment is not None and moment <= now:
            due.append(standing.source_id)
    return due
