"""The command line on a state folder of its own, as a process or in this one."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from app.cli.program import app

OFFLINE = "http://127.0.0.1:9"  # the discard port: nobody answers there

DOCUMENTS = {
    "travel.md": "# 出張旅費規程\n\n## 日当\n\n日帰り出張の日当は 2,500 円とする。\n",
    "leave.md": "# Leave policy\n\n## Paternity\n\nPaternity leave lasts eight weeks.\n",
    "parking.txt": "駐車場の利用は総務部への届け出が必要です。来客用は 3 台分あります。\n",
}


class Console:
    """Runs ``kura`` on a state folder of its own."""

    def __init__(self, home: Path, **environment: str) -> None:
        self.home = home
        self.environment = {
            **os.environ,
            "KURA_HOME": str(home),
            "KURA_CHAT_URL": OFFLINE,
            "KURA_LANGUAGE": "en",
            "KURA_READERS": "1",
            **environment,
        }

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "app.cli", *arguments]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs a command in a process of its own: what it says and how it ends is the user's."""
        return subprocess.run(
            self.command(*arguments),
            capture_output=True,
            text=True,
            encoding="utf-8",
            env=self.environment,
            check=False,
        )

    def run_here(self, *arguments: str) -> Result:
        """Runs a command in this process, where what is heavy is loaded but once."""
        return CliRunner().invoke(app, arguments, env=self.environment)

    def json(self, *arguments: str) -> Any:  # noqa: ANN401 - any JSON value
        """Runs a command in this process and returns what it told."""
        done = self.run_here(*arguments, "--json")
        assert done.stdout, done.exception
        return json.loads(done.stdout)


def write(folder: Path, documents: Mapping[str, str]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in documents.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def copy_console(sound: Path, home: Path) -> Console:
    """Returns the command line on a copy of a state folder."""
    shutil.copytree(sound, home)
    return Console(home)
