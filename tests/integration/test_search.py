"""Search over a real library: order, access, filters, freshness and what fails."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from retrieval.errors import EmbedderUnavailable
from retrieval.model import Access, Filters, Metadata, Scope
from retrieval.ports import Vectors
from retrieval.search import Searcher
from tests.fakes.embedder import HashEmbedder
from tests.integration.search_samples import ANYONE, HR, PUBLIC, STAFF, Library, opened

TRAVEL = "出張旅費の精算は翌月十日までに経理部へ提出します。"
LEAVE = "年次有給休暇は入社半年後に十日付与されます。"
SALARY = "役員の報酬は出張旅費とは別に取締役会が定めます。"


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with opened(tmp_path) as library:
        yield library


@pytest.fixture
def filled(library: Library) -> Library:
    library.publish("travel", [TRAVEL])
    library.publish("leave", [LEAVE])
    library.publish("salary", [SALARY], STAFF)
    library.index()
    return library


class FailingEmbedder(HashEmbedder):
    """Refuses to work, as a model whose file is gone."""

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        raise EmbedderUnavailable(model="test", reason=f"{len(texts)} texts, no model")


def test_the_best_passage_comes_first_with_its_scores(filled: Library) -> None:
    result = filled.searcher.search("出張旅費の精算はいつまで", Scope(HR), 3)
    assert result.degraded == ()
    best = result.passages[0]
    assert best.chunk.text == TRAVEL
    assert best.document.metadata.title == "travel"
    assert 0.3 < best.score < 1
    assert set(best.scores) == {"lexical", "vector", "closeness"}
    assert [p.score for p in result.passages] == sorted(
        (p.score for p in result.passages), reverse=True
    )


def test_nobody_finds_what_they_may_not_read(filled: Library) -> None:
    assert SALARY in filled.found("役員の報酬", HR)
    assert SALARY not in filled.found("役員の報酬", ANYONE)
    assert filled.found("役員の報酬", frozenset()) == []


def test_all_readable_passages_come_when_as_many_are_asked_for(filled: Library) -> None:
    assert set(filled.found("出張", HR, count=3)) == {TRAVEL, LEAVE, SALARY}
    assert set(filled.found("出張", ANYONE, count=3)) == {TRAVEL, LEAVE}


def test_a_few_readable_passages_are_found_among_many_unreadable_better_ones(
    library: Library,
) -> None:
    secret = [f"出張旅費の精算の手引き {number}" for number in range(300)]
    library.publish("secret", secret, STAFF)
    library.publish("open", [f"旅費については第{n}章を見てください。" for n in range(12)])
    library.index(publish=True)
    found = library.found("出張旅費の精算の手引き", ANYONE, count=10)
    assert len(found) == 10
    assert not set(found) & set(secret)


def test_filters_hold_in_both_arms(library: Library) -> None:
    library.publish("a", ["旅費の規程 甲"], metadata=Metadata("a", department="人事", tags=("x",)))
    library.publish("b", ["旅費の規程 乙"], metadata=Metadata("b", department="経理"))
    library.index()
    only = Filters(departments=frozenset({"経理"}))
    assert library.found("旅費", filters=only) == ["旅費の規程 乙"]
    assert library.found("旅費", filters=Filters(tags=frozenset({"x"}))) == ["旅費の規程 甲"]
    assert library.found("旅費", filters=Filters(languages=frozenset({"en"}))) == []


def test_the_same_text_in_two_readable_places_comes_once(library: Library) -> None:
    library.publish("secret copy", [TRAVEL], STAFF)
    library.publish("copy one", [TRAVEL])
    library.publish("copy two", [TRAVEL.replace("は", "は ")])
    library.publish("other", [LEAVE])
    library.index()
    found = library.found("出張旅費の精算", count=10)
    assert [text.replace(" ", "") for text in found].count(TRAVEL) <= 2
    assert found.count(TRAVEL) == 1
    assert LEAVE in found


def test_of_a_text_that_a_document_repeats_the_first_place_comes(library: Library) -> None:
    for number in range(6):  # by chance alone the first would come six times of 4,096
        library.publish(f"report {number}", [f"{TRAVEL} {number}"] * 4)
    library.index()
    passages = library.searcher.search("出張旅費の精算はいつまで", Scope(ANYONE), 6).passages
    assert [passage.chunk.ordinal for passage in passages] == [0] * 6


def test_of_a_text_under_several_headings_the_fitting_one_comes(library: Library) -> None:
    text = "三日前までに届け出ます。"
    library.publish("rules", [text, text], contexts=["出張", "休暇"])
    library.index()
    (passage,) = library.searcher.search("休暇の届け出", Scope(ANYONE), 5).passages
    assert passage.chunk.context == "休暇"


def test_a_new_document_is_found_before_a_generation_holds_it(filled: Library) -> None:
    live = filled.catalog.generations.live()
    filled.publish("parking", ["駐車場の利用には総務部の許可が要ります。"])
    filled.indexer.catch_up()
    assert filled.found("駐車場の許可")[0].startswith("駐車場")
    assert filled.catalog.generations.live() == live


def test_vectors_follow_the_catalog_even_before_the_worker_does(filled: Library) -> None:
    filled.found("休暇")
    filled.publish("parking", ["駐車場の利用には総務部の許可が要ります。"])
    result = filled.searcher.search("駐車場の許可", Scope(ANYONE))
    assert "駐車場の利用には総務部の許可が要ります。" in [p.chunk.text for p in result.passages]
    assert filled.searcher.applied() < filled.catalog.changes.head()
    filled.indexer.catch_up()
    assert filled.searcher.applied() == filled.catalog.changes.head()


def test_a_removed_document_is_gone_from_the_next_search(filled: Library) -> None:
    document = filled.publish("parking", ["駐車場の利用には総務部の許可が要ります。"])
    filled.index()
    assert filled.found("駐車場")[0].startswith("駐車場")
    filled.catalog.documents.remove([document], "test")
    assert not any("駐車場" in text for text in filled.found("駐車場"))


def test_changed_text_replaces_the_old_at_once(filled: Library) -> None:
    changed = TRAVEL.replace("翌月十日", "当月末日")
    filled.publish("travel", [changed])
    found = filled.found("出張旅費の精算")
    assert changed in found
    assert TRAVEL not in found


def test_a_changed_rule_holds_from_the_next_search(filled: Library) -> None:
    for access, shown in ((STAFF, False), (PUBLIC, True), (replace(PUBLIC, deny=ANYONE), False)):
        filled.register(access)
        assert (TRAVEL in filled.found("出張旅費の精算", ANYONE)) is shown


def test_a_document_moved_under_another_rule_follows_it_at_once(filled: Library) -> None:
    document = filled.publish("memo", ["合併の検討メモ"])
    filled.index()
    assert "合併の検討メモ" in filled.found("合併の検討", ANYONE)
    filled.catalog.documents.update(document, access=STAFF)
    assert "合併の検討メモ" not in filled.found("合併の検討", ANYONE)
    assert "合併の検討メモ" in filled.found("合併の検討", HR)
    filled.catalog.documents.update(document, access=PUBLIC)
    assert "合併の検討メモ" in filled.found("合併の検討", ANYONE)


def test_a_change_of_department_holds_at_once_and_embeds_nothing(filled: Library) -> None:
    document = filled.publish("memo", ["合併の検討メモ"], metadata=Metadata("memo", "人事"))
    filled.index()
    filled.found("合併")
    embedded = len(filled.embedder.embedded)
    filled.catalog.documents.update(document, metadata=Metadata("memo", "法務"))
    before, after = (Filters(departments=frozenset({name})) for name in ("人事", "法務"))
    assert filled.found("合併", filters=before) == []
    assert filled.found("合併", filters=after) == ["合併の検討メモ"]
    # Only the questions were embedded.
    assert filled.embedder.embedded[embedded:] == ["合併", "合併"]


_OTHER_PROCESS = """
import sys
from pathlib import Path
from tests.integration.search_samples import STAFF, Library
library = Library(Path(sys.argv[1]))
for line in sys.stdin:
    action, document = line.split()
    if action == "hide":
        library.catalog.documents.update(document, access=STAFF)
    else:
        library.catalog.documents.remove([document], "test")
    print("done", flush=True)
