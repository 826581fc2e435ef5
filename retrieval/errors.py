"""What can go wrong, one class each, in both languages.

Every error says what failed, on which value, and what to do. The text lives on the class, so a
log, a report, the command line and the API all say the same; only ``app/api/errors.py`` knows
HTTP status codes.
"""

from typing import ClassVar, Literal

Language = Literal["ja", "en"]


class KuraError(Exception):
    """Root of all errors of this project.

    Attributes:
        code: Stable identifier for programs, in kebab-case.
        ja: Message template in Japanese (敬体), filled with ``details``.
        en: Message template in English, filled with ``details``.
    """

    code: ClassVar[str] = "error"
    ja: ClassVar[str] = "処理できませんでした: {reason}"
    en: ClassVar[str] = "This could not be done: {reason}"

    def __init__(self, **details: object) -> None:
        """Keeps the values the message names."""
        self.details = details
        super().__init__(self.message("en"))

    def message(self, language: Language) -> str:
        """Returns the full sentence in the given language."""
        return (self.ja if language == "ja" else self.en).format(**self.details)


class CatalogUnavailable(KuraError):
    """The catalog file cannot be opened, is damaged, or stays locked."""

    code = "catalog-unavailable"
    ja = "カタログ {path} を開けません: {reason}。ディスクの空きと権限を確認してください。"
    en = "The catalog {path} cannot be opened: {reason}. Check free disk space and permissions."


class EmbedderUnavailable(KuraError):
    """The embedding model is missing, damaged or not the one the index was made with."""

    code = "embedder-unavailable"
    ja = "埋め込みモデル {model} を使えません: {reason}"
    en = "The embedding model {model} cannot be used: {reason}"


class GenerationMismatch(KuraError):
    """The vectors in use were made by another model than the settings name: they cannot serve."""

    code = "generation-mismatch"
    ja = (
        "使用中のベクトルはモデル {made_by} のもので、設定のモデル {wanted} では使えません。"
        "語句だけで検索しています。「kura reindex」で作り直すか、KURA_EMBEDDING_MODEL と"
        " KURA_HUB_BACKEND を元に戻してください。"
    )
    en = (
        "The vectors in use were made by {made_by} and cannot serve the model the settings name,"
        " {wanted}. Only words are searched. Run `kura reindex`, or set KURA_EMBEDDING_MODEL and"
        " KURA_HUB_BACKEND back."
    )


class RerankerUnavailable(KuraError):
    """The model that puts passages in a finer order is missing, damaged or still being loaded."""

    code = "reranker-unavailable"
    ja = "リランカー {model} を使えません: {reason}"
    en = "The reranker {model} cannot be used: {reason}"


class IndexUnavailable(KuraError):
    """A derived index cannot be opened; it can be rebuilt from the catalog."""

    code = "index-unavailable"
    ja = "索引 {path} を開けません: {reason}。「kura reindex」で作り直せます。"
    en = "The index {path} cannot be opened: {reason}. `kura reindex` rebuilds it."


class LogCut(IndexUnavailable):
    """The change log no longer has all that somebody who follows it still needs."""

    ja = "変更ログの {seq} 番より後は一部が整理済みです。索引はカタログから作り直されます。"
    en = "Lines of the change log after {seq} were dropped. The index is made anew by itself."


class NotFound(KuraError):
    """The thing asked for does not exist, or the caller may not know that it does."""

    code = "not-found"
    ja = "{what}「{value}」は見つかりません。"
    en = "There is no {what} {value!r}."


class Invalid(KuraError):
    """A value given by the caller is not acceptable."""

    code = "invalid"
    ja = "{field} の値「{value}」は使えません: {allowed}"
    en = "{field} has the value {value!r}, which is not allowed: {allowed}"
