"""What the reader is told about a task's result, in both languages."""

from app.answering.model import Notice
from app.answering.notices import tell
from retrieval.errors import Language


def coverage(read: int, total: int, language: Language) -> Notice:
    """Returns that not all sections could be read."""
    ja = f"{total} 節のうち {read} 節までを読んで要約しました。残りは含まれていません。"
    en = f"This covers {read} of {total} sections; the rest was not read."
    return tell("summary-coverage", ja, en, language)


def chosen(quoted: int, total: int, language: Language) -> Notice:
    """Returns from how many sections sentences were chosen."""
    ja = f"全 {total} 節を読み、{quoted} 節から重要な文を選びました。"
    en = f"All sections were read; sentences come from {quoted} of {total}."
    return tell("summary-sections", ja, en, language)


def own_language(language: Language) -> Notice:
    """Returns that the summary is in the document's language and not in the asker's."""
    ja = "言語モデルが使えないため、要約は文書の言語（英語）のままです。"
    en = "Without a chat model the summary stays in the document's language, Japanese."
    return tell("document-language", ja, en, language)


def nothing_stood(language: Language) -> Notice:
    """Returns that no sentence of the model was supported, so that quotations serve."""
    ja = "言語モデルの文はどれも文書で裏付けられなかったため、文書の文をそのまま示します。"
    en = "Nothing the chat model wrote is supported by the document; so it is quoted."
    return tell("nothing-supported", ja, en, language)


def newer_first(language: Language) -> Notice:
    """Returns that the first document is the newer one."""
    ja = "1 つ目の文書のほうが新しい版です。追加と削除が逆に見えることがあります。"
    en = "The first document is the newer edition, so additions and removals look reversed."
    return tell("newer-first", ja, en, language)


def little_alike(language: Language) -> Notice:
    """Returns that the documents hardly share anything."""
    ja = "2 つの文書に共通する記載がほとんどありません。同じ文書の版でない可能性があります。"
    en = "The two documents share hardly anything; they may not be editions of one document."
    return tell("little-alike", ja, en, language)


def speaks_to_machines(language: Language) -> Notice:
    """Returns that a changed sentence is addressed to machines; it is shown and not followed."""
    ja = "変更箇所に AI などへの指示に見える文があります。表示するだけで、従ってはいません。"
    en = "A changed sentence looks like an order to machines. It is shown, and not followed."
    return tell("speaks-to-machines", ja, en, language)


def fields_empty(empty: int, total: int, language: Language) -> Notice:
    """Returns how many fields stay empty."""
    ja = f"{total} 項目のうち {empty} 項目は、根拠となる記載がないため空欄です。"
    en = f"{empty} of {total} fields stay empty: there is no evidence for them."
    return tell("fields-empty", ja, en, language)
