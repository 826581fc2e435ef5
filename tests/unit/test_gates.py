"""The gates: what is not opened, not read, and not removed without a question."""

import hashlib
import json
from dataclasses import replace

import pytest

from ingestion.gates import (
    Signature,
    Step,
    choose_step,
    has_same_bytes,
    hash_ruling,
    hold_back,
    keep_edits,
)
from ingestion.sidecar import Ruling
from retrieval.catalog import DocumentState
from retrieval.model import Access, DocumentStatus, Metadata

_RULING = Ruling(Access(frozenset({"everyone"})), "人事", "佐藤", ("規程",))
_NOW = Signature("r1", "10:20:30", hash_ruling(_RULING))


def _state(**facts: object) -> DocumentState:
    state = DocumentState(
        id="d",
        signature=str(_NOW),
        content_hash="c",
        text_hash="t",
        status=DocumentStatus.CURRENT,
        access=_RULING.access,
        metadata=Metadata("題", department="人事", owner="佐藤", tags=("規程", "type:policy")),
    )
    return replace(state, **facts)  # type: ignore[arg-type]


def test_an_unknown_item_is_read() -> None:
    assert choose_step(None, _NOW) is Step.READ


def test_an_item_with_the_same_signature_needs_nothing() -> None:
    assert choose_step(_state(), _NOW) is Step.NOTHING


def test_a_failed_item_whose_file_is_the_same_is_not_read_again() -> None:
    assert choose_step(_state(status=DocumentStatus.FAILED), _NOW) is Step.NOTHING


@pytest.mark.parametrize("change", [{"item": "11:20:30"}, {"recipe": "r2"}])
def test_a_changed_file_or_recipe_is_read(change: dict[str, str]) -> None:
    assert choose_step(_state(), replace(_NOW, **change)) is Step.READ


def test_only_a_changed_ruling_reads_nothing() -> None:
    assert choose_step(_state(), replace(_NOW, ruling="other")) is Step.RULE


def test_a_signature_nobody_knows_is_read() -> None:
    assert choose_step(_state(signature="?"), _NOW) is Step.READ


def test_the_same_bytes_are_known() -> None:
    assert has_same_bytes(_state(), _NOW, "c")
    assert not has_same_bytes(_state(), _NOW, "other")
    assert not has_same_bytes(_state(), replace(_NOW, recipe="r2"), "c")
    assert not has_same_bytes(_state(text_hash=""), _NOW, "c")
    assert not has_same_bytes(None, _NOW, "c")


@pytest.mark.parametrize(
    ("change"),
    [
        {"access": Access(frozenset({"group:hr"}))},
        {"access": Access(frozenset({"everyone"}), frozenset({"user:x"}))},
        {"department": "経理"},
        {"owner": "鈴木"},
        {"tags": ()},
    ],
)
def test_every_field_of_a_ruling_counts(change: dict[str, object]) -> None:
    assert hash_ruling(replace(_RULING, **change)) != hash_ruling(_RULING)  # type: ignore[arg-type]


def test_an_edit_by_hand_stands_while_the_rules_say_the_same() -> None:
    narrowed = _state(access=Access(frozenset({"group:hr"})))
    kept = keep_edits(narrowed, _NOW, _RULING)
    assert kept.access.allow == frozenset({"group:hr"})
    assert kept.tags == ("規程",)


def test_a_new_ruling_replaces_an_edit_by_hand() -> None:
    narrowed = _state(access=Access(frozenset({"group:hr"})))
    assert keep_edits(narrowed, replace(_NOW, ruling="other"), _RULING) == _RULING


@pytest.mark.parametrize(
    ("known", "missing", "listed", "held"),
    [
        (0, 0, 0, False),
        (10, 1, 9, False),
        (10, 10, 0, True),
        (1, 1, 0, True),
        (100, 20, 80, False),
        (100, 21, 79, True),
        (1000, 100, 900, False),
        (1000, 101, 899, True),
    ],
)
def test_many_removals_at_once_are_held(known: int, missing: int, listed: int, held: bool) -> None:
    assert hold_back(known, missing, listed) is held


def test_access_narrowed_by_hand_stands_over_a_signature_of_the_whole_ruling() -> None:
    facts = [["everyone"], [], _RULING.department, _RULING.owner, list(_RULING.tags)]
    whole = hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]
    narrow = Access(frozenset({"group:hr"}))
    state = _state(access=narrow, signature=str(replace(_NOW, ruling=whole)))
    assert keep_edits(state, _NOW, _RULING).access == narrow
    assert keep_edits(state, _NOW, replace(_RULING, owner="田中")).access == _RULING.access


def test_another_way_of_tagging_is_another_ruling_but_not_another_access() -> None:
    other = replace(_NOW, ruling=hash_ruling(_RULING, "t9"))
    assert choose_step(_state(), other) is Step.RULE
    assert (other.access, other.facts == _NOW.facts) == (_NOW.access, False)
    narrow = _state(access=Access(frozenset({"group:hr"})))
    assert keep_edits(narrow, other, _RULING).access == narrow.access
