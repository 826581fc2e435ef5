"""Questions whose best document found answers them, and others, out of public question sets.

All sets of a half are one library, in both languages, as a company has it; of a page that is there
in both, one is kept. A question counts as answered where search finds its own passage and puts its
page first; as not answered where it puts another page first. The same question counts as not
answered once that passage, and what else holds its answer, is taken out of what is found (the rest
of the page stays: hard), once the whole page is, and once its whole set is (easy). Scores do not
depend on what else is in the index, so taking out is leaving out.

Public questions were written with the passage in view and share its words; people who have not seen
it do not. So every second question loses the longest word that it shares with its passage.
"""

import random
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.answering.analysing import words
from app.answering.extracting import weigh
from app.answering.gauging import Gauge, gauge
from app.answering.quoting import features
from benchmarks.embedder.sources import Record, read_records
from benchmarks.retrieval.sets import Corpus, indexed, key_of
from retrieval.embedding.static import StaticEmbedder
from retrieval.lexical.glossary import PACKAGED, Glossary
from retrieval.lexical.tokenizing import terms
from retrieval.model import EVERYONE, Passage, Scope

SOURCES = (
    ("jsquad", "queries", "ja"),
    ("jaquad", "queries", "ja"),
    ("gitlab_ja", "queries", "ja"),
    ("handbook_en", "queries", "en"),
    ("deeprag_gitlab", "queries", "en"),
    ("gitlab_ja", "queries_deeprag_en", "en"),
)
"""Folder, file of questions, and the questions' language; the last asks in the other language."""

HALVES = ("tune", "held-out")
GOLD, BESIDE = "answered", "other page first"
PASSAGE_OUT, PAGE_OUT, SET_OUT = "passage out", "page out", "set out"
_EVERYBODY = Scope(frozenset({EVERYONE}))
_DEEP, _SHOWN = 50, 8
_PAGES = 100
_FEWEST_WORDS = 3
_JAPANESE_PAGES, _ENGLISH_PAGES = "gitlab_ja", "deeprag_gitlab"
_OFTEN = 4
_LATIN = re.compile(r"([A-Za-z0-9][A-Za-z0-9'’.,:/-]*)")
_CONTENT = frozenset({"名詞", "動詞", "形容詞", "形状詞", "副詞", "接頭辞", "接尾辞"})
_EMPTY = frozenset({"場合", "こと", "もの", "方法", "とき", "ため", "何", "必要", "会社", "当社"})


@dataclass(frozen=True, slots=True)
class Case:
    """One question beside what was found, and whether its best document answers it."""

    corpus: str
    half: str
    language: str
    kind: str
    gauge: Gauge

    @property
    def right(self) -> bool:
        """Whether quoting the best document is right."""
        return self.kind == GOLD

    @property
    def answerable(self) -> bool:
        """Whether any of the passages holds the answer."""
        return self.kind in (GOLD, BESIDE)


@dataclass(frozen=True, slots=True)
class _Set:
    """One set of questions with its corpus."""

    folder: str
    language: str
    records: list[Record]
    questions: list[Record]
    by_id: dict[str, Record] = field(default_factory=dict)

    def page_of(self, question: Record) -> str:
        """Returns the page of a question's first right passage."""
        return page_of(self.by_id[question["relevant"][0]])


def page_of(record: Record) -> str:
    """Returns the name of the page, article or abstract that a passage belongs to."""
    return str(record.get("meta", {}).get("path") or record["title"] or record["id"])


def half_of(page: str) -> str:
    """Returns the half a page belongs to, by a hash of its name."""
    return HALVES[zlib.crc32(page.encode()) % 2 == 0]


def collect(evaluation: Path, home: Path, embedder: StaticEmbedder, most: int) -> Iterator[Case]:
    """Yields the cases of every set, at most ``most`` questions a set and half."""
    sets = _read_sets(evaluation)
    for half in HALVES:
        chance = random.Random(7)
        asked = {key: _sample(one, half, most, chance) for key, one in sets.items()}
        records = {
            page_of(record): one.folder
            for key, one in sets.items()
            for record in _choose_pages(one, asked[key], half)
        }
        library = [
            record
            for one in _once(sets)
            for record in one.records
            if records.get(page_of(record)) == one.folder
        ]
        with indexed(home / f"{half}-{most}", library, embedder) as corpus:
            ask = _Asking(corpus, embedder, records)
            for key, one in sets.items():
                for place, question in enumerate(asked[key]):
                    for kind, found in ask.vary(one, question, alone=place % _OFTEN == 0):
                        yield Case(one.folder, half, one.language, kind, found)


def _once(sets: Mapping[tuple[str, str], _Set]) -> list[_Set]:
    """Returns each folder once: two sets may ask of the same pages."""
    return list({one.folder: one for one in sets.values()}.values())


