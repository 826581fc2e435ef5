"""How a chat model is asked, whichever server it lives on."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ChatOptions:
    """How the model is asked.

    Attributes:
        window: Most tokens of prompt and reply together. One value for all calls: another one
            makes Ollama load the model again. Servers with a window of their own keep to the
            smaller of both.
        temperature: How freely words are chosen; 0 always takes the likeliest.
        top_p: Only the likeliest words that together reach this probability are considered.
        thinking_tokens: How many tokens it may think before it answers; 0 asks it not to. They
            are taken from the window, never more than half of it.
        keep_alive: How long Ollama keeps the model in memory after a reply; others decide that
            themselves.
        connect_s: Seconds to wait for a connection.
        first_token_s: Seconds to wait for the first and between any two pieces.
        total_s: Seconds for a whole reply.
        attempts: Tries while the server is starting or busy, before the first piece only.
    """

    window: int = 8192
    temperature: float = 0.1
    top_p: float = 0.9
    thinking_tokens: int = 0
    keep_alive: str = "30m"
    connect_s: float = 2.0
    first_token_s: float = 90.0
    total_s: float = 180.0
    attempts: int = 3
