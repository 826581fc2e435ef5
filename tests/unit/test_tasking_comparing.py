"""Comparing two documents: every difference is told, nothing else, and each at its place."""

import random
import string

from hypothesis import given, settings
from hypothesis import strategies as st

from app.tasking.comparing import Differences, compare_parts, give_overview
from app.tasking.figures import compare_figures
from app.tasking.model import ChangeKind, Fate
from app.tasking.units import take_apart
from tests.fakes.desk import make_document

KANJI = "社員休暇規則出張費用申請部長承認期限金額製品納期検査品質安全設備管理契約文書"


def compare(before: list[str], after: list[str]) -> Differences:
    parts = [
        take_apart(*make_document(name, lines))
        for name, lines in (("before", before), ("after", after))
    ]
    return compare_parts(*parts)


def of_kind(found: Differences, kind: ChangeKind) -> list[tuple[str, str]]:
    return [(each.before, each.after) for each in found.changes if each.kind is kind]


def make_sentence(seed: int) -> str:
    """Returns a sentence unlike that of any other seed, Japanese or English."""
    source = random.Random(seed)
    if seed % 2:
        return "".join(source.choice(KANJI) for _ in range(14)) + f"は{seed}件です。"
    words = ["".join(source.choices(string.ascii_lowercase, k=6)) for _ in range(5)]
    return f"{' '.join(words).capitalize()} {seed} times."


@st.composite
def edits(draw: st.DrawFn) -> tuple[list[int], set[int], list[tuple[int, int]]]:
    """Draws a text of sentences, which of them are deleted, and which new ones go in where."""
    count = draw(st.integers(2, 25))
    deleted = draw(st.sets(st.integers(0, count - 1), max_size=6))
    places = draw(st.lists(st.integers(0, count), max_size=6))
    return list(range(count)), deleted, [(place, 1000 + n) for n, place in enumerate(places)]


@settings(max_examples=60)
@given(edits(), st.integers(1, 4))
def test_every_sentence_put_in_or_taken_out_is_told_and_nothing_else(
    edit: tuple[list[int], set[int], list[tuple[int, int]]], per_paragraph: int
) -> None:
    before, deleted, inserted = edit
    after: list[int] = []
    for place in range(len(before) + 1):
        after += [new for where, new in inserted if where == place]
        after += [before[place]] if place < len(before) and place not in deleted else []

    def lay(seeds: list[int]) -> list[str]:
        said = [make_sentence(seed) for seed in seeds]
        starts = range(0, len(said), per_paragraph)
        return [" ".join(said[at : at + per_paragraph]) for at in starts] or ["空。"]

    found = compare(lay(before), lay(after))
    gone = {each.before for each in found.changes if each.before}
    come = {each.after for each in found.changes if each.after}
    expected_come = {make_sentence(new) for _, new in inserted}
    expected_gone = {make_sentence(seed) for seed in deleted}
    if not after:
        expected_come = {"空。"}
    assert gone == expected_gone
    assert come == expected_come
    assert not of_kind(found, ChangeKind.MOVED)


@settings(max_examples=60)
@given(st.integers(0, 10_000), st.integers(1, 500), st.integers(1, 500))
def test_an_amount_that_changed_is_told_as_that_amount(seed: int, old: int, new: int) -> None:
    line = f"{make_sentence(seed * 2 + 1)}上限は{{}}円です。"
    found = compare([line.format(old)], [line.format(new)])
    told = [(f.before, f.after) for each in found.changes for f in each.figures]
    assert told == ([] if old == new else [(f"{old}円", f"{new}円")])


def test_changed_figures_come_first_and_words_are_marked() -> None:
    found = compare(
        ["# 休暇", "休暇の届け出は書面で行う。", "年次有給休暇は10日とする。"],
        ["# 休暇", "休暇の届け出は電子申請で行う。", "年次有給休暇は12日とする。"],
    )
    first, second = found.changes
    assert [(each.before, each.after) for each in first.figures] == [("10日", "12日")]
    assert not second.figures
    removed = "".join(run.text for run in second.words if run.fate is Fate.REMOVED)
    added = "".join(run.text for run in second.words if run.fate is Fate.ADDED)
    assert (removed, added) == ("書面", "電子申請")


def test_the_words_of_a_change_make_up_both_sentences() -> None:
    old, new = "申請は3日前までに行う。", "出張の申請は、5営業日前までに行うものとする。"
    [change] = compare([old], [new]).changes
    without = {Fate.REMOVED: "", Fate.ADDED: ""}
    for fate in without:
        without[fate] = "".join(run.text for run in change.words if run.fate in {Fate.SAME, fate})
    assert without == {Fate.REMOVED: old, Fate.ADDED: new}


