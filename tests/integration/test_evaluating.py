"""Measuring: six questions recomputed by hand, interruptions, comparisons, bars."""

import json
from pathlib import Path

import pytest

from app.answering.model import Verdict
from app.evaluating import keeping
from app.evaluating.comparing import compare
from app.evaluating.errors import GateWrong, NothingToAsk, NothingToResume
from app.evaluating.examining import Examiner, KnownDocuments, find_forbidden
from app.evaluating.finding import find_sets
from app.evaluating.gating import Bar, check_bars, read_bars, read_file
from app.evaluating.model import Golden, Outcome, QuestionSet
from app.evaluating.questions_table import is_wrong
from app.evaluating.running import Plan, ask_all, open_run, plan, report
from app.evaluating.summarising import summarise
from tests.fakes.scripted_answers import Reply, ScriptedParts
from tests.fakes.services import Company

STAFF = frozenset({"everyone", "group:staff"})


def make_golden(number: int, question: str, **about: object) -> Golden:
    given = {"language": "ja", "kind": "answerable", "expect": "answer", **about}
    return Golden(id=f"q{number}", question=question, **given)


@pytest.fixture
def measured(company: Company) -> tuple[Plan, Examiner]:
    """Six questions.

    Found and right; found late; refused wrongly; refused rightly; answered wrongly; and one that
    its asker may not be answered, whose document is met all the same.
    """
    leave = company.publish("規則.txt", "有給休暇は十二日です。", department="人事")
    travel = company.publish("旅費.txt", "日当は二千円です。", department="経理")
    secret = company.publish("給与.txt", "部長の給与は百万円です。", department="人事")
    replies = {
        "休みは何日ですか": Reply(
            [leave, travel], ["12日です。"], [(leave, "有給休暇は十二日です。")], milliseconds=10
        ),
        "日当はいくらですか": Reply(
            [leave, travel],
            ["2,000円です。", "12日です。"],
            [(travel, "日当は二千円です。"), (leave, "有給休暇は十二日です。")],
            [Verdict.SUPPORTED, Verdict.WEAK],
            milliseconds=20,
        ),
        "What is the daily allowance?": Reply([leave], milliseconds=30),
        "市長は誰ですか": Reply([leave], milliseconds=40),
        "社長の車は何色ですか": Reply([leave], ["赤です。"], [(leave, "有給")], milliseconds=50),
        "部長の給与はいくらですか": Reply([secret], milliseconds=60),
    }
    facts = (("12日", "12 days"),)
    questions = (
        make_golden(1, "休みは何日ですか", documents=("規則.txt",), facts=facts, evidence="十二日"),
        make_golden(2, "日当はいくらですか", documents=("rules/旅費.txt",), evidence="千円 です"),
        make_golden(3, "What is the daily allowance?", documents=(travel,), language="en"),
        make_golden(4, "市長は誰ですか", expect="refuse", kind="unanswerable"),
        make_golden(5, "社長の車は何色ですか", expect="refuse", kind="unanswerable"),
        make_golden(
            6, "部長の給与はいくらですか", expect="refuse", kind="permission", forbidden=(secret,)
        ),
    )
    parts = ScriptedParts(company.catalog, replies)
    known = KnownDocuments(company.catalog)
    wanted = plan([QuestionSet("own", questions, "hash")], known, model="", state="1")
    forbidden = find_forbidden(wanted.questions, known)
    return wanted, Examiner(parts, parts, known, forbidden, STAFF)


def test_the_numbers_of_six_questions_are_those_computed_by_hand(
    measured: tuple[Plan, Examiner],
) -> None:
    wanted, examiner = measured
    outcomes = [examiner.ask(golden) for golden in wanted.questions]
    [overall, *groups] = summarise(outcomes)
    found = {name: (m["part"], m["whole"], m["value"]) for name, m in overall["measures"].items()}
    assert found == {
        "recall": (2, 3, 0.6667),  # q3's document was not found
        "mrr": (1.5, 3, 0.5),  # first, second, nowhere
        "coverage": (2, 3, 0.6667),
        "citation_precision": (2, 3, 0.6667),  # q2 cites one document too many
        "citation_recall": (2, 2, 1.0),
        "fact": (1, 1, 1.0),
        "refusal_precision": (2, 3, 0.6667),  # q3 should have been answered
        "refusal_recall": (2, 3, 0.6667),  # q5 should have been refused
        "refusal_f1": (4, 6, 0.6667),
        "decision": (4, 6, 0.6667),
        "permission": (0, 1, 0.0),  # q6 was refused, but its document was met
        "support": (3, 4, 0.75),
        "language": (5, 6, 0.8333),  # the refusal of q3 is in Japanese
    }
    recall = overall["measures"]["recall"]
    assert (recall["low"], recall["high"]) == (0.2077, 0.9385)  # Wilson, 2 of 3
    assert overall["latency_ms"]["p50"]["value"] == 35
    assert overall["latency_ms"]["p95"]["value"] == 57.5
    by_name = {(group["dimension"], group["value"]): group for group in groups}
    assert by_name["language", "en"]["measures"]["coverage"]["value"] == 0
    assert by_name["department", "経理"]["questions"] == 2
    assert by_name["kind", "unanswerable"]["measures"]["refusal_recall"]["value"] == 0.5
    assert [outcome.id for outcome in outcomes if outcome.leaks] == ["q6"]
    assert examiner.searcher.scopes[0].principals == STAFF


