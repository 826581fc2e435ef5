"""What sources of the kinds "imap", "maildir" and "mbox" may be told."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from ingestion.errors import SourceInvalid
from ingestion.sources.fields import Fields, is_one_line

MEGABYTE = 1024 * 1024

_CHOOSING = frozenset({"folders", "exclude_folders", "since", "max_megabytes"})
_KNOWN = _CHOOSING | {"password_file", "authentication", "ca_file"}
_LARGEST = 50  # megabytes
_MOST = 200  # what a reading takes at most
_PORTS = {"imaps": 993, "imap": 143}
_ADDRESSES = (
    "imaps://利用者@サーバー/フォルダー の形の住所",
    "an address like imaps://user@server/folder",
)
_PATHS = ("絶対パス", "an absolute path")
_NO_PASSWORD = (
    "パスワードを含まない住所（パスワードは password_file に置きます）",
    "an address without a password, which belongs into password_file",
)
_NEEDED = (
    "パスワードを 1 行目に書いたファイルの絶対パス",
    "the absolute path of a file whose first line is the password",
)


@dataclass(frozen=True, slots=True)
class Choice:
    """Which mails are listed.

    Attributes:
        folders: Patterns of the folders; a folder brings those below it.
        exclude_folders: Patterns of folders that are left out.
        since: Only mails from this day on.
        largest: In bytes; larger mails are named, and not read.
    """

    folders: tuple[str, ...]
    exclude_folders: tuple[str, ...]
    since: date | None
    largest: int


@dataclass(frozen=True, slots=True)
class ImapOptions:
    """How an account is reached.

    Attributes:
        starts_plain: Whether the connection is encrypted by STARTTLS and not from its start.
        authentication: "password", or "xoauth2" where the file holds an access token.
        ca_file: The certificates that the server's is checked against instead of the system's.
    """

    host: str
    port: int
    user: str
    starts_plain: bool
    password_file: Path
    authentication: str
    ca_file: Path | None
    choice: Choice


@dataclass(frozen=True, slots=True)
class BoxOptions:
    """Where mails lie on this machine."""

    path: Path
    choice: Choice


def read_imap_options(location: str, settings: Mapping[str, Any]) -> ImapOptions:
    """Returns the checked options of an IMAP account.

    Raises:
        SourceInvalid: The address or a setting cannot be used.
    """
    fields = Fields(settings, _KNOWN)
    try:
        parts = urlsplit(location)
        port = parts.port
    except ValueError as error:
        raise SourceInvalid(field="location", value="***", allowed=_ADDRESSES) from error
    if parts.password:
        value = location.replace(parts.password, "***")
        raise SourceInvalid(field="location", value=value, allowed=_NO_PASSWORD)
    if parts.scheme not in _PORTS or not parts.hostname or not parts.username:
        raise SourceInvalid(field="location", value=location, allowed=_ADDRESSES)
    user, folder = unquote(parts.username), unquote(parts.path).strip("/")
    password_file = fields.path("password_file")
    if password_file is None:
        raise SourceInvalid(field="password_file", value="", allowed=_NEEDED)
    if not is_one_line(user + folder + location):
        raise SourceInvalid(field="location", value=location, allowed=_ADDRESSES)
    return ImapOptions(
        host=parts.hostname,
        port=port or _PORTS[parts.scheme],
        user=user,
        starts_plain=parts.scheme == "imap",
        password_file=password_file,
        authentication=fields.choice("authentication", ("password", "xoauth2")),
        ca_file=fields.path("ca_file"),
        choice=_read_choice(fields, (folder or "INBOX",)),
    )


def read_maildir_options(location: str, settings: Mapping[str, Any]) -> BoxOptions:
    """Returns the checked options of a maildir.

    Raises:
        SourceInvalid: The path or a setting cannot be used.
    """
    return _read_box(location, settings)


def read_mbox_options(location: str, settings: Mapping[str, Any]) -> BoxOptions:
    """Returns the checked options of an mbox file, or of a folder of such files.

    Raises:
        SourceInvalid: The path or a setting cannot be used.
    """
    return _read_box(location, settings)


def _read_box(location: str, settings: Mapping[str, Any]) -> BoxOptions:
    fields = Fields(settings, _CHOOSING)
    if not Path(location).is_absolute() or not is_one_line(location):
        raise SourceInvalid(field="location", value=location, allowed=_PATHS)
    return BoxOptions(Path(location), _read_choice(fields, ("**",)))


def _read_choice(fields: Fields, folders: tuple[str, ...]) -> Choice:
    return Choice(
        folders=fields.texts("folders", folders),
        exclude_folders=fields.texts("exclude_folders"),
        since=fields.day("since"),
        largest=fields.whole("max_megabytes", _LARGEST, 1, _MOST) * MEGABYTE,
    )
