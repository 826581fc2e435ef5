"""The command line on real parts: what it prints, in JSON and in words, and how it exits."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.bootstrap import open_store
from app.role import is_alive
from app.settings import load_settings

OFFLINE = "http://127.0.0.1:9"  # the discard port: nobody answers there

DOCUMENTS = {
    "travel.md": "# 出張旅費規程\n\n## 日当\n\n日帰り出張の日当は 2,500 円とする。\n",
    "leave.md": "# Leave policy\n\n## Paternity\n\nPaternity leave lasts eight weeks.\n",
    "parking.txt": "駐車場の利用は総務部への届け出が必要です。来客用は 3 台分あります。\n",
}


class Console:
    """Runs ``kura`` on a state folder of its own."""

    def __init__(self, home: Path, **environment: str) -> None:
        self.environment = {
            **os.environ,
            "KURA_HOME": str(home),
            "KURA_CHAT_URL": OFFLINE,
            "KURA_LANGUAGE": "en",
            **environment,
        }

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "app.cli", *arguments]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*arguments),
            capture_output=True,
            text=True,
            encoding="utf-8",
            env=self.environment,
            timeout=120,
            check=False,
        )

    def json(self, *arguments: str) -> Any:  # noqa: ANN401 - any JSON value
        done = self.run(*arguments, "--json")
        assert done.stdout, done.stderr
        return json.loads(done.stdout)


def write(folder: Path, documents: Mapping[str, str]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in documents.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Console:
    """A state folder with three documents that the admins may read; do not change it."""
    root = tmp_path_factory.mktemp("filled")
    console = Console(root / "home")
    done = console.run("ingest", str(write(root / "rules", DOCUMENTS)))
    assert done.returncode == 0, done.stderr
    return console


@pytest.fixture
def console(tmp_path: Path) -> Console:
    return Console(tmp_path / "home")


@pytest.fixture
def port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def test_an_ingestion_reports_what_went_in_and_who_may_read_it(
    console: Console, tmp_path: Path
) -> None:
    folder = write(tmp_path / "rules", DOCUMENTS)
    done = console.run("ingest", str(folder))
    assert done.returncode == 0
    assert "added 3" in done.stdout
    assert f"kura ingest {folder} --allow everyone" in done.stdout


def test_a_second_ingestion_changes_and_embeds_nothing(console: Console, tmp_path: Path) -> None:
    folder = write(tmp_path / "rules", DOCUMENTS)
    console.run("ingest", str(folder))
    report = console.json("ingest", str(folder))["jobs"][0]["report"]
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
    for name in ("first", "second"):
        console.run("ingest", str(write(tmp_path / name, {"a.txt": f"{name} の文書です。"})))
    jobs = console.json("ingest")["jobs"]
    assert sorted(job["report"]["source"] for job in jobs) == ["first", "second"]


def test_a_name_that_belongs_to_another_folder_is_refused(console: Console, tmp_path: Path) -> None:
    console.run("ingest", str(write(tmp_path / "one" / "docs", {"a.txt": "一つ目の文書です。"})))
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
    assert console.run("keys", "revoke", made["id"]).returncode == 0
    assert console.json("keys", "list")["keys"][0]["revoked_at"]


def test_revoking_what_is_not_there_fails_in_words_and_in_json(console: Console) -> None:
    done = console.run("keys", "revoke", "nothing", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["error"]["code"] == "not-found"
    assert "'nothing'" in done.stderr


def test_a_source_is_removed_with_its_documents(console: Console, tmp_path: Path) -> None:
    console.run("ingest", str(write(tmp_path / "rules", DOCUMENTS)))
    assert console.json("sources", "list")["sources"][0]["documents"] == 3
    assert console.json("sources", "remove", "rules") == {"name": "rules", "documents": 3}
    assert console.json("sources", "list")["sources"] == []
    assert not console.json("search", "日当")["passages"]


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


def test_reindexing_keeps_what_was_found(console: Console, tmp_path: Path) -> None:
    console.run("ingest", str(write(tmp_path / "rules", DOCUMENTS)))
    done = console.json("reindex")
    assert done["jobs"][0]["state"] == "succeeded"
    assert done["jobs"][0]["report"]["generation"]
    assert console.json("search", "日帰り出張の日当")["passages"][0]["external_id"] == "travel.md"


def test_reset_removes_only_what_it_knows(console: Console, tmp_path: Path) -> None:
    console.run("ingest", str(write(tmp_path / "rules", DOCUMENTS)))
    (tmp_path / "home" / "notes.txt").write_text("mine")
    assert console.run("reset", "--yes").returncode == 0
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["notes.txt"]


def test_reset_asks_first(console: Console, tmp_path: Path) -> None:
    console.run("keys", "list")
    assert console.run("reset").returncode == 1
    assert (tmp_path / "home" / "catalog.sqlite").exists()


def test_an_unknown_variable_is_told_with_the_nearest_name(tmp_path: Path) -> None:
    done = Console(tmp_path / "home", KURA_PROT="1").run("version")
    assert done.returncode == 0
    assert "KURA_PROT" in done.stderr
    assert "KURA_PORT" in done.stderr


def test_a_busy_port_is_named_with_its_owner(console: Console, port: int) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        done = console.run("serve", "--port", str(port))
    assert done.returncode == 1
    assert f"Port {port} is in use" in done.stderr
    assert f"pid {os.getpid()}" in done.stderr
    assert "--port" in done.stderr


def start_ingestion(console: Console, folder: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        console.command("ingest", str(folder)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=console.environment,
    )


def states_of(console: Console) -> list[str]:
    with open_store(load_settings(home=console.environment["KURA_HOME"])) as catalog:
        return [str(job.state) for job in catalog.jobs.list()]


def test_ctrl_c_cancels_the_run_of_ones_own(console: Console, tmp_path: Path) -> None:
    folder = write(tmp_path / "many", {f"{n}.txt": f"文書 {n} の本文です。" for n in range(300)})
    with start_ingestion(console, folder) as process:
        wait_for(lambda: "running" in states_of(console))
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        _, words = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "safe point" in words
    assert states_of(console) == ["cancelled"], words
    again = console.json("ingest", str(folder))["jobs"][0]
    assert again["state"] == "succeeded"


def test_ctrl_c_leaves_the_job_to_the_worker_that_has_it(console: Console, tmp_path: Path) -> None:
    folder = write(tmp_path / "many", {f"{n}.txt": f"文書 {n} の本文です。" for n in range(150)})
    with subprocess.Popen(
        console.command("work"), env=console.environment, stdout=subprocess.DEVNULL
    ) as worker:
        try:
            wait_for(lambda: is_alive(Path(console.environment["KURA_HOME"])))
            with start_ingestion(console, folder) as process:
                wait_for(lambda: "running" in states_of(console))
                process.send_signal(signal.SIGINT)
                _, words = process.communicate(timeout=30)
            assert process.returncode == 130
            assert f"process {worker.pid}" in words
            wait_for(lambda: states_of(console) == ["succeeded"])
        finally:
            worker.terminate()
        assert worker.wait(20) == 0


def test_a_server_without_a_worker_leaves_the_role_to_another(console: Console, port: int) -> None:
    with subprocess.Popen(
        console.command("serve", "--no-worker", "--port", str(port)),
        env=console.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            wait_for(lambda: answers(f"http://127.0.0.1:{port}/health/live"))
            assert not is_alive(Path(console.environment["KURA_HOME"]))
        finally:
            process.terminate()
        assert process.wait(20) == 0


def answers(address: str) -> bool:
    try:
        return httpx.get(address).status_code == 200
    except httpx.TransportError:
        return False


def test_the_same_words_come_in_japanese(tmp_path: Path) -> None:
    done = Console(tmp_path / "home", KURA_LANGUAGE="ja").run("ingest")
    assert done.returncode == 1
    assert "取り込むフォルダーがありません" in done.stderr


Server = tuple[str, subprocess.Popen[str]]
"""The sign-in link a server printed, and its process."""


@pytest.fixture
def server(console: Console, port: int, tmp_path: Path) -> Iterator[Server]:
    """A running server that was told to ingest a folder, and the first line of its link."""
    folder = write(tmp_path / "rules", DOCUMENTS)
    process = subprocess.Popen(
        console.command("serve", "--port", str(port), "--docs", str(folder)),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        env={**console.environment, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    lines: list[str] = []
    while not (lines and "signin?token=" in lines[-1]):
        lines.append(process.stdout.readline())
        assert process.poll() is None, lines
    yield lines[-1].strip(), process
    process.kill()
    process.stdout.close()
    process.wait()


def wait_for(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.1)


def test_the_link_signs_in_once_and_the_folder_is_there_to_ask(
    server: Server,
) -> None:
    link, process = server
    address = link.partition("/signin")[0]
    with httpx.Client(base_url=address, follow_redirects=False) as client:
        assert client.get(link).is_redirect
        body = {"query": "日帰り出張の日当"}
        headers = {"Origin": address, "Sec-Fetch-Site": "same-origin"}

        def found() -> bool:
            answer = client.post("/api/v1/search", json=body, headers=headers)
            assert answer.status_code == 200, answer.text
            return bool(answer.json()["passages"])

        wait_for(found)
    with httpx.Client(base_url=address, follow_redirects=False) as another:
        assert another.get(link).status_code in {401, 403, 404, 410}
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 0


def test_a_folder_can_be_ingested_while_the_server_runs(
    server: Server, console: Console, tmp_path: Path
) -> None:
    folder = write(tmp_path / "more", {"more.txt": "給湯室の当番は週替わりです。"})
    assert console.json("ingest", str(folder))["jobs"][0]["state"] == "succeeded"
    assert console.json("search", "給湯室の当番")["passages"][0]["external_id"] == "more.txt"
    assert server[1].poll() is None
