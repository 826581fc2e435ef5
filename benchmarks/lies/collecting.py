"""True sentences with the passages they come from, out of public question sets and the sample."""

import gzip
import json
import random
import re
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from app.answering.sentences import split
from benchmarks.lies.statements import make_statement

SETS = ("jaquad", "jsquad", "scifact", "handbook_en", "deeprag_gitlab")
_MARKUP = re.compile(r"[\n\t|`#<>{}]|https?:|^\s*(?:[-*+•・]|\d+[.)])|\*\*|\[|\]")
_LENGTHS = {"ja": (18, 160), "en": (40, 260)}
_PASSAGE = (80, 2_000)


@dataclass(frozen=True)
class Text:
    """A passage of a set: what a sentence can cite."""

    id: str
    document: str
    language: str
    title: str
    text: str


@dataclass(frozen=True)
class Gold:
    """A true sentence.

    Attributes:
        origin: "sentence" (the passage's own words) or "statement" (a question and its answer,
            made into one sentence by rules).
    """

    corpus: str
    origin: str
    text: str
    passage: Text

    @property
    def language(self) -> str:
        """The language of the sentence."""
        return self.passage.language


def half_of(document: str) -> str:
    """Returns "tune" or "held-out" by a hash of the document's name, so always the same."""
    return "tune" if zlib.crc32(document.encode()) % 2 else "held-out"


def read_rows(path: Path) -> Iterator[dict]:
    """Yields the rows of a gzipped JSON-lines file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def read_texts(folder: Path) -> dict[str, Text]:
    """Returns the passages of a set by id; a document is a page, an article or an abstract."""
    found = {}
    for row in read_rows(folder / "corpus.jsonl.gz"):
        meta = row.get("meta", {})
        document = meta.get("path") or row["title"] or row["id"]
        found[row["id"]] = Text(
            row["id"], f"{folder.name}/{document}", meta.get("lang", "en"), row["title"],
            row["text"],
        )  # fmt: skip
    return found


def is_plain(text: str, language: str) -> bool:
    """Returns whether a sentence is one that an answer could hold as it is."""
    least, most = _LENGTHS[language]
    ends = text.endswith("。") if language == "ja" else text.endswith(".")
    asks_or_points = text.startswith(("これ", "それ", "その", "この", "This ", "It ", "These "))
    return least <= len(text) <= most and ends and not _MARKUP.search(text) and not asks_or_points


def own_sentences(text: Text) -> list[str]:
    """Returns the passage's sentences that can stand alone."""
    spans = split(text.text)
    return [
        text.text[start:end]
        for start, end in spans
        if is_plain(text.text[start:end], text.language)
    ]


def collect_set(folder: Path, most: int, chance: random.Random) -> list[Gold]:
    """Returns up to ``most`` true sentences of each half, at most two from one passage."""
    texts = read_texts(folder)
    gold: list[Gold] = []
    names = sorted(texts)
    chance.shuffle(names)
    counts: dict[str, int] = defaultdict(int)
    for name in names:
        text = texts[name]
        if not _PASSAGE[0] <= len(text.text) <= _PASSAGE[1]:
            continue
        half = half_of(text.document)
        sentences = own_sentences(text)
        for sentence in chance.sample(sentences, min(2, len(sentences))):
            if counts[half] < most:
                counts[half] += 1
                gold.append(Gold(folder.name, "sentence", sentence, text))
    return gold + _collect_statements(folder, texts, most // 2, chance)


def _collect_statements(
    folder: Path, texts: Mapping[str, Text], most: int, chance: random.Random
) -> list[Gold]:
    """Returns statements made of questions and their answers; Japanese sets only."""
    path = folder / "queries.jsonl.gz"
    if folder.name not in {"jaquad", "jsquad"}:
        return []
    rows = list(read_rows(path))
    chance.shuffle(rows)
    gold, counts = [], defaultdict(int)
    for row in rows:
        if not row["answers"] or not row["relevant"]:
            continue
        text = texts[row["relevant"][0]]
        half, answer = half_of(text.document), row["answers"][0]
        statement = make_statement(row["query"], answer)
        if statement and counts[half] < most and answer in text.text:
            counts[half] += 1
            gold.append(Gold(folder.name, "statement", statement, text))
    return gold


def collect_claims(folder: Path) -> list[tuple[str, bool, Text]]:
    """Returns SciFact's claims: what experts wrote, whether it is true, and the abstract."""
    texts = read_texts(folder)
    labels = {"SUPPORT": True, "CONTRADICT": False}
    return [
        (row["query"], labels[row["answers"][0]], texts[row["relevant"][0]])
        for row in read_rows(folder / "queries_train.jsonl.gz")
        if row["answers"] and row["relevant"]
    ]


def align_pages(english: Path, japanese: Path) -> list[tuple[Text, Text]]:
    """Returns passages of the same page in both languages that say the same.

    They are found by what a translation leaves alone: Latin words and figures. No model takes
    part, so that the model which is tested later has not chosen its own questions.
    """
    by_page: dict[str, list[Text]] = defaultdict(list)
    for text in read_texts(english).values():
        by_page[text.document.partition("/")[2]].append(text)
    pairs: list[tuple[Text, Text]] = []
    for text in read_texts(japanese).values():
        page = by_page.get(text.document.partition("/")[2], [])
        match = _best_match(text, page)
        if match is not None:
            pairs.append((match, text))
    return pairs


def _best_match(text: Text, page: Iterable[Text]) -> Text | None:
    kept = _kept_words(text.text)
    if len(kept) < 4:
        return None
    scored = sorted(
        ((len(kept & _kept_words(other.text)) / len(kept), other.id, other) for other in page),
        reverse=True,
    )
    if not scored or scored[0][0] < 0.9:
        return None
    alone = len(scored) == 1 or scored[1][0] < 0.6
    long_enough = len(scored[0][2].text) < 5 * len(text.text)
    return scored[0][2] if alone and long_enough else None


def _kept_words(text: str) -> set[str]:
    return {word.casefold() for word in re.findall(r"[A-Za-z]{2,}|\d+", text)}
