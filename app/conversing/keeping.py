"""From an answer to what is kept of it."""

from collections.abc import Iterable

from app.answering.instructing import blank_instructions
from app.answering.model import Answer, AnswerKind, Citation, Sentence
from app.conversing.model import KeptAnswer, KeptCitation, KeptSentence
from retrieval.catalog import Catalog
from retrieval.identity import text_hash
from retrieval.model import Chunk, Document, Principals

Found = tuple[Chunk, Document]


def keep_answer(
    catalog: Catalog, principals: Principals, answer: Answer, read: Iterable[str]
) -> KeptAnswer:
    """Returns what is kept of an answer.

    Args:
        catalog: Where its citations lead.
        principals: Whom it was given to.
        answer: The answer.
        read: Ids of the documents whose text was found for it.
    """
    chunks = catalog.chunks.fetch({each.chunk_id for each in answer.citations}, principals)
    near = tuple(each.document_id for each in answer.nearest)
    cited = (each.document_id for each in answer.citations)
    return KeptAnswer(
        id=answer.id,
        kind=answer.kind,
        language=answer.language,
        sentences=tuple(_keep_sentence(sentence, answer) for sentence in answer.sentences),
        citations=tuple(
            _keep_citation(each, chunks.get(each.chunk_id)) for each in answer.citations
        ),
        read=tuple(dict.fromkeys([*read, *cited, *near])),
        nearest=near,
        notices=answer.notices,
        model=answer.model,
        found=answer.passages_found,
        used=answer.passages_used,
        milliseconds=answer.milliseconds,
    )


def _keep_sentence(sentence: Sentence, answer: Answer) -> KeptSentence:
    quotes = {each.number: each.quote for each in answer.citations}
    quoting = answer.kind is not AnswerKind.GENERATED
    quoted = [number for number in sentence.citations if quoting or quotes[number] == sentence.text]
    # A refusal's own sentence names the nearest documents; it is said anew when it is shown.
    said_anew = answer.kind is AnswerKind.REFUSAL and not sentence.citations
    return KeptSentence(
        text=None if quoted or said_anew else sentence.text,
        quotes=quoted[0] if quoted else None,
        citations=sentence.citations,
        starts_line=sentence.starts_line,
        verdict=sentence.verdict,
    )


def _keep_citation(citation: Citation, found: Found | None) -> KeptCitation:
    at, chunk_start, version = -1, citation.start, 0
    if found is not None:
        chunk, document = found
        chunk_start, version = chunk.start, document.version
        text = blank_instructions(chunk.text)
        at = text.find(citation.quote, max(0, citation.start - chunk.start))
        at = text.find(citation.quote) if at < 0 else at
    return KeptCitation(
        number=citation.number,
        document_id=citation.document_id,
        version=version,
        chunk_id=citation.chunk_id,
        chunk_start=chunk_start,
        at=at,
        length=len(citation.quote),
        words=text_hash(citation.quote),
        start=citation.start,
        end=citation.end,
    )
