"""Lists a branch: fetched shallowly, its files taken out by the ids of their contents."""

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from ingestion.errors import SourceUnavailable
from ingestion.model import Listing, SourceItem, Tell
from ingestion.naming import is_document_name
from ingestion.sidecar import path_pattern
from ingestion.sources.git.options import GitOptions, read_options
from ingestion.sources.git.program import Git, GitFailed
from ingestion.sources.keeping import FileShelf
from retrieval.catalog import Source

LINK, SUBMODULE, LFS_POINTER, LONG_NAME = "git-link", "git-submodule", "lfs-pointer", "long-name"

_REF = "refs/kura/branch"
_LINK_MODE, _SUBMODULE_TYPE = b"120000", b"commit"
_LFS = b"version https://git-lfs.github.com/spec/"
_LFS_SIZES = range(100, 400)
_TOLD_EVERY = 100
_PIECE = 1 << 20
_LONGEST_NAME = 1_000
_LAST_SECOND = 253_402_300_799  # of the year 9999; a commit may claim any date


@dataclass(frozen=True, slots=True)
class _Entry:
    """A file of the branch: its name as bytes, its content by id."""

    name: bytes
    blob: str
    size: int
    why: str = ""  # it is not listed, "" when it is

    @property
    def external_id(self) -> str:
        return self.name.decode("utf-8", "backslashreplace")


def list_items(source: Source, mirror: Path, tell: Tell) -> Listing:
    """Returns the files of a repository's branch, fetched into the mirror.

    Hidden files are not documents. Links and submodules are not followed, and files that are
    kept elsewhere (LFS) are not there; they are named in ``skipped``.

    Raises:
        SourceInvalid: The address or a setting cannot be used.
        SourceUnavailable: Git is missing, or the branch cannot be fetched or taken out.
    """
    options = read_options(source.location, source.settings)
    git = Git(mirror, options, tell)
    branch = _Branch(git, options, FileShelf(mirror / "blobs"), tell)
    try:
        git.prepare()
        commit, name = branch.find()
        try:
            return branch.take(commit, name)
        except GitFailed:  # perhaps what an earlier run left behind is damaged: once more, afresh
            git.forget()
            git.prepare()
            return branch.take(commit, name)
    except GitFailed as failure:
        raise SourceUnavailable(path=options.address, reason=str(failure)) from failure
    except OSError as error:
        reason = error.strerror or str(error)
        raise SourceUnavailable(path=options.address, reason=reason) from error