def _read_sets(evaluation: Path) -> dict[tuple[str, str], _Set]:
    records = {
        folder: [each for each in read_records(evaluation / folder / "corpus.jsonl.gz")
                 if each["text"].strip()]
        for folder in dict.fromkeys(folder for folder, _, _ in SOURCES)
    }  # fmt: skip
    english = {page_of(each) for each in records[_ENGLISH_PAGES]}
    both = english & {page_of(each) for each in records[_JAPANESE_PAGES]}
    for folder, others in ((_ENGLISH_PAGES, 0), (_JAPANESE_PAGES, 1)):
        left_out = {page for page in both if zlib.crc32(f"en {page}".encode()) % 2 == others}
        records[folder] = [each for each in records[folder] if page_of(each) not in left_out]
    return {
        (folder, language): _read(evaluation / folder / f"{file}.jsonl.gz", folder, language, kept)
        for folder, file, language in SOURCES
        for kept in (records[folder],)
    }


def _read(file: Path, folder: str, language: str, records: list[Record]) -> _Set:
    by_id = {record["id"]: record for record in records}
    questions = [
        question
        for question in read_records(file)
        if question["relevant"] and not question.get("meta", {}).get("context")
        and all(name in by_id for name in question["relevant"])
    ]  # fmt: skip
    return _Set(folder, language, records, questions, by_id)


def _sample(one: _Set, half: str, most: int, chance: random.Random) -> list[Record]:
    mine = [question for question in one.questions if half_of(one.page_of(question)) == half]
    taken = chance.sample(mine, min(most, len(mine)))
    return [_reword(one, each) if place % 2 else each for place, each in enumerate(taken)]


def _reword(one: _Set, question: Record) -> Record:
    """Returns a question without the longest word that it shares with its passage."""
    held = features(one.by_id[question["relevant"][0]]["text"])[0]
    listed = _list_words(question["query"])
    shared = [word for word in listed if terms(word) and frozenset(terms(word)) <= held]
    if not shared or len(listed) < _FEWEST_WORDS:
        return question
    return {**question, "query": question["query"].replace(max(shared, key=len), "", 1)}


def _list_words(text: str) -> list[str]:
    """Returns the words that mean something, each once, in order."""
    found: dict[str, None] = {}
    for run in _LATIN.split(text):
        if _LATIN.fullmatch(run):
            found[run] = None
        elif run.strip():
            listed = (word.surface for word in words(run) if word.part in _CONTENT)
            found |= dict.fromkeys(word for word in listed if word not in _EMPTY)
    return list(found)


def _choose_pages(one: _Set, questions: Sequence[Record], half: str) -> list[Record]:
    """Returns the passages of the questions' pages and of some more of the same half."""
    needed = {page_of(one.by_id[name]) for each in questions for name in each["relevant"]}
    rest = sorted({page_of(record) for record in one.records} - needed)
    rest = [page for page in rest if half_of(page) == half]
    kept = needed | set(random.Random(9).sample(rest, min(len(rest), max(0, _PAGES - len(needed)))))
    return [record for record in one.records if page_of(record) in kept]


@dataclass(frozen=True, slots=True)
class _Asking:
    """One library that is asked.

    Attributes:
        folders: The folder each page is of.
    """

    corpus: Corpus
    embedder: StaticEmbedder
    folders: Mapping[str, str]
    glossary: Glossary = field(default_factory=lambda: Glossary(PACKAGED))

    def vary(self, one: _Set, question: Record, *, alone: bool) -> Iterator[tuple[str, Gauge]]:
        """Yields what is measured with the answer, without its passage, and without its page.

        Args:
            one: The set the question is of.
            question: It.
            alone: Whether it is also asked without its whole set.
        """
        text = question["query"]
        for kind, passages in self._find(one, question, alone=alone):
            shown = passages[:_SHOWN]
            weighed = weigh(text, shown, self.embedder, self.glossary)
            measured = gauge(shown, weighed.best_sentences())
            if measured is not None:
                yield kind, measured

    def _find(
        self, one: _Set, question: Record, *, alone: bool
    ) -> Iterator[tuple[str, list[Passage]]]:
        found = list(self.corpus.searcher.search(question["query"], _EVERYBODY, _DEEP).passages)
        gold = {key_of(one.by_id[name]) for name in question["relevant"]}
        pages = {page_of(one.by_id[name]) for name in question["relevant"]}
        answers = [answer for answer in question.get("answers") or [] if len(answer) > 1]
        right = [self.corpus.passages[passage.chunk.id] in gold for passage in found]
        if any(right[:_SHOWN]):
            yield GOLD if found[0].document.external_id in pages else BESIDE, found
        across = one.language == "en" and one.folder == _JAPANESE_PAGES
        if not across:  # there whole pages are right
            yield PASSAGE_OUT, [
                passage for passage, is_right in zip(found, right, strict=True)
                if not is_right and not any(answer in passage.chunk.text for answer in answers)
            ]  # fmt: skip
        yield PAGE_OUT, [each for each in found if each.document.external_id not in pages]
        if alone:
            yield (
                SET_OUT,
                [each for each in found if self.folders[each.document.external_id] != one.folder],
            )
