"""Old answers, shown as far as their reader may still read what they rest on.

A sentence is shown when every one of its citations still leads to the same words in a document
that the reader may read now; the words themselves come from the catalog. A sentence that its
citations carry only weakly, or that has none, and notices, which may name documents, also need
every document to be readable that was read for the answer or for what it follows. That quotations
may not be the answer is said as long as any is shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from app.answering import notices
from app.answering.candidates import list_candidates
from app.answering.following_up import searched
from app.answering.instructing import blank_instructions, blank_passage
from app.answering.model import (
    NEAR_PASSAGES,
    Answer,
    AnswerKind,
    Citation,
    Nearest,
    Notice,
    Sentence,
    Turn,
    Verdict,
)
from app.answering.refusing import explain
from app.conversing.model import KeptAnswer, KeptCitation, KeptSentence, ShownTurn
from retrieval.catalog import Catalog, StoredTurn
from retrieval.identity import text_hash
from retrieval.model import Chunk, Document, DocumentText, Filters, Passage, Principals, Scope

# They name departments, tags or sources of documents that need not be among those found.
_NAMING_WHAT_WAS_FILED = frozenset({"field-meant", "field-unknown"})


def show_turns(
    catalog: Catalog, principals: Principals, turns: Sequence[StoredTurn]
) -> tuple[ShownTurn, ...]:
    """Returns what of these turns may be shown to a reader with these principals now."""
    kept = [KeptAnswer.model_validate(turn.answer) for turn in turns]
    shelf = _Shelf.open(catalog, principals, kept)
    asked = [Turn(turn.question, "") for turn in turns]
    shown = []
    for number, (turn, answer) in enumerate(zip(turns, kept, strict=True)):
        alone = searched(turn.question, asked[:number])
        shown.append(ShownTurn(turn.question, turn.asked_at, _show(answer, alone, shelf)))
    return tuple(shown)


@dataclass(frozen=True)
class _Shelf:
    """What answers rest on, as far as their reader may read it now."""

    catalog: Catalog
    principals: Principals
    documents: Mapping[str, Document]
    chunks: Mapping[str, tuple[Chunk, Document]]
    texts: dict[str, DocumentText | None]

    @classmethod
    def open(
        cls, catalog: Catalog, principals: Principals, answers: Sequence[KeptAnswer]
    ) -> "_Shelf":
        named = frozenset(name for answer in answers for name in answer.read)
        wanted = {citation.chunk_id for answer in answers for citation in answer.citations}
        documents: list[Document] = []
        if named:  # no ids at all would narrow to nothing, and so list everything
            scope = Scope(principals, Filters(document_ids=named))
            documents = catalog.documents.list(scope, limit=len(named))
        return cls(
            catalog,
            principals,
            {document.id: document for document in documents},
            catalog.chunks.fetch(wanted, principals),
            {},
        )

    def find(self, kept: KeptCitation) -> Citation | None:
        """Returns the citation with its words, ``None`` when they are not there any more."""
        document = self.documents.get(kept.document_id)
        if document is None:
            return None
        return self._in_chunk(kept) or self._in_text(kept, document)

    def put(self, kept: KeptCitation, citation: Citation) -> str:
        """Returns how a quotation is put: on one line, a table row with its headers."""
        chunk, document = self.chunks.get(kept.chunk_id, (None, None))
        if chunk is None or document is None:
            return citation.quote
        place = (kept.at, kept.at + kept.length)
        offered = list_candidates([blank_passage(Passage(chunk, document, 0.0, {}))])
        found = (each.text for each in offered if (each.piece.start, each.piece.end) == place)
        return next(found, citation.quote)

    def _in_chunk(self, kept: KeptCitation) -> Citation | None:
        chunk, document = self.chunks.get(kept.chunk_id, (None, None))
        if chunk is None or document is None or kept.at < 0:
            return None
        quote = blank_instructions(chunk.text)[kept.at : kept.at + kept.length]
        moved = chunk.start - kept.chunk_start
        found = _cite(kept, document, quote, moved)
        if found is None:
            return None
        return replace(found, page=chunk.page, sheet=chunk.sheet, heading=chunk.heading)

    def _in_text(self, kept: KeptCitation, document: Document) -> Citation | None:
        if kept.document_id not in self.texts:
            text = self.catalog.documents.text(kept.document_id, self.principals)
            self.texts[kept.document_id] = text
        text = self.texts[kept.document_id]
        if text is None:
            return None
        return _cite(kept, document, blank_instructions(text.text[kept.start : kept.end]), 0)


def _cite(kept: KeptCitation, document: Document, quote: str, moved: int) -> Citation | None:
    if text_hash(quote) != kept.words:
        return None
    return Citation(
        number=kept.number,
        document_id=document.id,
        title=document.metadata.title,
        chunk_id=kept.chunk_id,
        page=None,
        sheet=None,
        heading=(),
        start=kept.start + moved,
        end=kept.end + moved,
        quote=quote,
    )


def _show(kept: KeptAnswer, question: str, shelf: _Shelf) -> Answer:
    found = {each.number: citation for each in kept.citations if (citation := shelf.find(each))}
    all_readable = all(name in shelf.documents for name in kept.read)
    near = tuple(
        _approach(shelf.documents[name]) for name in kept.nearest if name in shelf.documents
    )
    puts = {
        each.number: shelf.put(each, found[each.number])
        for each in kept.citations
        if kept.kind is not AnswerKind.GENERATED and each.number in found
    }
    quotes = {number: citation.quote for number, citation in found.items()} | puts
    shown = [_say(sentence, kept, quotes, near, all_readable) for sentence in kept.sentences]
    said = tuple(sentence for sentence in shown if sentence is not None)
    cited = {number for sentence in said for number in sentence.citations}
    raised = [
        each
        for each in kept.notices
        if _may_show(each, all_readable=all_readable, cites=bool(cited))
    ]
    return Answer(
        id=kept.id,
        kind=kept.kind,
        language=kept.language,
        question=question,
        sentences=said,
        citations=tuple(citation for number, citation in found.items() if number in cited),
        nearest=near,
        notices=(*raised, *_explain_gaps(kept, shown, found, shelf)),
        model=kept.model,
        passages_found=kept.found,
        passages_used=kept.used,
        milliseconds=kept.milliseconds,
    )


def _may_show(notice: Notice, *, all_readable: bool, cites: bool) -> bool:
    """Returns whether a notice names nothing that may be out of reach now, and is still true."""
    if notice.code == NEAR_PASSAGES:
        return cites
    return all_readable and notice.code not in _NAMING_WHAT_WAS_FILED


def _approach(document: Document) -> Nearest:
    facts = document.metadata
    return Nearest(document.id, facts.title, facts.owner, facts.department)


def _say(
    kept: KeptSentence,
    answer: KeptAnswer,
    quotes: Mapping[int, str],
    near: Sequence[Nearest],
    all_readable: bool,
) -> Sentence | None:
    """Returns the sentence, ``None`` when it is withheld."""
    if not all(number in quotes for number in kept.citations):
        return None
    carried = kept.citations and kept.verdict is Verdict.SUPPORTED
    if kept.quotes is not None:
        text = quotes[kept.quotes]
    elif answer.kind is AnswerKind.REFUSAL and kept.text is None:
        text = explain(near, answer.language)
    elif kept.text is not None and (carried or all_readable):
        text = kept.text
    else:
        return None
    return Sentence(text, kept.citations, kept.starts_line, kept.verdict)


def _explain_gaps(
    kept: KeptAnswer,
    shown: Sequence[Sentence | None],
    found: Mapping[int, Citation],
    shelf: _Shelf,
) -> list[Notice]:
    """Returns why sentences are missing: out of reach, or changed since."""
    lost = {each.number: each.document_id for each in kept.citations if each.number not in found}
    missing = [
        {lost[number] for number in sentence.citations if number in lost}
        for sentence, said in zip(kept.sentences, shown, strict=True)
        if said is None
    ]
    changed = sum(bool(places) and places <= shelf.documents.keys() for places in missing)
    gaps = []
    if len(missing) > changed:
        gaps.append(notices.out_of_reach(len(missing) - changed, kept.language))
    if changed:
        gaps.append(notices.changed_since(changed, kept.language))
    return gaps
