"""Pairs of a sentence and the passage it cites, true and untrue, split by document."""

import random
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from app.answering.sentences import split
from benchmarks.lies.collecting import Gold, Text, half_of, is_plain
from benchmarks.lies.mutating import (
    Mutator,
    change_date,
    change_name,
    change_number,
    change_unit,
    invent,
    negate,
)
from benchmarks.lies.names import NamePool
from benchmarks.lies.rewriting import REWRITERS

LIES = (
    "number", "date", "unit", "name", "negation", "swapped citation", "invented sentence",
    "other document's fact", "translated",
)  # fmt: skip
_LOOKED_THROUGH = 40


@dataclass(frozen=True)
class Pair:
    """One sentence and the passage it cites."""

    kind: str
    lie: bool
    half: str
    language: str
    corpus: str
    text: str
    passage: Text


def pair_half(gold: Sequence[Gold], most: int, chance: random.Random) -> list[Pair]:
    """Returns lies and truths made of one half's sentences, at most ``most`` a kind and language.

    Names, facts and passages that lies borrow come from the same half.
    """
    passages = {each.passage.id: each.passage for each in gold}
    pool = NamePool((text.text, text.language) for text in passages.values())
    mutators: dict[str, Mutator] = {
        "number": change_number,
        "date": change_date,
        "unit": change_unit,
        "name": change_name(pool),
        "negation": negate,
        "invented sentence": invent(gold),
        "other document's fact": _take_other_fact(gold),
    }
    pairs: list[Pair] = []
    for kind, change in mutators.items():
        pairs += _make(kind, gold, most, chance, change, lie=True)
    pairs += _swap_citations(gold, passages, most, chance)
    plain: Mapping[str, Callable[[Gold, random.Random], str | None]] = {
        "verbatim": lambda each, _: each.text if each.origin == "sentence" else None,
        "question and answer": lambda each, _: each.text if each.origin == "statement" else None,
        **REWRITERS,
    }
    for kind, change in plain.items():
        pairs += _make(kind, gold, most, chance, change, lie=False)
    return pairs


def _make(
    kind: str,
    gold: Sequence[Gold],
    most: int,
    chance: random.Random,
    change: Mutator,
    *,
    lie: bool,
) -> list[Pair]:
    counts: dict[str, int] = defaultdict(int)
    pairs = []
    for each in chance.sample(list(gold), len(gold)):
        if counts[each.language] >= most:
            continue
        text = change(each, chance)
        if text is None or (lie and text == each.text) or (lie and text in each.passage.text):
            continue
        counts[each.language] += 1
        pairs.append(_pair(kind, lie, each, text, each.passage))
    return pairs


def _pair(kind: str, lie: bool, gold: Gold, text: str, passage: Text) -> Pair:
    half = half_of(gold.passage.document)
    return Pair(kind, lie, half, gold.language, gold.corpus, text, passage)


def _take_other_fact(gold: Sequence[Gold]) -> Mutator:
    """Returns a mutator that gives, of forty other documents' sentences, the one most alike."""

    def change(each: Gold, chance: random.Random) -> str | None:
        others = [
            other for other in chance.sample(list(gold), min(_LOOKED_THROUGH, len(gold)))
            if other.passage.document != each.passage.document and other.language == each.language
        ]  # fmt: skip
        if not others:
            return None
        wanted = _bigrams(each.text)
        return max(others, key=lambda other: len(wanted & _bigrams(other.text))).text

    return change


def _bigrams(text: str) -> set[str]:
    return {text[index : index + 2] for index in range(len(text) - 1)}


def _swap_citations(
    gold: Sequence[Gold], passages: Mapping[str, Text], most: int, chance: random.Random
) -> list[Pair]:
    """Returns true sentences that cite another passage of their own document."""
    of_document: dict[str, list[Text]] = defaultdict(list)
    for passage in passages.values():
        of_document[passage.document].append(passage)
    counts: dict[str, int] = defaultdict(int)
    pairs = []
    for each in chance.sample(list(gold), len(gold)):
        others = [
            other for other in of_document[each.passage.document]
            if other.id != each.passage.id and each.text not in other.text
        ]  # fmt: skip
        if others and counts[each.language] < most:
            counts[each.language] += 1
            pairs.append(_pair("swapped citation", True, each, each.text, chance.choice(others)))
    return pairs


def pair_across_languages(
    aligned: Sequence[tuple[Text, Text]], most: int, chance: random.Random
) -> list[Pair]:
    """Returns sentences that cite the passage of the other language: true ones and lies.

    A lie is a changed figure, date, name or polarity, or another page's sentence, in turn.
    """
    halves: dict[str, list[tuple[Text, Text]]] = defaultdict(list)
    for english, japanese in aligned:
        halves[half_of(english.document.partition("/")[2])].append((english, japanese))
    pairs: list[Pair] = []
    for half, texts in halves.items():
        both = [(a, b) for pair in texts for a, b in (pair, pair[::-1])]
        gold = [
            (Gold("gitlab", "sentence", sentence, spoken), cited)
            for spoken, cited in both
            for sentence in _alone(spoken)
        ]
        chance.shuffle(gold)
        pairs += _pair_across(half, gold, most, chance)
    return pairs


def _pair_across(
    half: str, gold: Sequence[tuple[Gold, Text]], most: int, chance: random.Random
) -> list[Pair]:
    pool = NamePool((each.passage.text, each.language) for each, _ in gold)
    changes: tuple[Mutator | None, ...] = (
        change_number, change_date, change_name(pool), negate, None
    )  # fmt: skip
    counts: dict[tuple[str, bool], int] = defaultdict(int)
    pairs: list[Pair] = []
    for index, (each, cited) in enumerate(gold):
        if counts[each.language, False] < most:
            counts[each.language, False] += 1
            pairs.append(Pair("translated", False, half, each.language, "gitlab", each.text, cited))
        elif counts[each.language, True] < most:
            changed = _change_one(each, gold, changes[index % 5 :] + changes[: index % 5], chance)
            if changed is not None:
                counts[each.language, True] += 1
                pairs.append(
                    Pair("translated", True, half, each.language, "gitlab", changed, cited)
                )
    return pairs


def _change_one(
    each: Gold,
    gold: Sequence[tuple[Gold, Text]],
    changes: Sequence[Mutator | None],
    chance: random.Random,
) -> str | None:
    """Returns what the first change that fits makes; None among them is another page's sentence."""
    for change in changes:
        changed = change(each, chance) if change else _of_another_page(each, gold, chance)
        if changed is not None:
            return changed
    return None


def _of_another_page(
    each: Gold, gold: Sequence[tuple[Gold, Text]], chance: random.Random
) -> str | None:
    for other, _ in chance.sample(list(gold), min(20, len(gold))):
        apart = other.passage.document != each.passage.document
        if apart and other.language == each.language:
            return other.text
    return None


def _alone(text: Text) -> list[str]:
    found = [text.text[start:end] for start, end in split(text.text)]
    return [sentence for sentence in found if is_plain(sentence, text.language)][:3]
