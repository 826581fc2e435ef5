"""Filling in a company form: each field a question of its own, answered with proof or empty."""

import re
import time
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Protocol

from app.answering.errors import QuestionEmpty, QuestionTooLong
from app.answering.model import (
    Answer,
    AnswerKind,
    Citation,
    Event,
    Finished,
    Notice,
    NoticeRaised,
    Question,
    Queued,
    Sentence,
    Verdict,
    Waiting,
)
from app.tasking import telling
from app.tasking.errors import FieldUnknown
from app.tasking.figures import MONEY, list_figures
from app.tasking.finding import Finder
from app.tasking.forms import ABOUT, FieldDescription, Form, FormShelf
from app.tasking.model import (
    Done,
    Draft,
    DraftOrder,
    FieldReady,
    FieldVerdict,
    FigureKind,
    FilledField,
    Progress,
    TaskEvent,
)
from app.tasking.rendering import write_markdown
from retrieval.errors import Language
from retrieval.model import Filters, Scope

MOST_SENTENCES = 2

_KINDS = {
    "date": {FigureKind.DATE},
    "amount": {FigureKind.AMOUNT},
    "number": {FigureKind.NUMBER, FigureKind.AMOUNT},
}
_KEPT_NOTICES = frozenset({"sent-outside"})
_HEADER = re.compile(r"^\s*(?:From|To|Cc|Date|Attachments[^:]{0,10}):")
_ASKS = re.compile(r"(?:か[。．]?|[?？])[」』）)\"']*$")


@dataclass
class _Work:
    """One draft while it grows.

    Attributes:
        documents: Those that questions are asked of; None for all.
    """

    order: DraftOrder
    form: Form
    started: float
    documents: frozenset[str] | None
    fields: list[FilledField] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    model: str = ""

    @property
    def language(self) -> Language:
        return self.form.language


class Asking(Protocol):
    """Answers questions; `app.answering.answerer.Answerer` is one."""

    def stream(self, question: Question) -> Generator[Event]:
        """Returns the events of an answer; closing them ends the work."""
        ...


