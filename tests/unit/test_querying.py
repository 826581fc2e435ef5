"""What a question says besides its words."""

from dataclasses import fields
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.identity import source_id
from retrieval.model import Filters
from retrieval.querying import Understood, holds, narrow, understand


def test_a_plain_question_stays_as_it_is() -> None:
    for text in (
        "有給休暇は何日ですか",
        "Wi-Fi e-mail -5 degrees",
        "5 - 3",
        'a "lonely mark',
        "a:b",
    ):
        assert understand(text) == Understood(text)


def test_fields_become_filters_in_both_languages() -> None:
    asked = understand("休暇 dept:人事 type:pdf,docx lang:ja タグ:規程 source:library")
    assert asked.text.split() == ["休暇"]
    assert asked.filters.departments == {"人事"}
    assert "application/pdf" in asked.filters.media_types
    assert len(asked.filters.media_types) == 3
    assert asked.filters.languages == {"ja"}
    assert asked.filters.tags == {"規程"}
    assert asked.filters.source_ids == {source_id("library")}


def test_the_same_field_twice_gives_alternatives() -> None:
    assert understand('x 部署:人事 dept:"General Affairs"').filters.departments == {
        "人事",
        "General Affairs",
    }


def test_times_include_the_period_they_name() -> None:
    filters = understand("旅費 after:2024-04 before:令和6年6月").filters
    assert filters.modified_after == datetime(2024, 4, 1).astimezone()
    assert filters.modified_before is not None
    assert filters.modified_before.date().isoformat() == "2024-06-30"


def test_a_field_that_cannot_be_read_stays_among_the_words() -> None:
    asked = understand("旅費 after:soon type:unknown")
    assert asked.filters == Filters()
    assert asked.text.split() == ["旅費", "after:soon", "type:unknown"]


def test_quotes_demand_and_minus_excludes() -> None:
    asked = understand('"出張 旅費" 精算 -海外 -"日帰り 出張"')
    assert asked.phrases == ("出張 旅費",)
    assert set(asked.without) == {"海外", "日帰り 出張"}
    assert asked.text.split() == ["出張", "旅費", "精算"]


@pytest.mark.parametrize("marks", ['""', "“”", "＂＂", "「」", "『』"])
def test_every_kind_of_quotation_marks_demands_and_excludes(marks: str) -> None:
    asked = understand(f"精算 {marks[0]}出張 旅費{marks[1]} -{marks[0]}日帰り 出張{marks[1]}")
    assert asked.phrases == ("出張 旅費",)
    assert asked.without == ("日帰り 出張",)


def test_corner_brackets_within_a_sentence_only_name_something() -> None:
    assert understand("「直帰」とは何ですか").phrases == ()


@pytest.mark.parametrize("sign", "-－−‐–ー")
def test_a_minus_is_one_however_it_was_typed(sign: str) -> None:
    assert understand(f"精算　{sign}海外").without == ("海外",)
    assert understand(f"サ{sign}バ").without == ()


@pytest.mark.parametrize("quoted", ['-"  "', "-「　　」", '"  "'])
def test_quoted_spaces_neither_demand_nor_exclude(quoted: str) -> None:
    assert holds("旅費の精算", understand(f"{quoted} 旅費"))
    assert understand(f"{quoted} 旅費").without == ()


def test_languages_and_types_go_by_the_names_people_use() -> None:
    for value in ("EN", "english", "英語"):
        assert understand(f"x lang:{value}").filters.languages == {"en"}
    for value in ("ＰＤＦ", "Pdf"):
        assert understand(f"x 種類：{value}").filters.media_types == {"application/pdf"}
    assert understand("x 部署:「人事」").filters.departments == {"人事"}


def test_fields_alone_narrow_too() -> None:
    asked = understand("dept:経理 type:pdf")
    assert asked.text == "dept:経理 type:pdf"
    assert asked.filters.departments == {"経理"}
    assert asked.filters.media_types


def test_exclusions_alone_are_words() -> None:
    assert understand("-海外").without == ()


def test_a_pasted_list_excludes_nothing() -> None:
    assert understand("手順:\n-申請\n-承認").without == ()


def test_years_are_noted_in_both_calendars() -> None:
    asked = understand("令和3年の就業規則")
    assert (asked.years, asked.otherwise) == ({2021}, "2021年")


def test_phrases_ignore_width_and_case() -> None:
    asked = understand('"wi-fi 接続"')
    assert holds("社内のＷＩ-ＦＩ 接続について", asked)
    assert not holds("接続 Wi-Fi", asked)
    assert not holds("海外の旅費", Understood("", without=("海外",)))


def test_narrowing_never_widens() -> None:
    one = Filters(departments=frozenset({"人事", "経理"}), modified_after=datetime(2024, 1, 1))
    other = Filters(departments=frozenset({"人事"}), modified_after=datetime(2023, 1, 1))
    assert narrow(one, other) == Filters(
        departments=frozenset({"人事"}), modified_after=datetime(2024, 1, 1)
    )
    assert narrow(one, Filters(departments=frozenset({"営業"}))) is None
    assert narrow(Filters(), one) == one == narrow(one, Filters())


def test_every_filter_can_be_narrowed() -> None:
    for each in fields(Filters):
        value = datetime(2024, 1, 1) if each.name.startswith("modified") else frozenset({"x"})
        assert narrow(Filters(), Filters(**{each.name: value})) == Filters(**{each.name: value})


@given(st.text(max_size=80))
def test_no_text_breaks_understanding(text: str) -> None:
    assert isinstance(understand(text).text, str)


@pytest.mark.parametrize("text", ["type:" * 5000, '"' * 9999, "-a " * 5000, "after:" + "9" * 9999])
def test_hostile_questions_are_understood_in_bounded_time(text: str) -> None:
    understand(text)
