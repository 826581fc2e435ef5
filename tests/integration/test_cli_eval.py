"""`kura eval` and `kura feedback` as an admin runs them, on real documents and the real path."""

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.bootstrap import open_store
from app.cli.program import app
from app.evaluating.reading import read_set
from app.settings import load_settings
from retrieval.catalog import Feedback, NewFeedback
from retrieval.errors import Invalid, KuraError, NotFound
from retrieval.model import EVERYONE, Scope
from tests.fakes.ollama_server import OllamaStub
from tests.integration.console import Console, copy_console, write
from tests.patience import PATIENCE_S, wait_for

MANY = 120
QUESTIONS = [
    {
        "id": "a",
        "question": "日帰り出張の日当はいくらですか",
        "documents": ["travel.md"],
        "evidence": "日帰り出張の日当は 2,500 円とする。",
        "facts": [["2,500円"]],
    },
    {"id": "b", "question": "How long is paternity leave?", "documents": ["rules/leave.md"]},
    {"id": "c", "question": "Where is the parking of KS-9999?", "expect": "refuse"},
    {"id": "d", "question": "来客用の駐車場は何台分ですか", "documents": ["駐車場"]},
]


@pytest.fixture(scope="module")
def console(sound: Path, tmp_path_factory: pytest.TempPathFactory) -> Console:
    """A state folder with three documents and a set of four questions, one set aside."""
    console = copy_console(sound, tmp_path_factory.mktemp("measured") / "home")
    lines = "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in QUESTIONS)
    write(console.home / "golden", {"own.jsonl": lines})
    return console


def test_a_measurement_reports_keeps_and_compares(console: Console) -> None:
    first = console.run("eval", "--at-least", "recall=0.9", "--at-most", "latency_p95=60000")
    assert first.returncode == 0, first.stderr
    assert "recall@5" in first.stdout
    assert "1.000 (0.34-1.00) 2/2" in first.stdout
    assert "✓ recall 1 ≥ 0.9" in first.stdout
    assert "none of their documents is here (1): d" in first.stdout
    made = console.json("eval")
    overall = made["groups"][0]["measures"]
    assert overall["citation_precision"]["value"] == 1
    assert overall["citation_recall"]["value"] == 1
    assert overall["fact"]["value"] == 1
    assert overall["refusal_f1"]["value"] == 1
    assert made["schema"] == "kura-evaluation/1"
    assert made["comparison"]["questions"] == 3
    assert not any(each["worse"] for each in made["comparison"]["measures"].values())
    kept = console.home / "evaluations" / made["run"]
    assert json.loads((kept / "report.json").read_text(encoding="utf-8")) == made
    assert "<svg" in (kept / "report.html").read_text(encoding="utf-8")


def test_a_bar_not_cleared_has_an_exit_status_of_its_own(console: Console) -> None:
    done = console.run_here("eval", "--at-least", "coverage@en=1.1", "--against", "none")
    assert done.exit_code == 4
    assert "✗ coverage@en 1 ≥ 1.1" in done.stdout
    assert "Compared" not in done.stdout


def test_who_asks_decides_what_is_found(console: Console) -> None:
    made = console.json("eval", "--as", "group:strangers")  # only admins may read the folder
    measured = made["groups"][0]["measures"]
    assert measured["recall"]["value"] == 0
    assert measured["coverage"]["value"] == 0
    assert measured["refusal_recall"]["value"] == 1
    assert "a" in made["comparison"]["measures"]["recall"]["worse"]


def test_a_connected_model_is_asked_unless_it_must_not_be(console: Console) -> None:
    with OllamaStub("日帰り出張の日当は 2,500 円です。[1]") as stub:
        model = {"KURA_CHAT_URL": stub.url, "KURA_MODEL": "stub:latest"}
        environment = {**console.environment, **model}
        arguments = ["eval", "--json", "--against", "none"]
        done = CliRunner().invoke(app, arguments, env=environment)
        written = json.loads(done.stdout)
        asked = len(stub.chats)
        quoted = CliRunner().invoke(app, [*arguments, "--extractive"], env=environment)
        assert len(stub.chats) == asked > 0
    assert written["model"] == "stub:latest"
    assert written["answers"]["generated"] >= 1
    assert written["verdicts"].get("supported", 0) >= 1
    assert "generated" not in json.loads(quoted.stdout)["answers"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["none.jsonl"], "none.jsonl"),
        (["--at-least", "recal=1"], "recal=1"),
        (["--against", "yesterday"], "yesterday"),
        (["--resume", "--extractive"], "no interrupted run"),
    ],
    ids=str,
)
def test_what_cannot_be_done_says_why_and_measures_nothing(
    console: Console, arguments: list[str], told: str
) -> None:
    before = list((console.home / "evaluations").iterdir())
    fault = console.run_here("eval", *arguments).exception
    assert isinstance(fault, KuraError)
    assert told in fault.message("en")
    assert list((console.home / "evaluations").iterdir()) == before


