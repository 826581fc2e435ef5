"""Filters suggested for a question, within what the asker may read."""

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from retrieval.guiding import Guide
from retrieval.lexical.glossary import Glossary
from retrieval.model import Filters, Metadata, Scope
from retrieval.querying import understand
from retrieval.suggesting import Label, Suggestion
from tests.integration.search_samples import ANYONE, HR, STAFF, Library, opened

LABELS = (
    Label("type:policy", "規程・方針", "Policy", re.compile("規程|規則|policy")),
    Label("type:minutes", "議事録", "Minutes", re.compile("議事録|minutes")),
    Label("department:hr", "人事", "Human resources", re.compile("人事|労務|human resources")),
)


def facts(title: str, department: str = "", language: str = "ja", tag: str = "") -> Metadata:
    return Metadata(
        title,
        department,
        language,
        "application/pdf",
        tags=(tag,) if tag else (),
        modified_at=datetime(2024, 5, 1, tzinfo=UTC),
    )


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with opened(tmp_path) as library:
        library.publish("a", ["旅費"], metadata=facts("出張旅費規程", "経理", tag="type:policy"))
        library.publish("b", ["休暇"], metadata=facts("就業規則", "人事", tag="type:policy"))
        library.publish("c", ["Leave"], metadata=facts("Leave guide", "HR", "en"))
        library.publish("d", ["秘密"], STAFF, facts("役員報酬規程", "秘書室", tag="type:minutes"))
        library.index()
        yield library


@pytest.fixture
def guide(library: Library) -> Guide:
    return Guide(library.catalog, Glossary(None), lambda: LABELS)


def told(found: tuple[Suggestion, ...]) -> dict[tuple[str, str], int]:
    return {(each.kind, each.value): each.count for each in found}


def test_what_a_question_names_is_suggested_with_what_it_leaves(guide: Guide) -> None:
    assert told(guide.suggest("人事の規程を英語で", Scope(ANYONE))) == {
        ("department", "人事"): 1,
        ("language", "en"): 1,
        ("tag", "type:policy"): 2,
    }
    assert told(guide.suggest("出張旅費規程の日当", Scope(ANYONE))) == {
        ("document", "出張旅費規程"): 1,
        ("tag", "type:policy"): 2,
    }
    assert guide.suggest("天気", Scope(ANYONE)) == ()


def test_fields_that_nothing_answers_to_are_read_as_words(guide: Guide) -> None:
    for question in ('休暇 dept:"Human Resources"', "dept:労務"):
        (found,) = guide.suggest(question, Scope(ANYONE))
        assert (found.field, found.count) == ("dept:人事", 1)
    assert guide.suggest("休暇 dept:秘書室", Scope(ANYONE)) == ()


def test_what_is_suggested_can_be_typed_and_leaves_as_many(guide: Guide, library: Library) -> None:
    for each in guide.suggest("人事の規程を英語で", Scope(HR)):
        filters = each.filters
        assert library.catalog.documents.count(Scope(HR, filters)) == each.count
        typed = library.searcher.search(f"旅費 休暇 Leave 秘密 {each.field}", Scope(HR))
        given = library.searcher.search("旅費 休暇 Leave 秘密", Scope(HR, filters))
        assert [p.document.id for p in typed.passages] == [p.document.id for p in given.passages]
        assert typed.passages


def test_nothing_is_suggested_that_rests_on_a_closed_document(
    guide: Guide, library: Library
) -> None:
    question = "秘書室の役員報酬規程の議事録、役員報酬規程"
    mine = told(guide.suggest(question, Scope(HR)))
    assert {("department", "秘書室"), ("tag", "type:minutes"), ("document", "役員報酬規程")} <= {
        *mine
    }
    assert told(guide.suggest(question, Scope(ANYONE))) == {("tag", "type:policy"): 2}
    with_closed = guide.suggest(question, Scope(ANYONE))
    library.catalog.documents.remove(
        [d.id for d in library.catalog.documents.list(Scope(HR), limit=9) if d.access == STAFF],
        "test",
    )
    fresh = Guide(library.catalog, Glossary(None), lambda: LABELS)
    assert fresh.suggest(question, Scope(ANYONE)) == with_closed


def test_a_document_that_was_closed_a_moment_ago_is_named_by_no_filter(
    guide: Guide, library: Library
) -> None:
    names = [f"新工場{number}" for number in range(3)]
    ids = [library.publish(x, [x], metadata=facts(f"新工場の計画{x[-1]}号")) for x in names]
    for number in range(12):
        library.publish(f"other{number}", [f"別件{number}"], metadata=facts(f"別件{number}"))
    scope = Scope(ANYONE)
    named = {each.kind: each.filters.document_ids for each in guide.suggest("新工場", scope)}
    assert named["title"] == frozenset(ids)
    library.catalog.documents.update(ids[0], access=STAFF)
    after = [each.filters.document_ids for each in guide.suggest("新工場", scope)]
    assert after
    assert ids[0] not in frozenset().union(*after)


def test_a_filter_that_narrows_nothing_or_too_far_is_not_suggested(guide: Guide) -> None:
    personnel = Scope(ANYONE, Filters(departments=frozenset({"人事"})))
    assert guide.suggest("人事の規程", personnel) == ()
    assert guide.suggest("人事の規程 dept:人事", Scope(ANYONE)) == ()
    assert guide.suggest("2024年に更新した資料", Scope(ANYONE)) == ()  # they all were
    assert guide.suggest("規程", Scope(frozenset())) == ()


def test_marks_stand_in_the_text_that_is_given(guide: Guide) -> None:
    (marks,) = guide.mark("旅費 dept:経理", ["国内の旅費です"])
    assert [(each.start, each.end) for each in marks] == [(3, 5)]


@pytest.fixture
def in_tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("in_tokyo")
def test_a_suggested_year_is_the_one_that_its_field_means(library: Library, guide: Guide) -> None:
    new_year = datetime(2024, 12, 31, 18, tzinfo=UTC)  # three in the morning in Tokyo
    library.publish("n", ["旅費"], metadata=Metadata("new", modified_at=new_year))
    (year,) = guide.suggest("2025年の旅費", Scope(ANYONE))
    typed = understand(f"旅費 {year.field}").filters
    assert (year.kind, year.count) == ("year", 1)
    assert library.catalog.documents.count(Scope(ANYONE, typed)) == 1
