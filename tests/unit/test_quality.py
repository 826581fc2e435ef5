"""Quality: no text is a failure, garbled text is a warning."""

import pytest

from ingestion.errors import NoText
from ingestion.quality import check_quality, is_garbled, list_warnings

_SENTENCE = "年次有給休暇は入社日に十二日を与え、以後は勤続年数に応じて増やす。"


def test_marks_without_a_letter_are_no_text() -> None:
    with pytest.raises(NoText) as raised:
        check_quality("…… ― ※ --", "scan.pdf", 3)
    assert raised.value.details == {"name": "scan.pdf", "pages": 3}


@pytest.mark.parametrize("text", [_SENTENCE, "Paid leave is £20 – “twenty” days.", "Größe: 5 µm"])
def test_good_text_brings_no_warning(text: str) -> None:
    assert check_quality(text, "a.txt", None) == ()


@pytest.mark.parametrize(
    ("right", "wrong"), [("utf-8", "cp932"), ("utf-8", "latin-1"), ("cp932", "latin-1")]
)
def test_japanese_read_in_the_wrong_encoding_is_noticed(right: str, wrong: str) -> None:
    assert is_garbled(_SENTENCE.encode(right).decode(wrong, "replace"))


def test_replacement_characters_are_noticed() -> None:
    assert check_quality("規\ufffd\ufffdは\ufffdである", "a.txt", None) == ("garbled",)


def test_warnings_are_listed_once() -> None:
    assert list_warnings(["garbled", "garbled"], 4, 1) == (
        "garbled",
        "hidden-text",
        "invisible-characters",
    )
    assert list_warnings([], 0, 0) == ()
