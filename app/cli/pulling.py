"""`kura pull`: lets the model server fetch a chat model, when an administrator asks for it."""

from collections.abc import Iterator
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from app.answering.fitting import find_fitting, look_at_machine, suggest_model
from app.cli.speaking import say, tell
from app.settings import Settings, load_settings
from retrieval.errors import KuraError

_DONE = "success"


class PullFailed(KuraError):
    """The model server did not bring the model."""

    code = "pull-failed"
    ja = "{host} で {model} を取得できませんでした: {reason}"
    en = "{host} could not fetch {model}: {reason}"


def pull(
    model: Annotated[
        str,
        typer.Argument(
            help=say(
                "The model's name in Ollama; without it the one that suits this machine.",
                "Ollama でのモデル名。省くと、この機械に合うものです。",
            )
        ),
    ] = "",
) -> None:
    """See `describing.PULL`."""
    settings = load_settings()
    chosen = model or settings.model or _choose(settings)
    tell(
        say(
            f"{settings.chat_url} fetches {chosen} ...",
            f"{settings.chat_url} が {chosen} を取得しています ...",
        )
    )
    with _bar() as progress:
        for layer, total, completed in fetch_model(settings.chat_url, chosen):
            _advance(progress, layer, total, completed)
    tell(
        say(
            f"{chosen} is there. Kura uses it within seconds.",
            f"{chosen} を取得しました。数秒以内に使い始めます。",
        )
    )


def fetch_model(host: str, model: str) -> Iterator[tuple[str, int, int]]:
    """Yields what is being fetched with its whole and present bytes; ends when all is there.

    What was fetched before an interruption is kept by the server.

    Raises:
        PullFailed: The server is not there, does not know the model, or stopped half-way.
    """
    import httpx  # these two cost a sixth of the start of every command
    import ollama

    last = ""
    try:
        with ollama.Client(host, trust_env=False) as client:
            for step in client.pull(model, stream=True):
                last = step.status or ""
                yield step.digest or last, step.total or 0, step.completed or 0
    except ollama.ResponseError as error:
        raise PullFailed(host=host, model=model, reason=error.error) from error
    except (httpx.HTTPError, ConnectionError) as error:
        raise PullFailed(host=host, model=model, reason=error) from error
    if last != _DONE:
        raise PullFailed(host=host, model=model, reason=last or "-")


def _choose(settings: Settings) -> str:
    machine = look_at_machine()
    return suggest_model(find_fitting(machine, settings.num_ctx), machine)


def _bar() -> Progress:
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
        transient=True,
    )


def _advance(progress: Progress, layer: str, total: int, completed: int) -> None:
    """Shows one bar for each part of the model."""
    name = layer.removeprefix("sha256:")[:12]
    known = next((task.id for task in progress.tasks if task.description == name), None)
    task = known if known is not None else progress.add_task(name, total=None)
    progress.update(task, total=total or None, completed=completed)
