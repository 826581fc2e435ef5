"""The lexical index: one writer that follows the change log, many readers that rank by BM25."""

import math
import os
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tantivy

from retrieval.errors import IndexUnavailable
from retrieval.lexical.schema import exact, folder_name, schema, to_document
from retrieval.lexical.tokenizing import QUESTION_WORDS, adjacent_pairs, tokenize
from retrieval.model import Filters

if TYPE_CHECKING:
    from retrieval.catalog.records import IndexRow

FIELD_WEIGHTS = {"title": 0.5, "heading": 0.4, "body": 1.0}
PAIR_WEIGHT = 0.35
READ_CHARACTERS = 8_000
"""Of a longer question only this much is read; no passage answers more at once."""

MOST_TERMS = 64
"""Of more distinct terms only the rarest are looked for, which bounds the cost of any question."""

_WRITER_BYTES = 64_000_000
_APPLIED = "applied"

_Query = tantivy.Query
_MUST, _SHOULD = tantivy.Occur.Must, tantivy.Occur.Should


def lexical_folder(home: Path) -> Path:
    """Returns where the index of this tokenizer lives below the state folder."""
    return home / "lexical" / folder_name()


def read_applied(folder: Path) -> int:
    """Returns the change number that the index in `folder` has followed, 0 where there is none."""
    try:
        return int((folder / _APPLIED).read_text("ascii"))
    except (FileNotFoundError, ValueError):
        return 0


@dataclass(frozen=True, slots=True)
class LexicalHit:
    """A chunk that shares terms with the question.

    Attributes:
        score: In 0..1: how much of the question's information (idf mass) the chunk carries.
    """

    chunk_id: str
    score: float


class LexicalWriter:
    """The only writer of a lexical index; another process's attempt is refused by a lock."""

    def __init__(self, folder: Path) -> None:
        """Opens the index for writing, creating it, or beginning anew where it is damaged.

        Raises:
            IndexUnavailable: The folder cannot be written, or another writer is open.
        """
        self._folder = folder
        self._writer = self._open()

    @property
    def applied(self) -> int:
        """The last change that is in the index."""
        return read_applied(self._folder)

    def apply(self, changed: Iterable[str], rows: Sequence["IndexRow"], seq: int) -> None:
        """Makes the changed chunks be what the rows say, then remembers the change number.

        Applying the same changes again, or a part of them, changes nothing.

        Args:
            changed: All chunk ids that the changes name; those without a row are removed.
            rows: What the catalog holds of them now.
            seq: The last of the changes.
        """
        for chunk_id in {*changed, *(row.chunk_id for row in rows)}:
            self._writer.delete_documents_by_term("chunk_id", exact(chunk_id))
        for row in rows:
            self._writer.add_document(to_document(row))
        self._writer.commit()
        self._remember(seq)

    def start_over(self) -> None:
        """Empties the index, for a catalog whose log is behind it (restored from a copy)."""
        self._writer.delete_all_documents()
        self._writer.commit()
        self._remember(0)

    def close(self) -> None:
        """Waits for running merges and releases the lock."""
        self._writer.wait_merging_threads()

    def _open(self) -> Any:  # noqa: ANN401 - tantivy is untyped here
        try:
            return self._open_or_create()
        except ValueError as error:
            if "lock" in str(error).lower():
                raise IndexUnavailable(path=self._folder, reason=error) from error
            # A derived file is never worth repairing: the log makes it again.
            shutil.rmtree(self._folder)
            return self._open_or_create()

    def _open_or_create(self) -> Any:  # noqa: ANN401 - tantivy is untyped here
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            if not tantivy.Index.exists(str(self._folder)):
                (self._folder / _APPLIED).unlink(missing_ok=True)
            index = tantivy.Index(schema(), path=str(self._folder))
        except OSError as error:
            raise IndexUnavailable(path=self._folder, reason=error) from error
        return index.writer(heap_size=_WRITER_BYTES, num_threads=1)

    def _remember(self, seq: int) -> None:
        fresh = self._folder / f"{_APPLIED}.new"
        with fresh.open("w", encoding="ascii") as file:
            file.write(str(seq))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._folder / _APPLIED)


class LexicalIndex:
    """The reading side, for any number of threads and processes."""

    def __init__(self, folder: Path) -> None:
        """Opens an index that a writer has made.

        Raises:
            IndexUnavailable: There is none, or it cannot be read.
        """
        self._folder = folder
        self._seen = read_applied(folder)
        try:
            self._index = tantivy.Index.open(str(folder))
            self._index.config_reader("manual")
            self._index.reload()
        except (OSError, ValueError) as error:
            raise IndexUnavailable(path=folder, reason=error) from error

    @property
    def applied(self) -> int:
        """The last change that this reader is sure to show."""
        return self._seen

    def refresh(self) -> None:
        """Makes what has been committed since visible to the next question."""
        # Read first: the number then never runs ahead of what the reload shows.
        applied = read_applied(self._folder)
        if applied != self._seen:
            self._index.reload()
            self._seen = applied

    def ask(self, question: str, allowed: frozenset[int], filters: Filters) -> "LexicalQuestion":
        """Returns the question bound to one state of the index and to what the caller may see."""
        return LexicalQuestion(self._index.searcher(), question, allowed, filters)


