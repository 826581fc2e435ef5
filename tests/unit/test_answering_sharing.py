"""Many askers, one model: what each of them gets while it is busy, full or failing."""

import threading
import time
from collections.abc import Generator, Sequence

from langchain_core.messages import BaseMessage

from app.answering.answerer import Answerer, Options
from app.answering.errors import ModelReplyBroken, ModelUnreachable, ReplyTooLong
from app.answering.model import (
    Answer,
    AnswerKind,
    Event,
    Finished,
    Question,
    Queued,
    SentenceReady,
)
from app.answering.queueing import Line
from app.answering.sharing import SharedChat
from app.answering.tripping import Breaker
from retrieval.model import Scope
from tests.fakes.chat_model import ScriptedChat
from tests.fakes.searcher import MemorySearcher, make_passage
from tests.patience import PATIENCE_S

LEAVE = make_passage("有給休暇は入社日に10日付与します。", name="就業規則")
REPLY = "有給休暇は入社日に10日付与されます。[1]"


def ask_as(user: str) -> Question:
    principals = frozenset({"everyone", f"user:{user}"})
    return Question("有給休暇は何日付与されますか", Scope(principals))


class HeldChat(ScriptedChat):
    """Says nothing until it is let go."""

    def __init__(self) -> None:
        super().__init__(REPLY)
        self.go = threading.Event()

    def stream(self, messages: Sequence[BaseMessage], *, max_tokens: int) -> Generator[str]:
        while not self.go.wait(0.01):
            yield ""
        yield from super().stream(messages, max_tokens=max_tokens)


def share(model: ScriptedChat, *, waiting: int = 5, patience_s: float = PATIENCE_S) -> SharedChat:
    return SharedChat(model, Line(1, waiting, patience_s), Breaker(failures=2, rest_s=600))


def occupy(answerer: Answerer, user: str) -> Generator[Event]:
    """Begins a question that is at the model."""
    events = answerer.stream(ask_as(user))
    next(events)
    next(events)
    return events


def last(events: Generator[Event]) -> Answer:
    return next(event.answer for event in events if isinstance(event, Finished))


def codes(answer: Answer) -> list[str]:
    return [notice.code for notice in answer.notices]


def test_a_waiting_asker_is_told_the_position_until_the_turn_comes() -> None:
    model = HeldChat()
    answerer = Answerer(MemorySearcher([LEAVE]), share(model))
    before = occupy(answerer, "hanako")
    after = answerer.stream(ask_as("taro"))
    next(after)
    assert next(after) == Queued(1)
    assert answerer.model_state().waiting == 1
    model.go.set()
    assert last(before).kind is AnswerKind.GENERATED
    rest = list(after)
    assert rest[0] == Queued(0)
    assert any(isinstance(event, SentenceReady) for event in rest)
    assert answerer.model_state().waiting == 0


def test_whoever_goes_away_while_waiting_is_no_longer_before_the_others() -> None:
    model = HeldChat()
    answerer = Answerer(MemorySearcher([LEAVE]), share(model))
    before = occupy(answerer, "hanako")
    leaving, staying = (answerer.stream(ask_as(user)) for user in ("taro", "jiro"))
    for events, position in ((leaving, 1), (staying, 2)):
        next(events)
        assert next(events) == Queued(position)
    leaving.close()
    assert next(staying) == Queued(1)
    before.close()
    assert next(staying) == Queued(0)
    staying.close()


def test_a_full_queue_answers_at_once_with_quotations_and_says_why() -> None:
    model = HeldChat()
    answerer = Answerer(MemorySearcher([LEAVE]), share(model, waiting=1))
    before = occupy(answerer, "hanako")
    waiting = answerer.stream(ask_as("taro"))
    next(waiting)
    next(waiting)
    answer = answerer.answer(ask_as("jiro"))  # the model is held: waiting would have no end
    assert answer.kind is AnswerKind.EXTRACTIVE
    assert answer.citations
    assert codes(answer) == ["model-queue-full"]
    waiting.close()
    before.close()


def test_a_turn_that_does_not_come_ends_in_quotations() -> None:
    answerer = Answerer(MemorySearcher([LEAVE]), share(HeldChat(), patience_s=0.2))
    before = occupy(answerer, "hanako")
    answer = answerer.answer(ask_as("taro"))
    assert answer.kind is AnswerKind.EXTRACTIVE
    assert codes(answer) == ["model-queue-slow"]
    before.close()


def test_waiting_does_not_use_up_the_time_for_the_answer() -> None:
    model = HeldChat()
    answerer = Answerer(MemorySearcher([LEAVE]), share(model), Options(deadline_s=3.0))
    before = occupy(answerer, "hanako")
    after = answerer.stream(ask_as("taro"))
    next(after)
    next(after)
    time.sleep(3.1)
    before.close()
    model.go.set()
    assert last(after).kind is AnswerKind.GENERATED


def test_a_model_that_keeps_failing_is_left_alone_and_the_state_says_so() -> None:
    broken = ModelReplyBroken(model="scripted", reason="test")
    model = ScriptedChat("", fails_after=0, failure=broken)
    answerer = Answerer(MemorySearcher([LEAVE]), share(model))
    for _ in range(2):
        assert codes(answerer.answer(ask_as("hanako"))) == ["model-reply-broken"]
    answer = answerer.answer(ask_as("hanako"))
    assert len(model.prompts) == 2
    assert answer.kind is AnswerKind.EXTRACTIVE
    assert codes(answer) == ["model-resting"]
    state = answerer.model_state()
    assert not state.usable
    assert 0 < state.resting_s <= 600
    assert state.remedy is not None


def test_a_model_that_stays_silent_counts_as_failing() -> None:
    answerer = Answerer(MemorySearcher([LEAVE]), share(HeldChat()), Options(deadline_s=0.1))
    for _ in range(2):
        assert codes(answerer.answer(ask_as("hanako"))) == ["model-too-slow"]
    assert answerer.model_state().resting_s


def test_a_server_that_is_gone_need_not_rest_once_it_is_back() -> None:
    gone = ModelUnreachable(model="scripted", host="test")
    shared = share(ScriptedChat("", fails_after=0, failure=gone))
    for _ in range(3):
        answer = Answerer(MemorySearcher([LEAVE]), shared).answer(ask_as("hanako"))
        assert codes(answer) == ["model-unreachable"]
    assert shared.state().usable


def test_askers_who_go_away_and_replies_that_grow_too_long_are_no_failures() -> None:
    long = ReplyTooLong(model="scripted", reason="test")
    shared = share(ScriptedChat(REPLY, fails_after=3, failure=long))
    silent = share(HeldChat())
    for _ in range(3):
        Answerer(MemorySearcher([LEAVE]), shared).answer(ask_as("hanako"))
        occupy(Answerer(MemorySearcher([LEAVE]), silent), "hanako").close()
    assert shared.state().usable
    assert silent.state().usable
