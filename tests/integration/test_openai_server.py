"""OpenAI-compatible servers over real HTTP in each of their bad moods: what the asker gets then."""

from dataclasses import replace

import pytest
from langchain_core.messages import HumanMessage

from app.answering.answerer import Answerer
from app.answering.chat_options import ChatOptions
from app.answering.errors import (
    ModelBusy,
    ModelKeyRefused,
    ModelNotServed,
    ModelReplyBroken,
    ModelTooSlow,
    ModelUnreachable,
    PromptTooLong,
    PromptTruncated,
    ReplyCut,
)
from app.answering.model import Answer, AnswerKind, Question
from app.answering.openai_chat import OpenAIChat
from app.answering.openai_state import Program
from retrieval.model import Scope
from tests.fakes.model_server import Mode
from tests.fakes.openai_server import OpenAIStub, count_tokens
from tests.fakes.searcher import MemorySearcher, make_passage

SCOPE = Scope(frozenset({"everyone"}))
LEAVE = make_passage(
    "有給休暇は入社日に10日付与します。申請は3日前までに勤怠システムで行います。", name="就業規則"
)
TRAVEL = make_passage("出張の日当は1日3,000円です。宿泊費は実費を精算します。", name="旅費規程")
REPLY = "有給休暇は入社日に10日付与されます。[1]申請は3日前までに行います。[1]"
LONG_REPLY = REPLY + "宿泊費は実費を精算します。[2]" * 3
PATIENT = ChatOptions(connect_s=60, first_token_s=60, total_s=600, attempts=2)
QUICK = replace(PATIENT, first_token_s=0.4)  # where there is nothing to wait for
QUESTION = Question("有給休暇は何日付与されますか", SCOPE)


def ask(
    stub: OpenAIStub, *, name: str = "stub", key: str = "", options: ChatOptions = PATIENT
) -> Answer:
    model = OpenAIChat(stub.url, name, options, key)
    try:
        return Answerer(MemorySearcher([LEAVE, TRAVEL]), model).answer(QUESTION)
    finally:
        model.close()


def write(
    stub: OpenAIStub, *, name: str = "stub", prompt: str = "質問", options: ChatOptions = PATIENT
) -> str:
    model = OpenAIChat(stub.url, name, options)
    try:
        model.state()
        return "".join(model.stream([HumanMessage(prompt)], max_tokens=50))
    finally:
        model.close()


def codes(answer: Answer) -> list[str]:
    return [notice.code for notice in answer.notices]


@pytest.mark.parametrize("program", list(Program))
def test_each_program_writes_a_cited_answer(program: Program) -> None:
    with OpenAIStub(REPLY, program=program) as stub:
        answer = ask(stub)
    assert answer.kind is AnswerKind.GENERATED
    assert answer.model == "stub"
    assert answer.citations[0].quote == "有給休暇は入社日に10日付与します。"
    assert not answer.notices


@pytest.mark.parametrize(
    ("program", "window", "told"),
    [
        (Program.LLAMA_CPP, 2048, True),
        (Program.VLLM, 2048, True),
        (Program.LM_STUDIO, 2048, True),
        (Program.OTHER, 8192, False),
    ],
)
def test_the_window_is_what_the_server_was_started_with(
    program: Program, window: int, told: bool
) -> None:
    with OpenAIStub(program=program, window=2048) as stub:
        model = OpenAIChat(stub.url, "stub")
        assert model.state().usable
        assert (model.window, model.state().window_told) == (window, told)
        model.close()


@pytest.mark.parametrize("program", [Program.LLAMA_CPP, Program.VLLM])
def test_tokens_are_counted_exactly_where_the_server_counts_and_each_text_once(
    program: Program,
) -> None:
    with OpenAIStub(program=program) as stub:
        model = OpenAIChat(stub.url, "stub")
        model.state()
        text = "Paid leave は 10 日です。"
        assert [model.count_tokens(text) for _ in range(3)] == [count_tokens(text)] * 3
        assert stub.counted == 1
        model.close()


@pytest.mark.parametrize("program", [Program.LM_STUDIO, Program.OTHER])
def test_elsewhere_the_estimate_is_safely_high(program: Program) -> None:
    with OpenAIStub(program=program) as stub:
        model = OpenAIChat(stub.url, "stub")
        model.state()
        text = "Paid leave は 10 日です。"
        assert model.count_tokens(text) >= count_tokens(text)
        assert stub.counted == 0
        model.close()


