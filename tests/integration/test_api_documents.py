"""Documents over HTTP: listing, text, original, changes; and that unreadable means not there."""

from hashlib import sha256
from time import sleep

import pytest
from fastapi.testclient import TestClient

from retrieval.catalog import NewKey
from tests.fakes.services import Company

DOCUMENTS = "/api/v1/documents"
WRITE = ("ask", "write")
ALL = ("ask", "write", "admin")
MISSING = "00000000-0000-5000-8000-000000000000"


def steady(headers: object) -> dict[str, str]:
    return {k: v for k, v in dict(headers).items() if k not in {"kura-trace", "date"}}


def without_trace(content: bytes, headers: object, *ids: str) -> bytes:
    for part in (dict(headers)["kura-trace"], *ids):
        content = content.replace(part.encode(), b"X")
    return content


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("GET", "/api/v1/documents/{id}"),
        ("GET", "/api/v1/documents/{id}?lang=ja"),
        ("GET", "/api/v1/documents/{id}/text"),
        ("GET", "/api/v1/documents/{id}/text?start=5&end=2"),
        ("GET", "/api/v1/documents/{id}/original"),
        ("GET", "/api/v1/documents?after={id}"),
        ("PATCH", "/api/v1/documents/{id}"),
        ("DELETE", "/api/v1/documents/{id}"),
    ],
)
def test_an_unreadable_document_answers_like_a_missing_one(
    client: TestClient, company: Company, method: str, address: str
) -> None:
    company.publish("就業規則.txt", "有給休暇は十日です。")
    secret = company.publish("秘密.txt", "賞与は百日分です。", allow="group:board")
    headers = company.key(scopes=WRITE)
    body = {"json": {"title": "x"}} if method == "PATCH" else {}

    answers = [
        client.request(method, address.format(id=value), headers=headers, **body)
        for value in (secret, MISSING)
    ]

    assert answers[0].status_code == answers[1].status_code >= 400
    assert answers[0].status_code != 403
    contents = [without_trace(a.content, a.headers, secret, MISSING) for a in answers]
    assert contents[0] == contents[1]
    assert steady(answers[0].headers) == steady(answers[1].headers)


@pytest.mark.parametrize(
    "address", ["/documents", "/documents?department=人事", "/facets", "/jobs", "/session"]
)
def test_an_unreadable_document_leaves_no_trace_in_lists_and_counts(
    client: TestClient, company: Company, address: str
) -> None:
    company.publish("就業規則.txt", "有給休暇は十日です。")
    headers = company.key(scopes=WRITE)
    before = client.get(f"/api/v1{address}", headers=headers)

    company.publish("秘密.txt", "賞与", allow="group:board", tags=("極秘",))
    company.publish("隠.txt", "賞与", allow="group:board", source=company.source("極秘の箱"))
    company.catalog.jobs.enqueue("ingest", {}, owner="hanako")

    assert before.is_success
    assert client.get(f"/api/v1{address}", headers=headers).content == before.content


@pytest.mark.parametrize("key", ["documents", "sources", "tags", "departments"])
def test_filters_on_unreadable_things_find_what_filters_on_missing_things_find(
    client: TestClient, company: Company, key: str
) -> None:
    box = company.source("極秘の箱")
    secret = company.publish(
        "秘密.txt", "賞与", allow="group:board", source=box, tags=("極秘",), department="役員室"
    )
    values = {"documents": secret, "sources": box.name, "tags": "極秘", "departments": "役員室"}

    def search(value: str) -> bytes:
        body = {"query": "賞与", "filters": {key: [value]}}
        return client.post("/api/v1/search", json=body).content

    nothing = b'{"passages":[],"suggestions":[],"degraded":[],"notices":[]}'
    assert search(values[key]) == search("missing") == nothing


