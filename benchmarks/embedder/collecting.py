"""Collect all training pairs and the text the tokenizer learns from."""

import random
from dataclasses import dataclass
from pathlib import Path

from benchmarks.embedder.glossary import (
    Switcher,
    pair_entries,
    pair_switched,
    read_glossary,
)
from benchmarks.embedder.parallel import pair_anchors, pair_translations
from benchmarks.embedder.sources import (
    Pair,
    Record,
    pair_headings,
    pair_neighbours,
    pair_questions,
    pair_sentences,
    read_evaluated,
    read_records,
    read_sections,
)

#: Long texts of the chunking set are cut into passages of this many characters.
PASSAGE = 1200
#: How often an epoch sees each pair of a kind, where that is not once: these kinds are few, and
#: teach what the many sentences do not (asking for a section; one language finding the other).
REPEATS = {"headings": 2, "translations": 3, "anchors": 3, "glossary": 5}
#: Kinds whose queries are also seen with their words translated.
SWITCHED = ("headings", "questions (jaquad train)", "sentences", "titles (scifact)")


@dataclass(frozen=True, slots=True)
class TrainingData:
    """Pairs by kind, and all texts they were made of."""

    pairs: dict[str, list[Pair]]
    texts: list[str]

    def list_pairs(self) -> list[Pair]:
        """All pairs, some kinds more than once (see `REPEATS`)."""
        return [pair for kind, each in self.pairs.items() for pair in each * REPEATS.get(kind, 1)]


def collect_training_data(evaluation: Path, seed: int) -> TrainingData:
    """Read every permitted source below `evaluation` and pair it up.

    Not used: all of jsquad, the development half of jaquad, and every measured question.
    """
    random_source = random.Random(seed)
    evaluated = read_evaluated(evaluation)
    japanese = read_sections(evaluation / "gitlab_ja/corpus.jsonl.gz", evaluated)
    english = read_sections(evaluation / "deeprag_gitlab/corpus.jsonl.gz", evaluated)
    others = read_sections(evaluation / "handbook_en/corpus.jsonl.gz", evaluated)
    sections = [*japanese, *others, *english]
    articles = _read_training_articles(evaluation / "jaquad/corpus.jsonl.gz")
    abstracts = read_records(evaluation / "scifact/corpus.jsonl.gz")
    questions = read_records(evaluation / "jaquad/queries_train.jsonl.gz")
    claims = read_records(evaluation / "scifact/queries_train.jsonl.gz")
    passages = [(record["text"], record["title"]) for record in articles]
    passages += [(section.text, section.page) for section in sections]
    passages += [(record["text"], "scifact") for record in abstracts]
    passages += _cut_long_texts(evaluation / "chroma_chunking/corpus.jsonl.gz")
    anchored = read_records(evaluation / "gitlab_ja/corpus.jsonl.gz")
    pairs = {
        "questions (jaquad train)": list(
            pair_questions(articles, questions, evaluated, random_source)
        ),
        "claims (scifact train)": list(pair_questions(abstracts, claims, evaluated, random_source)),
        "titles (scifact)": [Pair(each["title"], each["text"], "scifact") for each in abstracts],
        "headings": list(pair_headings(sections, random_source)),
        "translations": list(pair_translations(japanese, english)),
        "anchors": list(pair_anchors(anchored, evaluated)),
        "sentences": list(pair_sentences(passages, evaluated, random_source, per_text=2)),
        "neighbours": list(pair_neighbours(passages)),
    }
    entries = read_glossary()
    switcher = Switcher.over(entries)
    pairs["switched"] = [
        pair for kind in SWITCHED for pair in pair_switched(pairs[kind], switcher, random_source)
    ]
    pairs["glossary"] = list(pair_entries(entries, evaluated))
    texts = [text for text, _ in passages] + [question["query"] for question in questions]
    texts += [" ".join(words) for entry in entries for words in entry]
    return TrainingData(pairs, texts)


def _read_training_articles(file: Path) -> list[Record]:
    return [record for record in read_records(file) if record["meta"]["split"] == "train"]


def _cut_long_texts(file: Path) -> list[tuple[str, str]]:
    return [
        (record["text"][start : start + PASSAGE], record["id"])
        for record in read_records(file)
        for start in range(0, len(record["text"]), PASSAGE)
    ]
