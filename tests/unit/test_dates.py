"""Dates in both calendars."""

import os
import subprocess
import sys
from datetime import datetime

import pytest

from retrieval.dates import plain_digits, read_period, read_years, write_years_otherwise


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("2021年版の就業規則", {2021}),
        ("令和6年4月の改定", {2024}),
        ("平成元年", {1989}),
        ("昭和６４年", {1989}),
        ("R3.4.1 施行", {2021}),
        ("the 2019 handbook", {2019}),
        ("品番 20240、12024個、2,024円、2024.5", set()),
        ("有給休暇は何日", set()),
    ],
)
def test_years_are_read_in_either_calendar(text: str, years: set[int]) -> None:
    assert read_years(text) == years


def test_a_year_is_written_in_the_other_calendar() -> None:
    assert write_years_otherwise("令和6年度の予算") == "2024年"
    assert write_years_otherwise("2019年の規程") == "令和元年"
    assert write_years_otherwise("budget 2020") == "令和2年"
    assert write_years_otherwise("予算") == ""


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2024", (2024, 1, 1), (2024, 12, 31)),
        ("2024-02", (2024, 2, 1), (2024, 2, 29)),
        ("2024/4/1", (2024, 4, 1), (2024, 4, 1)),
        ("2023年12月", (2023, 12, 1), (2023, 12, 31)),
        ("令和6年4月1日", (2024, 4, 1), (2024, 4, 1)),
        ("令和６年", (2024, 1, 1), (2024, 12, 31)),
        ("2024年度", (2024, 4, 1), (2025, 3, 31)),
        ("2024-12-31", (2024, 12, 31), (2024, 12, 31)),
    ],
)
def test_a_period_runs_from_its_first_to_its_last_moment(
    text: str, first: tuple[int, int, int], last: tuple[int, int, int]
) -> None:
    period = read_period(text)
    assert period is not None
    assert period[0] == datetime(*first).astimezone()
    assert (period[1].year, period[1].month, period[1].day) == last
    assert (period[1].hour, period[1].minute) == (23, 59)


def test_days_are_those_of_where_the_server_stands() -> None:
    program = "from retrieval.dates import read_period; print(*read_period('2024-04-01'))"
    told = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "TZ": "Asia/Tokyo"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.split()[1::2] == ["00:00:00+09:00", "23:59:59.999999+09:00"]


@pytest.mark.parametrize("text", ["", "soon", "2024-13", "2024-02-30", "0000", "9999", "20240401"])
def test_what_is_no_date_gives_no_period(text: str) -> None:
    assert read_period(text) is None


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ("2024年4月1日の規程", ["令和6年", "April 1, 2024", "2024-04-01", "2024/4/1", "R6.4.1"]),
        ("令和6年4月1日", ["2024年4月1日", "April 1, 2024", "2024-04-01"]),
        ("令和六年四月一日", ["2024年4月1日", "2024/04/01"]),
        ("April 2024", ["令和6年", "2024年4月", "2024-04"]),
        ("from 1 Apr. 2024 on", ["2024年4月1日", "R6.4.1"]),
        ("2024/04/01", ["2024年4月1日", "令和6年"]),
    ],
)
def test_a_date_is_written_in_every_other_way(asked: str, written: list[str]) -> None:
    found = write_years_otherwise(asked)
    assert all(each in found for each in written), found


@pytest.mark.parametrize(
    "text", ["version 2024.5", "Marketing 2024", "2024年13月", "品番 2024-123"]
)
def test_what_is_no_month_is_not_written_as_one(text: str) -> None:
    found = write_years_otherwise(text)
    assert found.split() in ([], ["令和6年"])


def test_kanji_numerals_of_dates_are_digits() -> None:
    assert plain_digits("昭和三十八年六月十四日、二〇二四年") == "昭和38年6月14日、2024年"
    assert plain_digits("三千年の歴史、一つ、十分") == "三千年の歴史、一つ、十分"
    assert plain_digits("十十日、二十十月") == "十十日、二十十月"
