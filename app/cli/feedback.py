"""`kura feedback`: what readers said of answers, and what becomes of it."""

from typing import TYPE_CHECKING, Annotated

import typer

from app.cli import describing
from app.cli.choosing import ADMIN
from app.cli.speaking import Json, emit, say, tell
from app.settings import load_settings
from retrieval.catalog import Catalog, FeedbackReason, FeedbackState
from retrieval.errors import Invalid

if TYPE_CHECKING:
    from retrieval.catalog import Feedback

IdArgument = Annotated[
    str, typer.Argument(help=say("Id of the feedback.", "フィードバックの ID。"))
]
StateOption = Annotated[
    str,
    typer.Option(
        help=say("new, golden, training or all.", "new、golden、training、all のどれか。")
    ),
]
ReasonOption = Annotated[
    str,
    typer.Option(
        help=say(
            f"Only this reason: {', '.join(FeedbackReason)}.",
            f"この理由だけ: {'、'.join(FeedbackReason)}。",
        )
    ),
]
TrainingOption = Annotated[
    bool,
    typer.Option(
        "--training",
        help=say(
            "Let the search model learn from it, instead of measuring on it.",
            "測定に使わず、検索モデルの学習に使います。",
        ),
    ),
]
RefuseOption = Annotated[
    bool,
    typer.Option("--refuse", help=say("A refusal is right.", "「答えない」のが正解です。")),
]
DocumentOption = Annotated[
    list[str] | None,
    typer.Option(
        "--document",
        help=say("Id of a right document. May be repeated.", "正しい文書の ID。繰り返し可。"),
    ),
]
UserArgument = Annotated[
    str, typer.Argument(help=say("Whose feedback to delete.", "削除する人のユーザー名。"))
]

app = typer.Typer(no_args_is_help=True, help=describing.FEEDBACK)


@app.command("list", help=describing.FEEDBACK_LIST)
def show(*, state: StateOption = "new", reason: ReasonOption = "", as_json: Json = False) -> None:
    """Lists feedback, newest first."""
    from app.bootstrap import open_store

    allowed = [*(str(each) for each in FeedbackState), "all"]
    if state not in allowed:
        raise Invalid(field="--state", value=state, allowed=", ".join(allowed))
    if reason not in ["", *FeedbackReason]:
        raise Invalid(field="--reason", value=reason, allowed=", ".join(FeedbackReason))
    with open_store(load_settings()) as catalog:
        rows = catalog.feedback.list(
            None if state == "all" else FeedbackState(state),
            reason=FeedbackReason(reason) if reason else None,
        )
        described = [_describe(row, catalog) for row in rows]
    if as_json:
        emit({"feedback": described})
        return
    for row in described:
        _show(row)
    if not described:
        tell(say("There is no feedback.", "フィードバックはありません。"))


@app.command("accept", help=describing.FEEDBACK_ACCEPT)
def accept(
    feedback_id: IdArgument,
    *,
    document: DocumentOption = None,
    refuse: RefuseOption = False,
    training: TrainingOption = False,
    as_json: Json = False,
) -> None:
    """Accepts feedback as a golden question or a training pair."""
    from app.bootstrap import open_store
    from app.evaluating.accepting import Decision
    from app.evaluating.accepting import accept as accept_feedback

    decision = Decision(training=training, refuse=refuse, documents=tuple(document or ()))
    with open_store(load_settings()) as catalog:
        row = accept_feedback(catalog, feedback_id, decision, ADMIN)
        described = _describe(row, catalog)
    if as_json:
        emit(described)
    else:
        what = say("a training pair", "学習用") if training else say("a golden question", "測定用")
        tell(say(f"Accepted as {what}.", f"{what}として採用しました。"))


@app.command("drop", help=describing.FEEDBACK_DROP)
def drop(feedback_id: IdArgument, *, as_json: Json = False) -> None:
    """Deletes one feedback."""
    from app.bootstrap import open_store
    from app.evaluating.errors import FeedbackMissing

    with open_store(load_settings()) as catalog:
        if not catalog.feedback.drop(feedback_id):
            raise FeedbackMissing(value=feedback_id)
    if as_json:
        emit({"id": feedback_id, "dropped": True})
    else:
        tell(say("Deleted.", "削除しました。"))


@app.command("export", help=describing.FEEDBACK_EXPORT)
def export() -> None:
    """Prints the accepted golden questions as a set."""
    from app.bootstrap import open_store
    from app.evaluating.finding import read_accepted

    with open_store(load_settings()) as catalog:
        accepted = read_accepted(catalog)
    for golden in accepted.questions:
        row = {
            "id": golden.id,
            "question": golden.question,
            "lang": golden.language,
            "kind": golden.kind,
            "expect": golden.expect,
            "documents": list(golden.documents),
            "as": sorted(golden.principals or ()),
        }
        emit(row, indent=None)


@app.command("forget", help=describing.FEEDBACK_FORGET)
def forget(user: UserArgument, *, as_json: Json = False) -> None:
    """Deletes all that carries a user's name."""
    from app.bootstrap import open_store

    with open_store(load_settings()) as catalog:
        count = catalog.feedback.forget(user)
    if as_json:
        emit({"user": user, "deleted": count})
    else:
        tell(say(f"Deleted: {count}", f"削除した件数: {count}"))


def _describe(row: "Feedback", catalog: Catalog) -> dict[str, object]:
    """Returns what an admin needs to decide; who said it is not among it."""
    named = (*row.documents, *((row.correct_document,) if row.correct_document else ()))
    titles, owners = {}, {}
    for each in named:
        document = catalog.documents.get(each, ADMIN)
        if document is not None:
            facts = document.metadata
            titles[each], owners[each] = facts.title, facts.owner or facts.department
    return {
        "id": row.id,
        "state": str(row.state),
        "created_at": row.created_at,
        "question": row.question,
        "language": row.language,
        "helpful": row.helpful,
        "reason": row.reason,
        "comment": row.comment,
        "answer_kind": row.answer_kind,
        "documents": list(row.documents),
        "correct_document": row.correct_document,
        "expect": row.expect,
        "titles": titles,
        "owners": {each: owner for each, owner in owners.items() if owner},
        "count": row.count,
    }


def _show(row: dict[str, object]) -> None:
    mark = "+" if row["helpful"] else "-"
    reason = f" [{row['reason']}]" if row["reason"] else ""
    count = f" ×{row['count']}" if row["count"] != 1 else ""
    tell(f"{mark} {row['id']}  {row['created_at']:%Y-%m-%d}{reason}{count}  {row['question']}")
    if row["comment"]:
        tell(f"    “{' '.join(str(row['comment']).split())}”")
    titles = row["titles"] if isinstance(row["titles"], dict) else {}
    owners = row["owners"] if isinstance(row["owners"], dict) else {}
    documents = row["documents"] if isinstance(row["documents"], list) else []
    missing = row["reason"] == FeedbackReason.MISSING
    role = say("near", "近い文書") if missing else say("cited", "引用")
    for each in documents:
        owner = f" ({owners[each]})" if each in owners else ""
        tell(f"    {role}: {titles.get(each, each)}{owner}")
    right = row["correct_document"]
    if right:
        tell(f"    {say('right', '正解')}: {titles.get(right, right)} ({right})")
