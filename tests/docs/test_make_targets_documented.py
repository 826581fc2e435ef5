"""A Make target nobody can find in `make help` or the README is a failing test."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def test_every_target_says_what_it_does() -> None:
    listed = re.findall(r"^\.PHONY: ((?:.*\\\n)*.*)$", MAKEFILE, re.M)[0]
    phony = set(listed.replace("\\\n", "").split())
    described = set(re.findall(r"^([a-z-]+):.*## \S", MAKEFILE, re.M))
    assert phony == described


def test_the_readme_names_the_targets_of_a_day() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for target in ("run", "test", "ingest", "reindex", "ask", "check", "bench", "up", "down"):
        assert f"make {target}" in readme, target
