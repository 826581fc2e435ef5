"""How often a term occurs in what one caller may read.

Were rareness counted over everything, a caller could tell from his own scores what documents
closed to him speak of. So terms are counted by access rule, and added up over the caller's rules.
"""

from collections.abc import Iterable, Mapping
from threading import Lock
from typing import Any

import tantivy

from retrieval.lexical.schema import schema
from retrieval.lexical.weighing import MARK, inverse_frequency

_REMEMBERED = 50_000
_MOST_RULES = 65_000  # what one aggregation of tantivy may give

_Query = tantivy.Query
_Counts = Mapping[int, int]


class Counts:
    """Counts of one state of the index. Safe to share by threads."""

    def __init__(self, searcher: Any) -> None:  # noqa: ANN401 - tantivy is untyped here
        """Takes the state; each term is counted when it is first asked for."""
        self._searcher = searcher
        self._lock = Lock()
        self._known: dict[tuple[str, str], tuple[tuple[str, ...], _Counts]] = {}
        self._all = self._count(_Query.all_query())

    def total(self, allowed: frozenset[int]) -> int:
        """Returns how many chunks a caller with these rules may read."""
        return _add(self._all, allowed)

    def all_within(self, allowed: frozenset[int]) -> bool:
        """Returns whether a caller with these rules may read every chunk."""
        # Counted against the index itself: of too many rules, not all are in the counts.
        return bool(self.total(allowed) == self._searcher.num_docs)

    def levels(self, field: str, term: str) -> tuple[str, ...]:
        """Returns the term with each level that it has in any chunk."""
        return self._look_up(field, term)[0]

    def rareness(self, field: str, term: str, allowed: frozenset[int]) -> float:
        """Returns the inverse frequency of a term among the chunks that the caller may read."""
        known = _add(self._look_up(field, term)[1], allowed)
        return inverse_frequency(known, self.total(allowed))

    def occurs(self, field: str, term: str, allowed: frozenset[int]) -> bool:
        """Returns whether any chunk that the caller may read has the term."""
        return _add(self._look_up(field, term)[1], allowed) > 0

    def _look_up(self, field: str, term: str) -> tuple[tuple[str, ...], _Counts]:
        key = (field, term)
        with self._lock:
            known = self._known.get(key)
        if known is None:
            found = self._searcher.terms_with_prefix(field, f"{term}{MARK}")
            levels = tuple(sorted(name for name, _ in found))
            counts = self._count(any_of(field, levels)) if levels else {}
            known = (levels, counts)
            with self._lock:
                if len(self._known) >= _REMEMBERED:
                    self._known.clear()
                self._known[key] = known
        return known

    def _count(self, query: Any) -> _Counts:  # noqa: ANN401 - tantivy is untyped here
        by_rule = {"rules": {"terms": {"field": "acl_id", "size": _MOST_RULES}}}
        found = self._searcher.aggregate(query, by_rule)
        return {int(each["key"]): int(each["doc_count"]) for each in found["rules"]["buckets"]}


def any_of(field: str, marked: Iterable[str]) -> Any:  # noqa: ANN401 - tantivy is untyped here
    """Returns a query for whatever has one of these terms."""
    # One by one they are looked up; a set would be sought in the whole dictionary of terms.
    each = [_Query.term_query(schema(), field, term, index_option="basic") for term in marked]
    return _Query.boolean_query([(tantivy.Occur.Should, query) for query in each])


def _add(counts: _Counts, allowed: frozenset[int]) -> int:
    if len(counts) < len(allowed):
        return sum(count for rule, count in counts.items() if rule in allowed)
    return sum(counts.get(rule, 0) for rule in allowed)
