"""Conversations over HTTP: kept, gone on with, listed, renamed, exported, deleted, forgotten."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.main import create_app
from app.routine import Household, Routine
from app.tidying import sweep_conversations
from retrieval.errors import EmbedderUnavailable
from tests.fakes.api_server import open_caller, serving
from tests.fakes.services import Company, open_company
from tests.patience import PATIENCE_S, wait_for

LEAVE = "有給休暇は何日ですか"
ASK = "/api/v1/ask"
TALKS = "/api/v1/conversations"


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    opened = open_company(tmp_path, heartbeat_s=0.2)
    opened.publish("就業規則.txt", "有給休暇は十日です。", owner="人事部")
    yield opened
    opened.catalog.close()


def ask(client: TestClient, conversation: str | None = "new", question: str = LEAVE) -> dict:
    body = {"question": question, "conversation": conversation}
    return client.post(ASK, json=body).json()


def titles(client: TestClient, query: str = "") -> list[str]:
    return [each["title"] for each in client.get(TALKS + query).json()["conversations"]]


def stored(company: Company) -> int:
    with closing(sqlite3.connect(company.catalog.database.path)) as connection:
        count = "SELECT (SELECT count(*) FROM conversations) + (SELECT count(*) FROM turns)"
        return int(connection.execute(count).fetchone()[0])


def test_a_question_without_a_conversation_is_not_kept(
    client: TestClient, company: Company
) -> None:
    assert client.post(ASK, json={"question": LEAVE}).json()["conversation"] is None
    assert stored(company) == 0


def test_a_conversation_is_read_back_as_it_was_answered(client: TestClient) -> None:
    answer = ask(client)
    identity = answer["conversation"]

    shown = client.get(f"{TALKS}/{identity}").json()

    (turn,) = shown["exchanges"]
    assert (shown["id"], shown["title"], shown["turns"]) == (identity, LEAVE, 1)
    assert turn["question"] == LEAVE
    assert turn["answer"] == answer


def test_a_stream_tells_its_conversation_with_the_whole_answer(client: TestClient) -> None:
    body = {"question": LEAVE, "conversation": "new", "stream": True}

    last = client.post(ASK, json=body).text.strip().splitlines()[-1]

    conversation = json.loads(last.removeprefix("data: "))["conversation"]
    assert client.get(f"{TALKS}/{conversation}").json()["turns"] == 1


def test_a_follow_up_needs_no_history_in_the_request(client: TestClient, company: Company) -> None:
    heard = []
    stream = company.answerer.stream
    company.answerer.stream = lambda question: heard.append(question.history) or stream(question)
    conversation = ask(client)["conversation"]

    ask(client, conversation, "半休は？")
    own = {"question": "前の会社", "answer": "八日です。"}
    body = {"question": "では？", "conversation": conversation, "history": [own]}
    client.post(ASK, json=body)

    first, second, third = heard
    assert first == ()
    assert [(turn.question, turn.answer) for turn in second] == [(LEAVE, "有給休暇は十日です。")]
    assert [turn.question for turn in third] == ["前の会社"], "what is sent stands in for it"
    assert client.get(f"{TALKS}/{conversation}").json()["turns"] == 3


def test_conversations_are_listed_page_by_page_the_last_used_first(client: TestClient) -> None:
    first = ask(client, question="有給休暇の一")["conversation"]
    for name in ("二", "三"):
        ask(client, question=f"有給休暇の{name}")
    ask(client, first, "有給休暇の四")

    page = client.get(f"{TALKS}?limit=2").json()
    rest = client.get(f"{TALKS}?limit=2&after={page['next']}").json()

    assert [each["title"] for each in page["conversations"]] == ["有給休暇の一", "有給休暇の三"]
    assert [each["title"] for each in rest["conversations"]] == ["有給休暇の二"]
    assert (rest["next"], page["kept_days"]) == (None, 90)


def test_a_long_first_question_gives_a_short_title(client: TestClient) -> None:
    ask(client, question=f"有給休暇\n{'と' * 200}")

    (title,) = titles(client)
    assert title.startswith("有給休暇 とと")
    assert (len(title), title[-1]) == (60, "…")


def test_a_conversation_can_be_renamed(client: TestClient) -> None:
    path = f"{TALKS}/{ask(client)['conversation']}"

    assert client.patch(path, json={"title": "  休み\nの話 "}).json()["title"] == "休み の話"
    assert titles(client) == ["休み の話"]
    for refused in ("", "   ", "あ" * 201):
        assert client.patch(path, json={"title": refused}).status_code == 422


def test_one_or_all_conversations_are_deleted_with_everything_in_them(
    client: TestClient, company: Company
) -> None:
    one, _, _ = (ask(client)["conversation"] for _ in range(3))
    taro = company.key("taro")
    client.post(ASK, json={"question": LEAVE, "conversation": "new"}, headers=taro)

    assert client.delete(f"{TALKS}/{one}").status_code == 204
    assert client.get(f"{TALKS}/{one}").status_code == 404
    assert client.delete(f"{TALKS}/{one}").status_code == 404
    assert client.delete(TALKS).json() == {"removed": 2}
    assert titles(client) == []
    assert stored(company) == 2, "one conversation of somebody else, with its turn"


def test_exports_hold_questions_answers_and_citations(client: TestClient) -> None:
    path = f"{TALKS}/{ask(client)['conversation']}/export"

    as_json = client.get(path)
    markdown = client.get(f"{path}?format=markdown&lang=ja")

    assert (
        as_json.json()["exchanges"][0]["answer"]["citations"][0]["quote"] == "有給休暇は十日です。"
    )
    assert markdown.headers["content-type"] == "text/markdown; charset=utf-8"
    assert markdown.headers["content-disposition"].endswith('.md"')
    for line in (
        f"# {LEAVE}",
        f"> {LEAVE}",
        "有給休暇は十日です。 \\[1\\]",
        "> 有給休暇は十日です。",
    ):
        assert line in markdown.text.split("\n")
    assert "就業規則.txt" in markdown.text
    assert client.get(f"{path}?format=pdf").status_code == 422


def test_an_export_loads_nothing_and_changes_no_words(client: TestClient, company: Company) -> None:
    from markdown_it import MarkdownIt

    hostile = (
        "有給休暇は ![x](https://evil.example/p.png) <img src=//evil.example> `*[a](b)*` 2. 日"
    )
    company.publish("就業規則.txt", hostile)
    asked = ask(client, question="有給休暇は\n# 何日\n- ですか")
    path = f"{TALKS}/{asked['conversation']}/export"

    html = MarkdownIt("commonmark").render(client.get(f"{path}?format=markdown").text)

    assert "<img" not in html
    assert "<a " not in html
    assert html.count("<h1>") == 1
    assert "![x](https://evil.example/p.png) &lt;img src=//evil.example&gt; `*[a](b)*`" in html


def test_marks_that_turn_text_round_are_in_no_title_and_no_export(client: TestClient) -> None:
    hostile = "有給休暇は\u202e何日\x00ですか\r- &lt;b\u2028# x"
    asked = ask(client, question=hostile)
    [title] = titles(client)
    path = f"{TALKS}/{asked['conversation']}"
    renamed = client.patch(path, json={"title": "休暇\u2066\x1b[2J"}).json()["title"]
    exported = client.get(f"{path}/export?format=markdown").text
    assert title == "有給休暇は 何日 ですか - &lt;b # x"
    assert renamed == "休暇 [2J"
    assert not set("\u202e\u2066\x00\x1b\r\u2028") & set(exported)
    assert "- \\&lt;b" in exported
    assert client.patch(path, json={"title": "\u202e"}).status_code == 422


def test_with_zero_days_nothing_is_stored_at_all(company: Company) -> None:
    services = replace(company.services, keep_conversations_days=0)
    with TestClient(create_app(services), headers=company.key()) as client:
        answer = ask(client)
        listed = client.get(TALKS).json()

    assert (answer["kind"], answer["conversation"]) == ("extractive", None)
    assert listed == {"conversations": [], "next": None, "kept_days": 0}
    assert stored(company) == 0


def test_what_was_kept_is_out_of_reach_once_nothing_is_to_be_kept(
    client: TestClient, company: Company
) -> None:
    conversation = ask(client)["conversation"]
    services = replace(company.services, keep_conversations_days=0)
    with TestClient(create_app(services), headers=company.key()) as forgetful:
        assert forgetful.get(f"{TALKS}/{conversation}").status_code == 404
        again = {"question": LEAVE, "conversation": conversation}
        assert forgetful.post(ASK, json=again).status_code == 404

    sweep_conversations(company.catalog, 0, datetime.now(UTC))
    assert stored(company) == 0


def test_a_conversation_nobody_goes_on_with_is_forgotten_in_time(
    client: TestClient, company: Company
) -> None:
    old, used = ask(client)["conversation"], ask(client)["conversation"]
    then = (datetime.now(UTC) - timedelta(days=91)).timestamp()
    with closing(sqlite3.connect(company.catalog.database.path)) as connection:
        connection.execute("UPDATE conversations SET updated_at = ? WHERE id = ?", (then, old))
        connection.commit()

    assert client.get(f"{TALKS}/{old}").status_code == 404, "also before anybody has swept"
    assert [each["id"] for each in client.get(TALKS).json()["conversations"]] == [used]
    sweep_conversations(company.catalog, 90, datetime.now(UTC))
    assert stored(company) == 2, "the used one with its turn"


def test_the_worker_deletes_what_has_outlived_its_time(
    client: TestClient, company: Company
) -> None:
    ask(client)
    places = (company.home / "sources.toml", company.home / "mirrors", "off")
    Routine(company.catalog, Household(*places, keep_conversations_days=1)).attend_now()
    assert stored(company) == 2
    later = datetime.now(UTC) + timedelta(days=2)
    household = Household(*places, keep_conversations_days=1)
    Routine(company.catalog, household, lambda: later).attend_now()
    assert stored(company) == 0


def test_a_question_whose_server_was_killed_is_not_kept_for_months(company: Company) -> None:
    conversations = company.catalog.conversations
    dead, answering = (conversations.begin("hanako", name) for name in ("落ちた", "回答中"))
    with closing(sqlite3.connect(company.catalog.database.path)) as connection:
        ago = "UPDATE conversations SET created_at = created_at - 4000 WHERE id = ?"
        connection.execute(ago, (dead,))
        connection.commit()
    sweep_conversations(company.catalog, 90, datetime.now(UTC))
    assert conversations.get("hanako", dead, since=0.0) is None
    assert conversations.get("hanako", answering, since=0.0) is not None


def test_a_sweep_that_finds_nothing_writes_nothing(company: Company) -> None:
    before = company.catalog.data_version()
    sweep_conversations(company.catalog, 90, datetime.now(UTC))
    assert company.catalog.data_version() == before


def test_a_failed_or_refused_question_leaves_no_empty_conversation(
    client: TestClient, company: Company
) -> None:
    company.answerer.failure = EmbedderUnavailable(model="m", reason="gone")
    body = {"question": LEAVE, "conversation": "new"}
    assert "embedder-unavailable" in client.post(ASK, json={**body, "stream": True}).text
    assert client.post(ASK, json=body).status_code == 503
    assert client.post(ASK, json={**body, "question": "あ" * 4001}).status_code == 422

    assert stored(company) == 0


def test_a_full_conversation_says_so(client: TestClient, company: Company) -> None:
    conversation = ask(client)["conversation"]
    with closing(sqlite3.connect(company.catalog.database.path)) as connection:
        copy = "INSERT INTO turns (conversation_id, question, asked_at, answer) "
        copy += "SELECT conversation_id, question, asked_at, answer FROM turns LIMIT 1"
        for _ in range(199):
            connection.execute(copy)
        connection.commit()

    answer = ask(client, conversation)

    assert (answer["status"], answer["code"]) == (422, "conversation-full")
    assert "200" in answer["detail"]


def test_an_answer_that_cannot_be_kept_is_still_given(client: TestClient, company: Company) -> None:
    with closing(sqlite3.connect(company.catalog.database.path)) as connection:
        connection.execute("CREATE TRIGGER full BEFORE INSERT ON turns BEGIN SELECT 1; END")
        connection.execute("ALTER TABLE conversations RENAME TO away")
        connection.commit()

    answer = ask(client)

    assert (answer["kind"], answer["conversation"]) == ("extractive", None)


def test_an_answer_does_not_wait_for_a_locked_catalog_and_is_kept_afterwards(
    company: Company,
) -> None:
    headers = company.key()
    with (
        serving(company) as address,
        open_caller(address, headers) as api,
        closing(sqlite3.connect(company.catalog.database.path)) as other,
    ):
        other.execute("BEGIN IMMEDIATE")
        running, heard = slow({"conversation": "new"}, headers, address)
        wait_for(lambda: "event: sentence" in heard)
        assert "event: answer" not in heard
        other.rollback()
        running.join()
        told = [line for line in heard if line.startswith("data: ")][-1]
        identity = json.loads(told.removeprefix("data: "))["conversation"]
        shown = api.get(f"{TALKS}/{identity}").json()

    assert [turn["question"] for turn in shown["exchanges"]] == [LEAVE]


def slow(body: dict, headers: dict, address: str) -> tuple[threading.Thread, list[str]]:
    """Asks in a thread; returns it once the answer has begun, with the lines it goes on to hear."""
    begun, lines = threading.Event(), []

    def read() -> None:
        sent = {"question": LEAVE, "stream": True, **body}
        with open_caller(address, headers) as api, api.stream("POST", ASK, json=sent) as reply:
            for line in reply.iter_lines():
                lines.append(line)
                if line == "event: found":
                    begun.set()

    thread = threading.Thread(target=read)
    thread.start()
    assert begun.wait(PATIENCE_S)
    return thread, lines


@pytest.mark.parametrize("path", ["one", "all"])
def test_what_is_deleted_while_it_is_answered_stays_deleted(company: Company, path: str) -> None:
    headers = company.key()
    with serving(company) as address, open_caller(address, headers) as api:
        body = {"question": LEAVE, "conversation": "new"}
        made = api.post(ASK, json=body).json()["conversation"]
        held = company.answerer.held = threading.Event()
        asked = {"conversation": made if path == "one" else "new"}
        running, heard = slow(asked, headers, address)
        assert api.delete(TALKS + (f"/{made}" if path == "one" else "")).is_success
        held.set()
        running.join()

    assert stored(company) == 0
    assert "event: answer" in heard, "who asked still hears the answer"
    told = [line for line in heard if line.startswith("data: ")][-1]
    assert json.loads(told.removeprefix("data: "))["conversation"] is None


def test_a_reader_who_leaves_keeps_nothing_of_the_answer(company: Company) -> None:
    headers = company.key()
    company.answerer.pause_s, company.answerer.endless = 0.05, True
    with serving(company) as address, open_caller(address, headers) as api:
        body = {"question": LEAVE, "conversation": "new", "stream": True}
        with api.stream("POST", ASK, json=body) as reply:
            assert "event: sentence" in reply.iter_lines()
        assert company.answerer.closed.wait(PATIENCE_S)
        wait_for(lambda: stored(company) == 0)


def test_two_questions_at_once_are_both_kept_in_the_order_they_were_asked(
    company: Company,
) -> None:
    headers = company.key()
    with serving(company) as address, open_caller(address, headers) as api:

        def post(question: str, conversation: str = "new") -> dict:
            return api.post(ASK, json={"question": question, "conversation": conversation}).json()

        made = post(LEAVE)["conversation"]
        held = company.answerer.held = threading.Event()
        asked = {"conversation": made, "question": "有給休暇の先"}
        running, _ = slow(asked, headers, address)
        wait_for(lambda: company.answerer.holding)
        company.answerer.held = None
        assert post("有給休暇の後", made)["conversation"] == made
        assert running.is_alive(), "the second was answered while the first still was"
        held.set()
        running.join()
        shown = api.get(f"{TALKS}/{made}").json()

    asked_in_order = [turn["question"] for turn in shown["exchanges"]]
    assert asked_in_order == [LEAVE, "有給休暇の先", "有給休暇の後"]
