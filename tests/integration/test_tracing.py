"""What became of a document one expected: the step it is lost at, and what is advised."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.answering.answerer import Options
from app.identity import carry_groups
from app.services import Person
from app.tracing.inquiring import inquire
from app.tracing.model import Expectation, Inquiry
from retrieval.catalog.records import Failed
from retrieval.identity import source_id
from retrieval.model import Metadata, Scope
from tests.fakes.chat_model import ScriptedChat
from tests.integration.search_samples import ANYONE, HR, PUBLIC, SOURCE, STAFF, Library, opened

TRAVEL = "出張旅費の精算は翌月十日までに経理部へ提出します。"
SAME = "同じ題名の文書"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with opened(tmp_path_factory.mktemp("home")) as library:
        library.publish("travel.txt", [TRAVEL], metadata=Metadata("旅費規程", "経理"))
        library.publish("pay.txt", ["役員の報酬は別に定めます。"], STAFF, Metadata("役員規程"))
        library.publish("old", ["定年は60歳です。"], metadata=Metadata("就業規則 2019年版"))
        library.publish("new", ["定年は65歳です。"], metadata=Metadata("就業規則 2023年版"))
        for n in range(9):
            library.publish(f"note{n}", [f"出張旅費の精算 {n}"], metadata=Metadata(f"メモ{n}"))
        for n in range(4):
            library.publish(f"long{n}", [f"棚卸の手順{n}。" + "倉庫で数えて記録します。" * 40])
        for name in ("one", "two"):
            library.publish(name, [SAME], metadata=Metadata(SAME))
        failed = Failed(
            source_id(SOURCE), "locked.pdf", "password-protected", {"name": "locked.pdf"},
            "1", "1", 1, PUBLIC,
        )  # fmt: skip
        library.catalog.documents.fail(failed)
        library.index()
        yield library


def ask(
    library: Library,
    question: str,
    document: str,
    who: frozenset[str] = ANYONE,
    writer: ScriptedChat | None = None,
) -> Inquiry:
    expected = Expectation(question, document, Scope(who))
    return inquire(expected, library.searcher, writer, Options())


@pytest.mark.parametrize(
    ("question", "document", "verdict", "advice"),
    [
        ("旅費", "nowhere.txt", "unknown", "kura ingest"),
        ("旅費", SAME, "ambiguous", "id"),
        ("旅費", "locked.pdf", "unread", "kura ingest"),
        ("報酬", "役員規程", "forbidden", "group:hr"),
        ("旅費 dept:人事", "旅費規程", "filtered", "filter"),
        ('"出張旅費の精算 3"', "旅費規程", "filtered", "quotes"),
        ("くぁwせdrft", "役員規程", "forbidden", "access"),
        ("出張旅費の精算 メモ", "旅費規程", "outranked", "glossary"),
        ("定年は何歳ですか", "old", "cut", "year"),
        ("翌月十日 経理部 提出", "travel.txt", "shown", ""),
    ],
)
def test_each_step_says_what_happened_and_what_to_do(
    library: Library, question: str, document: str, verdict: str, advice: str
) -> None:
    found = ask(library, question, document)
    assert found.verdict == verdict
    assert advice in found.conclusion.remedy.en
    assert all(step.told.ja and step.told.en for step in found.steps)
    assert bool(found.conclusion.remedy.ja) == bool(found.conclusion.remedy.en)


def test_a_failed_file_is_explained_in_the_words_of_its_failure(library: Library) -> None:
    step = ask(library, "鍵", "locked.pdf").conclusion
    assert "password" in step.told.en
    assert "パスワード" in step.told.ja


def test_a_damage_is_explained_in_words_not_by_its_code(tmp_path: Path) -> None:
    details = {"name": "plan.docx", "reason": "other-content"}
    failed = Failed(source_id(SOURCE), "plan.docx", "damaged", details, "1", "1", 1, PUBLIC)
    with opened(tmp_path) as library:
        library.catalog.documents.fail(failed)
        told = ask(library, "図面", "plan.docx").conclusion.told
    assert "other-content" not in told.ja + told.en
    assert "extension" in told.en


def test_filters_are_told_by_the_names_people_use_and_how_they_were_read(library: Library) -> None:
    (told,) = [s.told for s in ask(library, "旅費 dept:人事", "旅費規程").steps if not s.passed]
    assert "部署" in told.ja
    assert "departments" not in told.ja
    assert "経理" in told.ja  # which there are
    (told,) = [s.told for s in ask(library, '"無い語句"', "旅費規程").steps if s.name == "filters"]
    assert "“無い語句”" in told.en


def test_passages_that_are_barred_by_a_minus_are_counted(tmp_path: Path) -> None:
    with opened(tmp_path) as library:
        library.publish("both", ["出張旅費の精算。", "海外出張の手順。"])
        library.index()
        steps = ask(library, "出張 -海外", "both").steps
    (told,) = [step.told.en for step in steps if step.name == "filters"]
    assert "1 of its pieces" in told


def test_ranks_and_scores_of_both_arms_are_told(library: Library) -> None:
    trace = ask(library, "役員の報酬", "役員規程", HR).trace
    assert trace.lexical is not None
    assert trace.vector is not None
    assert trace.ordered is not None
    assert (trace.lexical.rank, trace.vector.rank, trace.shown) == (1, 1, 1)
    assert trace.factors["lexical"] == pytest.approx(trace.lexical.score)
    assert trace.carried == ("group:hr",)


def test_words_the_document_lacks_are_named_but_not_those_it_says_otherwise(
    library: Library,
) -> None:
    trace = ask(library, "出張旅費の締め切りとリフレッシュデイ", "旅費規程").trace
    assert "リフレッシュデイ" in trace.lacking
    assert "出張" not in trace.lacking


def test_a_window_that_is_too_small_cuts_what_was_found(library: Library) -> None:
    found = ask(library, "棚卸の手順", "long0").trace.above
    last = next(each.document.external_id for each in reversed(found) if "棚卸" in each.chunk.text)
    wide, narrow = (
        ask(library, "棚卸の手順", last, writer=ScriptedChat("", window=window))
        for window in (16_384, 2_048)
    )
    assert (wide.verdict, wide.steps[-1].passed) == ("shown", True)
    assert narrow.verdict == "cut"
    assert "KURA_NUM_CTX" in narrow.conclusion.remedy.en


def test_what_scores_too_little_is_not_shown_to_a_model(library: Library) -> None:
    found = ask(library, TRAVEL, "旅費規程").trace.above
    last = found[-1]
    assert last.score < Options().least_share * found[0].score
    told = ask(library, TRAVEL, last.document.external_id, writer=ScriptedChat("", window=16_384))
    assert (told.verdict, told.steps[-1].passed) == ("cut", False)
    assert "no model is shown it" in told.conclusion.told.en


def test_without_a_model_no_budget_cuts_anything(library: Library) -> None:
    assert ask(library, "棚卸の手順", "long0").steps[-1].passed is None


def test_an_expired_document_that_is_found_is_told_to_be_so(tmp_path: Path) -> None:
    with opened(tmp_path) as library:
        facts = Metadata("価格表", tags=("expires:2022-03-31",))
        library.publish("prices", ["部品の単価は100円です。"], metadata=facts)
        library.index()
        found = ask(library, "部品の単価", "prices")
    assert found.verdict == "shown"
    assert "2022-03-31" in found.steps[-1].told.ja
    assert "expired" in found.steps[-1].told.en


def test_a_removed_document_is_told_with_its_reason(tmp_path: Path) -> None:
    with opened(tmp_path) as library:
        gone = library.publish("travel.txt", [TRAVEL])
        library.catalog.documents.remove([gone], "deleted by hanako")
        found = ask(library, "旅費", "travel.txt")
    assert found.verdict == "removed"
    assert datetime.now(UTC).date().isoformat() in found.conclusion.told.en
    assert "deleted by hanako" in found.conclusion.told.en


def test_a_user_carries_the_groups_of_keys_and_sample_people() -> None:
    people = [Person("hanako", "花子", "Hanako", ("hr", "staff"))]
    carried = carry_groups(frozenset({"everyone", "user:hanako"}), [], people)
    assert carried == {"everyone", "user:hanako", "group:hr", "group:staff"}
    assert carry_groups(frozenset({"user:taro"}), [], people) == {"user:taro"}