def test_a_sentence_that_stands_elsewhere_has_moved() -> None:
    lines = [make_sentence(seed) for seed in range(6)]
    found = compare(lines, [*lines[3:], lines[0], *lines[1:3]])
    assert {each.kind for each in found.changes} == {ChangeKind.MOVED}
    assert 1 <= len(found.changes) <= 3


def test_width_blanks_and_spelling_of_numbers_are_no_difference() -> None:
    before = ["上限は３０，０００円とする。", "The limit is  ten days."]
    after = ["上限は 30,000円とする。", "The limit is 10 days."]
    assert compare(before, after).changes == ()


def test_rows_are_compared_under_their_key_and_columns_by_their_name() -> None:
    before = ["品番\t単価（円）\t最小発注数", "A-1\t10,900\t10", "A-2\t8,000\t5", "A-3\t500\t1"]
    after = [
        "品番\t最小発注数\t単価（円・税抜）\t納期",
        "A-3\t1\t500\t3",
        "A-1\t10\t13400\t7",
        "A-4\t2\t900\t9",
    ]
    found = compare(before, after)
    changed = {each.row: each for each in found.changes if each.kind is ChangeKind.CHANGED}
    assert set(changed) == {"A-1", ""}
    [cell] = changed["A-1"].cells
    assert (cell.column, cell.before, cell.after) == ("単価（円・税抜）", "10,900", "13400")
    assert [(f.kind.value, f.before, f.after) for f in changed["A-1"].figures] == [
        ("amount", "10,900", "13400")
    ]
    assert ("納期", "", "納期") in [
        (each.column, each.before, each.after) for each in changed[""].cells
    ]
    rows = {each.row: each.kind for each in found.changes if each.row}
    assert rows == {
        "A-1": ChangeKind.CHANGED,
        "A-2": ChangeKind.REMOVED,
        "A-4": ChangeKind.ADDED,
    }


def test_every_citation_is_the_words_at_its_place() -> None:
    names = ("before", "after")
    lines = (
        ["# 見出し", "一つ目の文です。二つ目の文は3件です。", "品番\t価格", "A\t1"],
        ["# 見出し", "前に入る文。一つ目の文です。二つ目の文は4件です。", "品番\t価格", "A\t2"],
    )
    documents = [make_document(name, each) for name, each in zip(names, lines, strict=True)]
    found = compare_parts(*(take_apart(*each) for each in documents))
    texts = {document.id: text.text for document, text in documents}
    assert len(found.citations) == 5
    for citation in found.citations:
        assert texts[citation.document_id][citation.start : citation.end] == citation.quote
    for change in found.changes:
        for number, words in (
            (change.before_citation, change.before),
            (change.after_citation, change.after),
        ):
            assert (number is None) == (words == "")
            assert number is None or found.citations[number - 1].quote == words


def test_the_overview_counts_in_both_languages() -> None:
    overview = give_overview(
        compare(["休暇は10日です。"], ["休暇は12日です。", "新しい文。"]).changes
    )
    assert "変更 1 件、追加 1 件" in overview.ja
    assert "10日 → 12日" in overview.ja
    assert "1 changed, 1 added" in overview.en
    assert give_overview(()).en == "There are no differences."


def test_figures_are_paired_by_what_they_count() -> None:
    found = compare_figures(
        "入社後3か月の者に10日、最大20日を与える（第5条）。",
        "入社日に12日、最大22日を与える（第6条）。",
    )
    assert [(each.before, each.after) for each in found] == [
        ("10日", "12日"),
        ("20日", "22日"),
        ("3か月", ""),
    ]
    [date, money] = compare_figures(
        "From April 1, 2023 the cap is $50.", "From May 1, 2024 the cap is $65."
    )
    assert (date.kind.value, date.after) == ("date", "May 1, 2024")
    assert (money.kind.value, money.before, money.after) == ("amount", "$50", "$65")


def test_a_long_document_of_the_same_line_over_and_over_is_compared() -> None:
    lines = ["同じ行です。"] * 4000
    found = compare(lines, [*lines[:2000], "違う行です。", *lines[2000:]])
    assert of_kind(found, ChangeKind.ADDED) == [("", "違う行です。")]
    assert found.unchanged == 4000


def test_two_long_documents_without_a_word_in_common_are_told_apart() -> None:
    before = [make_sentence(seed) for seed in range(0, 1600, 2)]
    after = [make_sentence(seed) for seed in range(1, 1600, 2)]
    found = compare(before, after)
    assert {each.kind for each in found.changes} == {ChangeKind.ADDED, ChangeKind.REMOVED}
    assert found.is_little_alike
