"""What the API itself refuses, one class each. `errors.py` gives them their status codes."""

from retrieval.errors import Invalid, KuraError, NotFound


class NotSignedIn(KuraError):
    """No key, or one that is unknown, expired or revoked."""

    code = "not-signed-in"
    ja = (
        "サインインが必要です。API キーを Authorization ヘッダーに付けるか、"
        "「kura keys link」で作ったリンクを開いてください。"
    )
    en = (
        "You are not signed in. Send an API key in the Authorization header, or open a link made "
        "with `kura keys link`."
    )


class ScopeMissing(KuraError):
    """The key does not have the scope this call needs."""

    code = "scope-missing"
    ja = "この操作には「{scope}」スコープのキーが必要です。"
    en = "This needs a key with the scope {scope!r}."


class CrossSite(KuraError):
    """A page of another site tried to write with the reader's session cookie."""

    code = "cross-site"
    ja = "別のサイトからの書き込みは、ブラウザーのセッションでは受け付けません。"
    en = "A browser session does not accept writes that come from another site."


class HostUnknown(KuraError):
    """The Host header names a machine this server does not answer for."""

    code = "host-unknown"
    ja = "ホスト名「{host}」には応答しません。必要なら KURA_TRUSTED_HOSTS に加えてください。"
    en = "This server does not answer for the host {host!r}. Add it to KURA_TRUSTED_HOSTS."


class BodyTooLarge(KuraError):
    """The request is larger than this route reads."""

    code = "too-large"
    ja = "リクエストが大きすぎます（上限 {limit} バイト）。分けて送ってください。"
    en = "The request is too large (at most {limit} bytes). Send it in parts."


class NotJson(KuraError):
    """The body is not announced as JSON, so it is not read as such."""

    code = "not-json"
    ja = "本文の形式「{value}」は読めません。Content-Type: application/json で送ってください。"
    en = "A body of the type {value!r} is not read. Send it as Content-Type: application/json."


class DocumentMissing(NotFound):
    """No such document, or none that the caller may read."""

    ja = "文書「{value}」は見つかりません。"
    en = "There is no document {value!r}."


class TextMissing(NotFound):
    """The document could not be read, so there is no text to show."""

    ja = "文書「{value}」には表示できる本文がありません。"
    en = "The document {value!r} has no text to show."


class OriginalMissing(NotFound):
    """The document's original file was not kept."""

    ja = "文書「{value}」の原本は保管されていません。"
    en = "The original of the document {value!r} was not kept."


class JobMissing(NotFound):
    """No such job, or one of somebody else."""

    ja = "ジョブ「{value}」は見つかりません。"
    en = "There is no job {value!r}."


class SourceMissing(NotFound):
    """No such source."""

    ja = "取り込み元「{value}」は見つかりません。"
    en = "There is no source {value!r}."


class KeyMissing(NotFound):
    """No such key, or it was revoked before."""

    ja = "キー「{value}」は見つかりません。"
    en = "There is no key {value!r}."


class NotYours(KuraError):
    """The caller may read the document but not change it."""

    code = "not-yours"
    ja = "この文書を変更・削除できるのは、アップロードした本人と管理者だけです。"
    en = "Only the person who uploaded this document, or an admin, may change or delete it."


class LiesInAnother(Invalid):
    """A document that lies in another is readable by exactly those who may read that one."""

    code = "lies-in-another"
    ja = (
        "この文書は文書「{value}」の中にあり、公開範囲は常にそれに従います。"
        "「{value}」の公開範囲を変えてください。"
    )
    en = (
        "This document lies in the document {value!r} and is read by exactly the same people. "
        "Change the access of {value!r} instead."
    )


class SpanWrong(Invalid):
    """The offsets asked for are not a span of text."""

    code = "span-wrong"
    ja = "start（{start}）は end（{end}）以下にしてください。"
    en = "start ({start}) must not be greater than end ({end})."


class PrincipalWrong(Invalid):
    """A principal is not written as one."""

    code = "principal-wrong"
    ja = "「{value}」は使えません。everyone、user:名前、group:名前 のどれかにしてください。"
    en = "{value!r} is not a principal. Write everyone, user:NAME or group:NAME."


