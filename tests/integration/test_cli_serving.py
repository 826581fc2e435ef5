"""`kura serve`, `kura work` and `kura ingest` as processes: ports, signs of life, Ctrl-C."""

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app.bootstrap import open_store
from app.role import is_alive
from app.settings import load_settings
from retrieval.catalog import Catalog, JobState
from retrieval.model import Scope
from tests.fakes.api_server import open_caller
from tests.integration.console import DOCUMENTS, Console, write
from tests.integration.test_worker import MANY, fill, order, register
from tests.patience import PATIENCE_S, reserved_port, wait_for

ADMINS = Scope(frozenset({"group:admins", "group:staff"}))


@pytest.fixture
def console(tmp_path: Path) -> Console:
    return Console(tmp_path / "home")


@pytest.fixture
def catalog(console: Console) -> Iterator[Catalog]:
    with open_store(load_settings(home=console.home)) as opened:
        yield opened


@pytest.fixture
def port() -> Iterator[int]:
    with reserved_port() as port:
        yield port


def test_a_busy_port_is_named_with_its_owner(console: Console) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
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


def test_ctrl_c_cancels_the_run_of_ones_own(
    console: Console, catalog: Catalog, tmp_path: Path
) -> None:
    folder = fill(tmp_path / "many", MANY)
    with start_ingestion(console, folder) as process:
        wait_for(lambda: catalog.documents.count(ADMINS))
        process.send_signal(signal.SIGINT)
        _, words = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130
    assert "safe point" in words
    [job] = catalog.jobs.list()
    assert job.state is JobState.CANCELLED, words
    for number in range(50, MANY):  # what is left is not all, and enough
        (folder / f"{number:04d}.md").unlink()
    again = console.json("ingest", "--allow-removals")["jobs"][0]
    assert again["state"] == "succeeded"
    assert catalog.documents.count(ADMINS) == 50


def test_ctrl_c_leaves_the_job_to_the_worker_that_has_it(
    console: Console, catalog: Catalog, tmp_path: Path
) -> None:
    ahead = order(catalog, register(catalog, fill(tmp_path / "ahead", MANY)))
    folder = fill(tmp_path / "many", MANY)
    with subprocess.Popen(
        console.command("work"), env=console.environment, stdout=subprocess.DEVNULL
    ) as worker:
        try:
            wait_for(lambda: catalog.jobs.get(ahead.id).state is JobState.RUNNING)
            with start_ingestion(console, folder) as process:
                assert process.stderr is not None
                assert "queued behind 1" in process.stderr.readline()
                own = catalog.jobs.list(limit=1)[0]
                catalog.jobs.cancel(ahead.id)
                wait_for(lambda: catalog.jobs.get(own.id).state is JobState.RUNNING)
                process.send_signal(signal.SIGINT)
                _, words = process.communicate(timeout=PATIENCE_S)
            assert process.returncode == 130
            assert f"process {worker.pid})" in words
            before = catalog.documents.count(ADMINS)
            wait_for(lambda: catalog.documents.count(ADMINS) > before)
            assert catalog.jobs.get(own.id).state is JobState.RUNNING
        finally:
            worker.terminate()
        assert worker.wait(PATIENCE_S) == 0


def test_a_server_without_a_worker_leaves_the_role_to_another(console: Console, port: int) -> None:
    with subprocess.Popen(
        console.command("serve", "--no-worker", "--port", str(port)),
        env=console.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            wait_for(lambda: answers(f"http://127.0.0.1:{port}/health/live"))
            assert not is_alive(console.home)
        finally:
            process.terminate()
        assert process.wait(PATIENCE_S) == 0


def answers(address: str) -> bool:
    try:
        return httpx.get(address, timeout=PATIENCE_S).status_code == 200
    except httpx.TransportError:
        return False


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


def test_the_link_signs_in_once_and_the_folder_is_there_to_ask(
    server: Server,
) -> None:
    link, process = server
    address = link.partition("/signin")[0]
    with open_caller(address, {}) as client:
        assert client.get(link).is_redirect
        body = {"query": "日帰り出張の日当"}
        headers = {"Origin": address, "Sec-Fetch-Site": "same-origin"}

        def found() -> bool:
            answer = client.post("/api/v1/search", json=body, headers=headers)
            assert answer.status_code == 200, answer.text
            return bool(answer.json()["passages"])

        wait_for(found)
    with open_caller(address, {}) as another:
        assert another.get(link).status_code in {401, 403, 404, 410}
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE_S) == 0


def test_a_folder_can_be_ingested_while_the_server_runs(
    server: Server, console: Console, tmp_path: Path
) -> None:
    folder = write(tmp_path / "more", {"more.txt": "給湯室の当番は週替わりです。"})
    assert console.json("ingest", str(folder))["jobs"][0]["state"] == "succeeded"
    assert console.json("search", "給湯室の当番")["passages"][0]["external_id"] == "more.txt"
    assert server[1].poll() is None
