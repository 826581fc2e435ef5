"""Lists the files below a folder: everything, or an error."""

import os
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from ingestion.errors import SourceUnavailable
from ingestion.model import Listing, SourceItem

_TEMPORARY_PREFIXES = (".", "~$", "~WRL")
_TEMPORARY_SUFFIXES = (".tmp", ".temp", ".part", ".crdownload", ".swp", "~")
_SYSTEM_NAMES = frozenset({"thumbs.db", "desktop.ini", "__macosx"})


def list_folder(root: Path) -> Listing:
    """Returns every file below the folder, sorted by its external id.

    Hidden and temporary files are not documents. Links that lead out of the folder, or back to
    one of their own parents, are not followed.

    Raises:
        SourceUnavailable: The folder, or any folder in it, cannot be listed.
    """
    try:
        top = root.resolve(strict=True)
        if not top.is_dir():
            raise SourceUnavailable(path=root, reason="not a folder")
        items = tuple(_walk(top))
    except OSError as error:
        raise SourceUnavailable(path=root, reason=error.strerror or str(error)) from error
    return Listing(tuple(sorted(items, key=lambda item: item.external_id)))


def is_document_name(name: str) -> bool:
    """Returns whether a file of this name may be a document (not hidden, not temporary)."""
    lowered = name.lower()
    return not (
        lowered.startswith(_TEMPORARY_PREFIXES)
        or lowered.endswith(_TEMPORARY_SUFFIXES)
        or lowered in _SYSTEM_NAMES
    )


def safe_name(name: str) -> str:
    r"""Returns the name as valid UTF-8: bytes that are no text become ``\xNN``."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def display_name(name: str) -> str:
    """Returns a name without line breaks, control and direction marks, for titles and messages."""
    kept = (" " if char in "\r\n\t" else char for char in name)
    return "".join(char for char in kept if unicodedata.category(char) not in {"Cc", "Cf"}).strip()


def _walk(top: Path) -> Iterator[SourceItem]:
    pending = [top]
    while pending:
        folder = pending.pop()
        with os.scandir(folder) as entries:
            for entry in entries:
                if not is_document_name(entry.name):
                    continue
                path = Path(entry.path)
                if entry.is_symlink() and not _stays_inside(path, top):
                    continue
                if entry.is_dir():
                    pending.append(path)
                elif entry.is_file():
                    yield _describe(path, top)


def _stays_inside(link: Path, top: Path) -> bool:
    try:
        target = link.resolve(strict=True)
    except (OSError, RuntimeError):
        return False  # a broken or circular link is not a document
    return target.is_relative_to(top) and not link.parent.is_relative_to(target)


def _describe(path: Path, top: Path) -> SourceItem:
    facts = path.stat()
    return SourceItem(
        external_id=safe_name(path.relative_to(top).as_posix()),
        path=path,
        size=facts.st_size,
        modified_at=datetime.fromtimestamp(facts.st_mtime, UTC),
        signature=f"{facts.st_size}:{facts.st_mtime_ns}:{facts.st_ino}",
    )
