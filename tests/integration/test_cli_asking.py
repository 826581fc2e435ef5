"""`kura ask`: going on with a conversation, and reporting that something is missing."""

import pytest

from app.bootstrap import open_store
from app.conversing.errors import ConversationMissing, ConversationsOff, NothingToContinue
from app.settings import load_settings
from retrieval.errors import Invalid
from tests.integration.test_cli import DOCUMENTS, Console, write
from tests.integration.test_cli_eval import home_of, read_json, run_here

ALLOWANCE = "日帰り出張の日当はいくらですか"
MISSING = "Where is the parking of KS-9999?"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Console:
    root = tmp_path_factory.mktemp("talking")
    console = Console(root / "home")
    done = console.run("ingest", str(write(root / "rules", DOCUMENTS)))
    assert done.returncode == 0, done.stderr
    return console


@pytest.fixture
def console(filled: Console) -> Console:
    """The same documents; nothing was asked or said yet."""
    with open_store(load_settings(home=home_of(filled))) as catalog:
        catalog.conversations.remove_all("admin")
        catalog.feedback.forget("admin")
    return filled


def test_a_follow_up_goes_on_with_what_was_asked_before(console: Console) -> None:
    run_here(console, "ask", "来客用の駐車場は何台分ですか")
    run_here(console, "ask", ALLOWANCE)
    done = run_here(console, "ask", "--continue", "それは日帰りの場合ですか")
    assert "2,500" in done.stdout
    assert ALLOWANCE in done.stderr
    with open_store(load_settings(home=home_of(console))) as catalog:
        talks = catalog.conversations.list("admin", since=0, limit=9)
    assert [talk.turns for talk in talks] == [2, 1]
    made = read_json(console, "ask", "--conversation", talks[1].id, "その利用には何が必要ですか")
    assert made["conversation"] == talks[1].id
    assert "駐車" in made["question"]
    assert "届け出" in made["text"]


def test_without_a_conversation_there_is_nothing_to_go_on_with(console: Console) -> None:
    assert read_json(console, "ask", ALLOWANCE)["conversation"] is None  # a program keeps nothing
    run_here(console, "ask", ALLOWANCE, "--as", "group:admins")
    done = run_here(console, "ask", "--continue", "それは？")
    assert isinstance(done.exception, NothingToContinue)
    unknown = run_here(console, "ask", "--conversation", "nothing", "それは？")
    assert isinstance(unknown.exception, ConversationMissing)


def test_where_none_are_kept_asking_goes_on_and_continuing_says_how(console: Console) -> None:
    off = Console(home_of(console), KURA_KEEP_CONVERSATIONS_DAYS="0")
    assert "2,500" in run_here(off, "ask", ALLOWANCE).stdout
    done = run_here(off, "ask", "--continue", "それは？")
    assert isinstance(done.exception, ConversationsOff)
    assert "KURA_KEEP_CONVERSATIONS_DAYS" in done.exception.message("en")


def test_what_no_document_says_is_offered_to_be_reported_and_is_reported(console: Console) -> None:
    asked = run_here(console, "ask", MISSING).stdout
    assert f"ask --report '{MISSING}'" in asked
    assert read_json(console, "feedback", "list")["feedback"] == []
    assert "Reported" in run_here(console, "ask", "--report", MISSING).stdout
    [listed] = read_json(console, "feedback", "list", "--reason", "missing")["feedback"]
    assert (listed["question"], listed["answer_kind"]) == (MISSING, "refusal")
    assert listed["documents"]
    shown = run_here(console, "feedback", "list", "--reason", "missing").stdout
    assert f"near: {listed['titles'][listed['documents'][0]]}" in shown
    assert "no feedback" in run_here(console, "feedback", "list", "--reason", "outdated").stdout
    assert isinstance(run_here(console, "feedback", "list", "--reason", "x").exception, Invalid)


def test_what_is_answered_is_not_reported(console: Console) -> None:
    assert read_json(console, "ask", "--report", ALLOWANCE)["reported"] is False
    assert read_json(console, "feedback", "list")["feedback"] == []


@pytest.mark.parametrize("option", [("--continue",), ("--conversation", "x"), ("--report",)])
def test_nothing_is_kept_or_reported_in_the_name_of_others(
    console: Console, option: tuple[str, ...]
) -> None:
    done = run_here(console, "ask", MISSING, "--as", "user:hanako", *option)
    assert isinstance(done.exception, Invalid)
    assert option[0] in done.exception.message("en")
    acting = run_here(console, "ask", MISSING, "--as", "user:hanako")
    assert "--report" not in acting.stdout
