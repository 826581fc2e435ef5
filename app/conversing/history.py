"""One user's own conversations: what the server keeps of them, for how long, and for whom."""

import math
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from app.answering.model import Answer, Turn
from app.conversing.errors import ConversationFull, ConversationMissing
from app.conversing.keeping import keep_answer
from app.conversing.model import KeptAnswer, ShownTurn, tidy_title
from retrieval.catalog import Catalog, Conversation, StoredTurn
from retrieval.model import Principals

TURNS_LOOKED_BACK = 5
"""How many earlier turns a follow-up is understood by."""

MOST_TURNS_KEPT = 200
_TITLE_CHARACTERS = 60
_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose history it is, and what they may read now."""

    user: str
    principals: Principals


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and when it was asked."""

    question: str
    at: datetime


class History:
    """The conversations of one reader; with 0 days there are none, and none can be begun."""

    def __init__(self, catalog: Catalog, reader: Reader, days: int) -> None:
        """Takes the catalog, whose history it is, and for how many days unused ones are kept."""
        self._kept = catalog.conversations
        self._catalog = catalog
        self._reader = reader
        self._since = time.time() - days * _DAY_S if days else math.inf

    @property
    def is_kept(self) -> bool:
        """Whether anything is stored at all."""
        return self._since < math.inf

    def list(self, limit: int, after: str | None = None) -> list[Conversation]:
        """Returns one page of the conversations, the last used first."""
        return self._kept.list(self._reader.user, since=self._since, limit=limit, after=after)

    def find(self, conversation_id: str) -> Conversation | None:
        """Returns a conversation; ``None`` when there is none, or it is somebody else's."""
        return self._kept.get(self._reader.user, conversation_id, since=self._since)

    def check_place(self, conversation_id: str) -> None:
        """Checks that a conversation is there and takes another question.

        Raises:
            ConversationMissing: It is not there, or somebody else's.
            ConversationFull: It takes no more.
        """
        conversation = self.find(conversation_id)
        if conversation is None:
            raise ConversationMissing(value=conversation_id)
        if conversation.turns >= MOST_TURNS_KEPT:
            raise ConversationFull(limit=MOST_TURNS_KEPT)

    def read(self, conversation_id: str, last: int | None = None) -> tuple[ShownTurn, ...]:
        """Returns its turns as far as they may be shown now, or the last of them."""
        # Looking for words loads a dictionary, which a server does not need in order to start.
        from app.conversing.showing import show_turns

        if self.find(conversation_id) is None:
            return ()
        stored = self._kept.turns(self._reader.user, conversation_id, last=last)
        return show_turns(self._catalog, self._reader.principals, stored)

    def look_back(self, conversation_id: str) -> tuple[Turn, ...]:
        """Returns what a follow-up refers to: only what its asker may still read."""
        turns = self.read(conversation_id, last=TURNS_LOOKED_BACK)
        return tuple(Turn(turn.question, _tell(turn.answer)) for turn in turns)

    def sources(self, conversation_id: str) -> tuple[str, ...]:
        """Returns the ids of all documents that what a follow-up refers to may speak of."""
        turns = self._kept.turns(self._reader.user, conversation_id, last=TURNS_LOOKED_BACK)
        return tuple(name for turn in turns for name in KeptAnswer.model_validate(turn.answer).read)

    def begin(self, question: str) -> str | None:
        """Makes a conversation named after its first question; ``None`` when none are kept."""
        title = tidy_title(question)
        if len(title) > _TITLE_CHARACTERS:
            title = title[: _TITLE_CHARACTERS - 1] + "…"
        return self._kept.begin(self._reader.user, title) if self.is_kept else None

    def add(self, conversation_id: str, asked: Asked, answer: Answer, read: Iterable[str]) -> bool:
        """Keeps an answer; returns False when the conversation was deleted meanwhile."""
        kept = keep_answer(self._catalog, self._reader.principals, answer, read)
        turn = StoredTurn(asked.question, asked.at, kept.model_dump(mode="json"))
        return self._kept.add(self._reader.user, conversation_id, turn)

    def rename(self, conversation_id: str, title: str) -> Conversation | None:
        """Gives a conversation another title; ``None`` when there is none of this reader."""
        if self.find(conversation_id) is None:
            return None
        self._kept.rename(self._reader.user, conversation_id, title)
        return self.find(conversation_id)

    def remove(self, conversation_id: str) -> bool:
        """Deletes a conversation; returns whether there was one."""
        found = self.find(conversation_id) is not None
        return found and self._kept.remove(self._reader.user, conversation_id)

    def remove_all(self) -> int:
        """Deletes all conversations, also those being begun; returns how many there were."""
        return self._kept.remove_all(self._reader.user) if self.is_kept else 0

    def drop_empty(self, conversation_id: str) -> None:
        """Forgets a conversation whose first question was never answered."""
        self._kept.drop_empty(conversation_id)


def _tell(answer: Answer) -> str:
    return "\n".join(sentence.text for sentence in answer.sentences)