class LexicalQuestion:
    """One question against one state of the index."""

    def __init__(
        self,
        searcher: Any,  # noqa: ANN401 - tantivy is untyped here
        question: str,
        allowed: frozenset[int],
        filters: Filters,
    ) -> None:
        """Analyses the question; the searches follow."""
        self._searcher = searcher
        self._condition = _condition(allowed, filters)
        self._total = searcher.num_docs
        sentences = tokenize(question[:READ_CHARACTERS])
        self._idf = self._weigh(sentences)
        self._mass = sum(self._idf.values())
        pairs = list(dict.fromkeys(adjacent_pairs(sentences)))[:MOST_TERMS]
        self._relevance = _relevance(self._idf, pairs)

    @property
    def is_empty(self) -> bool:
        """Whether nothing in the question can be looked for."""
        return not self._idf

    def best(self, count: int) -> list[LexicalHit]:
        """Returns the best chunks inside the condition, best first."""
        return self._run(self._condition, count)

    def scores_of(self, chunk_ids: Sequence[str]) -> dict[str, float]:
        """Returns the scores of given chunks; those that share no term are absent."""
        names = [exact(chunk_id) for chunk_id in chunk_ids]
        among = _Query.term_set_query(schema(), "chunk_id", names)
        return {hit.chunk_id: hit.score for hit in self._run([among], len(names))}

    def _run(self, conditions: list[Any], count: int) -> list[LexicalHit]:
        if not self._idf or not conditions or count < 1:
            return []
        parts = [(_MUST, self._relevance)]
        parts += [(_MUST, _Query.const_score_query(each, 0.0)) for each in conditions]
        found = self._searcher.search(_Query.boolean_query(parts), limit=count, count=False)
        return [
            LexicalHit(self._searcher.doc(address)["chunk_id"][0][1:], self._normalise(score))
            for score, address in found.hits
        ]

    def _weigh(self, sentences: list[list[str]]) -> dict[str, float]:
        """Returns the idf of each distinct term worth looking for."""
        found = list(dict.fromkeys(term for sentence in sentences for term in sentence))
        kept = [term for term in found if term not in QUESTION_WORDS] or found
        weights = {term: self._inverse_frequency(term) for term in kept}
        rarest = sorted(weights, key=lambda term: (-weights[term], term))[:MOST_TERMS]
        return {term: weights[term] for term in rarest}

    def _inverse_frequency(self, term: str) -> float:
        # As BM25 has it: ln(1 + (N - n + 0.5) / (n + 0.5)) (Robertson and Zaragoza 2009).
        known = min(self._searcher.doc_freq("body", term), self._total)
        return math.log1p((self._total - known + 0.5) / (known + 0.5))

    def _normalise(self, score: float) -> float:
        """Maps a BM25 sum to 0..1, keeping the order.

        A term that stands once in a body of average length adds its idf, so ``score / mass`` is
        about 1 where every term does; that gives 0.63, and more repetitions approach 1.
        """
        return 1 - math.exp(-score / self._mass) if self._mass > 0 else 0.0


def _relevance(idf: dict[str, float], pairs: list[str]) -> Any:  # noqa: ANN401 - untyped
    def weighted(field: str, term: str, weight: float) -> tuple[Any, Any]:
        query = _Query.term_query(schema(), field, term, index_option="freq")
        return _SHOULD, _Query.boost_query(query, weight)

    parts = [weighted(field, term, w) for term in idf for field, w in FIELD_WEIGHTS.items()]
    parts += [weighted("pairs", pair, PAIR_WEIGHT) for pair in pairs]
    return _Query.boolean_query(parts)


def _condition(allowed: frozenset[int], filters: Filters) -> list[Any]:
    """Returns the queries that a chunk must match all of; none at all when nobody may read."""
    if not allowed:
        return []
    fields = {
        "department": filters.departments,
        "language": filters.languages,
        "media_type": filters.media_types,
        "source_id": filters.source_ids,
        "document_id": filters.document_ids,
        "tags": filters.tags,
    }
    conditions = [_Query.term_set_query(schema(), "acl_id", sorted(allowed))]
    for field, wanted in fields.items():
        if wanted:
            names = [exact(value) for value in sorted(wanted)]
            conditions.append(_Query.term_set_query(schema(), field, names))
    if filters.modified_after or filters.modified_before:
        conditions.append(_modified_between(filters))
    return conditions


def _modified_between(filters: Filters) -> Any:  # noqa: ANN401 - tantivy is untyped here
    after, before = filters.modified_after, filters.modified_before
    return _Query.range_query(
        schema(),
        "modified_at",
        tantivy.FieldType.Float,
        lower_bound=after.timestamp() if after else None,
        upper_bound=before.timestamp() if before else None,
    )
