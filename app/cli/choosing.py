"""Which sources a command is about: folders given, names given, or all that are registered."""

import os
from dataclasses import dataclass
from pathlib import Path

from app.cli.speaking import say
from app.declaring import ADMINS_ONLY
from app.registering import check_principals
from ingestion.sources.kinds import FOLDER, UPLOAD
from retrieval.catalog import Catalog, NewSource, Source
from retrieval.errors import Invalid, KuraError, NotFound
from retrieval.model import EVERYONE, Access, Principals

ADMIN_USER = "admin"
ADMIN_GROUPS = ("admins", "staff")
"""Groups of the local admin: whoever runs the machine, and one of the staff like everybody."""

ADMIN: Principals = frozenset(
    {EVERYONE, f"user:{ADMIN_USER}", *(f"group:{name}" for name in ADMIN_GROUPS)}
)
"""Whom the command line acts as."""


class NameTaken(KuraError):
    """Another folder already goes by this source name."""

    code = "name-taken"
    ja = "「{name}」は {location} の名前として使われています。--name で別の名前を付けてください。"
    en = "The name {name!r} already belongs to {location}. Give this folder another with --name."


class FolderMissing(Invalid):
    """What was named is not a folder."""

    code = "folder-missing"
    ja = "フォルダー「{folder}」がありません。"
    en = "There is no folder {folder!r}."


class FolderUnreadable(Invalid):
    """The folder may not be listed."""

    code = "folder-unreadable"
    ja = "フォルダー「{folder}」を読めません: {reason}。"
    en = "The folder {folder!r} cannot be read: {reason}."


class FolderExpected(Invalid):
    """A file was named."""

    code = "folder-expected"
    ja = (
        "「{folder}」はフォルダーではありません。ファイルの入っているフォルダーを指定してください。"
    )
    en = "{folder!r} is not a folder. Name the folder that the file lies in."


class NothingToIngest(KuraError):
    """No folder was named and none is registered."""

    code = "nothing-to-ingest"
    ja = "取り込むフォルダーがありません。「kura ingest フォルダー」と指定してください。"
    en = "There is no folder to ingest. Name one: `kura ingest FOLDER`."


@dataclass(frozen=True, slots=True)
class FolderChoice:
    """What the options say about one folder; None and empty keep what is registered."""

    folder: str
    name: str | None = None
    department: str | None = None
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()


def register_folder(catalog: Catalog, choice: FolderChoice) -> Source:
    """Adds a folder as a source, or updates the one it already is, and returns it.

    Raises:
        Invalid: The folder is not there or cannot be read, or a principal is not one.
        NameTaken: The name belongs to another folder.
    """
    folder = find_folder(choice.folder)
    known = next((item for item in catalog.sources.list() if item.location == str(folder)), None)
    name = choice.name or (known.name if known else folder.name or "root")
    before = catalog.sources.find(name)
    if before is not None and before.location != str(folder):
        raise NameTaken(name=name, location=before.location)
    return catalog.sources.add(_describe(name, folder, choice, before))


def find_folder(named: str) -> Path:
    """Returns the folder somebody named, without links and ``~``.

    Raises:
        Invalid: One of its children says why it cannot be used.
    """
    if not named.strip():  # an unset variable of a script; it would mean the working folder
        raise FolderMissing(folder=named)
    try:
        folder = Path(named).expanduser().resolve()
        with os.scandir(folder):
            return folder
    except NotADirectoryError:
        raise FolderExpected(folder=named) from None
    except FileNotFoundError:
        raise FolderMissing(folder=named) from None
    except (OSError, RuntimeError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise FolderUnreadable(folder=named, reason=reason) from None


def _describe(name: str, folder: Path, choice: FolderChoice, before: Source | None) -> NewSource:
    access = before.access if before else ADMINS_ONLY
    return NewSource(
        name=name,
        kind=before.kind if before else FOLDER,  # a maildir is a folder as well
        location=str(folder),
        department=choice.department or (before.department if before else ""),
        access=Access(
            allow=check_principals("--allow", choice.allow) or access.allow,
            deny=check_principals("--deny", choice.deny) or access.deny,
        ),
        settings=dict(before.settings) if before else {},
        owner=before.owner if before else "",
        tags=before.tags if before else (),
        schedule=before.schedule if before else "",
    )


def find_named(catalog: Catalog, named: str) -> Source | None:
    """Returns the source of this name, ``None`` where there is a folder or no source of it."""
    return None if Path(named).expanduser().is_dir() else catalog.sources.find(named)


def find_source(catalog: Catalog, name: str) -> Source:
    """Returns the source of this name.

    Raises:
        NotFound: There is none.
    """
    source = catalog.sources.find(name)
    if source is None:
        raise NotFound(what=say("source", "取り込み元"), value=name)
    return source


def find_ingestible(catalog: Catalog) -> list[Source]:
    """Returns all registered sources that can be ingested: all but those of uploads.

    Raises:
        NothingToIngest: There is none.
    """
    found = [item for item in catalog.sources.list() if item.kind != UPLOAD]
    if not found:
        raise NothingToIngest
    return found
