"""What measuring needs from outside."""

from typing import Protocol

from app.answering.model import Answer, Question


class Answering(Protocol):
    """Answers questions; `app.answering.answerer.Answerer` is one."""

    def answer(self, question: Question) -> Answer:
        """Returns the whole answer."""
        ...
