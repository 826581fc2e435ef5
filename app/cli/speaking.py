"""How the command line talks: its language, its two consoles, its JSON and its exit codes."""

import json
import os
import re
import shlex
import shutil
import sys
from datetime import datetime
from enum import IntEnum
from functools import cache
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from app.settings import console_language

LANGUAGE = console_language()
# What people write reaches this terminal: controls but tab and newline, and marks of direction.
_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_OUR_COMMAND = re.compile(
    r"(?<![\w/.-])kura"
    r" (?=(serve|work|ingest|reindex|adapt|search|why|ask|summarise|compare|draft|"
    r"eval|feedback|sources|keys|models|pull|doctor|reset)\b)"
)


class Exit(IntEnum):
    """How a command ended."""

    OK = 0
    FAILED = 1
    USAGE = 2
    SOME_FAILED = 3  # the run went through, but some documents did not go in
    GATE = 4  # a measurement did not clear its bars
    INTERRUPTED = 130


def say(en: str, ja: str) -> str:
    """Returns the sentence in the console's language."""
    return ja if LANGUAGE == "ja" else en


@cache
def find_program() -> str:
    """Returns how this program is called here: by its name where the shell finds it by that."""
    started = Path(sys.argv[0])
    if started.name != "kura" or shutil.which("kura"):
        return "kura"
    place = started.absolute()
    if place.is_relative_to(Path.cwd()):
        place = place.relative_to(Path.cwd())
    return shlex.quote(str(place))


def name_program(line: str) -> str:
    """Returns a line with the commands in it as they can be typed here."""
    return _OUR_COMMAND.sub(lambda _: f"{find_program()} ", line)


def prepare_output() -> None:
    """Makes a terminal that lacks a character show its number instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


class _PatientConsole(Console):
    """Goes on when its reader is gone (``kura ingest | head -1``): the status stays honest."""

    def on_broken_pipe(self) -> None:
        turn_away()


def turn_away() -> None:
    """Sends what is still to be printed nowhere, once nobody reads it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def open_console(*, stderr: bool = False) -> Console:
    """Returns a console that prints text as it is: no markup, no wrapping of long lines."""
    return _PatientConsole(
        stderr=stderr, markup=False, highlight=False, soft_wrap=True, emoji=False
    )


def tell(line: str = "") -> None:
    """Prints one line for people to stdout."""
    open_console().print(name_program(_disarm(line)))


def warn(line: str) -> None:
    """Prints one line to stderr."""
    open_console(stderr=True).print(name_program(_disarm(line)))


def _disarm(line: str) -> str:
    """Returns the line without what would steer a terminal, or turn its text round."""
    return _STEERING.sub("\N{REPLACEMENT CHARACTER}", line)


def _write(value: object) -> str | list[object]:
    """Returns times as ISO 8601, sets sorted, and anything else as its text."""
    if isinstance(value, datetime):
        return value.isoformat()
    return sorted(value, key=str) if isinstance(value, frozenset) else str(value)


def emit(value: Any, *, indent: int | None = 2) -> None:  # noqa: ANN401 - any JSON value
    """Prints one JSON value to stdout, on one line with an ``indent`` of None."""
    try:
        typer.echo(json.dumps(value, ensure_ascii=False, indent=indent, default=_write))
    except BrokenPipeError:
        turn_away()


Json = Annotated[
    bool,
    typer.Option("--json", help=say("Print JSON instead of text.", "結果を JSON で出力します。")),
]
