"""What a newcomer feels: start to first cited answer, memory, ingestion rate, time to first words.

    python -m benchmarks.reach [--questions N]

Starts ``kura serve --sample`` on an empty state folder and a free port, as ``make run`` does once
installed, and talks to it over HTTP. Our own share of the time to a model's first words is what the
first checked sentence takes with a stub of Ollama that answers at once; the stub's time is in it.
Prints a table with the aims and a JSON line.
"""

import argparse
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import httpx
import psutil

from app.sample import QUESTIONS
from app.settings import PROJECT
from benchmarks.machine import describe_machine
from tests.fakes.model_reply import Messages, first_sentence
from tests.fakes.ollama_server import OllamaStub

KURA = str(Path(sys.executable).with_name("kura"))
GIVE_UP_S = 120.0
POLL_S = 0.05
FIRST_SOURCE = re.compile(r"<source [^\n]*>\n(.*?)\n</source>", re.DOTALL)


def quote_first(messages: Messages) -> str:
    """Returns the first sentence of the first source at once: no model, and no thought either."""
    found = FIRST_SOURCE.search(messages[-1]["content"])
    return f"{first_sentence(found.group(1))}[1]" if found else ""


def free_port() -> int:
    """Returns a port nobody listens on at this moment."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return trial.getsockname()[1]


def run_kura(*words: str, environment: dict[str, str]) -> dict:
    """Returns what a ``kura ... --json`` command printed."""
    command = [KURA, *words, "--json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def wait_for_answer(client: httpx.Client, started: float) -> float:
    """Asks until an answer cites a document; returns the seconds since ``started``."""
    question = {"question": "有給休暇は入社時に何日もらえますか?"}
    while time.monotonic() - started < GIVE_UP_S:
        try:
            answer = client.post("/api/v1/ask", json=question)
            if answer.status_code == 200 and answer.json()["citations"]:
                return time.monotonic() - started
        except httpx.TransportError:
            pass
        time.sleep(POLL_S)
    sys.exit(f"no cited answer within {GIVE_UP_S:.0f} s")


def wait_for_ingestion(client: httpx.Client) -> dict:
    """Returns the report of the first ingestion, once it has ended."""
    while True:
        jobs = client.get("/api/v1/jobs").json()["jobs"]
        if jobs and jobs[-1]["state"] not in {"queued", "running"}:
            return jobs[-1]["report"]
        time.sleep(POLL_S)


def time_to(client: httpx.Client, event: str, question: str) -> float | None:
    """Returns the milliseconds from sending a question to the first event of this name.

    None when it did not come, or when it was a refusal's, for which no model is asked.
    """
    headers = {"Accept": "text/event-stream"}
    body = {"question": question}
    came, refused = None, False
    sent = time.perf_counter()
    with client.stream("POST", "/api/v1/ask", json=body, headers=headers) as got:
        for line in got.iter_lines():
            if line == f"event: {event}" and came is None:
                came = (time.perf_counter() - sent) * 1000
            refused = line.startswith("data:") and '"kind":"refusal"' in line
    return None if refused and event == "sentence" else came


def wait_for_model(client: httpx.Client) -> None:
    """Returns once the server has noticed the model."""
    while not client.get("/api/v1/models/state").json()["connected"]:
        time.sleep(POLL_S)


def collect(client: httpx.Client, event: str, questions: list[str]) -> list[float]:
    """Returns the sorted times to this event of all questions that brought it."""
    times = [time_to(client, event, question) for question in questions]
    return sorted(each for each in times if each is not None)


def find_p95(times: list[float]) -> float:
    """Returns the 95th percentile of sorted times, to a tenth."""
    return round(times[int(len(times) * 0.95)], 1)


def measure(count: int) -> dict[str, float]:
    """Returns the figures of one fresh start."""
    rows = [json.loads(line) for line in QUESTIONS.open(encoding="utf-8")][:count]
    golden = [row["question"] for row in rows]
    port = free_port()
    with tempfile.TemporaryDirectory() as home, OllamaStub(quote_first, models=()) as stub:
        environment = os.environ | {"KURA_HOME": home, "KURA_PORT": str(port)}
        environment["KURA_CHAT_URL"] = stub.url
        started = time.monotonic()
        server = subprocess.Popen([KURA, "serve", "--sample"], cwd=PROJECT, env=environment)
        try:
            words = "keys create --user bench --group staff --scope ask --scope admin"
            key = run_kura(*words.split(), environment=environment)
            headers = {"Authorization": f"Bearer {key['secret']}"}
            address = f"http://127.0.0.1:{port}"
            with httpx.Client(base_url=address, headers=headers, timeout=30) as client:
                ready = wait_for_answer(client, started)
                report = wait_for_ingestion(client)
                times = collect(client, "found", golden)
                stub.models = ("stub:latest",)
                wait_for_model(client)
                words_times = collect(client, "sentence", golden)
            memory = psutil.Process(server.pid).memory_info().rss / 2**20
        finally:
            server.terminate()
            server.wait(20)
    brought = len(report["added"]) + len(report["failed"])
    return {
        "first_cited_answer_s": round(ready, 2),
        "server_mb": round(memory, 1),
        "sources_p50_ms": round(median(times), 1),
        "sources_p95_ms": find_p95(times),
        "first_words_p50_ms": round(median(words_times), 1),
        "first_words_p95_ms": find_p95(words_times),
        "asked_of_the_model": len(stub.chats),
        "documents": brought,
        "documents_per_s": round(brought / report["seconds"], 1),
    }


def main() -> None:
    """Prints the figures beside their aims."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--questions", type=int, default=200)
    figures = measure(parser.parse_args().questions)
    aims = {
        "first_cited_answer_s": "<= 20",
        "server_mb": "< 600",
        "sources_p95_ms": "<= 100",
        "first_words_p95_ms": "<= 60",
        "documents_per_s": ">= 10",
    }
    for name, value in figures.items():
        print(f"{name:24s}{value:>10}   {aims.get(name, '')}")
    print(json.dumps({"benchmark": "reach", **figures, **describe_machine()}))


if __name__ == "__main__":
    main()
