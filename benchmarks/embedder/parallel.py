"""Find which section of a Japanese page translates which section of its English original."""

import re
from collections import defaultdict
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from benchmarks.embedder.sources import Pair, Record, Section
from retrieval.adapting.pairing import Evaluated

LATIN_OR_NUMBER = re.compile(r"[a-z][a-z0-9]+|[0-9]+")
#: Price of leaving a section without a partner, on the scale of `measure_overlap` (0 to 1).
GAP = 0.08


def measure_overlap(one: Section, other: Section) -> float:
    """Jaccard share of the Latin words and numbers both sections hold, plus likeness of length."""
    left = set(LATIN_OR_NUMBER.findall(one.text.lower()))
    right = set(LATIN_OR_NUMBER.findall(other.text.lower()))
    # English sections hold many words that the translation turns into Japanese, so the smaller
    # set decides; Japanese text is about 0.45 times as long as its English original.
    shared = len(left & right) / max(1, min(len(left), len(right)))
    ratio = len(one.text) / max(1.0, 0.45 * len(other.text))
    likeness = min(ratio, 1 / ratio) if ratio else 0.0
    depth = 0.15 if len(one.path) == len(other.path) else 0.0
    return 0.5 * shared + 0.35 * likeness + depth


def align_page(japanese: list[Section], english: list[Section]) -> list[tuple[int, int]]:
    """Align two versions of a page in order (Needleman-Wunsch over `measure_overlap`)."""
    rows, columns = len(japanese), len(english)
    best: NDArray[np.float64] = np.zeros((rows + 1, columns + 1))
    match: NDArray[np.float64] = np.zeros((rows, columns))
    for row in range(rows):
        for column in range(columns):
            match[row, column] = measure_overlap(japanese[row], english[column]) - 0.4
            best[row + 1, column + 1] = max(
                best[row, column] + match[row, column],
                best[row, column + 1] - GAP,
                best[row + 1, column] - GAP,
            )
    pairs = []
    row, column = rows, columns
    while row and column:
        if best[row, column] == best[row - 1, column - 1] + match[row - 1, column - 1]:
            row, column = row - 1, column - 1
            if match[row, column] > 0:
                pairs.append((row, column))
        elif best[row, column] == best[row - 1, column] - GAP:
            row -= 1
        else:
            column -= 1
    return pairs[::-1]


def pair_translations(japanese: list[Section], english: list[Section]) -> Iterator[Pair]:
    """Pair headings and sections of shared pages across the two languages, in both directions."""
    pages: dict[str, tuple[list[Section], list[Section]]] = defaultdict(lambda: ([], []))
    for section in japanese:
        pages[section.page][0].append(section)
    for section in english:
        pages[section.page][1].append(section)
    for left, right in pages.values():
        for row, column in align_page(left, right):
            yield from _pair_both_ways(left[row], right[column])


def _pair_both_ways(one: Section, other: Section) -> Iterator[Pair]:
    yield Pair(one.text, other.text, one.page)
    yield Pair(other.text, one.text, one.page)
    if one.heading and other.heading:
        yield Pair(one.heading, other.heading, one.page)
        yield Pair(one.heading, other.body, one.page)
        yield Pair(other.heading, one.body, one.page)


def pair_anchors(records: list[Record], evaluated: Evaluated) -> Iterator[Pair]:
    """Pair the English anchor that a translated section kept with its Japanese heading and text."""
    for record in records:
        words = record["meta"].get("anchor", "").replace("-", " ").strip()
        if not words or words in evaluated:
            continue
        heading, _, body = record["text"].partition("\n")
        if heading in evaluated:
            continue
        yield Pair(words, heading, record["meta"]["path"])
        if body.strip():
            yield Pair(words, body, record["meta"]["path"])
