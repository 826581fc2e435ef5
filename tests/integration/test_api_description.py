"""The OpenAPI description says everything about every route, and the manual lists them all."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from jsonschema import Draft202012Validator

from app.main import create_app
from tests.fakes.services import open_company

ROOT = Path(__file__).parents[2]
JAPANESE = re.compile(r"[぀-ヿ一-鿿]")
Operation = tuple[str, str, dict[str, Any]]


@pytest.fixture
def described(tmp_path: Path) -> Iterator[dict[str, Any]]:
    company = open_company(tmp_path)
    with TestClient(create_app(company.services)) as client:
        yield client.get("/api/v1/openapi.json").json()
    company.catalog.close()


def operations(described: dict[str, Any]) -> list[Operation]:
    return [
        (method.upper(), path, operation)
        for path, item in described["paths"].items()
        for method, operation in item.items()
    ]


def test_every_route_is_described_in_both_languages(described: dict[str, Any]) -> None:
    found = operations(described)

    assert len(found) > 25
    for method, path, operation in found:
        for part in ("summary", "description"):
            text = operation[part]
            assert JAPANESE.search(text), (method, path, part)
            assert re.search(r"[A-Za-z]{3}", text), (method, path, part)


def test_every_json_body_has_an_example(described: dict[str, Any]) -> None:
    schemas = described["components"]["schemas"]
    plain = {"IngestRequest"}  # one switch, which the description explains

    for method, path, operation in operations(described):
        content = operation.get("requestBody", {}).get("content", {})
        for media in content.values():
            if "example" in media:
                continue
            shape = media["schema"]
            reference = shape.get("$ref") or shape["anyOf"][0]["$ref"]
            name = reference.rpartition("/")[2]
            assert name in plain or schemas[name]["examples"], (method, path)


def test_every_shape_is_valid_and_its_examples_fit_it(described: dict[str, Any]) -> None:
    shapes = described["components"]["schemas"]

    shown = 0
    for name, shape in shapes.items():
        Draft202012Validator.check_schema(shape)
        whole = {"components": {"schemas": shapes}, "$ref": f"#/components/schemas/{name}"}
        for example in shape.get("examples", []):
            Draft202012Validator(whole).validate(example)
            shown += 1
    assert shown > 10


def test_errors_are_described_as_problems(described: dict[str, Any]) -> None:
    for method, path, operation in operations(described):
        if path.startswith("/api/v1"):
            problem = operation["responses"]["422"]["content"]["application/problem+json"]
            assert problem["schema"]["$ref"].endswith("/Problem"), (method, path)
    assert "HTTPValidationError" not in str(described)


def test_the_manual_lists_every_route_and_no_other(described: dict[str, Any]) -> None:
    manual = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `([A-Z]+) ([^`?]+)` \|", manual, flags=re.MULTILINE))

    there = {(method, path.removeprefix("/api/v1")) for method, path, _ in operations(described)}
    assert listed == there


def test_the_manual_names_every_error_code() -> None:
    from app.api import refusals
    from app.api.errors import ROUTING, STATUSES

    manual = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    kinds = [kind for kind in vars(refusals).values() if isinstance(kind, type)]
    codes = {kind.code for kind in kinds if hasattr(kind, "code")} | set(STATUSES)
    codes |= {code for code, _, _ in ROUTING.values()} | {"unexpected"}
    codes -= {"error"}  # the root's own code, which nothing raises

    missing = {code for code in codes if f"`{code}`" not in manual}
    assert not missing
