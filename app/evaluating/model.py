"""The words of measuring: a golden question, and how it went."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

from app.answering.model import Turn
from retrieval.errors import Language
from retrieval.model import Principals

Expectation = Literal["answer", "refuse"]


@dataclass(frozen=True, slots=True)
class Golden:
    """One question whose right outcome is known.

    Attributes:
        id: Tells it from all others of a run, and finds it again in the next one.
        kind: Any word; the sample's are answerable, unanswerable, permission and followup.
        principals: The asker's; ``None`` for whoever runs the measurement.
        documents: Any one of them is a right source: id, path, source/path or title.
        forbidden: Documents that the asker may not meet in any form.
        evidence: The words that prove the answer, "" where none are named.
        facts: Groups of alternatives: the answer must state one of each group.
        origin: File and line it came from.
    """

    id: str
    question: str
    language: Language
    kind: str
    expect: Expectation
    principals: Principals | None = None
    history: tuple[Turn, ...] = ()
    documents: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    evidence: str = ""
    facts: tuple[tuple[str, ...], ...] = ()
    cross: bool = False
    origin: str = ""
    set_name: str = ""


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """A set as it was read.

    Attributes:
        fingerprint: SHA-256 of its bytes, so that a report says what it was measured on.
    """

    name: str
    questions: tuple[Golden, ...]
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """A question that this installation cannot be asked, and the documents it lacks."""

    id: str
    documents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one question went; a measure that does not apply is ``None``.

    Attributes:
        department: Of its first right document, "" where none is named.
        answer_kind: "generated", "extractive" or "refusal".
        said: The answer's sentences without marks.
        said_in: The language of these words, "" where there are none to tell it by.
        found: The first five distinct documents of the search.
        cited: The document of each citation, in order.
        right_citations: How many citations point at a right document.
        rank: Place of the first right document among the distinct ones found; 0 for not found.
        evidence: Whether the evidence stands inside what one document is cited for.
        fact: Whether the answer states one alternative of each group of facts.
        permission: Whether the asker met what they may, and did not meet what they may not.
        leaks: Documents met that the asker may not meet.
        verdicts: How many sentences have which verdict.
        milliseconds: From the question to the end of the answer.
    """

    id: str
    set_name: str
    question: str
    language: Language
    kind: str
    department: str
    expect: Expectation
    cross: bool
    answer_kind: str
    said: str
    said_in: str
    found: tuple[str, ...] = ()
    cited: tuple[str, ...] = ()
    wanted: tuple[str, ...] = ()
    right_citations: int = 0
    rank: int | None = None
    evidence: bool | None = None
    fact: bool | None = None
    permission: bool | None = None
    leaks: tuple[str, ...] = ()
    verdicts: Mapping[str, int] = field(default_factory=dict)
    notices: tuple[str, ...] = ()
    milliseconds: int = 0

    @property
    def answered(self) -> bool:
        """Whether it was answered at all."""
        return self.answer_kind != "refusal"

    @property
    def should_answer(self) -> bool:
        """Whether an answer is right."""
        return self.expect == "answer"

    def to_json(self) -> dict[str, Any]:
        """Returns it as plain values."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
        }

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> "Outcome":
        """Returns what :meth:`to_json` gave, leaving out what this version does not know."""
        known = {each.name for each in fields(cls)}
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in row.items()
            if name in known
        }
        return cls(**values)
