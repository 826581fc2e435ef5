"""Reading the lines of an Ollama chat stream."""

import json
from dataclasses import dataclass

from app.answering.errors import ModelReplyBroken

_OPEN, _CLOSE = "<think>", "</think>"


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


class ThinkingFilter:
    """Removes ``<think>...</think>`` from text that arrives in pieces.

    Servers that do not know ``think: false`` leave a model's thinking in its content.
    """

    def __init__(self) -> None:
        """Begins outside of any thinking."""
        self._held = ""
        self._inside = False

    def feed(self, piece: str) -> str:
        """Returns what may be shown now; a possible beginning of a tag is held back."""
        self._held += piece
        shown: list[str] = []
        while True:
            tag = _CLOSE if self._inside else _OPEN
            before, found, after = self._held.partition(tag)
            if found:
                if not self._inside:
                    shown.append(before)
                self._held, self._inside = after, not self._inside
                continue
            kept = _tail_that_may_begin(self._held, tag)
            if not self._inside:
                shown.append(self._held[: len(self._held) - kept])
            self._held = self._held[len(self._held) - kept :]
            return "".join(shown)

    def close(self) -> str:
        """Returns what was held back and turned out to be no tag."""
        rest, self._held = self._held, ""
        return "" if self._inside else rest


def _tail_that_may_begin(text: str, tag: str) -> int:
    """Returns how many of the last characters could be the beginning of the tag."""
    for length in range(min(len(tag) - 1, len(text)), 0, -1):
        if tag.startswith(text[-length:]):
            return length
    return 0
