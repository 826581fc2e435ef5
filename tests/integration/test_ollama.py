"""Ollama over real HTTP in each of its bad moods: what the asker gets then."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from langchain_core.messages import HumanMessage

from app.answering.answerer import Answerer, Options
from app.answering.chat_options import ChatOptions
from app.answering.errors import (
    ModelBusy,
    ModelMissing,
    ModelReplyBroken,
    ModelTooSlow,
    ModelUnreachable,
    PromptTooLong,
    PromptTruncated,
    ReplyCut,
)
from app.answering.model import Answer, AnswerKind, Found, Question, SentenceReady
from app.answering.ollama_chat import OllamaChat
from retrieval.model import Scope
from tests.fakes.model_server import Mode
from tests.fakes.ollama_server import OllamaStub
from tests.fakes.searcher import MemorySearcher, make_passage
from tests.patience import wait_for

SCOPE = Scope(frozenset({"everyone"}))
LEAVE = make_passage(
    "有給休暇は入社日に10日付与します。申請は3日前までに勤怠システムで行います。", name="就業規則"
)
TRAVEL = make_passage("出張の日当は1日3,000円です。宿泊費は実費を精算します。", name="旅費規程")
REPLY = "有給休暇は入社日に10日付与されます。[1]申請は3日前までに行います。[1]"
PATIENT = ChatOptions(connect_s=60, first_token_s=60, total_s=600, attempts=2)
QUICK = replace(PATIENT, first_token_s=0.4)  # where there is nothing to wait for
PROMPT = [HumanMessage("有給休暇は何日ですか")]


def ask(
    stub: OllamaStub,
    *,
    text: str = "有給休暇は何日付与されますか",
    name: str = "stub",
    options: ChatOptions = PATIENT,
) -> Answer:
    model = OllamaChat(stub.url, name, options)
    try:
        return Answerer(MemorySearcher([LEAVE, TRAVEL]), model).answer(Question(text, SCOPE))
    finally:
        model.close()


def fail(
    stub: OllamaStub, *, name: str = "stub", prompt: str = "質問", options: ChatOptions = PATIENT
) -> Callable[[], str]:
    def run() -> str:
        model = OllamaChat(stub.url, name, options)
        try:
            return "".join(model.stream([HumanMessage(prompt)], max_tokens=50))
        finally:
            model.close()

    return run


def codes(answer: Answer) -> list[str]:
    return [notice.code for notice in answer.notices]


def test_a_written_answer_cites_the_exact_words() -> None:
    with OllamaStub(REPLY) as stub:
        answer = ask(stub)
    assert answer.kind is AnswerKind.GENERATED
    assert answer.model == "stub"
    assert [s.text for s in answer.sentences] == [
        "有給休暇は入社日に10日付与されます。",
        "申請は3日前までに行います。",
    ]
    for citation in answer.citations:
        assert LEAVE.chunk.text[citation.start : citation.end] == citation.quote
    assert answer.citations[0].quote == "有給休暇は入社日に10日付与します。"
    assert not answer.notices


def test_the_request_says_all_that_keeps_ollama_honest() -> None:
    with OllamaStub(REPLY, window=4096) as stub:
        ask(stub)
        body = stub.chats[0]
    assert body["truncate"] is False
    assert body["shift"] is False
    assert body["think"] is False
    assert body["options"]["num_ctx"] == 4096
    assert 0 < body["options"]["num_predict"] <= 4096 // 3
    assert body["keep_alive"]


def test_one_num_ctx_is_used_for_long_and_short_questions() -> None:
    with OllamaStub(REPLY) as stub:
        ask(stub)
        ask(stub, text="有給休暇について教えてください。" * 40)
        assert len({body["options"]["num_ctx"] for body in stub.chats}) == 1


def test_an_absent_server_gives_quotations_and_says_how_to_start_it() -> None:
    with OllamaStub(REPLY) as stub:
        url = stub.url
    model = OllamaChat(url, "stub", PATIENT)
    answer = Answerer(MemorySearcher([LEAVE]), model).answer(
        Question("有給休暇は何日付与されますか", SCOPE)
    )
    assert answer.kind is AnswerKind.EXTRACTIVE
    assert "有給休暇は入社日に10日付与します。" in [s.text for s in answer.sentences]
    assert codes(answer) == ["model-unreachable"]
    assert "ollama serve" in answer.notices[0].message
    with pytest.raises(ModelUnreachable):
        next(model.stream(PROMPT, max_tokens=10))
    model.close()


def test_a_server_that_appears_later_is_noticed() -> None:
    with OllamaStub(REPLY, models=[]) as stub:
        model = OllamaChat(stub.url, "stub", PATIENT)
        assert not model.state().usable
        stub.models = ("stub:latest",)
        wait_for(lambda: model.state().usable)
        model.close()


def test_a_missing_model_says_what_to_pull() -> None:
    with OllamaStub(REPLY, models=["other:latest"]) as stub:
        answer = ask(stub, name="elyza:8b", text="How many days of 有給休暇 do I get?")
        with pytest.raises(ModelMissing, match="ollama pull elyza:8b"):
            fail(stub, name="elyza:8b")()
    assert answer.kind is AnswerKind.EXTRACTIVE
    assert answer.language == "en"
    assert "ollama pull elyza:8b" in answer.notices[0].message


def test_a_busy_server_is_asked_again_once_it_is_free() -> None:
    with OllamaStub(REPLY, mode=Mode.BUSY_ONCE) as stub:
        answer = ask(stub)
        assert len(stub.chats) == 2
    assert answer.kind is AnswerKind.GENERATED


def test_a_server_that_stays_busy_gives_quotations() -> None:
    with OllamaStub(REPLY, mode=Mode.BUSY) as stub:
        answer = ask(stub)
        with pytest.raises(ModelBusy):
            fail(stub)()
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
    reply = REPLY + ("宿泊費は" if mode is Mode.ENDS_EARLY else "宿泊費は実費を精算します。[2]" * 3)
    with OllamaStub(reply, mode=mode) as stub:
        answer = ask(stub)
        with pytest.raises(error):
            fail(stub)()
    assert answer.kind is AnswerKind.GENERATED
    assert answer.sentences[0].text == "有給休暇は入社日に10日付与されます。"
    assert not any(s.text.startswith("宿泊費は") and s.text[-1] != "。" for s in answer.sentences)
    assert codes(answer) == ["answer-cut"]


def test_a_reply_that_breaks_before_its_first_sentence_becomes_quotations() -> None:
    with OllamaStub("有給休暇は入社日に10日付与されます。[1]", mode=Mode.CUT) as stub:
        answer = ask(stub)
    assert answer.kind is AnswerKind.EXTRACTIVE
    assert answer.citations
    assert codes(answer) == ["reply-cut"]


def test_a_server_that_never_writes_is_given_up_in_time() -> None:
    with OllamaStub(REPLY, mode=Mode.SILENT) as stub:
        answer = ask(stub, options=QUICK)  # it would be silent for ever
        with pytest.raises(ModelTooSlow):
            fail(stub, options=QUICK)()
    assert answer.kind is AnswerKind.EXTRACTIVE
    assert codes(answer) == ["model-too-slow"]


def test_a_whole_reply_has_a_deadline_of_its_own() -> None:
    with OllamaStub(REPLY * 5, mode=Mode.STALLED) as stub:
        model = OllamaChat(stub.url, "stub", PATIENT)
        answerer = Answerer(MemorySearcher([LEAVE]), model, Options(deadline_s=3))
        answer = answerer.answer(Question("有給休暇は何日付与されますか", SCOPE))
        model.close()
    assert codes(answer) == ["answer-cut"]
    assert answer.sentences


@pytest.mark.parametrize("mode", [Mode.THINKING, Mode.THINKING_INLINE])
def test_thinking_is_never_shown(mode: Mode) -> None:
    with OllamaStub(REPLY, mode=mode) as stub:
        answer = ask(stub)
        assert fail(stub)() == REPLY
    assert answer.kind is AnswerKind.GENERATED
    assert "thoughts" not in answer.text


def test_thinking_that_is_asked_for_has_room_of_its_own_and_is_not_shown() -> None:
    options = replace(PATIENT, thinking_tokens=2000)
    with OllamaStub(REPLY, mode=Mode.THINKING) as stub:
        model = OllamaChat(stub.url, "stub", options)
        answerer = Answerer(MemorySearcher([LEAVE, TRAVEL]), model, Options(max_tokens=500))
        answer = answerer.answer(Question("有給休暇は何日付与されますか", SCOPE))
        assert (model.window, model.state().thinking) == (8192 - 2000, 2000)
        model.close()
    assert answer.text.startswith("有給休暇は入社日に10日")
    [body] = stub.chats
    assert body["think"] is True
    assert (body["options"]["num_ctx"], body["options"]["num_predict"]) == (8192, 2500)


def test_a_model_that_cannot_think_is_asked_to_only_once() -> None:
    with OllamaStub(REPLY, thinks=False) as stub:
        model = OllamaChat(stub.url, "stub", replace(PATIENT, thinking_tokens=2000))
        replies = ["".join(model.stream(PROMPT, max_tokens=50)) for _ in range(2)]
        model.close()
    assert replies == [REPLY, REPLY]
    assert [("think" in body) for body in stub.chats] == [False, False]


def test_a_server_that_silently_cut_the_prompt_is_found_out_and_the_reader_told() -> None:
    many = [make_passage(f"有給休暇の規定その{n}。" + "あ" * 380, name=f"d{n}") for n in range(12)]
    with OllamaStub("有給休暇の規定その1。[1]", mode=Mode.TRUNCATING, window=2048) as stub:
        with pytest.raises(PromptTruncated):
            fail(stub, prompt="有給休暇" * 240)()
        model = OllamaChat(stub.url, "stub", PATIENT)
        answerer = Answerer(MemorySearcher(many), model)
        answer = answerer.answer(Question("有給休暇の規定", SCOPE))
        model.close()
    assert "prompt-truncated" in codes(answer)
    assert answer.sentences


def test_a_prompt_beyond_the_window_is_refused_before_it_is_sent() -> None:
    with OllamaStub(REPLY, window=2048) as stub:
        with pytest.raises(PromptTooLong):
            fail(stub, prompt="有給休暇" * 3000)()
        assert not stub.chats


def test_a_small_window_uses_fewer_passages_and_says_how_many() -> None:
    many = [
        make_passage(f"有給休暇の規定その{n}です。" + "説明" * 90, name=f"d{n}") for n in range(8)
    ]
    with OllamaStub(window=2048) as stub:
        model = OllamaChat(stub.url, "stub", PATIENT)
        answerer = Answerer(MemorySearcher(many), model)
        answer = answerer.answer(Question("有給休暇の規定", SCOPE))
        model.close()
        sent = stub.chats[0]["messages"][-1]["content"]
    assert answer.kind is AnswerKind.GENERATED
    assert "passages-used" in codes(answer)
    assert 0 < answer.passages_used < answer.passages_found == 8
    assert sent.count("<source ") == answer.passages_used


def test_passages_are_told_before_the_model_says_anything_and_closing_hangs_up() -> None:
    with OllamaStub(REPLY * 3, mode=Mode.STALLED) as stub:
        model = OllamaChat(stub.url, "stub", PATIENT)
        events = Answerer(MemorySearcher([LEAVE]), model).stream(Question("有給休暇は何日", SCOPE))
        assert isinstance(next(events), Found)
        assert not stub.chats
        assert isinstance(next(events), SentenceReady)
        events.close()
        wait_for(lambda: stub.disconnects)
        assert stub.disconnects == 1
        model.close()


def test_the_stub_quotes_sources_in_the_language_of_the_question() -> None:
    english = make_passage("Employees receive ten days of leave. Apply online.", name="Leave")
    with OllamaStub() as stub:
        model = OllamaChat(stub.url, "stub", PATIENT)
        answer = Answerer(MemorySearcher([english]), model).answer(
            Question("How many days of leave do employees receive?", SCOPE)
        )
        model.close()
    assert answer.text == "Employees receive ten days of leave. [1]"
