"""Which time a question asks about, however it says so."""

from datetime import date

import pytest

from app.answering.reading_time import read_time

TODAY = date(2025, 6, 1)


@pytest.mark.parametrize(
    ("question", "days"),
    [
        ("2023年4月時点の単価は", ["2023-04-30"]),
        ("2024年3月31日時点の定年は", ["2024-03-31"]),
        ("令和５年度の日当は", ["2024-03-31"]),
        ("R5.4.1時点の日当は", ["2023-04-01"]),
        ("2021年当時の規則は", ["2021-12-31"]),
        ("2021年のKP-1000の単価は", ["2021-12-31"]),
        ("2021年にKP-1000はいくらでしたか", ["2021-12-31"]),
        ("2024年4月より前の日当", ["2024-03-31"]),
        ("2024年4月以降の日当", ["2025-06-01"]),
        ("2031年4月からの定年は", ["2031-04-30"]),
        ("2021年と2024年でどう違いますか", ["2021-12-31", "2024-12-31"]),
        ("2022年と今でどう違う", ["2022-12-31", "2025-06-01"]),
        ("昨年度の定年は", ["2025-03-31"]),
        ("来年度の定年は", ["2027-03-31"]),
        ("What was the price in 2021?", ["2021-12-31"]),
        ("What was the limit as of March 2022?", ["2022-03-31"]),
        ("What was the hotel limit on 31 March 2024?", ["2024-03-31"]),
        ("What was the limit before April 2024?", ["2024-03-31"]),
        ("the 2021 price list", ["2021-12-31"]),
        ("What does the 2021 edition say?", ["2021-12-31"]),
        ("FY2022 revenue", ["2023-03-31"]),
        ("prices from 2022 to 2024", ["2022-12-31", "2024-12-31"]),
        ("What was the limit last year?", ["2024-12-31"]),
    ],
)
def test_times_are_read_in_either_calendar_and_language(question: str, days: list[str]) -> None:
    assert [str(moment.day) for moment in read_time(question, TODAY).moments] == days


@pytest.mark.parametrize(
    "question",
    [
        "単価はいくらですか",
        "KP-2021の単価は",
        "Office 2021のライセンスは",
        "Does Windows Server 2019 support it?",
        "2022年に入社しました。有給休暇は何日ですか",
        "2024年4月1日に入社した人の有給休暇は何日ですか",
        "I joined in 2022. How many days of leave do I get?",
        "How many days of leave do I get?",
    ],
)
def test_years_of_products_and_of_the_askers_life_are_no_time_asked_about(question: str) -> None:
    assert read_time(question, TODAY).is_now


@pytest.mark.parametrize(
    "question",
    [
        "旧規程では日当はいくらですか",
        "改定前の日当は",
        "以前の規則では定年は",
        "What was the limit under the old policy?",
        "What was the limit before it was revised?",
    ],
)
def test_the_edition_before_this_one_can_be_asked_for(question: str) -> None:
    assert read_time(question, TODAY).previous


@pytest.mark.parametrize(
    ("question", "rest"),
    [
        ("令和5年度の日当は", "日当は"),
        ("What was the limit as of March 2022?", "What was the limit ?"),
        ("FY2022 revenue", "revenue"),
        ("日当は", "日当は"),
    ],
)
def test_what_is_left_says_nothing_of_the_time(question: str, rest: str) -> None:
    assert read_time(question, TODAY).rest == rest
