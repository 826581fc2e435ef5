"""A question's way to a cited answer, in order."""

import logging
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field

from app.answering import notices, refusing
from app.answering.checking import SentenceChecker
from app.answering.composing import Composition, choose_likely
from app.answering.conflicting import show_conflict
from app.answering.editions import Selection, find, select
from app.answering.errors import PromptTooLong, QuestionEmpty, check_length
from app.answering.extracting import Extract, Weighed, extract, quotes_code, weigh
from app.answering.following_up import refers_back, searched
from app.answering.foretelling import Foretelling, Outlook
from app.answering.gauging import gauge
from app.answering.instructing import blank_passage
from app.answering.language import choose, is_other
from app.answering.model import (
    Answer,
    AnswerKind,
    Event,
    Finished,
    Found,
    ModelState,
    Nearest,
    Question,
)
from app.answering.ports import ChatModel, PassageSearch
from app.answering.prompting import Budget, Prompt, PromptBuilder
from app.answering.quoting import whole
from app.answering.refusing import Policy
from app.answering.restating import restate
from app.answering.sharing import ask_for
from app.answering.writing import Limits, Unproved, Writer
from retrieval.lexical.glossary import Glossary
from retrieval.model import Passage, Scope
from retrieval.ports import Embedder

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Options:
    """What an answer may take.

    Attributes:
        passages: How many passages are searched for.
        least_share: Of the best one's score, for a model to read a passage as well. Half of it
            loses no right passage of 600 public questions and 2 of 143 golden ones, and spares a
            model without a GPU a third of its reading (see docs/retrieval.md).
        max_tokens: Longest reply, in tokens; never more than a third of the model's window.
        margin_tokens: Left free for what a chat template adds beyond the estimate.
        deadline_s: Seconds from the question to the last sentence of a model.
        policy: When to refuse.
        foretelling: How likely passages hold an answer; without it only ``policy`` decides.
        unproved: What becomes of a written sentence that its passages do not support.
    """

    passages: int = 8
    least_share: float = 0.5
    max_tokens: int = 700
    margin_tokens: int = 64
    deadline_s: float = 180.0
    policy: Policy = field(default_factory=Policy)
    foretelling: Foretelling | None = None
    unproved: Unproved = Unproved.WITHHOLD


