"""Reporting over HTTP that the documents do not say something."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.answering.answerer import Answerer
from app.api.deps import ACT_AS_HEADER
from app.main import create_app
from tests.fakes.searcher import CatalogSearcher
from tests.fakes.services import Company, open_company

ASK = "/api/v1/ask"
PATH = "/api/v1/feedback"
UNKNOWN = {"question": "有給休暇は KS-9999 で何日ですか"}


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    opened = open_company(tmp_path)
    opened.publish("就業規則.txt", "有給休暇は十日です。", owner="人事部 佐藤")
    opened.publish("秘密.txt", "有給休暇は百日です。", allow="group:board", owner="社長室")
    opened.services = replace(
        opened.services, answerer=Answerer(CatalogSearcher(opened.catalog), None)
    )
    yield opened
    opened.catalog.close()


@pytest.fixture
def client(company: Company) -> Iterator[TestClient]:
    with TestClient(create_app(company.services), headers=company.key(groups=("hr",))) as opened:
        yield opened


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
