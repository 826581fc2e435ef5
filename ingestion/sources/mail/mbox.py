"""Collects the mails of mbox files, which are read as a stream and never locked or changed."""

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ingestion.errors import SourceUnavailable
from ingestion.naming import safe_name
from ingestion.sources.keeping import read_notes, write_notes
from ingestion.sources.mail.collecting import TOO_LARGE, Collection
from ingestion.sources.mail.naming import clean_name
from ingestion.sources.mail.options import BoxOptions

NO_BOX = "not-mbox"
_NO_BOX = ("mbox 形式のファイルではありません", "not an mbox file")
_SEPARATOR = re.compile(rb"From \S.*\d\d:\d\d")
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)
_HEAD_END = re.compile(rb"\n\r?\n")
_STATUS = re.compile(  # what programs write into a mail when somebody reads it
    rb"^(?:Status|X-Status|X-Keywords|X-UID|X-IMAP|X-Mozilla-Status2?|X-Mozilla-Keys|Content-Length"
    rb"):.*\n(?:[ \t].*\n)*",
    re.MULTILINE | re.IGNORECASE,
)


@dataclass(slots=True)
class _Box:
    """What was found in a file: keys of mails, and the places of those that are too large."""

    signature: str
    keys: list[str] = field(default_factory=list)
    too_large: list[int] = field(default_factory=list)


def collect_boxes(options: BoxOptions, mirror: Path, found: Collection) -> None:
    """Adds the mails of a file, or of all mbox files in a folder.

    A file that is as it was is not read again.

    Raises:
        SourceUnavailable: The file is none, or it or a folder cannot be read.
    """
    notes = mirror / "boxes.json"
    known = read_notes(notes)
    before = known if isinstance(known, dict) else {}
    now: dict[str, list[object]] = {}
    try:
        for path, name, is_box in _find_boxes(options.path):
            if not is_box and name in before:
                found.skip(name, NO_BOX, complete=False)  # half-written, or damaged: not emptied
            elif is_box and found.wants(name):
                box = _look_again(path, before.get(name), options, found) or _read_box(
                    path, options, found
                )
                _add(box, name, found)
                now[name] = [box.signature, box.keys, box.too_large, options.choice.largest]
                found.breathe()
    except OSError as error:
        raise SourceUnavailable(path=options.path, reason=error.strerror or str(error)) from error
    write_notes(notes, now)


def _find_boxes(root: Path) -> Iterator[tuple[Path, str, bool]]:
    """Yields the files with the names of their folders, and whether they are mbox files."""
    if root.is_file():
        if not _is_box(root):
            raise SourceUnavailable(path=root, reason=_NO_BOX)
        yield root, _name(Path(root.name)), True
        return

    def refuse(error: OSError) -> None:
        raise error

    for place, names, files in os.walk(root, onerror=refuse):
        names.sort()
        for file in sorted(files):
            path = Path(place, file)
            if not file.startswith(".") and not path.is_symlink() and path.is_file():
                yield path, _name(path.relative_to(root)), _is_box(path)


def _is_box(path: Path) -> bool:
    """Returns whether a file begins like an mbox; an empty one is an mbox without mails."""
    with path.open("rb") as file:
        line = file.readline(4096)
    return not line or bool(_SEPARATOR.match(line))


def _name(path: Path) -> str:
    shown = path.with_suffix("") if path.suffix.lower() == ".mbox" else path
    return "/".join(filter(None, (clean_name(safe_name(part)) for part in shown.parts))) or "mbox"


def _look_again(path: Path, noted: object, options: BoxOptions, found: Collection) -> _Box | None:
    """Returns what was noted of a file, where it is as it was and all its mails are here."""
    match noted:
        case [str(signature), list(keys), list(places), int(largest)]:
            box = _Box(signature, [str(key) for key in keys], [int(place) for place in places])
        case _:
            return None
    if largest != options.choice.largest or signature != _sign(path):
        return None
    return box if all(found.store.find(key) for key in box.keys) else None


def _read_box(path: Path, options: BoxOptions, found: Collection) -> _Box:
    before = _sign(path)
    box = _Box(before)
    for number, mail in enumerate(_split(path, options.choice.largest), 1):
        if mail is None:
            box.too_large.append(number)
            continue
        head, body = _divide(mail)
        plain = _STATUS.sub(b"", head) + _QUOTED.sub(rb"\1", body)
        key = hashlib.sha256(plain).hexdigest()[:40]
        if found.store.find(key) is None:
            found.store.put(key, plain)
        box.keys.append(key)
        if number % 100 == 0:
            found.breathe()
    if _sign(path) != before:
        box.signature = ""  # it was written to while it was read: the next run reads it again
    return box


def _add(box: _Box, name: str, found: Collection) -> None:
    for key in box.keys:
        kept = found.store.find(key)
        if kept is None:
            found.miss()
        else:
            found.add(name, key, kept)
    for place in box.too_large:
        found.skip(f"{name}/{place}", TOO_LARGE)


def _split(path: Path, largest: int) -> Iterator[bytes | None]:
    """Yields each mail, ``None`` for one that is too large; an empty line stands before each."""
    lines: list[bytes] = []
    size = 0
    was_empty = True
    with path.open("rb") as file:
        while line := file.readline(largest + 1):
            if was_empty and _SEPARATOR.match(line):
                yield from _join(lines, size, largest)
                lines, size = [], 0
            else:
                size += len(line)
                lines.append(line)
                if size > largest:
                    lines.clear()
            was_empty = not line.strip()
    yield from _join(lines, size, largest)


def _join(lines: list[bytes], size: int, largest: int) -> Iterator[bytes | None]:
    """Yields a mail without the empty lines at its end, which come and go with its neighbours."""
    if size > largest:
        yield None
    elif mail := b"".join(lines).strip(b"\r\n"):
        yield mail + b"\n"


def _divide(mail: bytes) -> tuple[bytes, bytes]:
    """Returns the headers and the rest, which begins with an empty line."""
    end = _HEAD_END.search(mail)
    cut = end.start() + 1 if end else len(mail)
    return mail[:cut], mail[cut:]


def _sign(path: Path) -> str:
    facts = path.stat()
    return f"{facts.st_size}:{facts.st_mtime_ns}:{facts.st_ino}"
