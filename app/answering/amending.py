"""Learning from a server's refusal what it wants otherwise in a request.

Servers differ in small things that they tell only by refusing: newer models of OpenAI's protocol
want ``max_completion_tokens`` in place of ``max_tokens`` and take no temperature, a model that
cannot think is not to be asked to.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Amendment:
    """What to change when a refusal says so.

    Attributes:
        sign: Pattern of the refusal.
        field: What is left out of the request from then on.
        instead: Under which name its value is sent in its place, "" for none.
    """

    sign: str
    field: str
    instead: str = ""


class Amendments:
    """What one server was found to want. Safe to share between threads."""

    def __init__(self, known: Sequence[Amendment]) -> None:
        """Takes what may be changed; nothing is yet."""
        self._known = tuple(known)
        self._learnt: tuple[Amendment, ...] = ()

    def apply(self, body: dict[str, object]) -> dict[str, object]:
        """Returns the request as the server wants it."""
        changed = dict(body)
        for amendment in self._learnt:
            if amendment.field in changed:
                value = changed.pop(amendment.field)
                if amendment.instead:
                    changed[amendment.instead] = value
        return changed

    def learn(self, refusal: str, sent: dict[str, object]) -> bool:
        """Returns whether the refusal names what can be changed, so that it can be tried again.

        Args:
            refusal: The server's words.
            sent: The request as it was refused.
        """
        new = [each for each in self._known if each.field in sent and re.search(each.sign, refusal)]
        self._learnt += tuple(each for each in new if each not in self._learnt)
        return bool(new)
