"""Tasks with a model over HTTP: whoever goes away frees it, streamed or not."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from app.answering.chat_options import ChatOptions
from app.answering.ollama_chat import OllamaChat
from app.answering.queueing import Line
from app.answering.sharing import SharedChat
from app.answering.tripping import Breaker
from tests.fakes.api_server import serving
from tests.fakes.desk import open_desk, publish_laid_out
from tests.fakes.model_server import Mode
from tests.fakes.ollama_server import OllamaStub
from tests.fakes.services import Company, open_company

REPLY = "年次有給休暇は入社日に12日です。[1]"


class Place:
    """A company whose tasks are written by the model behind a stub."""

    def __init__(self, home: Path, stub: OllamaStub) -> None:
        self.stub = stub
        self.chat = OllamaChat(stub.url, "stub", ChatOptions(first_token_s=30, total_s=30))
        self.company: Company = open_company(home, heartbeat_s=0.5)
        shared = SharedChat(self.chat, Line(1, 2, 30), Breaker(failures=1, rest_s=30))
        desk = open_desk(self.company, shared)
        self.company.services = replace(self.company.services, tasks=desk)
        lines = ["# 休暇", "年次有給休暇は入社日に12日を与える。"]
        self.document = publish_laid_out(self.company, "規則", lines)


@pytest.fixture
def place(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Place]:
    with OllamaStub(REPLY, mode=request.param) as stub:
        place = Place(tmp_path, stub)
        yield place
        stub.stopping.set()
        place.chat.close()
        place.company.catalog.close()


@pytest.mark.parametrize("place", [Mode.OK], indirect=True)
def test_a_summary_is_written_by_the_model_and_streamed(place: Place) -> None:
    body = {"document": place.document, "stream": True, "language": "ja"}
    with serving(place.company) as url:
        headers = place.company.key()
        told = httpx.post(f"{url}/api/v1/tasks/summary", json=body, headers=headers).text
    assert "event: sentence" in told
    assert '"kind":"generated"' in told
    assert '"verdict":"supported"' in told


@pytest.mark.parametrize("streamed", [True, False])
@pytest.mark.parametrize("place", [Mode.MUTE], indirect=True)
def test_whoever_goes_away_frees_the_model(place: Place, streamed: bool) -> None:
    body = {"document": place.document, "stream": streamed}
    with serving(place.company) as url, httpx.Client(headers=place.company.key()) as caller:
        address = f"{url}/api/v1/tasks/summary"

        if streamed:
            with caller.stream("POST", address, json=body) as stream:
                assert next(stream.iter_lines())
        else:
            with pytest.raises(httpx.ReadTimeout):
                caller.post(address, json=body, timeout=1.0)
        begun = time.monotonic()
        while not place.stub.disconnects and time.monotonic() - begun < 8:
            time.sleep(0.02)
        assert place.stub.disconnects
        place.stub.stopping.set()
