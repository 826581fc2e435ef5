"""What a source of kind "loader" may be told."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ingestion.errors import SourceInvalid
from ingestion.sources.fields import Fields

_KNOWN = frozenset(
    {
        "class",
        "arguments",
        "environment",
        "format",
        "id_field",
        "title_field",
        "modified_field",
        "url_field",
        "author_field",
        "seconds",
    }
)
_SECONDS, _LONGEST = 3600, 86_400
_DOTTED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")
_CLASSES = (
    "クラスの完全な名前（例: langchain_community.document_loaders.WikipediaLoader）",
    "a class by its full name, e.g. langchain_community.document_loaders.WikipediaLoader",
)
_VALUES = 'text, number, true/false, list or table; a secret is {file = "/absolute/path"}'
_TEXTS = 'a text, or {file = "/absolute/path"}'

TEXT, MARKDOWN = "text", "markdown"


@dataclass(frozen=True, slots=True)
class LoaderOptions:
    """Which loader is run, and what its documents' metadata mean.

    Attributes:
        name: The class, with its module.
        arguments: What it is made with; ``{"file": path}`` stands for a file's first line.
        environment: What else its process finds in its environment, in the same way.
        format: How the texts are read, "text" or "markdown".
        id_field: Names a document for good; without it its id, address or source does.
        seconds: How long it may take.
    """

    name: str
    arguments: Mapping[str, Any]
    environment: Mapping[str, Any]
    format: str
    id_field: str
    title_field: str
    modified_field: str
    url_field: str
    author_field: str
    seconds: int


def read_options(location: str, settings: Mapping[str, Any]) -> LoaderOptions:
    """Returns the checked options; nothing is imported.

    Args:
        location: The class, unless the setting ``class`` names it.
        settings: As written.

    Raises:
        SourceInvalid: A setting cannot be used.
    """
    fields = Fields(settings, _KNOWN)
    name = fields.text("class", location)
    if not _DOTTED.fullmatch(name):
        raise SourceInvalid(field="class", value=name, allowed=_CLASSES)
    return LoaderOptions(
        name=name,
        arguments=fields.table("arguments", _VALUES, _is_value),
        environment=fields.table("environment", _TEXTS, _is_variable),
        format=fields.choice("format", (TEXT, MARKDOWN)),
        id_field=fields.text("id_field"),
        title_field=fields.text("title_field", "title"),
        modified_field=fields.text("modified_field"),
        url_field=fields.text("url_field"),
        author_field=fields.text("author_field", "author"),
        seconds=fields.whole("seconds", _SECONDS, 1, _LONGEST),
    )


def _is_value(value: object) -> bool:
    if isinstance(value, Mapping):
        if "file" in value:
            return _is_secret(value)
        return all(isinstance(key, str) and _is_value(each) for key, each in value.items())
    if isinstance(value, list | tuple):
        return all(map(_is_value, value))
    return value is None or isinstance(value, str | int | float)


def _is_variable(value: object) -> bool:
    return _is_secret(value) or (isinstance(value, str) and "\0" not in value)


def _is_secret(value: object) -> bool:
    """Returns whether a value is ``{"file": "/absolute/path"}``."""
    if not isinstance(value, Mapping) or list(value) != ["file"]:
        return False
    path = value["file"]
    return isinstance(path, str) and path.startswith("/") and "\0" not in path
