"""Checks the settings of a source, one field at a time."""

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from ingestion.errors import SourceInvalid, SourceUnavailable

_LARGEST_SECRET = 64 * 1024
_NOT_TEXT = ("UTF-8 の文字列ではありません", "not UTF-8")


class Fields:
    """The settings of one source, read by name; whatever cannot be used raises SourceInvalid."""

    def __init__(self, settings: Mapping[str, Any], known: frozenset[str]) -> None:
        """Refuses fields that nothing would read.

        Raises:
            SourceInvalid: A field is not one of the known.
        """
        self._settings = settings
        for name, value in settings.items():
            if name not in known:
                raise SourceInvalid(field=name, value=value, allowed=", ".join(sorted(known)))

    def text(self, name: str, default: str = "") -> str:
        """Returns a text of one line."""
        value = self._settings.get(name, default)
        if not isinstance(value, str) or not is_one_line(value):
            raise SourceInvalid(field=name, value=value, allowed=("一行の文字列", "a line of text"))
        return value.strip()

    def choice(self, name: str, allowed: tuple[str, ...]) -> str:
        """Returns one of the allowed texts, the first where the field is not given."""
        value = self.text(name, allowed[0])
        if value not in allowed:
            raise SourceInvalid(field=name, value=value, allowed=", ".join(allowed))
        return value

    def texts(self, name: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Returns a list of texts."""
        values = self._settings.get(name, default)
        if not isinstance(values, list | tuple) or not all(
            isinstance(value, str) and value and is_one_line(value) for value in values
        ):
            allowed = ("文字列の並び", "a list of texts")
            raise SourceInvalid(field=name, value=values, allowed=allowed)
        return tuple(values)

    def whole(self, name: str, default: int, least: int, most: int) -> int:
        """Returns a whole number between two bounds."""
        value = self._settings.get(name, default)
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        if not is_whole or not least <= value <= most:
            allowed = (f"{least} から {most} の整数", f"a whole number, {least} to {most}")
            raise SourceInvalid(field=name, value=value, allowed=allowed)
        return int(value)

    def path(self, name: str) -> Path | None:
        """Returns the absolute path of a file, ``None`` where the field is not given."""
        value = self.text(name)
        if value and not Path(value).is_absolute():
            allowed = ("絶対パス", "an absolute path")
            raise SourceInvalid(field=name, value=value, allowed=allowed)
        return Path(value) if value else None

    def day(self, name: str) -> date | None:
        """Returns a date, ``None`` where the field is not given."""
        value = self._settings.get(name)
        try:
            return None if value in {None, ""} else date.fromisoformat(str(value))
        except ValueError as error:
            allowed = ("2024-04-01 の形の日付", "a date like 2024-04-01")
            raise SourceInvalid(field=name, value=value, allowed=allowed) from error

    def table(self, name: str, allowed: str, fits: Callable[[Any], bool]) -> dict[str, Any]:
        """Returns a table whose values all fit."""
        values = self._settings.get(name, {})
        if not isinstance(values, Mapping):
            raise SourceInvalid(field=name, value=values, allowed=("表", "a table"))
        for key, value in values.items():
            if not fits(value):
                raise SourceInvalid(field=f"{name}.{key}", value=value, allowed=allowed)
        return dict(values)


def is_one_line(text: str) -> bool:
    """Returns whether a text has no line breaks and no other control characters."""
    return not any(ord(char) < 32 or ord(char) == 127 for char in text)


def read_secret(path: Path) -> str:
    """Returns the first line of the file that holds a password or token.

    Raises:
        SourceUnavailable: It cannot be read, or holds none.
    """
    try:
        with path.open(encoding="utf-8-sig") as file:
            secret = file.readline(_LARGEST_SECRET).rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        said = error.strerror or str(error) if isinstance(error, OSError) else _NOT_TEXT
        raise SourceUnavailable(path=path, reason=said) from error
    if not secret or "\0" in secret:
        missing = "1 行目にパスワードがありません", "its first line holds no password"
        raise SourceUnavailable(path=path, reason=missing)
    return secret
