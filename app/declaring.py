"""Reads the sources file, in which an administrator declares where documents come from.

The file is taken as a whole or not at all: a rule on access that cannot be understood must never
leave half of the others in force.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Any

from app.registering import check_change, check_principals, check_source
from ingestion.errors import SourceInvalid
from ingestion.sources.kinds import FOLDER, UPLOAD
from retrieval.catalog import Catalog, NewSource, Source
from retrieval.model import Access

ADMINS_ONLY = Access(allow=frozenset({"group:admins"}))
"""Who reads what nobody gave a rule."""

_FIELDS = (
    *("name", "kind", "location", "department", "owner", "tags"),
    *("allow", "deny", "schedule", "settings"),
)


class SourcesFileInvalid(SourceInvalid):
    """The sources file cannot be read or understood, so nothing of it was applied."""

    code = "sources-file-invalid"
    ja = (
        "{path} の取り込み元「{source}」: {field} の値「{value}」は使えません: {allowed}。"
        "このファイルの内容は何も適用していません。"
    )
    en = (
        "{path}, source {source!r}: {field} has the value {value!r}, which is not allowed: "
        "{allowed}. Nothing of this file was applied."
    )


class SourcesFileUnreadable(SourceInvalid):
    """The sources file is not there, is no UTF-8 text, or not TOML."""

    code = "sources-file-unreadable"
    ja = "取り込み元のファイル {path} を読めません: {reason}。何も適用していません。"
    en = "The sources file {path} cannot be read: {reason}. Nothing of it was applied."


class SourcesFileEmpty(SourceInvalid):
    """The sources file names nothing, and everything it does not name was to be removed."""

    code = "sources-file-empty"
    ja = (
        "{path} には取り込み元が一つもないため、何も削除しませんでした。すべて削除する場合は"
        "「kura sources remove 名前」で一つずつ削除してください。"
    )
    en = (
        "{path} names no source, so nothing was removed. If all are to go, remove them one by one "
        "with `kura sources remove NAME`."
    )


@dataclass(frozen=True, slots=True)
class Difference:
    """What applying a sources file changes.

    Attributes:
        add: Names of sources that are not registered yet.
        change: What is different of registered ones: names of fields, by the source's name.
        same: Names of sources that are registered exactly like that.
        unlisted: Names of registered sources that the file does not name; they stay.
    """

    add: tuple[str, ...] = ()
    change: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    same: tuple[str, ...] = ()
    unlisted: tuple[str, ...] = ()


def read_sources(path: Path) -> tuple[NewSource, ...]:
    """Returns the sources that a file declares, all of them checked.

    Raises:
        SourcesFileUnreadable: It cannot be read, or is not TOML.
        SourcesFileInvalid: A value in it cannot be used.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        raise SourcesFileUnreadable(path=path, reason=f"TOML: {error}") from error
    except UnicodeDecodeError as error:
        raise SourcesFileUnreadable(path=path, reason="UTF-8") from error
    except OSError as error:
        raise SourcesFileUnreadable(path=path, reason=error.strerror or str(error)) from error
    return _Reader(path).read(table)


def is_declared(path: Path, name: str) -> bool:
    """Returns whether a sources file that can be used names this source."""
    try:
        return name in {source.name for source in read_sources(path)}
    except SourceInvalid:
        return False


def compare(catalog: Catalog, declared: tuple[NewSource, ...]) -> Difference:
    """Returns what registering the declared sources would change.

    Raises:
        SourceInvalid: One of them cannot take the place of the one that is registered.
    """
    known = {source.name: source for source in catalog.sources.list()}
    for new in declared:
        check_change(known.get(new.name), new)
    changed = {
        new.name: _list_changed(known[new.name], new) for new in declared if new.name in known
    }
    names = {new.name for new in declared}
    return Difference(
        add=tuple(new.name for new in declared if new.name not in known),
        change={name: what for name, what in changed.items() if what},
        same=tuple(name for name, what in changed.items() if not what),
        unlisted=tuple(name for name, old in known.items() if name not in names and _is_ours(old)),
    )


