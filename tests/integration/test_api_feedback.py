"""Feedback over HTTP: what is kept, who sees it, and what becomes of it."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from app.api.feedback import MOST_AN_HOUR
from app.evaluating.accepting import read_pairs
from app.evaluating.finding import name_evaluated, read_accepted
from app.main import create_app
from tests.fakes.services import Company

PATH = "/api/v1/feedback"


@pytest.fixture
def company(company: Company) -> Company:
    company.publish("就業規則.txt", "有給休暇は十日です。\n欠勤は届け出ます。")
    company.publish("秘密.txt", "有給休暇は百日です。", allow="group:board")
    return company


@pytest.fixture
def headers(company: Company) -> dict[str, str]:
    return company.key(groups=("hr",))


@pytest.fixture
def admin(company: Company) -> Iterator[TestClient]:
    headers = company.key("kanri", scopes=("admin",))
    with TestClient(create_app(company.services), headers=headers) as opened:
        yield opened


def ids_of(company: Company, name: str) -> tuple[str, list[str]]:
    """Returns a document's id and those of its passages."""
    rows = [row for batch in company.catalog.chunks.all_index_rows(100) for row in batch]
    mine = [row for row in rows if row.title == name]
    return mine[0].document_id, [row.chunk_id for row in mine]


def say(client: TestClient, answer: str = "a1", **about: object) -> str:
    body = {
        "answer_id": answer,
        "answer_kind": "extractive",
        "question": "有給休暇は何日ですか",
        "helpful": True,
        **about,
    }
    sent = client.post(PATH, json=body)
    assert sent.status_code == 201, sent.text
    return str(sent.json()["id"])


def test_what_is_kept_is_the_question_the_ids_and_what_was_said(
    client: TestClient, company: Company
) -> None:
    document, chunks = ids_of(company, "就業規則.txt")
    say(client, chunks=chunks, comment=" 助かりました ")
    [kept] = company.catalog.feedback.list()
    assert (kept.user, kept.groups, kept.question) == ("hanako", ("hr",), "有給休暇は何日ですか")
    assert (kept.documents, set(kept.chunks)) == ((document,), set(chunks))
    assert (kept.comment, kept.language, kept.state) == ("助かりました", "ja", "new")
    assert company.catalog.database.path.read_bytes().count("十日".encode()) <= 3  # not again here


def test_a_follow_up_is_kept_as_a_question_that_stands_alone(
    client: TestClient, company: Company
) -> None:
    history = [{"question": "有給休暇は何日ですか", "answer": "十日です。秘密の話。"}]
    say(client, question="それはいつ付与されますか", history=history)
    [kept] = company.catalog.feedback.list()
    assert "有給" in kept.question
    assert "秘密の話" not in kept.question


def test_saying_it_again_of_the_same_answer_replaces_it(
    client: TestClient, company: Company
) -> None:
    first = say(client)
    assert say(client, helpful=False, reason="outdated") == first
    [kept] = company.catalog.feedback.list()
    assert (kept.helpful, kept.reason) == (False, "outdated")


def test_an_unreadable_document_is_as_if_it_were_not_there(
    client: TestClient, company: Company
) -> None:
    secret, chunks = ids_of(company, "秘密.txt")
    say(client, chunks=[*chunks, "nothing"])
    assert company.catalog.feedback.list()[0].documents == ()
    answers = []
    for name in (secret, "nothing"):
        body = {"answer_id": "b", "answer_kind": "refusal", "question": "何", "helpful": False}
        sent = client.post(PATH, json={**body, "correct_document": name})
        problem = sent.json()
        answers.append((sent.status_code, problem["code"], problem["detail"].replace(name, "")))
    assert answers[0] == answers[1]
    assert answers[0][0] == 404
    assert len(company.catalog.feedback.list()) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"question": ""},
        {"question": " \u3000\n"},
        {"question": "あ" * 4001},
        {"comment": "あ" * 2001},
        {"reason": "bored"},
        {"rating": 5},
        {"helpful": None},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_what_is_no_feedback_is_refused(client: TestClient, wrong: dict[str, object]) -> None:
    body = {"answer_id": "a", "answer_kind": "refusal", "question": "何", "helpful": True}
    assert client.post(PATH, json={**body, **wrong}).status_code == 422


def test_one_reader_says_only_so_much_in_an_hour(
    client: TestClient, company: Company, admin: TestClient
) -> None:
    for number in range(MOST_AN_HOUR):
        say(client, f"a{number}")
    body = {"answer_id": "one more", "answer_kind": "refusal", "question": "何", "helpful": True}
    refused = client.post(PATH, json=body)
    assert (refused.status_code, refused.json()["code"]) == (429, "too-many-requests")
    say(client, "a0", helpful=False)  # but a change of mind is kept
    other = TestClient(create_app(company.services), headers=company.key("taro"))
    say(other, "b")
    assert len(admin.get(PATH, params={"limit": 1000}).json()["feedback"]) == MOST_AN_HOUR + 1


def test_only_admins_see_feedback_and_they_see_no_names(
    client: TestClient, admin: TestClient, company: Company
) -> None:
    secret, chunks = ids_of(company, "秘密.txt")
    board = TestClient(create_app(company.services), headers=company.key("b", groups=("board",)))
    say(board, chunks=chunks)
    kept = say(client, "mine")
    for method, path in (("GET", PATH), ("PATCH", f"{PATH}/{kept}"), ("DELETE", f"{PATH}/{kept}")):
        sent = client.request(method, path, json={"state": "golden"} if method == "PATCH" else None)
        assert sent.status_code == 403
    listed = admin.get(PATH)
    assert "hanako" not in listed.text
    assert "秘密" not in listed.text  # the admin may not read that document
    assert secret not in listed.text  # not even that it is there
    assert admin.post(PATH, json={}).status_code == 403  # admins do not rate with an admin's key


