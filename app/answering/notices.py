"""What the reader is told about an answer, in both languages."""

from datetime import date

from app.answering.errors import ModelUnavailable
from app.answering.model import NEAR_PASSAGES, Bilingual, ModelState, Notice
from retrieval.errors import Language
from retrieval.model import SearchResult

NOT_CONFIGURED = ModelState(
    connected=False,
    model_present=False,
    window=0,
    reason_code="no-model",
    remedy=Bilingual(
        ja=(
            "Ollama を入れて起動し、「ollama pull モデル名」を実行するか、設定 KURA_CHAT_URL に"
            "OpenAI 互換サーバーのアドレスを指定してください。"
        ),
        en=(
            "Install and start Ollama and run `ollama pull MODEL`, or put the address of an "
            "OpenAI-compatible server into the setting KURA_CHAT_URL."
        ),
    ),
)
"""The state when no chat model is configured at all."""

_QUOTATIONS = Bilingual(
    ja="言語モデルが使えないため、文書からの引用をお示しします。",
    en="No chat model can be used, so these are quotations from the documents.",
)
_FAILED = Bilingual(
    ja="言語モデルが答えられなかったため、文書からの引用をお示しします。",
    en="The chat model could not answer, so these are quotations from the documents.",
)
_CUT = Bilingual(
    ja="回答は途中までです。書き終えた文だけを表示しています。",
    en="The answer is incomplete. Only the finished sentences are shown.",
)
_PARTLY_READ = Bilingual(
    ja="言語モデルは資料の一部を読まずに答えた可能性があります。",
    en="The model may have answered without reading all of the sources.",
)
_DEGRADED = {
    "vector": Bilingual(
        ja="意味による検索が使えないため、語句による検索だけで探しました。",
        en="Search by meaning is not available; only words were searched.",
    ),
    "lexical": Bilingual(
        ja="語句による検索が使えないため、意味による検索だけで探しました。",
        en="Search by words is not available; only meaning was searched.",
    ),
    "reranker": Bilingual(
        ja="並べ直し（リランカー）が使えないため、通常の順で探しました。",
        en="The reranker is not available; passages are in their usual order.",
    ),
}


def tell(code: str, ja: str, en: str, language: Language) -> Notice:
    """Returns a notice whose words are these, in the reader's language."""
    return Notice(code, ja if language == "ja" else en)


def no_model(state: ModelState, language: Language) -> Notice:
    """Returns why quotations are shown instead of a written answer, and what to do about it."""
    remedy = state.remedy.text(language) if state.remedy else ""
    return Notice(state.reason_code or "no-model", _join(_QUOTATIONS, remedy, language))


def model_failed(error: ModelUnavailable, language: Language) -> Notice:
    """Returns that the model gave nothing usable, and why."""
    return Notice(error.code, _join(_FAILED, error.message(language), language))


def other_language(language: Language) -> Notice:
    """Returns that the question seems to be in a language that is not spoken here."""
    ja = (
        "回答は日本語か英語でお返しします。"
        "日本語か英語で質問していただくと、より確実に見つかります。"
    )
    en = "Answers are given in Japanese or English. A question in one of them finds more."
    return tell("language-other", ja, en, language)


def understood_as(question: str, language: Language) -> Notice:
    """Returns what a follow-up was searched for as."""
    ja, en = f"「{question}」と解釈しました。", f"Understood as: “{question}”"
    return tell("understood-as", ja, en, language)


def searched_with(question: str, language: Language) -> Notice:
    """Returns with which words of earlier questions a follow-up was searched for."""
    ja = f"前の質問の語を補って「{question}」で探しました。"
    en = f"Searched together with words of earlier questions: “{question}”"
    return tell("searched-with", ja, en, language)


def translated(language: Language) -> Notice:
    """Returns that sentences say in one language what their sources say in the other."""
    ja = "英語の文書をもとにした文は日本語訳です。原文は出典の引用のとおりです。"
    en = (
        "Sentences that rest on Japanese documents are translations; the original words are "
        "quoted with the sources."
    )
    return tell("translated", ja, en, language)


def not_in_language(language: Language) -> Notice:
    """Returns that the model wrote in the other language than it was asked to."""
    ja = "言語モデルが、日本語ではなく英語で答えました。"
    en = "The chat model answered in Japanese although English was asked for."
    return tell("language-not-kept", ja, en, language)


def reworded(language: Language) -> Notice:
    """Returns that the marked sentences are worded otherwise than what they rest on."""
    ja = "≈ の付いた文は、出典と言い回しが異なります。原文をご確認ください。"
    en = "Sentences marked ≈ are worded differently from their sources: please check the originals."
    return tell("reworded", ja, en, language)


def sent_outside(provider: str, model: str, language: Language) -> Notice:
    """Returns that text leaves the company's machines for this answer, and where to."""
    ja = f"この回答を書くため、質問と文書の抜粋を社外の {provider}（モデル {model}）に送ります。"
    en = (
        "To write this answer, the question and parts of documents go outside your network, "
        f"to {provider} (model {model})."
    )
    return tell("sent-outside", ja, en, language)


def answer_cut(error: ModelUnavailable, language: Language) -> Notice:
    """Returns that the model stopped half-way, and why."""
    return Notice("answer-cut", _join(_CUT, error.message(language), language))


def partly_read(error: ModelUnavailable, language: Language) -> Notice:
    """Returns that the server silently shortened the prompt."""
    return Notice(error.code, _join(_PARTLY_READ, error.message(language), language))


