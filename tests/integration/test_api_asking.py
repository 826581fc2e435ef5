"""Questions over HTTP: whole answers, streams, and what happens when the reader goes away."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient

from retrieval.errors import EmbedderUnavailable
from tests.fakes.api_server import open_caller, requesting, serving
from tests.fakes.services import Company, open_company
from tests.patience import PATIENCE_S, wait_for

QUESTION = {"question": "有給休暇は何日ですか"}


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    opened = open_company(tmp_path, heartbeat_s=0.2)
    opened.publish("就業規則.txt", "有給休暇は十日です。\n欠勤は届け出ます。")
    opened.publish("秘密.txt", "有給休暇は百日です。", allow="group:board")
    yield opened
    opened.catalog.close()


def parse(stream: str) -> list[tuple[str, dict]]:
    events = []
    for block in stream.replace("\r\n", "\n").split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.split("\n") if line[:1] not in {"", ":"})
        if "event" in lines:
            events.append((lines["event"], json.loads(lines["data"])))
    return events


def test_a_question_is_answered_with_citations_that_open_at_their_place(client: TestClient) -> None:
    answer = client.post("/api/v1/ask", json=QUESTION).json()

    citation = answer["citations"][0]
    assert answer["kind"] == "extractive"
    assert answer["text"] == "有給休暇は十日です。 [1]"
    assert answer["passages"] == {"found": 1, "used": 1}
    assert citation["quote"] == "有給休暇は十日です。"
    assert citation["url"].startswith(f"/#document={citation['document_id']}&start=0")
    assert client.get(citation["text_url"]).json()["text"] == citation["quote"]


def test_an_unreadable_document_is_in_no_answer(client: TestClient, company: Company) -> None:
    assert "百日" not in client.post("/api/v1/ask", json=QUESTION).text

    board = company.key("president", ("board",))
    assert "百日" in client.post("/api/v1/ask", json=QUESTION, headers=board).text


def test_a_stream_sends_found_notice_sentences_and_the_whole_answer(client: TestClient) -> None:
    response = client.post("/api/v1/ask", json={**QUESTION, "stream": True})

    events = parse(response.text)
    assert response.headers["content-type"].startswith("text/event-stream")
    assert [name for name, _ in events] == ["found", "notice", "sentence", "answer"]
    sentence = events[2][1]
    assert sentence["text"] == "有給休暇は十日です。"
    assert sentence["citations"] == [1]
    assert [citation["number"] for citation in sentence["new_citations"]] == [1]
    assert events[3][1]["kind"] == "extractive"


def test_the_accept_header_asks_for_a_stream_as_well(client: TestClient) -> None:
    accept = {"Accept": "text/event-stream"}

    response = client.post("/api/v1/ask", json=QUESTION, headers=accept)

    assert parse(response.text)[-1][0] == "answer"


def test_a_failure_on_the_way_becomes_the_last_event_without_inner_details(
    client: TestClient, company: Company
) -> None:
    company.answerer.failure = EmbedderUnavailable(model="/srv/secret", reason="gone")

    events = parse(client.post("/api/v1/ask", json={**QUESTION, "stream": True}).text)

    name, problem = events[-1]
    assert (name, problem["code"], problem["status"]) == ("error", "embedder-unavailable", 503)
    assert "secret" not in json.dumps(events)


def test_a_fault_of_our_own_becomes_an_error_event_too(
    client: TestClient, company: Company
) -> None:
    company.answerer.failure = ZeroDivisionError("secret")

    events = parse(client.post("/api/v1/ask", json={**QUESTION, "stream": True}).text)

    assert events[-1][0] == "error"
    assert events[-1][1]["code"] == "unexpected"
    assert len(events[-1][1]["trace"]) == 16
    assert "secret" not in json.dumps(events)


def test_filters_narrow_the_question(client: TestClient) -> None:
    elsewhere = {**QUESTION, "filters": {"departments": ["法務"]}}

    assert client.post("/api/v1/ask", json=elsewhere).json()["kind"] == "refusal"


def test_a_question_that_is_too_long_is_refused_with_the_limit(client: TestClient) -> None:
    response = client.post("/api/v1/ask?lang=ja", json={"question": "あ" * 4001})

    assert response.status_code == 422
    assert response.json()["code"] == "question-too-long"
    assert "4000" in response.json()["detail"]


def test_search_gives_passages_with_their_document(client: TestClient) -> None:
    found = client.post("/api/v1/search", json={"query": "有給休暇", "limit": 5}).json()

    assert [passage["text"] for passage in found["passages"]] == ["有給休暇は十日です。"]
    assert found["passages"][0]["document"]["title"] == "就業規則.txt"
    assert found["degraded"] == []


def test_the_model_state_says_what_to_do(client: TestClient) -> None:
    state = client.get("/api/v1/models/state?lang=ja").json()

    assert state == {
        "connected": False,
        "model": "qwen3:8b",
        "window": None,
        "reason": "model-unreachable",
        "remedy": "Ollama を起動してください。",
        "provider": "",
        "waiting": 0,
        "resting_s": 0,
    }


def test_closing_the_socket_closes_the_answer(company: Company) -> None:
    company.answerer.pause_s = 0.1
    company.answerer.endless = True
    with serving(company) as address:
        body = {**QUESTION, "stream": True}
        with httpx.stream(
            "POST", f"{address}/api/v1/ask", json=body, headers=company.key(), timeout=PATIENCE_S
        ) as response:
            lines = response.iter_lines()
            assert next(line for line in lines if line[:1] != ":") == "event: found"
            assert not company.answerer.closed.is_set()

        assert company.answerer.closed.wait(PATIENCE_S)  # it would go on for ever


def test_a_quiet_stream_sends_heartbeats(company: Company) -> None:
    held = company.answerer.held = threading.Event()
    with serving(company) as address:
        body, url = {**QUESTION, "stream": True}, f"{address}/api/v1/ask"
        with httpx.stream(
            "POST", url, json=body, headers=company.key(), timeout=PATIENCE_S
        ) as response:
            lines = response.iter_lines()
            for _ in range(2):
                assert next(line for line in lines if line == ": still here")
            held.set()
            assert "event: answer" in lines


@pytest.mark.parametrize("stream", [True, False])
def test_many_slow_answers_do_not_keep_other_requests_waiting(
    company: Company, stream: bool
) -> None:
    held = company.answerer.held = threading.Event()
    headers = company.key()
    body = {**QUESTION, "stream": stream}
    with (
        serving(company) as address,
        open_caller(address, headers) as api,
        requesting(f"{address}/api/v1/ask", headers, body, times=60) as readers,
    ):
        wait_for(lambda: len(company.answerer.holding) == 60)
        assert api.get("/api/v1/session").is_success  # while not one of them goes on
        held.set()
        assert {reader.getresponse().status for reader in readers} == {200}


def test_a_key_that_is_revoked_ends_the_answer_being_written(
    company: Company,
) -> None:
    company.answerer.pause_s = 0.05
    company.answerer.endless = True
    with serving(company) as address:
        body = {**QUESTION, "stream": True}
        with httpx.stream(
            "POST", f"{address}/api/v1/ask", json=body, headers=company.key(), timeout=PATIENCE_S
        ) as response:
            lines = response.iter_lines()
            assert next(line for line in lines if line[:1] != ":") == "event: found"
            for key in company.catalog.keys.list():
                company.catalog.keys.revoke(key.id)
            rest = [line for line in lines if line.startswith(("event", "data"))]

    assert rest[-2] == "event: error"
    assert json.loads(rest[-1].removeprefix("data: "))["code"] == "not-signed-in"


def test_scores_are_too_coarse_to_count_unreadable_documents_by(client: TestClient) -> None:
    found = client.post("/api/v1/search", json={"query": "有給休暇は何日"}).json()["passages"]

    scores = [
        score for passage in found for score in (passage["score"], *passage["scores"].values())
    ]
    assert scores
    assert all(score == round(score, 2) for score in scores)
    assert any(score not in {0.0, 0.5, 1.0} for score in scores), "the exact score has more digits"
