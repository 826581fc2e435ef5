"""The shapes of conversations."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from app.api.schemas_answers import AnswerView
from app.api.showing import View
from app.conversing.model import ShownTurn, tidy_title
from retrieval.catalog import Conversation

LONGEST_TITLE = 200


def _tidy(title: str) -> str:
    """Returns the title on one line; blanks alone are no title."""
    tidied = tidy_title(title)
    if not tidied:
        raise ValueError
    return tidied


class ConversationChange(BaseModel):
    """What is to change of a conversation."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"title": "休暇"}]})

    title: Annotated[str, Field(min_length=1, max_length=LONGEST_TITLE), AfterValidator(_tidy)] = (
        Field(description="Its new title.")
    )


class ConversationView(View):
    """One conversation, without what was said in it."""

    id: str
    title: str
    turns: int = Field(description="How many questions of it were answered.")
    created_at: datetime
    updated_at: datetime = Field(description="When the last of them was.")


class ConversationList(BaseModel):
    """One page of conversations, the last used first."""

    conversations: list[ConversationView]
    next: str | None = Field(description="Give it as `after` for the next page; null at the end.")
    kept_days: int = Field(
        description="For how many days after its last question each is kept; 0: none are kept."
    )


class TurnView(BaseModel):
    """One question, and what of its answer may be shown now."""

    question: str
    asked_at: datetime
    answer: AnswerView

    @classmethod
    def of(cls, turn: ShownTurn, conversation_id: str) -> "TurnView":
        """Returns the turn as it is sent."""
        answer = AnswerView.of(turn.answer, conversation_id, may_report=True)
        return cls(question=turn.question, asked_at=turn.asked_at, answer=answer)


class ConversationDetail(ConversationView):
    """A conversation with its turns, as they were asked."""

    exchanges: list[TurnView]

    @classmethod
    def holding(
        cls, conversation: Conversation, turns: tuple[ShownTurn, ...]
    ) -> "ConversationDetail":
        """Returns the conversation with its turns as it is sent."""
        about = ConversationView.of(conversation).model_dump()
        return cls(**about, exchanges=[TurnView.of(turn, conversation.id) for turn in turns])


class ConversationsRemoved(BaseModel):
    """How many conversations were deleted."""

    removed: int
