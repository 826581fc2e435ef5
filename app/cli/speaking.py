"""How the command line talks: its language, its two consoles, its JSON and its exit codes."""

import json
from datetime import datetime
from enum import IntEnum
from typing import Annotated, Any

import typer
from rich.console import Console

from app.settings import console_language

LANGUAGE = console_language()


class Exit(IntEnum):
    """How a command ended."""

    OK = 0
    FAILED = 1
    USAGE = 2
    SOME_FAILED = 3  # the run went through, but some documents did not go in
    INTERRUPTED = 130


def say(en: str, ja: str) -> str:
    """Returns the sentence in the console's language."""
    return ja if LANGUAGE == "ja" else en


def open_console(*, stderr: bool = False) -> Console:
    """Returns a console that prints text as it is: no markup, no wrapping of long lines."""
    return Console(stderr=stderr, markup=False, highlight=False, soft_wrap=True, emoji=False)


def tell(line: str = "") -> None:
    """Prints one line for people to stdout."""
    open_console().print(line)


def warn(line: str) -> None:
    """Prints one line to stderr."""
    open_console(stderr=True).print(line)


def _write(value: object) -> str | list[object]:
    """Returns times as ISO 8601, sets sorted, and anything else as its text."""
    if isinstance(value, datetime):
        return value.isoformat()
    return sorted(value, key=str) if isinstance(value, frozenset) else str(value)


def emit(value: Any) -> None:  # noqa: ANN401 - any JSON value
    """Prints one JSON value to stdout."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=_write))


Json = Annotated[
    bool,
    typer.Option("--json", help=say("Print JSON instead of text.", "結果を JSON で出力します。")),
]