class Drafter:
    """Fills in forms from what an asker may read. Safe to share between threads."""

    def __init__(self, shelf: FormShelf, finder: Finder, answerer: Asking) -> None:
        """Takes the forms, what finds documents, and what answers questions."""
        self._shelf = shelf
        self._finder = finder
        self._answerer = answerer

    def begin(self, order: DraftOrder) -> Generator[TaskEvent]:
        """Returns the events of a draft; the last one brings all of it.

        Raises:
            FormUnknown: At once; there is no such form.
            FormWrong: At once; its file cannot be used.
            FieldUnknown: At once; a value was given for a field it does not have.
            DocumentUnknown: At once; a document to keep to is none that may be read.
        """
        form = self._shelf.get(order.form)
        names = [each.name for each in form.fields]
        for name in order.values:
            if name not in names:
                raise FieldUnknown(value=name, form=form.id, known=", ".join(names))
        for document_id in order.document_ids:
            self._finder.get(document_id, order.principals)
        started, documents = time.monotonic(), order.document_ids or None
        if documents is None and order.about.strip():
            documents = self._finder.speaking_of(order.about, order.principals)
        return self._run(_Work(order, form, started, documents))

    def _run(self, work: _Work) -> Generator[TaskEvent]:
        total = len(work.form.fields)
        for done, described in enumerate(work.form.fields):
            yield Progress(done, total)
            yield (yield from self._fill(work, described))
        yield Progress(total, total)
        empty = sum(each.verdict is FieldVerdict.NO_EVIDENCE for each in work.fields)
        if empty:
            work.notices.append(telling.fields_empty(empty, total, work.order.language))
            yield NoticeRaised(work.notices[-1])
        yield Done(
            Draft(
                form=work.form.id,
                title=work.form.title,
                language=work.language,
                fields=tuple(work.fields),
                markdown=write_markdown(work.form, work.fields, work.citations),
                citations=tuple(work.citations),
                notices=tuple(work.notices),
                model=work.model,
                milliseconds=round(1_000 * (time.monotonic() - work.started)),
            )
        )

    def _fill(
        self, work: _Work, described: FieldDescription
    ) -> Generator[TaskEvent, None, FieldReady]:
        entered = work.order.values.get(described.name, "").strip()
        if entered or not described.question:
            verdict = FieldVerdict.ENTERED if entered else FieldVerdict.NO_EVIDENCE
            filled = FilledField(described.name, described.label, entered, verdict)
            work.fields.append(filled)
            return FieldReady(filled, ())
        answer = yield from self._ask(work, described)
        return self._take(work, described, answer)

    def _ask(
        self, work: _Work, described: FieldDescription
    ) -> Generator[TaskEvent, None, Answer | None]:
        """Asks one field's question, of the documents to keep to; a question apart from others."""
        text = described.question.replace(ABOUT, work.order.about.strip())
        documents = work.order.document_ids if described.everywhere else work.documents
        if documents is not None and not documents and not described.everywhere:
            return None  # nothing that may be read speaks of it
        scope = Scope(work.order.principals, Filters(document_ids=documents or frozenset()))
        try:
            events = self._answerer.stream(Question(text, scope, language=work.language))
        except (QuestionEmpty, QuestionTooLong):
            return None
        with closing(events):
            for event in events:
                if isinstance(event, Waiting | Queued):
                    yield event
                elif isinstance(event, NoticeRaised):
                    yield from self._note(work, event.notice)
                elif isinstance(event, Finished):
                    return event.answer
                else:
                    yield Waiting()  # the moment to look whether anybody still waits
        return None

    def _note(self, work: _Work, notice: Notice) -> Generator[TaskEvent]:
        """Keeps a notice that is about the draft and not about one field, once."""
        about_all = notice.code in _KEPT_NOTICES or notice.code.startswith(("model-", "no-model"))
        if about_all and notice.code not in {each.code for each in work.notices}:
            work.notices.append(notice)
            yield NoticeRaised(notice)

    def _take(self, work: _Work, described: FieldDescription, answer: Answer | None) -> FieldReady:
        """Makes a field of an answer: of the sentences that are on the matter, else it is empty."""
        kept = _keep(described, answer) if answer else ()
        if answer is None or not kept:
            filled = FilledField(described.name, described.label, "", FieldVerdict.NO_EVIDENCE)
            work.fields.append(filled)
            return FieldReady(filled, ())
        work.model = answer.model or work.model
        new: list[Citation] = []
        by_number = {each.number: each for each in answer.citations}
        used = dict.fromkeys(number for each in kept for number in each.citations)
        numbers = [self._number(work, by_number[number], new) for number in used]
        gap = _find_gap(answer, work.language)
        filled = FilledField(
            described.name,
            described.label,
            gap.join(each.text for each in kept),
            _judge(answer, kept),
            tuple(dict.fromkeys(numbers)),
        )
        work.fields.append(filled)
        return FieldReady(filled, tuple(new))

    def _number(self, work: _Work, citation: Citation, new: list[Citation]) -> int:
        """Returns the draft's number of a citation; the same place keeps its number."""
        for known in work.citations:
            if replace(known, number=citation.number) == citation:
                return known.number
        numbered = replace(citation, number=len(work.citations) + 1)
        work.citations.append(numbered)
        new.append(numbered)
        return numbered.number


def _keep(described: FieldDescription, answer: Answer) -> tuple[Sentence, ...]:
    """Returns the sentences that say something, with proof, of the type that is wanted."""
    if answer.kind is AnswerKind.REFUSAL:
        return ()
    kept = [
        sentence
        for sentence in answer.sentences
        if sentence.citations
        and sentence.verdict is not Verdict.UNSUPPORTED
        and not _ASKS.search(sentence.text)
        and not _HEADER.match(sentence.text)
        and _holds(described, sentence)
    ]
    return tuple(kept[:MOST_SENTENCES])


def _holds(described: FieldDescription, sentence: Sentence) -> bool:
    """Tells whether a sentence holds what the field's type asks for."""
    if described.type == "text":
        return True
    kinds = {each.kind for each in list_figures(sentence.text)}
    if described.type == "amount" and MONEY.search(sentence.text):
        return bool(kinds & _KINDS["number"])  # a row names the unit above its figures
    return bool(kinds & _KINDS[described.type])


def _find_gap(answer: Answer, language: Language) -> str:
    """Returns what stands between sentences; quotations are kept apart from each other."""
    if answer.kind is AnswerKind.EXTRACTIVE:
        return " ／ " if language == "ja" else " — "
    return "" if language == "ja" else " "


def _judge(answer: Answer, kept: tuple[Sentence, ...]) -> FieldVerdict:
    if answer.kind is AnswerKind.EXTRACTIVE:
        return FieldVerdict.QUOTED
    weak = any(each.verdict is Verdict.WEAK for each in kept)
    return FieldVerdict.WEAK if weak else FieldVerdict.SUPPORTED
