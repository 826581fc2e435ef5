"""One model and many askers over HTTP: places in the queue, and callers who go away."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.answering.answerer import Answerer, Options
from app.answering.chat_options import ChatOptions
from app.answering.ollama_chat import OllamaChat
from app.answering.queueing import Line
from app.answering.sharing import SharedChat
from app.answering.tripping import Breaker
from tests.fakes.api_server import requesting, serving
from tests.fakes.model_server import Mode
from tests.fakes.ollama_server import OllamaStub
from tests.fakes.searcher import MemorySearcher, make_passage
from tests.fakes.services import Company, open_company
from tests.patience import PATIENCE_S, wait_for

LEAVE = make_passage("有給休暇は入社日に10日付与します。", name="就業規則")
REPLY = "有給休暇は入社日に10日付与されます。[1]"
QUESTION = {"question": "有給休暇は何日付与されますか"}
PATIENT = ChatOptions(connect_s=60, first_token_s=600, total_s=600)


class Served:
    """A running server, its company and the model behind it."""

    def __init__(self, url: str, company: Company, stub: OllamaStub) -> None:
        self.ask_url = f"{url}/api/v1/ask"
        self.state_url = f"{url}/api/v1/models/state?lang=ja"
        self.company = company
        self.stub = stub

    def wait_for_chat(self, count: int) -> None:
        wait_for(lambda: len(self.stub.chats) >= count)

    def tell_state(self, user: str) -> Any:  # noqa: ANN401 - any JSON value
        headers = self.company.key(user)
        return httpx.get(self.state_url, headers=headers, timeout=PATIENCE_S).json()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with OllamaStub(REPLY, mode=Mode.MUTE) as stub:
        model = OllamaChat(stub.url, "stub", PATIENT)
        shared = SharedChat(model, Line(1, 2, 600), Breaker(failures=1, rest_s=600))
        answerer = Answerer(MemorySearcher([LEAVE]), shared, Options(deadline_s=600))
        company = open_company(tmp_path, answerer=answerer, chat_model=shared, heartbeat_s=0.5)
        with serving(company) as url:
            yield Served(url, company, stub)
            stub.stopping.set()
        model.close()
        company.catalog.close()


def test_a_caller_who_waits_for_the_whole_answer_and_goes_away_frees_the_model(
    served: Served,
) -> None:
    headers = served.company.key("hanako")
    with requesting(served.ask_url, headers, QUESTION):
        served.wait_for_chat(1)
    wait_for(lambda: served.stub.disconnects)  # of itself the model would be silent for ever
    assert len(served.stub.chats) == 1
    # An asker's leaving is no failure of the model.
    assert served.tell_state("hanako")["connected"] is True


def test_a_stream_tells_the_place_in_line_and_the_state_how_many_wait(served: Served) -> None:
    hanako, taro = served.company.key("hanako"), served.company.key("taro")
    stream = {**QUESTION, "stream": True}
    with httpx.stream(
        "POST", served.ask_url, json=stream, headers=hanako, timeout=PATIENCE_S
    ) as first:
        lines = first.iter_lines()
        assert next(line for line in lines if line[:1] != ":") == "event: found"
        served.wait_for_chat(1)
        with httpx.stream(
            "POST", served.ask_url, json=stream, headers=taro, timeout=PATIENCE_S
        ) as second:
            told = second.iter_lines()
            assert [next(told) for _ in range(5)][3:] == ["event: queued", 'data: {"position":1}']
            assert served.tell_state("taro")["waiting"] == 1
            first.close()
            assert any(line == 'data: {"position":0}' for line in told)
            served.wait_for_chat(2)


def test_a_caller_who_leaves_while_waiting_for_the_whole_answer_leaves_the_queue(
    served: Served,
) -> None:
    hanako, taro = served.company.key("hanako"), served.company.key("taro")
    stream = {**QUESTION, "stream": True}
    with httpx.stream(
        "POST", served.ask_url, json=stream, headers=hanako, timeout=PATIENCE_S
    ) as first:
        assert next(first.iter_lines()) == "event: found"
        served.wait_for_chat(1)
        with requesting(served.ask_url, taro, QUESTION):
            wait_for(lambda: served.tell_state("taro")["waiting"])
        wait_for(lambda: not served.tell_state("taro")["waiting"])
    assert len(served.stub.chats) == 1


def test_a_failing_model_rests_and_the_state_says_for_how_long(served: Served) -> None:
    headers = served.company.key("hanako")
    served.stub.mode = Mode.ERROR_LINE
    first = httpx.post(served.ask_url, json=QUESTION, headers=headers, timeout=PATIENCE_S).json()
    second = httpx.post(served.ask_url, json=QUESTION, headers=headers, timeout=PATIENCE_S).json()
    assert [first["kind"], second["kind"]] == ["extractive", "extractive"]
    assert [n["code"] for n in second["notices"]] == ["model-resting"]
    state = served.tell_state("hanako")
    assert state["connected"] is False
    assert state["reason"] == "model-resting"
    assert 0 < state["resting_s"] <= 600
    assert "続けて失敗" in state["remedy"]
    assert len(served.stub.chats) == 1
