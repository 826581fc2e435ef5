"""Finds what is known about a document beside its text: title, owner, language, dates, tags."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

import py3langid

from ingestion.dating import find_effective_date, find_expiry_date, find_revision
from ingestion.keywording import find_keywords
from ingestion.model import (
    DERIVED_TAGS,
    REVISED_TAG,
    THREAD_TAG,
    TYPE_TAG,
    WARNING_TAG,
)
from ingestion.numbering import find_edition
from ingestion.owning import OWNER, find_owner
from ingestion.titling import choose_title
from ingestion.vocabulary import Vocabulary, find_terms
from retrieval.editions import EFFECTIVE_TAG, EXPIRES_TAG, VERSION_TAG
from retrieval.model import Block, BlockKind, Metadata, TagOrigin

RECIPE = "t2"
"""Changes whenever tagging would find something else in the same text."""

_KANA = re.compile(r"[ぁ-ゖァ-ヺｦ-ﾝ]")
_HAN = re.compile(r"[一-鿿]")
_SAMPLE = 20_000
_HEAD, _TAIL = 400, 200  # characters; where a document says what it is and how confidential
_FIRST_BLOCKS = 4
_LONGEST_MARK = 60  # characters of a line that is a stamp and no sentence
_STATED = 0.9
_RULED = 1.0
_MAIL_TYPES = frozenset({"message/rfc822", "application/vnd.ms-outlook"})
_FEWEST_LETTERS = 12


@dataclass(frozen=True, slots=True)
class Known:
    """What others say about a document.

    Attributes:
        external_id: Its path or name in the source.
        department: As ruled.
        owner: As ruled.
        tags: As ruled.
        declared_title: What the file says of itself; so are ``author`` and ``sender``.
        date: The date a mail was sent, as in its header.
        thread: What all mails of a conversation share.
        furniture: Headers and footers that are no part of the text.
    """

    external_id: str
    media_type: str
    modified_at: datetime | None
    department: str = ""
    owner: str = ""
    tags: tuple[str, ...] = ()
    declared_title: str = ""
    author: str = ""
    sender: str = ""
    date: str = ""
    thread: str = ""
    pages: int | None = None
    warnings: tuple[str, ...] = ()
    furniture: tuple[str, ...] = ()


def fingerprint(vocabulary: Vocabulary) -> str:
    """Returns what changes whenever the same text may be tagged otherwise."""
    return f"{RECIPE}-{vocabulary.fingerprint}"


def describe(known: Known, blocks: Sequence[Block], text: str, vocabulary: Vocabulary) -> Metadata:
    """Returns the document's metadata, each fact with where it was found."""
    title, title_origin = choose_title(known.external_id, known.declared_title, blocks)
    language = find_language(f"{title}\n{text}")
    owner, owner_origin = _choose_owner(known, blocks)
    tags = tuple(find_tags(known, title, owner, blocks, text, vocabulary))
    facts = [title_origin, owner_origin]
    if known.department:
        facts.append(TagOrigin("department", "rule", _RULED))
    if language:
        facts.append(TagOrigin("language", "text", _STATED))
    return Metadata(
        title=title,
        department=known.department,
        language=language,
        media_type=known.media_type,
        owner=owner,
        tags=merge_tags(known.tags, [origin.tag for origin in tags]),
        modified_at=_sent_at(known) or known.modified_at,
        pages=known.pages,
        tag_origins=tags,
        keywords=find_keywords(title, blocks, text),
        fact_origins=tuple(fact for fact in facts if fact is not None),
    )


def find_tags(
    known: Known,
    title: str,
    owner: str,
    blocks: Sequence[Block],
    text: str,
    vocabulary: Vocabulary,
) -> Iterator[TagOrigin]:
    """Yields the tags that the document itself gives rise to, and where each was found."""
    effective, expires = find_effective_date(text), find_expiry_date(text)
    if effective:
        yield TagOrigin(f"{EFFECTIVE_TAG}{effective.isoformat()}", "text", _STATED)
    if expires:
        yield TagOrigin(f"{EXPIRES_TAG}{expires.isoformat()}", "text", _STATED)
    if revised := find_revision(text):
        yield TagOrigin(f"{REVISED_TAG}{revised}", "text", _STATED)
    is_mail = known.media_type in _MAIL_TYPES
    if is_mail:
        yield TagOrigin(f"{TYPE_TAG}mail", "file", 1.0)
        if known.thread:
            yield TagOrigin(f"{THREAD_TAG}{known.thread}", "file", 1.0)
    elif edition := find_edition(_edition_places(known, title, blocks)):
        number, place, confidence = edition
        yield TagOrigin(f"{VERSION_TAG}{number}", place, confidence)
    marks = "\n".join(_marks(known, text))
    folder, _, _ = known.external_id.rpartition("/")
    places = {
        "title": title,
        "folder": folder,
        "path": known.external_id,
        "owner": owner,
        "text": marks,
    }
    for origin in find_terms(vocabulary.terms, places):
        if not (is_mail and origin.tag.startswith(TYPE_TAG)):
            yield origin
    for code in known.warnings:
        yield TagOrigin(f"{WARNING_TAG}{code}", "reading", 1.0)


def merge_tags(given: Sequence[str], found: Sequence[str]) -> tuple[str, ...]:
    """Returns the given tags followed by those found in the document, each once."""
    return tuple(dict.fromkeys([*given, *(tag for tag in found if tag.startswith(DERIVED_TAGS))]))


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


def _choose_owner(known: Known, blocks: Sequence[Block]) -> tuple[str, TagOrigin | None]:
    if known.owner:
        return known.owner, TagOrigin(OWNER, "rule", _RULED)
    sender = known.sender if known.media_type in _MAIL_TYPES else ""
    return find_owner(blocks, known.author, sender) or ("", None)


def _edition_places(known: Known, title: str, blocks: Sequence[Block]) -> dict[str, str]:
    first = [block for block in blocks[:_FIRST_BLOCKS] if block.kind is not BlockKind.LIST]
    head = "\n".join(block.text for block in first if block.kind is not BlockKind.TABLE)
    return {"title": title, "path": known.external_id, "text": head[:_HEAD]}


def _marks(known: Known, text: str) -> Iterator[str]:
    """Yields the lines that may be stamps: short ones at both ends, page headers and footers."""
    yield from known.furniture
    for line in (*text[:_HEAD].split("\n"), *text[_HEAD:][-_TAIL:].split("\n")):
        if len(line) <= _LONGEST_MARK:
            yield line


def _sent_at(known: Known) -> datetime | None:
    if not known.date:
        return None
    try:
        sent = parsedate_to_datetime(known.date)
    except (ValueError, TypeError, IndexError):
        return None
    return sent if sent.tzinfo else None
