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
    """An application whose description gives a problem one media type only."""

    def openapi(self) -> dict[str, Any]:
        """Returns the description; the framework adds plain JSON to every model, we take it off."""
        described = super().openapi()
        for item in described["paths"].values():
            for operation in item.values():
                for response in operation["responses"].values():
                    if MEDIA_TYPE in response.get("content", {}):
                        response["content"].pop("application/json", None)
        return described
