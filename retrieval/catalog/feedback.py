"""What readers say of answers: kept with their name until an admin decides, without it after."""

import time
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import uuid4

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    String,
    and_,
    case,
    cast,
    delete,
    exists,
    func,
    insert,
    select,
    update,
)

from retrieval.catalog.database import Database
from retrieval.catalog.rows import record_of
from retrieval.catalog.schema import feedback

HOUR_S = 3600.0


class FeedbackState(StrEnum):
    """What became of a row; what is dropped is deleted."""

    NEW = "new"
    GOLDEN = "golden"  # a question that is measured on, and so never trained on
    TRAINING = "training"  # a pair that the search model may learn from


class FeedbackReason(StrEnum):
    """What is wrong with an answer."""

    WRONG = "wrong"
    WRONG_SOURCE = "wrong-source"
    OUTDATED = "outdated"
    INCOMPLETE = "incomplete"
    NOT_ANSWERED = "not-answered"  # the documents do say
    UNCLEAR = "unclear"
    OTHER = "other"
    MISSING = "missing"  # the documents do not say: a gap in them, whatever the answer was worth


@dataclass(frozen=True, slots=True)
class NewFeedback:
    """What a reader says of an answer.

    Attributes:
        groups: The reader's, so that the question can be asked again with the same rights.
        question: As it was searched for: a follow-up stands alone.
        reason: Code, "" where none is given.
        documents: Ids of the documents that the answer cites; of a gap also the nearest ones.
        chunks: Ids of the passages that it cites.
        correct_document: Id of the document that the reader holds to be right.
    """

    user: str
    groups: tuple[str, ...]
    question: str
    language: str
    answer_id: str
    answer_kind: str
    helpful: bool
    reason: str = ""
    comment: str = ""
    documents: tuple[str, ...] = ()
    chunks: tuple[str, ...] = ()
    correct_document: str | None = None


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a reader said, as stored.

    Attributes:
        user: Who said it, "" once it was accepted.
        expect: "answer" or "refuse" once it was accepted, else "".
        documents: Of the answer; once accepted, those that are right.
        count: Of how many reports of one gap, by readers of the same groups, this is the newest.
    """

    id: str
    state: FeedbackState
    user: str
    groups: tuple[str, ...]
    question: str
    language: str
    answer_id: str
    answer_kind: str
    helpful: bool
    reason: str
    comment: str
    documents: tuple[str, ...]
    chunks: tuple[str, ...]
    correct_document: str | None
    expect: str
    created_at: datetime
    decided_at: datetime | None
    count: int = 1


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What an admin makes of feedback.

    Attributes:
        expect: "answer" or "refuse".
        documents: Ids of the right documents; none for a refusal.
    """

    state: FeedbackState
    expect: str
    documents: tuple[str, ...] = ()


FeedbackList = list[Feedback]

_IS_GAP = and_(feedback.c.state == FeedbackState.NEW, feedback.c.reason == FeedbackReason.MISSING)


