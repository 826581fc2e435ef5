"""Killed at any moment, or out of disk: nothing half-visible, and the next run finishes."""

import email.message
import errno
import io
import os
import random
import select
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Sequence
from pathlib import Path

import psutil
import pytest

from ingestion.errors import ReaderCrashed
from ingestion.model import Member
from ingestion.reading.pool import ReadingPool
from retrieval.catalog import Catalog
from retrieval.model import DocumentStatus
from retrieval.originals import OriginalStore
from tests.fakes.keeping import keep
from tests.fakes.reader import TextReader
from tests.integration.ingestion_place import Place
from tests.patience import PATIENCE_S

_ROOT = Path(__file__).resolve().parents[2]
_KILLS = 3
_PROGRAM = """
import sys
from pathlib import Path
from ingestion.reading.pool import ReadingPool
from retrieval.catalog import Catalog
from tests.integration.ingestion_place import Place

with Catalog(Path(sys.argv[1]) / "catalog.sqlite") as catalog, ReadingPool(2) as pool:
    place = Place(Path(sys.argv[1]), catalog, reader=pool)
    print("ready", flush=True)
    place.run()
"""


class StumblingReader(TextReader):
    """A reader that cannot take anything out of a file as long as it has faults left."""

    def __init__(self, *faults: Exception) -> None:
        super().__init__()
        self.faults = list(faults)

    def unpack(
        self, path: Path, name: str, into: Path, passwords: Sequence[str] = ()
    ) -> tuple[Member, ...]:
        if self.faults:
            raise self.faults.pop(0)
        return super().unpack(path, name, into, passwords)


def _zip(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def _write_share(folder: Path) -> None:
    """Writes a small share: texts, an archive with a mail with an attachment, damage."""
    folder.mkdir(parents=True)
    for number in range(12):
        text = f"第{number}条 これは文書その{number}の本文です。\n\n" * 30
        (folder / f"文書{number:02}.txt").write_text(text, encoding="utf-8")
    mail = email.message.EmailMessage()
    mail["Subject"], mail["From"] = "送付", "a@example.jp"
    mail.set_content("価格表を送ります。")
    mail.add_attachment("品番,価格\nA,100\n".encode(), "text", "csv", filename="価格.csv")
    members = {f"資料{number}.txt": f"資料{number}です。".encode() for number in range(8)}
    (folder / "一式.zip").write_bytes(_zip({**members, "送付.eml": mail.as_bytes()}))
    (folder / "壊れ.pdf").write_bytes(b"%PDF-1.7\ngarbage")
    (folder / "名簿.html").write_text("<p>名簿です。</p>", encoding="utf-8")


def _tell(home: Path) -> tuple[object, object]:
    """Returns all that the catalog says of the documents, and their texts."""
    with Catalog(home / "catalog.sqlite") as catalog:
        place = Place(home, catalog)
        return place.states(), place.texts()


def _start(home: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, str(home)], cwd=_ROOT, stdout=subprocess.PIPE
    )


def _run_and_kill(home: Path, after: float) -> None:
    process = _start(home)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    time.sleep(after)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()


def test_a_run_killed_at_random_moments_ends_as_an_undisturbed_one(tmp_path: Path) -> None:
    calm, rough = tmp_path / "calm", tmp_path / "rough"
    _write_share(rough / "documents")
    calm.mkdir()
    (calm / "documents").symlink_to(rough / "documents")
    for home in (calm, rough):  # the same source: the same folder under the same name
        with Catalog(home / "catalog.sqlite") as catalog:
            Place(home, catalog).source()
    moments = random.Random(20_240_601)
    for _ in range(_KILLS):
        _run_and_kill(rough, moments.uniform(0.05, 0.6))
    for home in (calm, rough):
        process = _start(home)
        process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 0
    expected, found = _tell(calm), _tell(rough)
    assert found == expected
    assert len(expected[0]) == 25  # type: ignore[arg-type]