class _Branch:
    """One branch on its way into the mirror."""

    def __init__(self, git: Git, options: GitOptions, shelf: FileShelf, tell: Tell) -> None:
        self._git = git
        self._options = options
        self._shelf = shelf
        self._tell = tell

    def find(self) -> tuple[str, str]:
        """Returns the commit the branch is at on the other side, and its full name."""
        wanted = f"refs/heads/{self._options.branch}" if self._options.branch else "HEAD"
        said = self._git.ask("ls-remote", "--", self._options.address, wanted, remote=True)
        for line in said.decode("ascii", "backslashreplace").splitlines():
            commit, _, name = line.partition("\t")
            if name == wanted:
                return commit, name
        shown = self._options.branch or "HEAD"
        reason = (
            f"リポジトリにブランチ「{shown}」がありません",
            f"the repository has no branch {shown!r}",
        )
        raise SourceUnavailable(path=self._options.address, reason=reason)

    def take(self, commit: str, name: str) -> Listing:
        """Returns what the branch holds; whatever is missing here is fetched."""
        if not self._has(commit):
            self._fetch(name)
            commit = self._git.ask("rev-parse", "--verify", _REF).decode().strip()
        folder = self._options.folder
        if folder and not self._is_folder(commit):
            reason = (
                f"ブランチにフォルダー「{folder}」がありません",
                f"the branch has no folder {folder!r}",
            )
            raise SourceUnavailable(path=self._options.address, reason=reason)
        entries = list(self._read_tree(f"{commit}:{folder}"))
        wanted = [entry for entry in entries if not entry.why]
        self._take_out(wanted)
        dates = self._read_dates(commit)
        head = self._read_date(commit)
        prefix = f"{folder}/".encode() if folder else b""
        items: dict[str, SourceItem] = {}
        skipped = {entry.external_id: entry.why for entry in entries if entry.why}
        for entry in wanted:
            if self._is_pointer(entry):
                skipped[entry.external_id] = LFS_POINTER
                continue
            seconds = dates.get(prefix + entry.name, head)
            items.setdefault(entry.external_id, self._describe(entry, seconds))
        self._shelf.keep_only({entry.blob for entry in wanted})
        self._tell(len(items))
        listed = tuple(items[name] for name in sorted(items))
        return Listing(listed, skipped=dict(sorted(skipped.items())))

    def _has(self, commit: str) -> bool:
        try:
            here = self._git.ask("rev-parse", "--verify", "--quiet", f"{_REF}^{{commit}}")
        except GitFailed:
            return False
        return here.decode().strip() == commit

    def _fetch(self, name: str) -> None:
        depth = [f"--depth={self._options.depth}"] if self._options.depth else []
        arguments = ["--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head"]
        address, target = self._options.address, f"+{name}:{_REF}"
        self._git.ask("fetch", *arguments, *depth, "--", address, target, remote=True)

    def _is_folder(self, commit: str) -> bool:
        try:
            return self._git.ask("cat-file", "-t", f"{commit}:{self._options.folder}") == b"tree\n"
        except GitFailed:
            return False

    def _read_tree(self, tree: str) -> Iterator[_Entry]:
        """Yields the files that may be documents, of the chosen folder and patterns."""
        chosen = _choose(self._options)
        listed = self._git.ask("ls-tree", "-r", "-z", "--long", "--full-tree", tree)
        for line in listed.split(b"\0")[:-1]:
            facts, _, name = line.partition(b"\t")
            mode, kind, blob, size = facts.split()
            entry = _Entry(name, blob.decode(), int(size) if size.isdigit() else 0)
            external_id = entry.external_id
            if all(map(is_document_name, external_id.split("/"))) and chosen(external_id):
                why = _refuse(mode, kind, external_id)
                yield _Entry(name[:_LONGEST_NAME], entry.blob, entry.size, why) if why else entry

    def _take_out(self, entries: list[_Entry]) -> None:
        """Puts the contents that are not there yet onto the shelf."""
        missing = [entry for entry in entries if not self._shelf.has(entry.blob, entry.size)]
        if not missing:
            return
        with self._git.start("cat-file", "--batch") as process:
            if process.stdin is None or process.stdout is None:
                raise GitFailed("no pipe to git")
            for count, entry in enumerate(missing, 1):
                self._take_one(process, process.stdin, process.stdout, entry)
                if count % _TOLD_EVERY == 0:
                    self._tell(count)

    def _take_one(
        self, process: subprocess.Popen[bytes], ask: IO[bytes], reply: IO[bytes], entry: _Entry
    ) -> None:
        if self._shelf.has(entry.blob, entry.size):
            return  # the same content under another name
        try:
            ask.write(entry.blob.encode() + b"\n")
            ask.flush()
        except OSError as error:
            raise GitFailed(f"git ended with {process.poll()}") from error
        if reply.readline() != f"{entry.blob} blob {entry.size}\n".encode():
            raise GitFailed(f"the content {entry.blob} is missing")
        self._shelf.put(entry.blob, _read_pieces(reply, entry.size))
        reply.read(1)

    def _read_dates(self, commit: str) -> dict[bytes, int]:
        """Returns when each file was last touched, as far back as was fetched."""
        if self._options.depth == 1:
            return {}
        said = self._git.ask(
            "log", "--first-parent", "-m", "--no-renames", "--raw", "-z", "--format=%ct", commit
        )
        dates: dict[bytes, int] = {}
        seconds = 0
        tokens = iter(said.split(b"\0"))
        for token in tokens:
            if token.lstrip(b"\n").startswith(b":"):
                dates.setdefault(next(tokens, b""), seconds)
            elif token.strip().isdigit():
                seconds = int(token)
        return dates

    def _read_date(self, commit: str) -> int:
        return int(self._git.ask("log", "-1", "--format=%ct", commit))

    def _is_pointer(self, entry: _Entry) -> bool:
        """Returns whether a file only says where its content is kept."""
        if entry.size not in _LFS_SIZES:
            return False
        with self._shelf.path(entry.blob).open("rb") as file:
            return file.read(len(_LFS)) == _LFS

    def _describe(self, entry: _Entry, seconds: int) -> SourceItem:
        return SourceItem(
            external_id=entry.external_id,
            path=self._shelf.path(entry.blob),
            size=entry.size,
            modified_at=datetime.fromtimestamp(min(seconds, _LAST_SECOND), UTC),
            signature=f"{entry.size}:{entry.blob}",
        )


def _choose(options: GitOptions) -> Callable[[str], bool]:
    """Returns whether a path is wanted."""
    included = [path_pattern(glob) for glob in options.include]
    excluded = [path_pattern(glob) for glob in options.exclude]

    def chosen(path: str) -> bool:
        if included and not any(pattern.fullmatch(path) for pattern in included):
            return False
        return not any(pattern.fullmatch(path) for pattern in excluded)

    return chosen


def _refuse(mode: bytes, kind: bytes, external_id: str) -> str:
    """Returns the code of why an entry is not listed, "" when it is."""
    if kind == _SUBMODULE_TYPE:
        return SUBMODULE
    if mode == _LINK_MODE:
        return LINK
    return LONG_NAME if len(external_id) > _LONGEST_NAME else ""


def _read_pieces(reply: IO[bytes], size: int) -> Iterator[bytes]:
    left = size
    while left:
        piece = reply.read(min(left, _PIECE))
        if not piece:
            raise GitFailed("git ended in the middle of a file")
        left -= len(piece)
        yield piece
