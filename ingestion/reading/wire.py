"""How a reading travels from the child process: JSON, because a child is not trusted.

A parser that was taken over by a hostile file can send bytes, but no code.
"""

import errno
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingestion.errors import FAILURES, Damaged, ReadingFailed
from ingestion.model import Member, Parsed
from retrieval.model import Block, BlockKind

Reply = dict[str, Any]
_UNINTELLIGIBLE = "unintelligible reply of the reader"


@dataclass(frozen=True, slots=True)
class Request:
    """What a child is asked to do.

    Attributes:
        into: Where to put what lies in the file; ``None`` to read the file itself.
    """

    path: Path
    name: str
    passwords: tuple[str, ...] = ()
    into: Path | None = None


def encode_request(request: Request) -> bytes:
    """Returns a request as bytes; undecodable bytes in its path survive."""
    into = "" if request.into is None else str(request.into)
    values = [str(request.path), request.name, list(request.passwords), into]
    return json.dumps(values).encode("ascii")


def decode_request(message: bytes) -> Request:
    """Returns the request."""
    path, name, passwords, into = json.loads(message)
    return Request(Path(path), name, tuple(passwords), Path(into) if into else None)


def encode_members(members: Sequence[Member]) -> bytes:
    """Returns what was unpacked as bytes; of a path only the file's name travels."""
    rows = [[each.name, each.path.name if each.path else "", each.failure] for each in members]
    return json.dumps({"members": rows}).encode("ascii")


def decode_members(message: bytes, name: str, into: Path) -> tuple[Member, ...]:
    """Returns what the child put into the folder, and nothing outside it.

    Raises:
        ReadingFailed: What the child reported, or that its reply makes no sense.
        OSError: The disk is full.
    """
    reply = _load(message, name)
    try:
        rows = [(_clean(inner), str(file), str(code)) for inner, file, code in reply["members"]]
    except (ValueError, KeyError, TypeError) as error:
        raise Damaged(name=name, reason=_UNINTELLIGIBLE) from error
    return tuple(
        Member(inner, into / Path(file).name if file else None, code) for inner, file, code in rows
    )


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
        "members": parsed.members,
    }
    return json.dumps({"parsed": reply}).encode("ascii")


def encode_failure(failure: ReadingFailed) -> bytes:
    """Returns a failed reading as bytes."""
    details = {name: str(value)[:500] for name, value in failure.details.items()}
    return json.dumps({"failed": failure.code, "details": details}).encode("ascii")


def encode_full() -> bytes:
    """Returns as bytes that the disk is full."""
    return json.dumps({"full": True}).encode("ascii")


def decode_reply(message: bytes, name: str) -> Parsed:
    """Returns what the child read.

    Raises:
        ReadingFailed: What the child reported, or that its reply makes no sense.
        OSError: The disk is full.
    """
    reply = _load(message, name)
    try:
        return _parsed(reply["parsed"])
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise Damaged(name=name, reason=_UNINTELLIGIBLE) from error


def _load(message: bytes, name: str) -> Reply:
    try:
        reply: Reply = json.loads(message)
        if "full" in reply:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), name)
        if "failed" not in reply:
            return reply
        kind, details = FAILURES[reply["failed"]], dict(reply["details"])
        failure = kind(**{**details, "name": name})
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise Damaged(name=name, reason=_UNINTELLIGIBLE) from error
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
        members=int(reply["members"]),
    )


def _clean(text: str) -> str:
    """Returns the text without lone surrogates, which no file or database can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")
