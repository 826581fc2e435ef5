"""The LangChain retriever over a real library."""

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from retrieval.langchain_retriever import KuraRetriever
from retrieval.model import Access, Filters, Metadata, Scope
from tests.integration.search_samples import ANYONE, HR, STAFF, Library, opened


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with opened(tmp_path) as library:
        library.publish("rules.txt", ["旅費は翌月に精算します。"], metadata=Metadata("旅費規程"))
        library.publish(
            "pay.txt", ["役員の旅費は別に定めます。"], STAFF, Metadata("役員規程", "人事")
        )
        library.index()
        yield library


def test_documents_carry_what_a_citation_needs(library: Library) -> None:
    retriever = KuraRetriever(searcher=library.searcher, scope=Scope(ANYONE), count=3)
    (document,) = retriever.invoke("旅費の精算")
    assert document.page_content == "旅費は翌月に精算します。"
    assert document.id
    assert document.metadata["title"] == "旅費規程"
    assert document.metadata["source"] == "rules.txt"
    assert document.metadata["start"] == 0
    assert document.metadata["end"] == len(document.page_content)
    assert 0 < document.metadata["score"] < 1


def test_the_scope_is_that_of_its_making(library: Library) -> None:
    everything = KuraRetriever(searcher=library.searcher, scope=Scope(HR))
    assert len(everything.invoke("旅費")) == 2
    narrowed = Scope(HR, Filters(departments=frozenset({"人事"})))
    (only,) = KuraRetriever(searcher=library.searcher, scope=narrowed).invoke("旅費")
    assert only.metadata["title"] == "役員規程"


def test_it_takes_part_in_a_chain(library: Library) -> None:
    retriever = KuraRetriever(searcher=library.searcher, scope=Scope(ANYONE))
    chain = retriever | (lambda documents: [each.metadata["title"] for each in documents])
    assert chain.invoke("旅費") == ["旅費規程"]


def test_one_call_may_ask_for_less_and_narrow_but_never_widen(library: Library) -> None:
    everything = KuraRetriever(searcher=library.searcher, scope=Scope(HR))
    assert len(everything.invoke("旅費", k=1)) == 1
    personnel = Filters(departments=frozenset({"人事"}))
    (only,) = everything.invoke("旅費", filters=personnel)
    assert only.metadata["department"] == "人事"
    narrowed = KuraRetriever(searcher=library.searcher, scope=Scope(HR, personnel))
    assert narrowed.invoke("旅費", filters=Filters(departments=frozenset({"総務"}))) == []
    public = KuraRetriever(searcher=library.searcher, scope=Scope(ANYONE))
    assert public.invoke("旅費", filters=personnel) == []


def test_the_asynchronous_ways_find_the_same_for_many_callers_at_once(library: Library) -> None:
    retrievers = [
        KuraRetriever(searcher=library.searcher, scope=Scope(who)) for who in (ANYONE, HR) * 4
    ]

    async def ask_all() -> list[list[str]]:
        found = await asyncio.gather(*(each.ainvoke("旅費") for each in retrievers))
        return [[document.metadata["title"] for document in documents] for documents in found]

    together = asyncio.run(ask_all())
    assert together == [[d.metadata["title"] for d in each.invoke("旅費")] for each in retrievers]
    assert [len(titles) for titles in together] == [1, 2] * 4


def test_a_chain_of_langchain_answers_asynchronously(library: Library) -> None:
    retriever = KuraRetriever(searcher=library.searcher, scope=Scope(HR), count=1)
    chain = retriever | (lambda documents: documents[0].metadata["scores"])
    assert asyncio.run(chain.ainvoke("旅費の精算"))["lexical"] > 0
    assert len(asyncio.run(retriever.abatch(["旅費", "役員"]))) == 2


def test_the_documented_program_runs_as_it_stands(library: Library, tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "retrieval.md").read_text(encoding="utf-8")
    (program,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    library.publish("staff.txt", ["役員の旅費は別表です。"], Access(frozenset({"group:boss"})))
    library.index()
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2],
        env={**os.environ, "KURA_HOME": str(tmp_path), "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    assert "旅費規程 旅費は翌月に精算します。" in done.stdout
    assert "別表" not in done.stdout
