"""Outlook messages, on real ones; skipped where the folder of real files is not at hand."""

from pathlib import Path

import pytest

from ingestion.errors import Damaged
from ingestion.model import Limits
from ingestion.reading import outlook
from ingestion.reading.dispatch import read_file, unpack_file

_FOLDER = Path(__file__).parents[3] / "shared" / "corpus" / "msg"
_MESSAGES = sorted(_FOLDER.glob("*.msg"))


@pytest.mark.parametrize("path", _MESSAGES, ids=lambda path: path.stem)
def test_a_message_has_a_subject_and_readable_text(path: Path) -> None:
    if "encrypted" in path.name:
        pytest.skip("its body is sealed")
    parsed = read_file(path, path.name, Limits())
    assert parsed.title
    assert "\ufffd" not in "".join(block.text for block in parsed.blocks)


@pytest.mark.skipif(not _MESSAGES, reason="the real messages are not here")
def test_as_many_attachments_come_out_as_are_told(tmp_path: Path) -> None:
    for number, path in enumerate(_MESSAGES):
        into = tmp_path / str(number)
        into.mkdir()
        told = outlook.read(path, Limits()).members
        assert len(unpack_file(path, path.name, into, Limits())) == told


def test_what_is_no_message_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "a.msg"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000))
    with pytest.raises(Damaged):
        outlook.read(path, Limits())
