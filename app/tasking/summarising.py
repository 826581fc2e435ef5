"""Summaries of documents and mail threads: quotations, or what the model writes on them."""

import time
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from app.answering.candidates import Candidate, list_candidates
from app.answering.composing import Composition
from app.answering.language import detect
from app.answering.model import AnswerKind, Bilingual
from app.answering.quoting import pieces
from app.tasking import telling
from app.tasking.errors import DocumentUnknown, TextAbsent
from app.tasking.finding import Finder
from app.tasking.model import (
    Coverage,
    Done,
    NamedDocument,
    Progress,
    SectionBegun,
    Summary,
    SummaryOrder,
    SummarySection,
    TaskEvent,
)
from app.tasking.ranking import choose
from app.tasking.sectioning import Section, divide
from app.tasking.writing import TaskWriter, gather_evidence, quietly
from retrieval.errors import Language
from retrieval.model import Document, Passage
from retrieval.ports import Embedder

MOST_CALLS = 12
"""Times the model is asked about one document; what is longer is covered in part, and told so."""

_WHOLE = Bilingual(
    ja="この資料の要点を、決定事項・日付・金額を優先して {most} 文以内で要約してください。",
    en="Summarise these sources in at most {most} sentences, decisions, dates and amounts first.",
)
_PART = Bilingual(
    ja="これは長い文書の一部です。重要な点を、決定事項・日付・金額を優先して {most} 文以内で抜き出してください。",  # noqa: E501
    en="This is a part of a long document. Note its most important points in at most {most} "
    "sentences, decisions, dates and amounts first.",
)


@dataclass
class _Work:
    """One summary while it grows."""

    order: SummaryOrder
    documents: list[Document]
    sections: list[Section]
    composition: Composition
    kind: AnswerKind = AnswerKind.EXTRACTIVE
    parts: list[SummarySection] = field(default_factory=list)
    read: int = 0

    @property
    def passages(self) -> tuple[Passage, ...]:
        return self.composition.passages

    def ask(self, order: Bilingual) -> str:
        """Returns what the model is told to do."""
        return order.text(self.order.language).format(most=self.order.most)


class Summariser:
    """Summarises what an asker may read. Safe to share between threads."""

    def __init__(self, finder: Finder, embedder: Embedder | None) -> None:
        """Takes what finds documents, and what measures likeness; without it words count."""
        self._finder = finder
        self._embedder = embedder

    def begin(self, order: SummaryOrder, writer: TaskWriter) -> Generator[TaskEvent]:
        """Returns the events of a summary; the last one brings all of it.

        Raises:
            DocumentUnknown: At once; there is no such document that may be read.
            TextAbsent: At once; it has no text.
        """
        started = time.monotonic()
        first, text = self._finder.read(order.document_id, order.principals)
        texts = {first.id: text}
        documents = self._finder.thread(first, order.principals) if order.thread else [first]
        for each in documents:
            if each.id not in texts:
                with suppress(DocumentUnknown, TextAbsent):  # a mail of attachments only, or gone
                    texts[each.id] = self._finder.read(each.id, order.principals)[1]
        documents = [each for each in documents if each.id in texts]
        sections = [section for each in documents for section in divide(each, texts[each.id])]
        if not sections:
            raise TextAbsent(value=first.metadata.title)
        passages = tuple(passage for section in sections for passage in section.passages)
        composition = Composition(order.language, started, passages)
        return self._run(_Work(order, documents, sections, composition), writer)

    def _run(self, work: _Work, writer: TaskWriter) -> Generator[TaskEvent]:
        yield from writer.introduce(work.composition)
        if writer.usable:
            yield from self._write(work, writer)
        if not work.composition.sentences:
            yield from self._quote(work)
        yield Done(_conclude(work))

    def _write(self, work: _Work, writer: TaskWriter) -> Generator[TaskEvent]:
        """Lets the model write: at once where all fits, else on what it noted of each part."""
        language, passages = work.order.language, work.passages
        asked = work.ask(_WHOLE)
        if not writer.takes_all(asked, passages, language):
            notes = yield from self._take_notes(work, writer)
            passages = _thin(notes, lambda few: writer.takes_all(asked, few, language))
            if not passages:
                return
        else:
            work.read = len(work.sections)
        yield SectionBegun(work.documents[0].id, ())
        written = yield from writer.write(asked, passages, work.composition, language)
        if work.composition.sentences:
            work.kind = AnswerKind.GENERATED
            work.parts.append(
                SummarySection(work.documents[0].id, (), tuple(work.composition.sentences))
            )
            if work.read < len(work.sections):
                note = telling.coverage(work.read, len(work.sections), language)
                yield work.composition.add_notice(note)
        elif written.sound:
            yield work.composition.add_notice(telling.nothing_stood(language))

    def _take_notes(
        self, work: _Work, writer: TaskWriter
    ) -> Generator[TaskEvent, None, list[list[Passage]]]:
        """Returns the words of each part that what the model noted of it rests on."""
        language, asked = work.order.language, work.ask(_PART)
        rest, notes = list(work.passages), list[list[Passage]]()
        yield Progress(0, len(work.sections))
        while rest and len(notes) < MOST_CALLS:
            self._finder.get(work.order.document_id, work.order.principals)  # it may be withdrawn
            scratch = Composition(language, work.composition.started, tuple(rest))
            events = writer.write(asked, rest, scratch, language)
            written = yield from quietly(events, work.composition)
            if not written.sound or not written.used:
                break
            used = {passage.chunk.id for passage in written.used}
            rest = [passage for passage in rest if passage.chunk.id not in used]
            notes.append(gather_evidence(scratch, written.used))
            left = {passage.chunk.id for passage in rest}
            work.read = sum(
                all(passage.chunk.id not in left for passage in section.passages)
                for section in work.sections
            )
            yield Progress(work.read, len(work.sections))
        return notes

    def _quote(self, work: _Work) -> Iterator[TaskEvent]:
        """Shows the most telling sentences in their order, under their headings."""
        work.read = len(work.sections)
        candidates = [
            replace(candidate, rank=rank)
            for rank, section in enumerate(work.sections)
            for candidate in _list_sentences(section)
        ]
        most = work.order.most
        per_section = max(1, round(1.5 * most / len(work.sections)))
        chosen = choose(candidates, self._embedder, most, per_section)
        by_section: dict[int, list[Candidate]] = {}
        for index in chosen:
            by_section.setdefault(candidates[index].rank, []).append(candidates[index])
        for rank, several in by_section.items():
            section = work.sections[rank]
            yield SectionBegun(section.document.id, section.heading)
            before = len(work.composition.sentences)
            for each in several:
                proofs = [(each.passage, each.piece)]
                yield work.composition.add_sentence(each.text, proofs, starts_line=True)
            sentences = tuple(work.composition.sentences[before:])
            work.parts.append(SummarySection(section.document.id, section.heading, sentences))
        note = telling.chosen(len(by_section), len(work.sections), work.order.language)
        yield work.composition.add_notice(note)
        if _language_of(work) != work.order.language:
            yield work.composition.add_notice(telling.own_language(work.order.language))


