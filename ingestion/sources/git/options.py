"""What a source of kind "git" may be told."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ingestion.errors import SourceInvalid
from ingestion.sources.fields import Fields, is_one_line

_KNOWN = frozenset(
    {
        "branch",
        "folder",
        "include",
        "exclude",
        "depth",
        "user",
        "password_file",
        "key_file",
        "known_hosts_file",
        "ca_file",
        "proxy",
    }
)
_DEPTH = 100
_MOST_COMMITS = 1_000_000
_SCHEMES = frozenset({"https", "ssh", "file"})
_SHORT_SSH = re.compile(r"(?P<user>[\w.-]+)@(?P<host>[\w.-]+):(?!//).+")  # git@host:team/x.git
_BRANCH = re.compile(r"[^\s~^:?*\[\\\x00-\x1f-][^\s~^:?*\[\\\x00-\x1f]*")
_ADDRESSES = (
    "https://、ssh://、file:// の住所、git@サーバー:パス、または絶対パス",
    "an address with https://, ssh:// or file://, git@server:path, or an absolute path",
)
_NO_PASSWORD = (
    "パスワードを含まない住所（パスワードは password_file に置きます）",
    "an address without a password, which belongs into password_file",
)


@dataclass(frozen=True, slots=True)
class GitOptions:
    """Where a repository is and what of it is listed.

    Attributes:
        branch: "" for the repository's default branch.
        folder: Only what lies below it, named from there on; "" for everything.
        include: Patterns of which a path must match one; none for all paths.
        exclude: Patterns of which a path must match none.
        depth: How many commits are fetched, 0 for all; dates of files are known that far back.
        user: Whom the password belongs to.
        host: With scheme and port, the one place that gets the password; "" where none does.
        known_hosts_file: Keys of SSH servers; without it the first key seen is remembered.
        ca_file: The certificates that a server's is checked against instead of the system's.
    """

    address: str
    branch: str
    folder: str
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    depth: int
    user: str
    host: str
    password_file: Path | None
    key_file: Path | None
    known_hosts_file: Path | None
    ca_file: Path | None
    proxy: str


def read_options(location: str, settings: Mapping[str, Any]) -> GitOptions:
    """Returns the checked options.

    Raises:
        SourceInvalid: The address or a setting cannot be used.
    """
    fields = Fields(settings, _KNOWN)
    user, host = _check_address(location)
    branch = fields.text("branch")
    if branch and (not _BRANCH.fullmatch(branch) or ".." in branch):
        raise SourceInvalid(field="branch", value=branch, allowed=("枝の名前", "a branch's name"))
    return GitOptions(
        address=location,
        branch=branch,
        folder=_check_folder(fields.text("folder")),
        include=fields.texts("include"),
        exclude=fields.texts("exclude"),
        depth=fields.whole("depth", _DEPTH, 0, _MOST_COMMITS),
        user=fields.text("user") or user or "git",
        host=host,
        password_file=fields.path("password_file"),
        key_file=fields.path("key_file"),
        known_hosts_file=fields.path("known_hosts_file"),
        ca_file=fields.path("ca_file"),
        proxy=fields.text("proxy"),
    )


def _check_address(location: str) -> tuple[str, str]:
    """Returns the user an address names, and scheme, host and port where it is an HTTPS one."""
    short = _SHORT_SSH.fullmatch(location)
    if location.startswith("/") or short:
        if not is_one_line(location):
            raise SourceInvalid(field="location", value=location, allowed=_ADDRESSES)
        return (short["user"] if short else ""), ""
    try:
        parts = urlsplit(location)
        _ = parts.port  # it is looked at only when asked for
    except ValueError as error:
        raise SourceInvalid(field="location", value="***", allowed=_ADDRESSES) from error
    if parts.password:
        value = location.replace(parts.password, "***")
        raise SourceInvalid(field="location", value=value, allowed=_NO_PASSWORD)
    has_host = bool(parts.hostname) and not (parts.hostname or "").startswith("-")
    has_place = has_host or (parts.scheme == "file" and not parts.netloc and bool(parts.path))
    if parts.scheme not in _SCHEMES or not has_place or not is_one_line(location):
        raise SourceInvalid(field="location", value=location, allowed=_ADDRESSES)
    if parts.scheme != "https":
        return parts.username or "", ""
    return parts.username or "", "https://" + parts.netloc.rpartition("@")[2]


def _check_folder(folder: str) -> str:
    parts = [part for part in folder.split("/") if part]
    if any(part in {".", ".."} for part in parts):
        allowed = ("リポジトリ内のパス", "a path inside the repository")
        raise SourceInvalid(field="folder", value=folder, allowed=allowed)
    return "/".join(parts)