@pytest.mark.parametrize("refused", [False, True])
def test_a_refusal_that_quotes_the_fact_as_near_has_not_stated_it(
    company: Company, refused: bool
) -> None:
    leave = company.publish("規則.txt", "有給休暇は十二日です。")
    reply = Reply([leave], ["12日です。"], [(leave, "有給休暇は十二日です。")], refused=refused)
    asked = make_golden(1, "休みは何日？", documents=("規則.txt",), facts=(("12日",),))
    parts = ScriptedParts(company.catalog, {asked.question: reply})
    examiner = Examiner(parts, parts, KnownDocuments(company.catalog), {}, STAFF)
    assert examiner.ask(asked).fact is not refused


@pytest.mark.parametrize("refused", [False, True])
def test_a_right_refusal_is_not_wrong_for_what_it_quotes_as_near(
    company: Company, refused: bool
) -> None:
    company.publish("規則.txt", "有給休暇は十二日です。")
    other = company.publish("食堂.txt", "食堂は十一時に開きます。")
    reply = Reply([other], ["十一時です。"], [(other, "食堂は十一時に開きます。")], refused=refused)
    expect = "refuse" if refused else "answer"
    asked = make_golden(1, "休みは何日？", expect=expect, documents=("規則.txt",))
    parts = ScriptedParts(company.catalog, {asked.question: reply})
    examiner = Examiner(parts, parts, KnownDocuments(company.catalog), {}, STAFF)
    judged = examiner.ask(asked).to_json()
    assert judged["right_citations"] < len(judged["cited"])
    assert bool(is_wrong(judged)) is not refused


