"""Collects the mails of a maildir; the file names' flags say nothing about the mail."""

import os
from collections.abc import Iterator
from pathlib import Path

from imap_tools.imap_utf7 import utf7_decode

from ingestion.errors import SourceUnavailable
from ingestion.naming import safe_name
from ingestion.sources.mail.collecting import TOO_LARGE, Collection
from ingestion.sources.mail.naming import clean_name
from ingestion.sources.mail.options import BoxOptions
from ingestion.sources.mail.store import make_key

_PLACES = ("new", "cur")
_ROOT = "INBOX"
_NO_MAILDIR = (
    "Maildir（cur と new のあるフォルダー）ではありません",
    "no maildir (a folder with cur and new)",
)


def collect_maildir(options: BoxOptions, found: Collection) -> None:
    """Adds the mails of the maildir and of the maildirs below it.

    Raises:
        SourceUnavailable: It, or a folder in it, cannot be listed.
    """
    root = options.path
    try:
        folders = sorted(_find_folders(root))
        if not folders:
            raise SourceUnavailable(path=root, reason=_NO_MAILDIR)
        for folder in folders:
            name = _name_folder(folder.relative_to(root))
            if found.wants(name):
                _collect_folder(folder, name, options.choice.largest, found)
    except OSError as error:
        raise SourceUnavailable(path=root, reason=error.strerror or str(error)) from error


def _find_folders(root: Path) -> Iterator[Path]:
    """Yields the maildirs; links are not followed."""

    def refuse(error: OSError) -> None:
        raise error

    for place, names, _ in os.walk(root, onerror=refuse):
        if "cur" in names:
            yield Path(place)
        names[:] = [name for name in names if name not in {"cur", "new", "tmp"}]


def _name_folder(path: Path) -> str:
    """Returns what a folder is shown as: ``.仕事.契約``, in mail's own encoding, as 仕事/契約."""
    parts: list[str] = []
    for part in path.parts:
        inner = part[1:].split(".") if part.startswith(".") else [part]
        parts += [clean_name(_decode(each)) for each in inner]
    return "/".join(filter(None, parts)) or _ROOT


def _decode(name: str) -> str:
    try:
        return utf7_decode(name.encode("ascii"))
    except ValueError:
        return safe_name(name)


def _collect_folder(folder: Path, name: str, largest: int, found: Collection) -> None:
    for path in _list_mails(folder):
        unique = path.name.partition(":")[0]
        key = make_key("maildir", name, unique)
        kept = found.store.find(key)
        if kept is None:
            try:
                if path.stat().st_size > largest:
                    found.skip(f"{name}/{safe_name(unique)}", TOO_LARGE)
                    continue
                kept = found.store.adopt(key, path)
            except FileNotFoundError:
                found.miss()  # its flags changed this moment, and with them its name
                continue
        found.add(name, key, kept)
    found.breathe()


def _list_mails(folder: Path) -> list[Path]:
    paths: list[Path] = []
    for place in _PLACES:
        inner = folder / place
        if inner.is_dir():
            with os.scandir(inner) as entries:
                paths += [
                    Path(entry.path)
                    for entry in entries
                    if entry.is_file(follow_symlinks=False) and not entry.name.startswith(".")
                ]
    return sorted(paths, key=lambda path: path.name)
