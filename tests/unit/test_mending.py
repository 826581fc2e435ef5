"""Mojibake: repaired where certain, told of where not, and never made of good text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.cleaning import clean
from ingestion.mending import is_broken, mend
from ingestion.model import Parsed
from retrieval.model import Block, BlockKind

SENTENCE = "年次有給休暇は入社日に十二日を与え、以後は勤続年数に応じて増やす。"
_UNDEFINED = (0x81, 0x8D, 0x8F, 0x90, 0x9D)


def _as_browsers_do(data: bytes) -> str:
    """Windows-1252 as everybody reads it: what it leaves undefined is its own number."""
    return "".join(chr(b) if b in _UNDEFINED else bytes([b]).decode("cp1252") for b in data)


@pytest.mark.parametrize(
    ("written", "read"),
    [("utf-8", "latin-1"), ("cp932", "latin-1"), ("euc_jp", "latin-1")],
)
def test_japanese_read_as_latin_is_repaired(written: str, read: str) -> None:
    assert mend(SENTENCE.encode(written).decode(read)) == (SENTENCE, 0)


@pytest.mark.parametrize("written", ["utf-8", "cp932"])
def test_japanese_read_as_windows_1252_is_repaired(written: str) -> None:
    assert mend(_as_browsers_do(SENTENCE.encode(written))) == (SENTENCE, 0)


@pytest.mark.parametrize("right", ["会議室", "価格", "施行日", "ルール"])
def test_utf_8_read_as_shift_jis_is_repaired_where_no_byte_was_lost(right: str) -> None:
    assert mend(right.encode().decode("cp932"))[0] == right


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("cafÃ© is open", "café is open"),
        ("Itâ€™s fine", "It’s fine"),
        ("価格はÂ£20です", "価格は£20です"),
        ("正しい行\ncafÃ©\n正しい行", "正しい行\ncafé\n正しい行"),
    ],
)
def test_words_among_sound_ones_are_repaired(wrong: str, right: str) -> None:
    assert mend(wrong) == (right, 0)


@pytest.mark.parametrize(
    "text",
    [
        SENTENCE,
        "Größe: 5 µm, résumé à la carte, São Paulo, naïve café — “ok”",
        "ｶﾀｶﾅ ﾃｱ ﾊﾝｶｸ",
        "繧繝錦の模様",
        "¥1,200 ¤ £20 ©2024 5±0.1 µm ½",
        "Ã is a letter, and so is Â.",
        "한국어 Русский Ελληνικά",
    ],
)
def test_good_text_stays_as_it_is(text: str) -> None:
    assert mend(text)[0] == text
    assert not is_broken(mend(text)[1])


@given(st.text(st.characters(codec="cp932", exclude_characters="¢£¬‖−〜"), max_size=60))
def test_what_offices_write_is_never_taken_for_damage(text: str) -> None:
    kana = "これは" + text
    assert mend(kana)[0] == kana


def test_what_lost_bytes_stays_and_is_told_of() -> None:
    wrong = SENTENCE.encode().decode("cp932", "replace")
    cleaned = clean(Parsed((Block(BlockKind.PARAGRAPH, wrong),)))
    assert cleaned.warnings == ("mojibake",)
    assert "縺" in cleaned.text


def test_a_repair_is_told_of() -> None:
    wrong = SENTENCE.encode().decode("latin-1")
    cleaned = clean(Parsed((Block(BlockKind.PARAGRAPH, wrong),)))
    assert (cleaned.text, cleaned.warnings) == (SENTENCE, ("mojibake-mended",))
