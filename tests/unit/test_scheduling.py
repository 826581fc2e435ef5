"""When sources are due: missed runs, waiting ones, summer time, and clocks that jump."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.scheduling import (
    NIGHTLY,
    OFF,
    Standing,
    check_schedule,
    find_next,
    find_next_run,
    list_due,
)

TOKYO, BERLIN, APIA = ZoneInfo("Asia/Tokyo"), ZoneInfo("Europe/Berlin"), ZoneInfo("Pacific/Apia")


def tokyo(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=TOKYO)  # type: ignore[arg-type,misc]


def due(standing: Standing, now: datetime, asked_at: datetime | None = None) -> bool:
    return list_due([standing], asked_at or now, now, TOKYO) == [standing.source_id]


def play(schedule: str, start: datetime, end: datetime, zone: ZoneInfo) -> list[datetime]:
    """Returns when a source is ingested that is looked at every minute and done at once."""
    last, now, runs = start, start, []
    while now < end:
        if list_due([Standing("a", schedule, last)], now, now, zone):
            last = now
            runs.append(now)
        now += timedelta(minutes=1)
    return runs


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("0 2 * * *", "0 2 * * *"),
        ("  */15   8-18 * * mon-fri ", "*/15 8-18 * * mon-fri"),
        ("0 0 29 2 *", "0 0 29 2 *"),
        ("off", OFF),
        ("OFF", OFF),
    ],
)
def test_a_schedule_is_kept_with_single_spaces(written: str, kept: str) -> None:
    assert check_schedule(written) == kept


@pytest.mark.parametrize(
    "written",
    [
        *("", "daily", "@daily", "* * * *", "0 2 * * * *", "60 * * * *", "0 0 30 2 *"),
        *("*/0 * * * *", "a b c d e", "٣ * * * *", "-1 * * * *", "0 2 * * *\0"),
        "0," * 60 + "0 2 * * *",
    ],
)
def test_what_never_comes_true_is_no_schedule(written: str) -> None:
    with pytest.raises(ValueError, match="not a schedule"):
        check_schedule(written)


def test_a_nightly_source_is_due_at_two_in_local_time() -> None:
    standing = Standing("a", NIGHTLY, tokyo(2026, 4, 1, 12))
    assert not due(standing, tokyo(2026, 4, 2, 1, 59))
    assert due(standing, tokyo(2026, 4, 2, 2))
    assert find_next_run(standing, tokyo(2026, 4, 1, 13), TOKYO) == tokyo(2026, 4, 2, 2)


def test_runs_missed_while_the_machine_was_off_are_made_up_once() -> None:
    after_a_week = tokyo(2026, 4, 8, 9)
    assert due(Standing("a", NIGHTLY, tokyo(2026, 4, 1, 2)), after_a_week)
    assert not due(Standing("a", NIGHTLY, after_a_week), after_a_week + timedelta(hours=16))
    assert due(Standing("a", NIGHTLY, after_a_week), tokyo(2026, 4, 9, 2))


def test_a_source_that_waits_or_is_off_is_not_due() -> None:
    long_ago, now = tokyo(2026, 4, 1), tokyo(2026, 5, 1)
    assert not due(Standing("a", NIGHTLY, long_ago, is_waiting=True), now)
    assert not due(Standing("a", OFF, long_ago), now)
    assert find_next_run(Standing("a", OFF, long_ago), now, TOKYO) is None


def test_each_source_follows_its_own_schedule() -> None:
    last, now = tokyo(2026, 4, 1, 12), tokyo(2026, 4, 1, 13, 5)
    standings = [
        Standing("nightly", NIGHTLY, last),
        Standing("hourly", "0 * * * *", last),
        Standing("off", OFF, last),
    ]
    assert list_due(standings, now, now, TOKYO) == ["hourly"]


@pytest.mark.parametrize("schedule", ["0 2 * * *", "30 2 * * *", "0 3 * * *", "30 1 * * *"])
@pytest.mark.parametrize("day", [(2026, 3, 28), (2026, 10, 24)])
def test_a_nightly_run_comes_once_on_the_days_the_clocks_change(
    schedule: str, day: tuple[int, int, int]
) -> None:
    start = datetime(*day, 12, tzinfo=BERLIN)
    runs = play(schedule, start.astimezone(UTC), start.astimezone(UTC) + timedelta(days=3), BERLIN)
    assert len(runs) == 3
    assert len({run.astimezone(BERLIN).date() for run in runs}) == 3


def test_a_time_that_the_clocks_skip_comes_right_after() -> None:
    before = datetime(2026, 3, 28, 22, tzinfo=UTC)
    assert find_next("30 2 * * *", before, BERLIN) == datetime(2026, 3, 29, 1, tzinfo=UTC)


def test_a_run_in_the_repeated_hour_is_not_followed_by_another() -> None:
    second_time = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)  # 02:10 in winter time
    following = find_next("30 2 * * *", second_time, BERLIN)
    assert following is not None
    assert following > second_time + timedelta(hours=12)


def test_an_hourly_run_comes_in_both_repeated_hours() -> None:
    start = datetime(2026, 10, 24, 22, 30, tzinfo=UTC)
    runs = play("0 * * * *", start, start + timedelta(hours=6), BERLIN)
    assert len(runs) == 6


def test_a_day_that_a_country_left_out_is_passed_over() -> None:
    before = datetime(2011, 12, 29, 12, tzinfo=APIA)
    following = find_next(NIGHTLY, before, APIA)
    assert following is not None
    assert following.astimezone(APIA).date().isoformat() == "2011-12-31"


def test_a_clock_set_back_by_an_hour_brings_no_second_run() -> None:
    standing = Standing("a", NIGHTLY, tokyo(2026, 4, 2, 2))
    assert not due(standing, tokyo(2026, 4, 2, 1))
    assert not due(standing, tokyo(2026, 4, 2, 2, 30))
    assert due(standing, tokyo(2026, 4, 3, 2))


def test_a_run_that_a_wrong_clock_put_years_ahead_does_not_stop_the_schedule() -> None:
    standing = Standing("a", NIGHTLY, tokyo(2031, 1, 1))
    evening, night = tokyo(2026, 4, 1, 23), tokyo(2026, 4, 2, 2, 0, 5)
    assert not due(standing, evening, asked_at=evening - timedelta(seconds=10))
    assert due(standing, night, asked_at=night - timedelta(seconds=10))
    assert not due(standing, night + timedelta(seconds=10), asked_at=night)
    assert find_next_run(standing, evening, TOKYO) == tokyo(2026, 4, 2, 2)


@given(
    schedule=st.sampled_from([NIGHTLY, "30 1-4 * * *", "*/20 * * * *", "0 0 1 * *", "15 2 * * 7"]),
    seconds=st.integers(0, 40 * 365 * 24 * 3600),
    zone=st.sampled_from([TOKYO, BERLIN, APIA, ZoneInfo("America/St_Johns")]),
)
def test_the_next_time_is_always_later(schedule: str, seconds: int, zone: ZoneInfo) -> None:
    after = datetime(2000, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    following = find_next(schedule, after, zone)
    assert following is not None
    assert following > after
    assert following.second == 0
