"""Which documents are editions of one work, since when each holds, and which is the newer."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from retrieval.dates import find_dates, in_western_years, read_period, read_years
from retrieval.model import Document

EFFECTIVE_TAG, EXPIRES_TAG, VERSION_TAG = "effective:", "expires:", "version:"
SUPERSEDED_TAG = "status:superseded"

_RECORDS = frozenset(
    f"type:{kind}" for kind in ("minutes", "mail", "report", "invoice", "quotation")
)
"""What is kept of one time: a later one says nothing against an earlier one."""

_YEAR = r"(?:19|20)\d\d"
_DAY_OF_YEAR = rf"{_YEAR}[-_./]?(?:0[1-9]|1[0-2])[-_./]?(?:0[1-9]|[12]\d|3[01])(?!\d)"
_MONTH_OF_YEAR = rf"{_YEAR}\s*年\s*\d{{1,2}}\s*月(?:\s*\d{{1,2}}\s*日)?"
_TELLS_APART = re.compile(
    rf"{_DAY_OF_YEAR}|{_MONTH_OF_YEAR}(?:版|(?=\s*(?:改|施行|現在|適用)))"
    rf"|{_YEAR}\.\d{{1,2}}(?:\.\d{{1,2}})?(?!\d)|{_YEAR}\s*年?度?版?"
    r"|第?\d+\s*版|第[一二三四五六七八九十]+版|初版"
    r"|(?<![a-z])(?:ver(?:sion)?|rev(?:ision)?|v)[.\s_]*\d+(?:\.\d+)*|(?<![a-z])fy(?![a-z])"
    r"|改[定訂](?:版)?|施行|適用|旧版?|新版|最新版?|現行版?"
    r"|(?<![a-z])(?:old|new|current|edition|version|revised|final)(?![a-z])|\.\w{2,4}$"
)
_SIGNS = re.compile(r"[\W_]+")
_COMPACT_DAY = re.compile(rf"(?<!\d){_DAY_OF_YEAR}")
_LEAST_NAME = 2
_FISCAL = re.compile(r"年度|\bfy", re.IGNORECASE)


def series(document: Document) -> str:
    """Returns the title without what tells editions apart; "" when nothing else is left."""
    return _name(document.metadata.title)


def effective_date(document: Document) -> date | None:
    """Returns since when a document holds: as it says itself, else by its title, else its path."""
    stated = _tagged_day(document, EFFECTIVE_TAG)
    if stated is not None:
        return stated
    return _read_day(document.metadata.title) or _read_day(document.external_id)


def says_when(document: Document) -> bool:
    """Returns whether the document itself states since when it holds."""
    return _tagged_day(document, EFFECTIVE_TAG) is not None


def is_record(document: Document) -> bool:
    """Returns whether it keeps what was at one time: minutes, a report, a mail."""
    return not _RECORDS.isdisjoint(document.metadata.tags)


def expiry_date(document: Document) -> date | None:
    """Returns the last day a document says it is valid, ``None`` where it names none."""
    return _tagged_day(document, EXPIRES_TAG)


@dataclass(frozen=True, slots=True)
class Edition:
    """A document among those of its family.

    Attributes:
        since: When it took effect; ``None`` where nothing says so.
        version: The parts of its version number, empty for none.
        years: The years its title names.
        retired: Whether it is marked as superseded.
    """

    document: Document
    since: date | None
    version: tuple[int, ...]
    years: frozenset[int]
    retired: bool

    @classmethod
    def of(cls, document: Document) -> "Edition":
        """Reads what a document says of itself."""
        tags = document.metadata.tags
        numbers = max((_read_version(tag) for tag in tags), default=())
        years = read_years(document.metadata.title)
        retired = SUPERSEDED_TAG in tags
        return cls(document, effective_date(document), numbers, years, retired)

    def precedes(self, other: "Edition") -> bool:
        """Returns whether the other one took its place: by date, else by version, else by mark."""
        if self.since and other.since:
            return self.since < other.since
        if self.version and other.version and self.version != other.version:
            return self.version < other.version
        return self.retired and not other.retired


def group_editions(documents: Iterable[Document], *, records: bool = False) -> list[list[Edition]]:
    """Returns the editions of each work that has several, the oldest first.

    They have the same title but for year and version, in the same department, language and
    source; one that is marked as superseded may have moved elsewhere. Minutes, reports, mails and
    other records of one time do not replace each other: they are returned instead of the rest
    with ``records``.
    """
    families: dict[tuple[str, ...], list[Document]] = defaultdict(list)
    retired: list[tuple[str, Document]] = []
    for document in {each.id: each for each in documents}.values():
        name, facts = series(document), document.metadata
        if not name or is_record(document) is not records:
            continue
        if SUPERSEDED_TAG in facts.tags:
            retired.append((name, document))
        else:
            # A folder of a year is no department.
            department = "" if read_years(facts.department) else facts.department
            families[name, department, facts.language, document.source_id].append(document)
    for name, document in retired:
        successors = [family for key, family in families.items() if key[0] == name]
        for family in successors or [families[name, "", "", ""]]:
            family.append(document)
    several = [list(map(Edition.of, each)) for each in families.values() if len(each) > 1]
    return [sorted(each, key=_age) for each in several if _differ(each)]


@lru_cache(maxsize=8192)
def _name(title: str) -> str:
    western = in_western_years(title).casefold()
    name = _SIGNS.sub("", _TELLS_APART.sub(" ", western))
    return name if len(name) >= _LEAST_NAME else ""


def _differ(family: list[Edition]) -> bool:
    return any(one.precedes(other) for one in family for other in family)


def _age(edition: Edition) -> tuple[bool, date, tuple[int, ...]]:
    return not edition.retired, edition.since or date.min, edition.version


def _tagged_day(document: Document, prefix: str) -> date | None:
    for tag in document.metadata.tags:
        period = read_period(tag.removeprefix(prefix)) if tag.startswith(prefix) else None
        if period is not None:
            return period[0].date()
    return None


def _read_day(name: str) -> date | None:
    """Returns the first day of the latest date a name states; business years begin in April."""
    western = in_western_years(name)
    days = [re.sub(r"\D", "", found) for found in _COMPACT_DAY.findall(western)]
    found = [(int(day[:4]), int(day[4:6]), int(day[6:])) for day in days]
    fiscal = bool(_FISCAL.search(western))
    first = 4 if fiscal else 1
    found += [(each.year, each.month or first, each.day or 1) for each in find_dates(western)]
    try:
        return date(*max(found)) if found else None
    except ValueError:
        return None


def _read_version(tag: str) -> tuple[int, ...]:
    if not tag.startswith(VERSION_TAG):
        return ()
    number = tag.removeprefix(VERSION_TAG)
    if number.isalpha() and len(number) == 1:
        return (ord(number.upper()),)
    return tuple(int(part) for part in number.split(".") if part.isdecimal())
