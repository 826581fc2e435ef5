"""What stands in the way of going on with a conversation."""

from retrieval.errors import Invalid, NotFound


class ConversationMissing(NotFound):
    """No such conversation, or one of somebody else."""

    ja = "会話「{value}」は見つかりません。削除されたか、保存期間を過ぎています。"
    en = "There is no conversation {value!r}. It was deleted, or its time is over."


class ConversationFull(Invalid):
    """The conversation holds as many turns as one may."""

    code = "conversation-full"
    ja = "この会話は上限の {limit} 問に達しました。新しい会話を始めてください。"
    en = "This conversation holds {limit} questions, the most there may be. Begin a new one."


class NothingToContinue(NotFound):
    """There is no conversation yet."""

    ja = "続ける会話がありません。先に、--continue を付けずに質問してください。"
    en = "There is no conversation to go on with. Ask without --continue first."


class ConversationsOff(Invalid):
    """The settings keep no conversations."""

    code = "conversations-off"
    ja = (
        "会話を残さない設定のため、続けられません。KURA_KEEP_CONVERSATIONS_DAYS を 1 以上に"
        "してください。"
    )
    en = (
        "Conversations are not kept here, so there is none to go on with. Set "
        "KURA_KEEP_CONVERSATIONS_DAYS to 1 or more."
    )
