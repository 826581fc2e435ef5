"""The company's glossary: which words of a question may be written otherwise in a document."""

import codecs
import csv
import io
import logging
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from time import monotonic

from retrieval.lexical.tokenizing import read_aloud, terms

PACKAGED = Path(__file__).resolve().parents[2] / "data" / "glossary.csv"
COLUMNS = ("japanese", "english")
_OTHER_NAMES = {"日本語": "japanese", "和文": "japanese", "英語": "english", "英文": "english"}

Words = tuple[str, ...]

_LOG = logging.getLogger(__name__)
_LOOK_AGAIN_S = 2.0
_LONGEST = 6
_SHORTEST_READING = 4  # kana; shorter ones stand inside too many other words
_KANA = re.compile(r"[ぁ-ゖァ-ヺー]{4,}")
_KANJI = re.compile("[一-鿿々]{2,}")
_PARTICLES = "のをがはにでともや"
_BAR = re.compile("[|｜]")
_TO_KATAKANA = {code: code + 0x60 for code in range(0x3041, 0x3097)}


@dataclass(frozen=True, slots=True)
class Concept:
    """Some neighbouring terms of a question, and what else they are called.

    Attributes:
        words: The terms as asked.
        others: Each other way to say it, as terms.
    """

    words: Words
    others: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class _Entries:
    """Which entries each way of saying something belongs to, and the ways of each entry."""

    places: dict[Words, tuple[int, ...]]
    ways: tuple[tuple[Words, ...], ...]
    readings: dict[str, str]

    def others(self, words: Words) -> tuple[Words, ...]:
        each = (way for place in self.places.get(words, ()) for way in self.ways[place])
        return tuple(dict.fromkeys(way for way in each if way != words))


class Glossary:
    """Synonyms and translations from a CSV file that may be edited while it is in use.

    Each line holds, in the columns ``japanese`` and ``english``, all ways of saying one thing,
    separated by ``|``. Safe to share by threads.
    """

    def __init__(self, file: Path | None = PACKAGED) -> None:
        """Takes the file, which is read at the first question; ``None`` for no glossary."""
        self._file = file
        self._lock = Lock()
        self._looked = float("-inf")
        self._stamp: tuple[int, int] | None = None
        self._entries = _Entries({}, (), {})

    def concepts(self, sentence: Sequence[str]) -> list[Concept]:
        """Returns the concepts among a sentence's terms, the longest ways of saying first found."""
        entries, found, place = self._current(), list[Concept](), 0
        while place < len(sentence):
            for length in range(min(_LONGEST, len(sentence) - place), 0, -1):
                words = tuple(sentence[place : place + length])
                if others := entries.others(words):
                    found.append(Concept(words, others))
                    place += length - 1
                    break
            place += 1
        return found

    def write_out(self, text: str) -> str:
        """Returns the text with words that were typed by their sound as they are written."""
        readings = self._current().readings
        return _KANA.sub(lambda run: _write_out(run.group(), readings), text) if readings else text

    def _current(self) -> _Entries:
        with self._lock:
            if self._file is not None and monotonic() - self._looked > _LOOK_AGAIN_S:
                self._looked = monotonic()
                self._read_if_changed(self._file)
            return self._entries

    def _read_if_changed(self, file: Path) -> None:
        try:
            facts = file.stat()
            stamp = (facts.st_mtime_ns, facts.st_size)
            if stamp != self._stamp:
                self._entries = _index(read_glossary(file))
                self._stamp = stamp
        except (OSError, ValueError) as error:
            # Half-written or misspelt: what was read before goes on serving.
            _LOG.warning("The glossary %s cannot be read: %s", file, error)


def read_glossary(file: Path) -> list[list[str]]:
    """Returns the ways of saying of each line of a glossary.

    Spreadsheets write UTF-8, UTF-16 and Shift_JIS, and separate by commas, semicolons or tabs.

    Raises:
        OSError: The file cannot be read.
        ValueError: It is no such table: its encoding, its columns or its quotation marks.
    """
    text = _decode(file.read_bytes())
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    try:
        # Strict, or an unclosed quotation mark would swallow the lines behind it.
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise ValueError(str(error)) from error
    names = [_name_column(name) for name in rows[0]] if rows else []
    if missing := [name for name in COLUMNS if name not in names]:
        raise ValueError(f"no column {', '.join(missing)}")
    places = [names.index(name) for name in COLUMNS]
    cells = [[row[place] for place in places if place < len(row)] for row in rows[1:]]
    return [
        [way.strip() for cell in row for way in _BAR.split(cell) if way.strip()] for row in cells
    ]


def _decode(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp932")


def _name_column(written: str) -> str:
    name = unicodedata.normalize("NFKC", written).strip().lower()
    return _OTHER_NAMES.get(name, name)


def _index(rows: Iterable[list[str]]) -> _Entries:
    places: dict[Words, list[int]] = defaultdict(list)
    ways: list[tuple[Words, ...]] = []
    readings: dict[str, str] = {}
    for row in rows:
        said = {way: tuple(terms(way)) for way in row}
        for way, words in said.items():
            if words:
                places[words].append(len(ways))
            # Only what is all kanji: katakana words are written as they sound, and others are not.
            sound = read_aloud(way) if _KANJI.fullmatch(way) else ""
            if len(sound) >= _SHORTEST_READING:
                readings.setdefault(sound, way)
        ways.append(tuple(dict.fromkeys(words for words in said.values() if words)))
    return _Entries({words: tuple(each) for words, each in places.items()}, tuple(ways), readings)


def _write_out(run: str, readings: dict[str, str]) -> str:
    sound, written, place, begins = _to_katakana(run), "", 0, True
    while place < len(run):
        ends = range(len(run), place + _SHORTEST_READING - 1, -1) if begins else ()
        found = next((end for end in ends if sound[place:end] in readings), None)
        if found is not None:
            written, place, begins = written + readings[sound[place:found]], found, True
        else:
            # The next letter may begin a word only where this one is a particle.
            begins = run[place] in _PARTICLES
            written, place = written + run[place], place + 1
    return written


def _to_katakana(text: str) -> str:
    return unicodedata.normalize("NFKC", text).translate(_TO_KATAKANA)
