"""The manual's page on settings and ``.env.example`` are what the code says."""

import subprocess
import sys
from pathlib import Path

from app.settings import PREFIX, Settings

ROOT = Path(__file__).parents[2]


def test_the_settings_page_is_the_one_the_code_writes() -> None:
    written = subprocess.run(
        [sys.executable, "-m", "app.cli", "document-settings"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=ROOT,
        check=True,
    ).stdout
    assert (ROOT / "docs" / "settings.md").read_text(encoding="utf-8") == written


def test_the_example_names_every_setting_once() -> None:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    named = [line.lstrip("# ").partition("=")[0] for line in lines if "=" in line]
    assert named == [PREFIX + field.upper() for field in Settings.model_fields]
