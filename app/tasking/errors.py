"""What can be wrong with a task that is asked for."""

from retrieval.errors import Invalid, KuraError, NotFound


class DocumentUnknown(NotFound):
    """No such document, or none that the asker may read: nobody can tell which."""

    ja = "文書「{value}」は見つかりません。"
    en = "There is no document {value!r}."


class TextAbsent(NotFound):
    """The document has no text to work on."""

    ja = "文書「{value}」には読み取れた本文がありません。"
    en = "No text could be read from the document {value!r}."


class NameShared(Invalid):
    """Several readable documents go by what was named."""

    code = "name-shared"
    ja = "「{value}」という文書は複数あります（{count} 件）。ID で指定してください: {ids}"
    en = "Several documents ({count}) are named {value!r}. Name one by its id: {ids}"


class SameDocument(Invalid):
    """A document was to be compared with itself."""

    code = "same-document"
    ja = "同じ文書（{value}）どうしは比べられません。別の版の文書を指定してください。"
    en = "The document {value!r} cannot be compared with itself. Name another edition of it."


class FormUnknown(NotFound):
    """No such form."""

    ja = "書式「{value}」はありません。使える書式: {known}"
    en = "There is no form {value!r}. There are: {known}"


class FormWrong(KuraError):
    """A form's file cannot be used; the others can."""

    code = "form-wrong"
    ja = "書式のファイル {path} を使えません: {reason}"
    en = "The form {path} cannot be used: {reason}"


class FieldUnknown(Invalid):
    """A value was given for a field that the form does not have."""

    code = "field-unknown"
    ja = "書式「{form}」に項目「{value}」はありません。項目: {known}"
    en = "The form {form!r} has no field {value!r}. It has: {known}"


class FormHasNoFile(Invalid):
    """A Word document was asked of a form that is a text."""

    code = "form-has-no-file"
    ja = "書式「{value}」は Word の書式ではありません。テキストとして作成してください。"
    en = "The form {value!r} is no Word document. Ask for its text instead."