def _list_sentences(section: Section) -> list[Candidate]:
    """Returns what may be quoted of a section, also short numbered articles.

    For answers these count as headings of what follows; here 第5条 with its one rule is a sentence.
    """
    found = list_candidates(section.passages)
    known = {(each.rank, each.piece.start) for each in found}
    for rank, passage in enumerate(section.passages):
        for order, piece in enumerate(pieces(passage.chunk)):
            ends = piece.text.rstrip().endswith(("。", "．", "."))
            if ends and "\t" not in piece.text and (rank, piece.start) not in known:
                text = " ".join(piece.text.split())
                found.append(Candidate(rank, order, passage, piece, text, ""))
    return sorted(found, key=lambda each: (each.rank, each.piece.start))


def _thin(
    notes: Sequence[Sequence[Passage]], fits: Callable[[Sequence[Passage]], bool]
) -> tuple[Passage, ...]:
    """Returns as many notes as fit, the same number of every part, in order."""
    kept: tuple[Passage, ...] = ()
    for count in range(max(map(len, notes), default=0), 0, -1):
        kept = tuple(note for part in notes for note in part[:count])
        if fits(kept):
            break
    return kept


def _language_of(work: _Work) -> Language:
    """Returns the language of the sentences: the asker's by a model, else the documents' own."""
    if work.kind is AnswerKind.GENERATED:
        return work.order.language
    return detect("\n".join(sentence.text for sentence in work.composition.sentences))


def _conclude(work: _Work) -> Summary:
    composition = work.composition
    places = {(each.document_id, each.start, each.end) for each in composition.citations}
    covered = sum(
        any(_holds(passage, places) for passage in section.passages) for section in work.sections
    )
    return Summary(
        kind=work.kind,
        language=_language_of(work),
        documents=tuple(NamedDocument(each.id, each.metadata.title) for each in work.documents),
        sections=tuple(work.parts),
        citations=tuple(composition.citations),
        notices=tuple(composition.notices),
        model=composition.model if work.kind is AnswerKind.GENERATED else "",
        coverage=Coverage(len(work.sections), work.read, covered),
        milliseconds=round(1_000 * (time.monotonic() - composition.started)),
    )


def _holds(passage: Passage, places: Collection[tuple[str, int, int]]) -> bool:
    chunk = passage.chunk
    return any(
        document_id == chunk.document_id and chunk.start <= start and end <= chunk.end
        for document_id, start, end in places
    )
