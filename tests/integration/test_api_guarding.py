"""What every answer carries and every request passes: headers, hosts, origins, sizes, pages."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.main import create_app
from tests.fakes.services import Company, open_company

PORTAL = "https://portal.example.com"
HEAVY = {
    "torch", "unstructured", "chromadb", "sentence_transformers", "langchain", "langchain_core",
    "pypdfium2", "pdfplumber", "docx", "pptx", "openpyxl", "tantivy", "sudachipy", "lxml",
    "ingestion.reading", "ingestion.pipeline", "ingestion.sources.web", "ingestion.sources.loader",
}  # fmt: skip


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    static = tmp_path / "static"
    static.mkdir()
    (static / "index.html").write_text("<!doctype html><title>Kura</title>", encoding="utf-8")
    (static / "kura-chat.js").write_text("export {};", encoding="utf-8")
    opened = open_company(tmp_path, allowed_origins=(PORTAL,))
    yield opened
    opened.catalog.close()


@pytest.fixture
def client(company: Company) -> Iterator[TestClient]:
    with TestClient(create_app(company.services), raise_server_exceptions=False) as opened:
        yield opened


def test_the_application_starts_without_parsers_models_or_indexes() -> None:
    code = "import app.main, sys; print(*sorted(sys.modules))"

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )

    assert "fastapi" in done.stdout.split()
    assert HEAVY & set(done.stdout.split()) == set()


def test_every_answer_of_the_api_is_data_and_nothing_else(client: TestClient) -> None:
    headers = client.get("/api/v1/session").headers

    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert len(headers["kura-trace"]) == 16


def test_pages_run_only_their_own_files_and_are_not_framed(client: TestClient) -> None:
    for address in ("/", "/kura-chat.js", "/static/kura-chat.js"):
        response = client.get(address)
        policy = response.headers["content-security-policy"]

        assert response.status_code == 200
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy


def test_files_of_the_page_are_asked_for_again_after_an_upgrade(client: TestClient) -> None:
    for address in ("/", "/kura-chat.js", "/static/kura-chat.js"):
        first = client.get(address)
        again = client.get(address, headers={"If-None-Match": first.headers["etag"]})

        assert first.headers["cache-control"] == "no-cache"
        assert again.status_code == 304


def test_static_files_do_not_leave_their_folder(client: TestClient, company: Company) -> None:
    (company.home / "secret.txt").write_text("secret", encoding="utf-8")

    for address in ("/static/../secret.txt", "/static/%2e%2e/secret.txt"):
        assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8420", "localhost.evil.example", ""]
)
def test_another_host_name_is_refused_against_rebinding(client: TestClient, host: str) -> None:
    response = client.get("/api/v1/health/live", headers={"Host": host})

    assert response.status_code == 400
    assert response.json()["code"] == "host-unknown"
    assert response.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("host", ["localhost:8420", "127.0.0.1", "[::1]:8420", "TESTSERVER"])
def test_our_own_host_names_are_answered(client: TestClient, host: str) -> None:
    assert client.get("/api/v1/health/live", headers={"Host": host}).status_code == 200


def test_only_configured_origins_may_call_and_without_cookies(client: TestClient) -> None:
    asks = {"Access-Control-Request-Method": "POST"}

    ours = client.options("/api/v1/ask", headers={"Origin": PORTAL, **asks})
    theirs = client.options("/api/v1/ask", headers={"Origin": "https://evil.example", **asks})

    assert ours.headers["access-control-allow-origin"] == PORTAL
    assert "access-control-allow-credentials" not in ours.headers
    assert "access-control-allow-origin" not in theirs.headers


def test_without_configured_origins_no_other_origin_may_call(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    company = open_company(tmp_path / "other")
    with TestClient(create_app(company.services)) as client:
        headers = client.get("/api/v1/health/live", headers={"Origin": PORTAL}).headers
    company.catalog.close()

    assert "access-control-allow-origin" not in headers


def test_a_large_body_is_refused_whether_announced_or_not(
    client: TestClient, company: Company
) -> None:
    large = b'{"query": "' + b"a" * 2**20 + b'"}'
    headers = {**company.key(), "Content-Type": "application/json"}

    announced = client.post("/api/v1/search", content=large, headers=headers)
    streamed = client.post("/api/v1/search", content=iter([large]), headers=headers)

    for response in (announced, streamed):
        assert response.status_code == 413
        assert response.json()["code"] == "too-large"
        assert response.headers["content-type"] == "application/problem+json"
