"""A branch of a real git repository is followed: what is fetched, listed, kept and refused."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingestion.errors import SourceUnavailable
from retrieval.catalog import Catalog
from tests.fakes.certificate import write_certificate
from tests.fakes.git_server import GitServer
from tests.integration.mirrored_place import MirroredPlace

_YEAR = {2021: "2021-04-01T00:00:00Z", 2024: "2024-04-01T00:00:00Z"}


class Repository:
    """Somebody else's repository, changed with git itself."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str, date: str = _YEAR[2024]) -> str:
        identity = {
            f"GIT_{role}_{fact}": value
            for role in ("AUTHOR", "COMMITTER")
            for fact, value in {"NAME": "a", "EMAIL": "a@example.com", "DATE": date}.items()
        }
        environment = {"PATH": os.defpath, "HOME": str(self.folder), **identity}
        done = subprocess.run(
            ["git", *arguments], cwd=self.folder, env=environment, check=True, capture_output=True
        )
        return done.stdout.decode().strip()

    def commit(self, files: dict[str, str], date: str = _YEAR[2024]) -> None:
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message=a change", date=date)


@pytest.fixture
def there(tmp_path: Path) -> Repository:
    repository = Repository(tmp_path / "theirs" / "rules")
    repository.commit({"総務/規程.md": "有給休暇は二十日です。"}, _YEAR[2021])
    repository.commit({"手順.txt": "月末に締めます。"})
    return repository


@pytest.fixture
def place(tmp_path: Path, there: Repository) -> Iterator[MirroredPlace]:
    with Catalog(tmp_path / "catalog.sqlite") as catalog:
        yield MirroredPlace(tmp_path, catalog, "git", f"file://{there.folder}")


def _reason(place: MirroredPlace) -> str:
    with pytest.raises(SourceUnavailable) as refused:
        place.run()
    assert refused.value.message("ja") != refused.value.message("en")
    return refused.value.message("en")


def _inodes(place: MirroredPlace) -> dict[Path, int]:
    return {path: path.stat().st_ino for path in place.mirror.rglob("*") if path.is_file()}


def test_the_files_of_a_branch_become_documents(place: MirroredPlace) -> None:
    assert place.run().added == ["手順.txt", "総務/規程.md"]
    assert place.texts() == {
        "手順.txt": "月末に締めます。",
        "総務/規程.md": "有給休暇は二十日です。",
    }
    state = place.states()["総務/規程.md"]
    assert state.metadata.department == "総務"
    assert state.metadata.modified_at == datetime(2021, 4, 1, tzinfo=UTC)


def test_an_unchanged_branch_is_neither_fetched_nor_read(place: MirroredPlace) -> None:
    place.run()
    before, read = _inodes(place), len(place.reader.read_names)
    report = place.run()
    assert (report.unchanged, report.added, report.changed) == (2, [], [])
    assert len(place.reader.read_names) == read
    after = _inodes(place)
    settings = place.mirror / "git.config"
    assert {**after, settings: 0} == {**before, settings: 0}


def test_only_what_changed_is_read(place: MirroredPlace, there: Repository) -> None:
    place.run()
    there.commit({"手順.txt": "翌月の三日に締めます。", "新しい.txt": "新しい文書です。"})
    (there.folder / "総務" / "規程.md").unlink()
    there.commit({})
    place.reader.read_names.clear()
    report = place.run()
    assert (report.added, report.changed) == (["新しい.txt"], ["手順.txt"])
    assert report.removed == ["総務/規程.md"]
    assert sorted(place.reader.read_names) == ["手順.txt", "新しい.txt"]


def test_a_renamed_file_is_moved_and_not_read(place: MirroredPlace, there: Repository) -> None:
    place.run()
    before = place.states()["総務/規程.md"].id
    there.git("mv", "総務", "人事")
    there.commit({})
    place.reader.read_names.clear()
    assert place.run().moved == ["総務/規程.md -> 人事/規程.md"]
    assert place.reader.read_names == []
    assert place.states()["人事/規程.md"].id == before


def test_a_rewritten_branch_is_followed(place: MirroredPlace, there: Repository) -> None:
    place.run()
    there.git("reset", "--quiet", "--hard", "HEAD~1")
    there.commit({"別の手順.txt": "毎週締めます。"})
    assert set(place.states()) == {"手順.txt", "総務/規程.md"}
    report = place.run()
    assert (report.added, report.removed) == (["別の手順.txt"], ["手順.txt"])


@pytest.mark.parametrize("damage", ["branch gone", "repository gone", "no such folder"])
def test_what_cannot_be_fetched_removes_nothing(
    place: MirroredPlace, there: Repository, damage: str
) -> None:
    place.settings = {"branch": "main"}
    place.run()
    if damage == "branch gone":
        there.git("branch", "--move", "main", "other")
        expected = "no branch 'main'"
    elif damage == "repository gone":
        shutil.rmtree(there.folder)
        expected = "does not"
    else:
        place.settings = {"branch": "main", "folder": "ない"}
        expected = "no folder 'ない'"
    assert expected in _reason(place)
    assert len(place.texts()) == 2


