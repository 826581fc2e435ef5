"""Room for a model to think in, and keeping what it thinks out of what is shown."""

from dataclasses import replace

from app.answering.errors import ModelReplyBroken
from app.answering.model import ModelState

_OPEN, _CLOSE = "<think>", "</think>"


def leave_room(state: ModelState, tokens: int) -> ModelState:
    """Returns the state of a model that may think: its window is smaller by as many tokens.

    So whoever fills the window leaves them free. They are at most half of it.
    """
    thinking = min(tokens, state.window // 2)
    return replace(state, window=state.window - thinking, thinking=thinking)


class ThinkingFilter:
    """Removes ``<think>...</think>`` from text that arrives in pieces.

    Servers that do not know how to tell thinking apart leave it in the content.
    """

    def __init__(self, model: str, *, inside: bool = False) -> None:
        """Begins outside of any thinking.

        Args:
            model: Whose reply it is, for errors.
            inside: Begin inside of it: some templates put the opening tag into the prompt.
        """
        self._model = model
        self._held = ""
        self._inside = inside

    def feed(self, piece: str) -> str:
        """Returns what may be shown now; a possible beginning of a tag is held back.

        Raises:
            ThinkingShown: Thinking ends that had no beginning, so what came before was thinking.
        """
        self._held += piece
        shown: list[str] = []
        while True:
            tag = _CLOSE if self._inside else _OPEN
            before, found, after = self._held.partition(tag)
            if not self._inside and _CLOSE in before:
                raise ThinkingShown(model=self._model)
            if found:
                if not self._inside:
                    shown.append(before)
                self._held, self._inside = after, not self._inside
                continue
            kept = self._count_held(tag)
            if not self._inside:
                shown.append(self._held[: len(self._held) - kept])
            self._held = self._held[len(self._held) - kept :]
            return "".join(shown)

    def close(self) -> str:
        """Returns what was held back and turned out to be no tag."""
        rest, self._held = self._held, ""
        return "" if self._inside else rest

    def _count_held(self, tag: str) -> int:
        """Returns how many of the last characters could be the beginning of a tag."""
        tags = (tag,) if self._inside else (_OPEN, _CLOSE)
        return max(_tail_that_may_begin(self._held, each) for each in tags)


class ThinkingShown(ModelReplyBroken):
    """The server passed thinking off as the reply; from now on it is known to begin with it."""

    ja = (
        "言語モデル {model} の思考の過程が回答に混ざっています。もう一度質問してください。"
        "続く場合は、サーバーを思考を分けて返す設定で起動してください"
        "（vLLM なら --reasoning-parser）。"
    )
    en = (
        "The server mixed the thinking of {model} into its reply. Ask again; if that does not "
        "help, start the server so that it returns thinking apart (vLLM: --reasoning-parser)."
    )


def _tail_that_may_begin(text: str, tag: str) -> int:
    for length in range(min(len(tag) - 1, len(text)), 0, -1):
        if tag.startswith(text[-length:]):
            return length
    return 0
