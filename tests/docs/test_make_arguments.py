"""What is typed after `make` reaches Kura as it was typed, and nothing in it is run."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TYPED = [
    "有給休暇は何日ですか",
    """what does "KX-1" cost at $5, it's `id` $(id) ?""",
    "--as everyone",
    r"C:\\share # 1",
]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose `kura` only prints its arguments and ends as it is told to."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("requirements.lock", "pyproject.toml"):
        (tmp_path / name).touch()
    binaries = tmp_path / ".venv" / "bin"
    binaries.mkdir(parents=True)
    (tmp_path / ".venv" / ".runtime").touch()
    kura = binaries / "kura"
    kura.write_text(
        f"#!{sys.executable}\nimport os, sys\n"
        "print(*sys.argv[1:], sep='\\n')\nsys.exit(int(os.environ.get('STATUS', 0)))\n"
    )
    kura.chmod(0o755)
    return tmp_path


def make(checkout: Path, *arguments: str, status: int = 0) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "-s", *arguments],
        cwd=checkout,
        env={**os.environ, "STATUS": str(status)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("typed", TYPED)
def test_a_question_is_asked_as_it_was_typed(checkout: Path, typed: str) -> None:
    assert make(checkout, "ask", f"Q={typed}").stdout == f"ask\n--\n{typed}\n"


@pytest.mark.parametrize("typed", ["~/社内 文書 (2024)", "/tmp/it's $HOME"])  # noqa: S108 - not used
def test_a_folder_is_taken_as_it_was_typed(checkout: Path, typed: str) -> None:
    assert make(checkout, "run", f"DOCS={typed}").stdout == f"serve\n--docs\n{typed}\n"
    assert make(checkout, "ingest", f"DOCS={typed}").stdout == f"ingest\n{typed}\n"


def test_without_a_folder_the_sample_is_served(checkout: Path) -> None:
    assert make(checkout, "run").stdout == "serve\n--sample\n"


def test_documents_that_did_not_go_in_are_no_failure_of_make(checkout: Path) -> None:
    assert make(checkout, "ingest", status=3).returncode == 0
    assert make(checkout, "ingest", status=1).returncode != 0
