"""Why a source or a file could not be ingested, one class each."""

from typing import ClassVar

from retrieval.errors import Invalid, KuraError, Language

_SECRET_WORDS = ("password", "passwd", "secret", "token", "credential")


class SourceUnavailable(KuraError):
    """The place a source points to cannot be listed completely.

    The ``reason`` is one text, as somebody else's program said it, or a pair in Japanese and
    English.
    """

    code = "source-unavailable"
    ja = "取り込み元 {path} を一覧できません: {reason}。場所と権限を確認してください。"
    en = "The source {path} cannot be listed: {reason}. Check the location and permissions."

    def message(self, language: Language) -> str:
        """Returns the full sentence in the given language."""
        reason = self.details.get("reason", "")
        if isinstance(reason, tuple):
            reason = reason[0 if language == "ja" else 1]
        template = self.ja if language == "ja" else self.en
        return template.format(**{**self.details, "reason": reason})


class SourceInvalid(Invalid):
    """What describes a source cannot be used; the source was not registered or listed.

    The details are ``field``, ``value`` and ``allowed``: one text, or a pair in Japanese and
    English. The value of a field that sounds like a secret is never shown.
    """

    code = "source-invalid"

    def __init__(self, **details: object) -> None:
        """Keeps the values the message names."""
        name = str(details.get("field", "")).lower()
        if not name.endswith("_file") and any(word in name for word in _SECRET_WORDS):
            details["value"] = "***"
        super().__init__(**details)

    def message(self, language: Language) -> str:
        """Returns the full sentence in the given language."""
        allowed = self.details.get("allowed", "")
        if isinstance(allowed, tuple):
            allowed = allowed[0 if language == "ja" else 1]
        template = self.ja if language == "ja" else self.en
        return template.format(**{**self.details, "allowed": allowed})


class SidecarInvalid(KuraError):
    """The access rules beside the documents cannot be understood, so nothing is touched."""

    code = "sidecar-invalid"
    ja = (
        "{path} の {field} の値「{value}」は使えません: {allowed}。"
        "閲覧権限を推測しないため、この取り込み元には何も変更を加えていません。"
    )
    en = (
        "{path}: {field} has the value {value!r}, which is not allowed: {allowed}. "
        "Access is never guessed, so nothing of this source was changed."
    )


class VocabularyInvalid(KuraError):
    """The controlled vocabulary cannot be understood, so nothing is tagged by guesswork."""

    code = "vocabulary-invalid"
    ja = (
        "語彙ファイル {path} の {field} の値「{value}」は使えません。data/vocabulary.toml と"
        "同じ形で書いてください。この取り込みでは何も変更していません。"
    )
    en = (
        "The vocabulary {path}: {field} has the value {value!r}, which is not allowed. Write it as "
        "data/vocabulary.toml is written. Nothing was changed by this ingestion."
    )


class ReadingFailed(KuraError):
    """A file gave no text. It becomes a failed document, never an empty one.

    Attributes:
        transient: Whether the same bytes may well be read another time; if so the next run tries.
    """

    transient: ClassVar[bool] = False
    code = "damaged"
    ja = "「{name}」を読み取れません: {reason}"
    en = "{name!r} cannot be read: {reason}"


class UnsupportedType(ReadingFailed):
    """No reader exists for this kind of file."""

    code = "unsupported-type"
    ja = (
        "「{name}」の形式（{media_type}）には対応していません。"
        "PDF や Office 形式に変換してください。"
    )
    en = "{name!r} is of a kind that is not supported ({media_type}). Convert it to PDF or Office."


class PasswordProtected(ReadingFailed):
    """The file is encrypted."""

    code = "password-protected"
    ja = (
        "「{name}」はパスワードで保護されています。保護を解除したファイルを置くか、"
        ".kura.toml の passwords にパスワードを書いてください。"
    )
    en = (
        "{name!r} is protected by a password. Provide a copy without protection, or "
        "write the password into passwords in .kura.toml."
    )


class EmptyFile(ReadingFailed):
    """The file has no bytes."""

    code = "empty-file"
    ja = "「{name}」は空のファイル（0 バイト）です。"
    en = "{name!r} is an empty file (0 bytes)."


class NoText(ReadingFailed):
    """The file can be opened but holds no text."""

    code = "no-text"
    ja = (
        "「{name}」には文字情報がありません（{pages} ページ）。"
        "スキャン画像の場合は、文字認識 (OCR) 済みのファイルを置くか、"
        "tesseract をインストールしてください。"
    )
    en = (
        "{name!r} holds no text ({pages} pages). If it is a scan, provide a copy with a text "
        "layer or install tesseract."
    )


