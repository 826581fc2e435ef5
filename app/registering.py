"""Checks what describes a source before it is registered, the same wherever it comes from."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from app.scheduling import NIGHTLY, OFF, check_schedule
from ingestion.errors import SourceInvalid
from ingestion.sources.kinds import FOLDER, KINDS, MIRRORED, UPLOAD
from retrieval.catalog import NewSource, Source
from retrieval.model import Principals

LONGEST_NAME = 200
_FILE = "_file"  # how settings are named that point to a file on this machine
_PRINCIPAL = re.compile(r"everyone|(user|group):[^\s:]+")


def check_source(new: NewSource) -> NewSource:
    """Returns the source as it is to be registered; whether its place is there is not looked at.

    Raises:
        SourceInvalid: One of its values cannot be used.
    """
    if not 1 <= len(new.name) <= LONGEST_NAME or not new.name.isprintable() or not new.name.strip():
        allowed = f"1 から {LONGEST_NAME} 文字", f"1 to {LONGEST_NAME} printable characters"
        raise SourceInvalid(field="name", value=new.name, allowed=allowed)
    if new.kind not in KINDS:
        raise SourceInvalid(field="kind", value=new.kind, allowed=", ".join(KINDS))
    if new.kind in MIRRORED:
        MIRRORED[new.kind].read_options(new.location, new.settings)
    else:
        _check_local(new)
    _check_plain(new.settings)
    return replace(new, schedule=_check_schedule(new.schedule))


def check_from_outside(new: NewSource) -> NewSource:
    """Returns a source as it is to be registered that is described anywhere but in the file.

    Raises:
        SourceInvalid: One of its values cannot be used, or its kind belongs in the sources file.
    """
    checked = check_source(new)
    if new.kind in MIRRORED and MIRRORED[new.kind].only_in_file:
        allowed = (
            "プログラムを動かすため、サーバー上の取り込み元のファイルだけに書けます",
            "only in the sources file on the server, because it runs code",
        )
        raise SourceInvalid(field="kind", value=new.kind, allowed=allowed)
    return checked


def check_change(before: Source | None, new: NewSource) -> None:
    """Refuses to make uploads follow a place, or a place take uploads: documents would be lost.

    Raises:
        SourceInvalid: The kind of a registered source would change from or to uploads.
    """
    if before is None or before.kind == new.kind or UPLOAD not in {before.kind, new.kind}:
        return
    allowed = (
        f"「{new.name}」は {before.kind} として登録済みです。別の名前を付けてください",
        f"{new.name!r} is registered as {before.kind}; choose another name",
    )
    raise SourceInvalid(field="kind", value=new.kind, allowed=allowed)


def check_principals(field: str, values: Iterable[str]) -> Principals:
    """Returns the principals.

    Raises:
        SourceInvalid: One is neither ``everyone`` nor ``user:NAME`` nor ``group:NAME``.
    """
    names = frozenset(values)
    for name in sorted(names):
        if not _PRINCIPAL.fullmatch(name):
            allowed = "everyone, user:名前, group:名前", "everyone, user:NAME, group:NAME"
            raise SourceInvalid(field=field, value=name, allowed=allowed)
    return names


def find_outside(source: NewSource | Source, roots: Iterable[Path]) -> str:
    """Returns the first path of this machine that a source names outside of the roots, or "".

    Links are followed first. No roots allow every path.
    """
    allowed = [root.resolve() for root in roots]
    if not allowed:
        return ""
    for path in _list_paths(source):
        if not _lies_inside(path, allowed):
            return path
    return ""


def _check_local(new: NewSource) -> None:
    for name, value in new.settings.items():
        allowed = "この種類に設定はありません", f"a source of kind {new.kind} has no settings"
        raise SourceInvalid(field=f"settings.{name}", value=value, allowed=allowed)
    if new.kind == FOLDER and not Path(new.location).is_absolute():
        allowed = "フォルダーの絶対パス", "the absolute path of a folder"
        raise SourceInvalid(field="location", value=new.location, allowed=allowed)
    if new.kind == UPLOAD and new.location:
        allowed = "空（アップロードには場所がありません）", "nothing: uploads have no location"
        raise SourceInvalid(field="location", value=new.location, allowed=allowed)


def _check_plain(settings: Mapping[str, Any]) -> None:
    for name, value in settings.items():
        try:
            json.dumps(value, allow_nan=False)
        except (TypeError, ValueError):
            allowed = (
                "文字列・数・真偽値・配列・表",
                "a text, a number, true or false, a list, a table",
            )
            raise SourceInvalid(field=f"settings.{name}", value=value, allowed=allowed) from None


def _check_schedule(schedule: str) -> str:
    try:
        return check_schedule(schedule) if schedule else ""
    except ValueError:
        allowed = (
            f"「{NIGHTLY}」のような 5 項目の cron 形式、または {OFF}",
            f'five cron fields such as "{NIGHTLY}", or "{OFF}"',
        )
        raise SourceInvalid(field="schedule", value=schedule, allowed=allowed) from None


def _list_paths(source: NewSource | Source) -> Iterator[str]:
    """Yields what a source names on this machine: its place, and the files of its settings."""
    files = [value for name, value in source.settings.items() if name.endswith(_FILE)]
    for value in (source.location, *map(str, files)):
        if value.startswith(("/", "~")):
            yield value
        elif value.lower().startswith("file:"):
            yield unquote(urlsplit(value).path)


def _lies_inside(path: str, roots: Iterable[Path]) -> bool:
    try:
        place = Path(path).expanduser().resolve()
    except (OSError, RuntimeError, ValueError):
        return False  # it leads in a circle, to nobody's home, or is no path at all
    return any(place.is_relative_to(root) for root in roots)