class Answerer:
    """Answers questions from what the asker may read. Safe to share between threads."""

    def __init__(
        self,
        searcher: PassageSearch,
        chat_model: ChatModel | None,
        options: Options | None = None,
        embedder: Embedder | None = None,
        glossary: Glossary | None = None,
    ) -> None:
        """Keeps the parts.

        Args:
            searcher: Finds passages under the asker's access.
            chat_model: Writes answers; without one all answers are quotations.
            options: What an answer may take.
            embedder: Finds quotations that say it in other words; without one only words count.
            glossary: What the question's words may be called in a document.
        """
        self._searcher = searcher
        self._chat_model = chat_model
        self._options = options or Options()
        self._checker = SentenceChecker(embedder)
        self._embedder = embedder
        self._glossary = glossary

    def answer(self, question: Question) -> Answer:
        """Returns the whole answer.

        Raises:
            QuestionEmpty: There is nothing to search for.
            QuestionTooLong: The question exceeds the limit.
        """
        for event in self.stream(question):
            if isinstance(event, Finished):
                return event.answer
        raise AssertionError("a stream of events ends with Finished")

    def stream(self, question: Question) -> Generator[Event]:
        """Returns the events of an answer as they happen: Found first, Finished last.

        Closing the generator closes the model's connection.

        Raises:
            QuestionEmpty: At once; there is nothing to search for.
            QuestionTooLong: At once; the question exceeds the limit.
        """
        text = question.text.strip()
        if not any(character.isalnum() for character in text):
            raise QuestionEmpty(field="question", value=text[:40], allowed="")
        check_length(text)
        return self._run(question, text)

    def model_state(self) -> ModelState:
        """Returns whether a chat model can be used now, and what to do when not."""
        return self._chat_model.state() if self._chat_model else notices.NOT_CONFIGURED

    def _run(self, question: Question, text: str) -> Generator[Event]:
        started = time.monotonic()
        meant = yield from self._restate(question, text)
        alone = searched(text, question.history)
        query = meant or alone
        result = find(self._searcher, query, question.scope, self._options.passages)
        selection = select(query, result.passages)
        passages = tuple(blank_passage(passage) for passage in selection.passages)
        language = question.language or choose(text, question.reader)
        composition = Composition(language, started=started, passages=passages, question=alone)
        yield Found(
            tuple(whole(passage, rank) for rank, passage in enumerate(result.passages, start=1))
        )
        if meant:
            yield composition.add_notice(notices.understood_as(meant, language))
        elif not text.endswith(alone):
            yield composition.add_notice(notices.searched_with(alone, language))
        if is_other(text):
            yield composition.add_notice(notices.other_language(composition.language))
        for notice in notices.about_search(result, composition.language):
            yield composition.add_notice(notice)
        evidence = refusing.measure(query, passages, self._options.policy, dated=selection.dated)
        focus = selection.focus(query)
        weighed = weigh(focus, passages, self._embedder, self._glossary)
        outlook = self._foretell(passages, weighed)
        if outlook is Outlook.NONE or refusing.should_refuse(evidence, self._options.policy):
            yield from self._refuse(composition)
            return
        extracts = extract(focus, weighed, selection.times)
        written = yield from self._write(composition, question, text)
        if composition.proves_nothing:
            composition.discard()
        if written and composition.sentences:
            yield from _conclude(composition, selection, focus, AnswerKind.GENERATED)
        elif written or not extracts:
            yield from self._refuse(composition)
        else:
            kind = yield from self._quote(composition, extracts, outlook)
            yield from _conclude(composition, selection, focus, kind)

    def _foretell(self, passages: Sequence[Passage], weighed: Weighed) -> Outlook:
        """Returns whether the best document may answer, a good outlook where none can tell."""
        found = gauge(passages, weighed.best_sentences())
        if self._options.foretelling is None or found is None:
            return Outlook.GOOD
        return self._options.foretelling.outlook(found)

    def _restate(self, question: Question, text: str) -> Generator[Event, None, str]:
        """Lets the model make a follow-up stand alone; returns "" where the rules must do it.

        A model outside of the network is not asked: the reader is told first what it is sent. Nor
        is one that would think first: that takes longer than a follow-up may.
        """
        if not question.history or not refers_back(text):
            return ""
        model, state = ask_for(self._chat_model, question.scope.principals), self.model_state()
        if model is None or not state.usable:
            return ""
        if state.provider or state.waiting or state.thinking:
            return ""
        return (yield from restate(model, text, question.history, state.window))

    def _write(
        self, composition: Composition, question: Question, text: str
    ) -> Generator[Event, None, bool]:
        """Lets the model answer; returns False when quotations must serve instead."""
        model, state = ask_for(self._chat_model, question.scope.principals), self.model_state()
        if model is None or not state.usable:
            yield composition.add_notice(notices.no_model(state, composition.language))
            return False
        max_tokens = min(self._options.max_tokens, state.window // 3)
        budget = Budget(state.window, max_tokens, self._options.margin_tokens)
        builder = PromptBuilder(model.name, model.count_tokens, budget, composition.language)
        likely = choose_likely(composition.passages, self._options.least_share)
        composition.context = self._look_around(likely, question.scope)
        try:
            prompt = builder.build(text, (*likely, *composition.context), question.history)
        except PromptTooLong as error:
            yield composition.add_notice(notices.model_failed(error, composition.language))
            return False
        yield from composition.credit(model.name, state.provider)
        composition.passages_used = len([p for p in prompt.used if p in likely])
        yield from self._tell_used(composition, prompt, len(likely))
        limits = Limits(max_tokens, composition.started + self._options.deadline_s)
        writer = Writer(model, self._checker, composition, self._options.unproved)
        return (yield from writer.write(prompt, limits))

    def _look_around(self, passages: Sequence[Passage], scope: Scope) -> tuple[Passage, ...]:
        """Returns what stands beside the best passage: an answer often runs over its edge.

        Not beside the others: without a GPU each passage costs a model seconds of reading.
        """
        known = {passage.chunk.id for passage in passages}
        around = self._searcher.neighbours(passages[0], scope) if passages else ()
        return tuple(blank_passage(each) for each in around if each.chunk.id not in known)

    def _tell_used(self, composition: Composition, prompt: Prompt, likely: int) -> Iterator[Event]:
        used = composition.passages_used
        if used < likely:
            yield composition.add_notice(notices.passages_used(used, likely, composition.language))
        if prompt.trimmed:
            yield composition.add_notice(notices.passage_trimmed(composition.language))

    def _quote(
        self, composition: Composition, extracts: Sequence[Extract], outlook: Outlook
    ) -> Generator[Event, None, AnswerKind]:
        """Quotes, and returns whether that is an answer or only what comes nearest to one."""
        refused = outlook is Outlook.POOR and not quotes_code(composition.question, extracts)
        composition.passages_used = len(composition.passages)
        composition.nearest = self._find_nearest(composition)
        if outlook is not Outlook.GOOD:
            yield composition.add_notice(notices.near_passages(composition.language))
        if refused:
            yield self._tell_refusal(composition)
        for found in extracts:
            yield composition.add_sentence(
                found.text, [(found.passage, found.piece)], starts_line=True
            )
        return AnswerKind.REFUSAL if refused else AnswerKind.EXTRACTIVE

    def _find_nearest(self, composition: Composition) -> tuple[Nearest, ...]:
        return refusing.nearest(composition.passages, self._options.policy.nearest_documents)

    def _refuse(self, composition: Composition) -> Iterator[Event]:
        composition.nearest = self._find_nearest(composition)
        yield self._tell_refusal(composition)
        yield composition.finish(AnswerKind.REFUSAL)

    def _tell_refusal(self, composition: Composition) -> Event:
        text = refusing.explain(composition.nearest, composition.language)
        return composition.add_sentence(text, [], starts_line=True)


def _conclude(
    composition: Composition, selection: Selection, question: str, kind: AnswerKind
) -> Iterator[Event]:
    """Adds what else must be known of the documents that the answer cites, and ends it."""
    if kind is AnswerKind.GENERATED and composition.is_in_other_language:
        yield composition.add_notice(notices.not_in_language(composition.language))
    elif kind is AnswerKind.GENERATED and composition.is_translated():
        yield composition.add_notice(notices.translated(composition.language))
    yield from show_conflict(composition, question, compared=selection.times > 1)
    cited = [citation.document_id for citation in composition.citations]
    for notice in selection.tell(cited, composition.language):
        yield composition.add_notice(notice)
    yield composition.finish(kind)
