"""Search and answers written in advance, for measuring what is known to the last citation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.answering.model import Answer, AnswerKind, Citation, Question, Sentence, Verdict
from retrieval.catalog import Catalog
from retrieval.model import Passage, Scope, SearchResult


@dataclass(frozen=True)
class Reply:
    """What is found and said for one question.

    Attributes:
        found: Ids of documents, best first.
        said: The sentences; none is a refusal.
        quotes: (id of a document, quoted words) of each citation.
        verdicts: One for each sentence; all supported when empty.
        refused: Whether it is a refusal whatever is said.
    """

    found: Sequence[str] = ()
    said: Sequence[str] = ()
    quotes: Sequence[tuple[str, str]] = ()
    verdicts: Sequence[Verdict] = ()
    milliseconds: int = 10
    refused: bool = False


@dataclass
class ScriptedParts:
    """A searcher and an answerer in one, that say what they were told to.

    Attributes:
        scopes: Whose question each was, in order.
    """

    catalog: Catalog
    replies: Mapping[str, Reply]
    scopes: list[Scope] = field(default_factory=list)

    def search(self, query: str, scope: Scope, count: int = 10) -> SearchResult:
        """Returns the first passage of each document found."""
        self.scopes.append(scope)
        rows = [row for batch in self.catalog.chunks.all_index_rows(500) for row in batch]
        passages = []
        for document in self.replies[query].found:
            chunk = next(row.chunk_id for row in rows if row.document_id == document)
            everyone = frozenset({"everyone", "group:board"})
            for found, owner in self.catalog.chunks.fetch([chunk], everyone).values():
                passages.append(Passage(found, owner, 0.5, {}))
        return SearchResult(tuple(passages[:count]))

    def answer(self, question: Question) -> Answer:
        """Returns the answer written for the question."""
        reply = self.replies[question.text]
        citations = tuple(
            Citation(n, document, document, f"c{n}", None, None, (), n, n + 1, quote)
            for n, (document, quote) in enumerate(reply.quotes, 1)
        )
        verdicts = reply.verdicts or [Verdict.SUPPORTED] * len(reply.said)
        refusal = reply.refused or not reply.said
        said = reply.said or ["お探しの答えは見つかりませんでした。"]
        return Answer(
            id="a",
            kind=AnswerKind.REFUSAL if refusal else AnswerKind.GENERATED,
            language="ja",
            question=question.text,
            sentences=tuple(
                Sentence(text, (), verdict=verdict)
                for text, verdict in zip(said, verdicts or [Verdict.SUPPORTED], strict=True)
            ),
            citations=citations,
            nearest=(),
            notices=(),
            model="scripted",
            passages_found=len(reply.found),
            passages_used=len(reply.found),
            milliseconds=reply.milliseconds,
        )
