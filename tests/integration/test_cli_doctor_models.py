"""What `kura doctor` says of the chat model: server, model, window, and whether text leaves."""

from pathlib import Path

import pytest
from langchain_core.messages import HumanMessage

from app.answering.openai_state import Program
from app.answering.presets import SUGGESTED
from app.bootstrap import build_chat_model
from app.cli.examining_models import check_model, check_presets
from app.settings import Settings
from tests.fakes.api_server import serving
from tests.fakes.ollama_server import OllamaStub
from tests.fakes.openai_server import OpenAIStub
from tests.fakes.services import open_company


def test_a_sound_model_is_named_with_its_window() -> None:
    with OllamaStub(models=["qwen3:8b"]) as stub:
        finding = check_model(Settings(chat_url=stub.url))
    assert finding.status == "ok"
    assert "qwen3:8b" in finding.message
    assert "8192" in finding.message


def test_a_smaller_window_than_asked_for_is_told() -> None:
    with OpenAIStub(window=2048) as stub:
        finding = check_model(Settings(chat_url=stub.url))
    assert finding.status == "ok"
    assert "2048" in finding.message
    assert "KURA_NUM_CTX" in finding.message


def test_room_to_think_is_told_and_is_no_shortage() -> None:
    with OllamaStub(models=["qwen3:8b"]) as stub:
        finding = check_model(Settings(chat_url=stub.url, thinking_tokens=2000))
    assert finding.status == "ok"
    assert "6192" in finding.message
    assert "2000" in finding.message
    assert "KURA_NUM_CTX" not in finding.message


def test_a_window_nobody_tells_is_a_warning_with_the_setting_to_look_at() -> None:
    with OpenAIStub(program=Program.OTHER) as stub:
        finding = check_model(Settings(chat_url=stub.url))
    assert finding.status == "warn"
    assert "KURA_NUM_CTX" in finding.remedy


@pytest.mark.parametrize(
    ("models", "wanted", "pulled"), [((), "", SUGGESTED), (("other",), "qwen3:8b", "qwen3:8b")]
)
def test_a_missing_model_comes_with_the_command_that_pulls_it(
    models: tuple[str, ...], wanted: str, pulled: str
) -> None:
    with OllamaStub(models=models) as stub:
        finding = check_model(Settings(chat_url=stub.url, model=wanted))
    assert finding.status == "warn"
    assert "model-missing" in finding.message
    assert f"ollama pull {pulled}" in finding.remedy


def test_text_that_leaves_is_a_warning_also_when_it_is_allowed() -> None:
    with OllamaStub(remote_host="https://ollama.com") as stub:
        named = {"chat_url": stub.url, "model": "stub"}
        allowed = check_model(Settings(**named, allow_cloud=True))
        refused = check_model(Settings(**named))
    assert [allowed.status, refused.status] == ["warn", "warn"]
    assert "ollama.com" in allowed.message
    assert "KURA_ALLOW_CLOUD=false" in allowed.remedy
    assert "KURA_ALLOW_CLOUD=true" in refused.remedy


def test_the_models_that_fit_are_named_with_a_command() -> None:
    finding = check_presets(Settings())
    assert "kura pull" in finding.remedy or finding.status == "warn"
    assert "GiB" in finding.message
    tight = check_presets(Settings(num_ctx=262_144))
    assert tight.message != finding.message


def test_the_settings_reach_the_model() -> None:
    with OllamaStub("10日です。") as stub:
        chosen = {"temperature": 0.7, "top_p": 0.5, "keep_alive": "2h", "num_ctx": 4096}
        model = build_chat_model(Settings(chat_url=stub.url, **chosen))
        list(model.stream([HumanMessage("質問")], max_tokens=50))
        model.close()
        body = stub.chats[0]
    assert body["keep_alive"] == "2h"
    assert body["options"] == {
        "num_ctx": 4096,
        "num_predict": 50,
        "temperature": 0.7,
        "top_p": 0.5,
    }


def test_a_model_that_a_running_server_leaves_alone_is_told(tmp_path: Path) -> None:
    company = open_company(tmp_path, model_rest=lambda: 17)
    with serving(company) as url, OllamaStub() as stub:
        port = int(url.rpartition(":")[2])
        finding = check_model(Settings(chat_url=stub.url, port=port))
        assert finding.status == "warn"
        assert "17" in finding.message
    company.catalog.close()
