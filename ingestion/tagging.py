"""Finds what is known about a document beside its text: title, language, dates, type."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

import py3langid

from ingestion.dating import find_effective_date, find_expiry_date
from ingestion.model import (
    DERIVED_TAGS,
    EFFECTIVE_TAG,
    EXPIRES_TAG,
    TYPE_TAG,
    WARNING_TAG,
)
from ingestion.naming import title_of
from ingestion.vocabulary import find_terms, read_vocabulary
from retrieval.model import Block, BlockKind, Metadata, TagOrigin

_GENERIC_TITLE = re.compile(
    r"(untitled|無題|title|document|presentation|word document|powerpoint presentation|slide ?\d*"
    r"|スライド ?\d*|文書|book|sheet|ブック|プレゼンテーション|タイトルなし|\(?anonymous\)?|新規.*)"
    r"[\s\d_.\-]*",
    re.IGNORECASE,
)
_APPLICATION_TITLE = re.compile(
    r"^microsoft (word|excel|powerpoint) - |\.(docx?|xlsx?|pptx?|pdf|txt)$", re.IGNORECASE
)
_SECTION = re.compile(
    r"第\s*[0-9０-９一二三四五六七八九十]+\s*[章節条]|[0-9０-９]+[.．]\s|[■●◆▼□◇]"
)
_KANA = re.compile(r"[ぁ-ゖァ-ヺｦ-ﾝ]")
_HAN = re.compile(r"[一-鿿]")
_SAMPLE = 20_000
_HEAD = 300  # characters; where a document says how confidential it is
_STATED = 0.9
_MAIL_TYPES = frozenset({"message/rfc822", "application/vnd.ms-outlook"})
_FEWEST_LETTERS = 12
_LONGEST_TITLE = 120
_TITLE_BLOCKS = 8


@dataclass(frozen=True, slots=True)
class Known:
    """What others say about a document.

    Attributes:
        external_id: Its path or name in the source.
        department: As ruled.
        owner: As ruled.
        tags: As ruled.
        declared_title: What the file says of itself.
        date: The date a mail was sent, as in its header.
    """

    external_id: str
    media_type: str
    modified_at: datetime | None
    department: str = ""
    owner: str = ""
    tags: tuple[str, ...] = ()
    declared_title: str = ""
    date: str = ""
    pages: int | None = None
    warnings: tuple[str, ...] = ()


def describe(known: Known, blocks: Sequence[Block], text: str) -> Metadata:
    """Returns the document's metadata."""
    title = choose_title(known, blocks)
    origins = tuple(find_tags(known, title, text))
    return Metadata(
        title=title,
        department=known.department,
        language=find_language(f"{title}\n{text}"),
        media_type=known.media_type,
        owner=known.owner,
        tags=merge_tags(known.tags, [origin.tag for origin in origins]),
        modified_at=_sent_at(known) or known.modified_at,
        pages=known.pages,
        tag_origins=origins,
    )


def find_tags(known: Known, title: str, text: str) -> Iterator[TagOrigin]:
    """Yields the tags that the document itself gives rise to, and where each was found."""
    effective, expires = find_effective_date(text), find_expiry_date(text)
    if effective:
        yield TagOrigin(f"{EFFECTIVE_TAG}{effective.isoformat()}", "text", _STATED)
    if expires:
        yield TagOrigin(f"{EXPIRES_TAG}{expires.isoformat()}", "text", _STATED)
    is_mail = known.media_type in _MAIL_TYPES
    if is_mail:
        yield TagOrigin(f"{TYPE_TAG}mail", "file", 1.0)
    places = {"title": title, "path": known.external_id, "text": text[:_HEAD]}
    for origin in find_terms(read_vocabulary(), places):
        if not (is_mail and origin.tag.startswith(TYPE_TAG)):
            yield origin
    for code in known.warnings:
        yield TagOrigin(f"{WARNING_TAG}{code}", "reading", 1.0)


def merge_tags(given: Sequence[str], found: Sequence[str]) -> tuple[str, ...]:
    """Returns the given tags followed by those found in the document, each once."""
    return tuple(dict.fromkeys([*given, *(tag for tag in found if tag.startswith(DERIVED_TAGS))]))


def choose_title(known: Known, blocks: Sequence[Block]) -> str:
    """Returns the declared title, else the first heading, else the file's name.

    A file name that says the same and more (``就業規則_2024年版``) is preferred to a bare heading:
    it tells the editions apart.
    """
    stem = title_of(known.external_id)
    declared = _visible(known.declared_title)
    heading = _first_heading(blocks)
    for candidate in (declared, heading):
        title = " ".join(candidate.split())
        if not _is_telling(title):
            continue
        says_more = _folded(title) in _folded(stem) and _folded(title) != _folded(stem)
        return stem if says_more else title[:_LONGEST_TITLE]
    return stem


def find_language(text: str) -> str:
    """Returns "ja", "en", or "" where it is neither or too short to say.

    Kana decide for Japanese: a hundredth of the letters is enough, for no other language has them.
    """
    sample = text[:_SAMPLE]
    letters = sum(1 for char in sample if char.isalpha())
    kana = len(_KANA.findall(sample))
    if kana and kana >= 0.01 * letters:
        return "ja"
    if letters < _FEWEST_LETTERS:
        return "ja" if _HAN.search(sample) and letters else ""
    language = str(py3langid.classify(sample)[0])
    return language if language in {"ja", "en"} else ""


def _first_heading(blocks: Sequence[Block]) -> str:
    """Returns the first heading near the start, "" where that is a numbered or marked section."""
    headings = (block for block in blocks[:_TITLE_BLOCKS] if block.kind is BlockKind.HEADING)
    first = next((block for block in headings if block.level <= 2), None)
    return "" if first is None or _SECTION.match(first.text) else first.text


def _is_telling(title: str) -> bool:
    return (
        len(title) > 1
        and not _GENERIC_TITLE.fullmatch(title)
        and not _APPLICATION_TITLE.search(title)
        and "\ufffd" not in title
        and any(char.isalpha() for char in title)
    )


def _folded(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(char for char in folded if char.isalnum())


def _visible(text: str) -> str:
    return "".join(char for char in text if unicodedata.category(char) not in {"Cc", "Cf", "Cs"})


def _sent_at(known: Known) -> datetime | None:
    if not known.date:
        return None
    try:
        sent = parsedate_to_datetime(known.date)
    except (ValueError, TypeError, IndexError):
        return None
    return sent if sent.tzinfo else None