def test_pages_of_the_list_follow_each_other(client: TestClient, company: Company) -> None:
    for number in range(5):
        company.publish(f"{number}.txt", "本文")

    titles, after = [], ""
    while True:
        page = client.get(f"{DOCUMENTS}?limit=2{after}").json()
        titles += [document["title"] for document in page["documents"]]
        assert page["count"] == 5
        if page["next"] is None:
            break
        after = f"&after={page['next']}"

    assert titles == ["0.txt", "1.txt", "2.txt", "3.txt", "4.txt"]


def test_the_list_is_narrowed_by_query_values(client: TestClient, company: Company) -> None:
    company.publish("a.txt", "本文", department="人事", tags=("規程",))
    company.publish("b.txt", "本文", department="総務", source=company.source("other"))

    def titles(query: str) -> list[str]:
        found = client.get(f"{DOCUMENTS}?{query}").json()["documents"]
        return [document["title"] for document in found]

    assert titles("department=総務") == ["b.txt"]
    assert titles("department=総務&department=人事") == ["a.txt", "b.txt"]
    assert titles("source=other") == ["b.txt"]
    assert titles(f"source={company.source().id}") == ["a.txt"]
    assert titles("tag=規程") == ["a.txt"]
    assert titles("status=failed") == []


def test_facets_count_readable_documents_by_name(client: TestClient, company: Company) -> None:
    company.publish("a.txt", "本文", tags=("規程",))
    company.publish("b.txt", "本文")

    facets = client.get("/api/v1/facets").json()

    assert facets["departments"] == {"人事": 2}
    assert facets["sources"] == {"rules": 2}
    assert facets["tags"] == {"規程": 1}


def test_a_span_of_the_text_keeps_the_offsets_of_the_whole(
    client: TestClient, company: Company
) -> None:
    one = company.publish("a.txt", "𠮷野家の規程です。\n有給休暇は十日です。\n以上。")

    whole = client.get(f"{DOCUMENTS}/{one}/text").json()
    span = client.get(f"{DOCUMENTS}/{one}/text?start=12&end=15").json()

    assert span["text"] == whole["text"][12:15] == "休暇は"
    assert (span["start"], span["end"], span["length"]) == (12, 15, len(whole["text"]))
    assert [block["text"] for block in span["blocks"]] == ["有給休暇は十日です。"]
    for block in whole["blocks"]:
        assert whole["text"][block["start"] : block["end"]] == block["text"]


def test_offsets_beyond_the_text_are_cut_and_turned_ones_refused(
    client: TestClient, company: Company
) -> None:
    one = company.publish("a.txt", "短い")

    assert client.get(f"{DOCUMENTS}/{one}/text?start=1&end=99").json()["text"] == "い"
    assert client.get(f"{DOCUMENTS}/{one}/text?start=99").json()["text"] == ""
    turned = client.get(f"{DOCUMENTS}/{one}/text?start=2&end=1")
    assert (turned.status_code, turned.json()["code"]) == (422, "span-wrong")


@pytest.mark.parametrize(
    ("media_type", "sent"),
    [
        ("text/html", "application/octet-stream"),
        ("image/svg+xml", "application/octet-stream"),
        ("application/pdf", "application/pdf"),
        ("", "application/octet-stream"),
    ],
)
def test_an_original_is_always_an_attachment(
    client: TestClient, company: Company, media_type: str, sent: str
) -> None:
    one = company.publish("人事/就業規則.html", "<script>", media_type=media_type)

    response = client.get(f"{DOCUMENTS}/{one}/original")

    assert response.content == b"<script>"
    assert response.headers["content-type"].partition(";")[0] == sent
    name = "%E5%B0%B1%E6%A5%AD%E8%A6%8F%E5%89%87.html"
    assert response.headers["content-disposition"] == f"attachment; filename*=utf-8''{name}"
    assert response.headers["content-security-policy"] == "sandbox"
    assert response.headers["x-content-type-options"] == "nosniff"


