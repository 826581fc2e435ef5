"""What the reader is told about a task's result, in both languages."""

from app.answering.model import Bilingual, Notice
from retrieval.errors import Language


def coverage(read: int, total: int, language: Language) -> Notice:
    """Returns that not all sections could be read."""
    message = Bilingual(
        ja=f"{total} 節のうち {read} 節までを読んで要約しました。残りは含まれていません。",
        en=f"This covers {read} of {total} sections; the rest was not read.",
    )
    return Notice("summary-coverage", message.text(language))


def chosen(quoted: int, total: int, language: Language) -> Notice:
    """Returns from how many sections sentences were chosen."""
    message = Bilingual(
        ja=f"全 {total} 節を読み、{quoted} 節から重要な文を選びました。",
        en=f"All {total} sections were read; sentences come from {quoted} of them.",
    )
    return Notice("summary-sections", message.text(language))


def own_language(language: Language) -> Notice:
    """Returns that the summary is in the document's language and not in the asker's."""
    message = Bilingual(
        ja="言語モデルが使えないため、要約は文書の言語（英語）のままです。",
        en="Without a chat model the summary stays in the document's language, Japanese.",
    )
    return Notice("document-language", message.text(language))


def nothing_stood(language: Language) -> Notice:
    """Returns that no sentence of the model was supported, so that quotations serve."""
    message = Bilingual(
        ja="言語モデルの文はどれも文書で裏付けられなかったため、文書の文をそのまま示します。",
        en="Nothing the chat model wrote is supported by the document; so it is quoted.",
    )
    return Notice("nothing-supported", message.text(language))


def newer_first(language: Language) -> Notice:
    """Returns that the first document is the newer one."""
    message = Bilingual(
        ja="1 つ目の文書のほうが新しい版です。追加と削除が逆に見えることがあります。",
        en="The first document is the newer edition, so additions and removals look reversed.",
    )
    return Notice("newer-first", message.text(language))


def little_alike(language: Language) -> Notice:
    """Returns that the documents hardly share anything."""
    message = Bilingual(
        ja="2 つの文書に共通する記載がほとんどありません。同じ文書の版でない可能性があります。",
        en="The two documents share hardly anything; they may not be editions of one document.",
    )
    return Notice("little-alike", message.text(language))


def speaks_to_machines(language: Language) -> Notice:
    """Returns that a changed sentence is addressed to machines; it is shown and not followed."""
    message = Bilingual(
        ja="変更箇所に AI などへの指示に見える文があります。表示するだけで、従ってはいません。",
        en="A changed sentence looks like an order to machines. It is shown, and not followed.",
    )
    return Notice("speaks-to-machines", message.text(language))


def fields_empty(empty: int, total: int, language: Language) -> Notice:
    """Returns how many fields stay empty."""
    message = Bilingual(
        ja=f"{total} 項目のうち {empty} 項目は、根拠となる記載がないため空欄です。",
        en=f"{empty} of {total} fields stay empty: there is no evidence for them.",
    )
    return Notice("fields-empty", message.text(language))
