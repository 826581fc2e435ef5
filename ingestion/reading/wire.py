"""How a reading travels from the child process: JSON, because a child is not trusted.

A parser that was taken over by a hostile file can send bytes, but no code.
"""

import json
from pathlib import Path
from typing import Any

from ingestion.errors import FAILURES, Damaged, ReadingFailed
from ingestion.model import Parsed
from retrieval.model import Block, BlockKind

Reply = dict[str, Any]


def encode_request(path: Path, name: str) -> bytes:
    """Returns the request to read a file; undecodable bytes in its path survive."""
    return json.dumps({"path": str(path), "name": name}).encode("ascii")


def decode_request(message: bytes) -> tuple[Path, str]:
    """Returns the path and the document's name of a request."""
    request = json.loads(message)
    return Path(request["path"]), request["name"]


def encode_parsed(parsed: Parsed) -> bytes:
    """Returns a successful reading as bytes."""
    reply = {
        "blocks": [[b.kind, b.text, b.page, b.sheet, b.level] for b in parsed.blocks],
        "media_type": parsed.media_type,
        "title": parsed.title,
        "properties": dict(parsed.properties),
        "warnings": list(parsed.warnings),
        "hidden_characters": parsed.hidden_characters,
        "pages": parsed.pages,
        "wrapped": parsed.wrapped,
    }
    return json.dumps({"parsed": reply}).encode("ascii")


def encode_failure(failure: ReadingFailed) -> bytes:
    """Returns a failed reading as bytes."""
    details = {name: str(value)[:500] for name, value in failure.details.items()}
    return json.dumps({"failed": failure.code, "details": details}).encode("ascii")


def decode_reply(message: bytes, name: str) -> Parsed:
    """Returns what the child read.

    Raises:
        ReadingFailed: What the child reported, or that its reply makes no sense.
    """
    try:
        reply: Reply = json.loads(message)
        if "parsed" in reply:
            return _parsed(reply["parsed"])
        kind, details = FAILURES[reply["failed"]], dict(reply["details"])
        failure = kind(**{**details, "name": name})
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise Damaged(name=name, reason="unintelligible reply of the reader") from error
    raise failure


def _parsed(reply: Reply) -> Parsed:
    return Parsed(
        blocks=tuple(
            Block(BlockKind(kind), _clean(text), page, sheet and _clean(sheet), level)
            for kind, text, page, sheet, level in reply["blocks"]
        ),
        media_type=reply["media_type"],
        title=_clean(reply["title"]),
        properties={key: _clean(value) for key, value in reply["properties"].items()},
        warnings=tuple(reply["warnings"]),
        hidden_characters=reply["hidden_characters"],
        pages=reply["pages"],
        wrapped=reply["wrapped"],
    )


def _clean(text: str) -> str:
    """Returns the text without lone surrogates, which no file or database can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")
