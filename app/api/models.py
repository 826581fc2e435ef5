"""`/models/state`: whether a chat model writes the answers, and what to do when none does."""

from fastapi import APIRouter
from pydantic import BaseModel, Field

from app.api.deps import Parts, Reader, Speaking

router = APIRouter(prefix="/models", tags=["models"])


class ModelStateResponse(BaseModel):
    """How the chat model is doing."""

    connected: bool = Field(description="A question would be answered by the model.")
    model: str
    window: int | None = Field(description="Tokens that prompt and reply may take together.")
    reason: str = Field(description="Code of what is wrong; empty when nothing is.")
    remedy: str = Field(description="What a person can do about it, in the caller's language.")
    provider: str = Field(
        default="", description="Host outside of the company that text is sent to; mostly empty."
    )
    waiting: int = Field(default=0, description="Questions that wait for the model.")
    resting_s: int = Field(
        default=0, description="Seconds until it is asked again after it failed repeatedly."
    )


@router.get(
    "/state",
    summary="Is a chat model connected? / 言語モデルは使えるか",
    description=(
        "Without one, answers are quotations with their sources. / "
        "使えない間は、出典付きの引用で答えます。"
    ),
)
def show_state(parts: Parts, _reader: Reader, language: Speaking) -> ModelStateResponse:
    """Shows how the chat model is doing."""
    if parts.chat_model is None:
        return ModelStateResponse(
            connected=False, model="", window=None, reason="no-model", remedy=""
        )
    state = parts.chat_model.state()
    return ModelStateResponse(
        connected=state.usable,
        model=parts.chat_model.name,
        window=state.window or None,
        reason=state.reason_code,
        remedy=state.remedy.text(language) if state.remedy else "",
        provider=state.provider,
        waiting=state.waiting,
        resting_s=state.resting_s,
    )