class NeedsRecognition(ReadingFailed):
    """The file is an image, and nothing that recognises text is installed."""

    code = "needs-ocr"
    ja = (
        "「{name}」は画像です。文字を読み取るには tesseract（tesseract-ocr と tesseract-ocr-jpn）を"
        "インストールして、もう一度取り込んでください。"
    )
    en = (
        "{name!r} is an image. To read the text in it, install tesseract (tesseract-ocr and "
        "tesseract-ocr-jpn) and ingest again."
    )


class Shrunk(ReadingFailed):
    """A new version lost nearly all of its text, so the last good one is kept until confirmed."""

    code = "shrunk"
    ja = (
        "「{name}」の本文が {before} 字から {after} 字に減りました。前の版を残しています。"
        "正しい変更であれば --allow-removals を付けて取り込んでください。"
    )
    en = (
        "{name!r} went from {before} to {after} characters. The version before is kept. "
        "If that is as it should be, ingest with --allow-removals."
    )


class Damaged(ReadingFailed):
    """The file is not what its kind should be.

    The reason is one of ``DAMAGES``, or what a library said, as it said it.
    """

    code = "damaged"
    ja = "「{name}」は壊れているか、形式が正しくありません: {reason}"
    en = "{name!r} is damaged or not of the format it claims: {reason}"

    def message(self, language: Language) -> str:
        """Returns the full sentence in the given language."""
        reason = self.details.get("reason")
        ja, en = DAMAGES.get(str(reason), (reason, reason))
        template = self.ja if language == "ja" else self.en
        return template.format(**{**self.details, "reason": ja if language == "ja" else en})


DAMAGES = {
    "other-content": (
        "中身が拡張子の示す形式ではありません",
        "the content is not what the extension says",
    ),
    "not-word": ("Word 文書の本体がありません", "the main part is not a Word document"),
    "not-slides": (
        "PowerPoint のスライドの本体がありません",
        "the main part is not a PowerPoint presentation",
    ),
    "no-page": ("開けるページがありません", "no page can be opened"),
    "large-part": (
        "展開すると上限を超える部品があります",
        "a part exceeds the limit when unpacked",
    ),
}
"""Damages that readers find themselves, in Japanese and English."""


class TooLarge(ReadingFailed):
    """The file, or the text in it, is larger than the limit."""

    code = "too-large"
    ja = "「{name}」は大きすぎます（{size}、上限 {limit}）。分割してください。"
    en = "{name!r} is too large ({size}, limit {limit}). Split it."


class TooSlow(ReadingFailed):
    """Reading took longer than the limit and was stopped."""

    code = "too-slow"
    ja = "「{name}」の読み取りが {limit} 秒を超えたため中止しました。"
    en = "Reading {name!r} took more than {limit} seconds and was stopped."


class TooMuchMemory(ReadingFailed):
    """Reading needed more memory than the limit and was stopped."""

    code = "too-much-memory"
    ja = "「{name}」の読み取りに必要なメモリーが上限（{limit} MB）を超えました。"
    en = "Reading {name!r} needed more memory than the limit ({limit} MB)."


class ReaderCrashed(ReadingFailed):
    """The reading process ended without an answer."""

    transient = True
    code = "reader-crashed"
    ja = (
        "「{name}」の読み取り中に処理が異常終了しました（{reason}）。次回の取り込みで再試行します。"
    )
    en = "The process reading {name!r} ended abnormally ({reason}). The next run tries again."


class Unreadable(ReadingFailed):
    """The operating system does not let the file be opened."""

    transient = True
    code = "unreadable"
    ja = "「{name}」を開けません: {reason}。ファイルの権限を確認してください。"
    en = "{name!r} cannot be opened: {reason}. Check the file's permissions."


class ChangedWhileReading(ReadingFailed):
    """The file kept changing while it was read."""

    transient = True
    code = "changed-while-reading"
    ja = "「{name}」は読み取り中に変更され続けました。次回の取り込みで再試行します。"
    en = "{name!r} kept changing while it was read. The next run tries again."


_KINDS: tuple[type[ReadingFailed], ...] = (
    UnsupportedType,
    PasswordProtected,
    EmptyFile,
    NoText,
    NeedsRecognition,
    Shrunk,
    Damaged,
    TooLarge,
    TooSlow,
    TooMuchMemory,
    ReaderCrashed,
    Unreadable,
    ChangedWhileReading,
)
FAILURES: dict[str, type[ReadingFailed]] = {kind.code: kind for kind in _KINDS}
"""Every failure by its code, so that a code kept in the catalog becomes a sentence again."""
