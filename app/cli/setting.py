"""`--set KEY=VALUE`: settings of a source, typed into a shell."""

import tomllib
from collections.abc import Iterable, Mapping
from typing import Any

from retrieval.errors import Invalid


def parse_settings(before: Mapping[str, Any], assignments: Iterable[str]) -> dict[str, Any]:
    """Returns the settings with the assignments made.

    A value is read as TOML (``3``, ``true``, ``["a", "b"]``); what is none is a text as it stands.
    An empty value takes the setting away.

    Raises:
        Invalid: An assignment has no name or no ``=``.
    """
    settings = dict(before)
    for assignment in assignments:
        name, equals, text = assignment.partition("=")
        name = name.strip()
        if not equals or not name:
            raise Invalid(field="--set", value=assignment, allowed="KEY=VALUE")
        if text.strip():
            settings[name] = _parse(text.strip())
        else:
            settings.pop(name, None)
    return settings


def _parse(text: str) -> str | int | float | bool | list[Any] | dict[str, Any]:
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except (tomllib.TOMLDecodeError, KeyError):
        return text
    return value if isinstance(value, str | int | float | bool | list | dict) else text