def passages_used(used: int, found: int, language: Language) -> Notice:
    """Returns that not all passages found a place in the prompt."""
    ja = f"見つかった {found} 件の箇所のうち、入力上限に収まる {used} 件を使いました。"
    en = f"{used} of {found} passages were used; the rest did not fit the model's window."
    return tell("passages-used", ja, en, language)


def passage_trimmed(language: Language) -> Notice:
    """Returns that even the best passage was too long and was shortened."""
    ja = "最も関連する箇所も入力上限を超えるため、文の切れ目までの前半だけを使いました。"
    en = "Even the best passage exceeds the model's window; only its first sentences were used."
    return tell("passage-trimmed", ja, en, language)


def sentences_withheld(count: int, language: Language) -> Notice:
    """Returns how many sentences the documents did not support."""
    plural = "sentence was" if count == 1 else "sentences were"
    ja = f"文書で裏付けられない文を {count} 件、表示していません。"
    en = f"{count} {plural} withheld because the documents do not support them."
    return tell("sentences-withheld", ja, en, language)


def near_passages(language: Language) -> Notice:
    """Returns that what is quoted comes near without surely answering."""
    ja = "お探しの答えそのものではない可能性があります。近い記載を示しますので、ご確認ください。"
    en = "This may not be the answer itself: these passages come near. Please check them."
    return tell(NEAR_PASSAGES, ja, en, language)


def conflicting(one: str, other: str, language: Language) -> Notice:
    """Returns that two documents, each named with its date, disagree."""
    ja = f"{one}と{other}で記載が異なります。両方を示しますので、担当部署にご確認ください。"
    en = f"{one} and {other} disagree. Both are shown; please ask the responsible department."
    return tell("conflicting-sources", ja, en, language)


def as_of(document: str, language: Language) -> Notice:
    """Returns that an edition answers which is not the one in force, because it was asked for."""
    ja = f"ご質問の時点に合わせ、{document}の版をもとにしています。現行版とは異なります。"
    en = f"This follows {document}, as asked; it is not the edition in force now."
    return tell("as-of", ja, en, language)


def not_in_force(document: str, since: date, language: Language) -> Notice:
    """Returns that a document answers which begins to hold after the time asked about."""
    ja = f"{document}は {since:%Y-%m-%d} 施行で、お尋ねの時点では有効ではありません。"
    en = f"{document} takes effect on {since:%Y-%m-%d}: not in force at the time asked about."
    return tell("not-in-force", ja, en, language)


def expired(document: str, until: date, language: Language) -> Notice:
    """Returns that a document answers which held until before the time asked about."""
    ja = f"{document}の有効期間は {until:%Y-%m-%d} までで、お尋ねの時点では失効しています。"
    en = f"{document} was valid until {until:%Y-%m-%d}: expired at the time asked about."
    return tell("expired", ja, en, language)


def superseded(document: str, language: Language) -> Notice:
    """Returns that a document answers which says itself that it is superseded."""
    ja = f"{document}は旧版です。現行の文書は見つかりませんでした。"
    en = f"{document} is marked as superseded, and no current document was found."
    return tell("superseded", ja, en, language)


def stale(document: str, day: date, language: Language) -> Notice:
    """Returns that a document has changed since, and its newest version could not be read."""
    ja = f"{document}は新しい内容を読み取れていないため、{day:%Y-%m-%d} に取り込んだ内容です。"
    en = f"{document} has changed since and could not be read: this is of {day:%Y-%m-%d}."
    return tell("stale", ja, en, language)


def out_of_reach(count: int, language: Language) -> Notice:
    """Returns how many sentences of an old answer rest on what its reader cannot read now."""
    plural = "sentence is" if count == 1 else "sentences are"
    ja = f"根拠の文書をいまは閲覧できないため、{count} 文を表示していません。"
    en = f"{count} {plural} not shown: what they rest on cannot be read any more."
    return tell("history-out-of-reach", ja, en, language)


def changed_since(count: int, language: Language) -> Notice:
    """Returns how many sentences of an old answer rest on words that have changed since."""
    plural = "sentence is" if count == 1 else "sentences are"
    ja = f"根拠の箇所がその後変わったため、{count} 文を表示していません。もう一度ご質問ください。"
    en = f"{count} {plural} not shown: the cited words have changed since. Please ask again."
    return tell("history-changed", ja, en, language)


def name_document(
    title: str, day: date | None, language: Language, *, changed: bool = False
) -> str:
    """Returns a document's title in quotation marks, with its date where that is known.

    Args:
        title: Of the document.
        day: Its date, if any.
        language: Of the reader.
        changed: Whether the date is only that of its last change.
    """
    dated = f"{day:%Y-%m-%d}" if day else ""
    if language == "ja":
        return f"「{title}」" + (f"（{dated}{' 更新' if changed else ''}）" if dated else "")
    return f"“{title}”" + (f" ({'changed ' if changed else ''}{dated})" if dated else "")


def about_search(result: SearchResult, language: Language) -> list[Notice]:
    """Returns what could not take part in a search, and how the question's fields were read."""
    degraded = [
        Notice(f"search-degraded-{a}", _DEGRADED[a].text(language)) for a in result.degraded
    ]
    return degraded + [tell(each.code, each.ja, each.en, language) for each in result.remarks]


def _join(first: Bilingual, second: str, language: Language) -> str:
    gap = "" if language == "ja" else " "
    return f"{first.text(language)}{gap}{second}".strip()
