"""What every chat model must do, held against the scripted one and both adapters over HTTP."""

from collections.abc import Iterator

import pytest
from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from app.answering.errors import ModelUnavailable, PromptTooLong, ReplyCut
from app.answering.ollama_chat import OllamaChat
from app.answering.openai_chat import OpenAIChat
from app.answering.openai_state import Program
from app.answering.ports import ChatModel
from app.answering.queueing import Line
from app.answering.sharing import SharedChat
from app.answering.tripping import Breaker
from tests.fakes.chat_model import ScriptedChat
from tests.fakes.model_server import Mode
from tests.fakes.ollama_server import OllamaStub
from tests.fakes.openai_server import OpenAIStub
from tests.patience import PATIENCE_S, wait_for

REPLY = "有給休暇は10日です。[1] You get ten days. [2]"
PROMPT: list[BaseMessage] = [SystemMessage("規則を守ります。"), HumanMessage("How many days?")]


class Case:
    """A model, and how to see that a closed stream reached it."""

    def __init__(
        self, model: ChatModel, failing: ChatModel, watched: ScriptedChat | OllamaStub | OpenAIStub
    ) -> None:
        self.model = model
        self.failing = failing
        self.watched = watched

    def closed_early(self) -> int:
        if isinstance(self.watched, ScriptedChat):
            return self.watched.closed_early
        wait_for(lambda: self.watched.disconnects)
        return self.watched.disconnects


def script(*, shared: bool) -> Case:
    cut = ReplyCut(model="scripted", reason="test")
    model, failing = ScriptedChat(REPLY), ScriptedChat(REPLY, fails_after=2, failure=cut)
    if not shared:
        return Case(model, failing, model)
    line = Line(parallel=1, most_waiting=4, patience_s=PATIENCE_S)
    return Case(SharedChat(model, line, Breaker()), SharedChat(failing, line, Breaker()), model)


@pytest.fixture(params=["scripted", "shared", "ollama", *Program])
def case(request: pytest.FixtureRequest) -> Iterator[Case]:
    if request.param in {"scripted", "shared"}:
        yield script(shared=request.param == "shared")
        return
    if request.param == "ollama":
        with OllamaStub(REPLY) as stub, OllamaStub(REPLY, mode=Mode.CUT) as broken:
            model, failing = OllamaChat(stub.url, "stub"), OllamaChat(broken.url, "stub")
            yield Case(model, failing, stub)
            model.close()
            failing.close()
        return
    with (
        OpenAIStub(REPLY, program=request.param) as served,
        OpenAIStub(REPLY, mode=Mode.CUT, program=request.param) as cut,
    ):
        first, second = OpenAIChat(served.url, "stub"), OpenAIChat(cut.url, "stub")
        yield Case(first, second, served)
        first.close()
        second.close()


def test_a_reply_arrives_whole_and_in_several_pieces(case: Case) -> None:
    pieces = list(case.model.stream(PROMPT, max_tokens=100))
    assert "".join(pieces) == REPLY
    assert len(pieces) > 3


def test_closing_the_stream_reaches_the_model(case: Case) -> None:
    if not isinstance(case.watched, ScriptedChat):
        case.watched.mode = Mode.STALLED
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


def test_what_cannot_fit_the_window_is_refused_before_anything_is_sent(case: Case) -> None:
    if isinstance(case.watched, ScriptedChat):
        pytest.skip("a script has no window to exceed")
    with pytest.raises(PromptTooLong):
        list(case.model.stream([HumanMessage("有給休暇" * 4000)], max_tokens=100))
    assert not case.watched.chats
