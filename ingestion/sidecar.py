"""Reads ``.kura.toml``, the file beside the documents that says who may read what."""

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from ingestion.errors import SidecarInvalid
from retrieval.model import EVERYONE, Access

SIDECAR_NAME = ".kura.toml"
_PRINCIPAL = re.compile(r"everyone|(user|group):[^\s:]+")
_RULE_FIELDS = frozenset({"path", "allow", "deny", "department", "owner", "tags"})
_PERSON_FIELDS = frozenset({"id", "name", "name_en", "groups", "department", "title"})


@dataclass(frozen=True, slots=True)
class Rule:
    """What holds for the paths a pattern matches; None leaves the earlier rules' value."""

    path: str
    allow: frozenset[str] | None = None
    deny: frozenset[str] | None = None
    department: str | None = None
    owner: str | None = None
    tags: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody the sidecar introduces."""

    id: str
    name: str
    name_en: str
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ruling:
    """What all rules together say about one path."""

    access: Access
    department: str = ""
    owner: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sidecar:
    """The rules of a source, in the order written, its people, and passwords of its files."""

    rules: tuple[Rule, ...] = ()
    people: tuple[Person, ...] = ()
    passwords: tuple[str, ...] = field(default=(), repr=False)

    def rule_on(self, external_id: str, default: Ruling) -> Ruling:
        """Returns what holds for a path: later rules win, each only in the fields it names."""
        path = unicodedata.normalize("NFC", external_id)
        ruling = default
        for rule in self.rules:
            if path_pattern(rule.path).fullmatch(path):
                ruling = _apply(rule, ruling)
        return ruling


def read_sidecar(root: Path) -> Sidecar:
    """Returns the rules found at the folder's root, none where there is no such file.

    Raises:
        SidecarInvalid: The file cannot be read or a value in it is not allowed.
    """
    path = root / SIDECAR_NAME
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return Sidecar()
    except tomllib.TOMLDecodeError as error:
        raise SidecarInvalid(path=path, field="TOML", value=str(error), allowed="TOML") from error
    except (OSError, UnicodeDecodeError) as error:
        raise SidecarInvalid(
            path=path, field="file", value=str(error), allowed="readable UTF-8 text"
        ) from error
    return _Checker(path).check(table)


def _apply(rule: Rule, ruling: Ruling) -> Ruling:
    access = ruling.access
    if rule.allow is not None:
        access = replace(access, allow=rule.allow)
    if rule.deny is not None:
        access = replace(access, deny=rule.deny)
    return Ruling(
        access=access,
        department=ruling.department if rule.department is None else rule.department,
        owner=ruling.owner if rule.owner is None else rule.owner,
        tags=ruling.tags if rule.tags is None else rule.tags,
    )


@lru_cache(maxsize=4096)
def path_pattern(glob: str) -> re.Pattern[str]:
    """Returns the pattern of a glob: ``**`` any depth, ``*`` and ``?`` inside one name.

    A pattern that names a folder covers all that is in it.
    """
    text = unicodedata.normalize("NFC", glob).strip("/")
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", text)
    meaning = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    body = "".join(meaning.get(part, re.escape(part)) for part in parts)
    return re.compile(f"{body}(?:/.*)?", re.DOTALL)


class _Checker:
    """Turns the parsed table into rules, naming the field of whatever is wrong."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def check(self, table: Mapping[str, Any]) -> Sidecar:
        self._only(table, frozenset({"rule", "people", "passwords"}), "")
        return Sidecar(
            rules=tuple(
                self._rule(entry, f"rule[{number}]")
                for number, entry in enumerate(self._tables(table, "rule"), 1)
            ),
            people=tuple(
                self._person(entry, f"people[{number}]")
                for number, entry in enumerate(self._tables(table, "people"), 1)
            ),
            passwords=self._passwords(table),
        )

    def _passwords(self, table: Mapping[str, Any]) -> tuple[str, ...]:
        values = table.get("passwords", [])
        if not isinstance(values, list) or not all(isinstance(text, str) for text in values):
            raise self._wrong("passwords", "***", "a list of texts")
        return tuple(text for text in values if text)

    def _rule(self, entry: Mapping[str, Any], where: str) -> Rule:
        self._only(entry, _RULE_FIELDS, where)
        path = self._text(entry, "path", where)
        if not path:
            raise self._wrong(f"{where}.path", path, 'a path or pattern, e.g. "hr/**"')
        tags = self._texts(entry, "tags", where)
        return Rule(
            path=path,
            allow=self._principals(entry, "allow", where),
            deny=self._principals(entry, "deny", where),
            department=self._text(entry, "department", where),
            owner=self._text(entry, "owner", where),
            tags=tags,
        )

    def _person(self, entry: Mapping[str, Any], where: str) -> Person:
        self._only(entry, _PERSON_FIELDS, where)
        name = self._text(entry, "id", where)
        if not name:
            raise self._wrong(f"{where}.id", name, "a user name without the prefix user:")
        groups = self._texts(entry, "groups", where) or ()
        return Person(
            id=name,
            name=self._text(entry, "name", where) or name,
            name_en=self._text(entry, "name_en", where) or "",
            groups=groups,
        )

    def _only(self, entry: Mapping[str, Any], known: frozenset[str], where: str) -> None:
        for key in entry:
            if key not in known:
                name = f"{where}.{key}" if where else key
                raise self._wrong(name, entry[key], "only " + ", ".join(sorted(known)))

    def _tables(self, table: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
        entries = table.get(name, [])
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise self._wrong(name, entries, f"[[{name}]] tables")
        return entries

    def _text(self, entry: Mapping[str, Any], name: str, where: str) -> str | None:
        value = entry.get(name)
        if value is not None and not isinstance(value, str):
            raise self._wrong(f"{where}.{name}", value, "a text")
        return value

    def _texts(self, entry: Mapping[str, Any], name: str, where: str) -> tuple[str, ...] | None:
        value = entry.get(name)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
            raise self._wrong(f"{where}.{name}", value, "a list of texts")
        return tuple(value)

    def _principals(self, entry: Mapping[str, Any], name: str, where: str) -> frozenset[str] | None:
        values = self._texts(entry, name, where)
        for value in values or ():
            if not _PRINCIPAL.fullmatch(value):
                raise self._wrong(
                    f"{where}.{name}", value, f'"{EVERYONE}", "user:NAME" or "group:NAME"'
                )
        return None if values is None else frozenset(values)

    def _wrong(self, field: str, value: object, allowed: str) -> SidecarInvalid:
        return SidecarInvalid(path=self._path, field=field, value=value, allowed=allowed)
