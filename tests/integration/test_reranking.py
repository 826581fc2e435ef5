"""Search with a reranker: its order, its time, and what happens without it."""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from retrieval.model import Passage, Scope
from retrieval.reranking import RERANKER, Reranking
from retrieval.search import Searcher
from tests.fakes.reranker import OverlapReranker
from tests.fakes.searcher import make_passage
from tests.integration.search_samples import ANYONE, Library, opened


def passages(count: int) -> list[Passage]:
    return [make_passage(f"本文{n}" + "あいう"[: n % 4], name=f"d{n}") for n in range(count)]


@contextmanager
def searching(library: Library, reranking: Reranking | None) -> Iterator[Searcher]:
    searcher = Searcher(library.catalog, library.home, library.embedder, reranking=reranking)
    with closing(searcher):
        yield searcher


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with opened(tmp_path) as library:
        for n, text in enumerate(["精算", "旅費の精算", "出張旅費の精算の期限", "旅費"]):
            library.publish(f"{n}", [text + "。" * n + "旅費" * (4 - n)])
        library.index()
        yield library


def test_passages_come_in_the_order_of_the_reranker(library: Library) -> None:
    question = "出張旅費の精算の期限"
    with (
        searching(library, None) as plain,
        searching(library, Reranking(OverlapReranker(), 60)) as finer,
    ):
        usual = plain.search(question, Scope(ANYONE))
        found = finer.search(question, Scope(ANYONE))
    scores = [each.scores[RERANKER] for each in found.passages]
    assert scores == sorted(scores, reverse=True)
    assert found.passages[0].chunk.text.startswith("出張旅費の精算の期限")
    assert found.degraded == ()
    # What a score means stays: the same scores, dealt out anew.
    assert sorted(p.score for p in found.passages) == sorted(p.score for p in usual.passages)


def test_without_its_model_the_usual_order_is_given_and_said_so(library: Library) -> None:
    question = "旅費の精算"
    with (
        searching(library, None) as plain,
        searching(library, Reranking(OverlapReranker(fails=True))) as broken,
    ):
        usual, found = (s.search(question, Scope(ANYONE)) for s in (plain, broken))
        again = broken.search(question, Scope(ANYONE))
    assert [p.chunk.id for p in found.passages] == [p.chunk.id for p in usual.passages]
    assert found.degraded == again.degraded == (RERANKER,)


def test_what_there_is_no_time_for_keeps_its_place_behind() -> None:
    reranker = OverlapReranker(lambda: time.sleep(0.02))
    given = passages(30)
    found, failed = Reranking(reranker, budget_s=0.01).apply("あいう", given)
    assert failed == ()
    assert len(reranker.read) == 8  # one batch, which is always read
    assert found[8:] == given[8:]
    assert {p.chunk.id for p in found[:8]} == {p.chunk.id for p in given[:8]}


def test_no_more_than_the_first_passages_are_read() -> None:
    reranker = OverlapReranker()
    found, _ = Reranking(reranker, budget_s=60, depth=10).apply("あいう", passages(30))
    assert len(reranker.read) == 10
    assert len(found) == 30


def test_equal_scores_keep_the_usual_order_and_nothing_is_read_for_nothing() -> None:
    given = passages(4)
    found, _ = Reranking(OverlapReranker(), 60).apply("無関係", given)
    assert [p.chunk.id for p in found] == [p.chunk.id for p in given]
    assert Reranking(OverlapReranker(fails=True)).apply("何か", []) == ([], ())
