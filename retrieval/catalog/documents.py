"""Documents: published, failed, changed, removed, and read by those who may."""

from collections.abc import Callable, Iterable

from sqlalchemy import func, select, update

from retrieval.catalog import listing, publishing
from retrieval.catalog.database import Database
from retrieval.catalog.editing import Changes
from retrieval.catalog.records import DocumentState, Failed, Moved, Published, SourceText
from retrieval.catalog.removing import remove_documents
from retrieval.catalog.returning import Past, drop_stones, list_spent, read_past
from retrieval.catalog.rows import block_of, document_of, whole_documents
from retrieval.catalog.schema import acls, documents, versions
from retrieval.catalog.selecting import permits
from retrieval.catalog.stating import list_copies, read_states
from retrieval.model import (
    Access,
    Basis,
    Document,
    DocumentStatus,
    DocumentText,
    Metadata,
    NewVersion,
    Principals,
    Scope,
)

DocumentList = list[Document]
Copies = list[list[str]]
_MOST_LOCATIONS = 50


class Documents:
    """All documents. What takes principals or a scope tells only of what they may read.

    A document that the caller may not read is in no way different from one that does not exist.
    """

    def __init__(self, database: Database) -> None:
        """Takes the open database."""
        self._database = database

    def publish(self, new: NewVersion) -> Published:
        """Makes a version the current one, in one transaction with the log of what it changes.

        A chunk that is gone is logged as "remove", one whose id or indexed text is new as "add".
        A chunk that stays is logged only where a fact that the indexes keep has changed
        ("access"). The version before is dropped.

        Raises:
            NotFound: There is no such source.
            Invalid: Two chunks have the same id.
        """
        with self._database.write() as connection:
            return publishing.publish_version(connection, new)

    def fail(self, failed: Failed) -> str:
        """Notes that a document could not be read.

        A good version stays readable, marked stale; its access follows what is given here. Without
        one, a row without text says what failed.

        Returns:
            The document's id.

        Raises:
            NotFound: There is no such source.
        """
        with self._database.write() as connection:
            return publishing.note_failure(connection, failed)

    def touch(self, document_id: str, signature: str) -> None:
        """Notes that the source's bytes are still, or again, those of the stored version.

        A stale document is current again by this, and so is what lies in it and was stale only
        because of it. Does nothing where there is no such document.
        """
        known = documents.c.id == document_id
        within_it = documents.c.parent_id == document_id
        followed = within_it & (documents.c.reason == publishing.PARENT_FAILED)
        stale = (known | followed) & (documents.c.status == DocumentStatus.STALE)
        current = {"status": DocumentStatus.CURRENT.value, "reason": "", "details": {}}
        with self._database.write() as connection:
            connection.execute(update(documents).where(known).values(signature=signature))
            connection.execute(update(documents).where(stale).values(current))

    def sign(self, document_id: str, signature: str) -> None:
        """Notes under which rules a document stands, whatever became of its last reading."""
        known = documents.c.id == document_id
        with self._database.write() as connection:
            connection.execute(update(documents).where(known).values(signature=signature))

    def update(
        self,
        document_id: str,
        *,
        access: Access | None = None,
        metadata: Metadata | None = None,
        basis: Basis | None = None,
    ) -> int:
        """Changes a document's rule or metadata; nothing is read or embedded again.

        What a person set of it stands over the metadata given here, and what was changed of its
        access since ``basis`` over the access.

        Returns:
            The log's head: an index that has applied it shows the change.

        Raises:
            NotFound: There is no such document.
        """
        with self._database.write() as connection:
            return publishing.change_facts(connection, document_id, access, metadata, basis)

    def edit(self, document_id: str, changes: Changes, access: Access | None = None) -> Document:
        """Notes what a person set; it stands until a person changes it or gives it back.

        Args:
            document_id: The document.
            changes: What is to hold of ``title``, ``department``, ``owner`` and all ``tags``;
                ``None`` gives a field back to what is derived.
            access: Who may read it from now on.

        Returns:
            The document as it is now. This asks for no principals.

        Raises:
            NotFound: There is no such document.
        """
        with self._database.write() as connection:
            if access is not None:
                publishing.change_facts(connection, document_id, access, None)
            publishing.edit_facts(connection, document_id, changes)
            query = whole_documents.where(documents.c.id == document_id)
            return document_of(connection.execute(query).one())

    def move(self, moved: Moved) -> int:
        """Follows a document to another place in its source; its id, text and vectors stay.

        Returns:
            The log's head: an index that has applied it shows the change.

        Raises:
            NotFound: There is no such document.
        """
        with self._database.write() as connection:
            return publishing.move_document(connection, moved)

    def remove(self, ids: Iterable[str], why: str) -> int:
        """Removes documents with their texts and chunks; tombstones keep what they were and why.

        What lies in a removed document goes with it.

        Returns:
            How many documents went.
        """
        with self._database.write() as connection:
            return remove_documents(connection, list(ids), why)

    def get(self, document_id: str, principals: Principals) -> Document | None:
        """Returns a document, or ``None`` where there is none that this caller may read."""
        query = whole_documents.where(documents.c.id == document_id, permits(principals))
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else document_of(row)

    def list(
        self,
        scope: Scope,
        *,
        limit: int,
        after: str | None = None,
        statuses: listing.Statuses | None = None,
    ) -> DocumentList:
        """Returns one page of the documents in scope, by title and then id.

        Args:
            scope: Who asks, and for what.
            limit: At most so many.
            after: Id of the last document of the page before.
            statuses: ``None`` for all.

        Raises:
            Invalid: ``after`` is no document that the caller may read.
        """
        with self._database.read() as connection:
            return listing.list_documents(
                connection, scope, limit=limit, after=after, statuses=statuses
            )

    def count(self, scope: Scope, statuses: listing.Statuses | None = None) -> int:
        """Returns how many documents are in scope; ``statuses`` is ``None`` for all."""
        with self._database.read() as connection:
            return listing.count_documents(connection, scope, statuses)

    def facets(self, scope: Scope) -> dict[str, dict[str, int]]:
        """Returns how many documents in scope carry each value, the most frequent first.

        The keys are the names of the fields of :class:`~retrieval.model.Filters`: departments,
        languages, media_types, source_ids, tags; and years, of the last modification (UTC).
        Documents without text, which no search can find, and empty values are left out.
        """
        with self._database.read() as connection:
            return listing.count_facets(connection, scope)

    def text(self, document_id: str, principals: Principals) -> DocumentText | None:
        """Returns a document's text and blocks.

        ``None`` where there is no such document that this caller may read, or it has no text.
        """
        query = (
            select(versions.c.number, versions.c.text, versions.c.blocks)
            .join(documents, documents.c.id == versions.c.document_id)
            .join(acls, acls.c.id == documents.c.acl_id)
            .where(documents.c.id == document_id, permits(principals))
            .where(versions.c.number == documents.c.version)
        )
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        blocks = tuple(block_of(stored, row.text) for stored in row.blocks)
        return DocumentText(document_id, row.number, row.text, blocks)

    def identify(self, source_id: str, external_id: str) -> str:
        """Returns the id that publishing this item would give it, or has given it."""
        with self._database.read() as connection:
            return publishing.identify(connection, source_id, external_id)

    def length(self, document_id: str) -> int:
        """Returns how many characters a document's last good version has, 0 without one.

        For the side that fills the catalog: this asks for no principals.
        """
        size = select(func.length(versions.c.text)).where(versions.c.document_id == document_id)
        with self._database.read() as connection:
            return int(connection.scalar(size) or 0)

    def source_text(self, document_id: str) -> SourceText | None:
        """Returns what a document's last good version is tagged from; ``None`` without one.

        For the side that fills the catalog: this asks for no principals.
        """
        columns = (versions.c.text, versions.c.blocks, versions.c.declared)
        query = select(*columns).where(versions.c.document_id == document_id)
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        if row is None or row.declared is None:
            return None
        blocks = tuple(block_of(stored, row.text) for stored in row.blocks)
        return SourceText(row.text, blocks, row.declared)

    def locations(self, document: Document, principals: Principals) -> DocumentList:
        """Returns the other documents of the same bytes that this caller may read, by title."""
        same = (documents.c.content_hash == document.content_hash) & (documents.c.text_hash != "")
        others = same & (documents.c.id != document.id) & permits(principals)
        order = (documents.c.title, documents.c.id)
        query = whole_documents.where(others).order_by(*order).limit(_MOST_LOCATIONS)
        if not document.content_hash:
            return []
        with self._database.read() as connection:
            return [document_of(row) for row in connection.execute(query)]

    def copies(self, source_id: str) -> Copies:
        """Returns the external ids of documents of a source that hold the same bytes, by group."""
        with self._database.read() as connection:
            return list_copies(connection, source_id)

    def past(self, source_id: str) -> dict[str, Past]:
        """Returns what is kept of documents that a source no longer has, by external id.

        For the side that fills the catalog: this asks for no principals.
        """
        with self._database.read() as connection:
            return read_past(connection, source_id)

    def forget_removed(self, before: float, is_spent: Callable[[Past], bool]) -> int:
        """Drops tombstones from before a moment that nothing is taken up from; returns how many.

        The oldest go first, a thousand at once.
        """
        with self._database.read() as connection:
            ids = list_spent(connection, before, is_spent)
        if ids:
            with self._database.write() as connection:
                drop_stones(connection, ids, before)
        return len(ids)

    def states(self, source_id: str) -> dict[str, DocumentState]:
        """Returns what is known of every document of a source, by external id.

        For the side that fills the catalog: this asks for no principals.
        """
        with self._database.read() as connection:
            return read_states(connection, source_id)