def test_accepted_feedback_is_measured_on_and_has_lost_its_giver(
    client: TestClient, admin: TestClient, company: Company
) -> None:
    document, chunks = ids_of(company, "就業規則.txt")
    kept = say(client, chunks=chunks, comment="花子です")
    done = admin.patch(f"{PATH}/{kept}", json={"state": "golden"})
    assert done.status_code == 200
    assert done.json()["titles"] == {document: "就業規則.txt"}
    row = company.catalog.feedback.get(kept)
    assert row is not None
    assert (row.user, row.comment, row.answer_id) == ("", "", "")
    [golden] = read_accepted(company.catalog).questions
    assert (golden.documents, golden.expect) == ((document,), "answer")
    assert golden.principals == {"everyone", "group:hr"}
    again = admin.patch(f"{PATH}/{kept}", json={"state": "training"})
    assert (again.status_code, again.json()["code"]) == (422, "already-decided")
    client.delete(PATH)
    assert company.catalog.feedback.get(kept) is not None


def test_a_golden_question_is_never_offered_for_training(
    client: TestClient, admin: TestClient, company: Company
) -> None:
    document, chunks = ids_of(company, "就業規則.txt")
    company.publish("別紙.txt", "別の話です。")
    chunks_sent = [*chunks, *ids_of(company, "別紙.txt")[1]]
    measured, twin, other = (
        say(client, "1", chunks=chunks),
        say(client, "2", chunks=chunks, question="有給休暇は 何日ですか？"),
        say(
            client,
            "3",
            helpful=False,
            chunks=chunks_sent,
            correct_document=document,
            question="欠勤の届け出は必要ですか",
        ),
    )
    admin.patch(f"{PATH}/{measured}", json={"state": "golden"})
    for name in (twin, other):
        assert admin.patch(f"{PATH}/{name}", json={"state": "training"}).status_code == 200
    everything = read_pairs(company.catalog, frozenset())
    assert len(everything) == 2  # waiting and golden rows are not among them
    evaluated = name_evaluated([read_accepted(company.catalog)])
    [pair] = read_pairs(company.catalog, evaluated)
    assert (pair.question, pair.documents) == ("欠勤の届け出は必要ですか", (document,))
    assert set(pair.chunks) == set(chunks)


def test_a_right_document_must_be_known_before_feedback_is_accepted(
    client: TestClient, admin: TestClient, company: Company
) -> None:
    document, _ = ids_of(company, "就業規則.txt")
    secret, _ = ids_of(company, "秘密.txt")
    kept = say(client, helpful=False, reason="wrong")
    unclear = admin.patch(f"{PATH}/{kept}", json={"state": "golden"})
    assert (unclear.status_code, unclear.json()["code"]) == (422, "right-document-unknown")
    hidden = admin.patch(f"{PATH}/{kept}", json={"state": "golden", "documents": [secret]})
    assert hidden.status_code == 404
    pair = admin.patch(f"{PATH}/{kept}", json={"state": "training", "refuse": True})
    assert pair.status_code == 422  # there is nothing to learn from a refusal
    done = admin.patch(f"{PATH}/{kept}", json={"state": "golden", "documents": [document]})
    assert (done.status_code, done.json()["expect"]) == (200, "answer")
    refused = say(client, "2", answer_kind="refusal")
    assert admin.patch(f"{PATH}/{refused}", json={"state": "golden"}).json()["expect"] == "refuse"


def test_what_a_refusal_quotes_as_near_is_not_taken_for_right(
    client: TestClient, admin: TestClient, company: Company
) -> None:
    near, chunks = ids_of(company, "就業規則.txt")
    kept = say(client, answer_kind="refusal", chunks=chunks)
    for state in ("golden", "training"):
        unclear = admin.patch(f"{PATH}/{kept}", json={"state": state})
        assert (unclear.status_code, unclear.json()["code"]) == (422, "right-document-unknown")
    named = admin.patch(f"{PATH}/{kept}", json={"state": "golden", "documents": [near]}).json()
    assert (named["expect"], named["documents"]) == ("answer", [near])


def test_everybody_deletes_what_carries_their_own_name(
    client: TestClient, admin: TestClient, company: Company
) -> None:
    say(client)
    other = TestClient(create_app(company.services), headers=company.key("taro"))
    kept = say(other)
    assert client.delete(PATH).status_code == 204
    assert [row.id for row in company.catalog.feedback.list()] == [kept]
    assert admin.delete(f"{PATH}/{kept}").status_code == 204
    assert admin.delete(f"{PATH}/{kept}").status_code == 404


def test_who_acts_as_somebody_neither_gives_nor_deletes_that_persons_feedback(
    client: TestClient, company: Company
) -> None:
    say(client, "mine")
    acting = {**company.key("root", (), ("ask", "admin")), "Kura-Act-As": "hanako"}
    with TestClient(create_app(company.services), headers=acting) as other:
        body = {"answer_id": "b", "answer_kind": "refusal", "question": "何", "helpful": True}
        for refused in (other.post(PATH, json=body), other.delete(PATH)):
            assert (refused.status_code, refused.json()["code"]) == (403, "feedback-of-others")
    assert [row.answer_id for row in company.catalog.feedback.list()] == ["mine"]


def test_forgetting_nobody_deletes_nothing_that_was_accepted(
    client: TestClient, admin: TestClient, company: Company
) -> None:
    kept = say(client, chunks=ids_of(company, "就業規則.txt")[1])
    admin.patch(f"{PATH}/{kept}", json={"state": "golden"})
    assert company.catalog.feedback.forget("") == 0
    assert company.catalog.feedback.get(kept) is not None
