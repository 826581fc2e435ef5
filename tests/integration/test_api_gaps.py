"""Reporting over HTTP that the documents do not say something."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.answering.answerer import Answerer
from app.api.deps import ACT_AS_HEADER
from app.main import create_app
from app.routine import Household, Routine
from app.tidying import sweep_feedback
from tests.fakes.searcher import CatalogSearcher
from tests.fakes.services import Company

ASK = "/api/v1/ask"
PATH = "/api/v1/feedback"
UNKNOWN = {"question": "有給休暇は KS-9999 で何日ですか"}


@pytest.fixture
def company(company: Company) -> Company:
    company.publish("就業規則.txt", "有給休暇は十日です。", owner="人事部 佐藤")
    company.publish("秘密.txt", "有給休暇は百日です。", allow="group:board", owner="社長室")
    company.services = replace(
        company.services, answerer=Answerer(CatalogSearcher(company.catalog), None)
    )
    return company


@pytest.fixture
def headers(company: Company) -> dict[str, str]:
    return company.key(groups=("hr",))


@pytest.fixture
def admin(company: Company) -> Iterator[TestClient]:
    headers = company.key("kanri", scopes=("admin", "ask"))
    with TestClient(create_app(company.services), headers=headers) as opened:
        yield opened


def ask(client: TestClient, **about: object) -> Any:  # noqa: ANN401 - any JSON value
    answer = client.post(ASK, json={**UNKNOWN, **about}).json()
    assert answer["kind"] == "refusal"
    return answer


def test_a_refusal_carries_what_reports_it_and_an_admin_finds_it_with_its_owners(
    client: TestClient, admin: TestClient
) -> None:
    answer = ask(client)
    sent = client.post(PATH, json=answer["gap"])
    assert sent.status_code == 201, sent.text
    client.post(PATH, json={**answer["gap"], "reason": "unclear", "answer_id": "another"})
    [listed] = admin.get(PATH, params={"reason": "missing"}).json()["feedback"]
    [near] = answer["nearest"]
    assert (listed["question"], listed["reason"]) == (UNKNOWN["question"], "missing")
    assert listed["documents"] == [near["document_id"]]
    assert listed["owners"] == {near["document_id"]: "人事部 佐藤"}
    assert len(admin.get(PATH).json()["feedback"]) == 2
    assert admin.get(PATH, params={"reason": "bored"}).status_code == 422


def test_a_gap_stands_beside_what_the_refusal_was_worth(
    client: TestClient, company: Company
) -> None:
    gap = ask(client)["gap"]
    for body in (gap, {**gap, "reason": "", "helpful": True}, gap):
        assert client.post(PATH, json=body).status_code == 201
    assert sorted(row.reason for row in company.catalog.feedback.list()) == ["", "missing"]


def test_an_answer_leaves_no_gap(client: TestClient) -> None:
    answer = client.post(ASK, json={"question": "有給休暇は何日ですか"}).json()
    assert answer["kind"] == "extractive"
    assert answer["gap"] is None


def test_who_acts_as_somebody_is_not_offered_it(admin: TestClient) -> None:
    assert ask(admin)["gap"] is not None
    acting = admin.post(ASK, json=UNKNOWN, headers={ACT_AS_HEADER: "taro"}).json()
    assert (acting["kind"], acting["gap"]) == ("refusal", None)
    streamed = admin.post(ASK, json={**UNKNOWN, "stream": True}, headers={ACT_AS_HEADER: "taro"})
    assert '"gap":null' in streamed.text


def test_a_follow_up_is_reported_as_it_stands_alone_without_the_words_of_answers(
    client: TestClient, company: Company
) -> None:
    history = [{"question": "有給休暇は何日ですか", "answer": "百日です。"}]
    answer = ask(client, question="KS-9999 では？", history=history)
    assert "有給" in answer["gap"]["question"]
    client.post(PATH, json=answer["gap"])
    [kept] = company.catalog.feedback.list()
    assert kept.question == answer["gap"]["question"]
    assert "百日" not in kept.question


def test_a_kept_refusal_can_be_reported_when_it_is_read_again(client: TestClient) -> None:
    talk = ask(client, conversation="new")["conversation"]
    [exchange] = client.get(f"/api/v1/conversations/{talk}").json()["exchanges"]
    gap = exchange["answer"]["gap"]
    assert gap["question"] == UNKNOWN["question"]
    assert client.post(PATH, json=gap).status_code == 201


def test_a_kept_refusal_of_a_long_question_is_reported_as_it_was_searched(
    client: TestClient,
) -> None:
    answer = ask(client, question="前置き。" * 300 + UNKNOWN["question"], conversation="new")
    kept = client.get(f"/api/v1/conversations/{answer['conversation']}").json()["exchanges"]
    assert kept[0]["answer"]["gap"]["question"] == answer["gap"]["question"]
    assert len(answer["gap"]["question"]) == 1_000


@pytest.mark.parametrize("decide", ["accept", "drop"])
def test_a_gap_that_many_report_is_listed_and_decided_once(
    client: TestClient, admin: TestClient, company: Company, decide: str
) -> None:
    board = TestClient(create_app(company.services), headers=company.key("b", groups=("board",)))
    for reader in (client, client, board):
        sent = reader.post(PATH, json=ask(reader)["gap"])
        assert sent.status_code == 201, sent.text
    alone = client.post(PATH, json={**ask(client)["gap"], "reason": "unclear"}).json()["id"]
    listed = admin.get(PATH).json()["feedback"]
    counts = [each["count"] for each in listed]
    assert counts == [1, 1, 2], "the newest first; who may read something else asks something else"
    gap = f"{PATH}/{listed[2]['id']}"
    if decide == "accept":
        taken = admin.patch(gap, json={"state": "golden", "refuse": True})
        assert taken.status_code == 200, taken.text
    else:
        assert admin.delete(gap).status_code == 204
    left = admin.get(PATH, params={"state": "new"}).json()["feedback"]
    assert [each["id"] for each in left] == [alone, listed[1]["id"]]
    assert admin.delete(f"{PATH}/{alone}").status_code == 204
    assert len(admin.get(PATH, params={"state": "new"}).json()["feedback"]) == 1


def test_the_name_under_undecided_feedback_goes_with_the_conversations(
    client: TestClient, company: Company
) -> None:
    client.post(PATH, json=ask(client)["gap"])
    now = datetime.now(UTC)
    sweep_feedback(company.catalog, 90, now + timedelta(days=89))
    sweep_feedback(company.catalog, 0, now)
    assert [each.user for each in company.catalog.feedback.list()] == ["hanako"]
    places = (company.home / "sources.toml", company.home / "mirrors", "off")
    household = Household(*places, keep_conversations_days=90)
    Routine(company.catalog, household, lambda: now + timedelta(days=91)).attend_now()
    [left] = company.catalog.feedback.list()
    assert (left.user, left.answer_id, left.question) == ("", "", UNKNOWN["question"])
    before = company.catalog.data_version()
    sweep_feedback(company.catalog, 90, now + timedelta(days=92))
    assert company.catalog.data_version() == before, "nothing to do writes nothing"


def test_a_report_names_only_documents_that_its_reader_may_read(
    client: TestClient, admin: TestClient, company: Company
) -> None:
    board = TestClient(create_app(company.services), headers=company.key("b", groups=("board",)))
    names = {each["title"]: each["document_id"] for each in ask(board)["nearest"]}
    gap = ask(client)["gap"]
    assert names["秘密.txt"] not in gap["nearest"]
    told = [
        client.post(PATH, json={**gap, "nearest": nearest}).status_code
        for nearest in ([names["秘密.txt"]], ["nothing"])
    ]
    assert told == [201, 201]
    [kept] = company.catalog.feedback.list()
    assert kept.documents == ()
    board.post(PATH, json=ask(board)["gap"])
    listed = admin.get(PATH).text
    assert "秘密" not in listed  # the admin may not read it either
    assert "社長室" not in listed
    assert names["秘密.txt"] not in listed
