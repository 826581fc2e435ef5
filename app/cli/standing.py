"""Says how a source stands: what it is, how its last run ended, when the next one comes."""

from datetime import datetime

from app.cli.speaking import LANGUAGE, say, tell
from app.timetable import Outlook, describe_run
from retrieval.catalog import JobState, Source


def describe_source(source: Source, outlook: Outlook | None = None) -> dict[str, object]:
    """Returns what programs are told about a source."""
    facts: dict[str, object] = {
        "id": source.id,
        "name": source.name,
        "kind": source.kind,
        "location": source.location,
        "department": source.department,
        "owner": source.owner,
        "tags": source.tags,
        "allow": sorted(source.access.allow),
        "deny": sorted(source.access.deny),
        "schedule": source.schedule,
        "settings": dict(source.settings),
    }
    if outlook is not None:
        facts["next_run_at"] = outlook.next_run_at
        facts["last_run"] = None if outlook.last_run is None else describe_run(outlook.last_run)
    return facts


def show_line(source: Source, count: int, outlook: Outlook | None) -> None:
    """Prints a source as one line, and a second one when its last run failed."""
    readers = ", ".join(sorted(source.access.allow)) or "-"
    line = f"{source.name}  {source.kind}  {source.location}  {count}  [{readers}]"
    if outlook is not None:
        line += f"  {say('next', '次回')} {_time(outlook.next_run_at)}"
    tell(line)
    if fault := _find_fault(outlook):
        tell(f"  {fault}")


def show_source(source: Source, count: int, outlook: Outlook | None) -> None:
    """Prints all about a source, one fact a line."""
    facts = {
        say("name", "名前"): source.name,
        say("kind", "種類"): source.kind,
        say("location", "場所"): source.location,
        say("department", "部署"): source.department,
        say("owner", "担当者"): source.owner,
        say("tags", "タグ"): ", ".join(source.tags),
        say("allow", "読める人"): ", ".join(sorted(source.access.allow)),
        say("deny", "読めない人"): ", ".join(sorted(source.access.deny)),
        say("schedule", "予定"): source.schedule or say("KURA_SCHEDULE", "KURA_SCHEDULE に従う"),
        say("documents", "文書"): str(count),
        **{f"settings.{name}": str(value) for name, value in sorted(source.settings.items())},
    }
    if outlook is not None:
        run = outlook.last_run
        state = "-" if run is None else f"{_time(run.created_at)} {_name_state(run.state)}"
        facts[say("last run", "前回")] = state
        facts[say("next run", "次回")] = _time(outlook.next_run_at)
    for name, value in facts.items():
        tell(f"{name}: {value or '-'}")
    if fault := _find_fault(outlook):
        tell(f"  {fault}")


def _find_fault(outlook: Outlook | None) -> str:
    """Returns why the last run failed, "" when it did not."""
    if outlook is None or outlook.last_run is None:
        return ""
    return str(outlook.last_run.report.get("error", {}).get(LANGUAGE, ""))


def _time(moment: datetime | None) -> str:
    return "-" if moment is None else moment.astimezone().strftime("%Y-%m-%d %H:%M")


def _name_state(state: JobState) -> str:
    names = {
        JobState.SUCCEEDED: "完了",
        JobState.FAILED: "失敗",
        JobState.CANCELLED: "取り消し",
    }
    return say(state.value, names.get(state, state.value))