def test_the_request_turns_thinking_off_only_where_that_is_understood() -> None:
    for program, understood in ((Program.VLLM, True), (Program.OTHER, False)):
        with OpenAIStub(REPLY, program=program) as stub:
            ask(stub)
            body = stub.chats[0]
        assert ("chat_template_kwargs" in body) is understood
        assert body["stream"] is True
        assert body["temperature"] == PATIENT.temperature
        assert body["top_p"] == PATIENT.top_p
        assert 0 < body["max_tokens"] <= 8192 // 3


@pytest.mark.parametrize("mode", [Mode.THINKING, Mode.THINKING_INLINE])
def test_thinking_is_never_shown(mode: Mode) -> None:
    with OpenAIStub(REPLY, mode=mode) as stub:
        assert write(stub) == REPLY
        answer = ask(stub)
    assert answer.kind is AnswerKind.GENERATED
    assert "thoughts" not in answer.text


def test_what_a_server_refuses_to_take_is_left_out_once_and_for_all() -> None:
    with OpenAIStub(REPLY, program=Program.OTHER, strict=True) as stub:
        model = OpenAIChat(stub.url, "stub", PATIENT)
        for _ in range(2):
            assert "".join(model.stream([HumanMessage("質問")], max_tokens=50)) == REPLY
        model.close()
    assert len(stub.chats) == 2
    assert stub.refused == 3  # what to leave out is remembered
    for body in stub.chats:
        assert body["max_completion_tokens"] == 50
        assert not {"max_tokens", "temperature", "top_p"} & body.keys()


def test_a_refusal_that_nothing_can_be_done_about_is_told() -> None:
    with OpenAIStub(REPLY, program=Program.OTHER, strict=True) as stub:
        model = OpenAIChat(stub.url, "stub", PATIENT)
        stub.whim = "Unsupported parameter: 'messages' must rhyme."
        with pytest.raises(ModelReplyBroken, match="must rhyme"):
            list(model.stream([HumanMessage("質問")], max_tokens=50))
        model.close()
    assert stub.refused == 1


def test_room_to_think_is_kept_out_of_the_window_and_asked_for() -> None:
    options = replace(PATIENT, thinking_tokens=3000)
    with OpenAIStub(REPLY, mode=Mode.THINKING, program=Program.VLLM) as stub:
        model = OpenAIChat(stub.url, "stub", options)
        answer = Answerer(MemorySearcher([LEAVE, TRAVEL]), model).answer(QUESTION)
        assert (model.window, model.state().thinking) == (8192 - 3000, 3000)
        with pytest.raises(PromptTooLong):
            list(model.stream([HumanMessage("有" * 5200)], max_tokens=100))
        model.close()
    assert answer.kind is AnswerKind.GENERATED
    assert "thoughts" not in answer.text
    [body] = stub.chats
    assert body["chat_template_kwargs"] == {"enable_thinking": True}
    assert 3000 < body["max_tokens"] <= 3000 + (8192 - 3000) // 3


def test_thinking_never_takes_more_than_half_of_a_small_window() -> None:
    with OpenAIStub(REPLY, window=2048) as stub:
        model = OpenAIChat(stub.url, "stub", replace(PATIENT, thinking_tokens=3000))
        assert (model.window, model.state().thinking) == (1024, 1024)
        model.close()


def test_thinking_that_the_template_began_is_found_out_and_left_out_from_then_on() -> None:
    with OpenAIStub(f"Secret thoughts about {LEAVE.chunk.text}\n</think>{REPLY}") as stub:
        model = OpenAIChat(stub.url, "stub", PATIENT)
        with pytest.raises(ModelReplyBroken, match="reasoning-parser"):
            list(model.stream([HumanMessage("質問")], max_tokens=200))
        assert "".join(model.stream([HumanMessage("質問")], max_tokens=200)) == REPLY
        model.close()


