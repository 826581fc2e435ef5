"""The lexical index on disk: ranking, conditions, replay and its two sides."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import tantivy

from retrieval.catalog.records import IndexRow
from retrieval.errors import IndexUnavailable
from retrieval.lexical.asking import Demands
from retrieval.lexical.counting import Counts
from retrieval.lexical.glossary import Glossary
from retrieval.lexical.index import LexicalIndex
from retrieval.lexical.schema import schema
from retrieval.lexical.writing import LexicalWriter, read_applied
from retrieval.model import Filters
from tests.fakes.rows import make_row

EVERY_RULE = frozenset(range(10))


def write(
    folder: Path, rows: list[IndexRow], changed: list[str] | None = None, seq: int = 1
) -> None:
    writer = LexicalWriter(folder)
    try:
        writer.apply(changed or [], rows, seq)
    finally:
        writer.close()


def find(
    index: LexicalIndex,
    question: str,
    allowed: frozenset[int] = EVERY_RULE,
    filters: Filters | None = None,
    count: int = 10,
) -> list[str]:
    index.refresh()
    asked = index.ask(question, Demands(allowed, filters or Filters()))
    return [hit.chunk_id for hit in asked.best(count)]


def test_the_chunk_that_says_more_of_the_question_comes_first(tmp_path: Path) -> None:
    rows = [
        make_row("both", "出張の旅費は月末に精算します。"),
        make_row("one", "出張の際は上長に届け出てください。"),
        make_row("none", "会議室は予約制です。"),
    ]
    write(tmp_path / "index", rows)
    assert find(LexicalIndex(tmp_path / "index"), "出張旅費の精算") == ["both", "one"]


def test_scores_say_how_much_of_the_question_is_there(tmp_path: Path) -> None:
    rows = [make_row(f"other{n}", f"会議室{n}は予約制です。") for n in range(50)]
    rows += [
        make_row("all", "出張の旅費は月末に精算します。"),
        make_row("some", "出張は届け出制です。"),
    ]
    write(tmp_path / "index", rows)
    question = LexicalIndex(tmp_path / "index").ask(
        "出張旅費の精算", Demands(EVERY_RULE, Filters())
    )
    scores = {hit.chunk_id: hit.score for hit in question.best(10)}
    assert 0.5 < scores["all"] < 1
    assert 0 < scores["some"] < 0.4
    again = question.scores_of(["some", "other3", "unknown"])
    assert again == {"some": pytest.approx(scores["some"])}


@pytest.mark.parametrize("named", [["4", "59", "unknown", "closed"], ["58"], []])
def test_the_best_and_the_named_are_found_in_one_walk(tmp_path: Path, named: list[str]) -> None:
    rows = [
        make_row(str(n), f"出張{'の旅費' * (1 + n % 7)}は{n}日に精算します。") for n in range(60)
    ]
    rows += [
        make_row("closed", "出張の旅費は精算しません。", acl_id=99),
        make_row("other", "会議室。"),
    ]
    write(tmp_path / "index", rows)
    question = LexicalIndex(tmp_path / "index").ask(
        "出張旅費の精算", Demands(EVERY_RULE - {99}, Filters())
    )
    best = {hit.chunk_id: hit.score for hit in question.best(5)}

    found, every = question.best_with(5, named)

    assert not every
    assert found.items() >= {**best, **question.scores_of(named)}.items()
    assert "closed" not in found
    assert question.best_with(61, named)[1]


def test_pairs_of_terms_prefer_what_stands_together(tmp_path: Path) -> None:
    rows = [
        make_row("apart", "管理部は在庫の安全に責任を持つ。"),
        make_row("together", "安全在庫は管理部が責任を持つ。"),
    ]
    write(tmp_path / "index", rows)
    assert find(LexicalIndex(tmp_path / "index"), "安全在庫")[0] == "together"


def test_conditions_hold_inside_the_search_not_after_it(tmp_path: Path) -> None:
    rows = [make_row(f"hidden{n}", "旅費 " * 5, acl_id=2) for n in range(100)]
    rows.append(make_row("mine", "旅費とその他の長い説明がここに続きます。", acl_id=3))
    write(tmp_path / "index", rows)
    assert find(LexicalIndex(tmp_path / "index"), "旅費", frozenset({3}), count=1) == ["mine"]
    assert find(LexicalIndex(tmp_path / "index"), "旅費", frozenset()) == []


def test_a_caller_who_read_everything_does_not_read_what_is_closed_to_him_afterwards(
    tmp_path: Path,
) -> None:
    write(tmp_path / "index", [make_row("open", "旅費の精算"), make_row("closed", "旅費の不正")])
    index = LexicalIndex(tmp_path / "index")
    assert set(find(index, "旅費", frozenset({1}))) == {"open", "closed"}

    write(tmp_path / "index", [make_row("closed", "旅費の不正", acl_id=2)], seq=2)

    assert find(index, "旅費", frozenset({1})) == ["open"]


def test_where_more_rules_are_than_can_be_counted_closed_chunks_stay_closed(tmp_path: Path) -> None:
    rules = range(65_100)
    index = tantivy.Index(schema(), path=str(tmp_path))
    writer = index.writer(heap_size=50_000_000, num_threads=1)
    for rule in rules:
        chunk = tantivy.Document()
        chunk.add_unsigned("acl_id", rule)
        writer.add_document(chunk)
    writer.commit()
    index.reload()
    counts = Counts(index.searcher())
    counted = frozenset(rule for rule in rules if counts.total(frozenset({rule})))
    assert not counts.all_within(counted)


def test_another_way_to_say_it_counts_where_its_words_stand_side_by_side(tmp_path: Path) -> None:
    glossary = tmp_path / "glossary.csv"
    glossary.write_text("japanese,english\n年次有給休暇,paid leave\n", "utf-8")
    rows = [
        make_row("said", "Paid leave is twenty days."),
        make_row("apart", "Leave the meter running; the bill is paid later."),
        make_row("part", "Leave the keys at the desk."),
        *(make_row(f"other{number}", "Nothing about it.") for number in range(9)),
    ]
    write(tmp_path / "index", rows)
    index = LexicalIndex(tmp_path / "index", Glossary(glossary))
    assert find(index, "年次有給休暇") == ["said"]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(departments=frozenset({"人事"})), {"a"}),
        (Filters(departments=frozenset({""})), {"b", "c"}),
        (Filters(departments=frozenset({"人事", ""})), {"a", "b", "c"}),
        (Filters(tags=frozenset({"規程"})), {"a", "b"}),
        (Filters(tags=frozenset({"規程"}), departments=frozenset({"人事"})), {"a"}),
        (Filters(document_ids=frozenset({"doc-c"})), {"c"}),
        (Filters(languages=frozenset({"en"})), set()),
        (Filters(modified_after=datetime.fromtimestamp(200, UTC)), {"b"}),
        (Filters(modified_before=datetime.fromtimestamp(100, UTC)), {"a"}),
        (Filters(modified_after=datetime.fromtimestamp(100, UTC)), {"a", "b"}),
    ],
)
def test_filters_narrow(tmp_path: Path, filters: Filters, expected: set[str]) -> None:
    rows = [
        make_row("a", "旅費", department="人事", tags=("規程",), modified_at=100.0),
        make_row("b", "旅費", tags=("規程", "古い"), modified_at=200.0),
        make_row("c", "旅費"),
    ]
    write(tmp_path / "index", rows)
    assert set(find(LexicalIndex(tmp_path / "index"), "旅費", filters=filters)) == expected


def test_applying_changes_twice_changes_nothing(tmp_path: Path) -> None:
    rows = [make_row("a", "旅費の規程"), make_row("b", "旅費の精算")]
    for _ in range(2):
        write(tmp_path / "index", rows, ["a", "b", "gone"], seq=3)
    index = LexicalIndex(tmp_path / "index")
    assert sorted(find(index, "旅費")) == ["a", "b"]
    assert index.applied == 3


def test_an_open_reader_sees_what_a_writer_commits(tmp_path: Path) -> None:
    write(tmp_path / "index", [make_row("a", "旅費")])
    index = LexicalIndex(tmp_path / "index")
    assert find(index, "旅費") == ["a"]
    write(tmp_path / "index", [make_row("b", "旅費")], ["a"], seq=2)
    assert find(index, "旅費") == ["b"]
    assert index.applied == 2


def test_a_second_writer_is_refused(tmp_path: Path) -> None:
    first = LexicalWriter(tmp_path / "index")
    with pytest.raises(IndexUnavailable, match="lock"):
        LexicalWriter(tmp_path / "index")
    first.close()
    LexicalWriter(tmp_path / "index").close()


def test_a_damaged_index_is_begun_anew_and_asks_for_the_whole_log(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    write(folder, [make_row("a", "旅費")], seq=7)
    (folder / "meta.json").write_text("{broken")
    with pytest.raises(IndexUnavailable):
        LexicalIndex(folder)
    writer = LexicalWriter(folder)
    assert writer.applied == 0
    writer.close()


def test_a_missing_index_says_so(tmp_path: Path) -> None:
    with pytest.raises(IndexUnavailable, match="kura reindex"):
        LexicalIndex(tmp_path / "none")
    assert read_applied(tmp_path / "none") == 0


@pytest.mark.parametrize(
    "question",
    ["", "  ", "？？？", "AND OR NOT (", "title:旅費^9", "*", "\x00", "\ud800", "a" * 9_000],
)
def test_odd_questions_are_only_words(tmp_path: Path, question: str) -> None:
    write(tmp_path / "index", [make_row("a", "休暇")])
    assert find(LexicalIndex(tmp_path / "index"), question) == []


def test_a_huge_question_is_answered(tmp_path: Path) -> None:
    write(tmp_path / "index", [make_row(str(n), f"第{n}条 旅費の規程") for n in range(500)])
    index = LexicalIndex(tmp_path / "index")
    find(index, "旅費")
    assert find(index, "".join(f"第{n}条の旅費、" for n in range(15_000)))
