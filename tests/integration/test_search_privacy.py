"""Documents that a caller may not read leave no trace in what he is given."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from retrieval.fusion import LEXICAL, VECTOR
from retrieval.model import Access, Scope
from tests.integration.search_samples import ANYONE, HR, STAFF, Library, opened

QUESTIONS = (
    "出張旅費の精算",
    "paid leave",
    "有休は何日",
    "budget 2024",
    '"旅費の精算"',
    "旅費 -海外",
)
OPEN = [
    "出張旅費の精算は翌月十日までに提出します。",
    "海外の出張旅費は別に定めます。",
    "年次有給休暇は十日です。Paid leave is ten days.",
    "令和6年の予算は各部署で作成します。",
    "駐車場の利用には許可が要ります。",
]
SECRET = [f"出張旅費の精算と有給休暇と予算 paid leave budget 令和6年 秘密{n}。" for n in range(40)]
LONG = ["出張旅費 " * 3_000, "秘密の合併と予算 " * 2_000]

Seen = list[tuple[str, float, dict[str, float]]]


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with opened(tmp_path) as library:
        for number, text in enumerate(OPEN):
            library.publish(f"open {number}", [text])
        library.index()
        yield library


def look(library: Library) -> dict[str, Seen]:
    results = {query: library.searcher.search(query, Scope(ANYONE), 20) for query in QUESTIONS}
    return {
        query: [(each.chunk.text, each.score, dict(each.scores)) for each in result.passages]
        for query, result in results.items()
    }


def test_adding_and_removing_unreadable_documents_changes_no_score_order_or_count(
    library: Library,
) -> None:
    before = look(library)
    assert all(before.values())
    document = library.publish("secret", SECRET, STAFF)
    library.publish("long secret", LONG, Access(frozenset({"user:boss"})))
    library.index()
    assert look(library) == before
    library.index(publish=True)
    assert look(library) == before
    library.catalog.documents.remove([document], "test")
    library.index()
    assert look(library) == before


@pytest.mark.parametrize("arm", [LEXICAL, VECTOR])
def test_neither_arm_alone_gives_what_is_unreadable(library: Library, arm: str) -> None:
    def rank() -> list[list[str]]:
        return [library.searcher.rank_alone(arm, query, Scope(ANYONE), 20) for query in QUESTIONS]

    before = rank()
    assert any(before)
    library.publish("secret", SECRET, STAFF)
    library.index()
    assert rank() == before  # a row of the delta
    library.index(publish=True)
    assert rank() == before  # and of the generation


def test_who_may_read_them_does_see_a_difference(library: Library) -> None:
    query, scope = "出張旅費の精算", Scope(HR)
    before = library.searcher.search(query, scope).passages[-1].scores
    library.publish("secret", SECRET, STAFF)
    library.index()
    found = library.searcher.search(query, scope, 50).passages
    assert {each.chunk.text for each in found} >= set(SECRET)
    assert {each.chunk.text: each.scores for each in found}[OPEN[0]] != before


def test_words_known_only_from_unreadable_documents_are_unknown(library: Library) -> None:
    before = look(library)["paid leave"]
    scope = Scope(ANYONE)
    unknown = library.searcher.search("合併 旅費", scope).passages
    library.publish("secret", ["合併の計画。旅費は会社が負担します。"], STAFF)
    library.index()
    after = library.searcher.search("合併 旅費", scope).passages
    assert [(each.chunk.id, each.score) for each in unknown] == [
        (each.chunk.id, each.score) for each in after
    ]
    assert look(library)["paid leave"] == before
