"""Quantities, dates, names and denials in their spellings."""

import pytest

from app.answering.analysing import japanese_names, latin_names
from app.answering.polarity import find_opposed, read_polarities
from app.answering.quantities import Day, Quantity, read_figures
from app.answering.substituting import find_substituted


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("3万円", "30000", "yen"),
        ("30,000円", "30000", "yen"),
        ("JPY 30,000", "30000", "yen"),
        ("¥30,000", "30000", "yen"),
        ("30,000 yen", "30000", "yen"),
        ("$2.5 million", "2500000", "dollar"),
        ("3割", "30", "percent"),
        ("ten days", "10", "day"),
        ("十日間", "10", "day"),
        ("2か月", "2", "month"),
        ("90 minutes", "90", "minute"),
    ],
)
def test_a_quantity_is_read_in_every_spelling(text: str, value: str, unit: str) -> None:
    assert Quantity(value, unit) in read_figures(text).quantities


@pytest.mark.parametrize(
    "text",
    ["2024年4月1日", "令和6年4月1日", "2024-04-01", "2024/4/1", "April 1, 2024", "1 April 2024",
     "1st of April 2024", "Apr. 1, 2024", "２０２４年４月１日"],
)  # fmt: skip
def test_a_date_is_one_date_in_every_spelling(text: str) -> None:
    assert Day(2024, 4, 1) in read_figures(text).days


def test_a_date_without_a_year_agrees_with_one_that_has_it() -> None:
    assert Day(None, 4, 1).agrees(Day(2024, 4, 1))
    assert not Day(None, 4, 1).agrees(Day(2024, 4, 2))
    assert not Day(2023, 4, 1).agrees(Day(2024, 4, 1))


def test_the_verb_may_is_no_month() -> None:
    assert not read_figures("You may leave.").days


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("申請できます。", "申請できません。"),
        ("申請が必要です。", "申請は不要です。"),
        ("喫煙を許可する。", "喫煙を禁止する。"),
        ("彼は社員である。", "彼は社員ではない。"),
        ("You must share keys.", "You must not share keys."),
        ("Parking is allowed.", "Parking is prohibited."),
        ("The form is required.", "The form is optional."),
        ("They can enter.", "They can't enter."),
    ],
)
def test_opposites_are_opposed_both_ways(one: str, other: str) -> None:
    assert find_opposed(one, [other])
    assert find_opposed(other, [one])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("申請しなければならない。", "申請する必要がある。"),
        ("申請は必要ありません。", "申請は不要である。"),
        ("雨かもしれない。", "雨の可能性がある。"),
        ("社員だけでなく派遣社員も使える。", "社員も派遣社員も使える。"),
        ("Not only staff but guests enter.", "Staff and guests enter."),
        ("Sharing is not allowed.", "Sharing is prohibited."),
        ("Reply no later than Friday.", "Reply by Friday."),
    ],
)
def test_the_same_said_otherwise_is_not_opposed(one: str, other: str) -> None:
    assert not find_opposed(one, [other])
    assert not find_opposed(other, [one])


def test_a_double_denial_affirms() -> None:
    assert read_polarities("参加しなければなりません。")["参加"] == {True}


def test_names_are_proper_nouns_and_capitalised_words_inside_sentences() -> None:
    assert japanese_names("山田太郎はトヨタでスタートした。") >= {"山田", "太郎", "トヨタ"}
    assert "スタート" not in japanese_names("山田太郎はトヨタでスタートした。")
    assert latin_names("The team met Alice Stone of HR. Tomorrow Bob comes in May.") == {
        "Alice", "Stone", "HR", "Bob",
    }  # fmt: skip


def test_another_name_in_the_same_place_is_noticed_though_both_are_there() -> None:
    evidence = ["Travel is approved by Alice Stone. Bob Miller books it."]
    assert find_substituted("Travel is approved by Bob Stone.", evidence) == ("Bob Stone",)
    assert not find_substituted("Travel is approved by Alice Stone.", evidence)
    assert find_substituted("費用は鈴木が承認する。", ["費用は田中が承認する。予約は鈴木へ頼む。"])
