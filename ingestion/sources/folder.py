"""Lists the files below a folder: everything, or an error."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from ingestion.errors import SourceUnavailable
from ingestion.model import Listing, SourceItem
from ingestion.naming import is_document_name, safe_name


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


def _walk(top: Path) -> Iterator[SourceItem]:
    """Yields the files; paths stay text here, for a hundred thousand are put together a second."""
    cut = len(os.path.join(top, ""))  # noqa: PTH118 - a pathlib path has no ending slash
    pending = [str(top)]
    while pending:
        with os.scandir(pending.pop()) as entries:
            for entry in entries:
                if not is_document_name(entry.name):
                    continue
                if entry.is_symlink() and not _stays_inside(Path(entry.path), top):
                    continue
                if entry.is_dir():
                    pending.append(entry.path)
                elif entry.is_file():
                    yield _describe(entry, entry.path[cut:])


def _stays_inside(link: Path, top: Path) -> bool:
    try:
        target = link.resolve(strict=True)
    except (OSError, RuntimeError):
        return False  # a broken or circular link is not a document
    return target.is_relative_to(top) and not link.parent.is_relative_to(target)


def _describe(entry: os.DirEntry[str], name: str) -> SourceItem:
    facts = entry.stat()
    return SourceItem(
        external_id=safe_name(name if os.sep == "/" else name.replace(os.sep, "/")),
        path=Path(entry.path),
        size=facts.st_size,
        modified_at=datetime.fromtimestamp(facts.st_mtime, UTC),
        signature=f"{facts.st_size}:{facts.st_mtime_ns}:{facts.st_ino}",
    )
