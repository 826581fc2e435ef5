"""Time and disagreement: which edition answers, and what is said when documents differ."""

from dataclasses import replace
from datetime import date

import pytest

from app.answering.answerer import Answerer
from app.answering.editions import select
from app.answering.model import Answer, Question
from retrieval.editions import effective_date, series
from retrieval.model import Passage, Scope
from retrieval.ordering import LIFECYCLE
from tests.fakes.chat_model import ScriptedChat
from tests.fakes.searcher import MemorySearcher, make_passage

SCOPE = Scope(frozenset({"everyone"}))
TODAY = date(2025, 6, 1)


def edition(text: str, name: str, effective: str = "") -> Passage:
    passage = make_passage(text, name=name)
    tags = (f"effective:{effective}",) if effective else ()
    metadata = replace(passage.document.metadata, tags=tags)
    return replace(passage, document=replace(passage.document, metadata=metadata))


OLD = edition("KP-1000の単価は28,000円です。", "価格表_2021年版", "2021-04-01")
NEW = edition("KP-1000の単価は30,000円です。", "価格表_2024年版", "2024-04-01")
NEXT = edition("KP-1000の単価は33,000円です。", "価格表_2030年版", "2030-04-01")


def test_editions_share_a_series_and_carry_their_date() -> None:
    assert series(OLD.document) == series(NEW.document)
    assert series(OLD.document) != series(make_passage("x", name="旅費規程_2024年版").document)
    assert effective_date(NEW.document) == date(2024, 4, 1)
    assert effective_date(make_passage("x", name="就業規則 令和3年版").document) == date(2021, 1, 1)
    assert effective_date(make_passage("x", name="就業規則").document) is None


@pytest.mark.parametrize(
    ("question", "answers", "told"),
    [
        ("KP-1000の単価は", NEW, []),
        ("2022年4月時点のKP-1000の単価は", OLD, ["as-of"]),
        ("2021年のKP-1000の単価は", OLD, ["as-of"]),
        ("2024年度のKP-1000の単価は", NEW, []),
        ("改定前のKP-1000の単価は", OLD, ["as-of"]),
        ("2030年6月からのKP-1000の単価は", NEXT, ["as-of"]),
        ("2010年当時の単価は", OLD, ["not-in-force"]),
    ],
)
def test_the_edition_in_force_answers(question: str, answers: Passage, told: list[str]) -> None:
    found = select(question, [NEXT, OLD, NEW], TODAY)
    assert found.passages == (answers,)
    assert [notice.code for notice in found.tell([answers.document.id], "ja")] == told


def test_a_question_of_two_times_keeps_both_editions() -> None:
    found = select("単価は2021年と2024年でどう違いますか", [NEXT, OLD, NEW], TODAY)
    assert found.passages == (OLD, NEW)


def test_what_was_found_beside_a_newer_edition_is_not_taken_without_it() -> None:
    alone = replace(OLD, scores={LIFECYCLE: 0.7})
    other = edition("送料は無料です。", "送料")
    assert select("単価は", [alone, other], TODAY).passages == (other,)
    assert select("2021年の単価は", [alone, other], TODAY).passages == (alone, other)


def test_without_another_edition_everything_stays() -> None:
    other = edition("日当は3,000円です。", "旅費規程", "2010-01-01")
    assert select("単価は", [OLD, other], TODAY).passages == (OLD, other)


def ask(question: str, *passages: Passage, script: str | None = None) -> Answer:
    model = ScriptedChat(script) if script else None
    return Answerer(MemorySearcher(passages), model).answer(Question(question, SCOPE))


def test_superseded_words_do_not_answer_unless_their_time_is_asked_for() -> None:
    now = ask("KP-1000の単価はいくらですか", OLD, NEW)
    assert "30,000" in now.text
    assert "28,000" not in now.text
    then = ask("2022年4月時点のKP-1000の単価はいくらですか", OLD, NEW)
    assert "28,000" in then.text
    assert "as-of" in [notice.code for notice in then.notices]
    assert any("2021-04-01" in notice.message for notice in then.notices)


@pytest.mark.parametrize("script", ["出張の日当は1日3,000円です。[1]", None])
def test_documents_that_disagree_are_both_shown_with_their_dates(script: str | None) -> None:
    rules = edition("出張の日当は1日3,000円とする。", "旅費規程", "2023-04-01")
    guide = edition("出張の日当は1日2,500円とする。", "新人ガイド", "2020-04-01")
    answer = ask("出張の日当は1日いくらですか", rules, guide, script=script)
    assert "3,000" in answer.text
    assert "2,500" in answer.text
    assert {c.document_id for c in answer.citations} == {"id-旅費規程", "id-新人ガイド"}
    notice = next(n for n in answer.notices if n.code == "conflicting-sources")
    assert "2023-04-01" in notice.message
    assert "2020-04-01" in notice.message


def test_documents_that_agree_or_speak_of_something_else_are_no_conflict() -> None:
    rules = edition("出張の日当は1日3,000円とする。", "旅費規程")
    same = edition("出張の日当は1日3千円とする。", "案内")
    other = edition("会議室の利用は1日8,000円とする。", "会議室")
    answer = ask("出張の日当は1日いくらですか", rules, same, other)
    assert "conflicting-sources" not in [notice.code for notice in answer.notices]
