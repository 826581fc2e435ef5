"""Which edition of a document answers: the one in force, or the one of the time asked about."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from app.answering import notices
from app.answering.model import Notice
from app.answering.ports import PassageSearch
from app.answering.reading_time import AskedTime, Moment, read_time
from retrieval.editions import (
    Edition,
    effective_date,
    expiry_date,
    group_editions,
    is_record,
    says_when,
)
from retrieval.errors import Language
from retrieval.model import Document, DocumentStatus, Passage, Scope, SearchResult
from retrieval.ordering import LIFECYCLE


@dataclass(frozen=True, slots=True)
class Selection:
    """The passages that may answer.

    Attributes:
        passages: In their order, without those of other editions.
        asked: The time that the question asks about.
        today: The day it was asked on.
        current: Of each work with several editions, the ids of those in force today.
        dated: Whether an edition was chosen by the time asked about, so that the year asked need
            not stand in its text.
    """

    passages: tuple[Passage, ...]
    asked: AskedTime
    today: date
    current: Mapping[str, bool] = field(default_factory=dict)
    dated: bool = False

    @property
    def times(self) -> int:
        """Of how many times the question asks, at least 1."""
        return max(1, len(self.asked.moments))

    def focus(self, question: str) -> str:
        """Returns what is to be looked for in the passages: not the time they were chosen by."""
        return self.asked.rest if self.dated and self.asked.rest else question

    def tell(self, document_ids: Iterable[str], language: Language) -> Iterator[Notice]:
        """Yields what must be said of the documents that an answer cites: whether they hold."""
        documents = {each.document.id: each.document for each in self.passages}
        for name in dict.fromkeys(document_ids):
            if name in documents:
                yield from self._tell_one(documents[name], language)

    def _tell_one(self, document: Document, language: Language) -> Iterator[Notice]:
        since, until = effective_date(document), expiry_date(document)
        title = notices.name_document(document.metadata.title, since, language)
        at = max((each.day for each in self.asked.moments), default=self.today)
        if document.status is DocumentStatus.STALE:
            yield notices.stale(title, document.ingested_at.date(), language)
        if since is not None and since > at and says_when(document):
            yield notices.not_in_force(title, since, language)
        elif until is not None and until < at:
            yield notices.expired(title, until, language)
        elif self.current.get(document.id) is False:
            yield notices.as_of(title, language)
        elif Edition.of(document).retired:
            yield notices.superseded(title, language)


def find(searcher: PassageSearch, question: str, scope: Scope, count: int) -> SearchResult:
    """Returns the passages for a question, at most ``count``.

    One that asks of another time is also searched for without its words of time, which stand in
    other documents than those meant; and what is superseded counts as much as the rest.
    """
    result = searcher.search(question, scope, count)
    asked = read_time(question)
    if asked.is_now or not asked.rest:
        return result
    found = {each.chunk.id: each for each in result.passages}
    for each in searcher.search(asked.rest, scope, count).passages:
        score = each.score / each.scores.get(LIFECYCLE, 1.0)
        if each.chunk.id not in found or found[each.chunk.id].score < score:
            found[each.chunk.id] = replace(each, score=score)
    ordered = sorted(found.values(), key=lambda each: -each.score)
    return replace(result, passages=tuple(ordered[:count]))


def select(question: str, passages: Sequence[Passage], today: date | None = None) -> Selection:
    """Returns the passages without those of editions that are not asked for.

    Of several editions of a work the one answers that was in force at the time asked about, else
    today; one that is named by its year stands for that year. What has no other edition among the
    passages stays, unless it was found together with a newer one.
    """
    today = today or date.today()
    asked = read_time(question, today)
    current: dict[str, bool] = {}
    kept: dict[str, bool] = {}
    for family in group_editions(passage.document for passage in passages):
        now = _in_force(family, Moment(today, today))
        chosen = _choose(family, now, asked)
        for edition in family:
            kept[edition.document.id] = edition in chosen
            current[edition.document.id] = edition in now
    for family in group_editions((passage.document for passage in passages), records=True):
        if named := [each for moment in asked.moments for each in _named(family, moment)]:
            kept |= {each.document.id: each in named for each in family}
    left = tuple(
        passage
        for passage in passages
        if kept.get(passage.document.id, not (asked.is_now and LIFECYCLE in passage.scores))
    )
    return Selection(left, asked, today, current, _answers_time(left, current, asked, today))


def _answers_time(
    passages: Sequence[Passage], families: Container[str], asked: AskedTime, today: date
) -> bool:
    """Returns whether the best passages are known to hold at the times asked about.

    A time to come is only known to those that say they begin in it.
    """
    if asked.is_now or not passages:
        return False
    best = passages[0].document
    documents = [each.document for each in passages if each.document.id in families]
    if says_when(best) and not is_record(best):
        documents.append(best)
    return any(_holds(Edition.of(each), asked.moments, today) for each in documents)


def _holds(edition: Edition, moments: Sequence[Moment], today: date) -> bool:
    since, until = edition.since, expiry_date(edition.document) or date.max
    return all(
        moment.year in edition.years
        or (
            since is not None
            and since <= moment.day <= until
            and (moment.first <= today or since > today)
        )
        for moment in moments
    )


def _choose(family: list[Edition], now: list[Edition], asked: AskedTime) -> list[Edition]:
    if asked.previous:
        before = [each for each in family if any(each.precedes(newer) for newer in now)]
        return _newest(before) or now
    if not asked.moments:
        return now
    return [edition for moment in asked.moments for edition in _at(family, moment)]


def _at(family: list[Edition], moment: Moment) -> list[Edition]:
    return _named(family, moment) or _in_force(family, moment)


def _named(family: list[Edition], moment: Moment) -> list[Edition]:
    return [each for each in family if moment.year is not None and moment.year in each.years]


def _in_force(family: list[Edition], moment: Moment) -> list[Edition]:
    """Returns the newest editions that had begun by then, else the oldest one."""
    begun = [each for each in family if each.since is None or each.since <= moment.day]
    return _newest(begun) or [each for each in family if each.since == family[0].since]


def _newest(editions: list[Edition]) -> list[Edition]:
    """Returns those that none of the others replaces."""
    return [each for each in editions if not any(each.precedes(other) for other in editions)]
