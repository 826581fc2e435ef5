"""Which documents a question names by their titles, or by a telling word of them."""

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from retrieval.dates import read_years

MOST_DOCUMENTS = 3
"""Documents told by name; of more that fit equally well none is meant."""

MOST_OF_A_WORD = 100
"""A word that more readable titles share tells nothing."""

LEAST_SHARE = 0.6
"""How much of a title, by the rareness of its words, a question must name."""

_WORD = re.compile(r"[a-z]+|\d+|[一-鿿々〆]+|[ァ-ヺー]+")
_ENDING = re.compile(r"\.[a-z0-9]{2,5}$")
_EMPTY = re.compile(
    r"年度?版?|月|日|第|号|版|改訂|改定|最新|現行|(?<![a-z])(?:fy|ver|rev|v|q)(?![a-z])"
)
_ERA = re.compile(r"(?:令和|平成|昭和)\s*(?:元|\d{1,2})")
_SQUEEZED = re.compile(r"[\W_]+")
_LONG_LATIN = 5  # shorter ones must stand as words of their own


class _Titled(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def acl_id(self) -> int: ...
    @property
    def title(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Named:
    """What a question names.

    Attributes:
        whole: It is one document's title; else a word that several titles share.
    """

    name: str
    document_ids: tuple[str, ...]
    whole: bool


@dataclass(frozen=True, slots=True)
class _Title:
    id: str
    acl_id: int
    text: str
    words: frozenset[str]


class Titles:
    """All titles, by their words. Reading only: safe to share by threads."""

    def __init__(self, documents: Iterable[_Titled]) -> None:
        """Takes every title apart."""
        self._by_word: dict[str, list[_Title]] = defaultdict(list)
        self._rules: dict[str, Counter[int]] = defaultdict(Counter)
        self._sizes: Counter[int] = Counter()
        for each in documents:
            words = frozenset(split_title(each.title))
            title = _Title(each.id, each.acl_id, each.title, words)
            self._sizes[each.acl_id] += 1
            for word in words:
                self._by_word[word].append(title)
                self._rules[word][each.acl_id] += 1

    def find(self, text: str, allowed: frozenset[int]) -> list[Named]:
        """Returns what a question names among the titles under the caller's rules.

        Rareness is counted over those alone, so that closed documents move nothing.
        """
        normal = unicodedata.normalize("NFKC", text).casefold()
        said, squeezed = _say(normal), _SQUEEZED.sub("", normal)
        named = {
            word: holders
            for word, rules in self._rules.items()
            if _is_said(word, said, squeezed) and (holders := _count(rules, allowed))
        }
        rare = {
            word: [each for each in self._by_word[word] if each.acl_id in allowed]
            for word, holders in named.items()
            if holders <= MOST_OF_A_WORD
        }
        shares = self._weigh({each for titles in rare.values() for each in titles}, named, allowed)
        total = _count(self._sizes, allowed)
        return [*_choose_whole(shares, read_years(text)), *_choose_words(rare, total)]

    def _weigh(
        self, titles: set[_Title], named: Container[str], allowed: frozenset[int]
    ) -> dict[_Title, float]:
        """Returns how much of each title the question names, by the rareness of its words."""
        total = _count(self._sizes, allowed)
        rareness = {
            word: math.log(1 + total / _count(self._rules[word], allowed))
            for word in {word for title in titles for word in title.words}
        }
        return {
            title: _share({w: rareness[w] for w in title.words if not _is_year(w)}, named)
            for title in titles
        }


def split_title(title: str) -> list[str]:
    """Returns the words that tell a title from others: no endings, versions or particles."""
    normal = unicodedata.normalize("NFKC", title).casefold().strip()
    normal = _ENDING.sub("", normal)
    years = {str(year) for year in read_years(normal)}
    words = set(_WORD.findall(_EMPTY.sub(" ", _ERA.sub(" ", normal))))
    latin = set(re.findall(r"[a-z0-9]+", normal))
    # A code such as 3m or 10k is one word, and a year is one wherever it stands.
    codes = {each for each in latin if not each.isdigit() and len(each) <= _LONG_LATIN}
    parts = {part for code in codes for part in _WORD.findall(code)}
    kept = {word for word in words - parts if len(word) > 1} | codes
    return sorted({word for word in kept if not _is_year(word)} | years)


def _say(normal: str) -> frozenset[str]:
    words = set(re.findall(r"[a-z0-9]+", normal)) | set(_WORD.findall(normal))
    return frozenset(words | {str(year) for year in read_years(normal)})


def _is_said(word: str, said: frozenset[str], squeezed: str) -> bool:
    if word in said:
        return True
    long_enough = len(word) >= _LONG_LATIN if word.isascii() else len(word) > 1
    return long_enough and not word.isdigit() and word in squeezed


def _is_year(word: str) -> bool:
    return word.isdigit() and len(word) == 4 and word[:2] in {"19", "20"}


def _count(by_rule: Mapping[int, int], allowed: frozenset[int]) -> int:
    return sum(count for rule, count in by_rule.items() if rule in allowed)


def _share(words: dict[str, float], named: Container[str]) -> float:
    """Returns how much of the words is named; a year decides between titles, and names none."""
    whole = sum(words.values())
    return sum(each for word, each in words.items() if word in named) / whole if whole else 1.0


def _choose_whole(shares: dict[_Title, float], years: frozenset[int]) -> list[Named]:
    named = {str(year) for year in years}
    fitting = [
        (share, title)
        for title, share in shares.items()
        if share >= LEAST_SHARE and not _of_another_year(title, named)
    ]
    fitting.sort(key=lambda pair: (-pair[0], named.isdisjoint(pair[1].words), pair[1].id))
    return [Named(title.text, (title.id,), True) for _, title in fitting[:MOST_DOCUMENTS]]


def _of_another_year(title: _Title, years: set[str]) -> bool:
    own = {word for word in title.words if _is_year(word)}
    return bool(own and years and own.isdisjoint(years))


def _choose_words(readable: dict[str, list[_Title]], total: int) -> list[Named]:
    """Returns the rarest word that several titles share, such as a company or a product."""
    shared = [
        (len(titles), word)
        for word, titles in readable.items()
        if 2 <= len(titles) <= min(MOST_OF_A_WORD, total // 4)
        and len(word) > 1
        and not _is_year(word)
    ]
    return [
        Named(
            _as_titled(word, readable[word][0]), tuple(sorted(e.id for e in readable[word])), False
        )
        for _, word in sorted(shared)[:1]
    ]


def _as_titled(word: str, title: _Title) -> str:
    """Returns a word with the capitals that a title gives it."""
    found = re.search(re.escape(word), unicodedata.normalize("NFKC", title.text), re.IGNORECASE)
    return found.group() if found else word
