"""Reading the lines of an Ollama chat stream."""

import json
from dataclasses import dataclass

from app.answering.errors import ModelReplyBroken


@dataclass(frozen=True, slots=True)
class ReplyLine:
    """One line of the stream. ``message.thinking`` is left out: it is never shown."""

    content: str
    done: bool
    done_reason: str
    prompt_tokens: int | None


def read_line(raw: str, model: str) -> ReplyLine:
    """Returns what one line says.

    Raises:
        ModelReplyBroken: It is no JSON object, has no message, or reports an error.
    """
    try:
        value = json.loads(raw)
    except ValueError:
        raise ModelReplyBroken(model=model, reason=f"no JSON: {raw[:80]!r}") from None
    if not isinstance(value, dict):
        raise ModelReplyBroken(model=model, reason=f"no JSON object: {raw[:80]!r}")
    if value.get("error"):
        raise ModelReplyBroken(model=model, reason=str(value["error"])[:300])
    message = value.get("message")
    content = message.get("content") if isinstance(message, dict) else None
    done = value.get("done") is True
    if not isinstance(content, str) and not done:
        raise ModelReplyBroken(model=model, reason=f"no message: {raw[:80]!r}")
    count = value.get("prompt_eval_count")
    return ReplyLine(
        content=content if isinstance(content, str) else "",
        done=done,
        done_reason=str(value.get("done_reason") or ""),
        prompt_tokens=count if isinstance(count, int) else None,
    )
