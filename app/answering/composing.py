"""One answer while it grows: its sentences, its citations and what must be said about it."""

import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from app.answering.language import choose, detect
from app.answering.model import (
    Answer,
    AnswerKind,
    Citation,
    Finished,
    Nearest,
    Notice,
    NoticeRaised,
    Sentence,
    SentenceReady,
    Verdict,
)
from app.answering.notices import sent_outside
from app.answering.quoting import Piece, cite
from retrieval.errors import Language
from retrieval.model import Passage


def choose_likely(passages: Sequence[Passage], share: float) -> tuple[Passage, ...]:
    """Returns the passages that score at least this share of what the best one does."""
    least = share * max((each.score for each in passages), default=0.0)
    return tuple(each for each in passages if each.score >= least)


@dataclass
class Composition:
    """Collects one answer; every method that adds something returns the event that tells of it.

    Attributes:
        started: ``time.monotonic()`` when the question came in.
        passages: What the search found, best first.
        question: What was asked, standing alone.
        context: What stands beside the best of them, which a model may read and cite as well.
    """

    language: Language
    started: float
    passages: tuple[Passage, ...]
    question: str = ""
    context: tuple[Passage, ...] = ()
    model: str = ""
    passages_used: int = 0
    sentences: list[Sentence] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    nearest: tuple[Nearest, ...] = ()
    _numbers: dict[tuple[str, int, int, str], int] = field(default_factory=dict)

    @property
    def readable(self) -> tuple[Passage, ...]:
        """All passages that may be cited."""
        return (*self.passages, *self.context)

    def credit(self, model: str, provider: str) -> Iterator[NoticeRaised]:
        """Notes which model writes, and tells of one that is outside the company."""
        self.model = f"{provider}: {model}" if provider else model
        if provider:
            yield self.add_notice(sent_outside(provider, model, self.language))

    def add_sentence(
        self,
        text: str,
        proofs: Iterable[tuple[Passage, Piece]],
        *,
        starts_line: bool,
        verdict: Verdict = Verdict.SUPPORTED,
    ) -> SentenceReady:
        """Adds a sentence; the same words cited again keep their number."""
        numbers: list[int] = []
        new: list[Citation] = []
        for passage, piece in proofs:
            citation = cite(passage, piece, len(self.citations) + 1)
            key = (citation.chunk_id, citation.start, citation.end, citation.quote)
            if key not in self._numbers:
                self._numbers[key] = citation.number
                self.citations.append(citation)
                new.append(citation)
            numbers.append(self._numbers[key])
        sentence = Sentence(text, tuple(dict.fromkeys(numbers)), starts_line, verdict)
        self.sentences.append(sentence)
        return SentenceReady(sentence, tuple(new))

    def add_notice(self, notice: Notice) -> NoticeRaised:
        """Adds a notice."""
        self.notices.append(notice)
        return NoticeRaised(notice)

    def is_translated(self) -> bool:
        """Returns whether a sentence is in another language than a document that it cites."""
        spoken = {each.chunk.id: each.document.metadata.language for each in self.readable}
        sources = {each.number: spoken[each.chunk_id] for each in self.citations}
        own = {self.language, ""}
        return any(
            detect(sentence.text) == self.language
            and any(sources[number] not in own for number in sentence.citations)
            for sentence in self.sentences
        )

    @property
    def is_in_other_language(self) -> bool:
        """Whether nothing is said in the language asked for; figures and codes are in any."""
        said = (choose(sentence.text, self.language) for sentence in self.sentences)
        return self.language not in said

    @property
    def proves_nothing(self) -> bool:
        """Whether there are sentences and not one of them is supported."""
        verdicts = {sentence.verdict for sentence in self.sentences}
        return verdicts == {Verdict.UNSUPPORTED}

    def discard(self) -> None:
        """Takes back all sentences and citations: what was streamed of them does not stand."""
        self.sentences.clear()
        self.citations.clear()
        self._numbers.clear()

    def finish(self, kind: AnswerKind) -> Finished:
        """Returns the whole answer; a document that answers is not named as near as well."""
        refused = kind is AnswerKind.REFUSAL
        cited = {each.document_id for each in self.citations if not refused}
        return Finished(
            Answer(
                id=uuid.uuid4().hex,
                kind=kind,
                language=self.language,
                question=self.question,
                sentences=tuple(self.sentences),
                citations=tuple(self.citations),
                nearest=tuple(each for each in self.nearest if each.document_id not in cited),
                notices=tuple(self.notices),
                model=self.model if kind is AnswerKind.GENERATED else "",
                passages_found=len(self.passages),
                passages_used=self.passages_used,
                milliseconds=round(1_000 * (time.monotonic() - self.started)),
            )
        )
