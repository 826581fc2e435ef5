"""The process a document loader runs in; it tells what it wrote, a line of JSON for each document.

Started by ``ingestion.sources.loader.listing`` as ``python -m ingestion.sources.loader.child``.
"""

import hashlib
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from langchain_core.document_loaders import BaseLoader
from langchain_core.documents import Document

from ingestion.sources.fields import read_secret
from ingestion.sources.keeping import FileShelf
from ingestion.sources.loader.options import MARKDOWN

_LONGEST_REASON = 500
_LONGEST_LINE = 200
_MILLISECONDS = 1e11  # a greater number of seconds lies beyond the year 5000
_MISSING_BRIDGE = "pip install 'kura[community]'"


def run(order: Mapping[str, Any], tell: Callable[[Mapping[str, Any]], None]) -> None:
    """Runs a loader; tells of each document, and last whether that was all.

    Args:
        order: The fields of the source's options, and the ``folder`` texts are written to.
        tell: Takes what is told.
    """
    secrets: list[str] = []
    try:
        arguments = _fill_in(order["arguments"], secrets)
        loader = _find_class(order["name"])(**arguments)
        shelf = FileShelf(Path(order["folder"]))
        for document in loader.lazy_load():
            tell(_keep(document, order, shelf))
        tell({"done": True})
    except BaseException as error:  # noqa: BLE001 - loaders raise anything, even SystemExit
        told = list(_explain(error))
        for secret in secrets:
            told = [reason.replace(secret, "***") for reason in told]
        tell({"failed": [reason[:_LONGEST_REASON] for reason in told]})


def _find_class(name: str) -> type[BaseLoader]:
    module, _, attribute = name.rpartition(".")
    found = getattr(import_module(module), attribute)
    if not isinstance(found, type) or not issubclass(found, BaseLoader):
        raise TypeError(f"{name} is no document loader (no subclass of langchain's BaseLoader)")
    return found


def _fill_in(value: Any, secrets: list[str]) -> Any:  # noqa: ANN401 - as nested as it is written
    """Returns a value with the contents of files where they are asked for."""
    if isinstance(value, list):
        return [_fill_in(each, secrets) for each in value]
    if not isinstance(value, dict):
        return value
    if list(value) == ["file"]:
        secrets.append(read_secret(Path(value["file"])))
        return secrets[-1]
    return {key: _fill_in(each, secrets) for key, each in value.items()}


def _explain(error: BaseException) -> tuple[str, str]:
    """Returns why a loader failed, in Japanese and English."""
    if isinstance(error, ModuleNotFoundError) and error.name:
        missing = error.name.partition(".")[0]
        hint = f"pip install {missing}"
        hint = _MISSING_BRIDGE if missing == "langchain_community" else hint
        return (
            f"パッケージ {missing} がインストールされていません ({hint})",
            f"the package {missing} is not installed ({hint})",
        )
    said = f"{type(error).__name__}: {error}"
    return said, said


def _keep(document: Document, order: Mapping[str, Any], shelf: FileShelf) -> dict[str, Any]:
    """Writes a document's text and returns what the listing needs to know of it."""
    facts = document.metadata
    text = str(document.page_content)
    title = _line(facts.get(order["title_field"]))
    url = _line(facts.get(order["url_field"])) if order["url_field"] else ""
    author = _line(facts.get(order["author_field"]))
    told: dict[str, Any] = {"id": _identify(document, order, url)}
    if not text.strip():
        return told
    written = _write(text, title, author, url, is_markdown=order["format"] == MARKDOWN)
    data = written.encode("utf-8", "replace")
    key = hashlib.sha256(data).hexdigest()[:40]
    if not shelf.has(key, len(data)):
        shelf.put(key, [data])
    modified = _read_time(facts.get(order["modified_field"])) if order["modified_field"] else None
    return {**told, "key": key, "size": len(data), "modified": modified}


def _identify(document: Document, order: Mapping[str, Any], url: str) -> str:
    """Returns what names a document: the chosen field, its id, its address or its source."""
    facts = document.metadata
    chosen = facts.get(order["id_field"]) if order["id_field"] else None
    names = map(_line, (chosen, document.id, url, facts.get("source")))
    digest = hashlib.sha256(str(document.page_content).encode("utf-8", "replace")).hexdigest()
    return next(filter(None, names), digest[:20])


def _line(value: object) -> str:
    text = "" if value is None else " ".join(str(value).split())
    return text.encode("utf-8", "replace").decode("utf-8")


def _write(text: str, title: str, author: str, url: str, *, is_markdown: bool) -> str:
    """Returns a document as it is read: its title before the text, who wrote it behind."""
    facts = [("著者 / Author", author), ("出典 / Source", url)]
    notes = [f"{name}: {value}" for name, value in facts if value]
    if is_markdown:
        has_matter = text.startswith("---")
        quoted = title[:_LONGEST_LINE].replace('"', "'")
        head = f'---\ntitle: "{quoted}"\n---\n' if title and not has_matter else ""
        return head + text + "".join(f"\n\n{note}" for note in notes) + "\n"
    lines = text.split("\n", 1)
    head = f"{title}\n\n" if title and lines[0].strip() != title else ""
    return head + text + "".join(f"\n\n{note}" for note in notes) + "\n"


def _read_time(value: object) -> float | None:
    """Returns a time in seconds since the epoch; one without a zone is in UTC."""
    try:
        if isinstance(value, date) and not isinstance(value, datetime):
            value = datetime(value.year, value.month, value.day, tzinfo=UTC)
        if isinstance(value, str):
            value = _parse_time(value)
        if isinstance(value, datetime):
            return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
        if isinstance(value, int | float):
            return value / 1000 if abs(value) > _MILLISECONDS else float(value)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return None


def _parse_time(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError:
        return parsedate_to_datetime(text)


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def _take_voice() -> Callable[[Mapping[str, Any]], None]:
    """Returns how to tell the parent; whatever else prints, prints into nothing."""
    voice = os.fdopen(os.dup(1), "w", encoding="ascii")
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)

    def tell(told: Mapping[str, Any]) -> None:
        voice.write(json.dumps(told) + "\n")
        voice.flush()

    return tell


def main(arguments: Sequence[str]) -> None:
    """Reads the order from standard input and runs it; the argument is the parent's id."""
    tell = _take_voice()
    threading.Thread(target=_end_with, args=(int(arguments[0]),), daemon=True).start()
    run(json.loads(sys.stdin.buffer.read()), tell)
    os._exit(0)  # threads of the loader's may not keep the process


if __name__ == "__main__":
    main(sys.argv[1:])
