"""Lists the files below a folder: everything, or an error."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from ingestion.collecting import building_much
from ingestion.errors import SourceUnavailable
from ingestion.model import Listing, SourceItem, Tell
from ingestion.naming import is_document_name, safe_name

TOLD_EVERY = 1_000
"""After how many files the caller is told again."""

LINK_OUTSIDE, LINK_CIRCLE, LINK_BROKEN = "link-outside", "link-circle", "link-broken"
NOT_A_FILE = "not-a-file"
_NO_FOLDER = ("フォルダーではありません", "not a folder")


def list_folder(root: Path, tell: Tell = lambda _: None) -> Listing:
    """Returns every file below the folder, sorted by its external id.

    Hidden, temporary and generated files are not documents. Links that lead out of the folder or
    back to one of their own parents, broken ones, and what is neither file nor folder are not
    followed but named in ``skipped``.

    Raises:
        SourceUnavailable: The folder, or any folder in it, cannot be listed.
    """
    skipped: dict[str, str] = {}
    try:
        top = root.resolve(strict=True)
        if not top.is_dir():
            raise SourceUnavailable(path=root, reason=_NO_FOLDER)
        with building_much():
            items = list(_count(_walk(top, skipped), tell))
            items.sort(key=lambda item: item.external_id)
            return Listing(tuple(items), skipped=dict(sorted(skipped.items())))
    except OSError as error:
        raise SourceUnavailable(path=root, reason=error.strerror or str(error)) from error


def _count(items: Iterator[SourceItem], tell: Tell) -> Iterator[SourceItem]:
    for count, item in enumerate(items, 1):
        yield item
        if count % TOLD_EVERY == 0:
            tell(count)


def _walk(top: Path, skipped: dict[str, str]) -> Iterator[SourceItem]:
    """Yields the files; paths stay text here, for a hundred thousand are put together a second."""
    cut = len(os.path.join(top, ""))  # noqa: PTH118 - a pathlib path has no ending slash
    pending = [str(top)]
    while pending:
        with os.scandir(pending.pop()) as entries:
            for entry in entries:
                if not is_document_name(entry.name):
                    continue
                if entry.is_symlink() and (why := _refuse(Path(entry.path), top)):
                    skipped[_name(entry.path[cut:])] = why
                elif entry.is_dir():
                    pending.append(entry.path)
                elif entry.is_file():
                    yield _describe(entry, _name(entry.path[cut:]))
                else:
                    skipped[_name(entry.path[cut:])] = NOT_A_FILE


def _refuse(link: Path, top: Path) -> str:
    """Returns the code of why a link is not followed, "" when it is."""
    try:
        target = link.resolve(strict=True)
    except (OSError, RuntimeError):
        return LINK_BROKEN  # also one that leads to itself
    if not target.is_relative_to(top):
        return LINK_OUTSIDE
    return LINK_CIRCLE if link.parent.is_relative_to(target) else ""


def _name(path: str) -> str:
    return safe_name(path if os.sep == "/" else path.replace(os.sep, "/"))


def _describe(entry: os.DirEntry[str], name: str) -> SourceItem:
    facts = entry.stat()
    return SourceItem(
        external_id=name,
        path=Path(entry.path),
        size=facts.st_size,
        modified_at=datetime.fromtimestamp(facts.st_mtime, UTC),
        signature=f"{facts.st_size}:{facts.st_mtime_ns}:{facts.st_ino}",
    )
