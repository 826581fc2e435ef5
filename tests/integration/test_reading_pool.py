"""The reading pool: whatever a file does to its reader, it costs that one document."""

import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from ingestion.errors import (
    Damaged,
    ReaderCrashed,
    TooLarge,
    TooMuchMemory,
    TooSlow,
    UnsupportedType,
)
from ingestion.model import MEGABYTE, Limits
from ingestion.reading.pool import ReadingPool
from ingestion.reading.wire import decode_reply
from tests.patience import wait_for

_ROOT = Path(__file__).resolve().parents[2]


def _children() -> list[psutil.Process]:
    return [
        child
        for child in psutil.Process().children()
        if "ingestion.reading.child" in " ".join(child.cmdline())
    ]


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small.txt"
    path.write_text("小さな文書です。", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def heavy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that takes seconds and hundreds of megabytes to read."""
    path = tmp_path_factory.mktemp("heavy") / "heavy.txt"
    path.write_text("重い文書の一行です。\n\n" * 2_000_000, encoding="utf-8")
    return path


def test_a_reading_that_takes_too_long_is_stopped(small: Path) -> None:
    with ReadingPool(1, Limits(seconds=4)) as pool:
        pool.read(small, "small.txt")
        (child,) = _children()
        child.suspend()  # it would take for ever
        with pytest.raises(TooSlow, match=r"small\.txt.*4 seconds"):
            pool.read(small, "small.txt")
        assert pool.read(small, "small.txt").blocks


def test_a_reading_that_burns_the_processor_is_stopped(heavy: Path, small: Path) -> None:
    with ReadingPool(1, Limits(cpu_seconds=0)) as pool:
        with pytest.raises(TooSlow):
            pool.read(heavy, "heavy.txt")
        assert pool.read(small, "small.txt").blocks


def test_a_reading_that_needs_too_much_memory_is_stopped(heavy: Path, small: Path) -> None:
    with ReadingPool(1, Limits(memory=400 * MEGABYTE)) as pool:
        with pytest.raises(TooMuchMemory, match="400 MB"):
            pool.read(heavy, "heavy.txt")
        assert pool.read(small, "small.txt").blocks


def test_a_reader_that_dies_costs_one_document(heavy: Path, small: Path) -> None:
    with ReadingPool(1) as pool:
        pool.read(small, "small.txt")
        (child,) = _children()
        idle = child.cpu_times().user

        def kill_when_under_way() -> None:
            wait_for(lambda: child.cpu_times().user > idle)
            child.kill()

        killer = threading.Thread(target=kill_when_under_way)
        killer.start()
        with pytest.raises(ReaderCrashed, match="exit code -9"):
            pool.read(heavy, "heavy.txt")
        killer.join()
        assert pool.read(small, "small.txt").blocks


def test_a_reader_that_died_while_idle_is_replaced(small: Path) -> None:
    with ReadingPool(1) as pool:
        pool.read(small, "small.txt")
        (child,) = _children()
        child.kill()
        child.wait()
        assert pool.read(small, "small.txt").blocks


def test_a_warm_process_is_used_again_and_replaced_in_time(small: Path) -> None:
    with ReadingPool(1, Limits(documents=2)) as pool:
        seen = []
        for _ in range(4):
            pool.read(small, "small.txt")
            seen += [child.pid for child in _children()]
    assert len(seen) == 4
    assert seen[0] == seen[1] != seen[2] == seen[3]


def test_more_threads_than_workers_take_turns(small: Path) -> None:
    with ReadingPool(2) as pool, ThreadPoolExecutor(8) as executor:
        results = list(executor.map(lambda _: pool.read(small, "small.txt"), range(24)))
        assert len(_children()) == 2
    assert all(result.blocks[0].text == "小さな文書です。" for result in results)


def test_closing_ends_every_child(small: Path) -> None:
    with ReadingPool(2) as pool:
        pool.read(small, "small.txt")
        assert _children()
    assert not _children()


def test_a_file_above_the_limit_is_not_even_opened(small: Path) -> None:
    with ReadingPool(1, Limits(file_size=5)) as pool, pytest.raises(TooLarge):
        pool.read(small, "small.txt")
    assert not _children()


def test_more_text_than_the_limit_is_refused(small: Path) -> None:
    with ReadingPool(1, Limits(characters=3)) as pool, pytest.raises(TooLarge, match="3 chars"):
        pool.read(small, "small.txt")


def test_children_end_when_their_parent_is_killed(small: Path) -> None:
    program = (
        "import sys, time, psutil\n"
        "from pathlib import Path\n"
        "from ingestion.reading.pool import ReadingPool\n"
        "pool = ReadingPool(1)\n"
        "pool.read(Path(sys.argv[1]), 'small.txt')\n"
        "print(psutil.Process().children()[0].pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program, str(small)], stdout=subprocess.PIPE, cwd=_ROOT, text=True
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert psutil.pid_exists(child)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    wait_for(lambda: not _is_alive(child))


def _is_alive(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def test_a_child_sees_no_secret_of_the_environment(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KURA_TEST_SECRET", "secret")
    with ReadingPool(1) as pool:
        pool.read(small, "small.txt")
        (child,) = _children()
        try:
            environment = child.environ()
        except psutil.AccessDenied:
            pytest.skip("this user may not look at the environment of a guarded process")
    assert "KURA_TEST_SECRET" not in environment
    assert environment["DO_NOT_TRACK"] == "1"


@pytest.mark.parametrize(
    "attempt",
    [
        "import socket; socket.create_connection(('127.0.0.1', 9))",
        "import socket; socket.getaddrinfo('example.com', 80)",
        "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9/')",
        "import subprocess; subprocess.run(['true'])",
        "import os; os.system('true')",
        "import os; os.fork()",
    ],
)
def test_a_child_may_not_reach_outside(attempt: str) -> None:
    program = (
        "import sys\n"
        "from ingestion.reading.child import refuse_outside_access\n"
        "sys.addaudithook(refuse_outside_access('/usr/bin/tesseract'))\n"
        f"try:\n    {attempt}\nexcept RuntimeError as error:\n    sys.exit(7)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=_ROOT, check=False)
    assert done.returncode == 7


def test_the_parent_imports_no_parser() -> None:
    program = (
        "import sys, ingestion.pipeline, ingestion.reading.pool\n"
        "heavy = {'docx', 'pptx', 'pdfminer', 'pdfplumber', 'pypdfium2', 'unstructured',"
        " 'openpyxl', 'lxml', 'bs4', 'spacy', 'torch', 'python_calamine', 'olefile'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=_ROOT, check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "reply",
    [b"", b"{", b"[]", b"{}", b'{"failed": "no-such-code", "details": {}}', b'{"parsed": {}}'],
)
def test_a_reply_that_makes_no_sense_is_a_failure(reply: bytes) -> None:
    with pytest.raises(Damaged, match="unintelligible"):
        decode_reply(reply, "a.pdf")


def test_a_name_that_is_no_text_can_be_read(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\x8b\x4b\x92\xf6.txt"))
    path.write_text("規程です。", encoding="utf-8")
    with ReadingPool(1) as pool:
        assert pool.read(path, r"\x8bK\x92\xf6.txt").blocks[0].text == "規程です。"


def test_a_kind_nobody_reads_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "program.pdf"
    path.write_bytes(b"\x7fELF" + bytes(100))
    with ReadingPool(1) as pool, pytest.raises(UnsupportedType, match="application/x-executable"):
        pool.read(path, "program.pdf")
