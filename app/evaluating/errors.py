"""What can be wrong with a set of questions, a bar to clear, or a run to go on with."""

from retrieval.errors import Invalid, KuraError, NotFound


class SetMissing(NotFound):
    """The file of questions is not there."""

    ja = "質問集「{value}」がありません。「kura eval --new-set ファイル」でひな形を作れます。"
    en = "There is no set of questions {value!r}. `kura eval --new-set FILE` writes a template."


class SetUnreadable(Invalid):
    """The file of questions cannot be read at all."""

    code = "set-unreadable"
    ja = "質問集 {file} を読めません: {reason_ja}。"
    en = "The set of questions {file} cannot be read: {reason_en}."


class SetWrong(Invalid):
    """A line of a set says something that cannot be measured."""

    code = "set-wrong"
    ja = "質問集 {file} の {line} 行目、項目「{field}」の値「{value}」は使えません: {allowed_ja}。"
    en = (
        "{file}, line {line}: the field {field!r} has the value {value!r}, which is not allowed."
        " Allowed: {allowed_en}."
    )


class SetThere(Invalid):
    """A template would overwrite a file."""

    code = "set-there"
    ja = "「{file}」は既にあります。別の名前を指定してください。"
    en = "{file!r} is there already. Name another file."


class SetUnwritable(Invalid):
    """A template cannot be written where it was asked for."""

    code = "set-unwritable"
    ja = "「{file}」にひな形を書けません: {reason_ja}。"
    en = "No template can be written to {file!r}: {reason_en}."


class NothingToAsk(KuraError):
    """No set holds a question that this installation can be asked."""

    code = "nothing-to-ask"
    ja = (
        "測定に使える質問がありません。「kura eval --new-set ファイル」でひな形を作り、自社の質問を"
        "書いてください（スキップした質問: {skipped} 件）。"
    )
    en = (
        "There is no question to measure with. Write your own into a template made by"
        " `kura eval --new-set FILE` (questions set aside: {skipped})."
    )


class NothingToResume(KuraError):
    """No interrupted run asked these questions of these documents."""

    code = "nothing-to-resume"
    ja = (
        "続きから始められる測定がありません（質問・文書・モデルのどれかが変わったか、最後まで"
        "終わっています）。--resume を付けずに実行してください。"
    )
    en = (
        "There is no interrupted run to go on with: it has ended, or questions, documents or model"
        " have changed. Run it without --resume."
    )


class GateWrong(Invalid):
    """A bar to clear names no measure, no group, or no number."""

    code = "gate-wrong"
    ja = "「{value}」は使えません。名前=数 または 名前@グループ=数 と書いてください。名前: {names}"
    en = "{value!r} is not allowed. Write NAME=NUMBER or NAME@GROUP=NUMBER; names: {names}"


class RunMissing(NotFound):
    """There is no finished run of this name."""

    ja = "測定「{value}」はありません。状態フォルダーの evaluations にある名前を指定してください。"
    en = "There is no finished run {value!r}. Give a name from `evaluations` in the state folder."


class FeedbackMissing(NotFound):
    """There is no such feedback."""

    ja = "フィードバック「{value}」は見つかりません。"
    en = "There is no feedback {value!r}."


class SourceUnknown(Invalid):
    """Feedback does not say which document is right, so it cannot become a golden question."""

    code = "right-document-unknown"
    ja = (
        "フィードバック「{value}」には正しい文書が示されていません。正しい文書を指定するか、"
        "「回答しないのが正しい」として採用してください（--document、--refuse）。"
    )
    en = (
        "The feedback {value!r} names no right document. Name one (--document), or say that a"
        " refusal is right (--refuse)."
    )


class AlreadyDecided(Invalid):
    """The feedback was accepted or dropped before."""

    code = "already-decided"
    ja = "フィードバック「{value}」は既に処理済みです（{state}）。"
    en = "The feedback {value!r} was decided before: {state}."


class FeedbackLimited(KuraError):
    """One reader has said more of answers than anybody reads."""

    code = "too-many-requests"
    ja = "フィードバックは 1 時間に {limit} 件までです。しばらくしてからお送りください。"
    en = "At most {limit} answers can be rated in an hour. Try again later."
