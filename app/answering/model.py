"""The words of answering: questions, citations, answers and the events of a stream."""

from dataclasses import dataclass
from enum import StrEnum

from retrieval.errors import Language
from retrieval.model import Scope


@dataclass(frozen=True, slots=True)
class Bilingual:
    """One message in both languages."""

    ja: str
    en: str

    def text(self, language: Language) -> str:
        """Returns the message in the given language."""
        return self.ja if language == "ja" else self.en


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier exchange of the conversation."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, by whom (through the scope), after which turns (oldest first).

    Attributes:
        language: Language wanted for the answer; None follows the question's own.
        reader: Language of who asks, for a question that is in neither Japanese nor English.
    """

    text: str
    scope: Scope
    history: tuple[Turn, ...] = ()
    language: Language | None = None
    reader: Language = "en"


@dataclass(frozen=True, slots=True)
class Citation:
    """Where words come from, down to characters.

    Attributes:
        number: In ``Found`` the rank of the passage; in an answer the mark shown beside sentences,
            counted in order of first use. The two countings are independent.
        start: Offset of ``quote`` in the document's text.
        end: Offset after ``quote``. When the words cannot be placed exactly (a repeated table
            header, for instance) both offsets are those of the whole chunk.
        quote: The document's own words.
    """

    number: int
    document_id: str
    title: str
    chunk_id: str
    page: int | None
    sheet: str | None
    heading: tuple[str, ...]
    start: int
    end: int
    quote: str


class Verdict(StrEnum):
    """How far the cited passages carry a sentence."""

    SUPPORTED = "supported"  # all that can be proved is there, and the words are near
    WEAK = "weak"  # nothing speaks against it, but it is said in other words or another language
    UNSUPPORTED = "unsupported"  # the passages lack or deny something it states


UNPROVED = Bilingual(ja="（資料で確認できません）", en=" (not confirmed by the sources)")
"""Stands behind a sentence that its passages do not support, where such a one is shown."""
REWORDED = " ≈"
"""Stands behind a sentence that is worded otherwise than its sources."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of an answer, without marks, and the numbers of its citations.

    Attributes:
        starts_line: Whether it begins a new line (a list item, a paragraph).
        verdict: How far its citations carry it; quotations carry themselves.
    """

    text: str
    citations: tuple[int, ...]
    starts_line: bool = False
    verdict: Verdict = Verdict.SUPPORTED

    def show(self, language: Language) -> str:
        """Returns its text, with a mark when it is weak and a warning when it is unsupported."""
        if self.verdict is Verdict.UNSUPPORTED:
            return self.text + UNPROVED.text(language)
        return self.text + (REWORDED if self.verdict is Verdict.WEAK else "")


@dataclass(frozen=True, slots=True)
class Nearest:
    """A readable document that came near without answering, and whom to ask about it."""

    document_id: str
    title: str
    owner: str
    department: str


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the reader must know about the answer, in the answer's language."""

    code: str
    message: str


NEAR_PASSAGES = "near-passages"
"""Code of the notice that what is quoted may not be the answer."""


class AnswerKind(StrEnum):
    """How an answer came to be."""

    GENERATED = "generated"  # a chat model wrote it, sentence by sentence checked
    EXTRACTIVE = "extractive"  # quotations, because no model could be used
    REFUSAL = "refusal"  # the documents do not say


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer.

    Attributes:
        question: What was asked; the rules alone have made a follow-up stand alone, so that no
            words of earlier answers are in it.
        model: Name of the chat model that wrote it, "" when none did.
        passages_found: How many passages the search returned.
        passages_used: How many of them were read (by the model, or for quotations).
        milliseconds: From the question to the end, wall clock.
    """

    id: str
    kind: AnswerKind
    language: Language
    question: str
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    nearest: tuple[Nearest, ...]
    notices: tuple[Notice, ...]
    model: str
    passages_found: int
    passages_used: int
    milliseconds: int

    @property
    def leaves_gap(self) -> bool:
        """Whether the documents seem not to say what was asked, which a reader may report."""
        near = any(notice.code == NEAR_PASSAGES for notice in self.notices)
        return near or self.kind is AnswerKind.REFUSAL

    @property
    def text(self) -> str:
        """The sentences in order with their marks, ``[1][2]``, lines kept."""
        gap = "" if self.language == "ja" else " "
        parts: list[str] = []
        for sentence in self.sentences:
            marks = "".join(f"[{number}]" for number in sentence.citations)
            if parts:
                parts.append("\n" if sentence.starts_line else gap)
            parts.append(sentence.show(self.language) + (f" {marks}" if marks else ""))
        return "".join(parts)


@dataclass(frozen=True, slots=True)
class Found:
    """The passages that were found, before any model is asked. Their quote is the whole text."""

    passages: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class SentenceReady:
    """A checked sentence, and those of its citations that were not sent before."""

    sentence: Sentence
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class NoticeRaised:
    """A notice, as soon as it is known."""

    notice: Notice


@dataclass(frozen=True, slots=True)
class Finished:
    """The last event: the whole answer, and the id of the conversation it is kept in, if any."""

    answer: Answer
    conversation: str | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """The model is silent, about once a second: the moment to look whether anybody still waits."""


@dataclass(frozen=True, slots=True)
class Queued:
    """Others are before this question at the model; told about once a second.

    Attributes:
        position: 1 is next; 0 says that its turn has come.
    """

    position: int


Event = Found | SentenceReady | NoticeRaised | Waiting | Queued | Finished


@dataclass(frozen=True, slots=True)
class ModelState:
    """Whether the chat model can be used now.

    Attributes:
        connected: Whether its server answers.
        model_present: Whether the server has the model.
        window: Tokens that prompt and answer may take together; 0 when unknown.
        reason_code: Why it cannot be used, "" when it can.
        remedy: What a person can do about it, None when nothing is wrong.
        window_told: Whether the server told the window; else the configured one is assumed.
        provider: Host outside of one's own network that text is sent to, "" when none is.
        resting_s: Seconds until it is asked again after it failed repeatedly; 0 when it is.
        waiting: Questions that wait for it.
        thinking: Tokens kept free for it to think in, beside ``window``; 0 asks it not to think.
    """

    connected: bool
    model_present: bool
    window: int
    reason_code: str = ""
    remedy: Bilingual | None = None
    window_told: bool = True
    provider: str = ""
    resting_s: int = 0
    waiting: int = 0
    thinking: int = 0

    @property
    def usable(self) -> bool:
        """Whether a question may be sent to it."""
        return self.connected and self.model_present and not self.resting_s
