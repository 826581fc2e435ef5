"""Finding what a task is about, among what the asker may read and nothing else."""

import re
import unicodedata
from datetime import timedelta

from app.answering.ports import PassageSearch
from app.answering.quoting import fold
from app.tasking.errors import DocumentUnknown, NameShared, TextAbsent
from ingestion.model import THREAD_TAG
from retrieval.catalog import Catalog
from retrieval.editions import effective_date, series
from retrieval.lexical.tokenizing import QUESTION_WORDS, terms
from retrieval.model import Document, DocumentText, Filters, Principals, Scope

MOST_MAILS = 100
_MOST_MAILS_LOOKED_AT = 2_000
_MAIL_TAG = "type:mail"
_TYPE_TAG = "type:"
_PAGE = 200
_APART = timedelta(days=180)  # mails of one subject that are further apart are two conversations
_REPLY = re.compile(
    r"^\s*(?:(?:re|fwd?|fw|aw|sv|返信|転送)(?:\[\d+\]|\(\d+\))?\s*[:：]|[【\[](?:返信|転送)[】\]])\s*",
    re.IGNORECASE,
)
_SHORTEST_SUBJECT = 5
_SHORTEST_NAME = 3
_LOOKED_AT = 60  # passages
_LEAST_SHARE = 0.5
_NEARLY = 0.8
_MOST_SPEAKING = 5


class Finder:
    """Looks up documents, threads and editions under the asker's access."""

    def __init__(self, catalog: Catalog, searcher: PassageSearch) -> None:
        """Takes where documents are kept, and what finds them by their words."""
        self._catalog = catalog
        self._searcher = searcher

    def get(self, document_id: str, principals: Principals) -> Document:
        """Returns a readable document.

        Raises:
            DocumentUnknown: There is none, or it may not be read: nobody can tell which.
        """
        document = self._catalog.documents.get(document_id, principals)
        if document is None:
            raise DocumentUnknown(value=document_id)
        return document

    def read(self, document_id: str, principals: Principals) -> tuple[Document, DocumentText]:
        """Returns a readable document with its text.

        Raises:
            DocumentUnknown: There is none that may be read.
            TextAbsent: It has no text.
        """
        document = self.get(document_id, principals)
        text = self._catalog.documents.text(document_id, principals)
        if text is None or not text.text.strip():
            raise TextAbsent(value=document.metadata.title)
        return document, text

    def speaking_of(self, matter: str, principals: Principals) -> frozenset[str]:
        """Returns the ids of the few readable documents that speak of a matter, by its words.

        At least half of its words must stand in title or text, and nearly as many as in the best.
        """
        wanted = {term for term in terms(matter) if term not in QUESTION_WORDS}
        result = self._searcher.search(matter, Scope(principals), _LOOKED_AT)
        found = {each.document.id: each.document for each in result.passages}
        shares = {
            document_id: self._share(document, wanted, principals)
            for document_id, document in found.items()
        }
        least = max(_LEAST_SHARE, _NEARLY * max(shares.values(), default=0.0))
        near = [document_id for document_id, share in shares.items() if share >= least]
        return frozenset(near[:_MOST_SPEAKING])

    def _share(self, document: Document, wanted: set[str], principals: Principals) -> float:
        text = self._catalog.documents.text(document.id, principals)
        whole = f"{document.metadata.title}\n{text.text if text else ''}"
        own, folded = frozenset(terms(whole)), fold(whole)
        return sum(term in own or fold(term) in folded for term in wanted) / max(1, len(wanted))

    def find(self, named: str, principals: Principals) -> Document:
        """Returns the readable document of this id, path or title.

        Raises:
            DocumentUnknown: There is none.
            NameShared: There are several.
        """
        known = self._catalog.documents.get(named, principals)
        if known is not None:
            return known
        found = [
            each
            for each in self._list(Scope(principals))
            if named in {each.external_id, each.metadata.title, each.external_id.split("/")[-1]}
        ]
        if len(found) > 1:
            ids = ", ".join(each.id for each in found[:5])
            raise NameShared(value=named, count=len(found), ids=ids)
        if not found:
            raise DocumentUnknown(value=named)
        return found[0]

    def thread(self, mail: Document, principals: Principals) -> list[Document]:
        """Returns the readable mails of a conversation, the oldest first; at least this one.

        Mails belong together by what they refer to, or by their subject without "Re:", where one
        of them is a reply and they are at most half a year apart.
        """
        tags = {tag for tag in mail.metadata.tags if tag.startswith(THREAD_TAG)}
        found = {mail.id: mail}
        if tags:
            scope = Scope(principals, Filters(tags=frozenset(tags)))
            found |= {each.id: each for each in self._list(scope, MOST_MAILS)}
        if _MAIL_TAG in mail.metadata.tags:
            mails = Scope(principals, Filters(tags=frozenset({_MAIL_TAG})))
            for other in self._list(mails, _MOST_MAILS_LOOKED_AT):
                if _share_subject(mail, other):
                    found[other.id] = other
        dated = sorted(found.values(), key=_sent_at)
        return dated[-MOST_MAILS:]

    def editions(self, document_id: str, principals: Principals) -> list[Document]:
        """Returns the readable other editions of a document, the newest first.

        They have the same title but for its year or version, or are of one kind and the longer
        title ends in the shorter one; and each has a date or a version.

        Raises:
            DocumentUnknown: There is no such document that may be read.
        """
        document = self.get(document_id, principals)
        name = series(document)
        if not name:
            return []
        scope = Scope(principals)
        result = self._searcher.search(document.metadata.title, scope, _LOOKED_AT)
        others = {each.document.id: each.document for each in result.passages}
        found = [
            other
            for other in others.values()
            if other.id != document.id and _is_edition(document, name, other)
        ]
        return sorted(found, key=lambda each: str(effective_date(each) or ""), reverse=True)

    def _list(self, scope: Scope, most: int = 100_000) -> list[Document]:
        found: list[Document] = []
        after: str | None = None
        while len(found) < most:
            page = self._catalog.documents.list(scope, limit=_PAGE, after=after)
            found += page
            if len(page) < _PAGE:
                break
            after = page[-1].id
        return found[:most]


def subject(title: str) -> str:
    """Returns a mail's subject without reply signs, width, case and blanks."""
    bare = unicodedata.normalize("NFKC", title)
    while (shorter := _REPLY.sub("", bare)) != bare:
        bare = shorter
    return "".join(bare.casefold().split())


def _share_subject(one: Document, other: Document) -> bool:
    titles = one.metadata.title, other.metadata.title
    name = subject(titles[0])
    if len(name) < _SHORTEST_SUBJECT or subject(titles[1]) != name:
        return False
    if not any(_REPLY.match(unicodedata.normalize("NFKC", title)) for title in titles):
        return False
    times = one.metadata.modified_at, other.metadata.modified_at
    return times[0] is None or times[1] is None or abs(times[0] - times[1]) <= _APART


def _sent_at(mail: Document) -> tuple[float, str]:
    at = mail.metadata.modified_at
    return (at.timestamp() if at else 0.0, mail.id)


def _is_edition(document: Document, name: str, other: Document) -> bool:
    theirs = series(other)
    if theirs == name:
        return effective_date(document) != effective_date(other)
    kinds = {tag for tag in document.metadata.tags if tag.startswith(_TYPE_TAG)}
    dates = effective_date(document), effective_date(other)
    ends = theirs.endswith(name) or name.endswith(theirs)
    alike = ends and min(len(name), len(theirs)) >= _SHORTEST_NAME
    return alike and bool(kinds & set(other.metadata.tags)) and None not in dates
