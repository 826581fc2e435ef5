"""`kura serve` and `kura work`: the two long-running processes."""

import logging
import signal
import socket
import sys
import webbrowser
from collections.abc import Callable
from pathlib import Path
from threading import Event
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.choosing import FolderChoice, register_folder
from app.cli.ingesting import AllowOption, order_ingestion
from app.cli.keys import make_link
from app.cli.speaking import LANGUAGE, Exit, say, tell, warn
from app.role import WorkerBusy, hold_role
from app.settings import Settings, load_settings
from app.supervising import Supervisor, watch_parent, worker_command
from app.worker import POLL_S
from retrieval.catalog import Catalog
from retrieval.errors import KuraError

if TYPE_CHECKING:
    from app.services import Services

HostOption = Annotated[
    str | None, typer.Option(help=say("Address to listen on.", "待ち受けるアドレス。"))
]
PortOption = Annotated[
    int | None, typer.Option(help=say("Port to listen on.", "待ち受けるポート番号。"))
]
DocsOption = Annotated[
    Path | None,
    typer.Option(help=say("Folder to ingest at the start.", "起動時に取り込むフォルダー。")),
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


class PortBusy(KuraError):
    """Another process already listens there."""

    code = "port-busy"
    ja = "ポート {port} は使用中です（{owner}）。それを止めるか、--port で番号を変えてください。"
    en = "Port {port} is in use by {owner}. Stop it, or choose another with --port."


class AddressUnusable(KuraError):
    """This machine cannot listen on the address."""

    code = "address-unusable"
    ja = "{host} では待ち受けできません: {reason}。KURA_HOST を確認してください。"
    en = "This machine cannot listen on {host}: {reason}. Check KURA_HOST."


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
    _warn_about_network(settings)
    _start_logging(settings)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends like Ctrl-C, in order
    with open_store(settings) as catalog:
        _order_first_documents(catalog, docs, allow, sample=sample)
        supervisor = Supervisor(worker_command(), settings.home / "worker.log")
        if not no_worker:
            supervisor.start()
        try:
            with build_services(settings, catalog) as services:
                link = make_link(settings, catalog)
                _run_server(settings, services, lambda: _announce(services, link, open_browser))
        except KeyboardInterrupt:
            tell(say("Kura has stopped.", "Kura を停止しました。"))
        finally:
            supervisor.stop()


def check_port(settings: Settings) -> None:
    """Tries the address before anything is started.

    Raises:
        PortBusy: Somebody listens there; names the process where the system tells.
        AddressUnusable: The address is not one of this machine's.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((settings.host, settings.port))
        except OSError as error:
            owner = find_owner(settings.port)
            if owner is not None:
                raise PortBusy(port=settings.port, owner=owner) from None
            raise AddressUnusable(host=settings.host, reason=error.strerror or error) from None


def find_owner(port: int) -> str | None:
    """Returns the name and id of the process that listens on a port, None when nobody does."""
    import psutil

    try:
        listening = [
            connection
            for connection in psutil.net_connections("tcp")
            if connection.status == psutil.CONN_LISTEN
            and connection.laddr
            and connection.laddr.port == port
        ]
        if not listening:
            return None
        pid = listening[0].pid
        name = psutil.Process(pid).name() if pid else say("another program", "別のプログラム")
    except psutil.Error:
        return say("another program", "別のプログラム")
    return f"{name}, pid {pid}" if pid else name


def _order_first_documents(
    catalog: Catalog, docs: Path | None, allow: list[str] | None, *, sample: bool
) -> None:
    if docs is not None:
        choice = FolderChoice(docs, allow=tuple(allow or ()))
        order_ingestion(catalog, register_folder(catalog, choice))
    elif sample:
        from app.sample import is_first_start, is_here, register

        if is_here() and is_first_start(catalog):
            order_ingestion(catalog, register(catalog))


def _warn_about_network(settings: Settings) -> None:
    if settings.open_to_network:
        warn(
            say(
                f"Listening on {settings.host}: every machine that reaches this one can reach"
                " Kura, over unencrypted HTTP. Put a TLS proxy in front, and name the host in"
                " KURA_TRUSTED_HOSTS.",
                f"{settings.host} で待ち受けます。この機械に届く全ての機械から、暗号化されない"
                " HTTP で Kura に届きます。TLS のプロキシを前に置き、ホスト名を "
                "KURA_TRUSTED_HOSTS に指定してください。",
            )
        )


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


def _announce(services: "Services", link: str, open_browser: bool) -> None:
    tell(say("Kura is running. Open this address to sign in:", "Kura が起動しました。サインイン:"))
    tell(f"  {link}")
    tell(
        say(
            "The link works once, within 24 hours. `kura keys link` makes another. Ctrl-C stops.",
            "リンクは 24 時間以内に 1 回使えます。作り直すには「kura keys link」。"
            "Ctrl-C で停止します。",
        )
    )
    state = services.chat_model.state() if services.chat_model else None
    if state is not None and not state.usable and state.remedy is not None:
        tell(state.remedy.text(LANGUAGE))
    sys.stdout.flush()
    if open_browser:
        webbrowser.open(link)


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
