"""What `kura doctor` says of the sources file and of how sources were ingested last."""

from datetime import UTC, datetime

from app.cli.findings import Finding
from app.cli.speaking import LANGUAGE, say
from app.declaring import compare, read_sources
from app.settings import Settings
from app.timetable import Timetable
from ingestion.errors import SourceInvalid
from retrieval.catalog import Catalog, JobState


def check_sources(settings: Settings, catalog: Catalog) -> Finding:
    """Returns whether the sources file can be used and every source was ingested."""
    path = settings.sources_file
    declared = 0
    if path.exists() or settings.sources is not None:
        try:
            sources = read_sources(path)
            compare(catalog, sources)
        except SourceInvalid as error:
            remedy = say(
                "Correct the file, then `kura sources apply`. Until then nothing of it holds anew.",
                "ファイルを直して「kura sources apply」を実行してください。"
                "それまで変更は反映されません。",
            )
            return Finding("sources", "fail", error.message(LANGUAGE), remedy)
        declared = len(sources)
    failed = _list_failed(settings, catalog)
    registered = len(catalog.sources.list())
    message = say(
        f"{registered} registered, {declared} in {path}",
        f"登録 {registered} 件、{path} に {declared} 件",
    )
    if not failed:
        return Finding("sources", "ok", message)
    names = ", ".join(failed)
    return Finding(
        "sources",
        "warn",
        say(f"{message}; the last run failed: {names}", f"{message}。前回失敗: {names}"),
        say("`kura sources show NAME` says why.", "理由は「kura sources show 名前」で分かります。"),
    )


def _list_failed(settings: Settings, catalog: Catalog) -> list[str]:
    outlooks = Timetable(catalog, settings.schedule).outlook(datetime.now(UTC))
    failed = {
        source_id
        for source_id, outlook in outlooks.items()
        if outlook.last_run and outlook.last_run.state is JobState.FAILED
    }
    return [source.name for source in catalog.sources.list() if source.id in failed]
