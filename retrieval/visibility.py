"""What is known of each vector's chunk beside the vector, so that filters become masks."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.catalog.records import IndexRow
from retrieval.model import Filters
from retrieval.ports import Mask

_WORDS = ("document_id", "source_id", "department", "language", "media_type", "tags")
_BETWEEN_TAGS = "\x1f"
_FILTERED = {
    "department": "departments",
    "language": "languages",
    "media_type": "media_types",
    "source_id": "source_ids",
    "document_id": "document_ids",
}

Column = NDArray[Any]


class Visibility:
    """The facts of rows, numbered from 0 in the order they were added.

    One thread changes it; others may read a :meth:`copy`.
    """

    def __init__(self) -> None:
        """Starts without rows."""
        self.size = 0
        self.chunk_ids: list[str] = []
        self._places: dict[str, int] = {}
        self._columns = _empty_columns(64)
        self._values: dict[str, dict[str, int]] = {name: {} for name in _WORDS}
        self._languages: list[str] = []  # by their codes

    def copy(self) -> "Visibility":
        """Returns one that later changes to this one do not touch.

        Rows added later are beyond its size and words only ever gain codes, so those are shared;
        the facts themselves are copied.
        """
        twin = Visibility()
        twin.size = self.size
        twin.chunk_ids, twin._places, twin._values = self.chunk_ids, self._places, self._values
        twin._languages = self._languages
        twin._columns = {name: column[: self.size].copy() for name, column in self._columns.items()}
        return twin

    def place(self, chunk_id: str) -> int | None:
        """Returns the chunk's row, also when it is hidden; ``None`` where there is none."""
        row = self._places.get(chunk_id)
        return row if row is not None and row < self.size else None

    def language(self, place: int) -> str:
        """Returns the language of a row, "" where it is unknown."""
        return self._languages[int(self._columns["language"][place])]

    def same_text(self, place: int, row: IndexRow) -> bool:
        """Returns whether the row's vector was made from the text that the chunk has now."""
        return bool(self._columns["hash"][place] == _short(row.indexed_hash))

    def add(self, row: IndexRow) -> int:
        """Adds a row for a chunk, hiding the one it had before; returns its number."""
        before = self._places.get(row.chunk_id)
        if before is not None:
            self.hide(before)
        self._make_room()
        place, self.size = self.size, self.size + 1
        self.chunk_ids.append(row.chunk_id)
        self._places[row.chunk_id] = place
        self._columns["hash"][place] = _short(row.indexed_hash)
        self.update(place, row)
        return place

    def update(self, place: int, row: IndexRow) -> None:
        """Makes the facts of a row be those given, and shows it."""
        columns = self._columns
        columns["shown"][place] = True
        columns["acl_id"][place] = row.acl_id
        columns["modified_at"][place] = np.nan if row.modified_at is None else row.modified_at
        for name in _WORDS:
            columns[name][place] = self._code(name, _word(row, name))

    def hide(self, place: int) -> None:
        """Takes a row out of every mask."""
        self._columns["shown"][place] = False

    def mask(self, allowed: frozenset[int], filters: Filters) -> Mask:
        """Returns which rows a caller may see and asked for.

        Args:
            allowed: The acl ids that the caller may read.
            filters: Values of one field are alternatives; fields must all match. The limits of
                the modification time are inclusive, and a row of unknown time is outside them.
        """
        columns = {name: column[: self.size] for name, column in self._columns.items()}
        mask: Mask = columns["shown"] & _is_any(columns["acl_id"], allowed)
        for name, field in _FILTERED.items():
            if wanted := getattr(filters, field):
                mask &= self._matches(name, wanted, columns[name])
        if filters.tags:
            mask &= self._matches("tags", filters.tags, columns["tags"])
        times = columns["modified_at"]
        if filters.modified_after:
            mask &= times >= filters.modified_after.timestamp()
        if filters.modified_before:
            mask &= times <= filters.modified_before.timestamp()
        return mask

    def save(self, path: Path) -> None:
        """Writes all rows into one file."""
        arrays = {name: column[: self.size] for name, column in self._columns.items()}
        arrays["chunk_ids"] = np.array(self.chunk_ids, dtype=np.str_)
        for name, values in self._values.items():
            arrays[f"{name}_values"] = np.array(list(values), dtype=np.str_)
        with path.open("wb") as file:
            np.savez(file, allow_pickle=False, **arrays)

    @classmethod
    def load(cls, path: Path) -> "Visibility":
        """Reads what :meth:`save` wrote.

        Raises:
            OSError, ValueError, KeyError, zipfile.BadZipFile: The file is missing or damaged.
        """
        loaded = cls()
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            loaded._columns = {name: arrays[name] for name in loaded._columns}
            loaded.chunk_ids = arrays["chunk_ids"].tolist()
            for name in _WORDS:
                words = arrays[f"{name}_values"].tolist()
                loaded._values[name] = {word: code for code, word in enumerate(words)}
        loaded.size = len(loaded.chunk_ids)
        loaded._languages = list(loaded._values["language"])
        # Later rows win, as they did when they were added.
        loaded._places = {chunk_id: place for place, chunk_id in enumerate(loaded.chunk_ids)}
        return loaded

    def _code(self, name: str, word: str) -> int:
        values = self._values[name]
        if name == "language" and word not in values:
            self._languages.append(word)
        return values.setdefault(word, len(values))

    def _matches(self, name: str, wanted: Iterable[str], codes: Column) -> Mask:
        return _is_any(codes, frozenset(self._accepted(name, frozenset(wanted))))

    def _accepted(self, name: str, wanted: frozenset[str]) -> Iterator[int]:
        values = self._values[name]
        if name != "tags":
            yield from (values[word] for word in wanted if word in values)
            return
        for tags, code in list(values.items()):
            if not wanted.isdisjoint(tags.split(_BETWEEN_TAGS) if tags else ()):
                yield code

    def _make_room(self) -> None:
        if self.size < len(self._columns["shown"]):
            return
        larger = _empty_columns(max(64, 2 * self.size))
        for name, column in self._columns.items():
            larger[name][: self.size] = column[: self.size]
        self._columns = larger


def _is_any(codes: Column, accepted: frozenset[int]) -> Mask:
    """Returns which codes are accepted, by a table of all there are."""
    table = np.zeros(int(codes.max(initial=0)) + 1, np.bool_)
    table[[code for code in accepted if code < len(table)]] = True
    return np.asarray(table[codes])


def _empty_columns(rows: int) -> dict[str, Column]:
    columns: dict[str, Column] = {name: np.zeros(rows, np.int32) for name in _WORDS}
    columns["shown"] = np.zeros(rows, np.bool_)
    columns["acl_id"] = np.zeros(rows, np.int64)
    columns["modified_at"] = np.full(rows, np.nan)
    columns["hash"] = np.zeros(rows, np.uint64)
    return columns


def _word(row: IndexRow, name: str) -> str:
    return _BETWEEN_TAGS.join(row.tags) if name == "tags" else str(getattr(row, name))


def _short(indexed_hash: str) -> np.uint64:
    """Returns the first 64 bits; only two texts of one chunk are ever compared."""
    return np.uint64(int(indexed_hash[:16], 16))
