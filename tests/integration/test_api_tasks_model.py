"""Tasks with a model over HTTP: whoever goes away frees it, streamed or not."""

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
from tests.fakes.api_server import requesting, serving
from tests.fakes.desk import open_desk, publish_laid_out
from tests.fakes.model_server import Mode
from tests.fakes.ollama_server import OllamaStub
from tests.fakes.services import Company, open_company
from tests.patience import PATIENCE_S, wait_for

PATIENT = ChatOptions(connect_s=60, first_token_s=600, total_s=600)
REPLY = "年次有給休暇は入社日に12日です。[1]"


class Place:
    """A company whose tasks are written by the model behind a stub."""

    def __init__(self, home: Path, stub: OllamaStub) -> None:
        self.stub = stub
        self.chat = OllamaChat(stub.url, "stub", PATIENT)
        self.company: Company = open_company(home, heartbeat_s=0.5)
        shared = SharedChat(self.chat, Line(1, 2, 600), Breaker(failures=1, rest_s=600))
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
        address = f"{url}/api/v1/tasks/summary"
        told = httpx.post(address, json=body, headers=headers, timeout=PATIENCE_S).text
    assert "event: sentence" in told
    assert '"kind":"generated"' in told
    assert '"verdict":"supported"' in told


@pytest.mark.parametrize("streamed", [True, False])
@pytest.mark.parametrize("place", [Mode.MUTE], indirect=True)
def test_whoever_goes_away_frees_the_model(place: Place, streamed: bool) -> None:
    body = {"document": place.document, "stream": streamed}
    with serving(place.company) as url:
        address = f"{url}/api/v1/tasks/summary"
        with requesting(address, place.company.key(), body):
            wait_for(lambda: place.stub.chats)
        wait_for(lambda: place.stub.disconnects)  # of itself the model would be silent for ever
        place.stub.stopping.set()
