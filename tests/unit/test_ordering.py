"""Versions and variety in the order of passages."""

from dataclasses import replace

from retrieval.model import Passage
from retrieval.ordering import (
    LIFECYCLE,
    PASSAGES_PER_DOCUMENT,
    SUPERSEDED_WEIGHT,
    mix_documents,
    put_current_first,
)
from tests.fakes.searcher import make_passage

TODAY = "2026-04-01"
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
    new = passage("Travel policy (revised)", 0.5, tags=("effective:2024-04-01",))
    other = passage("Travel policy v2", 0.5, tags=("effective:2024-04-01",))
    assert titles(put_current_first([old, other], NOBODY, TODAY))[0] == "Travel policy v2"
    assert titles(put_current_first([old, new], NOBODY, TODAY))[0] == "Travel policy"


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
