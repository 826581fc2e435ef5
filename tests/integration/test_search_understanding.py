"""Questions that narrow themselves, other words for the same thing, and why a document is lost."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from retrieval.model import Metadata, Scope
from tests.integration.search_samples import ANYONE, HR, STAFF, Library, opened

TRAVEL = "出張旅費の精算は翌月十日までに経理部へ提出します。"
ABROAD = "海外への出張旅費の精算は帰国後に行います。"
LEAVE = "年次有給休暇は入社半年後に十日付与されます。"
PARKING = "駐車場の利用には総務部の許可が要ります。"


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with opened(tmp_path) as library:
        library.publish("travel", [TRAVEL], metadata=Metadata("travel", department="経理"))
        library.publish("abroad", [ABROAD], metadata=Metadata("abroad", department="総務"))
        library.publish("leave", [LEAVE], metadata=Metadata("leave", department="人事"))
        library.publish("parking", [PARKING], STAFF)
        library.index()
        yield library


def test_fields_in_a_question_narrow_it(library: Library) -> None:
    assert library.found("出張旅費 dept:総務") == [ABROAD]
    assert library.found("出張旅費 dept:総務,経理 -海外") == [TRAVEL]
    assert library.found("出張旅費 dept:営業") == []


def test_a_field_never_widens_what_the_caller_may_read(library: Library) -> None:
    assert PARKING not in library.found("駐車場 dept:", ANYONE)
    assert PARKING in library.found("駐車場", HR)


def test_a_quoted_phrase_must_be_there(library: Library) -> None:
    assert library.found('"海外への出張"') == [ABROAD]


def test_a_quoted_phrase_that_is_nowhere_is_searched_for_as_words(library: Library) -> None:
    assert library.found('"精算の出張旅費"')[0] in {TRAVEL, ABROAD}


def test_an_excluded_word_is_excluded_from_both_arms(library: Library) -> None:
    assert ABROAD in library.found("出張旅費")
    assert ABROAD not in library.found("出張旅費 -海外")


def test_colloquial_foreign_and_spelt_out_words_find_the_document(library: Library) -> None:
    for question in ("有休", "How many vacation days?", "ねんじゆうきゅうきゅうか"):
        (best, *_) = library.searcher.search(question, Scope(ANYONE)).passages
        assert best.chunk.text == LEAVE
        assert best.scores["lexical"] > 0


def test_the_current_version_comes_first_unless_a_year_is_named(library: Library) -> None:
    old, new = "就業規則。定年は60歳です。定年後の再雇用。", "就業規則。定年は65歳とします。"
    library.publish("old", [old], metadata=Metadata("就業規則 2019年版"))
    library.publish("new", [new], metadata=Metadata("就業規則 2024年版"))
    library.index()
    best, *others = library.searcher.search("定年は何歳ですか", Scope(ANYONE)).passages
    assert best.chunk.text == new
    (superseded,) = [each for each in others if each.chunk.text == old]
    assert superseded.scores["lifecycle"] < 1
    assert library.found("2019年の就業規則の定年")[0] == old


def test_a_year_is_found_in_the_other_calendar(library: Library) -> None:
    for year in ("令和5年", "令和6年", "令和7年"):
        library.publish(year, [f"{year}の予算方針を定めます。"])
    library.index()
    assert library.found("2024年の予算方針")[0] == "令和6年の予算方針を定めます。"


def test_a_trace_tells_at_which_step_a_document_is_lost(library: Library) -> None:
    ids = {
        document.metadata.title: document.id
        for document in library.catalog.documents.list(Scope(HR), limit=10)
    }
    scope = Scope(ANYONE)

    def why(title: str, query: str = "出張旅費の精算") -> str:
        return library.searcher.why(query, ids[title], scope).verdict

    shown = library.searcher.why("海外の出張旅費", ids["abroad"], scope)
    assert (shown.verdict, shown.shown) == ("shown", 1)
    assert shown.lexical is not None
    assert shown.lexical.rank == 1
    assert shown.fused is not None
    assert why("parking") == "forbidden"
    assert library.searcher.why("出張", "no-such-id", scope).verdict == "unknown"
    assert why("leave", "出張旅費 dept:経理") == "filtered"
    assert why("leave", '"出張旅費"') == "filtered"
