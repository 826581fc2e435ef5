"""The OpenAPI description: errors are problems, and nothing else."""

from typing import Any

from fastapi import FastAPI

from app.api.problems import MEDIA_TYPE, Problem

Responses = dict[int | str, dict[str, Any]]

_PROBLEM = {"content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}


def describe_problems(**reasons: str) -> Responses:
    """Returns the description of error answers, e.g. ``_404="Not there."``."""
    return {
        int(status.removeprefix("_")): {"model": Problem, "description": reason, **_PROBLEM}
        for status, reason in reasons.items()
    }


class DescribedApp(FastAPI):
    """An application whose description gives a problem one media type, and examples their nulls."""

    def openapi(self) -> dict[str, Any]:
        """Returns the description; the framework adds plain JSON to every model, we take it off."""
        described = super().openapi()
        shapes = described["components"]["schemas"]
        for shape in shapes.values():
            for example in shape.get("examples", ()):
                keep_nulls(example, shape, shapes)
        for item in described["paths"].values():
            for operation in item.values():
                for response in operation["responses"].values():
                    if MEDIA_TYPE in response.get("content", {}):
                        response["content"].pop("application/json", None)
        return described


def keep_nulls(example: object, shape: dict[str, Any], shapes: dict[str, Any]) -> None:
    """Gives an example the required nulls that the framework dropped from it."""
    shape = shapes[shape["$ref"].rpartition("/")[2]] if "$ref" in shape else shape
    if isinstance(example, list):
        for item in example:
            keep_nulls(item, shape.get("items", {}), shapes)
    elif isinstance(example, dict):
        for name in shape.get("required", ()):
            example.setdefault(name, None)
        for name, value in example.items():
            keep_nulls(value, shape.get("properties", {}).get(name, {}), shapes)