def test_an_interrupted_run_goes_on_where_it_was(
    measured: tuple[Plan, Examiner], tmp_path: Path
) -> None:
    wanted, examiner = measured
    run = open_run(tmp_path, wanted, resume=False)

    def stop(done: int, _all: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ask_all(wanted, run, examiner, stop)
    with (run.folder / "outcomes.jsonl").open("a", encoding="utf-8") as stream:
        stream.write('{"id": "q4", "question": "torn')
    asked_before = len(examiner.searcher.scopes)
    again = open_run(tmp_path, wanted, resume=True)
    assert again == run
    outcomes = ask_all(wanted, again, examiner, lambda _done, _all: None)
    assert [outcome.id for outcome in outcomes] == [golden.id for golden in wanted.questions]
    assert len(examiner.searcher.scopes) == asked_before + 3
    made = report(again, outcomes, [], None)
    assert made == json.loads(again.report.read_text(encoding="utf-8"))
    assert made["questions_asked"] == 6
    with pytest.raises(NothingToResume):
        open_run(tmp_path, wanted, resume=True)


def test_a_run_over_other_documents_is_not_gone_on_with(
    measured: tuple[Plan, Examiner], tmp_path: Path
) -> None:
    wanted, examiner = measured
    open_run(tmp_path, wanted, resume=False)
    changed = plan(wanted.sets, examiner.known, model="", state="2")
    with pytest.raises(NothingToResume):
        open_run(tmp_path, changed, resume=True)


def test_outcomes_read_again_are_the_ones_that_were_kept(
    measured: tuple[Plan, Examiner], tmp_path: Path
) -> None:
    wanted, examiner = measured
    run = open_run(tmp_path, wanted, resume=False)
    outcomes = ask_all(wanted, run, examiner, lambda _done, _all: None)
    assert run.outcomes() == outcomes
    assert keeping.find_last(tmp_path, frozenset({"q1"})) is None  # it has not ended
    report(run, outcomes, [], None)
    assert keeping.find_last(tmp_path, frozenset({"q1"})) == run
    assert keeping.find_last(tmp_path, frozenset({"other"})) is None


def make_outcome(name: str, rank: int, **about: object) -> Outcome:
    return Outcome(
        **{
            "id": name,
            "set_name": "own",
            "question": name,
            "language": "ja",
            "kind": "answerable",
            "department": "",
            "expect": "answer",
            "cross": False,
            "answer_kind": "extractive",
            "said": "",
            "said_in": "",
            "rank": rank,
            **about,
        }
    )


def test_signs_that_some_take_for_ends_of_lines_do_not_tear_an_outcome(tmp_path: Path) -> None:
    run = keeping.begin(tmp_path, {})
    kept = [make_outcome("a", 1, said="休みは\u2028十日\x85です。"), make_outcome("b", 2)]
    for outcome in kept:
        run.add(outcome)
    assert run.outcomes() == kept


def test_an_interval_tells_how_little_a_few_questions_say() -> None:
    always = [make_outcome(name, 1) for name in "abcd"]
    found = summarise(always)[0]["measures"]
    assert found["mrr"] == {
        "value": 1.0,
        "low": 0.5101,  # Wilson for 4 of 4, where a bootstrap could only say 1
        "high": 1.0,
        "part": 4.0,
        "whole": 4.0,
        "questions": 4,
    }
    mixed = summarise([*always, *(make_outcome(name, 2) for name in "efgh")])[0]["measures"]["mrr"]
    assert mixed["low"] < mixed["value"] == 0.75 < mixed["high"]
    assert mixed["low"] > 0.5
    assert mixed["high"] < 1


def test_a_comparison_names_the_questions_that_got_better_and_worse() -> None:
    before = [
        make_outcome("a", 1),
        make_outcome("b", 0),
        make_outcome("c", 2),
        make_outcome("x", 1),
    ]
    after = [
        make_outcome("a", 7),
        make_outcome("b", 1),
        make_outcome("c", 2),
        make_outcome("x", 0, question="in other words"),
        make_outcome("new", 1),
    ]
    found = compare(before, after)
    assert (found["questions"], found["new"], found["gone"]) == (3, ["new", "x"], ["x"])
    recall = found["measures"]["recall"]
    assert (recall["better"], recall["worse"]) == (["b"], ["a"])
    assert recall["difference"] == 0
    assert recall["low"] < 0 < recall["high"]
    assert found["measures"]["mrr"]["worse"] == ["a"]
    assert not found["measures"]["decision"]["better"]


def test_bars_are_cleared_or_not_and_leaks_always_count(tmp_path: Path) -> None:
    groups = summarise([make_outcome("a", 1), make_outcome("b", 0)])
    file = tmp_path / "bars.toml"
    file.write_text('[at_least]\nrecall = 0.5\n"coverage@ja" = 1\n[at_most]\nlatency_p95 = 5\n')
    bars = [*read_file(file), *read_bars(["recall=0.51", "fact=0", "recall@en=0"])]
    judged = check_bars(bars, groups, leaks=0)
    assert [(each.measure, each.passed) for each in judged] == [
        ("leaks", True),
        ("recall", True),
        ("coverage", True),
        ("latency_p95", True),
        ("recall", False),
        ("fact", False),  # nothing to measure is not cleared
        ("recall", False),  # nor is a group that is not there
    ]
    assert not check_bars([], groups, leaks=1)[0].passed
    assert bars[1] == Bar("coverage", 1.0, "ja")


@pytest.mark.parametrize("text", ["recall", "recal=0.5", "recall=high", "recall=nan", "recall=-1"])
def test_a_bar_that_is_none_is_refused_with_the_names_there_are(text: str) -> None:
    with pytest.raises(GateWrong, match="refusal_f1"):
        read_bars([text])


def test_questions_whose_documents_are_not_here_are_set_aside(company: Company) -> None:
    company.publish("規則.txt", "有給休暇は十二日です。")
    known = KnownDocuments(company.catalog)
    here = make_golden(1, "何日", documents=("規則.txt", "別.txt"))
    gone = make_golden(2, "何円", documents=("旅費.txt",))
    wanted = plan([QuestionSet("own", (here, gone), "h")], known, model="", state="")
    assert [golden.id for golden in wanted.questions] == ["q1"]
    assert [each.id for each in wanted.skipped] == ["q2"]
    with pytest.raises(NothingToAsk):
        plan([QuestionSet("own", (gone,), "h")], known, model="", state="")


def test_the_same_id_in_two_sets_is_told_apart(company: Company) -> None:
    known = KnownDocuments(company.catalog)
    sets = [QuestionSet(n, (make_golden(1, n, expect="refuse"),), n) for n in ("一", "二")]
    wanted = plan(sets, known, model="", state="")
    assert [golden.id for golden in wanted.questions] == ["q1", "二/q1"]


def test_ones_own_sets_are_found_in_the_state_folder(company: Company, tmp_path: Path) -> None:
    folder = tmp_path / "golden"
    folder.mkdir()
    (folder / "own.jsonl").write_text('{"question": "市長は誰ですか"}\n', encoding="utf-8")
    (folder / "notes.txt").write_text("no set")
    assert [each.name for each in find_sets(tmp_path, company.catalog, None)] == ["own"]


def test_a_twin_that_may_not_be_answered_must_not_meet_the_others_document(
    company: Company,
) -> None:
    secret = company.publish("給与.txt", "部長の給与は百万円です。")
    known = KnownDocuments(company.catalog)
    questions = [
        make_golden(1, "部長の給与は？", documents=("給与.txt",)),
        make_golden(2, "部長の給与は?", expect="refuse", kind="permission"),
    ]
    assert find_forbidden(questions, known) == {"q1": frozenset(), "q2": frozenset({secret})}
