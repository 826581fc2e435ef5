"""The controlled vocabulary: words in two languages, one tag, where it was found."""

from datetime import date
from pathlib import Path

import pytest

from ingestion.dating import find_expiry_date
from ingestion.errors import VocabularyInvalid
from ingestion.vocabulary import VOCABULARY, find_terms, read_vocabulary
from retrieval.model import TagOrigin


def _tags(**places: str) -> dict[str, TagOrigin]:
    return {origin.tag: origin for origin in find_terms(read_vocabulary().terms, places)}


@pytest.mark.parametrize(
    ("title", "tag"),
    [
        ("出張旅費規程", "type:policy"),
        ("Travel policies", "type:policy"),
        ("ﾏﾆｭｱﾙ", "type:procedure"),
        ("HR handbook", "department:hr"),
        ("経理部の手順", "department:finance"),
        ("就業規則（案）", "status:draft"),
    ],
)
def test_words_of_both_languages_and_widths_give_the_same_tag(title: str, tag: str) -> None:
    assert tag in _tags(title=title)


@pytest.mark.parametrize("title", ["three items", "Aircraft", "waiting list", "提案書の書き方"])
def test_a_word_inside_another_is_not_that_word(title: str) -> None:
    assert not {"department:hr", "department:it", "status:draft"} & set(_tags(title=title))


def test_the_surest_place_decides_and_is_told() -> None:
    found = _tags(title="価格表", path="契約書/価格表.xlsx", text="社外秘")
    assert found["type:price-list"] == TagOrigin("type:price-list", "title", 0.9)
    assert "type:contract" not in found
    assert found["confidentiality:confidential"].source == "text"


def test_only_terms_that_say_so_are_looked_for_in_the_text() -> None:
    assert _tags(text="この規程は営業部の報告書について定める。") == {}


def test_every_term_has_both_languages_and_an_id_of_its_own() -> None:
    terms = read_vocabulary(VOCABULARY).terms
    assert len({(term.category, term.id) for term in terms}) == len(terms) > 20
    assert all(term.ja and term.en for term in terms)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        (None, "file"),
        ("[[type]", "TOML"),
        ("type = 3", "type"),
        ('[[type]]\nid = "a b"\nja = "x"\nen = "x"\nwords = ["x"]', "type[1].id"),
        ('[[type]]\nid = "a"\nja = "x"\nen = "x"\nwords = []', "type[1].words"),
        ('[[type]]\nid = "a"\nja = "x"\nen = "x"\nwords = ["x"]\nmarks = true', "type[1].marks"),
        ('[[type]]\nid = "a"\nja = "x"\nen = 1\nwords = ["x"]', "type[1].en"),
    ],
)
def test_a_vocabulary_that_cannot_be_understood_is_refused_by_the_field(
    tmp_path: Path, text: str | None, field: str
) -> None:
    path = tmp_path / "own.toml"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(VocabularyInvalid) as raised:
        read_vocabulary(path)
    assert raised.value.details["field"] == field
    assert str(path) in raised.value.message("ja")


def test_another_content_is_another_fingerprint(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_bytes(VOCABULARY.read_bytes())
    assert read_vocabulary(path) == read_vocabulary(VOCABULARY)
    path.write_text('[[type]]\nid = "a"\nja = "x"\nen = "x"\nwords = ["x"]', encoding="utf-8")
    assert read_vocabulary(path).fingerprint != read_vocabulary(VOCABULARY).fingerprint


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("有効期限：令和8年3月31日", date(2026, 3, 31)),
        ("Valid until March 31, 2026.", date(2026, 3, 31)),
        ("期限までに提出する。", None),
    ],
)
def test_the_date_until_which_a_document_is_valid_is_found(
    text: str, expected: date | None
) -> None:
    assert find_expiry_date(text) == expected
