"""Runs the program git: no hooks, no prompts, no settings but ours, and never longer than told."""

import os
import shlex
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic

from ingestion.errors import SourceUnavailable
from ingestion.model import Tell
from ingestion.sources.fields import read_secret
from ingestion.sources.git.options import GitOptions

NOT_INSTALLED = (
    "git がインストールされていません (apt install git)",
    "the program git is not installed (apt install git)",
)

_LOCAL_SECONDS = 600.0
_REMOTE_SECONDS = 3600.0
_SLOWEST_BYTES, _SLOWEST_SECONDS = 100, 60  # a connection that brings less for so long is cut
_POLL_SECONDS = 0.5
_ENDING_SECONDS = 5.0
_LONGEST_REASON = 500
_HELPER = (
    '!f() { test "$1" = get || exit 0; IFS= read -r line < "$KURA_GIT_PASSWORD_FILE"; '
    'printf "username=%s\\npassword=%s\\n" "$KURA_GIT_USER" "${line%%$(printf "\\r")}"; }; f'
)


class GitFailed(Exception):
    """A call of git ended with an error; the text is what it said."""


class Git:
    """One repository of ours, in the mirror, that follows one of somebody else's."""

    def __init__(self, mirror: Path, options: GitOptions, tell: Tell) -> None:
        """Writes the settings git runs with.

        Raises:
            SourceUnavailable: Git is not installed, or the password cannot be read.
        """
        program = shutil.which("git")
        if program is None:
            raise SourceUnavailable(path=options.address, reason=NOT_INSTALLED)
        if options.password_file is not None:
            read_secret(options.password_file)
        self._program = program
        self._mirror = mirror
        self._options = options
        self._tell = tell
        self.repository = mirror / "repository.git"
        self._settings = mirror / "git.config"
        self._settings.write_text(_write_settings(options), encoding="utf-8")

    def prepare(self) -> None:
        """Makes the repository where it is missing.

        Raises:
            GitFailed: It cannot be made.
        """
        if not (self.repository / "HEAD").exists():
            self.forget()
            self.ask("init", "--quiet", "--bare", "--template=", str(self.repository), bare=False)

    def forget(self) -> None:
        """Removes the repository; what was taken out of it stays."""
        shutil.rmtree(self.repository, ignore_errors=True)

    def ask(self, *arguments: str, bare: bool = True, remote: bool = False) -> bytes:
        """Returns what git prints.

        Args:
            arguments: What it is asked.
            bare: Whether the question is about our repository.
            remote: Whether it may talk to the other side, and take that long.

        Raises:
            GitFailed: It ended with an error.
            SourceUnavailable: It took too long.
        """
        seconds = _REMOTE_SECONDS if remote else _LOCAL_SECONDS
        with self.start(*arguments, bare=bare) as process:
            output, said = self._wait(process, seconds)
        if process.returncode:
            raise GitFailed(_shorten(said))
        return output

    @contextmanager
    def start(self, *arguments: str, bare: bool = True) -> Iterator[subprocess.Popen[bytes]]:
        """Starts git, and ends it with all it started when the block is left."""
        place = [f"--git-dir={self.repository}"] if bare else []
        process = subprocess.Popen(  # noqa: S603 - options end before any outside value
            [self._program, "--no-pager", *place, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self._environment(),
            cwd=self._mirror,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            _end(process)

    def _wait(self, process: subprocess.Popen[bytes], seconds: float) -> tuple[bytes, bytes]:
        end = monotonic() + seconds
        while True:
            try:
                return process.communicate(timeout=_POLL_SECONDS)
            except subprocess.TimeoutExpired:
                self._tell(0)
                if monotonic() > end:
                    reason = (
                        f"git を {seconds:g} 秒で中止しました",
                        f"git was stopped after {seconds:g} s",
                    )
                    raise SourceUnavailable(path=self._options.address, reason=reason) from None

    def _environment(self) -> dict[str, str]:
        """Returns all that git sees of the world: where a password is, never the password."""
        options = self._options
        return {
            "PATH": os.pathsep.join([str(Path(self._program).parent), os.defpath]),
            "HOME": str(self._mirror),
            "LC_ALL": "C",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": str(self._settings),
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_ALLOW_PROTOCOL": "https:ssh:file",
            "GIT_LITERAL_PATHSPECS": "1",
            "GIT_LFS_SKIP_SMUDGE": "1",
            "GIT_SSH_COMMAND": _write_ssh(options, self._mirror),
            "GIT_SSH_VARIANT": "ssh",
            "KURA_GIT_USER": options.user,
            "KURA_GIT_PASSWORD_FILE": str(options.password_file or ""),
        }


def _write_settings(options: GitOptions) -> str:
    """Returns git's settings, which take the place of the system's and the user's."""
    lines = [
        '[core]\nhooksPath = "/dev/null"\nsymlinks = false\nfsmonitor = false',
        '[protocol]\nallow = never\n[protocol "ext"]\nallow = never',
        *(f'[protocol "{name}"]\nallow = always' for name in ("https", "ssh", "file")),
        f"[http]\nlowSpeedLimit = {_SLOWEST_BYTES}\nlowSpeedTime = {_SLOWEST_SECONDS}",
        *([f"sslCAInfo = {_quote(str(options.ca_file))}"] if options.ca_file else []),
        *([f"proxy = {_quote(options.proxy)}"] if options.proxy else []),
        "[fetch]\nrecurseSubmodules = false\n[submodule]\nrecurse = false",
        "[gc]\nautoDetach = false\n[maintenance]\nautoDetach = false",
        f"[safe]\ndirectory = {_quote(_local_path(options.address))}",
    ]
    if options.password_file is not None and options.host:
        lines.append(f'[credential "{options.host}"]\nhelper = {_quote(_HELPER)}')
    return "\n".join(lines) + "\n"


def _write_ssh(options: GitOptions, mirror: Path) -> str:
    """Returns the command that SSH addresses are reached with; it never asks anybody."""
    known = options.known_hosts_file or mirror / "known_hosts"
    check = "yes" if options.known_hosts_file else "accept-new"
    words = ["ssh", "-F", "none", "-o", "BatchMode=yes", "-o", f"StrictHostKeyChecking={check}"]
    words += ["-o", f'UserKnownHostsFile="{known}"', "-o", "ConnectTimeout=30"]
    words += ["-o", "ServerAliveInterval=30", "-o", "ForwardAgent=no"]
    if options.key_file is not None:
        words += ["-o", "IdentitiesOnly=yes", "-i", str(options.key_file)]
    return shlex.join(words)


def _local_path(address: str) -> str:
    return address.removeprefix("file://") if address.startswith(("file://", "/")) else ""


def _quote(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _shorten(said: bytes) -> str:
    """Returns the lines of an error that say most, on one line."""
    lines = [line.strip() for line in said.decode("utf-8", "replace").splitlines()]
    telling = [line for line in lines if line.startswith(("fatal:", "error:", "remote:"))]
    return " ".join(telling or lines)[:_LONGEST_REASON] or "git ended without a word"


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends git and what it started: asked first, for then it removes its locks."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, sign)
            with suppress(subprocess.TimeoutExpired):
                process.wait(_ENDING_SECONDS)
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()
