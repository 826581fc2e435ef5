"""Which edition of a document answers: the one in force, or the one of the time asked about."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from app.answering.numbers import MONTHS, expand
from ingestion.model import EFFECTIVE_TAG
from retrieval.model import Document, Passage

_YEAR = r"(?P<year>(?:19|20)\d\d)"
_MONTH_NAME = "|".join(sorted(MONTHS, key=len, reverse=True))
_ASKED = (
    re.compile(
        rf"{_YEAR}年\s*(?P<month>\d{{1,2}})月(?:\s*\d{{1,2}}日)?\s*(?:の?時点|現在|当時|の頃|ごろ)"
    ),
    re.compile(rf"{_YEAR}年(?P<fiscal>度)?\s*(?:の?時点|現在|当時|の頃|ごろ|版|以前)"),
    re.compile(rf"{_YEAR}年(?P<fiscal>度)"),
    re.compile(rf"\b(?:in|as of|back in|during|for)\s(?P<name>{_MONTH_NAME})\.?,?\s{_YEAR}\b"),
    re.compile(rf"\b(?P<fiscal>fy|fiscal year)\s?{_YEAR}\b"),
    re.compile(rf"\b(?:in|as of|back in|during|for)\s{_YEAR}\b"),
    re.compile(rf"\b{_YEAR}\s(?:edition|version|policy|price list|rules)\b"),
)
_EDITION = re.compile(
    r"(?:19|20)\d\d\s*年?度?版?|第?\d+\s*版|改[定訂](?:版)?|新版|旧版?|\(旧\)|old|new|edition|version"
    r"|v(?:er)?\.?\s?\d+(?:\.\d+)*|\d{4}[-_.]?\d{2}[-_.]?\d{2}|\.\w{2,4}$"
)
_LEAST_NAME = 2


@dataclass(frozen=True, slots=True)
class Selection:
    """The passages that may answer.

    Attributes:
        passages: In their order, without those of other editions.
        as_of: The date of the edition taken because a past time was asked for, else None.
        dated: Whether an edition was in force at the time asked about, so that the year asked
            need not stand in its text.
    """

    passages: tuple[Passage, ...]
    as_of: date | None = None
    dated: bool = False


def asked_time(question: str) -> date | None:
    """Returns the last day of the time a question asks about, None when it asks of now.

    令和5年度 ends on 31 March 2024: Japanese business years begin in April.
    """
    plain = expand(question)
    for pattern in _ASKED:
        found = pattern.search(plain)
        if found is None:
            continue
        parts = found.groupdict()
        year = int(parts["year"])
        if parts.get("fiscal"):
            return date(year + 1, 3, 31)
        month = int(parts.get("month") or MONTHS.get(parts.get("name") or "", 12))
        return _last_day(year, month) if 1 <= month <= 12 else date(year, 12, 31)
    return None


def effective_date(document: Document) -> date | None:
    """Returns since when a document holds: as it says itself, else the year in its title."""
    for tag in document.metadata.tags:
        if tag.startswith(EFFECTIVE_TAG):
            try:
                return date.fromisoformat(tag.removeprefix(EFFECTIVE_TAG))
            except ValueError:
                continue
    year = re.search(r"(?<!\d)((?:19|20)\d\d)(?!\d)", expand(document.metadata.title))
    return date(int(year[1]), 1, 1) if year else None


def series(document: Document) -> str:
    """Returns the title without what tells editions apart; "" when nothing else is left."""
    title = unicodedata.normalize("NFKC", expand(document.metadata.title))
    name = re.sub(r"[\W_]+", "", _EDITION.sub(" ", title))
    return name if len(name) >= _LEAST_NAME else ""


def select(question: str, passages: Sequence[Passage], today: date | None = None) -> Selection:
    """Returns the passages without superseded editions of the documents found.

    Of documents with the same title but for its year or version, the one answers that was in force
    at the time asked about, else today. What has no date, or no other edition among the passages,
    always stays.
    """
    asked = asked_time(question)
    at = asked or today or datetime.now(UTC).date()
    dates = {each.document.id: effective_date(each.document) for each in passages}
    dropped: set[str] = set()
    past: date | None = None
    dated = False
    for documents in _editions(passages, dates).values():
        held = [(day, name) for day, name in documents if day <= at]
        day, name = max(held) if held else min(documents)
        dated = dated or (asked is not None and bool(held))
        dropped.update(other for _, other in documents if other != name)
        if asked is not None and (day, name) != max(documents):
            past = day
    return Selection(
        tuple(each for each in passages if each.document.id not in dropped), past, dated
    )


def _editions(
    passages: Sequence[Passage], dates: Mapping[str, date | None]
) -> dict[str, set[tuple[date, str]]]:
    """Returns the dated documents of each series that has more than one."""
    found: dict[str, set[tuple[date, str]]] = defaultdict(set)
    for passage in passages:
        name, day = series(passage.document), dates[passage.document.id]
        if name and day is not None:
            found[name].add((day, passage.document.id))
    return {
        name: documents
        for name, documents in found.items()
        if len({day for day, _ in documents}) > 1
    }


def _last_day(year: int, month: int) -> date:
    following = date(year + month // 12, month % 12 + 1, 1)
    return date.fromordinal(following.toordinal() - 1)
