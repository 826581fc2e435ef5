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


class QuestionEmpty(Invalid):
    """The question holds no text to search for."""

    code = "question-empty"
    ja = "質問が空です。知りたいことを文で入力してください。"
    en = "The question is empty. Type what you would like to know."


class ModelUnavailable(KuraError):
    """The chat model gave no usable reply; the children say why."""

    code = "model-unavailable"
    ja = "言語モデル {model} を使えません: {reason}"
    en = "The chat model {model} cannot be used: {reason}"


class ModelUnreachable(ModelUnavailable):
    """Nothing answers at the model server's address."""

    code = "model-unreachable"
    ja = "言語モデルのサーバー {host} に接続できません。Ollama を起動してください（ollama serve）。"
    en = "The model server at {host} does not answer. Start Ollama (`ollama serve`)."


class ModelMissing(ModelUnavailable):
    """The server runs but does not have the model."""

    code = "model-missing"
    ja = "言語モデル {model} がありません。「ollama pull {model}」を実行してください。"
    en = "The model {model} is not installed. Run `ollama pull {model}`."


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
    ja = "言語モデル {model} の応答を読めません: {reason}。Ollama のログを確認してください。"
    en = "The reply of the model {model} cannot be read: {reason}. Look into Ollama's log."


class ReplyCut(ModelUnavailable):
    """The reply ended before the model was done; what came before is whole."""

    code = "reply-cut"
    ja = "言語モデル {model} の応答が途中で切れました: {reason}"
    en = "The reply of the model {model} was cut off: {reason}"


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
