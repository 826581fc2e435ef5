"""The order passages are shown in, once their match is known: versions and variety."""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from retrieval.dates import read_years
from retrieval.model import Document, Passage

LIFECYCLE = "lifecycle"
"""Name of the factor among a passage's scores; absent where it is 1."""

SUPERSEDED_WEIGHT = 0.7
"""What is left of the score of a passage whose document has a newer version among those found."""

PASSAGES_PER_DOCUMENT = 8
"""So many passages of one document come first; the others of it follow after other documents'."""

_EFFECTIVE = "effective:"
_TIMES = re.compile(
    r"(?:(?:令和|平成|昭和)\s*(?:元|\d{1,2})|(?:19|20)\d\d)\s*(?:年度?版?|fy)?"
    r"|(?:ver(?:sion)?|rev(?:ision)?|v|第)[.\s]*\d+(?:\.\d+)*\s*版?"
    r"|改訂|改定|最新|現行|旧|新|\bold\b|\bnew\b|\bdraft\b|\bfinal\b|\.\w{2,4}$"
)
_NOT_WORDS = re.compile(r"[\W_\d]+")


@dataclass(frozen=True, slots=True)
class _Version:
    document: Document
    time: str


def put_current_first(
    passages: Sequence[Passage], years: frozenset[int], today: str
) -> list[Passage]:
    """Returns the passages, those of superseded documents behind, best first.

    A document is superseded where another one found has the same title but for year and version,
    in the same department and language, and says that it took effect later. A question that names
    a year is about that time: nothing is moved then.

    Args:
        passages: Best first.
        years: What the question names.
        today: The date in ISO form; what takes effect later supersedes nothing yet.
    """
    if years:
        return list(passages)
    newest: dict[tuple[str, ...], str] = {}
    versions = {
        each.document.id: _Version(each.document, _time_of(each.document)) for each in passages
    }
    for version in versions.values():
        key = _family(version.document)
        if version.time > today:
            continue
        newest[key] = max(newest.get(key, ""), version.time)
    weighed = [
        _weigh(passage, superseded=bool(time) and time < newest.get(_family(passage.document), ""))
        for passage in passages
        for time in (versions[passage.document.id].time,)
    ]
    return sorted(weighed, key=lambda passage: -passage.score)


def mix_documents(passages: Sequence[Passage], count: int) -> list[Passage]:
    """Returns the first `count` passages, the many of one document behind those of others."""
    seen: Counter[str] = Counter()
    first: list[Passage] = []
    later: list[Passage] = []
    for passage in passages:
        seen[passage.document.id] += 1
        within = seen[passage.document.id] <= PASSAGES_PER_DOCUMENT
        (first if within else later).append(passage)
    return [*first, *later][:count]


def _weigh(passage: Passage, *, superseded: bool) -> Passage:
    if not superseded:
        return passage
    scores: Mapping[str, float] = {**passage.scores, LIFECYCLE: SUPERSEDED_WEIGHT}
    return replace(passage, score=passage.score * SUPERSEDED_WEIGHT, scores=scores)


def _family(document: Document) -> tuple[str, ...]:
    """Returns what all versions of a document have in common."""
    title = unicodedata.normalize("NFKC", document.metadata.title).lower()
    name = _NOT_WORDS.sub("", _TIMES.sub(" ", title))
    facts = document.metadata
    # A title that is nothing but a date belongs to no family.
    return (name or document.id, facts.department, facts.language, document.source_id)


def _time_of(document: Document) -> str:
    """Returns when a version took effect, as text that sorts; "" where nothing says so."""
    stated = [tag for tag in document.metadata.tags if tag.startswith(_EFFECTIVE)]
    if stated:
        return max(stated).removeprefix(_EFFECTIVE)
    years = read_years(document.metadata.title) or read_years(document.external_id)
    return str(max(years)) if years else ""
