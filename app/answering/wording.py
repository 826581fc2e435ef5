"""Messages in the words of a chat request, which Ollama and OpenAI's protocol have in common."""

from collections.abc import Sequence

from langchain_core.messages import BaseMessage

_ROLES = {"system": "system", "human": "user", "ai": "assistant"}


def write_messages(messages: Sequence[BaseMessage]) -> list[dict[str, str]]:
    """Returns the messages as role and content."""
    return [{"role": _ROLES[message.type], "content": str(message.text)} for message in messages]
