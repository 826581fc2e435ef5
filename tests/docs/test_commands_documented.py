"""The manual's page on commands is what the code says, in both languages."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def write_page(language: str) -> str:
    return subprocess.run(
        [sys.executable, "-m", "app.cli", "document-commands"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "KURA_LANGUAGE": language},
        check=True,
    ).stdout


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_commands_page_is_the_one_the_code_writes(language: str) -> None:
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert write_page(language) in page


def test_the_commands_page_holds_nothing_else() -> None:
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert page == write_page("ja") + "\n" + write_page("en")
