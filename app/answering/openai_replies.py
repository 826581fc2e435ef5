"""Reading the lines of an OpenAI-compatible chat stream (server-sent events)."""

import json
from dataclasses import dataclass
from typing import Any

from app.answering.errors import ModelReplyBroken

_PREFIX = "data:"
_END = "[DONE]"


@dataclass(frozen=True, slots=True)
class ReplyEvent:
    """One event of the stream. ``reasoning_content`` is left out: it is never shown."""

    content: str = ""
    finish_reason: str = ""
    prompt_tokens: int | None = None
    last: bool = False


def read_event(raw: str, model: str) -> ReplyEvent | None:
    """Returns what one line says; None for lines that say nothing, such as heartbeats.

    Raises:
        ModelReplyBroken: It is no event of this protocol, or reports an error.
    """
    if raw.startswith((":", "event:", "id:", "retry:")):
        return None
    if not raw.startswith(_PREFIX):
        raise ModelReplyBroken(model=model, reason=f"no event: {raw[:80]!r}")
    text = raw.removeprefix(_PREFIX).strip()
    if text == _END:
        return ReplyEvent(last=True)
    try:
        value = json.loads(text)
    except ValueError:
        raise ModelReplyBroken(model=model, reason=f"no JSON: {text[:80]!r}") from None
    if not isinstance(value, dict):
        raise ModelReplyBroken(model=model, reason=f"no JSON object: {text[:80]!r}")
    if error := value.get("error"):
        reason = error.get("message") if isinstance(error, dict) else error
        raise ModelReplyBroken(model=model, reason=str(reason)[:300])
    choice = _find_choice(value, model)
    usage = value.get("usage")
    count = usage.get("prompt_tokens") if isinstance(usage, dict) else None
    delta = choice.get("delta")
    content = delta.get("content") if isinstance(delta, dict) else None
    return ReplyEvent(
        content=content if isinstance(content, str) else "",
        finish_reason=str(choice.get("finish_reason") or ""),
        prompt_tokens=count if isinstance(count, int) else None,
    )


def _find_choice(value: dict[str, Any], model: str) -> dict[str, Any]:
    """Returns the one choice, an empty one for the event that only counts tokens."""
    choices = value.get("choices")
    if not isinstance(choices, list) or not all(isinstance(each, dict) for each in choices):
        raise ModelReplyBroken(model=model, reason=f"no choices: {str(value)[:80]!r}")
    return choices[0] if choices else {}
