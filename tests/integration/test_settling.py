"""What a question's fields are taken for, and what is told of those that nothing answers to."""

from collections.abc import Iterator

import pytest
from sqlalchemy import event

from app.answering.answerer import Answerer
from app.answering.model import Question
from retrieval.model import Filters, Metadata, Scope, SearchResult
from retrieval.querying import understand
from retrieval.settling import settle
from tests.integration.search_samples import ANYONE, HR, STAFF, Library, opened

RULES = "出張旅費の精算は翌月十日までです。"
PAY = "役員の報酬と出張旅費。"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with opened(tmp_path_factory.mktemp("home")) as library:
        facts = Metadata("旅費規程", "経理部", "ja", "application/pdf", tags=("type:policy",))
        library.publish("rules", [RULES], metadata=facts)
        library.publish("pay", [PAY], STAFF, Metadata("役員規程", "Secretariat", "ja"))
        library.index()
        yield library


def ask(library: Library, question: str, who: frozenset[str] = ANYONE) -> SearchResult:
    return library.searcher.search(question, Scope(who))


@pytest.mark.parametrize(
    ("field", "code"),
    [
        ("dept:経理", ["field-meant"]),
        ("dept:経理部", []),
        ("dept:経理部,総務", ["field-unknown"]),
        ("tag:policy", ["field-meant"]),
        ("tag:TYPE:Policy", []),
        ("source:LIBRARY", []),
        ("lang:日本語", []),
        ("種類：ＰＤＦ", []),
    ],
)
def test_a_field_is_taken_for_what_is_filed(library: Library, field: str, code: list[str]) -> None:
    found = ask(library, f"出張旅費 {field}")
    assert [each.chunk.text for each in found.passages] == [RULES]
    assert [each.code for each in found.remarks] == code


@pytest.mark.parametrize(
    ("field", "told"),
    [
        ("dept:経理部,総務", "dept:総務"),
        ("dept:経理部 dept:総務 部署:開発", "dept:総務,開発"),
        ("tag:a tag:b", "tag:a tag:b"),
        ("tag:" + ",".join(f"v{n}" for n in range(600)), "tag:v0,v1,v2,v3,v4,v5…"),
    ],
)
def test_only_the_values_that_nothing_carries_are_told_and_once(
    library: Library, field: str, told: str
) -> None:
    (remark,) = ask(library, f"出張旅費 {field}").remarks
    assert remark.code == "field-unknown"
    assert f"「{told}」" in remark.ja
    assert f"“{told}”" in remark.en


def test_many_values_cost_no_more_questions_to_the_catalog_than_one(library: Library) -> None:
    asked = []
    event.listen(library.catalog.database._readers, "begin", asked.append)
    counts = []
    for field in ("tag:a", "tag:" + ",".join(f"v{n}" for n in range(600)), "tag:a " * 300):
        asked.clear()
        settle(understand(f"出張旅費 {field}"), library.catalog, ANYONE)
        counts.append(len(asked))
    assert max(counts) <= 2


def test_what_is_filed_is_known_anew_after_every_commit(library: Library) -> None:
    facts = Metadata("採用", "採用課", "ja")
    assert [each.code for each in ask(library, "面接 dept:採用").remarks] == ["field-unknown"]
    document = library.publish("hiring", ["面接の日程。"], metadata=facts)
    library.index()
    assert [each.code for each in ask(library, "面接 dept:採用").remarks] == ["field-meant"]
    library.catalog.documents.remove([document], "gone")
    library.index()
    assert [each.code for each in ask(library, "面接 dept:採用").remarks] == ["field-unknown"]


@pytest.mark.parametrize(
    ("question", "code", "named"),
    [
        ("出張旅費 dept:営業", "field-unknown", "経理部"),
        ("出張旅費 lang:fr", "field-unknown", "ja"),
        ("出張旅費 source:nowhere", "field-unknown", "library"),
        ("出張旅費 after:明日", "field-unread", "2024-04"),
        ("出張旅費 type:巻物", "field-unread", "powerpoint"),
        ("出張旅費 tags:policy", "field-unread", "tag:"),
        ("出張旅費 author:田中", "field-unread", "dept:"),
        ("出張旅費 dept:経理部 type:csv", "nothing-left", "type:csv"),
        ("出張旅費 after:2030 before:2020", "nothing-left", "after:2030"),
        ('"旅費の出張"', "phrase-absent", "旅費の出張"),
    ],
)
def test_what_cannot_be_followed_is_told(
    library: Library, question: str, code: str, named: str
) -> None:
    (remark,) = ask(library, question).remarks
    assert remark.code == code
    assert named in remark.ja
    assert named in remark.en


def test_an_answer_tells_it_in_its_own_language(library: Library) -> None:
    answerer = Answerer(library.searcher, None)
    for question in ("出張旅費の精算は？ dept:営業", "When are expenses settled? dept:営業"):
        notices = answerer.answer(Question(question, Scope(ANYONE))).notices
        (told,) = [each.message for each in notices if each.code == "field-unknown"]
        assert told.startswith("No document") == question.startswith("When")


def test_a_plain_question_needs_no_remark(library: Library) -> None:
    for question in ("出張旅費の精算", "Note:出張旅費", "http://example.com/旅費", "dept:経理部"):
        assert ask(library, question).remarks == ()


@pytest.mark.parametrize("field", ["dept:", "tag:", "lang:", "source:", "部署："])
def test_half_a_letter_in_a_field_is_only_an_unknown_value(library: Library, field: str) -> None:
    (remark,) = ask(library, f"旅費 {field}\ud800").remarks
    assert remark.code == "field-unknown"


def test_fields_alone_give_what_they_leave(library: Library) -> None:
    found = ask(library, "dept:経理部 type:pdf", HR).passages
    assert [each.chunk.text for each in found] == [RULES]


def test_departments_of_closed_documents_are_neither_meant_nor_named(library: Library) -> None:
    assert [each.chunk.text for each in ask(library, "旅費 dept:secretariat", HR).passages] == [PAY]
    for field in ("secretariat", "Secretariat"):
        closed = ask(library, f"旅費 dept:{field}")
        unknown = ask(library, "旅費 dept:nonexistent")
        assert closed.passages == unknown.passages == ()
        told = closed.remarks[0].en.replace(field, "X")
        assert told == unknown.remarks[0].en.replace("nonexistent", "X")


def test_filters_beside_the_question_that_leave_nothing_are_told(library: Library) -> None:
    nothing = Filters(departments=frozenset({"nowhere"}))
    (remark,) = library.searcher.search("旅費", Scope(ANYONE, nothing)).remarks
    assert remark.code == "nothing-left"
    assert "the filters" in remark.en
    assert ask(library, "").remarks == ()
