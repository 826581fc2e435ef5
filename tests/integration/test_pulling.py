"""`kura pull` against a stub of Ollama: it fetches, says why it could not, and never pretends."""

import subprocess
import sys

import pytest

from app.cli.pulling import PullFailed, fetch_model
from tests.fakes.model_server import Mode
from tests.fakes.ollama_server import OllamaStub

MODEL = "qwen3:8b"


def test_a_model_is_there_after_the_pull() -> None:
    with OllamaStub(models=(), library=(MODEL,)) as stub:
        steps = list(fetch_model(stub.url, MODEL))
        assert stub.models == (MODEL,)
    assert ("sha256:8eeb52dfb3bb", 200, 100) in steps
    assert steps[-1][0] == "success"


def test_a_model_that_does_not_exist_is_named_with_the_reason() -> None:
    with (
        OllamaStub(models=(), library=(MODEL,)) as stub,
        pytest.raises(PullFailed, match=r"qwen9.*does not exist"),
    ):
        list(fetch_model(stub.url, "qwen9"))


def test_a_pull_that_ends_before_success_is_not_taken_for_one() -> None:
    with (
        OllamaStub(models=(), library=(MODEL,), mode=Mode.ENDS_EARLY) as stub,
        pytest.raises(PullFailed, match="8eeb52dfb3bb"),
    ):
        list(fetch_model(stub.url, MODEL))


def test_a_server_that_is_not_there_is_one_line_and_status_1() -> None:
    with OllamaStub() as stub:
        url = stub.url
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", "pull", MODEL],
        capture_output=True,
        text=True,
        env={"KURA_CHAT_URL": url, "KURA_LANGUAGE": "en", "PATH": ""},
        check=False,
    )
    assert done.returncode == 1
    assert url in done.stderr
    assert "Traceback" not in done.stderr
