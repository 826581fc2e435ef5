"""How rules and filters become masks: always what a plain loop over the rows would say."""

from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.catalog.records import IndexRow
from retrieval.model import Filters
from retrieval.visibility import Visibility
from tests.fakes.rows import make_row

words = st.sampled_from(["", "人事", "sales", "法務"])
numbers = st.integers(0, 4)


def number_row(number: int, **facts: object) -> IndexRow:
    about = {"document_id": f"document-{number % 3}", "indexed_hash": f"{number:064x}"}
    return make_row(f"chunk-{number}", **(about | facts))


tags = words.filter(bool)  # an empty one is none
rows = st.builds(
    number_row,
    st.integers(0, 9),
    acl_id=numbers,
    department=words,
    tags=st.lists(tags, max_size=2).map(tuple),
    modified_at=st.none() | st.floats(0, 1000),
)
moments = st.none() | st.integers(0, 1000).map(lambda second: datetime.fromtimestamp(second, UTC))
filters = st.builds(
    Filters,
    departments=st.frozensets(words, max_size=2),
    tags=st.frozensets(tags, max_size=2),
    document_ids=st.frozensets(st.sampled_from(["document-0", "document-9"]), max_size=2),
    modified_after=moments,
    modified_before=moments,
)


def permits(row: IndexRow, allowed: frozenset[int], wanted: Filters) -> bool:
    time = row.modified_at
    after, before = wanted.modified_after, wanted.modified_before
    return (
        row.acl_id in allowed
        and (not wanted.departments or row.department in wanted.departments)
        and (not wanted.tags or any(tag in wanted.tags for tag in row.tags))
        and (not wanted.document_ids or row.document_id in wanted.document_ids)
        and (after is None or (time is not None and time >= after.timestamp()))
        and (before is None or (time is not None and time <= before.timestamp()))
    )


@given(st.lists(rows, max_size=100), st.frozensets(numbers, max_size=3), filters)
def test_the_mask_says_what_a_loop_would(
    added: list[IndexRow], allowed: frozenset[int], wanted: Filters
) -> None:
    visibility = Visibility()
    newest = {}
    for row in added:
        newest[row.chunk_id] = visibility.add(row)
    mask = visibility.mask(allowed, wanted)
    for place, row in enumerate(added):
        shown = newest[row.chunk_id] == place
        assert mask[place] == (shown and permits(row, allowed, wanted))


@settings(max_examples=25)
@given(added=st.lists(rows, max_size=80), allowed=st.frozensets(numbers), wanted=filters)
def test_saved_rows_read_back_the_same(
    tmp_path_factory: object, added: list[IndexRow], allowed: frozenset[int], wanted: Filters
) -> None:
    path = Path(str(tmp_path_factory.mktemp("rows"))) / "rows.npz"  # type: ignore[attr-defined]
    visibility = Visibility()
    for row in added:
        visibility.add(row)
    visibility.save(path)
    loaded = Visibility.load(path)
    assert loaded.chunk_ids == visibility.chunk_ids
    assert (loaded.mask(allowed, wanted) == visibility.mask(allowed, wanted)).all()
    for place, row in enumerate(added):
        assert loaded.place(row.chunk_id) == visibility.place(row.chunk_id)
        assert loaded.same_text(place, row)


def test_a_copy_does_not_see_later_changes() -> None:
    visibility = Visibility()
    for name in range(3):
        visibility.add(number_row(name))
    before = visibility.copy()
    visibility.hide(0)
    visibility.update(1, number_row(1, acl_id=2))
    visibility.add(number_row(2, acl_id=2))
    visibility.add(number_row(3, department="新しい部"))
    assert before.mask(frozenset({1}), Filters()).tolist() == [True, True, True]
    assert before.place("chunk-3") is None
    assert visibility.mask(frozenset({1}), Filters()).tolist() == [False, False, False, False, True]


def test_nobody_sees_anything() -> None:
    visibility = Visibility()
    visibility.add(number_row(0))
    assert not visibility.mask(frozenset(), Filters()).any()


def test_a_change_of_rule_or_facts_holds_at_once() -> None:
    visibility = Visibility()
    place = visibility.add(number_row(0, acl_id=1, department="人事"))
    visibility.update(place, number_row(0, acl_id=2, department="法務"))
    assert not visibility.mask(frozenset({1}), Filters()).any()
    assert visibility.mask(frozenset({2}), Filters(departments=frozenset({"法務"}))).all()
