"""Says how a job ended: what went in, what did not and why, and who may read it."""

import shlex
from collections.abc import Mapping
from typing import Any

from app.cli.adapting import show_adapted
from app.cli.speaking import LANGUAGE, Exit, say, tell, warn
from app.orders import ADAPT
from ingestion.report import LISTING_INCOMPLETE
from retrieval.catalog import Catalog, Job, JobState
from retrieval.model import DocumentStatus

INCOMPLETE = ("failed", "still_failed", "held", "notices")
"""What a report names when not all is as it should be, although the run came to its end."""

SHOWN = 20
"""How many names of one kind are listed before the rest is only counted."""


def judge(job: Job) -> Exit:
    """Returns the exit status an ended job deserves."""
    if job.state == JobState.CANCELLED:
        return Exit.INTERRUPTED
    if job.state != JobState.SUCCEEDED:
        return Exit.FAILED
    incomplete = any(job.report.get(name) for name in INCOMPLETE)
    return Exit.SOME_FAILED if incomplete else Exit.OK


def show(job: Job, catalog: Catalog) -> None:
    """Prints an ended job's report."""
    fault = job.report.get("error")
    if isinstance(fault, Mapping):
        warn(str(fault.get(LANGUAGE, fault.get("code"))))
    if "unchanged" in job.report:
        _show_ingestion(job.report)
        _show_still_failed(job, catalog)
        _show_readers(job, catalog)
    elif job.state == JobState.SUCCEEDED and job.kind == ADAPT:
        show_adapted(job.report)
    elif job.state == JobState.SUCCEEDED:
        tell(say("The indexes are built anew.", "索引を作り直しました。"))


def _show_ingestion(report: Mapping[str, Any]) -> None:
    counts = report["counts"]
    parts = {
        say("added", "追加"): counts["added"],
        say("changed", "変更"): counts["changed"] + counts["retagged"],
        say("moved", "移動"): counts.get("moved", 0),
        say("removed", "削除"): counts["removed"],
        say("unchanged", "変更なし"): report["unchanged"],
        say("failed", "失敗"): counts["failed"],
    }
    numbers = say(", ", "、").join(f"{name} {count}" for name, count in parts.items())
    tell(f"{report['source']}: {numbers} ({report['seconds']:.1f} s)")
    if not any((*counts.values(), report["unchanged"], report["still_failed"])):
        tell(say("  The folder holds no documents.", "  フォルダーに文書がありません。"))
    for failure in report["failed"][:SHOWN]:
        tell(f"  {failure['external_id']}: {failure[LANGUAGE]}")
    if (rest := counts["failed"] - SHOWN) > 0:
        tell(say(f"  and {rest} more (--json lists them)", f"  ほか {rest} 件（--json で一覧）"))
    if "embedder-unavailable" in report["notices"]:
        tell(
            say(
                "  The embedding model cannot be used: only words are searched. See `kura doctor`.",
                "  埋め込みモデルを使えないため、語句だけで検索します（「kura doctor」で点検）。",
            )
        )
    _show_listing(report)
    if (held := counts["held"]) and LISTING_INCOMPLETE not in report["notices"]:
        tell(
            say(
                f"  {held} documents are gone from the folder, more than usual. They are kept;"
                " run again with --allow-removals to remove them.",
                f"  {held} 件の文書がフォルダーから消えています。いつもより多いため残しました。"
                "削除するには --allow-removals を付けて実行してください。",
            )
        )


def _show_listing(report: Mapping[str, Any]) -> None:
    """Says what the source has but was not listed."""
    if LISTING_INCOMPLETE in report["notices"]:
        tell(
            say(
                "  The source could only be listed in part, so nothing was removed.",
                "  取り込み元の一部しか一覧できなかったため、何も削除していません。",
            )
        )
    skipped = report.get("skipped") or {}
    if not skipped:
        return
    count = report["counts"]["skipped"]
    tell(say(f"  {count} entries were left out:", f"  {count} 件は対象から外しました:"))
    for name, why in list(skipped.items())[:SHOWN]:
        tell(f"    {name} ({why})")
    if (rest := count - SHOWN) > 0:
        tell(say(f"    and {rest} more", f"    ほか {rest} 件"))


def _show_still_failed(job: Job, catalog: Catalog) -> None:
    """Names the documents that failed in an earlier run and have not changed since."""
    still = job.report["still_failed"]
    if not still:
        return
    tell(
        say(
            f"  {still} that failed before have not changed and were not tried again:",
            f"  以前失敗した {still} 件は、変わっていないため読み直していません:",
        )
    )
    states = catalog.documents.states(str(job.payload["source_id"]))
    now = {failure["external_id"] for failure in job.report["failed"]}
    failed = sorted(
        name
        for name, state in states.items()
        if state.status != DocumentStatus.CURRENT and name not in now
    )
    for name in failed[:SHOWN]:
        tell(f"    {name}")
    if (rest := len(failed) - SHOWN) > 0:
        tell(say(f"    and {rest} more", f"    ほか {rest} 件"))


def _show_readers(job: Job, catalog: Catalog) -> None:
    """Says how many documents only the admins may read, and how to let others in."""
    source = catalog.sources.get(str(job.payload["source_id"]))
    states = catalog.documents.states(source.id).values()
    closed = sum(state.access.allow == {"group:admins"} for state in states)
    if not closed or source.kind != "folder":
        return
    folder = shlex.quote(source.location)
    tell(
        say(
            f"  {closed} documents can be read by group:admins only. To let everybody in:"
            f" kura ingest {folder} --allow everyone",
            f"  {closed} 件は group:admins だけが読めます。全員に見せるには:"
            f" kura ingest {folder} --allow everyone",
        )
    )
