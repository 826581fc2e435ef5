"""Decoding: bytes of the encodings that Japanese offices have on their disks."""

import pytest

from ingestion.reading.decoding import decode

_TEXT = "第1章 総則\n髙橋様は①番窓口へ。申請期限は3月31日です。\n"
_PLAIN = "第1章 総則\n高橋様は1番窓口へ。申請期限は3月31日です。\n"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp932", "utf-32"]
)
def test_text_without_declaration_is_decoded(encoding: str) -> None:
    decoded = decode(_TEXT.encode(encoding))
    assert decoded.text == _TEXT
    assert decoded.replaced == 0


@pytest.mark.parametrize("encoding", ["euc_jp", "iso2022_jp", "utf-7"])
def test_older_encodings_are_decoded(encoding: str) -> None:
    assert decode(_PLAIN.encode(encoding)).text == _PLAIN


@pytest.mark.parametrize("encoding", ["euc_jp", "cp932"])
@pytest.mark.parametrize(
    "text", ["経費精算の手引き", "カタログ送付のお知らせ", "ｶﾅと漢字の混ざった文です"]
)
def test_short_japanese_text_is_told_apart(encoding: str, text: str) -> None:
    assert decode(text.encode(encoding)).text == text


def test_a_declaration_is_followed_where_it_works() -> None:
    assert decode("Größe".encode("iso-8859-1"), "iso-8859-1").text == "Größe"


def test_shift_jis_is_read_with_the_letters_windows_adds() -> None:
    assert decode("①髙".encode("cp932"), "Shift_JIS").text == "①髙"


@pytest.mark.parametrize("declared", ["no-such-code", "utf-8", "us-ascii"])
def test_a_wrong_declaration_is_passed_over(declared: str) -> None:
    assert decode(_TEXT.encode("cp932"), declared).text == _TEXT


def test_english_with_a_plus_sign_is_not_utf_7() -> None:
    text = "a+b-c, C++abc- and +foo+bar+baz-"
    assert decode(text.encode()).text == text


def test_a_few_broken_bytes_are_replaced_and_counted() -> None:
    decoded = decode("有給休暇は".encode() + b"\xff\xfe" + "十二日です。".encode())
    assert decoded.text.startswith("有給休暇は")
    assert decoded.replaced == 2


def test_bytes_that_are_no_text_still_give_text() -> None:
    assert isinstance(decode(bytes(range(256))).text, str)


def test_no_bytes_are_no_text() -> None:
    assert decode(b"").text == ""
