"""`kura serve` and `kura work`: the two long-running processes."""

import logging
import signal
import socket
import sys
from collections.abc import Callable
from threading import Event
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.choosing import FolderChoice, register_folder
from app.cli.ingesting import AllowOption
from app.cli.keys import make_link
from app.cli.listening import check_port, warn_about_network
from app.cli.speaking import Exit, say, tell
from app.cli.welcoming import Welcome
from app.orders import order_ingestion
from app.role import WorkerBusy, hold_role
from app.settings import Settings, load_settings
from app.supervising import Supervisor, watch_parent, worker_command
from app.worker import POLL_S
from retrieval.catalog import Catalog, Job

if TYPE_CHECKING:
    from app.services import Services

HostOption = Annotated[
    str | None, typer.Option(help=say("Address to listen on.", "待ち受けるアドレス。"))
]
PortOption = Annotated[
    int | None, typer.Option(help=say("Port to listen on.", "待ち受けるポート番号。"))
]
DocsOption = Annotated[
    str | None,
    typer.Option(
        metavar="FOLDER", help=say("Folder to ingest at the start.", "起動時に取り込むフォルダー。")
    ),
]
SampleOption = Annotated[
    bool,
    typer.Option(
        "--sample",
        help=say(
            "Begin with the sample company when nothing was ever ingested.",
            "まだ何も取り込んでいなければ、見本の会社の文書で始めます。",
        ),
    ),
]
OpenOption = Annotated[
    bool, typer.Option("--open", help=say("Open a browser.", "ブラウザーを開きます。"))
]
NoWorkerOption = Annotated[
    bool,
    typer.Option(
        "--no-worker",
        help=say(
            "Start no worker; `kura work` runs elsewhere on the same state folder.",
            "ワーカーを起動しません。同じ状態フォルダーで「kura work」を別に動かす場合に使います。",
        ),
    ),
]
SupervisedOption = Annotated[bool, typer.Option("--supervised", hidden=True)]


def serve(  # noqa: PLR0913 - one parameter for each option
    *,
    host: HostOption = None,
    port: PortOption = None,
    docs: DocsOption = None,
    allow: AllowOption = None,
    sample: SampleOption = False,
    open_browser: OpenOption = False,
    no_worker: NoWorkerOption = False,
) -> None:
    """Starts worker and server; returns when the server was told to stop."""
    from app.bootstrap import build_services, open_store

    settings = load_settings(host=host, port=port)
    check_port(settings)
    warn_about_network(settings)
    _start_logging(settings)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends like Ctrl-C, in order
    with open_store(settings) as catalog:
        first = _order_first_documents(catalog, docs, allow, sample=sample)
        supervisor = Supervisor(worker_command(), settings.home / "worker.log")
        if not no_worker:
            supervisor.start()
        try:
            with build_services(settings, catalog) as services:
                welcome = Welcome(catalog, services.chat_model, first)
                link = make_link(settings, catalog)
                try:
                    _run_server(settings, services, lambda: welcome.begin(link, open_browser))
                finally:
                    welcome.end()
        except KeyboardInterrupt:
            tell(say("Kura has stopped.", "Kura を停止しました。"))
        finally:
            supervisor.stop()


def _order_first_documents(
    catalog: Catalog, docs: str | None, allow: list[str] | None, *, sample: bool
) -> Job | None:
    """Returns the job that takes in what the options name, None when they name nothing."""
    if docs is not None:
        choice = FolderChoice(docs, allow=tuple(allow or ()))
        return order_ingestion(catalog, register_folder(catalog, choice).id, owner="admin")
    if sample:
        from app.sample import is_first_start, is_here, register

        if is_here() and is_first_start(catalog):
            return order_ingestion(catalog, register(catalog).id, owner="admin")
    return None


def _run_server(settings: Settings, services: "Services", announce: Callable[[], None]) -> None:
    import uvicorn

    from app.main import create_app

    class AnnouncedServer(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                announce()

    config = uvicorn.Config(
        create_app(services),
        host=settings.host,
        port=settings.port,
        log_level=settings.log_level,
        log_config=None,
        access_log=settings.log_level in {"debug", "info"},
        server_header=False,
        timeout_graceful_shutdown=5,
    )
    AnnouncedServer(config).run()


def work(*, supervised: SupervisedOption = False) -> None:
    """Holds the worker's role until told to stop."""
    from app.bootstrap import build_worker

    settings = load_settings()
    _start_logging(settings)
    stop = Event()

    def leave(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)
    if supervised:
        watch_parent(stop)
    while not stop.is_set():
        try:
            with hold_role(settings.home), build_worker(settings) as worker:
                if not supervised:
                    tell(say("The worker is ready.", "ワーカーの準備ができました。"))
                worker.run(stop)
        except WorkerBusy:
            # Under a server, another command may hold the role for a while.
            if not supervised:
                raise
            stop.wait(POLL_S)
    raise typer.Exit(Exit.OK)


def _start_logging(settings: Settings) -> None:
    logging.basicConfig(
        level=settings.log_level.upper(),
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
        stream=sys.stderr,
    )
