"""Reading: compressed files and tar archives are opened, bounded, and lead nowhere."""

import bz2
import gzip
import io
import lzma
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from ingestion.errors import Damaged, UnsupportedType
from ingestion.model import Limits, Member
from ingestion.reading.dispatch import read_file, unpack_file

_TEXT = "価格表です。".encode()


def _tar(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for name, data in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
        link = tarfile.TarInfo("link.txt")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    return file.getvalue()


def _unpack(path: Path, limits: Limits | None = None) -> tuple[Member, ...]:
    into = path.parent / "tray"
    into.mkdir()
    return unpack_file(path, path.name, into, limits or Limits())


@pytest.mark.parametrize("compress", [bytes, gzip.compress, bz2.compress, lzma.compress])
def test_a_tar_archive_gives_its_documents(
    tmp_path: Path, compress: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "a.tar.gz"
    members = {"営業/価格.txt": _TEXT, "../../etc/x.txt": b"x", ".hidden": b"y"}
    path.write_bytes(compress(_tar(members)))
    parsed = read_file(path, path.name, Limits())
    assert parsed.blocks[0].text == "- 営業/価格.txt\n- etc/x.txt"
    assert parsed.members == 2
    taken = _unpack(path)
    assert [member.name for member in taken] == ["営業/価格.txt", "etc/x.txt"]
    assert taken[0].path is not None
    assert taken[0].path.read_bytes() == _TEXT


def test_a_compressed_file_is_one_document_under_its_own_name(tmp_path: Path) -> None:
    path = tmp_path / "x.gz"
    with gzip.GzipFile(tmp_path / "価格.csv.gz", "wb") as named:
        named.write(_TEXT)
    (tmp_path / "価格.csv.gz").rename(path)
    assert read_file(path, "価格.csv.gz", Limits()).members == 1
    (member,) = _unpack(path)
    assert member.path is not None
    assert member.path.read_bytes() == _TEXT


def test_a_bomb_is_not_decompressed_beyond_the_limit(tmp_path: Path) -> None:
    small = Limits(file_size=1_000_000, unpacked=1_000_000)
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(bytes(50_000_000)))
    assert [member.failure for member in _unpack(path, small)] == ["too-large"]
    (tmp_path / "tray").rmdir()
    path.write_bytes(gzip.compress(_tar({"a.txt": _TEXT, "b.txt": bytes(50_000_000), "c": b"c"})))
    parsed = read_file(path, path.name, small)
    assert (parsed.members, parsed.warnings) == (1, ("cut-at-limit",))
    assert [member.name for member in _unpack(path, small)] == ["a.txt"]


def test_a_damaged_one_is_refused_with_a_reason(tmp_path: Path) -> None:
    path = tmp_path / "a.tar.gz"
    path.write_bytes(gzip.compress(_tar({"a.txt": _TEXT}))[:-60])
    with pytest.raises(Damaged):
        read_file(path, path.name, Limits())


@pytest.mark.parametrize("mark", [b"7z\xbc\xaf\x27\x1c\0\4", b"Rar!\x1a\x07\1\0"])
def test_7z_and_rar_are_refused_by_name(tmp_path: Path, mark: bytes) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(mark + bytes(100))
    with pytest.raises(UnsupportedType, match=r"7z|rar"):
        read_file(path, path.name, Limits())