def test_an_absent_server_gives_quotations_and_says_what_to_start() -> None:
    with OpenAIStub(REPLY) as stub:
        url = stub.url
    model = OpenAIChat(url, "stub", PATIENT)
    answer = Answerer(MemorySearcher([LEAVE]), model).answer(QUESTION)
    assert answer.kind is AnswerKind.EXTRACTIVE
    assert codes(answer) == ["model-unreachable"]
    assert "KURA_CHAT_URL" in answer.notices[0].message
    with pytest.raises(ModelUnreachable):
        next(model.stream([HumanMessage("質問")], max_tokens=10))
    model.close()


def test_a_wrong_model_name_is_answered_with_the_names_there_are() -> None:
    with OpenAIStub(REPLY, models=["qwen3-8b", "gemma"]) as stub:
        answer = ask(stub, name="qwen3:8b")
        with pytest.raises(ModelNotServed):
            write(stub, name="qwen3:8b")
    assert answer.kind is AnswerKind.EXTRACTIVE
    assert codes(answer) == ["model-missing"]
    assert "qwen3-8b, gemma" in answer.notices[0].message
    assert "KURA_MODEL" in answer.notices[0].message


def test_a_server_that_wants_a_key_gets_it_and_without_one_says_where_it_belongs() -> None:
    with OpenAIStub(REPLY, key="sesame") as stub:
        assert ask(stub, key="sesame").kind is AnswerKind.GENERATED
        answer = ask(stub, key="wrong")
        with pytest.raises(ModelKeyRefused):
            write(stub)
    assert codes(answer) == ["model-key-refused"]
    assert "KURA_CHAT_KEY_FILE" in answer.notices[0].message
    assert "sesame" not in answer.notices[0].message


def test_a_server_still_loading_is_asked_again_and_one_that_stays_busy_gives_quotations() -> None:
    with OpenAIStub(REPLY, mode=Mode.BUSY_ONCE) as stub:
        assert ask(stub).kind is AnswerKind.GENERATED
        stub.mode = Mode.BUSY
        answer = ask(stub)
        with pytest.raises(ModelBusy):
            write(stub)
    assert answer.kind is AnswerKind.EXTRACTIVE
    assert codes(answer) == ["model-busy"]


@pytest.mark.parametrize(
    ("mode", "error"),
    [
        (Mode.CUT, ReplyCut),
        (Mode.ENDS_EARLY, ReplyCut),
        (Mode.MALFORMED, ModelReplyBroken),
        (Mode.ERROR_LINE, ModelReplyBroken),
    ],
)
def test_a_reply_that_breaks_keeps_its_finished_sentences_and_says_so(
    mode: Mode, error: type[Exception]
) -> None:
    with OpenAIStub(REPLY if mode is Mode.ENDS_EARLY else LONG_REPLY, mode=mode) as stub:
        answer = ask(stub)
        with pytest.raises(error):
            write(stub)
    assert answer.kind is AnswerKind.GENERATED
    assert answer.sentences[0].text == "有給休暇は入社日に10日付与されます。"
    assert codes(answer) == ["answer-cut"]


def test_a_server_that_never_writes_is_given_up_in_time() -> None:
    with OpenAIStub(REPLY, mode=Mode.SILENT) as stub:
        answer = ask(stub, options=QUICK)  # it would be silent for ever
        with pytest.raises(ModelTooSlow):
            write(stub, options=QUICK)
    assert answer.kind is AnswerKind.EXTRACTIVE
    assert codes(answer) == ["model-too-slow"]


def test_a_server_that_silently_cut_the_prompt_is_found_out() -> None:
    with OpenAIStub(REPLY, mode=Mode.TRUNCATING) as stub, pytest.raises(PromptTruncated):
        write(stub, prompt="有給休暇" * 300)


@pytest.mark.parametrize("program", [Program.VLLM, Program.LM_STUDIO])
def test_a_window_of_2048_uses_fewer_passages_and_says_how_many(program: Program) -> None:
    many = [
        make_passage(f"有給休暇の規定その{n}です。" + "説明" * 160, name=f"d{n}") for n in range(8)
    ]
    with OpenAIStub(program=program, window=2048) as stub:
        model = OpenAIChat(stub.url, "stub", PATIENT)
        answer = Answerer(MemorySearcher(many), model).answer(Question("有給休暇の規定", SCOPE))
        model.close()
    assert answer.kind is AnswerKind.GENERATED
    assert "passages-used" in codes(answer)
    assert 0 < answer.passages_used < answer.passages_found == 8