def register_declared(catalog: Catalog, declared: tuple[NewSource, ...]) -> Difference:
    """Registers what a file declares and returns what that changed; no source is removed.

    Raises:
        SourceInvalid: One of them cannot take the place of the one that is registered.
    """
    difference = compare(catalog, declared)
    for new in declared:
        if new.name not in difference.same:
            catalog.sources.add(new)
    return difference


def _write_date(value: object) -> object:
    """Returns a date of TOML as the text that JSON can keep, anything else as it is."""
    return value.isoformat() if isinstance(value, date) else value


def _is_ours(source: Source) -> bool:
    """Returns whether a source is one that a file would declare; uploads make their own."""
    return source.kind != UPLOAD


def _list_changed(old: Source, new: NewSource) -> tuple[str, ...]:
    facts = (fact.name for fact in fields(NewSource))
    return tuple(name for name in facts if getattr(old, name) != getattr(new, name))


class _Reader:
    """Turns the parsed table into sources, naming the field of whatever is wrong."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._source = "-"

    def read(self, table: Mapping[str, Any]) -> tuple[NewSource, ...]:
        for name in table:
            if name != "source":
                raise self._wrong(name, table[name], ("[[source]] だけ", "only [[source]] tables"))
        entries = table.get("source", [])
        if not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
            raise self._wrong("source", entries, ("[[source]] の表", "[[source]] tables"))
        found: dict[str, NewSource] = {}
        for number, entry in enumerate(entries, 1):
            self._source = str(entry.get("name") or f"[{number}]")
            new = self._read_one(entry)
            if new.name in found:
                allowed = "ファイルの中で一度だけ使う名前", "a name that is used once in the file"
                raise self._wrong("name", new.name, allowed)
            found[new.name] = new
        return tuple(found.values())

    def _read_one(self, entry: Mapping[str, Any]) -> NewSource:
        for name in entry:
            if name not in _FIELDS:
                raise self._wrong(name, entry[name], ", ".join(_FIELDS))
        settings = entry.get("settings", {})
        if not isinstance(settings, dict):
            raise self._wrong("settings", settings, ("[source.settings] の表", "a table"))
        settings = {name: _write_date(value) for name, value in settings.items()}
        try:
            new = NewSource(
                name=self._text(entry, "name"),
                kind=self._text(entry, "kind") or FOLDER,
                location=self._text(entry, "location"),
                department=self._text(entry, "department"),
                access=self._access(entry),
                settings=settings,
                owner=self._text(entry, "owner"),
                tags=self._texts(entry, "tags"),
                schedule=self._text(entry, "schedule"),
            )
            return check_source(new)
        except SourcesFileInvalid:
            raise
        except SourceInvalid as error:
            raise SourcesFileInvalid(
                path=self._path, source=self._source, **error.details
            ) from error

    def _access(self, entry: Mapping[str, Any]) -> Access:
        """Returns who may read; without ``allow`` only the admins."""
        allow = check_principals("allow", self._texts(entry, "allow"))
        deny = check_principals("deny", self._texts(entry, "deny"))
        return Access(allow if "allow" in entry else ADMINS_ONLY.allow, deny)

    def _text(self, entry: Mapping[str, Any], name: str) -> str:
        value = entry.get(name, "")
        if not isinstance(value, str):
            raise self._wrong(name, value, ("文字列", "a text"))
        return value

    def _texts(self, entry: Mapping[str, Any], name: str) -> tuple[str, ...]:
        value = entry.get(name, [])
        if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
            raise self._wrong(name, value, ("文字列の配列", "a list of texts"))
        return tuple(value)

    def _wrong(
        self, field: str, value: object, allowed: str | tuple[str, str]
    ) -> SourcesFileInvalid:
        return SourcesFileInvalid(
            path=self._path, source=self._source, field=field, value=value, allowed=allowed
        )
