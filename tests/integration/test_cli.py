"""The command line on real parts: what it prints, in JSON and in words, and how it exits."""

import json
import re
from pathlib import Path

import pytest

from tests.integration.console import DOCUMENTS, Console, copy_console, write


@pytest.fixture(scope="module")
def filled(sound: Path, tmp_path_factory: pytest.TempPathFactory) -> Console:
    """A state folder with three documents that the admins may read; do not change it."""
    return copy_console(sound, tmp_path_factory.mktemp("filled") / "home")


@pytest.fixture
def own(sound: Path, tmp_path: Path) -> Console:
    """The same in a copy to change."""
    return copy_console(sound, tmp_path / "home")


@pytest.fixture
def console(tmp_path: Path) -> Console:
    return Console(tmp_path / "home")


def test_an_ingestion_reports_what_went_in_and_who_may_read_it(
    console: Console, tmp_path: Path
) -> None:
    folder = write(tmp_path / "rules", DOCUMENTS)
    done = console.run("ingest", str(folder))
    assert done.returncode == 0
    assert "added 3" in done.stdout
    assert f"kura ingest {folder} --allow everyone" in done.stdout


def test_a_second_ingestion_changes_and_embeds_nothing(own: Console) -> None:
    report = own.json("ingest")["jobs"][0]["report"]
    assert report["unchanged"] == 3
    assert not report["added"]
    assert report["embedded"] == 0


def test_a_document_that_does_not_go_in_is_listed_and_the_status_says_so(
    console: Console, tmp_path: Path
) -> None:
    folder = write(tmp_path / "rules", {**DOCUMENTS, "empty.txt": ""})
    done = console.run("ingest", str(folder))
    assert done.returncode == 3
    assert "failed 1" in done.stdout
    assert re.search(r"empty\.txt: .*empty", done.stdout)


def test_a_folder_that_is_not_there_is_a_usage_error(console: Console, tmp_path: Path) -> None:
    done = console.run("ingest", str(tmp_path / "nowhere"))
    assert done.returncode == 2
    assert "nowhere" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_without_a_folder_all_registered_folders_are_taken(
    console: Console, tmp_path: Path
) -> None:
    assert console.run("ingest").returncode == 1
    assert "kura ingest" in console.run("search", "日当").stdout
    for name in ("first", "second"):
        console.json("ingest", str(write(tmp_path / name, {"a.txt": f"{name} の文書です。"})))
    jobs = console.json("ingest")["jobs"]
    assert sorted(job["report"]["source"] for job in jobs) == ["first", "second"]


def test_a_name_that_belongs_to_another_folder_is_refused(console: Console, tmp_path: Path) -> None:
    console.json("ingest", str(write(tmp_path / "one" / "docs", {"a.txt": "一つ目の文書です。"})))
    done = console.run("ingest", str(write(tmp_path / "two" / "docs", {"a.txt": "二つ目です。"})))
    assert done.returncode == 1
    assert "--name" in done.stderr


def test_search_finds_in_both_languages(filled: Console) -> None:
    for query, expected in (("日帰り出張の日当", "travel.md"), ("paternity leave", "leave.md")):
        passages = filled.json("search", query)["passages"]
        assert passages[0]["external_id"] == expected


def test_search_acts_as_whom_it_is_told(filled: Console) -> None:
    assert filled.json("search", "日当", "--as", "group:admins")["passages"]
    assert not filled.json("search", "日当", "--as", "group:hr")["passages"]
    assert not filled.json("search", "日当", "--as", "everyone")["passages"]


def test_a_principal_that_is_none_is_named(filled: Console) -> None:
    done = filled.run("search", "日当", "--as", "hr")
    assert done.returncode == 2
    assert "'hr'" in done.stderr


def test_an_answer_cites_and_says_that_no_model_is_connected(filled: Console) -> None:
    answer = filled.json("ask", "日帰り出張の日当はいくらですか")
    assert answer["kind"] == "extractive"
    assert "2,500" in answer["text"]
    assert answer["citations"][0]["title"]
    done = filled.run("ask", "日帰り出張の日当はいくらですか")
    assert "2,500" in done.stdout
    assert "[1]" in done.stdout


def test_keys_are_made_listed_and_revoked(console: Console) -> None:
    made = console.json("keys", "create", "--user", "hanako", "--group", "hr", "--days", "30")
    assert made["secret"].startswith("kura_")
    listed = console.json("keys", "list")["keys"]
    assert [key["id"] for key in listed] == [made["id"]]
    assert "secret" not in listed[0]
    assert console.run_here("keys", "revoke", made["id"]).exit_code == 0
    assert console.json("keys", "list")["keys"][0]["revoked_at"]


def test_revoking_what_is_not_there_fails_in_words_and_in_json(console: Console) -> None:
    done = console.run("keys", "revoke", "nothing", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["error"]["code"] == "not-found"
    assert "'nothing'" in done.stderr


def test_a_source_is_removed_with_its_documents(own: Console) -> None:
    assert own.json("sources", "list")["sources"][0]["documents"] == 3
    assert own.json("sources", "remove", "rules") == {"name": "rules", "documents": 3}
    assert own.json("sources", "list")["sources"] == []
    assert not own.json("search", "日当")["passages"]


def test_doctor_names_each_fault_with_its_remedy(filled: Console) -> None:
    findings = {item["name"]: item for item in filled.json("doctor")["findings"]}
    assert findings["catalog"]["status"] == "ok"
    assert findings["indexes"]["status"] == "ok"
    assert findings["embedder"]["status"] == "ok"
    assert findings["model"]["status"] == "warn"
    assert "ollama" in findings["model"]["remedy"].lower()


def test_doctor_fails_when_the_embedding_model_is_missing(tmp_path: Path) -> None:
    console = Console(tmp_path / "home", KURA_EMBEDDING_MODEL=str(tmp_path / "no-model"))
    done = console.run("doctor")
    assert done.returncode == 1
    assert "no-model" in done.stdout


def test_reindexing_keeps_what_was_found(own: Console) -> None:
    done = own.json("reindex")
    assert done["jobs"][0]["state"] == "succeeded"
    assert done["jobs"][0]["report"]["generation"]
    assert own.json("search", "日帰り出張の日当")["passages"][0]["external_id"] == "travel.md"


def test_reset_removes_only_what_it_knows(own: Console) -> None:
    (own.home / "notes.txt").write_text("mine")
    assert own.run("reset", "--yes").returncode == 0
    assert [path.name for path in own.home.iterdir()] == ["notes.txt"]


def test_reset_asks_first(console: Console, tmp_path: Path) -> None:
    console.json("keys", "list")
    assert console.run("reset").returncode == 1
    assert (tmp_path / "home" / "catalog.sqlite").exists()


def test_an_unknown_variable_is_told_with_the_nearest_name(tmp_path: Path) -> None:
    done = Console(tmp_path / "home", KURA_PROT="1").run("version")
    assert done.returncode == 0
    assert "KURA_PROT" in done.stderr
    assert "KURA_PORT" in done.stderr


def test_the_same_words_come_in_japanese(tmp_path: Path) -> None:
    done = Console(tmp_path / "home", KURA_LANGUAGE="ja").run("ingest")
    assert done.returncode == 1
    assert "取り込むフォルダーがありません" in done.stderr
