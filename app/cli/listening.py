"""Looks at the address to listen on before anything is started."""

import errno
import socket

from app.cli.speaking import say, warn
from app.settings import Settings
from retrieval.errors import KuraError


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


class PortForbidden(KuraError):
    """The system keeps this port from ordinary users."""

    code = "port-forbidden"
    ja = "ポート {port} を使う権限がありません。1024 以上の番号を KURA_PORT に指定してください。"
    en = "You may not listen on port {port}. Set KURA_PORT to 1024 or higher."


def check_port(settings: Settings) -> None:
    """Tries the address before anything is started.

    Raises:
        PortBusy: Somebody listens there; names the process where the system tells.
        PortForbidden: It takes more rights than these.
        AddressUnusable: The address is not one of this machine's.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((settings.host, settings.port))
        except OSError as error:
            raise _explain(error, settings) from None


def _explain(error: OSError, settings: Settings) -> KuraError:
    if error.errno == errno.EADDRINUSE:
        owner = find_owner(settings.port) or say("another program", "別のプログラム")
        return PortBusy(port=settings.port, owner=owner)
    if error.errno == errno.EACCES:
        return PortForbidden(port=settings.port)
    return AddressUnusable(host=settings.host, reason=error.strerror or error)


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


def warn_about_network(settings: Settings) -> None:
    """Says who can reach the server when it is not this machine alone."""
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
