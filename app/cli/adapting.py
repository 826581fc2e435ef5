"""`kura adapt`: the order to tune the static model, and what came of it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.speaking import Json, say, tell
from app.settings import Settings, load_settings

ReadableOption = Annotated[
    list[str] | None,
    typer.Option(
        "--readable-by",
        metavar="PRINCIPAL",
        help=say(
            "Learn only from documents that these may read: everyone, user:NAME or group:NAME."
            " May be repeated; by default everyone and group:staff.",
            "これらの人が読める文書だけから学習します: everyone、user:名前、group:名前。繰り返し"
            "指定できます。省くと everyone と group:staff です。",
        ),
    ),
]
QuestionsOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--questions",
        help=say(
            "Golden questions to judge by, and never to learn from (JSONL or CSV; see"
            " docs/evaluation.md). May be repeated.",
            "判定に使い、学習には使わない評価用の質問（JSONL か CSV。docs/evaluation.md を参照）。"
            "繰り返し指定できます。",
        ),
    ),
]
DropOption = Annotated[
    bool,
    typer.Option(
        "--drop",
        help=say("Go back to the model that the settings name.", "設定にあるモデルに戻します。"),
    ),
]

Report = Mapping[str, Any]


def adapt(
    *,
    readable_by: ReadableOption = None,
    questions: QuestionsOption = None,
    drop: DropOption = False,
    as_json: Json = False,
) -> None:
    """Orders the tuning of the static model, or its end, and follows the job."""
    from app.bootstrap import open_store
    from app.cli.following import see_through
    from app.evaluating.reading import read_set
    from app.orders import ADAPT, ADAPT_PRIORITY, STAFF, AdaptOrder
    from app.registering import check_principals

    settings = load_settings()
    sets = [file.absolute() for file in questions or ()]
    for file in sets:
        read_set(file)  # a mistake in it is told before anything is ordered
    readers = check_principals("readable_by", readable_by) if readable_by else STAFF
    order = AdaptOrder(readers, tuple(str(file) for file in sets), drop)
    with open_store(settings) as catalog:
        job = catalog.jobs.enqueue(
            ADAPT, order.to_payload(), owner="admin", priority=ADAPT_PRIORITY
        )
        raise typer.Exit(see_through(settings, catalog, [job], as_json=as_json))


def show_adapted(report: Report) -> None:
    """Prints what came of an order to tune the model, or to drop it."""
    if "dropped" in report:
        _show_dropped(report)
        return
    model = report["model"]
    counts = {name: f"{report[name]:,}" for name in ("documents", "passages", "steps")}
    if report["adapted"]:
        tell(say(f"The adapted model {model} is live.", f"調整したモデル {model} を公開しました。"))
    else:
        tell(_say_why_kept(report["reason"]))
    tell(
        say(
            f"  learned from {counts['documents']} documents, {counts['passages']} passages,"
            f" in {report['seconds_learning']:.0f} s; {report['seconds']:.0f} s in all",
            f"  {counts['documents']} 文書・{counts['passages']} 箇所から"
            f" {report['seconds_learning']:.0f} 秒で学習、全体で {report['seconds']:.0f} 秒",
        )
    )
    for row in report["comparisons"]:
        _show_comparison(row)


def describe_adapted(settings: Settings) -> str:
    """Returns one line about the adapted model that is live, "" where none is."""
    from app.bootstrap import open_store
    from app.equipping import find_adapted

    with open_store(settings) as catalog:
        note = find_adapted(settings, catalog)
    if note is None:
        return ""
    readers = ", ".join(note.readable_by)
    return say(
        f"adapted {note.made_at[:10]} on {note.documents} documents readable by {readers};"
        " `kura adapt --drop` goes back",
        f"{note.made_at[:10]} に {readers} が読める {note.documents} 文書で調整。"
        "「kura adapt --drop」で元に戻せます",
    )


def _show_dropped(report: Report) -> None:
    if report["dropped"]:
        tell(say("The adapted model is gone.", "調整したモデルを外しました。"))
    else:
        tell(say("No adapted model is in use.", "調整したモデルは使われていません。"))


def _say_why_kept(reason: str) -> str:
    if reason == "worse":
        return say(
            "The model in use stays: the new one finds worse in what is marked ✗.",
            "今のモデルを使い続けます。新しいモデルは ✗ の項目で悪くなりました。",
        )
    if reason == "untested":
        return say(
            "The model in use stays: there are too few headings to tell by. Give golden questions"
            " with --questions, or put them into the folder `golden` of the state folder.",
            "今のモデルを使い続けます。見出しが少なく判定できません。--questions か、状態フォルダー"
            "の golden フォルダーで評価用の質問を用意してください。",
        )
    return say(
        "The model in use stays: the new one is not better beyond chance.",
        "今のモデルを使い続けます。新しいモデルの改善は偶然の範囲です。",
    )


def _show_comparison(row: Report) -> None:
    names = {
        "held-out documents": say("documents not learned from", "学習しなかった文書"),
        "held-out headings": say("headings not learned from", "学習しなかった見出し"),
        "golden, by meaning": say("golden questions, by meaning", "評価用の質問（意味のみ）"),
        "golden, as searched": say("golden questions, as searched", "評価用の質問（通常の検索）"),
    }
    name = names.get(row["name"], row["name"])
    language = f" {row['language']}" if row["language"] else ""
    sign = "✓" if row["low"] > 0 else "✗" if row["worse"] else "–"
    gain = row["after"] - row["before"]
    tell(
        f"  {sign} {name}{language} ({row['questions']}):"
        f" nDCG@10 {row['before']:.3f} → {row['after']:.3f}"
        f" ({gain:+.3f}, 95 % {row['low']:+.3f} … {row['high']:+.3f})"
    )
