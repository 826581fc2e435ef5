"""Teach which Japanese and English words mean the same, from the company glossary."""

import csv
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.embedder.sources import Pair
from retrieval.adapting.pairing import Evaluated

GLOSSARY = Path("data/glossary.csv")
LONGEST_PHRASE, LONGEST_ENTRY = 4, 12
WORD = re.compile(r"[A-Za-z][A-Za-z'&-]*|[^A-Za-z]+")

Entry = tuple[tuple[str, ...], tuple[str, ...]]


def read_glossary(file: Path = GLOSSARY) -> list[Entry]:
    """Read (Japanese words, English words) of each line that mean the same."""
    with file.open(encoding="utf-8", newline="") as lines:
        return [
            (tuple(row["japanese"].split("|")), tuple(row["english"].split("|")))
            for row in csv.DictReader(lines)
        ]


def pair_entries(entries: Sequence[Entry], evaluated: Evaluated) -> Iterator[Pair]:
    """Pair every word of an entry with its translations, both ways, and with its synonyms."""
    for number, (japanese, english) in enumerate(entries):
        group = f"glossary {number}"
        words = [word for word in (*japanese, *english) if word not in evaluated]
        for one in words:
            others = [word for word in words if word != one]
            if others:
                # One text of all that means the same: each word is to be near all the others.
                yield Pair(one, " ".join(others), group)
                yield from (Pair(one, other, group) for other in others[:1])
                crossing = english if one in japanese else japanese
                yield Pair(one, " ".join(crossing), group)


@dataclass(frozen=True, slots=True)
class Switcher:
    """Puts words of the other language into a text."""

    japanese: dict[str, list[str]]
    english: dict[str, list[str]]

    @classmethod
    def over(cls, entries: Sequence[Entry]) -> "Switcher":
        """Take the words of all entries; single Japanese letters are too often part of others."""
        japanese: dict[str, list[str]] = defaultdict(list)
        english: dict[str, list[str]] = defaultdict(list)
        for ours, theirs in entries:
            for word in ours:
                if len(word) > 1:
                    japanese[word] += theirs
            for word in theirs:
                english[word.lower()] += ours
        return cls(dict(japanese), dict(english))

    def switch(self, text: str, random_source: random.Random) -> str:
        """Return the text with every known word translated; unchanged where it has none."""
        return "".join(
            self._switch_english(piece, random_source)
            for piece in self._switch_japanese(text, random_source)
        )

    def _switch_japanese(self, text: str, random_source: random.Random) -> Iterator[str]:
        place = 0
        while place < len(text):
            for length in range(min(LONGEST_ENTRY, len(text) - place), 1, -1):
                found = self.japanese.get(text[place : place + length])
                if found:
                    # Marked, so that it is not translated back.
                    yield f"\0 {random_source.choice(found)} "
                    place += length
                    break
            else:
                end = place + 1
                while end < len(text) and text[place].isascii() and text[end].isascii():
                    end += 1
                yield text[place:end]
                place = end

    def _switch_english(self, text: str, random_source: random.Random) -> str:
        if text.startswith("\0"):
            return text[1:]
        if not text.isascii():
            return text
        words, out, place = WORD.findall(text), [], 0
        while place < len(words):
            for length in range(2 * LONGEST_PHRASE - 1, 0, -2):
                found = self.english.get("".join(words[place : place + length]).lower())
                if found:
                    out.append(random_source.choice(found))
                    place += length
                    break
            else:
                out.append(words[place])
                place += 1
        return "".join(out)


def pair_switched(
    pairs: Sequence[Pair], switcher: Switcher, random_source: random.Random
) -> Iterator[Pair]:
    """Pair each query, its known words translated, with the document of the query."""
    for pair in pairs:
        switched = switcher.switch(pair.query, random_source)
        if switched != pair.query:
            yield Pair(switched, pair.document, pair.group)
