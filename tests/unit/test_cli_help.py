"""Every command explains itself, in the console's language, without loading what it may use."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

COMMANDS = [
    "serve",
    "work",
    "ingest",
    "reindex",
    "search",
    "why",
    "ask",
    "eval",
    "feedback",
    "doctor",
    "pull",
    "reset",
    "version",
    "sources",
    "keys",
    "models",
]
WITH_JSON = [
    ["ingest"],
    ["reindex"],
    ["search"],
    ["why"],
    ["eval"],
    ["feedback", "list"],
    ["feedback", "accept"],
    ["feedback", "drop"],
    ["feedback", "forget"],
    ["models", "list"],
    ["models", "show"],
    ["models", "check"],
    ["models", "warm"],
    ["ask"],
    ["doctor"],
    ["reset"],
    ["version"],
    ["sources", "list"],
    ["sources", "remove"],
    ["keys", "create"],
    ["keys", "list"],
    ["keys", "revoke"],
    ["keys", "link"],
]


def run(*arguments: str, language: str = "en", home: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "KURA_LANGUAGE": language, "KURA_HOME": str(home)}
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=environment,
        check=False,
    )


def test_the_program_lists_every_command_in_both_languages(tmp_path: Path) -> None:
    english, japanese = (run("--help", language=name, home=tmp_path) for name in ("en", "ja"))
    assert english.returncode == japanese.returncode == 0
    for command in COMMANDS:
        assert f"\n  {command} " in english.stdout
        assert f"\n  {command} " in japanese.stdout
    assert "Start the server" in english.stdout
    assert "サーバー" in japanese.stdout


@pytest.mark.parametrize("command", WITH_JSON, ids=" ".join)
def test_a_command_that_answers_can_answer_in_json(command: list[str], tmp_path: Path) -> None:
    done = run(*command, "--help", home=tmp_path)
    assert done.returncode == 0
    assert "--json" in done.stdout


def test_help_loads_no_index_no_parser_and_no_model(tmp_path: Path) -> None:
    code = (
        "import sys, app.cli.program;"
        "heavy = {'chromadb', 'torch', 'tantivy', 'unstructured', 'fastapi', 'numpy', 'sudachipy',"
        " 'ollama', 'httpx'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    environment = {**os.environ, "KURA_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True
    )
    assert done.stdout.strip() == "[]"


def test_a_wrong_option_is_a_usage_error(tmp_path: Path) -> None:
    done = run("ingest", "--colour", "red", home=tmp_path)
    assert done.returncode == 2
    assert "--colour" in done.stderr


def test_a_wrong_setting_is_one_line_before_anything_starts(tmp_path: Path) -> None:
    home = tmp_path / "home"
    environment = {**os.environ, "KURA_HOME": str(home), "KURA_PORT": "abc", "KURA_LANGUAGE": "en"}
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", "serve"],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "The setting KURA_PORT has the value 'abc', which is not allowed."
        " Allowed: a whole number from 1 to 65535"
    ]
    assert not home.exists()
