"""What is sent wrongly is refused with a reason that helps, and never with a fault of our own."""

import logging
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient

from app.main import create_app
from tests.fakes.api_server import serving
from tests.fakes.services import Company
from tests.patience import wait_for

ASK = "/api/v1/ask"
JSON = "application/json"


@pytest.fixture
def client(company: Company) -> Iterator[TestClient]:
    headers = company.key("hanako", ("hr",), ("ask", "write", "admin"))
    app = create_app(company.services)
    with TestClient(app, headers=headers, raise_server_exceptions=False) as opened:
        yield opened


@pytest.mark.parametrize(
    ("language", "told"), [("ja", "'ja'、'en' のどれか"), ("en", "'ja' or 'en'")]
)
def test_what_is_allowed_is_listed_in_the_callers_language(
    client: TestClient, language: str, told: str
) -> None:
    body = {"question": "有給", "language": "fr"}
    assert told in client.post(ASK, params={"lang": language}, json=body).json()["detail"]


@pytest.mark.parametrize("sent", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_a_body_that_is_not_announced_as_json_is_told_so(client: TestClient, sent: str) -> None:
    response = client.post(ASK, content=b'{"question": "x"}', headers={"Content-Type": sent})

    assert (response.status_code, response.json()["code"]) == (415, "not-json")
    assert "application/json" in response.json()["detail"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"{", 422),
        (b"[]", 422),
        (b"null", 422),
        (b"\xff\xfe\x00", 400),
        ('{"question": "有給"}'.encode("cp932"), 400),
        (b'{"question": "\\ud800"}', 422),
        (b'{"question": "x", "\\ud800": 1}', 422),
        (b'{"question": "x", "filters": {"tags": ["\\udc00"]}}', 422),
        (b'{"question": "x", "unknown": 1}', 422),
        (b'{"question": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", 400),
        (b'{"question": ' + b"9" * 10_000 + b"}", 400),
        (b'{"question": true}', 422),
        (b'{"question": "x", "filters": {"modified_after": 1e308}}', 422),
        (b'{"question": "x", "filters": {"modified_after": "0001-01-01T00:00:00+14:00"}}', 200),
        (b'{"question": "\\u0000"}', 200),
    ],
)
def test_a_wrong_body_is_refused_and_never_a_fault_of_ours(
    client: TestClient, body: bytes, status: int
) -> None:
    response = client.post(ASK, content=body, headers={"Content-Type": JSON})

    assert response.status_code == status, response.text


def test_a_boundary_that_is_too_long_is_refused(client: TestClient) -> None:
    kind = f"multipart/form-data; boundary={'b' * 300}"

    response = client.post("/api/v1/documents", content=b"x", headers={"Content-Type": kind})

    assert (response.status_code, response.json()["code"]) == (422, "upload-unreadable")


def test_an_upload_that_is_broken_off_leaves_nothing_and_is_no_fault(
    company: Company, caplog: pytest.LogCaptureFixture
) -> None:
    key = company.key("hanako", (), ("ask", "write"))["Authorization"]
    head = (
        "POST /api/v1/documents HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000000\r\n"
        f"Authorization: {key}\r\nContent-Type: multipart/form-data; boundary=B\r\n\r\n"
        '--B\r\nContent-Disposition: form-data; name="files"; filename="half.md"\r\n\r\n'
    )
    with serving(company) as address, caplog.at_level(logging.ERROR):
        place = ("127.0.0.1", urlsplit(address).port)
        with socket.create_connection(place) as connection:
            connection.sendall(head.encode() + b"half " * 100_000)
            wait_for(lambda: list(company.services.uploads.rglob("*.md")) != [])
        wait_for(lambda: list(company.services.uploads.iterdir()) == [])

    assert company.catalog.jobs.list() == []
    assert caplog.records == []


@pytest.mark.parametrize(
    ("address", "methods"),
    [
        ("/api/v1/documents", {"GET", "POST"}),
        ("/api/v1/documents/x", {"GET", "PATCH", "DELETE"}),
        ("/api/v1/ask", {"POST"}),
        ("/health/live", {"GET", "HEAD"}),
    ],
)
def test_a_method_that_is_not_taken_names_all_that_are(
    client: TestClient, address: str, methods: set[str]
) -> None:
    response = client.put(address)

    assert response.status_code == 405
    assert set(response.headers["allow"].split(", ")) == methods


def test_a_health_check_may_ask_for_the_head_only(client: TestClient) -> None:
    for address in ("/health/live", "/health/ready", "/api/v1/health/live"):
        assert client.head(address).status_code == 200


@pytest.mark.parametrize("user", ["a\u202eb", "a\x00b", "a\u200bb"])
def test_a_user_name_that_cannot_be_seen_is_refused(client: TestClient, user: str) -> None:
    response = client.post("/api/v1/keys", json={"user": user, "scopes": ["ask"]})

    assert response.status_code == 422


def test_a_sign_in_link_of_any_length_is_answered_with_the_page_that_helps(
    client: TestClient,
) -> None:
    response = client.get("/signin", params={"token": "x" * 5000})

    assert response.status_code == 410
    assert "kura keys link" in response.text
