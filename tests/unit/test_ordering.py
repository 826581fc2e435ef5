"""Versions and variety in the order of passages."""

from dataclasses import replace
from datetime import date

from retrieval.model import Passage
from retrieval.ordering import (
    LIFECYCLE,
    PASSAGES_PER_DOCUMENT,
    SUPERSEDED_WEIGHT,
    mix_documents,
    put_current_first,
)
from tests.fakes.searcher import make_passage

TODAY = date(2026, 4, 1)
NOBODY = frozenset[int]()


def passage(title: str, score: float, *, tags: tuple[str, ...] = (), offset: int = 0) -> Passage:
    made = make_passage("本文", name=title, offset=offset)
    document = replace(made.document, metadata=replace(made.document.metadata, tags=tags))
    return replace(made, document=document, score=score, scores={"lexical": score})


def titles(passages: list[Passage]) -> list[str]:
    return [each.document.metadata.title for each in passages]


def test_an_older_version_comes_behind_the_current_one_and_says_why() -> None:
    found = put_current_first(
        [passage("就業規則 2019年版", 0.6), passage("就業規則 2024年版", 0.55)], NOBODY, TODAY
    )
    assert titles(found) == ["就業規則 2024年版", "就業規則 2019年版"]
    assert found[1].scores[LIFECYCLE] == SUPERSEDED_WEIGHT
    assert LIFECYCLE not in found[0].scores


def test_effective_dates_decide_before_titles() -> None:
    old = passage("Travel policy", 0.6, tags=("effective:2020-04-01",))
    other = passage("Travel policy for guests", 0.5, tags=("effective:2024-04-01",))
    assert titles(put_current_first([old, other], NOBODY, TODAY))[0] == "Travel policy"
    for title in ("Travel policy v2", "Travel policy (revised)", "Travel_policy_20240401.docx"):
        new = passage(title, 0.5, tags=("effective:2024-04-01",))
        assert titles(put_current_first([old, new], NOBODY, TODAY))[0] == title


def test_without_dates_the_version_or_the_mark_of_an_old_one_decides() -> None:
    second = passage("手順書 第2版", 0.6, tags=("version:2",))
    tenth = passage("手順書 第10版", 0.5, tags=("version:10",))
    assert titles(put_current_first([second, tenth], NOBODY, TODAY))[0] == "手順書 第10版"
    old = passage("旅費規程（旧）", 0.6, tags=("status:superseded",))
    found = put_current_first([old, passage("旅費規程", 0.5)], NOBODY, TODAY)
    assert titles(found)[0] == "旅費規程"


def test_records_of_one_time_and_parts_with_other_numbers_do_not_supersede_each_other() -> None:
    minutes = [
        passage("週次会議議事録 2023-12-01", 0.6, tags=("type:minutes",)),
        passage("週次会議議事録 2024-01-12", 0.5, tags=("type:minutes",)),
    ]
    assert put_current_first(minutes, NOBODY, TODAY) == minutes
    parts = [passage("KX-100 仕様書 2020年版", 0.6), passage("KX-200 仕様書 2024年版", 0.5)]
    assert put_current_first(parts, NOBODY, TODAY) == parts


def test_a_question_that_names_a_year_moves_nothing() -> None:
    both = [passage("就業規則 2019年版", 0.6), passage("就業規則 2024年版", 0.55)]
    assert put_current_first(both, frozenset({2019}), TODAY) == both


def test_what_takes_effect_later_supersedes_nothing_yet() -> None:
    both = [passage("旅費規程 2024年版", 0.6), passage("旅費規程 2027年版", 0.55)]
    assert put_current_first(both, NOBODY, TODAY) == both


def test_different_documents_of_different_years_are_left_alone() -> None:
    both = [passage("予算 2019年", 0.6), passage("組織図 2024年", 0.5), passage("2020", 0.4)]
    assert put_current_first(both, NOBODY, TODAY) == both


def test_many_passages_of_one_document_leave_room_for_others() -> None:
    many = [passage("長い文書", 0.9 - n / 100, offset=n) for n in range(12)]
    mixed = mix_documents([*many, passage("別の文書", 0.1)], 10)
    assert titles(mixed)[PASSAGES_PER_DOCUMENT] == "別の文書"
    assert len(mixed) == 10
    assert mix_documents(many, 3) == many[:3]
