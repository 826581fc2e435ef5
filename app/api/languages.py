"""Which of the two languages a caller reads."""

from collections.abc import Iterable

from starlette.datastructures import Headers, QueryParams
from starlette.types import Scope

from retrieval.errors import Language

DEFAULT: Language = "en"
"""For callers that say nothing, which are programs: browsers always say."""


def choose_language(scope: Scope) -> Language:
    """Returns the language of the ``lang`` query value, else the best of Accept-Language."""
    wanted = QueryParams(scope.get("query_string", b"")).get("lang", "")
    if wanted == "ja":
        return "ja"
    if wanted == "en":
        return "en"
    return _prefer(Headers(scope=scope).get("accept-language", "").split(","))


def _prefer(ranges: Iterable[str]) -> Language:
    """Returns the first language range of the highest weight that is one of ours."""
    best: Language = DEFAULT
    best_weight = 0.0
    for item in ranges:
        name, _, parameter = item.strip().partition(";")
        weight = _read_weight(parameter)
        language = _name_language(name)
        if language and weight > best_weight:
            best, best_weight = language, weight
    return best


def _name_language(name: str) -> Language | None:
    primary = name.strip().lower().partition("-")[0]
    if primary == "ja":
        return "ja"
    return "en" if primary == "en" else None


def _read_weight(parameter: str) -> float:
    """Returns the ``q`` value; 1 when there is none, 0 when it cannot be read."""
    name, _, value = parameter.strip().partition("=")
    if name != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
