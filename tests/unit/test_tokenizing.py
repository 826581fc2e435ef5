"""How text becomes terms."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.lexical.spelling import unify_variants
from retrieval.lexical.tokenizing import (
    LONGEST_TERM,
    SEGMENT_CHARACTERS,
    adjacent_pairs,
    fingerprint,
    terms,
    tokenize,
)


def test_particles_auxiliaries_and_symbols_are_dropped() -> None:
    assert terms("出張の旅費を（月末までに）精算します。") == [
        "出張",
        "旅費",
        "月末",
        "精算",
        "為る",
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ｗｉ－Ｆｉの接続", "Wi-Fiの接続"),
        ("ﾊﾟｽﾜｰﾄﾞ", "パスワード"),
        ("コンピューター", "コンピュータ"),
        ("①の手順", "1の手順"),
        ("documents", "Document"),
        ("employee's", "employees"),
        ("café in Zürich", "Cafe in Zurich"),
        ("José Müller", "Jose Mu\u0308ller"),
        ("Straße", "Strasse"),
        ("TNF-α", "TNF-alpha"),
        ("公差は5μm", "公差は5um"),
        ("organisations", "organization"),
        ("analysed", "analyzing"),
        ("colourful behaviour", "colorful behavior"),
        ("training centre", "Training Center"),
        ("software licence", "software license"),
        ("catalogue programmes", "catalog program"),
        ("enrolment", "enrollment"),
        ("か\u3099くせい", "がくせい"),
    ],
)
def test_different_spellings_become_the_same_terms(one: str, other: str) -> None:
    assert terms(one) == terms(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("revise", "revision"), ("supervise", "supervision"), ("hours", "hour"), ("sizing", "size")],
)
def test_unifying_two_spellings_keeps_apart_no_forms_of_one_word(one: str, other: str) -> None:
    assert terms(one) == terms(other)


@pytest.mark.parametrize("word", ["hour", "tour", "source", "course", "genre", "league", "prize"])
def test_words_that_only_look_like_a_variant_stay(word: str) -> None:
    assert unify_variants(word) == word


@pytest.mark.parametrize("written", ["AB-1234-X", "ab‐1234‐x", "ＡＢ－１２３４－Ｘ", "AB1234X"])
def test_a_code_is_found_however_its_hyphens_are_written(written: str) -> None:
    assert "ab1234x" in terms(f"部品{written}の在庫")


def test_a_code_is_also_found_by_its_parts() -> None:
    assert {"ab", "1234", "x"} <= set(terms("AB-1234-X"))


def test_a_date_stays_whole_and_is_not_mistaken_for_a_number() -> None:
    assert "2024-04-01" in terms("2024-04-01に改定")
    assert "20240401" not in terms("2024-04-01に改定")


def test_english_function_words_are_dropped_but_not_names_in_capitals() -> None:
    assert terms("it is in the manual") == ["manual"]
    assert "it" in terms("IT部門に連絡")


def test_pairs_stay_inside_a_sentence() -> None:
    assert adjacent_pairs(tokenize("経費の精算。休暇の申請。")) == ["経費|精算", "休暇|申請"]


def test_a_text_longer_than_the_analyser_takes_is_read_to_its_end() -> None:
    assert terms("あ" * 3 * SEGMENT_CHARACTERS + "。経費")[-1] == "経費"
    assert terms("𠮷" * 2 * SEGMENT_CHARACTERS + "。経費")[-1] == "経費"


@pytest.mark.parametrize("text", ["", " \n\t", "。、！", "🎉🎉", "\x00\x1f", "\ud800", "||", "---"])
def test_text_without_words_gives_no_terms(text: str) -> None:
    assert terms(text) == []


@settings(max_examples=150)
@given(st.text(alphabet=st.characters(), max_size=200))
def test_whatever_comes_in_every_term_can_be_stored_and_told_apart(text: str) -> None:
    for term in terms(text):
        assert term
        assert len(term) <= LONGEST_TERM
        assert len(term.split()) == 1
        assert "|" not in term
        term.encode("utf-8")


def test_many_threads_get_what_one_gets() -> None:
    texts = [
        f"第{number}条 出張旅費の精算は月末までに行う。Rule {number}." for number in range(300)
    ]
    expected = [terms(text) for text in texts]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(terms, texts)) == expected


def test_the_fingerprint_is_short_and_steady() -> None:
    assert fingerprint() == fingerprint()
    assert len(fingerprint()) == 16


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("サーバ", "サーバー"),
        ("コンピュータ", "コンピューター"),
        ("メモリ", "メモリー"),
        ("クーラ", "クーラー"),
        ("センサ", "センサー"),
        ("ヴァイオリン", "バイオリン"),
        ("ヴェンダー", "ベンダー"),
        ("インタフェース", "インターフェイス"),
        ("ｻｰﾊﾞｰ", "サーバー"),
        ("ＫＳ－４４１０", "KS-4410"),
        ("見積り", "見積もり"),
        ("問合せ", "問い合わせ"),
        ("附則", "付則"),
        ("令和六年四月一日", "令和６年４月１日"),
    ],
)
def test_variants_of_width_length_and_spelling_are_one_term(one: str, other: str) -> None:
    assert terms(one) == terms(other) != []


@pytest.mark.parametrize(("one", "other"), [("タワー", "タワ"), ("キー", "キ"), ("カバー", "カバ")])
def test_short_words_keep_their_long_vowel(one: str, other: str) -> None:
    assert terms(one) != terms(other)


def test_both_a_word_and_its_reading_in_brackets_are_found() -> None:
    assert {"蔵前", "精機"} <= set(terms("蔵前（くらまえ）精機"))
