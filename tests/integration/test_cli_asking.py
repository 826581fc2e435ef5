"""`kura ask`: going on with a conversation, and reporting that something is missing."""

from pathlib import Path

import pytest

from app.bootstrap import open_store
from app.conversing.errors import ConversationMissing, ConversationsOff, NothingToContinue
from app.settings import load_settings
from retrieval.errors import Invalid
from tests.integration.console import Console, copy_console

ALLOWANCE = "日帰り出張の日当はいくらですか"
MISSING = "Where is the parking of KS-9999?"


@pytest.fixture(scope="module")
def filled(sound: Path, tmp_path_factory: pytest.TempPathFactory) -> Console:
    return copy_console(sound, tmp_path_factory.mktemp("talking") / "home")


@pytest.fixture
def console(filled: Console) -> Console:
    """The same documents; nothing was asked or said yet."""
    with open_store(load_settings(home=filled.home)) as catalog:
        catalog.conversations.remove_all("admin")
        catalog.feedback.forget("admin")
    return filled


def test_a_follow_up_goes_on_with_what_was_asked_before(console: Console) -> None:
    console.run_here("ask", "来客用の駐車場は何台分ですか")
    console.run_here("ask", ALLOWANCE)
    done = console.run_here("ask", "--continue", "それは日帰りの場合ですか")
    assert "2,500" in done.stdout
    assert ALLOWANCE in done.stderr
    with open_store(load_settings(home=console.home)) as catalog:
        talks = catalog.conversations.list("admin", since=0, limit=9)
    assert [talk.turns for talk in talks] == [2, 1]
    made = console.json("ask", "--conversation", talks[1].id, "その利用には何が必要ですか")
    assert made["conversation"] == talks[1].id
    assert "駐車" in made["question"]
    assert "届け出" in made["text"]


def test_without_a_conversation_there_is_nothing_to_go_on_with(console: Console) -> None:
    assert console.json("ask", ALLOWANCE)["conversation"] is None  # a program keeps nothing
    console.run_here("ask", ALLOWANCE, "--as", "group:admins")
    done = console.run_here("ask", "--continue", "それは？")
    assert isinstance(done.exception, NothingToContinue)
    unknown = console.run_here("ask", "--conversation", "nothing", "それは？")
    assert isinstance(unknown.exception, ConversationMissing)


def test_where_none_are_kept_asking_goes_on_and_continuing_says_how(console: Console) -> None:
    off = Console(console.home, KURA_KEEP_CONVERSATIONS_DAYS="0")
    assert "2,500" in off.run_here("ask", ALLOWANCE).stdout
    done = off.run_here("ask", "--continue", "それは？")
    assert isinstance(done.exception, ConversationsOff)
    assert "KURA_KEEP_CONVERSATIONS_DAYS" in done.exception.message("en")


def test_what_no_document_says_is_offered_to_be_reported_and_is_reported(console: Console) -> None:
    asked = console.run_here("ask", MISSING).stdout
    assert f"ask --report '{MISSING}'" in asked
    assert console.json("feedback", "list")["feedback"] == []
    assert "Reported" in console.run_here("ask", "--report", MISSING).stdout
    [listed] = console.json("feedback", "list", "--reason", "missing")["feedback"]
    assert (listed["question"], listed["answer_kind"]) == (MISSING, "refusal")
    assert listed["documents"]
    shown = console.run_here("feedback", "list", "--reason", "missing").stdout
    assert f"near: {listed['titles'][listed['documents'][0]]}" in shown
    assert "no feedback" in console.run_here("feedback", "list", "--reason", "outdated").stdout
    assert isinstance(console.run_here("feedback", "list", "--reason", "x").exception, Invalid)


def test_what_is_answered_is_not_reported(console: Console) -> None:
    assert console.json("ask", "--report", ALLOWANCE)["reported"] is False
    assert console.json("feedback", "list")["feedback"] == []


@pytest.mark.parametrize("option", [("--continue",), ("--conversation", "x"), ("--report",)])
def test_nothing_is_kept_or_reported_in_the_name_of_others(
    console: Console, option: tuple[str, ...]
) -> None:
    done = console.run_here("ask", MISSING, "--as", "user:hanako", *option)
    assert isinstance(done.exception, Invalid)
    assert option[0] in done.exception.message("en")
    acting = console.run_here("ask", MISSING, "--as", "user:hanako")
    assert "--report" not in acting.stdout
