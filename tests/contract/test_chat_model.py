"""What every chat model must do, held against the scripted one and Ollama over HTTP."""

import time
from collections.abc import Iterator

import pytest
from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from app.answering.errors import ModelUnavailable, ReplyCut
from app.answering.ollama_chat import OllamaChat
from app.answering.ports import ChatModel
from tests.fakes.chat_model import ScriptedChat
from tests.fakes.ollama_server import Mode, OllamaStub

REPLY = "有給休暇は10日です。[1] You get ten days. [2]"
PROMPT: list[BaseMessage] = [SystemMessage("規則を守ります。"), HumanMessage("How many days?")]


class Case:
    """A model, and how to see that a closed stream reached it."""

    def __init__(self, model: ChatModel, failing: ChatModel, stub: OllamaStub | None) -> None:
        self.model = model
        self.failing = failing
        self._stub = stub

    def closed_early(self) -> int:
        if isinstance(self.model, ScriptedChat):
            return self.model.closed_early
        assert self._stub is not None
        until = time.monotonic() + 3
        while not self._stub.disconnects and time.monotonic() < until:
            time.sleep(0.02)
        return self._stub.disconnects


@pytest.fixture(params=["scripted", "ollama"])
def case(request: pytest.FixtureRequest) -> Iterator[Case]:
    if request.param == "scripted":
        cut = ReplyCut(model="scripted", reason="test")
        yield Case(ScriptedChat(REPLY), ScriptedChat(REPLY, fails_after=2, failure=cut), None)
        return
    with OllamaStub(REPLY, mode=Mode.SLOW) as stub, OllamaStub(REPLY, mode=Mode.CUT) as broken:
        model, failing = OllamaChat(stub.url, "stub"), OllamaChat(broken.url, "stub")
        yield Case(model, failing, stub)
        model.close()
        failing.close()


def test_a_reply_arrives_whole_and_in_several_pieces(case: Case) -> None:
    pieces = list(case.model.stream(PROMPT, max_tokens=100))
    assert "".join(pieces) == REPLY
    assert len(pieces) > 3


def test_closing_the_stream_reaches_the_model(case: Case) -> None:
    stream = case.model.stream(PROMPT, max_tokens=100)
    next(stream)
    stream.close()
    assert case.closed_early() == 1


def test_a_failure_half_way_comes_after_the_pieces_before_it(case: Case) -> None:
    pieces: list[str] = []
    with pytest.raises(ModelUnavailable):
        pieces.extend(case.failing.stream(PROMPT, max_tokens=100))
    assert pieces
    assert REPLY.startswith("".join(pieces))


def test_a_usable_model_knows_its_name_and_window(case: Case) -> None:
    state = case.model.state()
    assert state.usable
    assert state.window == case.model.window > 0
    assert case.model.name


@pytest.mark.parametrize("text", ["", "a", "有給休暇", "12345", "Hello, world!", "🙂"])
def test_counting_tokens_never_falls_below_one_a_character_of_kanji_or_digits(
    case: Case, text: str
) -> None:
    dense = sum(character.isdigit() or character > "\u3400" for character in text)
    assert case.model.count_tokens(text) >= dense
    assert (case.model.count_tokens(text) == 0) == (text == "")
