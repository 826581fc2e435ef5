"""Questions that cannot be answered as asked: each gets something helpful over HTTP."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.answering.answerer import Answerer
from app.main import create_app
from tests.fakes.chat_model import ScriptedChat
from tests.fakes.searcher import MemorySearcher, make_passage
from tests.fakes.services import open_company

LEAVE = make_passage("有給休暇は入社日に10日付与します。", name="就業規則")
SECRET = make_passage("役員報酬の上限は月額500万円です。", name="極秘", allow="group:board")
GUIDE = make_passage("VPN passwords are reset at the IT desk.", name="VPN guide")


@pytest.fixture
def model() -> ScriptedChat:
    return ScriptedChat("有給休暇は入社日に10日付与されます。[1]")


@pytest.fixture
def client(tmp_path: Path, model: ScriptedChat) -> Iterator[TestClient]:
    answerer = Answerer(MemorySearcher([LEAVE, SECRET, GUIDE]), model)
    company = open_company(tmp_path, answerer=answerer)
    with TestClient(create_app(company.services), headers=company.key()) as opened:
        yield opened
    company.catalog.close()


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_question_of_100_000_characters_is_refused_with_the_limit(
    client: TestClient, model: ScriptedChat, language: str, stream: bool
) -> None:
    body = {"question": "有給休暇は何日ですか。" * 9_100, "stream": stream}
    response = client.post(f"/api/v1/ask?lang={language}", json=body)
    problem = response.json()
    assert response.status_code == 422
    assert problem["code"] == "question-too-long"
    assert "4000" in problem["detail"]
    assert ("短く" if language == "ja" else "Shorten") in problem["detail"]
    assert not model.prompts


@pytest.mark.parametrize(
    "question",
    [
        "Wie viele Tage Urlaub 有給休暇 bekomme ich und wann?",
        "有給休暇 연차 휴가는 며칠인가요?",
        "我有多少天有給休暇吗？",
        "¿Cuántos días de 有給休暇 tengo?",
    ],
)
def test_a_question_in_a_third_language_is_answered_and_told_what_works_better(
    client: TestClient, question: str
) -> None:
    answer = client.post("/api/v1/ask", json={"question": question}).json()
    assert answer["kind"] in {"generated", "refusal"}
    assert answer["text"]
    assert "language-other" in [notice["code"] for notice in answer["notices"]]


@pytest.mark.parametrize(
    "question",
    [
        "有給休暇は何日ですか",
        "How do I reset my VPN password?",
        "年次有給休暇 付与日数",
        "VPN setup",
        "目的地別出張手当 上限",
        "What does 「就業規則」 say of the leave?",
        "Die-cast part PC-2041: what is the warranty?",
    ],
)
def test_questions_in_our_languages_are_not_taken_for_others(
    client: TestClient, question: str
) -> None:
    answer = client.post("/api/v1/ask", json={"question": question}).json()
    assert "language-other" not in [notice["code"] for notice in answer["notices"]]


def test_where_only_forbidden_documents_match_the_refusal_is_that_of_an_unknown_matter(
    client: TestClient, model: ScriptedChat
) -> None:
    forbidden, unknown = (
        client.post("/api/v1/ask", json={"question": question}).json()
        for question in ("役員報酬の上限はいくらですか", "社員食堂の献立はどこですか")
    )
    for answer in (forbidden, unknown):
        assert answer["kind"] == "refusal"
        assert answer["passages"] == {"found": 0, "used": 0}
        assert answer["citations"] == []
    same = ("text", "nearest", "notices", "model")
    assert [forbidden[key] for key in same] == [unknown[key] for key in same]
    assert forbidden["text"]
    assert not model.prompts
