"""One answer while it grows: its sentences, its citations and what must be said about it."""

import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field

from app.answering.language import detect
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
from app.answering.quoting import Piece, cite
from retrieval.errors import Language
from retrieval.model import Passage


@dataclass
class Composition:
    """Collects one answer; every method that adds something returns the event that tells of it.

    Attributes:
        started: ``time.monotonic()`` when the question came in.
        passages: What the search found, best first.
        context: What stands beside the best of them, which a model may read and cite as well.
    """

    language: Language
    started: float
    passages: tuple[Passage, ...]
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
        """Returns the whole answer."""
        return Finished(
            Answer(
                id=uuid.uuid4().hex,
                kind=kind,
                language=self.language,
                sentences=tuple(self.sentences),
                citations=tuple(self.citations),
                nearest=self.nearest,
                notices=tuple(self.notices),
                model=self.model if kind is AnswerKind.GENERATED else "",
                passages_found=len(self.passages),
                passages_used=self.passages_used,
                milliseconds=round(1_000 * (time.monotonic() - self.started)),
            )
        )
