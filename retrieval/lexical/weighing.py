"""How much each term says about a chunk, settled when the chunk is indexed.

BM25F (Robertson and Zaragoza 2009) with a fixed reference length in place of the average one: what
a term weighs in a chunk then depends on that chunk alone, and on no other document.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator

LENGTH = 90
"""Terms of a chunk of usual size; a longer one needs more mentions of a term."""

SATURATION, BALANCE = 1.0, 0.75
"""BM25's k1 and b."""

PAIR_BALANCE = 0.3
NAMED_WEIGHT = 2
"""One mention in the title or a heading counts as so many in the body."""

WORD_LEVELS, PAIR_LEVELS = 16, 8
MARK = "\x1f"
_FIRST_LEVEL = ord("a")


def weigh_words(body: list[str], named: Iterable[str]) -> Iterator[str]:
    """Gives each term of a chunk with its level.

    Args:
        body: The terms of the text, with repetitions.
        named: The terms of title, headings and context.
    """
    room = 1 - BALANCE + BALANCE * len(body) / LENGTH
    mentions = {term: count / room for term, count in Counter(body).items()}
    for term, count in Counter(named).items():
        mentions[term] = mentions.get(term, 0.0) + NAMED_WEIGHT * count
    for term, often in mentions.items():
        yield _mark(term, often, WORD_LEVELS)


def weigh_pairs(pairs: list[str]) -> Iterator[str]:
    """Gives each pair of neighbouring terms with its level."""
    room = 1 - PAIR_BALANCE + PAIR_BALANCE * len(pairs) / LENGTH
    for pair, count in Counter(pairs).items():
        yield _mark(pair, count / room, PAIR_LEVELS)


def read_level(marked: str, levels: int) -> float:
    """Returns the weight of a level: 1 for one mention in a chunk of usual length, 2 at most."""
    return (1 + SATURATION) * (ord(marked[-1]) - _FIRST_LEVEL + 1) / levels


def inverse_frequency(known: int, total: int) -> float:
    """Returns how rare a term is: ln(1 + (N - n + 0.5) / (n + 0.5)), as BM25 has it."""
    known = min(known, total)
    return math.log1p((total - known + 0.5) / (known + 0.5))


def _mark(term: str, mentions: float, levels: int) -> str:
    share = mentions / (mentions + SATURATION)
    level = min(levels, max(1, round(share * levels)))
    return f"{term}{MARK}{chr(_FIRST_LEVEL + level - 1)}"
