"""Numbers in all their spellings."""

import pytest

from app.answering.numbers import absent_codes, codes, stated, supported


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("3万円", "30,000円"),
        ("１２，５００円", "12500円"),
        ("1億2,000万円", "120000000円"),
        ("一億二千万円", "1億2,000万円"),
        ("3千万円", "30,000,000円"),
        ("2.5 million yen", "250万円"),
        ("三十日", "30日"),
        ("二〇二四年", "2024年"),
        ("令和6年", "2024年"),
        ("平成元年", "1989年"),
        ("1.50", "1.5"),
        ("04月01日", "4月1日"),
    ],
)
def test_one_value_has_one_spelling(one: str, other: str) -> None:
    assert stated(one) == stated(other) != frozenset()


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        ("2 weeks", "within two weeks"),
        ("4月1日", "April 1"),
        ("30%", "3割"),
        ("令和6年4月", "2024年4月"),
        ("3万円", "三万円"),
    ],
)
def test_a_source_proves_a_number_in_another_spelling(sentence: str, source: str) -> None:
    assert stated(sentence) <= supported(source)


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        ("10日", "12日"),
        ("3万円", "3,000円"),
        ("令和6年", "令和5年"),
        ("5月", "April 1"),
        ("1.5", "15"),
    ],
)
def test_a_source_does_not_prove_another_number(sentence: str, source: str) -> None:
    assert not stated(sentence) <= supported(source)


def test_enough_is_not_ten_minutes() -> None:
    assert stated("十分に注意する") == frozenset()
    assert stated("十分間待つ") == {"10"}


def test_codes_mix_letters_and_digits_but_are_not_amounts() -> None:
    assert codes("型番 KP-1000B は 10kg で、3rd floor に E-691 と出ます") == {"kp-1000b", "e-691"}
    assert absent_codes(codes("KP1000B"), "型番kp-1000bです") == set()
    assert absent_codes(codes("KP-2000"), "型番kp-1000bです") == {"kp-2000"}
