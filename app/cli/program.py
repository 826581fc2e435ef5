"""All commands in one place, and how the program ends when one of them fails."""

import sys

import typer

from app.cli import (
    adapting,
    asking,
    describing,
    documenting,
    drafting,
    evaluating,
    examining,
    feedback,
    ingesting,
    keys,
    models,
    pulling,
    resetting,
    searching,
    serving,
    sources,
    tasking,
)
from app.cli.speaking import LANGUAGE, Exit, emit, prepare_output, say, warn
from app.settings import WrongSetting, find_unknown
from app.worker import name_fault
from retrieval.errors import Invalid, KuraError

app = typer.Typer(
    name="kura",
    help=describing.PROGRAM,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("serve", help=describing.SERVE)(serving.serve)
app.command("work", help=describing.WORK)(serving.work)
app.command("ingest", help=describing.INGEST)(ingesting.ingest)
app.command("reindex", help=describing.REINDEX)(ingesting.reindex)
app.command("adapt", help=describing.ADAPT)(adapting.adapt)
app.command("search", help=describing.SEARCH)(searching.search)
app.command("why", help=describing.WHY)(searching.why)
app.command("ask", help=describing.ASK)(asking.ask)
app.command("summarise", help=describing.SUMMARISE)(tasking.summarise)
app.command("compare", help=describing.COMPARE)(tasking.compare)
app.command("draft", help=describing.DRAFT)(drafting.draft)
app.command("eval", help=describing.EVAL)(evaluating.evaluate)
app.add_typer(feedback.app, name="feedback")
app.add_typer(sources.app, name="sources")
app.add_typer(keys.app, name="keys")
app.add_typer(models.app, name="models")
app.command("pull", help=describing.PULL)(pulling.pull)
app.command("doctor", help=describing.DOCTOR)(examining.doctor)
app.command("reset", help=describing.RESET)(resetting.reset)
app.command("version", help=describing.VERSION)(resetting.show_version)
app.command("document-commands", hidden=True)(documenting.document_commands)
app.command("document-settings", hidden=True)(documenting.document_settings)


def run() -> int:
    """Runs the command in ``sys.argv`` and returns the exit status; a fault is one line."""
    prepare_output()
    try:
        _warn_about_unknown()
        app()
    except KuraError as error:
        return _tell_fault(error)
    except OSError as error:
        return _tell_fault(name_fault(error))
    except KeyboardInterrupt:
        warn(say("Interrupted.", "中断しました。"))
        return Exit.INTERRUPTED
    return Exit.OK


def _warn_about_unknown() -> None:
    for unknown in find_unknown():
        nearest = unknown.nearest
        hint = (
            say(f"; did you mean {nearest}?", f"（{nearest} ではありませんか？）")
            if nearest
            else ""
        )
        warn(
            say(
                f"Nothing reads {unknown.name}{hint}",
                f"{unknown.name} という設定はありません{hint}",
            )
        )


def _tell_fault(error: KuraError) -> Exit:
    message = error.message(LANGUAGE)
    if "--json" in sys.argv:
        emit({"error": {"code": error.code, "message": message}})
    warn(" ".join(message.split()))
    return Exit.USAGE if isinstance(error, WrongSetting | Invalid) else Exit.FAILED
