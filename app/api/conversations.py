"""`/conversations`: what the caller asked before, and nobody else's."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from app.api.deps import Parts, Reader, Speaking
from app.api.schemas_conversations import (
    ConversationChange,
    ConversationDetail,
    ConversationList,
    ConversationsRemoved,
    ConversationView,
)
from app.conversing import history as keeping
from app.conversing.errors import ConversationMissing
from app.conversing.exporting import write_markdown
from app.conversing.history import History
from app.identity import Identity
from app.services import Services
from retrieval.catalog import Conversation

router = APIRouter(prefix="/conversations", tags=["conversations"])

MARKDOWN = "text/markdown; charset=utf-8"
_NONE_OF_OTHERS = (
    "Only one's own; those of others, also for admins, are not there. / "
    "自分の会話だけです。他人の会話は、管理者にも存在しないのと同じです。"
)


def open_history(parts: Services, reader: Identity) -> History:
    """Returns the caller's own conversations; who acts as somebody has none and makes none."""
    days = 0 if reader.acting_as is not None else parts.keep_conversations_days
    return History(parts.catalog, keeping.Reader(reader.user, reader.principals), days)


@router.get(
    "",
    summary="List one's conversations / 会話の一覧",
    description=f"The last used first, a page at a time. {_NONE_OF_OTHERS}",
)
def list_conversations(
    parts: Parts,
    reader: Reader,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    after: Annotated[str | None, Query(description="`next` of the page before.")] = None,
) -> ConversationList:
    """Lists conversations."""
    history = open_history(parts, reader)
    found = history.list(limit + 1, after)
    page = found[:limit]
    return ConversationList(
        conversations=[ConversationView.of(conversation) for conversation in page],
        next=page[-1].id if len(found) > limit else None,
        kept_days=parts.keep_conversations_days if history.is_kept else 0,
    )


@router.delete(
    "",
    summary="Delete all one's conversations / 会話を全て削除する",
    description=(
        "Also those whose first answer is still being written: they are not kept. / "
        "回答中の会話も残りません。"
    ),
)
def remove_conversations(parts: Parts, reader: Reader) -> ConversationsRemoved:
    """Deletes all conversations of the caller."""
    return ConversationsRemoved(removed=open_history(parts, reader).remove_all())


@router.get(
    "/{conversation_id}",
    summary="Read a conversation / 会話を読む",
    description=(
        "Each answer as far as the caller may still read what it rests on, with the words as the "
        "documents have them now. What is not shown is counted in a notice and never named. / "
        "いま閲覧できる文書に根拠がある文だけを示します。"
    ),
)
def read_conversation(conversation_id: str, parts: Parts, reader: Reader) -> ConversationDetail:
    """Shows a conversation."""
    history = open_history(parts, reader)
    conversation = _find(history, conversation_id)
    return ConversationDetail.holding(conversation, history.read(conversation_id))


@router.patch(
    "/{conversation_id}",
    summary="Rename a conversation / 会話の名前を変える",
    description=f"Gives it another title. {_NONE_OF_OTHERS}",
)
def rename_conversation(
    conversation_id: str, change: ConversationChange, parts: Parts, reader: Reader
) -> ConversationView:
    """Renames a conversation."""
    conversation = open_history(parts, reader).rename(conversation_id, change.title)
    if conversation is None:
        raise ConversationMissing(value=conversation_id)
    return ConversationView.of(conversation)


@router.delete(
    "/{conversation_id}",
    status_code=204,
    summary="Delete a conversation / 会話を削除する",
    description=(
        "At once, with everything in it; an answer still being written for it is not kept. / "
        "中身ごとすぐに消えます。回答中のものも残りません。"
    ),
)
def remove_conversation(conversation_id: str, parts: Parts, reader: Reader) -> Response:
    """Deletes a conversation."""
    if not open_history(parts, reader).remove(conversation_id):
        raise ConversationMissing(value=conversation_id)
    return Response(status_code=204)


@router.get(
    "/{conversation_id}/export",
    response_class=Response,
    summary="Export a conversation / 会話を書き出す",
    description=(
        "The same as reading it, as a file: `json`, or `markdown` with the quotations. / "
        "読むときと同じ内容を、JSON か引用付きの Markdown のファイルで返します。"
    ),
    responses={
        200: {
            "description": "The file, as an attachment.",
            "content": {
                "application/json": {"schema": {"$ref": "#/components/schemas/ConversationDetail"}},
                "text/markdown": {"schema": {"type": "string"}},
            },
        }
    },
)
def export_conversation(
    conversation_id: str,
    parts: Parts,
    reader: Reader,
    language: Speaking,
    form: Annotated[Literal["json", "markdown"], Query(alias="format")] = "json",
) -> Response:
    """Sends a conversation as a file."""
    history = open_history(parts, reader)
    conversation = _find(history, conversation_id)
    turns = history.read(conversation_id)
    if form == "markdown":
        text, media_type, suffix = write_markdown(conversation, turns, language), MARKDOWN, "md"
    else:
        detail = ConversationDetail.holding(conversation, turns)
        text, media_type, suffix = detail.model_dump_json(indent=2), "application/json", "json"
    name = f"conversation-{conversation.created_at:%Y%m%d-%H%M}.{suffix}"
    attached = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, media_type=media_type, headers=attached)


def _find(history: History, conversation_id: str) -> Conversation:
    conversation = history.find(conversation_id)
    if conversation is None:
        raise ConversationMissing(value=conversation_id)
    return conversation
