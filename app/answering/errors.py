"""What can go wrong while answering.

``ModelUnavailable`` and its children never reach the reader as errors: the answerer turns them
into quotations and a notice. They carry both languages because that notice shows them.
"""

from retrieval.errors import Invalid, KuraError


class QuestionTooLong(Invalid):
    """The question has more characters than the service reads; the caller must shorten it."""

    code = "question-too-long"
    ja = "質問が長すぎます（{length}文字）。{limit}文字以内に短くしてください。"
    en = "The question is too long ({length} characters). Shorten it to {limit} or fewer."


LONGEST_QUESTION = 4_000
"""Characters of a question that are read."""


def check_length(question: str) -> None:
    """Raises ``QuestionTooLong`` of a question that is not read."""
    if len(question) > LONGEST_QUESTION:
        raise QuestionTooLong(length=len(question), limit=LONGEST_QUESTION)


class QuestionEmpty(Invalid):
    """The question holds no text to search for."""

    code = "question-empty"
    ja = "質問に言葉がありません。知りたいことを文で入力してください。"
    en = "The question holds no words. Type what you would like to know."


class ModelUnavailable(KuraError):
    """The chat model gave no usable reply; the children say why."""

    code = "model-unavailable"
    ja = "言語モデル {model} を使えません: {reason}"
    en = "The chat model {model} cannot be used: {reason}"


class ModelUnreachable(ModelUnavailable):
    """Nothing answers at the model server's address."""

    code = "model-unreachable"
    ja = (
        "言語モデルのサーバー {host} に接続できません。Ollama（ollama serve）など、"
        "設定 KURA_CHAT_URL のサーバーを起動してください。"
    )
    en = (
        "The model server at {host} does not answer. Start Ollama (`ollama serve`), or the server "
        "that KURA_CHAT_URL names."
    )


class ModelMissing(ModelUnavailable):
    """The server runs but does not have the model."""

    code = "model-missing"
    ja = "言語モデル {model} がありません。「ollama pull {model}」を実行してください。"
    en = "The model {model} is not installed. Run `ollama pull {model}`."


class ModelNotServed(ModelMissing):
    """An OpenAI-compatible server runs but offers other models."""

    ja = (
        "言語モデルのサーバー {host} に {model} はありません（あるもの: {offered}）。"
        "設定 KURA_MODEL をそのどれかにするか、サーバーで {model} を読み込んでください。"
    )
    en = (
        "The server at {host} does not offer the model {model} (it offers: {offered}). Set "
        "KURA_MODEL to one of these, or load {model} there."
    )


class ModelKeyRefused(ModelUnavailable):
    """The server wants a key, or does not accept the one it was given."""

    code = "model-key-refused"
    ja = (
        "言語モデルのサーバー {host} がキーを受け付けません（HTTP {status}）。"
        "設定 KURA_CHAT_KEY_FILE のファイルを確認してください。"
    )
    en = (
        "The model server at {host} refuses the key (HTTP {status}). Check the file that "
        "KURA_CHAT_KEY_FILE names."
    )


class CloudRefused(ModelUnavailable):
    """The model runs outside, and nobody has allowed text to leave."""

    code = "cloud-refused"
    ja = (
        "言語モデルのサーバー {provider} は社外にあるため、何も送っていません。"
        "質問と文書の抜粋を社外に送ってよい場合だけ、KURA_ALLOW_CLOUD=true を設定してください。"
    )
    en = (
        "The model server {provider} is outside your network, so nothing was sent. Set "
        "KURA_ALLOW_CLOUD=true only if questions and parts of documents may leave."
    )


class QueueFull(ModelUnavailable):
    """As many questions wait for the model as may; this one is answered without it."""

    code = "model-queue-full"
    ja = (
        "言語モデルの順番を待つ質問が多すぎます（{waiting} 件）。"
        "文章での回答が必要なら、少し後でもう一度質問してください。"
    )
    en = (
        "Too many questions are waiting for the chat model ({waiting}). Ask again in a little "
        "while if you need a written answer."
    )


class QueueSlow(ModelUnavailable):
    """The model's turn did not come in time."""

    code = "model-queue-slow"
    ja = (
        "{seconds} 秒待っても言語モデルの順番が来ませんでした。"
        "文章での回答が必要なら、少し後でもう一度質問してください。"
    )
    en = (
        "The chat model's turn did not come within {seconds} seconds. Ask again in a little while "
        "if you need a written answer."
    )


class ModelResting(ModelUnavailable):
    """It failed several times in a row and is left alone for a while."""

    code = "model-resting"
    ja = "言語モデル {model} が続けて失敗したため、{seconds} 秒後まで使いません。"
    en = "The model {model} failed repeatedly and is not asked again for {seconds} seconds."


class ModelBusy(ModelUnavailable):
    """The server refused because it is loaded; tried again without success."""

    code = "model-busy"
    ja = (
        "言語モデル {model} が混み合っています（HTTP {status}）。しばらくしてから質問してください。"
    )
    en = "The model {model} is busy (HTTP {status}). Ask again in a little while."


class ModelTooSlow(ModelUnavailable):
    """No token, or not the last one, within the time allowed."""

    code = "model-too-slow"
    ja = "言語モデル {model} の応答が {seconds} 秒以内に終わりませんでした。"
    en = "The model {model} did not finish within {seconds} seconds."


class ModelReplyBroken(ModelUnavailable):
    """The server answered with something that is not its protocol, or reported a failure."""

    code = "model-reply-broken"
    ja = "言語モデル {model} の応答を読めません（{reason}）。サーバーのログを確認してください。"
    en = "The reply of the model {model} cannot be read ({reason}). Look into the server's log."


class RequestRefused(ModelReplyBroken):
    """The server does not take the request as it is, and says why."""


class ReplyCut(ModelUnavailable):
    """The reply ended before the model was done; what came before is whole."""

    code = "reply-cut"
    ja = "言語モデル {model} の応答が途中で切れました（{reason}）。"
    en = "The reply of the model {model} was cut off ({reason})."


class ReplyTooLong(ReplyCut):
    """The model wrote as much as it may and was not done; the server is sound."""


class PromptTooLong(ModelUnavailable):
    """The question alone, or all that must be sent, does not fit the model's window."""

    code = "prompt-too-long"
    ja = (
        "質問が言語モデル {model} の入力上限（{window} トークン）に収まりません。"
        "質問を短くしてください。"
    )
    en = "The question does not fit the window of {model} ({window} tokens). Shorten the question."


class PromptTruncated(ModelUnavailable):
    """The server read far fewer tokens than were sent: it silently cut the prompt."""

    code = "prompt-truncated"
    ja = (
        "言語モデル {model} は送った文章の一部（約 {sent} トークンのうち {read}）しか"
        "読んでいません。"
        "num_ctx の設定を確認してください。"
    )
    en = (
        "The model {model} read only part of what was sent ({read} of about {sent} tokens). "
        "Check the num_ctx setting."
    )