def test_a_template_is_written_and_nothing_else(console: Console, tmp_path: Path) -> None:
    file = tmp_path / "new" / "own.jsonl"
    done = console.run_here("eval", "--new-set", str(file))
    assert done.exit_code == 0
    assert str(file) in done.stdout
    assert "documents" in file.read_text(encoding="utf-8")


def test_an_interrupted_measurement_says_how_to_go_on_and_does(
    console: Console, tmp_path: Path
) -> None:
    asked = [
        {"id": f"n{n}", "question": f"日当は {n} 円ですか", "expect": "refuse"} for n in range(MANY)
    ]
    text = "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in asked)
    file = write(tmp_path, {"many.jsonl": text}) / "many.jsonl"
    runs = console.home / "evaluations"
    before = set(runs.glob("*"))
    process = subprocess.Popen(
        console.command("eval", str(file)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=console.environment,
    )
    wait_for(
        lambda: any((run / "outcomes.jsonl").is_file() for run in set(runs.glob("*")) - before)
    )
    os.kill(process.pid, signal.SIGINT)
    _, told = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130
    assert "eval --resume" in told
    [run] = set(runs.glob("*")) - before
    kept = (run / "outcomes.jsonl").read_text(encoding="utf-8").splitlines()
    assert 0 < len(kept) < MANY
    made = console.json("eval", str(file), "--resume")
    assert (made["run"], made["questions_asked"]) == (run.name, MANY)


def give(console: Console, **about: object) -> Feedback:
    """Keeps feedback as the server would, on the Japanese document where it names none."""
    settings = load_settings(home=console.home)
    with open_store(settings) as catalog:
        everything = Scope(frozenset({EVERYONE, "group:admins"}))
        documents = {
            each.external_id: each.id for each in catalog.documents.list(everything, limit=9)
        }
        given = {
            "user": "hanako",
            "groups": ("admins",),
            "question": "日当は？",
            "language": "ja",
            "answer_id": "1",
            "answer_kind": "extractive",
            "helpful": True,
            "documents": (documents["travel.md"],),
            **about,
        }
        kept = catalog.feedback.give(NewFeedback(**given), 100)
    assert kept is not None
    return kept


def test_feedback_becomes_a_golden_question_without_a_name(console: Console) -> None:
    kept = give(console, comment="ありがとう")
    [listed] = console.json("feedback", "list")["feedback"]
    assert listed["titles"][kept.documents[0]]
    assert "hanako" not in json.dumps(listed)
    assert "日当は？" in console.run_here("feedback", "list").stdout
    accepted = console.json("feedback", "accept", kept.id)
    assert (accepted["state"], accepted["expect"], accepted["comment"]) == ("golden", "answer", "")
    assert console.json("feedback", "list")["feedback"] == []
    exported = json.loads(console.run_here("feedback", "export").stdout)
    assert exported["as"] == ["everyone", "group:admins"]
    made = console.json("eval")
    assert {each["name"] for each in made["sets"]} == {"own", "feedback"}
    assert isinstance(console.run_here("feedback", "accept", kept.id).exception, Invalid)
    assert console.json("feedback", "drop", kept.id)["dropped"]
    assert isinstance(console.run_here("feedback", "drop", kept.id).exception, NotFound)


def test_feedback_that_names_no_right_document_asks_for_one(console: Console) -> None:
    kept = give(console, helpful=False, answer_id="2", user="taro")
    refused = console.run_here("feedback", "accept", kept.id).exception
    assert isinstance(refused, Invalid)
    assert "--document" in refused.message("en")
    unknown = console.run_here("feedback", "accept", kept.id, "--document", "nothing")
    assert isinstance(unknown.exception, NotFound)
    accepted = console.json("feedback", "accept", kept.id, "--refuse")
    assert (accepted["expect"], accepted["documents"]) == ("refuse", [])
    give(console, answer_id="3", user="taro")
    assert console.json("feedback", "forget", "taro")["deleted"] == 1


def test_a_question_that_steers_terminals_is_shown_harmless_and_exported_as_it_was(
    console: Console, tmp_path: Path
) -> None:
    question = "kura ask とは\u2028何\x85 \x1b[31m赤\x1b]0;x\x07 \u202e逆"
    kept = give(console, question=question, comment="\x1b[2J", answer_id="4", user="taro")
    shown = console.run_here("feedback", "list").stdout
    assert not set("\x1b\x07\x85\u202e") & set(shown)
    console.json("feedback", "accept", kept.id, "--refuse")
    exported = tmp_path / "exported.jsonl"
    exported.write_text(console.run_here("feedback", "export").stdout, encoding="utf-8")
    assert question in {golden.question for golden in read_set(exported).questions}
