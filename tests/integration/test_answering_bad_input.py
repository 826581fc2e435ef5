"""Questions that are hardly any, asked over HTTP of a library that is searched in earnest."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.main import create_app
from tests.fakes.services import open_company
from tests.integration.answering_place import BOARD, AnsweringPlace

FILES = {
    "人事/就業規則.md": "# 就業規則\n\n年次有給休暇は、入社日に12日を付与する。",
    "it/vpn.md": "# VPN guide\n\nVPN passwords are reset at the IT desk.",
}
ASKED = "年次有給休暇は入社日に何日付与されますか"
WRITTEN = "年次有給休暇は入社日に12日付与されます。[1]"


@contextmanager
def over_http(place: AnsweringPlace, home: Path, script: str = "") -> Iterator[TestClient]:
    home.mkdir(parents=True)
    company = open_company(home, answerer=place.answerer(script))
    with TestClient(create_app(company.services), headers=company.key()) as opened:
        yield opened
    company.catalog.close()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AnsweringPlace]:
    with AnsweringPlace(tmp_path_factory.mktemp("bad")) as opened:
        opened.take_in(FILES)
        yield opened


@pytest.fixture(scope="module", params=["", WRITTEN], ids=["quoted", "written"])
def client(
    place: AnsweringPlace,
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> Iterator[TestClient]:
    with over_http(place, tmp_path_factory.mktemp("http") / "company", request.param) as opened:
        yield opened


def ask(client: TestClient, question: str, language: str = "") -> dict[str, Any]:
    path = f"/api/v1/ask?lang={language}" if language else "/api/v1/ask"
    # By hand: a lone surrogate is valid JSON, but no client library sends one.
    body = json.dumps({"question": question}).encode()
    response = client.post(path, content=body, headers={"Content-Type": "application/json"})
    found: dict[str, Any] = response.json()
    return {**found, "status": response.status_code}


@pytest.mark.parametrize(
    "question", ["   \n\t\u3000", "🙂🙂", "。。。???", "\x00\x07", "\u200b\u202e"]
)
@pytest.mark.parametrize(("language", "advice"), [("ja", "入力してください"), ("en", "Type what")])
def test_a_question_without_any_letter_is_refused_with_what_to_do(
    client: TestClient, question: str, language: str, advice: str
) -> None:
    problem = ask(client, question, language)
    assert problem["status"] == 422
    assert problem["code"] == "question-empty"
    assert advice in problem["detail"]


def test_half_a_character_is_refused_and_not_passed_on(client: TestClient) -> None:
    problem = ask(client, f"\ud800{ASKED}")
    assert problem["status"] == 422
    assert problem["detail"]


@pytest.mark.parametrize(
    "question",
    [
        f"🙂{ASKED}🙂",
        f"\x00\x07{ASKED}\x1b",
        "年次有給休暇は\u200b入社日に\u202e何日付与されますか",
        f'"{ASKED}',
        f"(({ASKED}) AND *:* OR",
        f"' OR 1=1 -- {ASKED}",
    ],
)
def test_signs_around_a_question_do_not_keep_it_from_its_answer(
    client: TestClient, question: str
) -> None:
    answer = ask(client, question)
    assert answer["status"] == 200
    assert "12日" in answer["text"]


@pytest.mark.parametrize(
    "question",
    [
        "9" * 3_900 + "円",
        "〇" * 3_900 + "年",
        "千" * 3_900 + "円",
        "1" + "万" * 3_900,
        "有給休暇" * 900,
    ],
    ids=["digits", "kanji zeros", "thousands", "ten thousands", "repeated"],
)
def test_endless_figures_and_repetitions_get_an_answer_or_a_refusal(
    client: TestClient, question: str
) -> None:
    answer = ask(client, question)
    assert answer["status"] == 200
    assert answer["kind"] in {"extractive", "generated", "refusal"}
    assert answer["text"]


def test_endless_figures_in_a_document_harm_no_answer_of_it(tmp_path: Path) -> None:
    zeros, nines = "〇" * 5_000, "9" * 5_000
    with AnsweringPlace(tmp_path) as place:
        place.take_in(
            {"odd.md": f"# odd\n\n{zeros}年の備品。\n\n{nines}円の備品。\n\n1{zeros}円の備品。"}
        )
        assert place.ask("備品はいくらですか").text


@pytest.mark.parametrize(
    "question",
    [
        "令和99年の年次有給休暇は何日",
        "2024年2月31日時点の年次有給休暇は何日",
        "昭和0年時点の年次有給休暇は何日",
        "2024年13月の年次有給休暇は何日",
        "leave as of February 31, 2024",
    ],
)
def test_dates_that_do_not_exist_harm_nothing(client: TestClient, question: str) -> None:
    assert ask(client, question)["status"] == 200


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize(
    "question",
    [
        "年次有给休假有几天？",
        "年假有多少天？",
        "有給休假有幾天",
        "报销标准是什么？",
        "연차 휴가는 며칠인가요?",
        "Wie viele Urlaubstage habe ich und wann?",
        "Combien de jours de congé ai-je ?",
        "Quanti giorni di ferie sono?",
        "Сколько дней отпуска?",
    ],
)
def test_a_third_language_gets_a_reply_in_the_readers_that_says_what_finds_more(
    client: TestClient, question: str, language: str
) -> None:
    answer = ask(client, question, language)
    assert answer["status"] == 200
    assert answer["language"] == language
    (message,) = [each["message"] for each in answer["notices"] if each["code"] == "language-other"]
    assert ("日本語か英語" if language == "ja" else "Japanese or English") in message


@pytest.mark.parametrize(
    "question", ["年次有給休暇 付与日数", "出張旅費規程 上限額", "有給休暇取得手続", "経費精算期限"]
)
def test_japanese_without_any_kana_is_not_taken_for_chinese(
    client: TestClient, question: str
) -> None:
    codes = [each["code"] for each in ask(client, question)["notices"]]
    assert "language-other" not in codes


SECRETS = {
    "役員/役員報酬規程_2024年版.md": "# 役員報酬規程_2024年版\n\n役員報酬は月額500万円とする。",
    "役員/就業規則_2030年版.md": "# 就業規則\n\n年次有給休暇は、入社日に40日を付与する。",
}


@pytest.mark.parametrize("script", ["", "役員報酬の上限は月額500万円です。[1]"])
def test_forbidden_documents_change_no_byte_of_any_reply(tmp_path: Path, script: str) -> None:
    questions = ("役員報酬の上限はいくらですか", "2024年の役員報酬規程では", ASKED, "役員報酬規程")
    asked = [(question, stream) for question in questions for stream in (True, False)]
    with AnsweringPlace(tmp_path) as place:
        place.take_in(FILES)
        with over_http(place, tmp_path / "before", script) as client:
            before = [reply(client, *each) for each in asked]
        place.take_in(SECRETS, "closed", BOARD)
        with over_http(place, tmp_path / "after", script) as client:
            after = [reply(client, *each) for each in asked]
        assert before == after
        assert place.ask(questions[0], principals=BOARD.allow).citations


def reply(client: TestClient, question: str, stream: bool) -> bytes:
    """Returns the bytes of a reply but for what differs each time: its id and how long it took."""
    body = {"question": question, "stream": stream}
    sent = client.post("/api/v1/ask", json=body).content
    # A slow machine may send signs of life in between.
    kept = b"\n".join(line for line in sent.splitlines() if line and not line.startswith(b":"))
    whole = json.loads(kept.rstrip().rpartition(b"data: ")[2])
    timed = f'"milliseconds":{whole["milliseconds"]}'.encode()
    return kept.replace(whole["id"].encode(), b"").replace(timed, b"")
