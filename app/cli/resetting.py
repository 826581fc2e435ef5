"""`kura reset` and `kura version`."""

import shutil
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated

import typer

from app.cli.speaking import Exit, Json, emit, say, tell
from app.role import hold_role
from app.settings import load_settings

YesOption = Annotated[
    bool, typer.Option("--yes", help=say("Do not ask for confirmation.", "確認せずに実行します。"))
]

KNOWN_FILES = ("catalog.sqlite*", "embeddings.sqlite*", "worker.log*", "*.lock", "worker.pid")
KNOWN_FOLDERS = ("originals", "uploads", "lexical", "generations", "mirrors")


def reset(*, yes: YesOption = False, as_json: Json = False) -> None:
    """Deletes what Kura keeps, and nothing else that may lie in the state folder.

    Raises:
        WorkerBusy: A worker or server still uses it.
    """
    home = load_settings().home
    if not home.is_dir():
        raise typer.Exit(_tell_deleted(home, [], as_json=as_json))
    from retrieval.embedding.adapted import AdaptedModels

    if not yes:
        question = say(f"Delete everything Kura keeps in {home}?", f"{home} の内容を削除しますか？")
        typer.confirm(question, abort=True, err=True)
    with hold_role(home):
        found = [folder for name in KNOWN_FOLDERS if (folder := home / name).is_dir()]
        for folder in found:
            shutil.rmtree(folder)
        AdaptedModels(home).keep_only(())
        files = [file for pattern in KNOWN_FILES for file in home.glob(pattern)]
        for file in files:
            file.unlink(missing_ok=True)
    raise typer.Exit(_tell_deleted(home, [*found, *files], as_json=as_json))


def _tell_deleted(home: Path, deleted: list[Path], *, as_json: bool) -> Exit:
    if as_json:
        emit({"home": str(home), "deleted": [path.name for path in deleted]})
    elif deleted:
        tell(say(f"{home} is empty again.", f"{home} を空にしました。"))
    else:
        tell(say(f"There is nothing in {home}.", f"{home} には何もありません。"))
    return Exit.OK


def find_version() -> str:
    """Returns the installed version, "unknown" when run without being installed."""
    try:
        return version("kura")
    except PackageNotFoundError:
        return "unknown"


def show_version(*, as_json: Json = False) -> None:
    """Prints the version."""
    if as_json:
        emit({"version": find_version()})
    else:
        tell(f"kura {find_version()}")
