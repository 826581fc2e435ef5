"""A small true git server: HTTPS with a password, in front of git's own http-backend."""

import base64
import subprocess
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from ssl import SSLContext

from tests.fakes.loopback import LoopbackServer


class GitServer(LoopbackServer):
    """Serves the repositories of a folder to whoever knows the password.

    Attributes:
        asked: The paths that were asked for with the right password.
        seen: What anybody on this machine could see of running processes meanwhile.
    """

    def __init__(self, folder: Path, password: str, context: SSLContext) -> None:
        self.asked: list[str] = []
        self.seen: list[str] = []
        expected = "Basic " + base64.b64encode(f"kura:{password}".encode()).decode()

        class Handler(_Handler):
            root = folder
            authorization = expected
            asked = self.asked
            seen = self.seen

        super().__init__(ThreadingHTTPServer(("127.0.0.1", 0), Handler))
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)

    @property
    def address(self) -> str:
        return f"https://kura@localhost:{self.port}"


class _Handler(BaseHTTPRequestHandler):
    root: Path
    authorization: str
    asked: list[str]
    seen: list[str]

    def do_GET(self) -> None:
        self._serve(b"")

    def do_POST(self) -> None:
        self._serve(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def log_message(self, format: str, *args: object) -> None:
        del format, args

    def _serve(self, body: bytes) -> None:
        if self.headers.get("Authorization") != self.authorization:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="git"')
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.asked.append(self.path)
        for fact in ("cmdline", "environ"):
            for path in Path("/proc").glob(f"[0-9]*/{fact}"):
                with suppress(OSError):
                    self.seen.append(path.read_bytes().decode("utf-8", "replace"))
        path, _, query = self.path.partition("?")
        done = subprocess.run(
            ["git", "-c", "safe.directory=*", "http-backend"],
            input=body,
            capture_output=True,
            check=True,
            env={
                "PATH": "/usr/bin:/bin",
                "GIT_PROJECT_ROOT": str(self.root),
                "GIT_HTTP_EXPORT_ALL": "1",
                "REQUEST_METHOD": self.command,
                "PATH_INFO": path,
                "QUERY_STRING": query,
                "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                "CONTENT_LENGTH": str(len(body)),
                "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            },
        )
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        headers = [line.split(": ", 1) for line in head.decode().split("\r\n")]
        status = next((value for name, value in headers if name == "Status"), "200 OK")
        self.send_response(int(status.split()[0]))
        for name, value in headers:
            if name != "Status":
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
