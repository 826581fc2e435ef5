"""Commands named in messages can be typed as they stand."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHOW = "import sys; sys.argv[0] = {started!r}; from app.cli.speaking import tell; tell({line!r})"


def tell(started: Path, line: str, *, path: str, cwd: Path) -> str:
    return subprocess.run(
        [sys.executable, "-c", SHOW.format(started=str(started), line=line)],
        env={**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "KURA_HOME": str(cwd)},
        cwd=cwd,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


@pytest.mark.parametrize("line", ["Run `kura reindex`.", "「kura reindex」を実行してください。"])
def test_a_command_is_named_by_its_place_when_the_shell_does_not_find_it(
    tmp_path: Path, line: str
) -> None:
    started = tmp_path / ".venv" / "bin" / "kura"
    shown = tell(started, line, path="/nowhere", cwd=tmp_path)
    assert shown == line.replace("kura", ".venv/bin/kura") + "\n"
    elsewhere = tmp_path / "else"
    elsewhere.mkdir()
    shown = tell(started, line, path="/nowhere", cwd=elsewhere)
    assert shown == line.replace("kura", str(started)) + "\n"


def test_a_command_the_shell_finds_is_named_as_it_is(tmp_path: Path) -> None:
    started = tmp_path / "bin" / "kura"
    started.parent.mkdir()
    started.touch(mode=0o755)
    line = "Run `kura reindex`; see /opt/kura and kura-static."
    assert tell(started, line, path=str(started.parent), cwd=tmp_path) == line + "\n"


def test_a_terminal_without_japanese_gets_an_answer_all_the_same(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", "reset", "--yes"],
        env={
            **os.environ,
            "PYTHONIOENCODING": "ascii",
            "KURA_LANGUAGE": "ja",
            "KURA_HOME": str(tmp_path / "none"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "\\u" in done.stdout
