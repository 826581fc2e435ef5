"""Letting a chat model write, and showing only what the passages it cites support."""

import logging
import re
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum

from app.answering import notices
from app.answering.checking import Check, SentenceChecker, find_unnamed_source, says_nothing_found
from app.answering.citing import Draft, ReplyParser
from app.answering.composing import Composition
from app.answering.errors import (
    ModelReplyBroken,
    ModelTooSlow,
    ModelUnavailable,
    PromptTruncated,
)
from app.answering.model import Event, NoticeRaised, Queued, SentenceReady, Verdict, Waiting
from app.answering.ports import ChatModel, InLine
from app.answering.prompting import NOT_IN_SOURCES, Prompt
from app.answering.quoting import support
from retrieval.model import Passage

log = logging.getLogger(__name__)

_LEADS_IN = re.compile(
    r"^#|[:：]$"
    r"|^[^\d、]{0,40}(?:次|以下|下記)の(?:とおり|通り)(?:です|となります|になります|である)?[。：:]?$"
    r"|^[^\d,]{0,60}\bas follows\.?$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one reply may take: tokens, and the ``time.monotonic()`` at which it must be done.

    Time spent in a queue before the model is asked does not count.
    """

    max_tokens: int
    deadline: float


class Unproved(StrEnum):
    """What becomes of a sentence that its passages do not support."""

    WITHHOLD = "withhold"  # it never shows; the reader is told how many
    MARK = "mark"  # it shows with its verdict, and cites what it claimed to rest on


class Writer:
    """Turns one reply of a model into checked sentences of a composition."""

    def __init__(
        self,
        model: ChatModel,
        checker: SentenceChecker,
        composition: Composition,
        unproved: Unproved = Unproved.WITHHOLD,
    ) -> None:
        """Keeps where the reply comes from, how it is checked and where sentences go."""
        self._unproved = unproved
        self._model = model
        self._checker = checker
        self._composition = composition
        self._withheld = 0
        self._declined = False

    def write(self, prompt: Prompt, limits: Limits) -> Generator[Event, None, bool]:
        """Yields sentences as they are proved; closing the generator closes the model's stream.

        Returns:
            False when the model gave nothing that could be judged, so that the answer should come
            from elsewhere. True also when it said that the sources do not answer, or when nothing
            it wrote is supported: then there are no sentences.
        """
        parser = ReplyParser()
        try:
            yield from self._follow(parser, prompt, limits)
            if not (self._composition.sentences or self._withheld or self._declined):
                raise ModelReplyBroken(model=self._model.name, reason="empty reply")
        except PromptTruncated as error:
            # The reply itself is whole; what it says is still held against the passages.
            yield from self._offer_all(parser.close(), prompt.used)
            yield self._tell_partly_read(error)
        except ModelUnavailable as error:
            log.warning("chat model failed: %s", error)
            if not self._composition.sentences:
                yield self._composition.add_notice(
                    notices.model_failed(error, self._composition.language)
                )
                return False
            yield self._composition.add_notice(
                notices.answer_cut(error, self._composition.language)
            )
        if self._withheld:
            yield self._composition.add_notice(
                notices.sentences_withheld(self._withheld, self._composition.language)
            )
        if any(each.verdict is Verdict.WEAK for each in self._composition.sentences):
            yield self._composition.add_notice(notices.reworded(self._composition.language))
        return True

    def _follow(self, parser: ReplyParser, prompt: Prompt, limits: Limits) -> Iterator[Event]:
        begun, deadline = time.monotonic(), limits.deadline
        stream = self._model.stream(prompt.messages, max_tokens=limits.max_tokens)
        with closing(stream):
            for piece in stream:
                if isinstance(piece, InLine):
                    deadline = limits.deadline + time.monotonic() - begun
                    yield Queued(piece.position)
                    continue
                if not piece:
                    yield Waiting()
                yield from self._offer_all(parser.feed(piece), prompt.used)
                if time.monotonic() > deadline:
                    seconds = round(limits.deadline - self._composition.started)
                    # Thrown into the stream, so that whoever watches over the model hears of it.
                    stream.throw(ModelTooSlow(model=self._model.name, seconds=seconds))
        yield from self._offer_all(parser.close(), prompt.used)

    def _tell_partly_read(self, error: PromptTruncated) -> NoticeRaised:
        log.warning("chat model read part of the prompt: %s", error)
        return self._composition.add_notice(notices.partly_read(error, self._composition.language))

    def _offer_all(
        self, drafts: Sequence[Draft], passages: Sequence[Passage]
    ) -> Iterator[SentenceReady]:
        for draft in drafts:
            ready = self._offer(draft, passages)
            if ready is not None:
                yield ready

    def _offer(self, draft: Draft, passages: Sequence[Passage]) -> SentenceReady | None:
        """Adds the sentence to the answer if it is proved."""
        if NOT_IN_SOURCES in draft.text or says_nothing_found(draft):
            self._declined = True
            return None
        if not draft.marks and _LEADS_IN.search(draft.text):
            return None  # a heading or an introduction claims nothing
        cited, check = self._prove(draft, passages)
        if check.verdict is Verdict.UNSUPPORTED:
            log.info("unsupported sentence, missing %s", check.missing)
            if self._unproved is Unproved.WITHHOLD or not cited:
                self._withheld += 1
                return None
        found = [support(draft.text, [passage]) for passage in cited]
        return self._composition.add_sentence(
            draft.text,
            [(place[0], place[1]) for place in found if place is not None],
            starts_line=draft.starts_line,
            verdict=check.verdict,
        )

    def _prove(self, draft: Draft, passages: Sequence[Passage]) -> tuple[list[Passage], Check]:
        """Returns the passages a sentence rests on, and how far they carry it.

        Marks that name no source are dropped. Without a valid mark, or when the marked passages
        lack what the sentence states, the one passage that does hold it is cited instead.
        """
        cited = [passages[mark - 1] for mark in draft.marks if 1 <= mark <= len(passages)]
        check = self._checker.check(draft, cited)
        if check.verdict is Verdict.UNSUPPORTED:
            index = find_unnamed_source(draft, passages, self._checker)
            if index is not None:
                cited = [passages[index]]
                check = self._checker.check(draft, cited)
        return cited, check
