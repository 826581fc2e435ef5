"""Which filters a question asks for without saying so: from the vocabulary and from what is there.

Nothing is suggested that rests on a document the caller may not read: every value is looked up
under the caller's own rules, and counted by the catalog within what the caller may see.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from threading import Lock
from time import monotonic

from retrieval.catalog.catalog import Catalog
from retrieval.catalog.listing import SEARCHABLE
from retrieval.catalog.shelving import read_spines
from retrieval.dates import read_period, read_years
from retrieval.model import Filters, Principals, Scope
from retrieval.naming import MOST_OF_A_WORD, Titles
from retrieval.querying import MEDIA_ALIASES, MEDIA_TYPES, Understood, narrow, understand
from retrieval.settling import settle

MOST_SUGGESTED = 6

_LOOK_AGAIN_S = 5.0
_SHARE_OF_TIME = 0.05  # at most so much of it is spent on reading again
_LANGUAGES = {
    "ja": re.compile(r"日本語|和文|\bjapanese\b"),
    "en": re.compile(r"英語|英文|\benglish\b"),
}
_LANGUAGE_NAMES = {"ja": ("日本語", "Japanese"), "en": ("英語", "English")}
_FIELDS = {"department": "dept", "language": "lang", "tag": "tag"}


@dataclass(frozen=True, slots=True)
class Label:
    """A tag of the controlled vocabulary.

    Attributes:
        tag: ``CATEGORY:ID``.
        words: Matches any of its words in folded text.
    """

    tag: str
    ja: str
    en: str
    words: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A filter that a question names.

    Attributes:
        kind: "department", "tag", "language", "media_type", "year", "document" or "title".
        value: What it is called: a department, a tag, a title, a word of titles.
        ja: How to show it in Japanese.
        en: How to show it in English.
        field: What to type behind the question for it; "" where there is no field for it.
        filters: What it narrows to, beside what the question is narrowed to already.
        count: How many readable documents it leaves.
    """

    kind: str
    value: str
    ja: str
    en: str
    field: str
    filters: Filters
    count: int = 0


@dataclass(frozen=True, slots=True)
class _Shelf:
    """What is filed under which rule: for each value the rules of the documents that carry it."""

    values: dict[str, dict[str, frozenset[int]]]
    titles: Titles


class Suggester:
    """Suggests filters. Safe to share by threads."""

    def __init__(self, catalog: Catalog, labels: Callable[[], Sequence[Label]]) -> None:
        """Takes the parts; what documents are filed under is read at the first question.

        Args:
            catalog: The open catalog.
            labels: Gives the vocabulary.
        """
        self._catalog, self._labels = catalog, labels
        self._lock = Lock()
        self._due, self._head = float("-inf"), -1
        self._shelf = _Shelf({}, Titles(()))

    def suggest(self, query: str, scope: Scope) -> tuple[Suggestion, ...]:
        """Returns the filters that a question names and that would narrow it, the narrowest first.

        None is empty, and none leaves all that is searched anyway. Fields that leave nothing are
        read as words: ``dept:HR`` names the department that the vocabulary calls so.
        """
        understood, _ = settle(understand(query), self._catalog, scope.principals)
        filters = narrow(scope.filters, understood.filters)
        whole = self._count(Scope(scope.principals, filters)) if filters else 0
        if filters is None or not whole:
            understood, filters = Understood(query), scope.filters
            whole = self._count(scope)
        allowed = self._catalog.rules.allowed(scope.principals)
        if not whole or not allowed:
            return ()
        shelf, text = self._current(), fold(understood.text)
        found = [*self._name_values(text, shelf, allowed), *_name_titles(text, shelf, allowed)]
        counted = []
        for each in map(partial(self._confirm, scope.principals), found):
            inside = narrow(filters, each.filters)
            count = self._count(Scope(scope.principals, inside)) if inside else 0
            if 0 < count < whole:
                counted.append(replace(each, count=count))
        counted.sort(key=lambda each: each.count)
        return tuple(counted[:MOST_SUGGESTED])

    def _confirm(self, principals: Principals, suggestion: Suggestion) -> Suggestion:
        """Returns a suggestion of titles without documents that were closed since they were read.

        Nothing that the caller may not read is left of it, not even an id.
        """
        named = suggestion.filters
        if not named.document_ids:
            return suggestion
        scope = Scope(principals, named)
        found = self._catalog.documents.list(scope, limit=MOST_OF_A_WORD, statuses=SEARCHABLE)
        readable = frozenset(document.id for document in found) or frozenset({""})
        return replace(suggestion, filters=replace(named, document_ids=readable))

    def _count(self, scope: Scope) -> int:
        return self._catalog.documents.count(scope, SEARCHABLE)

    def _current(self) -> _Shelf:
        """Returns what is filed; read again when something has changed, but not all the time."""
        # One question reads, those that come meanwhile go on with what was read before.
        if monotonic() >= self._due and self._lock.acquire(blocking=self._head < 0):
            try:
                self._read_if_changed()
            finally:
                self._lock.release()
        return self._shelf

    def _read_if_changed(self) -> None:
        started, head = monotonic(), self._catalog.changes.head()
        if started >= self._due and head != self._head:
            self._shelf, self._head = _fill(self._catalog), head
        spent = monotonic() - started
        self._due = monotonic() + max(_LOOK_AGAIN_S, spent / _SHARE_OF_TIME)

    def _name_values(
        self, text: str, shelf: _Shelf, allowed: frozenset[int]
    ) -> Iterator[Suggestion]:
        labels = [label for label in self._labels() if label.words.search(text)]
        for value in _readable(shelf, "department", allowed):
            other = [each for each in labels if each.words.search(fold(value))]
            if _is_named(value, text) or any(e.tag.startswith("department:") for e in other):
                yield _suggest("department", value, f"部署: {value}", f"Department: {value}")
        tags = set(_readable(shelf, "tag", allowed))
        for label in labels:
            if label.tag in tags and not label.tag.startswith("department:"):
                yield _suggest("tag", label.tag, f"種別: {label.ja}", f"Kind: {label.en}")
        for value in _readable(shelf, "language", allowed):
            if value in _LANGUAGES and _LANGUAGES[value].search(text):
                ja, en = _LANGUAGE_NAMES[value]
                yield _suggest("language", value, f"言語: {ja}", f"Language: {en}")
        yield from _name_media(text, set(_readable(shelf, "media_type", allowed)))
        named = read_years(text)
        for value in _readable(shelf, "year", allowed):
            if int(value) in named:
                yield from _suggest_year(value)


