"""What answers at the configured address is found out; what is outside is asked only if allowed."""

from pathlib import Path

import pytest
from langchain_core.messages import HumanMessage

from app.answering.answerer import Answerer
from app.answering.chat_options import ChatOptions
from app.answering.errors import CloudRefused
from app.answering.model import AnswerKind, Question
from app.answering.openai_state import Program
from app.answering.presets import SUGGESTED
from app.bootstrap import build_chat_model
from app.picking_model import PickedChat, Place, read_key
from app.settings import Settings, WrongSetting
from retrieval.errors import Language
from retrieval.model import Scope
from tests.fakes.ollama_server import OllamaStub
from tests.fakes.openai_server import OpenAIStub
from tests.fakes.searcher import MemorySearcher, make_passage
from tests.patience import reserved_port, wait_for

PATIENT = ChatOptions(connect_s=60, first_token_s=60, total_s=600, attempts=1)
LEAVE = make_passage("有給休暇は入社日に10日付与します。", name="就業規則")
QUESTION = Question("有給休暇は何日付与されますか", Scope(frozenset({"everyone"})))


def pick(url: str, model: str = "", **place: object) -> PickedChat:
    return PickedChat(Place(url, model, **place), PATIENT)


def write(model: PickedChat) -> str:
    return "".join(model.stream([HumanMessage("質問")], max_tokens=50))


def test_ollama_is_recognised() -> None:
    with OllamaStub("10日です。") as stub:
        model = pick(stub.url)
        assert model.state().usable
        assert model.name == "stub:latest"
        assert write(model) == "10日です。"
        model.close()


@pytest.mark.parametrize("program", list(Program))
@pytest.mark.parametrize("path", ["", "/v1", "/v1/"])
def test_servers_like_openais_are_recognised_with_and_without_the_path(
    program: Program, path: str
) -> None:
    with OpenAIStub("10日です。", program=program, models=["embedder-embed", "stub"]) as stub:
        model = pick(stub.url + path)
        assert model.state().usable
        assert model.name == "stub"
        assert write(model) == "10日です。"
        model.close()


def test_a_known_model_is_preferred_to_the_first_one() -> None:
    with OllamaStub(models=["experiment:latest", "qwen3:8b", "other:7b"]) as stub:
        model = pick(stub.url)
        model.state()
        assert model.name == "qwen3:8b"
        model.close()


def test_a_named_model_is_taken_whatever_else_is_there() -> None:
    with OllamaStub(models=["experiment:latest", "qwen3:8b"]) as stub:
        model = pick(stub.url, "experiment")
        assert model.state().usable
        assert model.name == "experiment"
        model.close()


def test_a_server_without_models_is_told_which_one_to_pull() -> None:
    with OllamaStub(models=[]) as stub:
        model = pick(stub.url)
        state = model.state()
        assert state.remedy is not None
        assert f"ollama pull {SUGGESTED}" in state.remedy.en
        model.close()


def test_another_kind_of_server_at_the_same_address_is_noticed() -> None:
    with reserved_port() as port:
        with OllamaStub(port=port) as stub:
            url = stub.url
        model = pick(url)
        assert not model.state().connected
        with OpenAIStub("10日です。", port=port):
            wait_for(lambda: model.state().usable)
            model.close()


def test_a_public_address_is_refused_and_says_how_to_allow_it() -> None:
    model = pick("https://8.8.8.8", "gpt")
    state = model.state()
    assert not state.usable
    assert state.reason_code == "cloud-refused"
    assert state.remedy is not None
    assert "KURA_ALLOW_CLOUD=true" in state.remedy.en
    with pytest.raises(CloudRefused, match=r"8\.8\.8\.8"):
        write(model)
    answer = Answerer(MemorySearcher([LEAVE]), model).answer(QUESTION)
    assert answer.kind is AnswerKind.EXTRACTIVE
    model.close()


def test_an_ollama_that_passes_questions_on_to_a_cloud_is_a_cloud() -> None:
    with OllamaStub("10日です。[1]", remote_host="https://ollama.com:443") as stub:
        model = pick(stub.url, "stub")
        assert model.state().reason_code == "cloud-refused"
        with pytest.raises(CloudRefused, match=r"ollama\.com"):
            write(model)
        assert not stub.chats
        model.close()


def test_a_cloud_model_is_never_picked_by_itself() -> None:
    with OllamaStub(models=["gpt-oss:120b-cloud", "experiment:latest"]) as stub:
        model = pick(stub.url)
        assert model.state().usable
        assert model.name == "experiment:latest"
        model.close()


@pytest.mark.parametrize(
    ("language", "told"), [("ja", "社外の ollama.com"), ("en", "outside your network")]
)
def test_every_answer_of_an_allowed_cloud_model_names_it_and_says_that_text_left(
    language: Language, told: str
) -> None:
    reply = "有給休暇は入社日に10日付与します。[1]"
    with OllamaStub(reply, remote_host="https://ollama.com:443") as stub:
        model = pick(stub.url, "stub", allow_cloud=True)
        assert model.state().provider == "ollama.com"
        answer = Answerer(MemorySearcher([LEAVE]), model).answer(
            Question(QUESTION.text, QUESTION.scope, language=language)
        )
        model.close()
    assert answer.kind is AnswerKind.GENERATED
    assert answer.model == "ollama.com: stub"
    notice = next(notice for notice in answer.notices if notice.code == "sent-outside")
    assert told in notice.message


def test_the_key_comes_from_its_file_and_an_unusable_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "key"
    with pytest.raises(WrongSetting, match="KURA_CHAT_KEY_FILE"):
        read_key(file)
    file.write_text("\n", encoding="utf-8")
    with pytest.raises(WrongSetting):
        read_key(file)
    file.write_text("sesame\n", encoding="utf-8")
    with OpenAIStub("10日です。", key="sesame") as stub:
        model = build_chat_model(Settings(chat_url=stub.url, chat_key_file=file))
        assert model.state().usable
        model.close()
