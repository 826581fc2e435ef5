"""Read the public question sets and turn them into (query, document) training pairs.

Only training splits and unlabelled passages are used. Anything that is a question of an
evaluation split, or a heading equal to one, is refused (`read_evaluated`).
"""

import gzip
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from retrieval.adapting.pairing import Evaluated, find_sentences

Record = dict[str, Any]

#: Query files that are measured and therefore never trained on.
EVALUATED_FILES = (
    "jaquad/queries.jsonl.gz",
    "jsquad/queries.jsonl.gz",
    "gitlab_ja/queries.jsonl.gz",
    "gitlab_ja/queries_en.jsonl.gz",
    "gitlab_ja/queries_deeprag_en.jsonl.gz",
    "handbook_en/queries.jsonl.gz",
    "deeprag_gitlab/queries.jsonl.gz",
    "deeprag_gitlab/queries_multimodal.jsonl.gz",
    "chroma_chunking/queries.jsonl.gz",
)
#: Organisations of handbook_en whose licence allows redistribution of derived weights.
FREE_ORGANISATIONS = frozenset({"sourcegraph", "gsa-tts"})
SHORTEST_SENTENCE, LONGEST_SENTENCE = 12, 200


@dataclass(frozen=True, slots=True)
class Pair:
    """A query, the text that answers it, and the page or article they come from."""

    query: str
    document: str
    group: str


@dataclass(frozen=True, slots=True)
class Section:
    """A passage as trained on: heading path, own heading, body and the page it stands on."""

    path: tuple[str, ...]
    heading: str
    body: str
    page: str

    @property
    def text(self) -> str:
        """The heading and the body, one below the other."""
        return f"{self.heading}\n{self.body}" if self.heading else self.body


def read_records(file: Path) -> list[Record]:
    """Read one gzipped JSON-lines file."""
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def read_evaluated(evaluation: Path) -> Evaluated:
    """Read the measured questions below `evaluation`."""
    return Evaluated(
        record["query"] for name in EVALUATED_FILES for record in read_records(evaluation / name)
    )


def read_sections(file: Path, evaluated: Evaluated) -> list[Section]:
    """Read handbook sections; headings equal to an evaluated query are dropped from them."""
    sections = []
    for record in read_records(file):
        if record["meta"]["org"] not in FREE_ORGANISATIONS | {"gitlab"}:
            continue
        heading, _, body = record["text"].partition("\n")
        if not body.strip() or len(heading) > LONGEST_SENTENCE:
            heading, body = "", record["text"]
        path = tuple(part for part in record["title"].split(" > ") if part not in evaluated)
        heading = "" if heading in evaluated else heading.strip()
        sections.append(Section(path, heading, body.strip(), record["meta"]["path"]))
    return sections


def pair_headings(sections: list[Section], random_source: random.Random) -> Iterator[Pair]:
    """Pair each heading (sometimes with its parent heading) with the body below it."""
    for section in sections:
        if not section.heading or len(section.body) < SHORTEST_SENTENCE:
            continue
        query = section.heading
        if section.path and random_source.random() < 0.5:
            query = f"{section.path[-1]} {query}"
        yield Pair(query, section.body, section.page)


def pair_sentences(
    texts: list[tuple[str, str]],
    evaluated: Evaluated,
    random_source: random.Random,
    *,
    per_text: int,
) -> Iterator[Pair]:
    """Pair sentences of a passage with the passage; the sentence itself is kept half of the time.

    Args:
        texts: (passage, page) tuples.
        evaluated: The measured questions, which are refused as queries.
        random_source: Chooses sentences.
        per_text: Sentences taken from each passage at most.

    Yields:
        Inverse cloze pairs (Lee et al. 2019, "Latent Retrieval for Weakly Supervised Open Domain
        Question Answering").
    """
    for text, page in texts:
        sentences = find_sentences(text)
        if len(sentences) < 2:
            continue
        for sentence in random_source.sample(sentences, min(per_text, len(sentences))):
            if sentence in evaluated:
                continue
            keep = random_source.random() < 0.5
            yield Pair(sentence, text if keep else text.replace(sentence, " ", 1), page)


def pair_neighbours(texts: list[tuple[str, str]]) -> Iterator[Pair]:
    """Pair each passage with the next one of the same page."""
    for (text, page), (following, following_page) in pairwise(texts):
        if page == following_page:
            yield Pair(text[:400], following, page)


def pair_questions(
    corpus: list[Record],
    questions: list[Record],
    evaluated: Evaluated,
    random_source: random.Random,
) -> Iterator[Pair]:
    """Pair training questions with their passages, some of them below the article's title."""
    passages = {record["id"]: record for record in corpus}
    for question in questions:
        if question["query"] in evaluated:
            continue
        for identifier in question["relevant"]:
            if identifier not in passages:
                continue
            title, text = passages[identifier]["title"], passages[identifier]["text"]
            document = f"{title}\n{text}" if random_source.random() < 0.3 else text
            yield Pair(question["query"], document, title)
