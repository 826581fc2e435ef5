"""Conversations: what each user asked and was answered, readable by that user alone."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Row, and_, delete, exists, func, insert, or_, select, update

from retrieval.catalog.database import Database
from retrieval.catalog.rows import instant, record_of
from retrieval.catalog.schema import conversations, turns


@dataclass(frozen=True, slots=True)
class Conversation:
    """One conversation, without what was said in it.

    Attributes:
        turns: How many questions of it were answered.
        updated_at: When the last of them was.
    """

    id: str
    title: str
    turns: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class StoredTurn:
    """One question, and its answer as ``app.conversing`` keeps it; JSON-able."""

    question: str
    asked_at: datetime
    answer: Mapping[str, Any]


ConversationList = list[Conversation]
_turn_count = (
    select(func.count())
    .select_from(turns)
    .where(turns.c.conversation_id == conversations.c.id)
    .scalar_subquery()
    .label("turns")
)
_whole = select(conversations, _turn_count)
_is_empty = ~exists().where(turns.c.conversation_id == conversations.c.id)

BEGUN_S = 3600.0
"""Seconds after which a conversation without an answer will get none."""


class Conversations:
    """All conversations. Nothing here tells one user of another's.

    What takes ``since`` passes over conversations that were last used before that moment, in
    seconds since the epoch: they have outlived their time even when nobody has swept them yet.
    """

    def __init__(self, database: Database) -> None:
        """Takes the open database."""
        self._database = database

    def begin(self, owner: str, title: str) -> str:
        """Makes an empty conversation, which is in no list yet, and returns its id."""
        now, identity = time.time(), str(uuid4())
        row = {"id": identity, "owner": owner, "title": title}
        with self._database.write() as connection:
            connection.execute(insert(conversations), row | {"created_at": now, "updated_at": now})
        return identity

    def add(self, owner: str, conversation_id: str, turn: StoredTurn) -> bool:
        """Adds a turn; returns False, and keeps nothing, when there is no such conversation."""
        row = {
            "conversation_id": conversation_id,
            "question": turn.question,
            "asked_at": turn.asked_at.timestamp(),
            "answer": dict(turn.answer),
        }
        own = _owned(owner, conversation_id)
        with self._database.write() as connection:
            touched = update(conversations).where(own).values(updated_at=time.time())
            if connection.execute(touched).rowcount == 0:
                return False
            connection.execute(insert(turns).values(row))
        return True

    def list(
        self, owner: str, *, since: float, limit: int, after: str | None = None
    ) -> ConversationList:
        """Returns a user's conversations that hold anything, the last used first.

        Args:
            owner: The user.
            since: See the class.
            limit: At most so many.
            after: Id of the last conversation of the page before.
        """
        listed = and_(
            conversations.c.owner == owner,
            conversations.c.updated_at >= since,
            exists().where(turns.c.conversation_id == conversations.c.id),
        )
        query = _whole.where(listed).limit(limit)
        if after is not None:
            last = select(conversations.c.updated_at).where(_owned(owner, after)).scalar_subquery()
            used = conversations.c.updated_at
            query = query.where(or_(used < last, and_(used == last, conversations.c.id > after)))
        query = query.order_by(conversations.c.updated_at.desc(), conversations.c.id)
        with self._database.read() as connection:
            return [_conversation_of(row) for row in connection.execute(query)]

    def get(self, owner: str, conversation_id: str, *, since: float) -> Conversation | None:
        """Returns a conversation; ``None`` when there is none, or it is somebody else's."""
        query = _whole.where(_owned(owner, conversation_id), conversations.c.updated_at >= since)
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _conversation_of(row)

    def turns(
        self, owner: str, conversation_id: str, *, last: int | None = None
    ) -> tuple[StoredTurn, ...]:
        """Returns the turns of a user's conversation as they were asked.

        Args:
            owner: The user.
            conversation_id: The conversation; without it, and of somebody else, there are none.
            last: At most so many, the latest.
        """
        query = (
            select(turns)
            .join(conversations, conversations.c.id == turns.c.conversation_id)
            .where(_owned(owner, conversation_id))
            .order_by(turns.c.asked_at.desc(), turns.c.id.desc())
            .limit(last)
        )
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return tuple(
            StoredTurn(row.question, instant(row.asked_at), row.answer) for row in reversed(rows)
        )

    def rename(self, owner: str, conversation_id: str, title: str) -> bool:
        """Gives a conversation another title; returns whether there is such a conversation."""
        own = _owned(owner, conversation_id)
        with self._database.write() as connection:
            done = connection.execute(update(conversations).where(own).values(title=title))
        return done.rowcount == 1

    def remove(self, owner: str, conversation_id: str) -> bool:
        """Deletes a conversation with its turns; returns whether there was such a one."""
        with self._database.write() as connection:
            done = connection.execute(delete(conversations).where(_owned(owner, conversation_id)))
        return done.rowcount == 1

    def remove_all(self, owner: str) -> int:
        """Deletes all conversations of a user and returns how many there were."""
        with self._database.write() as connection:
            done = connection.execute(delete(conversations).where(conversations.c.owner == owner))
        return done.rowcount

    def drop_empty(self, conversation_id: str) -> None:
        """Deletes a conversation that nothing was said in."""
        empty = and_(conversations.c.id == conversation_id, _is_empty)
        with self._database.write() as connection:
            connection.execute(delete(conversations).where(empty))

    def sweep(self, before: float) -> int:
        """Deletes everybody's conversations that were last used before a moment.

        Those that hold nothing go sooner: their server was killed before the first answer was
        whole, and a question that failed is not kept.

        Returns:
            How many there were.
        """
        abandoned = and_(_is_empty, conversations.c.created_at < time.time() - BEGUN_S)
        old = or_(conversations.c.updated_at < before, abandoned)
        with self._database.read() as connection:
            if not connection.execute(select(exists().where(old))).scalar():
                return 0  # looked at again and again: a write would wake whoever follows the file
        with self._database.write() as connection:
            return connection.execute(delete(conversations).where(old)).rowcount


def _owned(owner: str, conversation_id: str) -> ColumnElement[bool]:
    return and_(conversations.c.id == conversation_id, conversations.c.owner == owner)


def _conversation_of(row: Row[Any]) -> Conversation:
    return record_of(Conversation, row)
