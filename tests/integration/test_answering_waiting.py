"""An asker who goes away while the model is still silent: the model must not go on working."""

import socket
import threading
import time
from collections.abc import Iterator

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request
from starlette.responses import Response

from app.answering.answerer import Answerer
from app.answering.chat_options import ChatOptions
from app.answering.model import Question, Waiting
from app.answering.ollama_chat import OllamaChat
from app.api.asking import tell_events
from app.api.streams import Streams
from retrieval.model import Scope
from tests.fakes.model_server import Mode
from tests.fakes.ollama_server import OllamaStub
from tests.fakes.searcher import MemorySearcher, make_passage
from tests.patience import PATIENCE_S, wait_for

LEAVE = make_passage("有給休暇は入社日に10日付与します。", name="就業規則")
QUESTION = Question("有給休暇は何日付与されますか", Scope(frozenset({"everyone"})))
PATIENT = ChatOptions(connect_s=60, first_token_s=600, total_s=600)


@pytest.mark.parametrize("mode", [Mode.SILENT, Mode.MUTE])
def test_closing_before_the_first_word_hangs_up(mode: Mode) -> None:
    with OllamaStub("10日です。[1]", mode=mode) as stub:
        model = OllamaChat(stub.url, "stub", PATIENT)
        events = Answerer(MemorySearcher([LEAVE]), model).stream(QUESTION)
        while not isinstance(next(events), Waiting):
            pass
        wait_for(lambda: stub.chats)
        events.close()
        wait_for(lambda: stub.disconnects)  # of itself the model would be silent for ever
        model.close()


def test_a_silent_model_gives_a_sign_of_life_each_second() -> None:
    with OllamaStub("10日です。[1]", mode=Mode.MUTE) as stub:
        model = OllamaChat(stub.url, "stub", PATIENT)
        events = Answerer(MemorySearcher([LEAVE]), model).stream(QUESTION)
        begun = time.monotonic()
        signs = [event for event, _ in zip(events, range(3), strict=False)][1:]
        assert signs == [Waiting(), Waiting()]
        assert time.monotonic() - begun > 1.5
        events.close()
        model.close()


@pytest.fixture
def served() -> Iterator[tuple[str, OllamaStub]]:
    """An HTTP server that streams one answer of a model that never begins to speak."""
    with OllamaStub("10日です。[1]", mode=Mode.MUTE) as stub, socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        model = OllamaChat(stub.url, "stub", PATIENT)
        answerer, streams, app = Answerer(MemorySearcher([LEAVE]), model), Streams(15.0), FastAPI()

        @app.get("/ask")
        def ask(request: Request) -> Response:
            events = answerer.stream(QUESTION)
            told = tell_events(events, request, "ja", lambda: None, may_report=True)
            return streams.send(told)

        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/ask", stub
        server.should_exit = True
        thread.join()
        model.close()


def test_a_browser_that_goes_away_over_http_frees_the_model(
    served: tuple[str, OllamaStub],
) -> None:
    url, stub = served
    with httpx.stream("GET", url, timeout=PATIENCE_S) as response:
        for line in response.iter_lines():
            if line.startswith(": "):
                break
        wait_for(lambda: stub.chats)
        assert not stub.disconnects
    wait_for(lambda: stub.disconnects)
