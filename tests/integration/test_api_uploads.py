"""Uploads and sources."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.api.errors import find_status
from app.api.naming import clean_name
from app.api.receiving import Intake
from app.api.refusals import StorageFull
from app.orders import UploadOrder
from ingestion.naming import display_name, safe_name
from retrieval.model import Access
from tests.fakes.services import Company, files

DOCUMENTS = "/api/v1/documents"
WRITE = ("ask", "write")
ALL = ("ask", "write", "admin")
LIMIT = 1000


@pytest.fixture
def company(company: Company) -> Company:
    company.services = replace(company.services, max_upload_bytes=LIMIT)
    return company


@pytest.fixture
def headers(company: Company) -> dict[str, str]:
    return company.key("hanako", ("hr",), WRITE)


def order_of(company: Company, response: object) -> UploadOrder:
    job = company.catalog.jobs.get(response.json()["job"]["id"])
    return UploadOrder.from_payload(job.payload)


def raw(name: bytes, content: bytes = b"text") -> tuple[bytes, dict[str, str]]:
    body = (
        b'--b\r\nContent-Disposition: form-data; name="files"; filename="' + name + b'"\r\n\r\n'
        + content + b"\r\n--b--\r\n"
    )  # fmt: skip
    return body, {"Content-Type": "multipart/form-data; boundary=b"}


def test_an_upload_becomes_a_job_with_its_files_on_disk(
    client: TestClient, company: Company
) -> None:
    response = client.post(
        DOCUMENTS,
        files=files(("議事録.txt", "本文".encode()), ("b.pdf", b"%PDF")),
        data={"department": "総務", "tags": "会議, 役員", "allow": "group:hr,user:hanako"},
    )

    order = order_of(company, response)
    assert response.status_code == 202
    assert response.json()["job"]["state"] == "queued"
    assert [file.external_id for file in order.files] == ["hanako/議事録.txt", "hanako/b.pdf"]
    assert (company.services.uploads / order.files[0].path).read_bytes() == "本文".encode()
    assert (order.owner, order.department, order.tags) == ("hanako", "総務", ("会議", "役員"))
    assert order.access == Access(frozenset({"group:hr", "user:hanako"}))
    assert company.catalog.sources.get(order.source_id).kind == "upload"


def test_an_upload_is_for_the_uploader_alone_unless_said_otherwise(
    client: TestClient, company: Company
) -> None:
    response = client.post(DOCUMENTS, files=files(("a.txt", b"a")))

    assert order_of(company, response).access == Access(frozenset({"user:hanako"}))


def test_sharing_is_only_with_principals_one_carries(client: TestClient, company: Company) -> None:
    upload = {"files": files(("a.txt", b"a"))}

    refused = client.post(DOCUMENTS, **upload, data={"allow": "group:hr,group:board"})
    admin = company.key("root", (), ALL)
    taken = client.post(DOCUMENTS, **upload, data={"allow": "group:board"}, headers=admin)

    assert (refused.status_code, refused.json()["code"]) == (403, "allowance-refused")
    assert "group:board" in refused.json()["detail"]
    assert taken.status_code == 202
    assert len(list(company.services.uploads.iterdir())) == 1


def test_one_bad_file_does_not_stop_the_others(client: TestClient, company: Company) -> None:
    response = client.post(
        f"{DOCUMENTS}?lang=ja",
        files=files(
            ("large.txt", b"x" * (LIMIT + 1)),
            ("empty.txt", b""),
            ("good.txt", b"x" * LIMIT),
            ("good.txt", b"again"),
            ("a" * 256, b"x"),
        ),
    )

    results = response.json()["files"]
    codes = [(result["problem"] or {}).get("code") for result in results]
    assert response.status_code == 202
    assert codes == ["too-large", "empty-file", None, "name-repeated", "name-wrong"]
    assert results[0]["problem"]["message"].startswith("「large.txt」は大きすぎます")
    assert results[2]["document_id"] is not None
    order = order_of(company, response)
    assert [file.name for file in order.files] == ["good.txt"]
    assert [
        file.name for file in (company.services.uploads / order.files[0].path).parent.iterdir()
    ] == ["0002.txt"]


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [(b"x" * (LIMIT + 1), 413, "too-large"), (b"", 422, "empty-file")],
)
def test_an_upload_of_nothing_usable_is_refused_and_leaves_nothing(
    client: TestClient, company: Company, content: bytes, status: int, code: str
) -> None:
    response = client.post(DOCUMENTS, files=files(("a.txt", content)))

    assert (response.status_code, response.json()["code"]) == (status, code)
    assert list(company.services.uploads.iterdir()) == []
    assert company.catalog.jobs.list() == []


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        (b"../../etc/passwd", "passwd"),
        (rb"C:\\Users\\hanako\\a.txt", "a.txt"),
        ("議\n事\u202e録.txt".encode().replace(b"\n", b"\x07"), "議%07事%E2%80%AE録.txt"),
        ("か\u3099.txt".encode(), "が.txt"),
        ("議事録.txt".encode("cp932"), "議事録.txt"),
    ],
)
def test_a_file_name_is_data(client: TestClient, company: Company, sent: bytes, name: str) -> None:
    content, headers = raw(sent)

    response = client.post(DOCUMENTS, content=content, headers=headers)

    order = order_of(company, response)
    assert order.files[0].name == name
    assert order.files[0].external_id == f"hanako/{name}"
    stored = (company.services.uploads / order.files[0].path).resolve()
    assert stored.is_relative_to(company.services.uploads.resolve())
    assert stored.read_bytes() == b"text"


@pytest.mark.parametrize("name", [b"", b".", b"..", b"/", b"   "])
def test_a_file_without_a_name_is_refused(client: TestClient, name: bytes) -> None:
    content, headers = raw(name)

    response = client.post(DOCUMENTS, content=content, headers=headers)

    assert (response.status_code, response.json()["code"]) == (422, "name-wrong")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"{}", "application/json"),
        (b"--b\r\n", "multipart/form-data"),
        (b"nonsense", "multipart/form-data; boundary=b"),
        (raw(b"a.txt")[0][:-20], "multipart/form-data; boundary=b"),
        (b"--b--\r\n", "multipart/form-data; boundary=b"),
    ],
)
def test_what_is_no_whole_form_is_refused_and_leaves_nothing(
    client: TestClient, company: Company, content: bytes, kind: str
) -> None:
    response = client.post(DOCUMENTS, content=content, headers={"Content-Type": kind})

    assert (response.status_code, response.json()["code"]) == (422, "upload-unreadable")
    assert list(company.services.uploads.iterdir()) == []


def test_a_full_disk_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "0000.txt").symlink_to("/dev/full")
    intake = Intake(b"b", tmp_path, LIMIT)

    with pytest.raises(StorageFull):
        intake.take(raw(b"a.txt")[0])
    intake.abandon()

    assert find_status(StorageFull()) == 507


def test_uploads_that_are_too_large_together_are_refused(
    client: TestClient, company: Company
) -> None:
    huge = b"x" * (LIMIT * 10 + 500 * 4096 + 1)

    def chunks() -> Iterator[bytes]:
        yield raw(b"a.txt", huge)[0]

    response = client.post(DOCUMENTS, content=chunks(), headers=raw(b"a")[1])

    assert (response.status_code, response.json()["code"]) == (413, "too-large")
    assert list(company.services.uploads.iterdir()) == []


def test_two_people_with_the_same_file_name_never_meet(
    client: TestClient, company: Company
) -> None:
    upload = {"files": files(("a.txt", b"a"))}

    mine = order_of(company, client.post(DOCUMENTS, **upload))
    taro = company.key("taro", (), WRITE)
    theirs = order_of(company, client.post(DOCUMENTS, **upload, headers=taro))

    assert mine.files[0].external_id != theirs.files[0].external_id


def test_a_document_hidden_from_its_uploader_is_neither_replaced_nor_given_away(
    client: TestClient, company: Company
) -> None:
    source = company.source("uploads", "upload")
    hidden = company.publish("hanako/a.txt", "本文", allow="group:audit", source=source)

    response = client.post(DOCUMENTS, files=files(("a.txt", b"new")))

    assert response.json()["files"][0]["document_id"] != hidden
    assert hidden not in response.text
    assert order_of(company, response).files[0].external_id == "hanako/a (2).txt"


def test_the_uploader_replaces_changes_and_deletes_their_own(
    client: TestClient, company: Company
) -> None:
    source = company.source("uploads", "upload")
    own = company.publish("hanako/a.txt", "本文", allow="user:hanako", source=source)

    again = client.post(DOCUMENTS, files=files(("a.txt", b"new")))
    shown = client.get(f"{DOCUMENTS}/{own}").json()
    changed = client.patch(f"{DOCUMENTS}/{own}", json={"access": {"allow": ["group:hr"]}})
    refused = client.patch(f"{DOCUMENTS}/{own}", json={"access": {"allow": ["everyone", "user:x"]}})

    assert again.json()["files"][0]["document_id"] == own
    assert (shown["editable"], shown["access"]["allow"]) == (True, ["user:hanako"])
    assert changed.json()["access"]["allow"] == ["group:hr"]
    assert refused.json()["code"] == "allowance-refused"
    assert client.delete(f"{DOCUMENTS}/{own}").status_code == 204


@pytest.mark.parametrize(
    "sent", ["a b.txt", "議事録（第2回）.docx", "a\u200bb\u3000.txt ", "%.pdf", "a\x7f"]
)
def test_the_pipeline_gives_a_document_the_id_that_was_announced(sent: str) -> None:
    name = clean_name(sent.encode()).text

    assert display_name(safe_name(name)) == name


def test_a_folder_source_and_a_missing_one_take_no_uploads_alike(
    client: TestClient, company: Company
) -> None:
    company.source("rules")

    answers = [
        client.post(DOCUMENTS, files=files(("a.txt", b"a")), data={"source": name}).json()
        for name in ("rules", "other")
    ]

    assert {answer["code"] for answer in answers} == {"not-an-upload-source"}
    assert answers[0]["detail"].replace("rules", "other") == answers[1]["detail"]


def test_an_admin_registers_ingests_and_removes_a_source(
    client: TestClient, company: Company
) -> None:
    admin = company.key("root", (), ALL)
    body = {"name": "規程", "location": str(company.home), "access": {"allow": ["everyone"]}}

    made = client.post("/api/v1/sources", json=body, headers=admin)
    address = f"/api/v1/sources/{made.json()['id']}"
    first = client.post(f"{address}/ingest", headers=admin)
    second = client.post(f"{address}/ingest", headers=admin)
    other = client.post(f"{address}/ingest", json={"allow_removals": True}, headers=admin)

    assert made.status_code == 201
    assert client.get("/api/v1/sources", headers=admin).json()["sources"] == [made.json()]
    assert (first.status_code, first.json()["job"]["kind"]) == (202, "ingest")
    assert second.json()["job"]["id"] == first.json()["job"]["id"]
    assert other.json()["job"]["id"] != first.json()["job"]["id"]
    assert client.delete(address, headers=admin).status_code == 204
    for method in ("GET", "DELETE"):
        assert client.request(method, address, headers=admin).json()["code"] == "not-found"


@pytest.mark.parametrize("location", ["", "relative", "/nowhere/at/all"])
def test_a_folder_that_is_not_there_is_refused(
    client: TestClient, company: Company, location: str
) -> None:
    admin = company.key("root", (), ALL)

    response = client.post(
        "/api/v1/sources", json={"name": "x", "location": location}, headers=admin
    )

    assert (response.status_code, response.json()["code"]) == (422, "folder-missing")


@pytest.mark.parametrize("field", ["dney", "Allow", "files"])
def test_a_form_field_that_is_not_known_is_refused(
    client: TestClient, company: Company, field: str
) -> None:
    data = {"allow": "everyone", field: "user:taro"}

    response = client.post(DOCUMENTS, files=files(("a.txt", b"a")), data=data)

    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == f"body.{field}"
    assert response.json()["errors"][0]["code"] == "extra-forbidden"
    assert list(company.services.uploads.iterdir()) == []


def test_a_file_in_another_field_is_refused(client: TestClient, company: Company) -> None:
    response = client.post(DOCUMENTS, files=[("datei", ("a.txt", b"a"))])

    assert (response.status_code, response.json()["errors"][0]["field"]) == (422, "body.datei")
    assert company.catalog.jobs.list() == []