def test_a_tray_that_a_killed_process_left_goes_with_the_next_tidying(tmp_path: Path) -> None:
    store = OriginalStore(tmp_path)
    kept = keep(store, b"kept")
    program = (
        "import os, signal, sys\nfrom pathlib import Path\n"
        "from retrieval.originals import OriginalStore\n"
        "with OriginalStore(Path(sys.argv[1])).open_tray() as tray:\n"
        "    (tray / '00000').write_bytes(b'half')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], cwd=_ROOT, check=False)
    assert list(tmp_path.rglob("00000"))
    store.remove_unreferenced([kept])
    assert not list(tmp_path.rglob("00000"))
    assert store.path(kept).read_bytes() == b"kept"


def test_a_reader_killed_while_unpacking_costs_the_archive_alone(tmp_path: Path) -> None:
    path, tray = tmp_path / "大.zip", tmp_path / "tray"
    tray.mkdir()
    os.mkfifo(tray / "00000")  # takes the beginning of the first document, and no more
    member = os.open(tray / "00000", os.O_RDONLY | os.O_NONBLOCK)
    path.write_bytes(_zip({"1.txt": bytes(8_000_000)}))

    def kill_when_under_way() -> None:
        select.select([member], [], [], PATIENCE_S)
        for child in psutil.Process().children():
            if "ingestion.reading.child" in " ".join(child.cmdline()):
                child.kill()

    with ReadingPool(1) as pool:
        killer = threading.Thread(target=kill_when_under_way)
        killer.start()
        with pytest.raises(ReaderCrashed, match="exit code -9"):
            pool.unpack(path, path.name, tray)
        killer.join()
        os.close(member)
        path.write_bytes(_zip({"小.txt": "小さな文書です。".encode()}))
        (tmp_path / "other").mkdir()
        (member,) = pool.unpack(path, path.name, tmp_path / "other")
        assert member.name == "小.txt"


def test_a_full_disk_while_unpacking_is_said_to_be_one(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(_zip({"1.txt": b"one", "2.txt": b"two"}))
    tray = tmp_path / "tray"
    tray.mkdir()
    (tray / "00000").symlink_to("/dev/full")
    with ReadingPool(1) as pool:
        with pytest.raises(OSError, match="No space left") as caught:
            pool.unpack(tmp_path / "a.zip", "a.zip", tray)
        assert caught.value.errno == errno.ENOSPC
        (tray / "00000").unlink()
        assert len(pool.unpack(tmp_path / "a.zip", "a.zip", tray)) == 2


def test_a_run_on_a_full_disk_ends_with_that_error_and_the_next_one_finishes(
    tmp_path: Path, catalog: Catalog
) -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    place = Place(tmp_path, catalog, reader=StumblingReader(full))
    place.write("a.txt", "先の文書です。")
    place.write("b.txt", "箱です。\n\n@中.txt: 中の文書です。")
    with pytest.raises(OSError, match="No space left"):
        place.run()
    assert "b.txt!/中.txt" not in place.states()
    place.run()
    assert set(place.texts()) == {"a.txt", "b.txt", "b.txt!/中.txt"}


def test_an_original_that_cannot_be_kept_ends_the_run_and_the_next_one_finishes(
    tmp_path: Path, catalog: Catalog
) -> None:
    place = Place(tmp_path, catalog)
    place.write("a.txt", "文書です。")
    (tmp_path / "originals").write_text("a file where the folder should be", encoding="utf-8")
    with pytest.raises(OSError, match="originals"):
        place.run()
    (tmp_path / "originals").unlink()
    assert place.run().added == ["a.txt"]


def test_a_crash_while_unpacking_keeps_what_was_in_the_archive_and_is_tried_again(
    tmp_path: Path, catalog: Catalog
) -> None:
    reader = StumblingReader()
    place = Place(tmp_path, catalog, reader=reader)
    place.write("b.txt", "箱です。\n\n@中.txt: 中の文書です。")
    place.run()
    place.write("b.txt", "箱です、新しい。\n\n@中.txt: 新しい中の文書です。")
    reader.faults.append(ReaderCrashed(name="b.txt", reason="exit code -9"))
    report = place.run()
    assert [failure.code for failure in report.failed] == ["reader-crashed"]
    assert place.states()["b.txt"].status is DocumentStatus.STALE
    assert place.texts()["b.txt!/中.txt"] == "中の文書です。"
    place.run()
    assert place.texts()["b.txt!/中.txt"] == "新しい中の文書です。"