library.close()
"""


def test_what_another_process_hides_or_removes_is_gone_from_the_next_search(
    filled: Library,
) -> None:
    names = [filled.publish(f"memo {n}", [f"合併の検討メモ{n}"]) for n in range(2)]
    filled.index(publish=True)
    assert len([text for text in filled.found("合併") if "メモ" in text]) == 2
    command = [sys.executable, "-c", _OTHER_PROCESS, str(filled.home)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as other:  # type: ignore[call-overload]
        for order, left in ((f"hide {names[0]}", 1), (f"remove {names[1]}", 0)):
            other.stdin.write(order + "\n")
            other.stdin.flush()
            assert other.stdout.readline() == "done\n"
            assert len([text for text in filled.found("合併") if "メモ" in text]) == left
        other.stdin.close()


def test_without_an_embedder_words_alone_are_searched_and_the_result_says_so(
    filled: Library,
) -> None:
    searcher = Searcher(filled.catalog, filled.home, FailingEmbedder())
    result = searcher.search("出張旅費の精算", Scope(ANYONE))
    assert result.degraded == ("vector",)
    assert [p.chunk.text for p in result.passages] == [TRAVEL]
    searcher.close()


def test_an_index_made_by_another_embedder_is_not_searched(filled: Library) -> None:
    searcher = Searcher(filled.catalog, filled.home, HashEmbedder(32))
    result = searcher.search("出張旅費の精算", Scope(ANYONE))
    assert result.degraded == ("vector",)
    assert result.passages[0].chunk.text == TRAVEL
    searcher.close()


def test_without_a_lexical_index_vectors_alone_are_searched_and_the_result_says_so(
    library: Library,
) -> None:
    library.publish("travel", [TRAVEL])
    result = library.searcher.search("出張旅費の精算", Scope(ANYONE))
    assert result.degraded == ("lexical",)
    assert result.passages[0].chunk.text == TRAVEL
    library.index()
    assert library.searcher.search("出張旅費", Scope(ANYONE)).degraded == ()


def test_an_empty_library_is_not_called_degraded(library: Library) -> None:
    result = library.searcher.search("何か", Scope(ANYONE))
    assert (result.passages, result.degraded) == ((), ())


@pytest.mark.parametrize(
    "query", ["", " ", "\x00", "🎉🎉🎉", "\ud800", "'; DROP TABLE chunks;--", "*"]
)
def test_odd_questions_raise_nothing(filled: Library, query: str) -> None:
    assert len(filled.found(query)) <= 3


def test_a_question_of_100_000_characters_is_answered(filled: Library) -> None:
    filled.found("準備")
    assert TRAVEL in filled.found("出張旅費の精算" + "あれこれと書き連ねる。" * 9_000)


def test_scores_tell_a_match_from_nothing_in_common(filled: Library) -> None:
    def best(query: str) -> float:
        return filled.searcher.search(query, Scope(ANYONE)).passages[0].score

    assert best("年次有給休暇は何日付与されますか") > 2 * best("ペンギンの泳ぐ速さ")


def test_many_threads_search_at_once(filled: Library) -> None:
    expected = filled.found("出張旅費の精算", HR)
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: filled.found("出張旅費の精算", HR), range(80)))
    assert all(found == expected for found in results)


def test_everyone_else_is_refused_by_an_unknown_rule(filled: Library) -> None:
    filled.publish("orphan", ["誰にも許可していない文書"], Access())
    filled.index()
    assert "誰にも許可していない文書" not in filled.found("許可していない文書", HR)


def test_what_stands_beside_a_passage_is_for_its_readers_alone(library: Library) -> None:
    library.publish("rules", [LEAVE, TRAVEL, SALARY, "附則"], STAFF)
    library.index()
    found = library.searcher.search("出張旅費の精算はいつまで", Scope(HR), 4).passages
    middle = next(passage for passage in found if passage.chunk.text == TRAVEL)
    beside = library.searcher.neighbours(middle, Scope(HR))
    assert [passage.chunk.text for passage in beside] == [LEAVE, SALARY]
    assert library.searcher.neighbours(middle, Scope(ANYONE)) == ()
