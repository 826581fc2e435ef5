"""The shapes of feedback: what a reader says of an answer, and what an admin makes of it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.answering.model import Turn
from app.api.schemas_answers import MOST_TURNS, TurnRequest
from retrieval.catalog import Feedback, FeedbackReason
from retrieval.model import Document

LONGEST_COMMENT = 2000
MOST_CITATIONS = 100

Id = Annotated[str, Field(min_length=1, max_length=200)]

_ID = "7b0e2d0c-6f3b-5d0e-9d63-0d3a1f6c2b11"


class FeedbackRequest(BaseModel):
    """What a reader says of an answer. Said again of the same answer, it replaces what was said."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "answer_id": "0f4c2a",
                    "answer_kind": "extractive",
                    "question": "年次有給休暇は入社半年で何日もらえますか。",
                    "helpful": False,
                    "reason": "outdated",
                    "comment": "2024年版が正しいです。",
                    "chunks": ["c1a5d7a4-3e0f-5b57-8a4b-5a0c1f9d2e22"],
                    "correct_document": _ID,
                }
            ]
        },
    )

    answer_id: Id
    answer_kind: Literal["generated", "extractive", "refusal"]
    question: str = Field(min_length=1)
    history: Annotated[list[TurnRequest], Field(max_length=MOST_TURNS)] = Field(
        default=[], description="As in /ask; only the question made standalone is kept."
    )
    language: Literal["ja", "en"] | None = Field(
        default=None, description="Of the question; told by its words when absent."
    )
    helpful: bool
    reason: FeedbackReason | Literal[""] = Field(
        default="",
        description=(
            "Why it is not. `missing` reports that the documents do not say it, and stands beside "
            "what else is said of the same answer."
        ),
    )
    comment: Annotated[str, Field(max_length=LONGEST_COMMENT)] = ""
    chunks: Annotated[list[Id], Field(max_length=MOST_CITATIONS)] = Field(
        default=[], description="`chunk_id` of the answer's citations; unreadable ones are dropped."
    )
    nearest: Annotated[list[Id], Field(max_length=MOST_CITATIONS)] = Field(
        default=[], description="With `missing`: `document_id` of the documents that came near."
    )
    correct_document: Id | None = Field(
        default=None, description="A document that the caller may read and holds to be right."
    )

    def turns(self) -> tuple[Turn, ...]:
        """Returns the earlier exchanges."""
        return tuple(Turn(turn.question, turn.answer) for turn in self.history)


class FeedbackReceipt(BaseModel):
    """That it was kept."""

    id: str


class FeedbackView(BaseModel):
    """Feedback as an admin sees it: without the name of whoever gave it."""

    id: str
    state: Literal["new", "golden", "training"]
    created_at: datetime
    decided_at: datetime | None
    question: str
    language: str
    helpful: bool
    reason: str
    comment: str
    answer_kind: str
    documents: list[str] = Field(
        description=(
            "Cited by the answer, and for `missing` those that came near; once accepted, the right "
            "ones. Only what this admin may read."
        )
    )
    correct_document: str | None = Field(description="Null, too, when this admin may not read it.")
    expect: str = Field(description="`answer` or `refuse` once it was accepted, else empty.")
    titles: dict[str, str] = Field(description="Of the documents that this admin may read.")
    owners: dict[str, str] = Field(description="Whom to ask about them, as far as that is known.")
    count: int = Field(
        description=(
            "How many times readers of the same groups reported this gap; what is decided is "
            "decided for all of them. 1 for all other feedback."
        )
    )

    @classmethod
    def of(cls, row: Feedback, documents: Iterable[Document]) -> "FeedbackView":
        """Returns the feedback as it is sent, naming no other documents than these."""
        named = {each.id: each.metadata for each in documents}
        titles = {name: facts.title for name, facts in named.items()}
        owners = {name: facts.owner or facts.department for name, facts in named.items()}
        return cls(
            id=row.id,
            state=row.state.value,
            created_at=row.created_at,
            decided_at=row.decided_at,
            question=row.question,
            language=row.language,
            helpful=row.helpful,
            reason=row.reason,
            comment=row.comment,
            answer_kind=row.answer_kind,
            documents=[each for each in row.documents if each in titles],
            correct_document=right if (right := row.correct_document) in titles else None,
            expect=row.expect,
            titles=titles,
            owners={name: owner for name, owner in owners.items() if owner},
            count=row.count,
        )


class FeedbackList(BaseModel):
    """Feedback, the newest first."""

    feedback: list[FeedbackView]


class DecisionRequest(BaseModel):
    """What becomes of feedback."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"state": "golden", "documents": [_ID]}]},
    )

    state: Literal["golden", "training"] = Field(
        description="`golden`: `kura eval` asks it; `training`: the search model may learn from it."
    )
    refuse: bool = Field(default=False, description="Whether a refusal is the right answer.")
    documents: Annotated[list[Id], Field(max_length=MOST_CITATIONS)] = Field(
        default=[], description="The right documents; those that the reader stood by when empty."
    )