def test_an_original_does_not_tell_when_others_brought_the_same_bytes(
    client: TestClient, company: Company
) -> None:
    one = company.publish("a.txt", "本文")
    before = client.get(f"{DOCUMENTS}/{one}/original").headers

    sleep(1.1)  # the header counts whole seconds
    company.publish("秘密.txt", "本文", allow="group:board")
    after = client.get(f"{DOCUMENTS}/{one}/original").headers

    assert steady(before) == steady(after)
    assert before["etag"].strip('"') == sha256("本文".encode()).hexdigest()


def test_an_original_that_was_not_kept_is_said_so(client: TestClient, company: Company) -> None:
    one = company.publish("a.txt", "本文")
    company.originals.path(sha256("本文".encode()).hexdigest()).unlink()

    response = client.get(f"{DOCUMENTS}/{one}/original?lang=ja")

    assert response.status_code == 404
    assert "原本" in response.json()["detail"]


def test_an_admin_changes_access_and_it_holds_at_once(client: TestClient, company: Company) -> None:
    one = company.publish("a.txt", "本文")
    admin = company.key("root", (), ALL)
    body = {"department": "法務", "tags": ["契約", "契約"], "access": {"allow": ["group:legal"]}}

    changed = client.patch(f"{DOCUMENTS}/{one}", json=body, headers=admin).json()

    assert (changed["department"], changed["tags"]) == ("法務", ["契約"])
    assert changed["access"] == {"allow": ["group:legal"], "deny": []}
    assert client.get(f"{DOCUMENTS}/{one}").status_code == 404
    legal = client.get(f"{DOCUMENTS}/{one}", headers=company.key("jiro", ("legal",))).json()
    assert legal["department"] == "法務"
    assert legal["access"] is None
    assert legal["editable"] is False


def test_a_reader_may_not_change_what_others_brought(client: TestClient, company: Company) -> None:
    one = company.publish("hanako/a.txt", "本文", owner="hanako")
    writer = company.key("hanako", (), WRITE)

    for response in (
        client.patch(f"{DOCUMENTS}/{one}", json={"title": "x"}, headers=writer),
        client.delete(f"{DOCUMENTS}/{one}", headers=writer),
    ):
        assert (response.status_code, response.json()["code"]) == (403, "not-yours")
    assert client.delete(f"{DOCUMENTS}/{one}").json()["code"] == "scope-missing"


@pytest.mark.parametrize("principal", ["hanako", "group:", "everyone!", "user:a b", "role:x"])
def test_a_principal_that_is_none_is_refused(
    client: TestClient, company: Company, principal: str
) -> None:
    one = company.publish("a.txt", "本文")
    admin = company.key("root", (), ALL)

    response = client.patch(
        f"{DOCUMENTS}/{one}", json={"access": {"allow": [principal]}}, headers=admin
    )

    assert (response.status_code, response.json()["code"]) == (422, "principal-wrong")


def test_a_deleted_document_is_gone_from_search_at_once(
    client: TestClient, company: Company
) -> None:
    one = company.publish("a.txt", "有給休暇は十日です。")
    admin = company.key("root", (), ALL)

    assert client.delete(f"{DOCUMENTS}/{one}", headers=admin).status_code == 204

    assert client.get(f"{DOCUMENTS}/{one}").status_code == 404
    assert client.post("/api/v1/search", json={"query": "有給"}).json()["passages"] == []


def test_an_admin_without_the_principal_does_not_see_the_document_either(
    client: TestClient, company: Company
) -> None:
    secret = company.publish("秘密.txt", "賞与", allow="group:board")
    new = NewKey(kind="key", user="root", scopes=ALL)
    admin = {"Authorization": f"Bearer {company.catalog.keys.create(new)[1]}"}

    assert client.get(f"{DOCUMENTS}/{secret}", headers=admin).status_code == 404
    assert client.delete(f"{DOCUMENTS}/{secret}", headers=admin).status_code == 404
