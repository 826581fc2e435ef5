"""Every refusal and failure is a problem (RFC 9457) in the caller's language."""

import json
import logging
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.api import refusals
from app.api.errors import STATUSES, find_status
from app.api.languages import choose_language
from app.main import create_app
from retrieval.errors import KuraError
from tests.fakes.services import CatalogGone, Company, open_company

MEMBERS = {"type", "title", "status", "detail", "code", "instance", "trace"}


class BrokenSearcher:
    """Fails in the way it was told."""

    def __init__(self, failure: Exception) -> None:
        self.failure = failure

    def search(self, *_question: object) -> object:
        raise self.failure


def failing(tmp_path: Path, failure: Exception) -> tuple[Company, TestClient]:
    company = open_company(tmp_path, searcher=BrokenSearcher(failure))
    app = create_app(company.services)
    return company, TestClient(app, headers=company.key(), raise_server_exceptions=False)


@pytest.mark.parametrize(
    ("method", "address", "status", "code"),
    [
        ("GET", "/api/v1/nowhere", 404, "no-route"),
        ("GET", "/nowhere", 404, "no-route"),
        ("PUT", "/api/v1/documents", 405, "method-not-allowed"),
        ("GET", "/api/v1/documents/none", 404, "not-found"),
        ("GET", "/api/v1/jobs/none", 403, "scope-missing"),
        ("GET", "/api/v1/documents?limit=0", 422, "invalid"),
        ("GET", "/api/v1/documents?after=none", 422, "invalid"),
        ("GET", "/api/v1/sources", 403, "scope-missing"),
    ],
)
def test_every_refusal_is_a_problem(
    client: TestClient, method: str, address: str, status: int, code: str
) -> None:
    response = client.request(method, address)
    problem = response.json()

    assert response.headers["content-type"] == "application/problem+json"
    assert set(problem) >= MEMBERS
    assert (response.status_code, problem["status"], problem["code"]) == (status, status, code)
    assert problem["type"] == f"urn:kura:problem:{code}"
    assert problem["instance"] == address.partition("?")[0]
    assert problem["trace"] == response.headers["kura-trace"]


def test_a_wrong_method_names_the_right_ones(client: TestClient) -> None:
    assert "GET" in client.put("/api/v1/facets").headers["allow"]


def test_the_language_follows_the_header_and_the_query_value_wins(client: TestClient) -> None:
    address = "/api/v1/documents/none"
    japanese = {"Accept-Language": "ja-JP, en;q=0.8"}

    assert client.get(address).json()["detail"] == "There is no document 'none'."
    response = client.get(address, headers=japanese)
    assert response.json()["detail"] == "文書「none」は見つかりません。"
    assert response.json()["title"] == "見つかりません"
    assert response.headers["content-language"] == "ja"
    assert client.get(f"{address}?lang=en", headers=japanese).json()["title"] == "Not found"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("ja", "ja"),
        ("fr, ja;q=0.5, en;q=0.4", "ja"),
        ("en;q=0.5, ja;q=0.9", "ja"),
        ("ja;q=0, en;q=0.1", "en"),
        ("de", "en"),
        ("ja;q=x, en", "en"),
    ],
)
def test_the_heaviest_of_our_languages_is_chosen(header: str, language: str) -> None:
    scope = {"type": "http", "headers": [(b"accept-language", header.encode())]}

    assert choose_language(scope) == language


def test_each_wrong_value_is_named_with_what_it_should_be(client: TestClient) -> None:
    body = {"query": "", "limit": 99, "colour": "red"}

    problem = client.post("/api/v1/search?lang=ja", json=body).json()

    messages = {error["field"]: error["message"] for error in problem["errors"]}
    assert messages == {
        "body.query": "1 文字以上で指定してください。",
        "body.limit": "50 以下にしてください。（値: 99）",
        "body.colour": "この項目はありません。名前を確かめてください。（値: 'red'）",
    }
    english = client.post("/api/v1/search", json=body).json()
    assert "Give 50 or less. (value: 99)" in english["detail"]


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b'{"query": "\\ud800"}', b"[]", b""])
def test_a_broken_body_is_a_problem_and_not_a_failure(client: TestClient, content: bytes) -> None:
    headers = {"Content-Type": "application/json"}

    response = client.post("/api/v1/search", content=content, headers=headers)

    assert response.status_code in {400, 422}
    assert set(response.json()) >= MEMBERS


def test_a_fault_of_our_own_shows_a_trace_and_nothing_else(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    company, client = failing(tmp_path, ZeroDivisionError("/srv/secret"))

    with caplog.at_level(logging.ERROR):
        response = client.post("/api/v1/search", json={"query": "有給"})
    company.catalog.close()

    problem = response.json()
    assert (response.status_code, problem["code"]) == (500, "unexpected")
    assert "secret" not in response.text
    assert "Traceback" not in response.text
    assert problem["trace"] in caplog.text
    assert "ZeroDivisionError" in caplog.text
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["kura-trace"] == problem["trace"]


def test_an_unavailable_part_is_503_without_its_inner_details(tmp_path: Path) -> None:
    company, client = failing(tmp_path, CatalogGone())

    response = client.post("/api/v1/search", json={"query": "有給"})
    company.catalog.close()

    assert (response.status_code, response.json()["code"]) == (503, "catalog-unavailable")
    assert "secret" not in json.dumps(response.json())


def test_every_error_of_the_api_has_a_status_of_its_own_choosing() -> None:
    kinds = [kind for kind in vars(refusals).values() if isinstance(kind, type)]
    ours = [kind for kind in kinds if issubclass(kind, KuraError) and kind is not KuraError]

    assert len(ours) > 15
    for kind in ours:
        codes = {parent.code for parent in kind.__mro__ if hasattr(parent, "code")}
        assert codes & set(STATUSES), kind
        assert find_status(kind.__new__(kind)) < 500 or kind is refusals.StorageFull
