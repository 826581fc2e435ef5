"""The glossary's place in the check-up."""

import re
from pathlib import Path

import pytest

from app.cli.examining_words import check_glossary
from app.settings import load_settings


def test_the_packaged_glossary_is_counted() -> None:
    found = check_glossary(load_settings())
    assert (found.status, found.remedy) == ("ok", "")


def test_lines_that_say_one_thing_only_are_told(tmp_path: Path) -> None:
    own = tmp_path / "own.csv"
    told = []
    for more in ("", "\n,\n", "有休\n\n旅費,\n夏,夏 | \n"):
        own.write_text(f"japanese,english\n有休|年休,PTO\n{more}", encoding="utf-8")
        message = check_glossary(load_settings(glossary=own)).message
        told.append(re.findall(r"\d+", message.replace(str(own), "")))
    assert told[0] == told[1] == ["1"]
    assert (told[2][0], told[2][-1]) == ("1", "3")


@pytest.mark.parametrize("content", [None, b"", b"1,2\n", b'japanese,english\n"open,\n', b"\x81"])
def test_a_glossary_that_cannot_be_used_is_told_with_its_form(
    tmp_path: Path, content: bytes | None
) -> None:
    own = tmp_path / "own.csv"
    if content is not None:
        own.write_bytes(content)
    found = check_glossary(load_settings(glossary=own))
    assert found.status == "warn"
    assert "japanese" in found.remedy
