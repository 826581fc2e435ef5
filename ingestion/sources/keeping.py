"""Keeps files in a source's mirror so that a kill at any moment leaves nothing half-written."""

import json
from collections.abc import Container, Iterable
from pathlib import Path
from typing import Any

_UNFINISHED = ".part"


class FileShelf:
    """Files by a key of letters and digits, in folders by the key's last two characters."""

    def __init__(self, folder: Path) -> None:
        """Takes the folder, which is made when the first file is put there."""
        self._folder = folder

    def path(self, key: str) -> Path:
        """Returns where the file of a key is, or would be."""
        return self._folder / key[-2:] / key

    def has(self, key: str, size: int) -> bool:
        """Returns whether the whole file is here; after a power cut it may be shorter."""
        try:
            return self.path(key).stat().st_size == size
        except OSError:
            return False

    def put(self, key: str, pieces: Iterable[bytes]) -> None:
        """Writes a file; until it is complete, it has another name."""
        path = self.path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(path.name + _UNFINISHED)
        with draft.open("wb") as file:
            file.writelines(pieces)
        draft.replace(path)

    def keep_only(self, keys: Container[str]) -> None:
        """Removes all other files, unfinished ones too."""
        for folder in self._folder.iterdir() if self._folder.is_dir() else ():
            for path in folder.iterdir():
                if path.name not in keys:
                    path.unlink(missing_ok=True)


def write_notes(path: Path, notes: object) -> None:
    """Replaces a file of notes, which are JSON, as a whole."""
    draft = path.with_name(path.name + _UNFINISHED)
    draft.write_text(json.dumps(notes, ensure_ascii=True), encoding="ascii")
    draft.replace(path)


def read_notes(path: Path) -> Any:  # noqa: ANN401 - whoever wrote them knows what they are
    """Returns what was noted, ``None`` where nothing usable is."""
    try:
        return json.loads(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
