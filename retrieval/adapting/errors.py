"""Why a model is not tuned."""

from retrieval.errors import KuraError


class CorpusTooSmall(KuraError):
    """There is not enough to learn from, and nothing to tell by whether it helped."""

    code = "corpus-too-small"
    ja = (
        "学習するには文書が足りません: {readers} が読めるのは {documents} 文書・{passages} 箇所です"
        "（{least_documents} 文書・{least_passages} 箇所以上が必要）。文書を取り込むか、"
        "--readable-by で対象を広げてください。内蔵モデルはそのまま使えます。"
    )
    en = (
        "There is too little to learn from: {readers} may read {documents} documents with"
        " {passages} passages, and at least {least_documents} and {least_passages} are needed."
        " Take in more, or widen it with --readable-by. The model in use goes on serving."
    )


class ModelNotStatic(KuraError):
    """The model that the settings name is no table of token vectors."""

    code = "model-not-static"
    ja = (
        "KURA_EMBEDDING_MODEL のモデル {model} は調整できません。調整できるのは、内蔵モデルのような"
        "静的モデルだけです。設定を外すと内蔵モデルになります。"
    )
    en = (
        "The model {model} that KURA_EMBEDDING_MODEL names cannot be tuned: only static models,"
        " like the built-in one, can. Remove the setting to use the built-in one."
    )