class NameHidden(Invalid):
    """A name holds characters that cannot be seen."""

    code = "name-hidden"
    ja = "名前「{value!r}」には見えない文字が含まれています。その文字を除いてください。"
    en = "The name {value!r} holds characters that cannot be seen. Leave them out."


class AllowanceRefused(KuraError):
    """The caller tried to share with somebody whose principal they do not carry."""

    code = "allowance-refused"
    ja = "「{value}」に公開することはできません。自分が属する相手だけを指定してください。"
    en = "You cannot share with {value!r}. Name only principals that you carry yourself."


class GroupsRefused(KuraError):
    """A token was asked for a user or groups that the caller does not carry."""

    code = "groups-refused"
    ja = "「{value}」のトークンは発行できません。自分自身と自分のグループだけを指定できます。"
    en = "No token can be made for {value!r}. Name yourself and groups that you carry."


class TokenCannotIssue(KuraError):
    """An embed token tried to make another token."""

    code = "token-cannot-issue"
    ja = "埋め込みトークンから別のトークンは発行できません。API キーを使ってください。"
    en = "An embed token cannot make another token. Use an API key."


class FolderMissing(Invalid):
    """A folder source names a folder that cannot be read."""

    code = "folder-missing"
    ja = "フォルダー「{value}」がありません。サーバーから見える絶対パスを指定してください。"
    en = "There is no folder {value!r}. Give an absolute path that the server can see."


class FolderOutside(KuraError):
    """The source lies outside of the folders that may be ingested over REST."""

    code = "folder-outside"
    ja = (
        "「{value}」は REST から取り込める範囲（{allowed}）の外にあります。範囲内のフォルダーを"
        "指定するか、サーバーで KURA_FOLDER_ROOTS に加えてください。"
    )
    en = (
        "{value!r} lies outside of what may be ingested over REST ({allowed}). Name a folder "
        "inside, or add it to KURA_FOLDER_ROOTS on the server."
    )


class NotAnUploadSource(Invalid):
    """Files were sent to a source that follows a folder, or to none."""

    code = "not-an-upload-source"
    ja = "取り込み元「{value}」にはアップロードできません。source を省くと uploads に入ります。"
    en = "No source {value!r} takes uploads. Leave `source` out to use the source uploads."


class UploadUnreadable(Invalid):
    """The request is not the form an upload must be."""

    code = "upload-unreadable"
    ja = "アップロードを読み取れません。multipart/form-data の files に送ってください。"
    en = "The upload cannot be read. Send multipart/form-data with parts named files."


class StorageFull(KuraError):
    """There is no space left for what was sent."""

    code = "storage-full"
    ja = "サーバーに保存する空きがありません。管理者に知らせてください。"
    en = "The server has no space left to keep this. Tell an admin."


class FileRefused(Invalid):
    """One received file that is not taken; the others go on."""


class FileTooLarge(FileRefused):
    """The file is larger than the server accepts."""

    code = "too-large"
    ja = "「{name}」は大きすぎます（上限 {limit} バイト）。"
    en = "{name!r} is too large (at most {limit} bytes)."


class FileEmpty(FileRefused):
    """The file holds nothing."""

    code = "empty-file"
    ja = "「{name}」は空のファイルです。"
    en = "{name!r} is an empty file."


class FileNameWrong(FileRefused):
    """The file name is empty or longer than file systems take."""

    code = "name-wrong"
    ja = "ファイル名「{name}」は使えません。255 バイト以内の名前にしてください。"
    en = "The file name {name!r} cannot be used. Give it a name of at most 255 bytes."


class FileRepeated(FileRefused):
    """Two files of one upload have the same name."""

    code = "name-repeated"
    ja = "同じ名前のファイル「{name}」が複数あります。最初のものだけを取り込みます。"
    en = "There are several files named {name!r}. Only the first is taken."


class FeedbackOfOthers(KuraError):
    """Somebody who acts as another person tried to give or delete that person's feedback."""

    code = "feedback-of-others"
    ja = "「{person}」として操作中は、評価の送信や削除はできません。ご自身に戻してください。"
    en = "You are acting as {person!r}: feedback is given and deleted in one's own name only."
