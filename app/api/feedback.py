"""`/feedback`: readers say what an answer was worth, admins make golden questions of it."""

from collections.abc import Iterable
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from app.answering.errors import QuestionEmpty, check_length
from app.answering.language import detect
from app.api.deps import Admin, Parts, Reader
from app.api.description import describe_problems
from app.api.refusals import DocumentMissing, FeedbackOfOthers
from app.api.schemas_feedback import (
    DecisionRequest,
    FeedbackList,
    FeedbackReceipt,
    FeedbackRequest,
    FeedbackView,
)
from app.evaluating.accepting import Decision, accept
from app.evaluating.errors import FeedbackLimited, FeedbackMissing
from app.evaluating.gaps import MOST_AN_HOUR
from app.identity import Identity
from app.services import Services
from retrieval.catalog import Feedback, FeedbackReason, FeedbackState, NewFeedback
from retrieval.model import Document

router = APIRouter(tags=["feedback"])


@router.post(
    "/feedback",
    status_code=201,
    summary="Say what an answer was worth / 回答を評価する",
    description=(
        "Keeps the question, the ids of the cited passages and what is said here, never the "
        f"answer's words. At most {MOST_AN_HOUR} answers an hour for each reader. / "
        "質問、引用箇所の ID、評価だけを保存し、回答の文は保存しません。"
    ),
    responses=describe_problems(_429="This reader has said enough for an hour."),
)
def give_feedback(body: FeedbackRequest, parts: Parts, reader: Reader) -> FeedbackReceipt:
    """Keeps what a reader says of an answer."""
    _check_name(reader)
    if not body.question.strip():
        raise QuestionEmpty(field="question", value=body.question[:40], allowed="")
    check_length(body.question)
    kept = parts.catalog.feedback.give(_read(body, parts, reader), MOST_AN_HOUR)
    if kept is None:
        raise FeedbackLimited(limit=MOST_AN_HOUR)
    return FeedbackReceipt(id=kept.id)


def _check_name(reader: Identity) -> None:
    """Checks that feedback is given, or taken back, in one's own name.

    Raises:
        FeedbackOfOthers: The caller acts as somebody else.
    """
    if reader.acting_as is not None:
        raise FeedbackOfOthers(person=reader.acting_as)


def _read(body: FeedbackRequest, parts: Services, reader: Identity) -> NewFeedback:
    """Returns the feedback with only what this reader may read.

    Raises:
        DocumentMissing: The correct document is none that the reader may read.
    """
    from app.answering.following_up import standalone  # loads the dictionary

    right = body.correct_document
    if right and parts.catalog.documents.get(right, reader.principals) is None:
        raise DocumentMissing(value=right)
    cited = parts.catalog.chunks.fetch(dict.fromkeys(body.chunks), reader.principals)
    reason = "" if body.helpful else body.reason
    near = body.nearest if reason == FeedbackReason.MISSING else ()
    documents = [document.id for _, document in cited.values()]
    documents += [each.id for each in _find_readable(parts, near, reader)]
    question = standalone(body.question.strip(), body.turns())
    return NewFeedback(
        user=reader.user,
        groups=reader.groups,
        question=question,
        language=body.language or detect(question),
        answer_id=body.answer_id,
        answer_kind=body.answer_kind,
        helpful=body.helpful,
        reason=reason,
        comment=body.comment.strip(),
        documents=tuple(dict.fromkeys(documents)),
        chunks=tuple(cited),
        correct_document=right,
    )


@router.delete(
    "/feedback",
    status_code=204,
    summary="Delete one's own feedback / 自分のフィードバックを削除する",
    description=(
        "All that carries the caller's name. What an admin has accepted carries none any more. / "
        "自分の名前が付いたものを全て削除します。採用済みのものには名前がありません。"
    ),
)
def forget_feedback(parts: Parts, reader: Reader) -> Response:
    """Deletes what the caller said."""
    _check_name(reader)
    parts.catalog.feedback.forget(reader.user)
    return Response(status_code=204)


@router.get(
    "/feedback",
    summary="List feedback / フィードバックの一覧",
    description=(
        "For admins, without the names of those who gave it; titles only of documents that the "
        "admin may read. `reason=missing` lists what readers report that no document says. / "
        "管理者向けです。送った人の名前は含みません。`reason=missing` で、資料がないという知らせ"
        "だけを示します。"
    ),
)
def list_feedback(
    parts: Parts,
    admin: Admin,
    state: Literal["new", "golden", "training"] | None = None,
    reason: FeedbackReason | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> FeedbackList:
    """Lists feedback."""
    wanted = None if state is None else FeedbackState(state)
    rows = parts.catalog.feedback.list(wanted, limit, reason)
    return FeedbackList(feedback=[_show(row, parts, admin) for row in rows])


@router.patch(
    "/feedback/{feedback_id}",
    summary="Accept feedback / フィードバックを採用する",
    description=(
        "As a golden question or a training pair, never both. The giver's name, comment and the "
        "answer's id are deleted. / 測定用か学習用として採用します。送った人の名前とコメントは"
        "消えます。"
    ),
)
def accept_feedback(
    feedback_id: str, body: DecisionRequest, parts: Parts, admin: Admin
) -> FeedbackView:
    """Accepts feedback."""
    decision = Decision(
        training=body.state == "training", refuse=body.refuse, documents=tuple(body.documents)
    )
    return _show(accept(parts.catalog, feedback_id, decision, admin.principals), parts, admin)


@router.delete(
    "/feedback/{feedback_id}",
    status_code=204,
    summary="Drop feedback / フィードバックを捨てる",
    description="Deletes it in any state. For admins. / どの状態のものも削除します。",
)
def drop_feedback(feedback_id: str, parts: Parts, _admin: Admin) -> Response:
    """Deletes one feedback."""
    if not parts.catalog.feedback.drop(feedback_id):
        raise FeedbackMissing(value=feedback_id)
    return Response(status_code=204)


def _show(row: Feedback, parts: Services, admin: Identity) -> FeedbackView:
    ids = {*row.documents, *((row.correct_document,) if row.correct_document else ())}
    return FeedbackView.of(row, _find_readable(parts, ids, admin))


def _find_readable(parts: Services, ids: Iterable[str], reader: Identity) -> list[Document]:
    found = (parts.catalog.documents.get(each, reader.principals) for each in ids)
    return [each for each in found if each is not None]
