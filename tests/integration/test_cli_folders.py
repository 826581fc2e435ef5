"""Folders as people name them: with spaces, empty, missing, a file, nothing at all."""

import shlex
import subprocess
from pathlib import Path

import pytest

from tests.integration.console import Console, write
from tests.patience import PATIENCE_S


@pytest.fixture
def console(tmp_path: Path) -> Console:
    return Console(tmp_path / "home")


def test_the_command_that_opens_a_folder_to_everybody_can_be_pasted(
    console: Console, tmp_path: Path
) -> None:
    folder = write(tmp_path / "社内 文書 (2024)", {"a.txt": "日当は 2,500 円です。"})
    done = console.run("ingest", str(folder))
    assert done.returncode == 0
    line = next(line for line in done.stdout.splitlines() if "--allow everyone" in line)
    words = shlex.split(line.partition("To let everybody in: ")[2])
    assert words[0].endswith("kura")
    assert console.run(*words[1:]).returncode == 0
    assert "group:admins only" not in console.run("ingest").stdout


def test_an_empty_folder_is_said_to_be_empty(console: Console, tmp_path: Path) -> None:
    done = console.run("ingest", str(write(tmp_path / "empty", {})))
    assert done.returncode == 0
    assert "holds no documents" in done.stdout


@pytest.mark.parametrize("named", ["", " ", "nowhere", "file.txt"])
@pytest.mark.parametrize("command", [["ingest"], ["serve", "--docs"]])
def test_what_is_no_folder_is_a_usage_error_in_one_line(
    console: Console, tmp_path: Path, named: str, command: list[str]
) -> None:
    write(tmp_path, {"file.txt": "文書"})
    argument = str(tmp_path / named) if named.strip() else named
    done = console.run(*command, argument)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "folder" in done.stderr


def test_what_failed_before_is_named_again(console: Console, tmp_path: Path) -> None:
    folder = write(tmp_path / "rules", {"a.txt": "日当は 2,500 円です。", "empty.txt": ""})
    console.json("ingest", str(folder))
    again = console.run("ingest")
    assert again.returncode == 3
    assert "    empty.txt" in again.stdout.splitlines()


def test_a_reader_that_goes_away_does_not_change_the_status(
    console: Console, tmp_path: Path
) -> None:
    folder = write(tmp_path / "rules", {"empty.txt": "", "a.txt": "日当です。"})
    for option in ([], ["--json"]):
        with subprocess.Popen(
            console.command("ingest", str(folder), *option),
            env=console.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process:
            assert process.stdout is not None
            process.stdout.close()
            assert process.wait(PATIENCE_S) == 3
            assert process.stderr is not None
            assert b"Traceback" not in process.stderr.read()


def test_a_state_folder_that_cannot_be_one_is_a_wrong_setting(tmp_path: Path) -> None:
    write(tmp_path, {"file": "x"})
    for place in (tmp_path / "file", tmp_path / "file" / "below"):
        done = Console(place).run("keys", "list")
        assert done.returncode == 2
        assert "KURA_HOME" in done.stderr
        assert len(done.stderr.splitlines()) == 1
