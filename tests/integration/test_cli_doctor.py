"""What breaks is named with a remedy, and the remedy, followed to the letter, mends it."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.role import hold_role
from tests.integration.console import DOCUMENTS, Console, copy_console, write

QUESTION = "日帰り出張の日当"


@pytest.fixture
def console(sound: Path, tmp_path: Path) -> Console:
    """On a sound state folder, to be broken."""
    return copy_console(sound, tmp_path / "home")


def lose_generations(home: Path) -> None:
    shutil.rmtree(home / "generations")


def spoil_vectors(home: Path) -> None:
    for path in home.glob("generations/*/vectors.npy"):
        path.write_bytes(b"no matrix at all")


def lose_words(home: Path) -> None:
    shutil.rmtree(home / "lexical")


def spoil_words(home: Path) -> None:
    for path in home.glob("lexical/*/meta.json"):
        path.write_text("no JSON at all", encoding="utf-8")


def spoil_segments(home: Path) -> None:
    for path in home.glob("lexical/*/*.*"):
        path.write_bytes(b"no segment at all")


def find(console: Console, name: str) -> dict[str, Any]:
    findings = console.json("doctor")["findings"]
    return next(item for item in findings if item["name"] == name)


def test_a_sound_state_folder_has_nothing_broken(console: Console) -> None:
    assert find(console, "indexes")["status"] == "ok"


@pytest.mark.parametrize("spoil", [lose_generations, spoil_vectors, lose_words, spoil_segments])
def test_a_broken_index_is_told_and_mended_by_the_command_it_names(
    console: Console, spoil: Callable[[Path], None]
) -> None:
    spoil(console.home)
    finding = find(console, "indexes")
    assert finding["status"] == "fail"
    command = re.findall(r"`kura (.+?)`", finding["remedy"])[0].split()
    assert console.run(*command).returncode == 0
    found = console.json("search", QUESTION)
    assert found["degraded"] == []
    assert found["passages"][0]["external_id"] == "travel.md"


@pytest.mark.parametrize("spoil", [spoil_words, spoil_segments])
def test_the_next_worker_mends_a_broken_lexical_index_by_itself(
    console: Console, spoil: Callable[[Path], None]
) -> None:
    spoil(console.home)
    assert console.run("ingest").returncode == 0
    assert console.json("search", QUESTION)["degraded"] == []


def test_a_damaged_embedding_cache_costs_nothing_but_time(console: Console) -> None:
    (console.home / "embeddings.sqlite").write_bytes(b"no database at all" * 100)
    assert console.run("reindex").returncode == 0
    assert console.json("search", QUESTION)["degraded"] == []


def test_a_lost_catalog_is_told_and_begun_anew_by_the_commands_it_names(
    console: Console, tmp_path: Path
) -> None:
    for path in console.home.glob("catalog.sqlite*"):
        path.unlink()
    (console.home / "catalog.sqlite").write_bytes(b"no database at all" * 1000)
    finding = find(console, "catalog")
    assert finding["status"] == "fail"
    assert "`kura reset`" in finding["remedy"]
    assert "`kura ingest FOLDER`" in finding["remedy"]
    assert console.run("reset", "--yes").returncode == 0
    assert console.run("ingest", str(write(tmp_path / "rules", DOCUMENTS))).returncode == 0


def test_a_model_folder_that_is_not_there_is_told_and_mended_by_dropping_the_setting(
    console: Console, tmp_path: Path
) -> None:
    broken = Console(console.home, KURA_EMBEDDING_MODEL=str(tmp_path / "nowhere"))
    finding = find(broken, "embedder")
    assert finding["status"] == "fail"
    assert "Remove KURA_EMBEDDING_MODEL" in finding["remedy"]
    assert broken.json("search", QUESTION)["degraded"] == ["vector"]
    assert console.json("search", QUESTION)["degraded"] == []


def test_a_job_that_fails_for_a_known_reason_is_one_line(console: Console, tmp_path: Path) -> None:
    broken = Console(console.home, KURA_EMBEDDING_MODEL=str(tmp_path / "nowhere"))
    done = broken.run("reindex")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "nowhere" in done.stderr


def test_one_check_alone_says_whether_a_worker_is_alive(console: Console) -> None:
    alone = console.run("doctor", "--only", "worker")
    assert alone.returncode == 1
    assert len([line for line in alone.stdout.splitlines() if "worker:" in line]) == 1
    assert "embedder" not in alone.stdout
    with hold_role(console.home):
        assert console.run("doctor", "--only", "worker").returncode == 0
    assert console.run("doctor", "--only", "nothing").returncode == 2