def test_a_damaged_mirror_is_fetched_afresh(place: MirroredPlace, there: Repository) -> None:
    place.run()
    there.commit({"新しい.txt": "新しい文書です。"})
    for path in (place.mirror / "repository.git" / "objects").rglob("*"):
        if path.is_file():
            path.chmod(0o600)
            path.write_bytes(b"not an object")
    (place.mirror / "repository.git" / "shallow.lock").touch()
    for path in (place.mirror / "blobs").rglob("*"):
        if path.is_file():
            path.write_bytes(b"")  # as a power cut may leave it
    assert place.run().added == ["新しい.txt"]
    assert all(item.path.stat().st_size == item.size for item in place.list().items)


def test_a_stop_in_the_middle_leaves_what_the_next_run_finishes(
    place: MirroredPlace, there: Repository
) -> None:
    there.commit({f"{number}.txt": f"文書その{number}です。" for number in range(250)})

    class Stopped(Exception):
        pass

    def stop(count: int) -> None:
        if count >= 100:
            raise Stopped

    with pytest.raises(Stopped):
        place.list(stop)
    taken = [path for path in (place.mirror / "blobs").rglob("*") if path.is_file()]
    assert 100 <= len(taken) < 250
    assert len(place.list().items) == 252


def test_a_folder_and_patterns_choose_what_is_listed(
    place: MirroredPlace, there: Repository
) -> None:
    there.commit(
        {"文書/a.md": "あ", "文書/b.txt": "い", "文書/下/c.md": "う", ".github/d.md": "え"}
    )
    place.settings = {"folder": "/文書/", "include": ["**/*.md"], "exclude": ["下"]}
    listing = place.list()
    assert [item.external_id for item in listing.items] == ["a.md"]
    assert listing.items[0].modified_at == datetime(2024, 4, 1, tzinfo=UTC)


def test_hostile_names_and_entries_are_data(place: MirroredPlace, there: Repository) -> None:
    blob = there.git("hash-object", "-w", "手順.txt")
    names = [b"..", b"a\nb.txt", b"\xff\xfe.txt", "‮txt.exe".encode(), b"x" * 300 + b".txt"]
    lines = [b"100644 blob " + blob.encode() + b"\t" + name + b"\0" for name in names]
    lines.append(b"120000 blob " + blob.encode() + b"\tlink.txt\0")
    lines.append(b"160000 commit " + there.git("rev-parse", "HEAD").encode() + b"\tmodule\0")
    made = subprocess.run(
        ["git", "mktree", "-z"],
        input=b"".join(lines),
        cwd=there.folder,
        check=True,
        capture_output=True,
    )
    parts = [made.stdout.decode().strip(), "-m", "hostile"]
    there.git("update-ref", "refs/heads/main", there.git("commit-tree", *parts))
    listing = place.list()
    assert {item.external_id for item in listing.items} == {
        "a\nb.txt",
        "\\xff\\xfe.txt",
        "‮txt.exe",
        "x" * 300 + ".txt",
    }
    assert listing.skipped == {"link.txt": "git-link", "module": "git-submodule"}
    assert all(item.path.is_relative_to(place.mirror) for item in listing.items)


def test_a_file_that_is_kept_elsewhere_is_named_and_not_read(
    place: MirroredPlace, there: Repository
) -> None:
    digest = "0" * 64
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{digest}\nsize 123456\n"
    there.commit({"図面.pdf": pointer})
    listing = place.list()
    assert listing.skipped == {"図面.pdf": "lfs-pointer"}
    assert len(listing.items) == 2


def test_hooks_and_settings_of_others_are_not_run(
    place: MirroredPlace, there: Repository, tmp_path: Path
) -> None:
    ran = tmp_path / "ran"
    hook = there.folder / ".git" / "hooks" / "post-upload-pack"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {ran}\n")
    hook.chmod(0o700)
    there.git("config", "uploadpack.packObjectsHook", f"touch {ran}; false")
    place.run()
    assert not ran.exists()


def test_a_missing_git_is_said_with_what_to_do(
    place: MirroredPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert "apt install git" in _reason(place)


@pytest.fixture
def server(tmp_path: Path, there: Repository) -> Iterator[GitServer]:
    context = write_certificate(tmp_path / "ca.pem")
    with GitServer(there.folder.parent, "秘密のtoken", context) as server:
        yield server


def test_a_password_opens_a_repository_and_is_written_nowhere(
    place: MirroredPlace, server: GitServer, tmp_path: Path
) -> None:
    secret = tmp_path / "token"
    secret.write_text("秘密のtoken\r\n", encoding="utf-8")
    place.location = f"{server.address}/rules/.git"
    place.settings = {"ca_file": str(tmp_path / "ca.pem"), "password_file": str(secret)}
    assert len(place.run().added) == 2
    assert server.seen
    assert "秘密のtoken" not in "".join(server.seen)
    fetched = len(server.asked)
    assert place.run().unchanged == 2
    assert server.asked[fetched:] == ["/rules/.git/info/refs?service=git-upload-pack"]
    written = b"".join(path.read_bytes() for path in place.mirror.rglob("*") if path.is_file())
    assert "秘密のtoken".encode() not in written


def test_a_wrong_password_and_a_strange_certificate_are_refused(
    place: MirroredPlace, server: GitServer, tmp_path: Path
) -> None:
    secret = tmp_path / "token"
    secret.write_text("違うtoken\n", encoding="utf-8")
    place.location = f"{server.address}/rules/.git"
    place.settings = {"ca_file": str(tmp_path / "ca.pem"), "password_file": str(secret)}
    assert "Authentication failed" in _reason(place)
    place.settings = {"password_file": str(secret)}
    assert "certificate" in _reason(place)
    secret.unlink()
    assert "No such file" in _reason(place)
