"""Edits over HTTP: what was set, by whom it is known, how it is given back, and what it tells."""

import pytest
from fastapi.testclient import TestClient

from retrieval.model import Access, Metadata, NewVersion, TagOrigin
from tests.fakes.services import Company

DOCUMENTS = "/api/v1/documents"
ALL = ("ask", "write", "admin")
DERIVED = Metadata(
    title="旅費規程",
    department="経理",
    owner="経理部",
    tags=("旅費", "type:policy"),
    tag_origins=(TagOrigin("type:policy", "title", 0.9),),
    fact_origins=(TagOrigin("title", "text", 0.8), TagOrigin("owner", "text", 0.9)),
    keywords=("旅費", "精算"),
)


@pytest.fixture
def one(company: Company) -> str:
    document = company.publish("旅費.txt", "旅費は翌月に精算します。")
    company.catalog.documents.update(document, metadata=DERIVED)
    return document


def _put_inside(company: Company, outer: str) -> str:
    everyone = Access(frozenset({"everyone"}))
    made_of = ("別表です。", (), (), "", "hash", "1", 15, outer)
    source = company.source().id
    version = NewVersion(source, "旅費.zip!/別表.txt", DERIVED, everyone, *made_of)
    return company.catalog.documents.publish(version).document_id


def test_a_document_tells_where_its_facts_come_from(client: TestClient, one: str) -> None:
    shown = client.get(f"{DOCUMENTS}/{one}").json()
    assert shown["keywords"] == ["旅費", "精算"]
    assert shown["tag_origins"] == [
        {"name": "旅費", "source": "rule", "confidence": 1.0},
        {"name": "type:policy", "source": "title", "confidence": 0.9},
    ]
    assert {"name": "owner", "source": "text", "confidence": 0.9} in shown["origins"]
    assert (shown["edited"], shown["duplicates"]) == ([], [])


def test_what_a_person_sets_is_marked_as_theirs(
    client: TestClient, company: Company, one: str
) -> None:
    admin = company.key("root", (), ALL)
    body = {"title": "旅費のきまり", "tags": ["旅費", "type:procedure"]}
    changed = client.patch(f"{DOCUMENTS}/{one}", json=body, headers=admin).json()
    assert changed["edited"] == ["title", "tags"]
    assert changed["tags"] == ["旅費", "type:procedure"]
    assert {"name": "type:procedure", "source": "person", "confidence": 1.0} in changed[
        "tag_origins"
    ]
    assert {"name": "title", "source": "person", "confidence": 1.0} in changed["origins"]
    assert client.get(f"{DOCUMENTS}/{one}").json()["edited"] == ["title", "tags"]


def test_null_gives_a_field_back_and_what_is_absent_stays(
    client: TestClient, company: Company, one: str
) -> None:
    admin = company.key("root", (), ALL)
    body = {"title": "別", "owner": "鈴木", "tags": []}
    client.patch(f"{DOCUMENTS}/{one}", json=body, headers=admin)
    back = client.patch(
        f"{DOCUMENTS}/{one}", json={"title": None, "tags": None}, headers=admin
    ).json()
    assert (back["title"], back["owner"]) == ("旅費規程", "鈴木")
    assert back["tags"] == ["旅費", "type:policy"]
    assert back["edited"] == ["owner"]


def test_changing_access_alone_edits_nothing(
    client: TestClient, company: Company, one: str
) -> None:
    admin = company.key("root", (), ALL)
    body = {"access": {"allow": ["everyone"], "deny": ["user:jiro"]}}
    changed = client.patch(f"{DOCUMENTS}/{one}", json=body, headers=admin).json()
    assert changed["edited"] == []
    assert changed["access"]["deny"] == ["user:jiro"]


def test_only_readable_places_of_the_same_bytes_are_told_of(
    client: TestClient, company: Company
) -> None:
    text = "有給休暇は十日です。"
    one = company.publish("a.txt", text)
    other = company.publish("写し/a.txt", text)
    company.publish("取締役会/a.txt", text, allow="group:board")
    seen = client.get(f"{DOCUMENTS}/{one}")
    assert [each["id"] for each in seen.json()["duplicates"]] == [other]
    assert "取締役会" not in seen.text
    board = client.get(f"{DOCUMENTS}/{one}", headers=company.key("ito", ("board",))).json()
    assert len(board["duplicates"]) == 2


def test_access_is_changed_of_the_outermost_document_alone(
    client: TestClient, company: Company, one: str
) -> None:
    admin = company.key("root", (), ALL)
    inner = _put_inside(company, one)
    shut = {"access": {"allow": ["group:board"]}}
    refused = client.patch(f"{DOCUMENTS}/{inner}", json=shut, headers=admin)
    assert (refused.status_code, refused.json()["code"]) == (422, "lies-in-another")
    assert one in refused.json()["detail"]
    assert client.patch(f"{DOCUMENTS}/{inner}", json={"title": "表"}, headers=admin).is_success
    assert client.patch(f"{DOCUMENTS}/{one}", json=shut, headers=admin).is_success
    assert client.get(f"{DOCUMENTS}/{inner}").status_code == 404


@pytest.mark.parametrize(
    "body", [{"title": "規程\x1b[2J"}, {"owner": "経理\n部"}, {"tags": ["秘\u202e密"]}]
)
def test_what_others_are_shown_is_one_line_of_visible_characters(
    client: TestClient, company: Company, one: str, body: dict[str, object]
) -> None:
    admin = {**company.key("root", (), ALL), "Accept-Language": "ja"}
    refused = client.patch(f"{DOCUMENTS}/{one}", json=body, headers=admin)
    assert refused.status_code == 422
    assert "制御文字" in refused.json()["errors"][0]["message"]
    assert client.get(f"{DOCUMENTS}/{one}").json()["edited"] == []