class FeedbackRows:
    """All feedback. Who may see it is the caller's to decide."""

    def __init__(self, database: Database) -> None:
        """Takes the open database."""
        self._database = database

    def give(self, new: NewFeedback, most_an_hour: int) -> Feedback | None:
        """Keeps what a reader says; said again of the same answer it replaces what was said.

        A gap in the documents stands beside what the answer to it was worth.

        Returns:
            The row; ``None``, and nothing kept, when this reader has said enough for an hour.
        """
        own = and_(
            feedback.c.user == new.user,
            feedback.c.answer_id == new.answer_id,
            feedback.c.state == FeedbackState.NEW,
            (feedback.c.reason == FeedbackReason.MISSING) == (new.reason == FeedbackReason.MISSING),
        )
        now = time.time()
        with self._database.write() as connection:
            before = connection.scalar(select(feedback.c.id).where(own))
            if before is None and _count_recent(connection, new.user, now) >= most_an_hour:
                return None
            connection.execute(delete(feedback).where(own))
            kept = {"id": before or str(uuid4()), "state": FeedbackState.NEW, "created_at": now}
            values = {**asdict(new), **kept, "expect": ""}
            row = connection.execute(insert(feedback).values(values).returning(feedback)).one()
        return _feedback_of(row)

    def list(
        self,
        state: FeedbackState | None = None,
        limit: int = 1000,
        reason: FeedbackReason | None = None,
    ) -> FeedbackList:
        """Returns feedback in this state and for this reason (all for ``None``), newest first.

        A gap that several readers of the same groups report is one row.
        """
        newest = (feedback.c.created_at.desc(), feedback.c.id)
        one = (
            case((_IS_GAP, feedback.c.question), else_=feedback.c.id),
            case((_IS_GAP, cast(feedback.c.groups, String)), else_=""),
        )
        query = select(
            feedback,
            func.count().over(partition_by=one).label("reports"),
            func.row_number().over(partition_by=one, order_by=newest).label("place"),
        )
        if state is not None:
            query = query.where(feedback.c.state == state)
        if reason is not None:
            query = query.where(feedback.c.reason == reason)
        found = query.subquery()
        first = select(found).where(found.c.place == 1)
        shown = first.order_by(found.c.created_at.desc(), found.c.id).limit(limit)
        with self._database.read() as connection:
            return [
                replace(_feedback_of(row), count=row.reports) for row in connection.execute(shown)
            ]

    def get(self, feedback_id: str) -> Feedback | None:
        """Returns one row, ``None`` where there is none."""
        query = select(feedback).where(feedback.c.id == feedback_id)
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _feedback_of(row)

    def accept(self, feedback_id: str, acceptance: Acceptance) -> Feedback | None:
        """Makes feedback a golden question or a training pair.

        What ties it to a person goes: name, comment and answer. Question, groups and the right
        documents stay. Other reports of the same gap are deleted.

        Returns:
            The row; ``None`` where there is none that waits to be decided.
        """
        waiting = and_(feedback.c.id == feedback_id, feedback.c.state == FeedbackState.NEW)
        values = {
            "state": acceptance.state.value,
            "expect": acceptance.expect,
            "documents": list(acceptance.documents),
            "correct_document": None,
            "user": "",
            "comment": "",
            "answer_id": "",
            "decided_at": time.time(),
        }
        statement = update(feedback).where(waiting).values(values).returning(feedback)
        with self._database.write() as connection:
            row = connection.execute(statement).one_or_none()
            if row is not None and row.reason == FeedbackReason.MISSING:
                connection.execute(delete(feedback).where(_same_gap(row)))
        return None if row is None else _feedback_of(row)

    def drop(self, feedback_id: str) -> bool:
        """Deletes a row in any state, of a gap all reports; returns whether there was one."""
        this = feedback.c.id == feedback_id
        with self._database.write() as connection:
            row = connection.execute(select(feedback).where(this)).one_or_none()
            if row is None:
                return False
            is_gap = (row.state, row.reason) == (FeedbackState.NEW, FeedbackReason.MISSING)
            connection.execute(delete(feedback).where(_same_gap(row) if is_gap else this))
        return True

    def unname(self, before: float) -> int:
        """Deletes the names of who gave what nobody has decided on since that moment.

        Returns:
            How many rows carried one.
        """
        old = and_(feedback.c.user != "", feedback.c.created_at < before)
        with self._database.read() as connection:
            if not connection.execute(select(exists().where(old))).scalar():
                return 0  # looked at again and again: a write would wake whoever follows the file
        with self._database.write() as connection:
            return connection.execute(
                update(feedback).where(old).values(user="", answer_id="")
            ).rowcount

    def forget(self, user: str) -> int:
        """Deletes all that carries a user's name and returns how many rows that were."""
        # What was accepted carries none: an empty name is nobody's, and must not take all of it.
        own = and_(feedback.c.user == user, feedback.c.user != "")
        with self._database.write() as connection:
            return connection.execute(delete(feedback).where(own)).rowcount


def _same_gap(row: Row[Any]) -> ColumnElement[bool]:
    return and_(_IS_GAP, feedback.c.question == row.question, feedback.c.groups == row.groups)


def _count_recent(connection: Connection, user: str, now: float) -> int:
    recent = and_(feedback.c.user == user, feedback.c.created_at > now - HOUR_S)
    return connection.scalar(select(func.count()).select_from(feedback).where(recent)) or 0


def _feedback_of(row: Row[Any]) -> Feedback:
    return record_of(Feedback, row, state=FeedbackState(row.state))
