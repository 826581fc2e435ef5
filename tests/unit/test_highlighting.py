"""Which characters of a text answer to a question, in offsets of the text as it is shown."""

from itertools import pairwise
from pathlib import Path

import pytest

from retrieval.highlighting import Highlighter
from retrieval.lexical.glossary import Glossary
from retrieval.lexical.placing import place_terms
from retrieval.lexical.tokenizing import terms

TEXTS = [
    "有給休暇の申請は、三営業日前までに上長へ提出してください。",
    "ﾊﾝｶｸｶﾞ型番 AB‑12/3 の１２㌢ か\u3099 がPart-No.",
    "Parental leave is C++ and Kubernetes’s own.",
    "𠮷野家の規程🎉です。\ud800",
    "The ﬁne cafe\u0301 of José Weiß: 5 µm of TNF‑α",
    "",
    " \n　",
]


def marked(question: str, text: str, glossary: Glossary | None = None) -> list[tuple[str, str]]:
    found = Highlighter(question, glossary or Glossary(None)).mark(text)
    return [(text[each.start : each.end], each.kind) for each in found]


@pytest.mark.parametrize("text", [*TEXTS, "長い文。" * 5_000])
def test_placed_terms_are_the_terms_that_are_indexed(text: str) -> None:
    placed = place_terms(text)
    assert [each.term for each in placed] == terms(text)
    assert all(0 <= each.start < each.end <= len(text) for each in placed)
    assert [each.start for each in placed] == sorted(each.start for each in placed)


def test_the_words_of_the_question_are_marked_in_whatever_width_they_stand() -> None:
    assert marked("型番AB-12の長さ", "ﾊﾝｶｸﾉ型番は ＡＢ‑１２ です") == [
        ("型番", "asked"),
        ("ＡＢ‑１２", "asked"),
    ]


def test_inflected_words_are_marked_and_question_words_are_not() -> None:
    assert marked("What do I have to submit?", "What was submitted") == [("submitted", "asked")]
    assert marked("いつ申し込むのですか", "もう申しこみました") == [("申しこみ", "asked")]


def test_what_the_glossary_calls_it_is_marked_as_another_word(tmp_path: Path) -> None:
    file = tmp_path / "glossary.csv"
    file.write_text("area,japanese,english\nhr,有休|年次有給休暇,paid leave\n", encoding="utf-8")
    text = "年次有給休暇 (paid leave) は十日です。"
    assert marked("有休は何日", text, Glossary(file)) == [
        ("年次有給休暇", "synonym"),
        ("paid leave", "synonym"),
        ("日", "asked"),
    ]


def test_neighbouring_words_become_one_stretch_and_none_overlaps() -> None:
    text = "出張旅費の精算。出張と旅費、旅費 出張"
    found = Highlighter("出張旅費", Glossary(None)).mark(text)
    assert [text[each.start : each.end] for each in found] == [
        "出張旅費",
        "出張",
        "旅費",
        "旅費 出張",
    ]
    assert all(one.end <= other.start for one, other in pairwise(found))


def test_a_text_without_any_of_the_words_has_no_marks() -> None:
    assert marked("有給休暇", "The weather is fine.") == []
    assert marked("", "何か") == []