def fold(text: str) -> str:
    """Returns a text in which width and case make no difference."""
    return unicodedata.normalize("NFKC", text).casefold()


def _fill(catalog: Catalog) -> _Shelf:
    spines = list(read_spines(catalog.database))
    found: dict[str, dict[str, set[int]]] = {}
    for spine in spines:
        carried = [("department", spine.department), ("language", spine.language)]
        carried += [("media_type", spine.media_type), *(("tag", tag) for tag in spine.tags)]
        carried += [("year", str(spine.year or ""))]
        for kind, value in carried:
            if value:
                found.setdefault(kind, {}).setdefault(value, set()).add(spine.acl_id)
    values = {
        kind: {value: frozenset(rules) for value, rules in each.items()}
        for kind, each in found.items()
    }
    return _Shelf(values, Titles(spines))


def _readable(shelf: _Shelf, kind: str, allowed: frozenset[int]) -> list[str]:
    """Returns the values that some document under the caller's rules carries."""
    carried = shelf.values.get(kind, {})
    return sorted(value for value, rules in carried.items() if rules & allowed)


def _is_named(value: str, text: str) -> bool:
    folded = fold(value)
    if folded.isascii():
        return re.search(rf"(?<![a-z0-9]){re.escape(folded)}(?![a-z0-9])", text) is not None
    return len(folded) > 1 and folded in text


def _name_media(text: str, readable: set[str]) -> Iterator[Suggestion]:
    for name, kinds in MEDIA_TYPES.items():
        ways = [name, *(way for way, meant in MEDIA_ALIASES.items() if meant == name)]
        # "text" and "mail" are what documents are about far more often than what they are.
        ways = [way for way in ways if way not in {"text", "mail", "メール", "word"}]
        if readable.intersection(kinds) and any(_is_named(way, text) for way in ways):
            filters = Filters(media_types=frozenset(kinds))
            yield Suggestion(
                "media_type", name, f"形式: {name}", f"Format: {name}", f"type:{name}", filters
            )


def _suggest(kind: str, value: str, ja: str, en: str) -> Suggestion:
    typed = f'"{value}"' if " " in value else value
    only = frozenset({value})
    filters = {
        "department": Filters(departments=only),
        "language": Filters(languages=only),
        "tag": Filters(tags=only),
    }[kind]
    return Suggestion(kind, value, ja, en, f"{_FIELDS[kind]}:{typed}", filters)


def _suggest_year(year: str) -> Iterator[Suggestion]:
    if period := read_period(year):  # as the field says it when it is typed
        filters = Filters(modified_after=period[0], modified_before=period[1])
        ja, en = f"更新: {year}年", f"Modified in {year}"
        yield Suggestion("year", year, ja, en, f"after:{year} before:{year}", filters)


def _name_titles(text: str, shelf: _Shelf, allowed: frozenset[int]) -> Iterator[Suggestion]:
    for named in shelf.titles.find(text, allowed):
        ids = frozenset(named.document_ids)
        if named.whole:
            ja, en = f"文書: {named.name}", f"Document: {named.name}"
        else:
            ja, en = f"題名に「{named.name}」", f"Titled “{named.name}”"
        kind = "document" if named.whole else "title"
        yield Suggestion(kind, named.name, ja, en, "", Filters(document_ids=ids))
